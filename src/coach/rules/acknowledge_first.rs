//! The client raised a concern, and the rep's answer goes past it: acknowledge first.

use crate::coach::Nudge;
use crate::coach::facts::{Concern, Exchange, Facts};
use crate::coach::reason::Reason;
use crate::coach::rules::{AN_ANSWER, HONOURS, Need, Outcome, Rule, acted_by_saying, shortened};
use crate::cues::CueKind;
use crate::units::Span;

/// Who answers sooner than this was ready before the client had finished.
const AT_ONCE: Span = Span::from_millis(300);

/// An answer that came at once is told after so many words: enough to have begun otherwise.
const A_BEGINNING: usize = 4;

/// What a call was about this long ago, it is still about: whoever makes small what follows a concern makes the concern small.
const ABOUT_IT: Span = Span::from_secs(60);

#[derive(Debug)]
pub struct AcknowledgeFirst;

impl AcknowledgeFirst {
    fn brushed_aside(exchange: &Exchange, latest: Option<&Concern>) -> Option<Reason> {
        let concern = exchange.concern.as_ref().or(latest)?.at;
        let about_it = exchange.client.end.since(concern) <= ABOUT_IT;
        (about_it && exchange.has(&[CueKind::Dismissive])).then_some(Reason::BrushedAside { concern })
    }

    fn passed_over(exchange: &Exchange) -> Option<Reason> {
        let concern = exchange.concern.as_ref()?.at;
        let after = exchange.rep?.start.since(exchange.client.end);
        if exchange.has(&HONOURS) {
            None
        } else if after < AT_ONCE && exchange.words >= A_BEGINNING {
            Some(Reason::AtOnce { concern, after })
        } else {
            (exchange.words >= AN_ANSWER).then_some(Reason::NotAcknowledged { concern })
        }
    }
}

impl Rule for AcknowledgeFirst {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let exchange = facts.answered()?;
        let aside = AcknowledgeFirst::brushed_aside(exchange, facts.concern.as_ref());
        let why = aside.or_else(|| AcknowledgeFirst::passed_over(exchange))?;
        Some(Need::answered(exchange, exchange.rep?, why))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        acted_by_saying(&HONOURS, nudge, facts)
    }

    fn detail(&self, facts: &Facts) -> Option<String> {
        facts.answered()?.concern.as_ref().map(|concern| shortened(&concern.words))
    }
}
