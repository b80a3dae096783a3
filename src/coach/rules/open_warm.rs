//! Straight to business, without a word to the person: open warm.

use crate::coach::Nudge;
use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, Rule, acted_by_saying};
use crate::cues::CueKind;
use crate::units::{AudioTime, Span};

/// The opening of a call.
const OPENING: Span = Span::from_secs(120);
/// So many words of the rep's, some fifteen seconds, without one to the person are straight to business.
const BUSINESS: usize = 40;

#[derive(Debug)]
pub struct OpenWarm;

impl Rule for OpenWarm {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let opening = facts.now.since(AudioTime::ZERO) <= OPENING;
        let business = facts.rep_words >= BUSINESS && !facts.rapport;
        (opening && business).then(|| Need::now(AudioTime::ZERO, facts, Reason::StraightToBusiness))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        acted_by_saying(&[CueKind::Rapport], nudge, facts)
    }
}
