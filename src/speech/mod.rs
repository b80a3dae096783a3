//! What was said: text with its party and its time, wherever it came from.
//!
//! ```text
//! frames, edges ─► cutter ─(cuts)─► queue ─(the next one)─► a recogniser, outside ─(recognised)─► sieve ─► utterances
//! ```
//!
//! The cutter cuts each party's sound at its pauses, the queue says what is left out when the recogniser is slow, the sieve
//! drops words that nobody said. None of them knows which recogniser there is, or waits for it.

pub mod cutter;
pub mod queue;
pub mod scripted;
pub mod sieve;
pub mod status;
mod text;

pub mod transcript;

use std::time::Duration;

use crate::units::{AudioTime, Party, Span, Stretch};

/// Where words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A Whisper model on this computer.
    Whisper,
    /// The recogniser that needs no model of ours, with many more errors.
    Basic,
    /// The meeting platform's own transcript.
    Transcript,
}

/// One word and when it was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub text: String,
    pub stretch: Stretch,
}

/// What one party said in one go.
#[derive(Clone, Debug, PartialEq)]
pub struct Utterance {
    pub party: Party,
    pub stretch: Stretch,
    /// One line, trimmed, never empty.
    pub text: String,
    /// In order, within `stretch`; empty where the source tells no times of words.
    pub words: Vec<Word>,
    /// How sure the source is, 0 to 1.
    pub confidence: f32,
    pub source: Source,
}

/// A piece of one party's sound, cut at its pauses.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    pub party: Party,
    /// Time of the first sample.
    pub start: AudioTime,
    /// 16 kHz, −1 to 1.
    pub samples: Vec<f32>,
    /// How much of it a voice was heard in.
    pub voiced: Span,
}

impl Clip {
    pub fn len(&self) -> Span {
        Span::from_ticks(self.samples.len() as u64)
    }

    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }
}

/// A clip on its way to a recogniser, and what its words will be dated by.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    pub clip: Clip,
    /// From the first voice in it to the last; around it the clip has a little silence.
    pub speech: Stretch,
    /// The speaker goes on: the same sound comes again, with what follows.
    pub partial: bool,
}

/// What a recogniser made of a clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recognised {
    /// Empty if nothing was understood.
    pub text: String,
    /// Times are the session's, as the clip's; empty if the recogniser tells none.
    pub words: Vec<Word>,
    /// Mean probability of the words, 0 to 1; the geometric mean where the recogniser tells each.
    pub confidence: f32,
    /// How likely the clip holds no speech at all, 0 to 1.
    pub no_speech: f32,
    /// Time that it took, while nothing else was waited for.
    pub compute: Duration,
}

/// Why a clip gave no words; never holds what was said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecogniserError(pub String);

/// Turns sound into words, one clip after the other.
pub trait Recogniser {
    /// # Errors
    /// If this clip could not be worked on; the next may.
    fn recognise(&mut self, clip: &Clip) -> Result<Recognised, RecogniserError>;

    /// What the party of the next clip said last, for a recogniser that can make use of it.
    fn remember(&mut self, _said: &str) {}

    /// Works on the next clip with at most so many threads, at least one.
    fn use_threads(&mut self, _most: usize) {}
}
