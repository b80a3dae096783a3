//! Balance: giving against a condition, giving alone, and not moving.

use super::CueKind;
use super::reader::{Cue, Reading};

/// A trade by weight alone outdoes a concession by phrase only if it is as clear as this.
const CLEAR: f32 = 0.9;

/// What is given, and what for. A give against a condition is a trade and not a concession too.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    let trade = reading.found(CueKind::Trade);
    let concession = reading.found(CueKind::Concession);
    let [known_trade, known_give] = [CueKind::Trade, CueKind::Concession].map(|kind| reading.by_phrase(kind));
    let traded = match (&trade, &concession) {
        (Some(trade), Some(_)) if known_trade != known_give => known_trade || trade.confidence >= CLEAR,
        (Some(trade), Some(concession)) => trade.confidence >= concession.confidence,
        (trade, _) => trade.is_some(),
    };
    cues.extend(if traded { trade } else { concession });
    cues.extend(reading.found(CueKind::Stalemate));
}
