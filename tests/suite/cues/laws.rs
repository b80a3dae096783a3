//! What holds for every text, drawn at random from words that matter and from anything at all.

use heard::cues::{Reader, Said};
use heard::units::Party;
use proptest::prelude::*;

/// Words that phrases are made of, marks, and what no table knows.
const WORDS: [&str; 48] = [
    "I",
    "you",
    "we",
    "what",
    "how",
    "if",
    "so",
    "but",
    "understand",
    "don't",
    "we'll",
    "can't",
    "sorry",
    "fault",
    "upset",
    "let's",
    "together",
    "both",
    "want",
    "price",
    "percent",
    "Friday",
    "send",
    "would",
    "do",
    "is",
    "it's",
    "not",
    "a",
    "big",
    "deal",
    "calm",
    "down",
    "mm-hm",
    "uh",
    "you know",
    "?",
    ".",
    ",",
    "—",
    "…",
    "naïve",
    "日本",
    "🙂",
    "'",
    "[laughs]",
    "1,000",
    "i mean",
];

fn said() -> impl Strategy<Value = String> {
    let words =
        prop::collection::vec(prop::sample::select(&WORDS[..]), 0..40).prop_map(|words| words.join(" "));
    prop_oneof![3 => words, 1 => any::<String>()]
}

proptest! {
    #[test]
    fn cues_lie_within_the_text_and_are_the_same_each_time(text in said(), before in said(), rep in any::<bool>()) {
        let party = if rep { Party::Rep } else { Party::Client };
        let said = Said { party, text: &text, before: &before };
        let mut reader = Reader::english().unwrap();
        let cues = reader.read(said);
        for cue in &cues {
            prop_assert!(text.get(cue.words.clone()).is_some(), "{:?} of {:?}", cue.words, text);
            prop_assert!((0.0..=1.0).contains(&cue.confidence));
            prop_assert!(!cue.why.is_empty());
        }
        let mut kinds: Vec<_> = cues.iter().map(|cue| cue.kind).collect();
        kinds.sort();
        kinds.dedup();
        prop_assert_eq!(kinds.len(), cues.len(), "each kind once");
        // A reader that has read something else finds the same.
        reader.read(Said { party, text: &before, before: &text });
        prop_assert_eq!(reader.read(said), cues);
    }
}

#[test]
fn nothing_said_is_no_cue() {
    let mut reader = Reader::english().unwrap();
    for text in ["", "   ", "...", "—", "?", "um uh"] {
        assert_eq!(reader.read(Said { party: Party::Rep, text, before: "What worries you?" }), []);
    }
}
