//! A position was said again: ask what is behind it.

use crate::coach::Nudge;
use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, Rule, acted_by_saying};
use crate::cues::CueKind;

#[derive(Debug)]
pub struct Unstick;

impl Rule for Unstick {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let at = facts.stalemate?;
        // Whoever has asked or traded since is moving already.
        let moving = facts.rep_said_since(&MOVES, at, facts.now);
        (!moving).then(|| Need::said(at, Reason::Stalemate { at }))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        acted_by_saying(&MOVES, nudge, facts)
    }
}

/// What gets a talk moving again.
const MOVES: [CueKind; 3] = [CueKind::OpenQuestion, CueKind::FollowUp, CueKind::Trade];
