//! The rules: what a call needs, each with its evidence. Read [`trade_it`] first; it is the smallest.
//!
//! A rule says at any moment whether there is a need, and of what occasion. Whether now is the time to say so is not its
//! business: [`crate::coach::policy`].

pub mod acknowledge_first;
pub mod ask_one;
pub mod give_it_three;
pub mod let_them_finish;
pub mod name_the_goal;
pub mod open_warm;
pub mod pause_and_ask;
pub mod say_it_back;
pub mod trade_it;
pub mod unstick;

use std::fmt::Debug;

use crate::coach::facts::{Exchange, Facts};
use crate::coach::reason::Reason;
use crate::coach::{Nudge, TO_ACT};
use crate::config::CoachSettings;
use crate::cues::CueKind;
use crate::units::{AudioTime, Span, Stretch};

/// What the call needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// Tells one occasion from the next: a nudge is shown once an occasion.
    pub occasion: AudioTime,
    /// Since when it is so, though it may be known only now; `None` for since it was first seen.
    pub since: Option<AudioTime>,
    /// The latest evidence for it.
    pub fresh: AudioTime,
    pub why: Reason,
}

impl Need {
    /// A need that holds as long as the rule says so.
    fn now(occasion: AudioTime, facts: &Facts, why: Reason) -> Need {
        Need { occasion, since: None, fresh: facts.now, why }
    }

    /// A need that something said until `at` gave rise to.
    fn said(at: AudioTime, why: Reason) -> Need {
        Need { occasion: at, since: Some(at), fresh: at, why }
    }

    /// A need of an exchange, by what the rep has said in it so far: the next sentence may still mend it, so it must hold from
    /// when it was seen.
    fn answered(exchange: &Exchange, rep: Stretch, why: Reason) -> Need {
        Need { occasion: exchange.client.start, since: None, fresh: rep.end, why }
    }
}

/// What became of a nudge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Open,
    ActedOn,
    /// It can no longer be acted on.
    Missed,
}

/// A rule.
pub trait Rule: Debug + Send {
    /// What the call needs now by this rule.
    fn need(&mut self, facts: &Facts) -> Option<Need>;

    /// Whether what `nudge`, which this rule gave, asks for has happened.
    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome;

    /// A need must hold so long to be worth a nudge.
    fn sustain(&self, settings: &CoachSettings) -> Span {
        settings.sustain
    }

    /// Whether it waits for a moment in which the rep can read.
    fn waits(&self, _why: &Reason) -> bool {
        true
    }

    /// Shown only while the need lasts.
    fn only_while_it_lasts(&self) -> bool {
        false
    }

    /// What stands below the nudge: a question to ask, the words that it is about.
    fn detail(&self, _facts: &Facts) -> Option<String> {
        None
    }
}

/// All rules, the most urgent first: of two needs at the same moment only the first is told.
pub fn all(settings: &CoachSettings) -> Vec<Box<dyn Rule>> {
    vec![
        Box::new(let_them_finish::LetThemFinish::new(settings)),
        Box::new(acknowledge_first::AcknowledgeFirst),
        Box::new(trade_it::TradeIt),
        Box::new(unstick::Unstick),
        Box::new(say_it_back::SayItBack),
        Box::new(pause_and_ask::PauseAndAsk::new(settings)),
        Box::new(ask_one::AskOne),
        Box::new(name_the_goal::NameTheGoal),
        Box::new(open_warm::OpenWarm),
        Box::new(give_it_three::GiveItThree),
    ]
}

/// Questions of either sort.
const QUESTIONS: [CueKind; 2] = [CueKind::OpenQuestion, CueKind::ClosedQuestion];

/// What honours a concern, as the ledger has it.
const HONOURS: [CueKind; 5] =
    [CueKind::Validation, CueKind::Paraphrase, CueKind::OwnMistake, CueKind::OpenQuestion, CueKind::FollowUp];

/// So many words are an answer, and no mere beginning of one: about 3 s.
const AN_ANSWER: usize = 8;

/// The rep said one of these in time.
fn acted_by_saying(kinds: &[CueKind], nudge: &Nudge, facts: &Facts) -> Outcome {
    if facts.rep_said_since(kinds, nudge.at, nudge.at + TO_ACT) { Outcome::ActedOn } else { Outcome::Open }
}

/// Words for the overlay: as many as fit in a line and can be read at a glance.
fn shortened(words: &str) -> String {
    const LONGEST: usize = 60;
    if words.chars().count() <= LONGEST {
        return words.to_owned();
    }
    let cut: String = words.chars().take(LONGEST).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole} …")
}
