//! From 16 kHz frames of one party to the moments at which that party begins and stops to speak.
//!
//! ```text
//! 10 ms frame ─► detector (probability of voice) ─► edges (onset, offset, back-dated; level tells how it ended)
//! ```

pub mod detector;
mod edges;

use crate::audio::HOP;
use crate::config::TurnSettings;
use crate::units::{AudioTime, Dbfs, Span};

use detector::Detector;
use edges::Edges;

/// How an inter-pausal unit ended, as far as its level tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The voice faded, as at the end of a phrase.
    Faded,
    /// The voice broke off at full level, as when somebody is cut off.
    BrokenOff,
    /// Still running, or nothing known about the level.
    Unknown,
}

/// A change between speech and silence of one party, dated at the sound itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edge {
    /// A voice began at `at`. Provisional: a burst that proves too short is taken back by `Retracted`.
    Onset { at: AudioTime },
    /// What began at `at` was no speech after all.
    Retracted { at: AudioTime },
    /// The voice that began last ended at `at`; told once the hangover has passed.
    Offset { at: AudioTime, ending: Ending },
}

/// What is known about one party's voice at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceState {
    /// End of the last voiced frame.
    pub voiced_until: AudioTime,
    /// Up to here presence and absence of speech are certain.
    pub settled: AudioTime,
    /// A voice is on now.
    pub speaking: bool,
}

/// One party's voice.
#[derive(Debug)]
pub struct Voice {
    detector: Detector,
    edges: Edges,
}

const FRAME: Span = Span::from_ticks(HOP as u64);

impl Voice {
    pub fn new(settings: &TurnSettings) -> Voice {
        Voice { detector: Detector::new(), edges: Edges::new(settings) }
    }

    /// Takes the frame that begins at `at`, with its level. `known` is false while the device is lost: then silence means
    /// nothing. `alone` is true if the other party is silent.
    pub fn push(
        &mut self,
        at: AudioTime,
        samples: &[f32; HOP],
        level: Dbfs,
        known: bool,
        alone: bool,
    ) -> Option<Edge> {
        let score = self.detector.push(samples, level);
        self.edges.push(at + FRAME, score, level, known, alone)
    }

    /// No more sound will come: a voice that is still on ends where it was last heard.
    pub fn finish(&mut self) -> Option<Edge> {
        self.edges.finish()
    }

    pub fn state(&self) -> VoiceState {
        self.edges.state()
    }
}
