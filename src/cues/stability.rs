//! Stability: owning what went wrong, and saying what one will do.

use super::CueKind;
use super::reader::{Cue, Reading};

/// What the weights must reach for a promise in words that no phrase knows: "will" says more often what will be than what somebody
/// will do.
const PROMISED_IN_OTHER_WORDS: f32 = 0.75;

/// What the other may rely on.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    cues.extend(reading.found(CueKind::OwnMistake));
    let known = reading.by_phrase(CueKind::Promise);
    let promise = reading.found(CueKind::Promise);
    cues.extend(promise.filter(|cue| known || cue.confidence >= PROMISED_IN_OTHER_WORDS));
}
