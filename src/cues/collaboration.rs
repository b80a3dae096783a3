//! The Collaboration Frame: one side or two, and the warmth around the business.

use super::CueKind;
use super::reader::{Cue, Reading};

/// How the speaker draws the circle: around both, or around one.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    for kind in [CueKind::Partnership, CueKind::SharedGoal, CueKind::UsVsThem, CueKind::Rapport] {
        cues.extend(reading.found(kind));
    }
}
