//! The client said much, and the rep's answer takes nothing of it up; or a concern was left open: say it back.

use crate::coach::Nudge;
use crate::coach::facts::{Exchange, Facts};
use crate::coach::reason::Reason;
use crate::coach::rules::{AN_ANSWER, HONOURS, Need, Outcome, QUESTIONS, Rule, acted_by_saying, shortened};
use crate::cues::CueKind;
use crate::units::Span;

/// After a turn of this length there is something to give back.
const LONG: Span = Span::from_secs(20);

/// What takes up what was said.
const TAKES_UP: [CueKind; 4] =
    [CueKind::Paraphrase, CueKind::Validation, CueKind::OwnMistake, CueKind::FollowUp];

#[derive(Debug)]
pub struct SayItBack;

impl SayItBack {
    fn reason(exchange: &Exchange) -> Option<Reason> {
        if let (Some(concern), true) = (&exchange.concern, exchange.over) {
            let answered =
                exchange.has(&HONOURS) || exchange.has(&QUESTIONS) || exchange.has(&[CueKind::Dismissive]);
            return (!answered).then_some(Reason::LeftOpen { concern: concern.at });
        }
        let length = exchange.client.len();
        let answered = exchange.words >= AN_ANSWER && !exchange.has(&TAKES_UP);
        (length >= LONG && answered).then_some(Reason::LongTurn { length })
    }
}

impl Rule for SayItBack {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let exchange = facts.answered()?;
        let why = SayItBack::reason(exchange)?;
        Some(Need::answered(exchange, exchange.rep?, why))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        acted_by_saying(&TAKES_UP, nudge, facts)
    }

    fn detail(&self, facts: &Facts) -> Option<String> {
        facts.answered()?.concern.as_ref().map(|concern| shortened(&concern.words))
    }
}
