//! The rep gave something, asked for nothing and did not say what it is worth: trade it.

use crate::coach::Nudge;
use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, Rule, acted_by_saying};
use crate::cues::CueKind;

#[derive(Debug)]
pub struct TradeIt;

impl Rule for TradeIt {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let given = facts.given.filter(|given| !given.labelled)?;
        Some(Need::said(given.at, Reason::BareConcession))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        acted_by_saying(&[CueKind::Trade], nudge, facts)
    }

    fn detail(&self, facts: &Facts) -> Option<String> {
        facts.next_get().map(str::to_owned)
    }
}
