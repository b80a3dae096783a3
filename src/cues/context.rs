//! The other party's last turn, as far as it decides what an utterance means.

use super::lexicon::Lexicon;
use super::tokens::{Text, Token};

/// What is remembered of the other's last turn.
#[derive(Clone, Debug, Default)]
pub struct Context {
    text: Text,
    /// Stems of its content words, sorted.
    stems: Vec<u64>,
    /// It ended with a question, by its mark or by its words.
    pub asked: bool,
    /// It said no more than "mm-hm" or "okay", or nothing.
    pub slight: bool,
    /// It spoke of a feeling.
    pub felt: bool,
    /// It reproached the one who speaks now: "you're doing it again".
    pub reproached: bool,
}

/// Turns of so few content words carry nothing to be taken up.
const SLIGHT_WORDS: usize = 1;

impl Context {
    /// Takes in the other's last turn; an empty text if there was none.
    pub fn read(&mut self, before: &str, lexicon: &Lexicon) {
        self.text.read(before, lexicon);
        self.stems.clear();
        self.stems.extend(
            self.text.tokens.iter().filter(|token| is_content(token, lexicon)).map(|token| token.stem),
        );
        self.stems.sort_unstable();
        self.stems.dedup();
        self.slight = self.stems.len() <= SLIGHT_WORDS;
        self.felt = self.text.tokens.iter().any(|token| token.classes.has(lexicon.named.feeling));
        self.asked = self.text.sentences.last().is_some_and(|sentence| {
            let first = self.text.tokens[sentence.first..sentence.end]
                .iter()
                .find(|token| !token.classes.has(lexicon.named.lead));
            sentence.asked || first.is_some_and(|token| token.classes.has(lexicon.named.asking))
        });
        let [you, ..] = lexicon.named.persons;
        let holds = |class| self.text.tokens.iter().any(|token| token.classes.has(class));
        self.reproached = !self.asked && holds(you) && holds(lexicon.named.reproach);
    }

    /// The token takes up a content word of the other's last turn.
    pub fn takes_up(&self, token: &Token, lexicon: &Lexicon) -> bool {
        is_content(token, lexicon) && self.stems.binary_search(&token.stem).is_ok()
    }

    /// The words of the other's last turn.
    pub fn tokens(&self) -> &[Token] {
        &self.text.tokens
    }

    /// The other has said something.
    pub fn is_there(&self) -> bool {
        !self.text.is_empty()
    }
}

/// A word with content of its own: not "the", "so" or "going".
pub fn is_content(token: &Token, lexicon: &Lexicon) -> bool {
    !token.classes.has(lexicon.named.plain)
}
