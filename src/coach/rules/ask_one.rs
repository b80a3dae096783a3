//! The rep talks most of the time and has asked nothing for minutes: ask one.

use crate::coach::Nudge;
use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, QUESTIONS, Rule, acted_by_saying};
use crate::units::{Party, Share, Span};

/// Without a question for so long.
const WITHOUT: Span = Span::from_secs(6 * 60);
/// "Mostly rep talk": the rep's share of what was said since.
const MOSTLY: f64 = 0.6;
/// Of the rep's talk at least so much has words, or a question may simply not have been heard.
const HEARD: f64 = 0.5;

#[derive(Debug)]
pub struct AskOne;

impl Rule for AskOne {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let length = facts.now.since(facts.question);
        let talk = facts.talk_since_question();
        let share = |part: Span, whole: Span| Share::of(part, whole).map_or(0.0, Share::as_f64);
        let due = length >= WITHOUT
            && facts.holder != Some(Party::Client)
            && share(talk.rep, talk.rep + talk.client) >= MOSTLY
            && share(facts.worded, talk.rep) >= HEARD;
        let since = facts.question;
        due.then(|| Need::now(since, facts, Reason::NoQuestion { since, length }))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        acted_by_saying(&QUESTIONS, nudge, facts)
    }

    fn detail(&self, facts: &Facts) -> Option<String> {
        facts.next_question().map(str::to_owned)
    }
}
