//! What was said: text with its party and its time, wherever it came from.

use crate::units::{Party, Stretch};

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
