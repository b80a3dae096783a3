//! The Collaboration Frame: one side or two, and the warmth around the business.
//!
//! Whatever else hints at it, a partnership or a shared goal needs a word that takes in both sides.

use super::CueKind;
use super::reader::{Cue, Reading};

/// What the weights must reach for small talk in words that no phrase knows.
const WARM_IN_OTHER_WORDS: f32 = 0.7;

/// And for a partnership: half of the sentences with "let's" and "we" that no phrase knows are none.
const JOINT_IN_OTHER_WORDS: f32 = 0.75;

/// And for a line between the sides, which is held against somebody.
const DIVIDED_IN_OTHER_WORDS: f32 = 0.5;

/// How the speaker draws the circle: around both, or around one.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    let joint =
        reading.seen.text.tokens.iter().any(|token| token.classes.has(reading.seen.lexicon.named.joint));
    if joint {
        cues.extend(partnership(reading));
        cues.extend(shared_goal(reading));
    }
    cues.extend(us_vs_them(reading));
    cues.extend(rapport(reading));
}

/// "Let's" and "we" begin much that leaves the other out: weights alone must be surer than that, and know nothing of a goal.
fn partnership(reading: &Reading<'_>) -> Option<Cue> {
    let known = reading.by_phrase(CueKind::Partnership);
    let likely =
        |cue: &Cue| cue.confidence >= JOINT_IN_OTHER_WORDS && !reading.by_phrase(CueKind::SharedGoal);
    reading.found(CueKind::Partnership).filter(|cue| known || likely(cue))
}

/// "Your people" and "you guys" are said with a smile as often as with a frown.
fn us_vs_them(reading: &Reading<'_>) -> Option<Cue> {
    let known = reading.by_phrase(CueKind::UsVsThem);
    reading.found(CueKind::UsVsThem).filter(|cue| known || cue.confidence >= DIVIDED_IN_OTHER_WORDS)
}

/// "Let's find a way together" says what to do, not what both want: weights alone are not enough for that.
fn shared_goal(reading: &Reading<'_>) -> Option<Cue> {
    let hinted = reading.hinted(CueKind::SharedGoal) && !reading.by_phrase(CueKind::Partnership);
    let known = reading.by_phrase(CueKind::SharedGoal) || hinted;
    reading.found(CueKind::SharedGoal).filter(|_| known)
}

/// The words of small talk must be in the utterance, not only in the other's turn; and what names a feeling, or
/// brushes one aside, is no small talk.
fn rapport(reading: &Reading<'_>) -> Option<Cue> {
    let cue = reading.found(CueKind::Rapport)?;
    let said = reading.hinted(CueKind::Rapport) || cue.confidence >= WARM_IN_OTHER_WORDS;
    let business = [CueKind::Validation, CueKind::SharedGoal].iter().any(|kind| reading.by_phrase(*kind));
    let serious = business && !reading.by_phrase(CueKind::Rapport);
    (said && !serious && !reading.by_phrase(CueKind::Dismissive)).then_some(cue)
}
