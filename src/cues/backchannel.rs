//! What words say about timing: a sign of listening, going along with the other, a sentence that was finished.

use super::context::is_content;
use super::lexicon::Lexicon;
use super::tokens::Text;

/// A sign of listening has no more words: "oh okay I see".
const LONGEST_SIGN: usize = 5;
/// Share of its words that a repetition takes from the other.
const REPEATED: f64 = 0.6;

/// Nothing but a sign of listening: "mm-hm", "right, I see".
pub fn is_backchannel(text: &str, lexicon: &Lexicon) -> bool {
    let mut parts = Text::default();
    parts.read(text, lexicon);
    let few = parts.tokens.len() <= LONGEST_SIGN;
    // "I" and "it" are in signs of listening but are none.
    let says =
        parts.tokens.iter().any(|token| token.classes.has(lexicon.named.assent)) || parts.tokens.len() >= 2;
    few && says && parts.tokens.iter().all(|token| token.classes.has(lexicon.named.backchannel))
}

/// Said over the other without taking anything from them: agreement, laughter, or words of theirs said along.
///
/// `others_words` is what the other says in the same turn, before or during `text`.
pub fn is_cooperative(text: &str, others_words: &str, lexicon: &Lexicon) -> bool {
    let (mut own, mut other) = (Text::default(), Text::default());
    own.read(text, lexicon);
    other.read(others_words, lexicon);
    let laughs =
        text.contains("[laugh") || own.tokens.iter().any(|token| token.classes.has(lexicon.named.laughter));
    let agrees = own.tokens.first().is_some_and(|token| token.classes.has(lexicon.named.agreement));
    if is_backchannel(text, lexicon)
        || agrees && own.tokens.len() <= LONGEST_SIGN
        || laughs && own.tokens.len() <= 2
    {
        return true;
    }
    let content: Vec<u64> = own.tokens.iter().filter(|t| is_content(t, lexicon)).map(|t| t.stem).collect();
    let shared = content.iter().filter(|stem| other.tokens.iter().any(|token| token.stem == **stem)).count();
    !content.is_empty() && shared as f64 >= REPEATED * content.len() as f64
}

/// The speaker had come to the end of a sentence: it does not stop on a word that needs another, nor on a dash.
pub fn is_complete_sentence(text: &str, lexicon: &Lexicon) -> bool {
    let trimmed = text.trim_end();
    if trimmed.ends_with("...") || trimmed.ends_with(['-', '\u{2013}', '\u{2014}', '\u{2026}', ',']) {
        return false;
    }
    let mut parts = Text::default();
    parts.read(text, lexicon);
    match parts.tokens.as_slice() {
        [] => false,
        [only] => only.classes.has(lexicon.named.assent),
        [.., last] => !last.classes.has(lexicon.named.dangling) || trimmed.ends_with(['.', '?', '!']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_listening_are_told_from_answers_and_turns() {
        let lexicon = Lexicon::english().unwrap();
        for text in ["mm-hm", "Right.", "oh okay I see", "uh yeah", "Mm."] {
            assert!(is_backchannel(text, &lexicon), "{text}");
        }
        for text in ["", "I", "yes we have twelve sites", "I see two problems", "right after the call"] {
            assert!(!is_backchannel(text, &lexicon), "{text}");
        }
    }

    #[test]
    fn going_along_is_told_from_cutting_in() {
        let lexicon = Lexicon::english().unwrap();
        let other = "and then the delivery was late again";
        for text in ["exactly", "late again yeah", "[laughs]", "haha yes", "the delivery"] {
            assert!(is_cooperative(text, other, &lexicon), "{text}");
        }
        for text in ["let me show you the new module", "no that isn't how it works at all"] {
            assert!(!is_cooperative(text, other, &lexicon), "{text}");
        }
    }

    #[test]
    fn a_sentence_ends_or_hangs() {
        let lexicon = Lexicon::english().unwrap();
        for text in ["we need it in May", "That's the plan.", "okay"] {
            assert!(is_complete_sentence(text, &lexicon), "{text}");
        }
        for text in [
            "and then the",
            "we wanted to",
            "the archive has to be \u{2014}",
            "so I",
            "I'll bring the...",
            "",
        ] {
            assert!(!is_complete_sentence(text, &lexicon), "{text}");
        }
    }
}
