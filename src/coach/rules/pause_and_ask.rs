//! The rep has talked for minutes without a pause, or most of the time: pause and ask.

use crate::coach::facts::Facts;
use crate::coach::reason::Reason;
use crate::coach::rules::{Need, Outcome, QUESTIONS, Rule, acted_by_saying};
use crate::coach::{Nudge, TO_ACT};
use crate::config::CoachSettings;
use crate::units::{AudioTime, Party, Span};

/// Above this share of the talk the rep is presenting, not negotiating, …
const LARGE: f64 = 0.65;
/// … and below this one it is over: five points apart, so that a share that wavers is one occasion.
const OVER: f64 = 0.60;
/// A share means something from here on, …
const SHARE_AFTER: Span = Span::from_secs(180);
/// … when so much was spoken by both.
const SPOKEN: Span = Span::from_secs(90);

#[derive(Debug)]
pub struct PauseAndAsk {
    limit: Span,
    /// Since when the share has been large.
    large_since: Option<AudioTime>,
}

impl PauseAndAsk {
    pub fn new(settings: &CoachSettings) -> PauseAndAsk {
        PauseAndAsk { limit: settings.monologue, large_since: None }
    }

    fn run(&self, facts: &Facts) -> Option<Need> {
        let run = facts.situation.run?;
        let (since, length) = (run.start, run.len());
        (length >= self.limit).then(|| Need::now(since, facts, Reason::LongRun { since, length }))
    }

    fn share(&mut self, facts: &Facts) -> Option<Need> {
        let talk = facts.situation.talk;
        let enough = facts.now.since(AudioTime::ZERO) >= SHARE_AFTER && talk.rep + talk.client >= SPOKEN;
        let share = facts.situation.recent_share.filter(|_| enough)?;
        if share.as_f64() > LARGE {
            self.large_since.get_or_insert(facts.now);
        } else if share.as_f64() < OVER {
            self.large_since = None;
        }
        // While the client has the floor, the rep is doing what is asked.
        let since = self.large_since.filter(|_| facts.holder != Some(Party::Client))?;
        Some(Need::now(since, facts, Reason::LargeShare { share }))
    }
}

impl Rule for PauseAndAsk {
    fn need(&mut self, facts: &Facts) -> Option<Need> {
        let share = self.share(facts);
        self.run(facts).or(share)
    }

    fn outcome(&self, nudge: &Nudge, facts: &Facts) -> Outcome {
        let paused = match nudge.why {
            Reason::LongRun { since, .. } => facts.situation.run.is_none_or(|run| run.start > since),
            _ => facts.holder == Some(Party::Client),
        };
        let in_time = facts.now.since(nudge.at) <= TO_ACT;
        if paused && in_time { Outcome::ActedOn } else { acted_by_saying(&QUESTIONS, nudge, facts) }
    }

    fn waits(&self, why: &Reason) -> bool {
        !matches!(why, Reason::LongRun { .. })
    }

    fn detail(&self, facts: &Facts) -> Option<String> {
        facts.next_question().map(str::to_owned)
    }
}
