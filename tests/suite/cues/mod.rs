//! What is said: every kind of cue by example, laws, tables that are wrong, and whole conversations.

mod articles;
mod conversation;
mod examples;
mod laws;
mod lines;
mod tables;

use heard::cues::{CueKind, Reader, Said};
use heard::units::Party;

/// Without case and punctuation, as a recogniser may give it.
fn plain(text: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || c == '\'' { c } else { ' ' };
    text.to_lowercase().chars().map(kept).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The kinds of cue in an utterance.
fn kinds(reader: &mut Reader, party: Party, before: &str, text: &str) -> Vec<CueKind> {
    reader.read(Said { party, text, before }).into_iter().map(|cue| cue.kind).collect()
}
