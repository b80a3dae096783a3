//! The Collaboration Frame: one side or two, and the warmth around the business.
//!
//! Whatever else hints at it, a partnership or a shared goal needs a word that takes in both sides.

use super::CueKind;
use super::reader::{Cue, Reading};

/// How the speaker draws the circle: around both, or around one.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    let joint = reading.seen.text.tokens.iter().any(|token| token.classes.has(reading.seen.lexicon.joint));
    for kind in [CueKind::Partnership, CueKind::SharedGoal].into_iter().filter(|_| joint) {
        cues.extend(reading.found(kind));
    }
    cues.extend(reading.found(CueKind::UsVsThem));
    cues.extend(reading.found(CueKind::Rapport));
}
