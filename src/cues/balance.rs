//! We, I and you, five minutes at a time, and who brought up what.

use std::collections::BTreeMap;

use crate::units::{AudioTime, ByParty, Party, Span};

use super::context::is_content;
use super::lexicon::Lexicon;
use super::tokens::Text;

/// Length of a window.
pub const WINDOW: Span = Span::from_secs(300);
/// A word said so often in a call is something that was talked about.
const TOPIC_TIMES: u32 = 3;
/// Shorter words are seldom topics.
const TOPIC_LETTERS: usize = 4;

/// Words of one party that point at somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Persons {
    /// Of all kinds.
    pub words: u32,
    /// "We", "us", "together".
    pub we: u32,
    /// "I", "my".
    pub i: u32,
    /// "You", "your".
    pub you: u32,
}

/// Something that was talked about, and who said it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub word: String,
    pub by: Party,
    pub at: AudioTime,
    pub times: u32,
}

/// Counts over a call.
#[derive(Clone, Debug, Default)]
pub struct Balance {
    windows: Vec<ByParty<Persons>>,
    topics: BTreeMap<u64, Topic>,
}

impl Balance {
    /// Counts what `party` said from `at` on; `text` is `raw` taken apart.
    pub fn push(&mut self, party: Party, at: AudioTime, raw: &str, text: &Text, lexicon: &Lexicon) {
        let window = (at.ticks() / WINDOW.ticks()) as usize;
        if self.windows.len() <= window {
            self.windows.resize_with(window + 1, ByParty::default);
        }
        let counts = &mut self.windows[window][party];
        let [you, own, we] = lexicon.named.persons;
        for token in &text.tokens {
            counts.words += 1;
            // "My" is the speaker's own, "our" both's: a word counts once.
            if token.classes.has(we) {
                counts.we += 1;
            } else if token.classes.has(own) {
                counts.i += 1;
            } else if token.classes.has(you) {
                counts.you += 1;
            }
            let word = raw.get(token.start as usize..token.end as usize).unwrap_or_default();
            if is_content(token, lexicon)
                && word.chars().filter(|c| c.is_alphabetic()).count() >= TOPIC_LETTERS
            {
                let topic = Topic { word: word.to_lowercase(), by: party, at, times: 0 };
                self.topics.entry(token.stem).or_insert(topic).times += 1;
            }
        }
    }

    /// One entry for every five minutes since the beginning.
    pub fn windows(&self) -> &[ByParty<Persons>] {
        &self.windows
    }

    /// What was talked about, most often first, with who brought it up.
    pub fn topics(&self) -> Vec<&Topic> {
        let mut topics: Vec<&Topic> =
            self.topics.values().filter(|topic| topic.times >= TOPIC_TIMES).collect();
        topics.sort_by(|a, b| b.times.cmp(&a.times).then(a.at.cmp(&b.at)).then(a.word.cmp(&b.word)));
        topics
    }
}
