//! Balance: giving against a condition, giving alone, and not moving.

use super::CueKind;
use super::reader::{Cue, Reading};

/// What the weights must reach for a give in words that no phrase knows: half of those below are the price as it is.
const GIVEN_IN_OTHER_WORDS: f32 = 0.55;

/// And for a trade, where nothing in the sentence makes a condition.
const TRADED_IN_OTHER_WORDS: f32 = 0.7;

/// And for a position that will not move: a first limit is none.
const STUCK_IN_OTHER_WORDS: f32 = 0.55;

/// A phrase as sure as this names what is given so plainly that it counts beside the trade: "if you take it today, I'll even bring it."
const NAMED: f32 = 0.95;

/// What is given, and what for. A give against a condition is a trade and not a concession too, unless it is named as one.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    let lexicon = reading.seen.lexicon;
    let conditional = reading.seen.text.tokens.iter().any(|token| token.classes.has(lexicon.named.condition));
    let [known_trade, known_give] = [CueKind::Trade, CueKind::Concession].map(|kind| reading.by_phrase(kind));
    let trade = (reading.found(CueKind::Trade))
        .filter(|cue| known_trade || conditional || cue.confidence >= TRADED_IN_OTHER_WORDS);
    // Who orders the other about gives nothing away.
    let orders = reading.by_phrase(CueKind::UsVsThem) && !reading.by_phrase(CueKind::Concession);
    let concession = (reading.found(CueKind::Concession))
        .filter(|cue| !orders && (known_give || cue.confidence >= GIVEN_IN_OTHER_WORDS));
    let named = known_give && reading.sureness(CueKind::Concession) >= NAMED;
    let traded = match (&trade, &concession) {
        (Some(_), Some(_)) if known_trade && known_give && conditional => true,
        (Some(_), Some(_)) if known_trade != known_give => known_trade || conditional,
        (Some(trade), Some(concession)) => trade.confidence >= concession.confidence,
        (trade, _) => trade.is_some(),
    };
    if named {
        cues.extend(trade.filter(|_| known_trade || conditional).into_iter().chain(concession));
    } else {
        cues.extend(if traded { trade } else { concession });
    }
    let known_halt = reading.by_phrase(CueKind::Stalemate);
    let halt = reading.found(CueKind::Stalemate);
    cues.extend(halt.filter(|cue| known_halt || cue.confidence >= STUCK_IN_OTHER_WORDS));
}
