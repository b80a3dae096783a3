//! What worries, upsets or stops the client.

use crate::units::Party;

use super::CueKind;
use super::reader::{Cue, Reading};

/// A concern is the client's: what the rep worries about opens no entry in the ledger.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    if reading.said.party != Party::Client {
        return;
    }
    // The weights have seen few concerns that answer a question or open a call, and a concern missed is one nobody answers for.
    let named = || reading.named(CueKind::Concern).filter(|_| !reading.asks());
    cues.extend(reading.found(CueKind::Concern).or_else(named));
}
