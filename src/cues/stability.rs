//! Stability: owning what went wrong, and saying what one will do.

use super::CueKind;
use super::reader::{Cue, Reading};

/// What the other may rely on.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    cues.extend(reading.found(CueKind::OwnMistake));
    cues.extend(reading.found(CueKind::Promise));
}
