//! The rep left the client time to think: that is worth a word.

use crate::coach::Nudge;
use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, Rule};
use crate::units::Span;

/// A silence from here …
const AT_LEAST: Span = Span::from_secs(3);
/// … to here was meant; a longer one is a call that hangs.
const AT_MOST: Span = Span::from_secs(9);

#[derive(Debug)]
pub struct GiveItThree;

impl Rule for GiveItThree {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let (at, length) = facts.silence?;
        (AT_LEAST..=AT_MOST).contains(&length).then(|| Need::said(at, Reason::Silence { length }))
    }

    /// It asks for nothing: it was done before.
    fn outcome(&self, _: &Nudge, _: &Facts) -> Outcome {
        Outcome::ActedOn
    }
}
