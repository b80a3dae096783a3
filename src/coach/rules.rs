//! The rules: what the call needs now, by evidence. Each fires once an occasion and is armed again by the next.

use crate::coach::{Reason, Situation};
use crate::config::CoachSettings;
use crate::units::{AudioTime, Span};

/// The rep has talked for minutes without a pause: pause and ask.
#[derive(Debug)]
pub struct PauseAndAsk {
    limit: Span,
    sustain: Span,
    shown: bool,
}

impl PauseAndAsk {
    pub fn new(settings: &CoachSettings) -> PauseAndAsk {
        PauseAndAsk { limit: settings.monologue, sustain: settings.sustain, shown: false }
    }

    pub fn due(&mut self, _now: AudioTime, situation: &Situation) -> Option<Reason> {
        if situation.run < self.limit {
            self.shown = false;
            return None;
        }
        let sustained = situation.run >= self.limit + self.sustain;
        (sustained && !self.shown).then_some(Reason::LongRun(situation.run))
    }

    pub fn shown(&mut self) {
        self.shown = true;
    }
}

/// The rep is talking over the client: let them finish. Only while it lasts.
#[derive(Debug)]
pub struct LetThemFinish {
    sustain: Span,
    shown: bool,
}

impl LetThemFinish {
    pub fn new(settings: &CoachSettings) -> LetThemFinish {
        LetThemFinish { sustain: settings.talking_over, shown: false }
    }

    pub fn due(&mut self, now: AudioTime, situation: &Situation) -> Option<Reason> {
        let Some(since) = situation.talking_over else {
            self.shown = false;
            return None;
        };
        let sustained = now.since(since) >= self.sustain;
        (sustained && !self.shown).then_some(Reason::TalkingOver(since))
    }

    pub fn shown(&mut self) {
        self.shown = true;
    }
}
