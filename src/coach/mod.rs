//! When to speak to the rep: at most one short nudge, about the next move, and only at the right moment.
//!
//! [`facts`] are folded from what the call tells, [`rules`] say what the call needs, each with its evidence, and [`policy`]
//! says whether now is the time. Coaches the rep only.

pub mod facts;
pub mod policy;
pub mod reason;
pub mod rules;
pub mod wording;

pub use facts::Situation;
pub use reason::{Kind, Reason};
pub use wording::Wording;

use crate::coach::facts::Facts;
use crate::coach::policy::Policy;
use crate::coach::rules::{Need, Outcome, Rule};
use crate::config::CoachSettings;
use crate::cues::{Event, Preparation};
use crate::speech::Utterance;
use crate::turns::TurnEvent;
use crate::units::{AudioTime, Party, Span};

/// The one short thing that the overlay says now.
#[derive(Clone, Debug, PartialEq)]
pub struct Nudge {
    pub at: AudioTime,
    pub kind: Kind,
    pub why: Reason,
    /// What is shown, at most four words.
    pub text: String,
    /// What stands below it: a question to ask, the words that it is about.
    pub detail: Option<String>,
    /// Why, as one sentence for the record.
    pub sentence: String,
}

/// What the coach decided.
#[derive(Clone, Debug, PartialEq)]
pub enum CoachEvent {
    /// Shown from now on.
    Nudged(Nudge),
    /// No longer shown.
    Gone { kind: Kind, at: AudioTime },
    /// What the nudge shown at `at` asks for has happened.
    ActedOn { kind: Kind, at: AudioTime },
    /// The rep waved the nudge shown at `at` away.
    Dismissed { kind: Kind, at: AudioTime },
}

/// A nudge counts as acted on if what it asks for happens within this time of being shown.
pub const TO_ACT: Span = Span::from_secs(15);

/// What is said within that time may become known this much later: speech is cut at pauses, then recognised.
const WORDS_LATE: Span = Span::from_secs(8);

/// A nudge is shown this long: four words and a question are read in two seconds, by somebody who is talking.
const SHOWN: Span = Span::from_millis(4500);

/// A need whose latest evidence is older is no longer what the call is about.
const STALE: Span = Span::from_secs(8);

/// The rep has paused: a moment in which something can be read. Pauses within a sentence are shorter.
const BREATH: Span = Span::from_millis(300);

/// Decides on nudges.
#[derive(Debug)]
pub struct Coach {
    settings: CoachSettings,
    wording: Wording,
    facts: Facts,
    rules: Vec<Watched>,
    policy: Policy,
    /// The nudge on the screen, and its rule.
    showing: Option<(Nudge, usize)>,
    /// The latest nudge and its rule, until it is acted on or too old to be.
    pending: Option<(Nudge, usize)>,
}

/// A rule, and what it has been saying.
#[derive(Debug)]
struct Watched {
    rule: Box<dyn Rule>,
    /// The need, and since when.
    held: Option<(Need, AudioTime)>,
    /// Occasions of which it was told.
    told: Vec<AudioTime>,
}

impl Coach {
    pub fn new(settings: &CoachSettings, wording: Wording, prepared: Preparation) -> Coach {
        let watched = |rule| Watched { rule, held: None, told: Vec::new() };
        Coach {
            settings: *settings,
            wording,
            facts: Facts::new(prepared),
            rules: rules::all(settings).into_iter().map(watched).collect(),
            policy: Policy::new(settings),
            showing: None,
            pending: None,
        }
    }

    /// Turn-taking concluded something.
    pub fn turn(&mut self, event: &TurnEvent) {
        self.facts.turn(event);
    }

    /// Something was said. `listens` if it was no more than a sign of listening; `meant` is what it meant.
    pub fn hear(&mut self, utterance: &Utterance, listens: bool, meant: &[Event]) {
        self.facts.hear(utterance, listens, meant);
    }

    /// Time has passed and this is how the call stands.
    pub fn advance(&mut self, now: AudioTime, situation: &Situation, out: &mut Vec<CoachEvent>) {
        self.facts.advance(now, situation);
        if !self.settings.enabled {
            return;
        }
        self.watch_pending(out);
        for watched in &mut self.rules {
            watched.look(&self.facts);
        }
        self.take_down(out);
        if !situation.healthy {
            return;
        }
        let can_read = self.can_read();
        let due = self.rules.iter().position(|watched| {
            watched.due(now, &self.settings, can_read)
                && watched.held.is_some_and(|(need, _)| self.policy.allows(now, need.why.kind()))
        });
        if let Some(index) = due {
            self.show(index, out);
        }
    }

    /// The rep waves away what is shown.
    pub fn dismiss(&mut self, out: &mut Vec<CoachEvent>) {
        let Some((Nudge { kind, at, .. }, _)) = self.showing.take() else { return };
        self.policy.dismissed(kind);
        self.pending = None;
        out.push(CoachEvent::Dismissed { kind, at });
        out.push(CoachEvent::Gone { kind, at });
    }

    fn show(&mut self, index: usize, out: &mut Vec<CoachEvent>) {
        let watched = &mut self.rules[index];
        let Some((Need { occasion, why, .. }, _)) = watched.held else { return };
        watched.told.push(occasion);
        let kind = why.kind();
        self.policy.shown(self.facts.now, kind);
        let nudge = Nudge {
            at: self.facts.now,
            kind,
            why,
            text: self.wording.show(kind).to_owned(),
            detail: watched.rule.detail(&self.facts),
            sentence: self.wording.why(&why),
        };
        self.pending = Some((nudge.clone(), index));
        self.showing = Some((nudge.clone(), index));
        out.push(CoachEvent::Nudged(nudge));
    }

    /// The rep pauses, or the client has the floor.
    fn can_read(&self) -> bool {
        self.facts.quiet(Party::Rep) >= BREATH || self.facts.holder == Some(Party::Client)
    }

    fn take_down(&mut self, out: &mut Vec<CoachEvent>) {
        let Some((nudge, index)) = &self.showing else { return };
        let watched = &self.rules[*index];
        let over = watched.rule.only_while_it_lasts() && watched.held.is_none();
        if over || self.facts.now.since(nudge.at) >= SHOWN {
            out.push(CoachEvent::Gone { kind: nudge.kind, at: nudge.at });
            self.showing = None;
        }
    }

    fn watch_pending(&mut self, out: &mut Vec<CoachEvent>) {
        let Some((nudge, index)) = &self.pending else { return };
        let passed = self.facts.now.since(nudge.at);
        let outcome = self.rules[*index].rule.outcome(nudge, &self.facts);
        // What is seen without words is seen at once, so what comes late is words.
        if outcome == Outcome::ActedOn {
            out.push(CoachEvent::ActedOn { kind: nudge.kind, at: nudge.at });
        }
        if outcome != Outcome::Open || passed > TO_ACT + WORDS_LATE {
            self.pending = None;
        }
    }
}

impl Watched {
    fn look(&mut self, facts: &Facts) {
        let seen = |need: &Need| match self.held {
            Some((held, since)) if held.occasion == need.occasion => since,
            _ => facts.now,
        };
        self.held = self.rule.need(facts).map(|need| (need, need.since.unwrap_or_else(|| seen(&need))));
    }

    /// Whether there is a need that has lasted, is fresh, was not told of, and may be read now.
    fn due(&self, now: AudioTime, settings: &CoachSettings, can_read: bool) -> bool {
        let Some((need, since)) = &self.held else { return false };
        now.since(*since) >= self.rule.sustain(settings)
            && now.since(need.fresh) <= STALE
            && !self.told.contains(&need.occasion)
            && (can_read || !self.rule.waits(&need.why))
    }
}
