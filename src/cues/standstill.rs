//! A position said again: the talks stand still.

use crate::units::{AudioTime, ByParty, Party};

use super::context::is_content;
use super::lexicon::Lexicon;
use super::tokens::{Text, Token};

/// Share of a position's content words that make it the same position.
const SAME: f64 = 0.6;
/// Fewer content words are no position.
const LEAST_WORDS: usize = 2;
/// Positions of each party that are remembered.
const REMEMBERED: usize = 24;

/// What both parties have refused or insisted on.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    held: ByParty<Vec<Position>>,
}

#[derive(Clone, Debug)]
struct Position {
    at: AudioTime,
    turn: u32,
    stems: Vec<u64>,
}

impl Positions {
    /// Takes in what `party` said in their turn number `turn`; tells when they first said it, if it is a position said again.
    pub fn hear(
        &mut self,
        party: Party,
        at: AudioTime,
        turn: u32,
        text: &Text,
        lexicon: &Lexicon,
    ) -> Option<AudioTime> {
        // A position is somebody's own, or says itself that it is one: "it has no address" is none, however often it is said.
        let [_, own, we] = lexicon.named.persons;
        let refuses = |token: &&Token| token.classes.has(lexicon.named.refusal);
        let theirs = text.tokens.iter().any(|token| token.classes.has(own) || token.classes.has(we));
        let mut refusals = text.tokens.iter().filter(refuses);
        let is_position = refusals.any(|token| theirs || !token.classes.has(lexicon.named.denial));
        if !is_position {
            return None;
        }
        let mut stems: Vec<u64> =
            text.tokens.iter().filter(|token| is_content(token, lexicon)).map(|token| token.stem).collect();
        stems.sort_unstable();
        stems.dedup();
        if stems.len() < LEAST_WORDS {
            return None;
        }
        let held = &mut self.held[party];
        let same = |before: &&Position| {
            let shared = stems.iter().filter(|stem| before.stems.binary_search(stem).is_ok()).count();
            let fewer = stems.len().min(before.stems.len());
            before.turn != turn && shared >= LEAST_WORDS && shared as f64 >= SAME * fewer as f64
        };
        let first = held.iter().find(same).map(|before| before.at);
        if held.len() == REMEMBERED {
            held.remove(0);
        }
        held.push(Position { at, turn, stems });
        first
    }
}
