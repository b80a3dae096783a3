//! Words in the record: what was said, in which turn, and how much of the speech has words.

use serde::Serialize;

use crate::session::record::{Spoken, TurnRecord};
use crate::speech::status::{State, Status};
use crate::speech::{Source, Utterance};
use crate::units::{AudioTime, Party, Share, Span};

/// What one party said in one go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UtteranceRecord {
    pub party: Party,
    pub start_s: AudioTime,
    pub end_s: AudioTime,
    pub text: String,
    pub source: Source,
    pub confidence: f32,
}

impl From<&Utterance> for UtteranceRecord {
    fn from(utterance: &Utterance) -> UtteranceRecord {
        UtteranceRecord {
            party: utterance.party,
            start_s: utterance.stretch.start,
            end_s: utterance.stretch.end,
            text: utterance.text.clone(),
            source: utterance.source,
            confidence: (utterance.confidence * 100.0).round() / 100.0,
        }
    }
}

/// How the words went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WordsRecord {
    /// The model's name; `null` where there was none.
    pub model: Option<String>,
    /// Part of the speech that the recogniser worked on; `null` where there was none to work on.
    pub coverage: Option<Share>,
    /// Pieces of speech left out, because there was no time or the recogniser failed.
    pub left_out: u32,
    /// Texts that nobody said, which were dropped.
    pub invented: u32,
    /// Why there are no words, or no more.
    pub why: Option<String>,
    /// For the summary.
    #[serde(skip)]
    pub line: String,
}

impl From<Status> for WordsRecord {
    fn from(status: Status) -> WordsRecord {
        WordsRecord {
            line: status.line(),
            model: (status.state != State::Off).then_some(status.model),
            coverage: status.tally.coverage(),
            left_out: status.tally.dropped + status.tally.failed,
            invented: status.doubts.invented(),
            why: (!status.why.is_empty()).then_some(status.why),
        }
    }
}

/// Turns with their words: each utterance belongs to the turn of its party that it overlaps most, and to none if it is a
/// back-channel. Both in order.
pub(super) fn said_in(turns: &[Spoken], utterances: &[Utterance]) -> Vec<TurnRecord> {
    let mut told: Vec<TurnRecord> = turns
        .iter()
        .map(|turn| TurnRecord {
            party: turn.party,
            start_s: turn.start_s,
            end_s: turn.end_s,
            text: String::new(),
        })
        .collect();
    for utterance in utterances {
        let shared =
            |turn: &TurnRecord| turn.stretch().overlap(utterance.stretch).map_or(Span::ZERO, |s| s.len());
        let of_party = told.iter_mut().filter(|turn| turn.party == utterance.party);
        let best = of_party.filter(|turn| shared(turn) > Span::ZERO).max_by_key(|turn| shared(turn));
        if let Some(turn) = best {
            turn.text.push_str(if turn.text.is_empty() { "" } else { " " });
            turn.text.push_str(&utterance.text);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Stretch;

    fn at(millis: u64) -> AudioTime {
        AudioTime::from_millis(millis)
    }

    #[test]
    fn words_stand_in_the_turn_in_which_they_were_said() {
        let turn = |party, from, to| Spoken { party, start_s: at(from), end_s: at(to) };
        let turns =
            [turn(Party::Rep, 0, 4000), turn(Party::Client, 4200, 9000), turn(Party::Rep, 9300, 12_000)];
        let said = |party, from, to, text: &str| Utterance {
            party,
            stretch: Stretch::new(at(from), at(to)),
            text: text.to_owned(),
            words: Vec::new(),
            confidence: 1.0,
            source: Source::Whisper,
        };
        let told = said_in(
            &turns,
            &[
                said(Party::Rep, 0, 1900, "What concerns"),
                said(Party::Rep, 2300, 4000, "do you have?"),
                said(Party::Client, 4200, 8900, "The delay."),
                said(Party::Rep, 5000, 5300, "mm-hm"),
                said(Party::Rep, 3900, 12_000, "So the delay worries you."),
            ],
        );
        let texts: Vec<&str> = told.iter().map(|turn| turn.text.as_str()).collect();
        assert_eq!(texts, ["What concerns do you have?", "The delay.", "So the delay worries you."]);
    }
}
