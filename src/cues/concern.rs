//! What worries, upsets or stops the client.

use crate::units::Party;

use super::CueKind;
use super::reader::{Cue, Reading};

/// A concern is the client's: what the rep worries about opens no entry in the ledger.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    if reading.said.party == Party::Client {
        cues.extend(reading.found(CueKind::Concern));
    }
}
