//! The rep is talking over the client: let them finish. Only while it lasts.

use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, Rule};
use crate::coach::{Nudge, TO_ACT};
use crate::config::CoachSettings;
use crate::units::Span;

#[derive(Debug)]
pub struct LetThemFinish {
    limit: Span,
}

impl LetThemFinish {
    pub fn new(settings: &CoachSettings) -> LetThemFinish {
        LetThemFinish { limit: settings.talking_over }
    }
}

impl Rule for LetThemFinish {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let since = facts.situation.talking_over?;
        let lasts = facts.now.since(since) >= self.limit;
        lasts.then(|| Need::now(since, facts, Reason::TalkingOver { since }))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        match (facts.situation.talking_over, facts.situation.speaking.rep) {
            (Some(_), _) => Outcome::Open,
            (None, false) if facts.now.since(nudge.at) <= TO_ACT => Outcome::ActedOn,
            (None, false) => Outcome::Missed,
            // Whoever carries on to the end of the overlap has not let them finish.
            (None, true) => Outcome::Missed,
        }
    }

    /// The limit is all there is to wait for: it cannot wait longer.
    fn sustain(&self, _: &CoachSettings) -> Span {
        Span::ZERO
    }

    fn waits(&self, _: &Reason) -> bool {
        false
    }

    fn only_while_it_lasts(&self) -> bool {
        true
    }
}
