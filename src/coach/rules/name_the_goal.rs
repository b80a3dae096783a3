//! Five minutes in, and the shared goal that was prepared has not been said: name it.

use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, Rule};
use crate::coach::{Nudge, TO_ACT};
use crate::units::{AudioTime, Span};

const AFTER: Span = Span::from_secs(5 * 60);
/// Words of the rep's must be known up to here, or the goal may simply not have been heard.
const KNOWN: Span = Span::from_secs(60);

#[derive(Debug)]
pub struct NameTheGoal;

impl Rule for NameTheGoal {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        facts.goal()?;
        let heard = facts.rep_words > 0 && facts.now.since(facts.rep_worded_until) <= KNOWN;
        let due = heard && facts.goal_said.is_none() && facts.now.since(AudioTime::ZERO) >= AFTER;
        due.then(|| Need::now(AudioTime::ZERO, facts, Reason::GoalUnsaid))
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        match facts.goal_said {
            Some(at) if at <= nudge.at + TO_ACT => Outcome::ActedOn,
            Some(_) => Outcome::Missed,
            None => Outcome::Open,
        }
    }

    fn detail(&self, facts: &Facts) -> Option<String> {
        facts.goal().map(str::to_owned)
    }
}
