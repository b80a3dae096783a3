//! Balance: giving against a condition, giving alone, and not moving.

use super::CueKind;
use super::reader::{Cue, Reading};

/// What is given, and what for. A give against a condition is a trade and not a concession too.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    let trade = reading.found(CueKind::Trade);
    // Who orders the other about gives nothing away.
    let orders = reading.by_phrase(CueKind::UsVsThem) && !reading.by_phrase(CueKind::Concession);
    let concession = reading.found(CueKind::Concession).filter(|_| !orders);
    let [known_trade, known_give] = [CueKind::Trade, CueKind::Concession].map(|kind| reading.by_phrase(kind));
    let lexicon = reading.seen.lexicon;
    let conditional = reading.seen.text.tokens.iter().any(|token| token.classes.has(lexicon.condition));
    let traded = match (&trade, &concession) {
        (Some(_), Some(_)) if known_trade != known_give => known_trade || conditional,
        (Some(trade), Some(concession)) => trade.confidence >= concession.confidence,
        (trade, _) => trade.is_some(),
    };
    cues.extend(if traded { trade } else { concession });
    cues.extend(reading.found(CueKind::Stalemate));
}
