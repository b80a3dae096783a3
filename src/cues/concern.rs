//! What worries, upsets or stops the client.

use crate::units::Party;

use super::CueKind;
use super::reader::{Cue, Reading};

/// What the weights must reach for a worry in words that no phrase knows. Low, for one that is missed is one nobody answers for;
/// but below it two in three are news, wishes and plain questions.
const WORRIED_IN_OTHER_WORDS: f32 = 0.7;

/// A concern is the client's: what the rep worries about opens no entry in the ledger.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    if reading.said.party != Party::Client {
        return;
    }
    // The weights have seen few concerns that answer a question or open a call, and a concern missed is one nobody answers for.
    let asks = reading.asks();
    let named = || reading.named(CueKind::Concern).filter(|_| !asks);
    let known = reading.by_phrase(CueKind::Concern);
    let weighed =
        reading.found(CueKind::Concern).filter(|cue| known || cue.confidence >= WORRIED_IN_OTHER_WORDS);
    cues.extend(weighed.or_else(named));
}
