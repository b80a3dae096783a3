//! What is shown of a cue in a call: the sentence that it stands in, and when it was said.

use crate::speech::Utterance;
use crate::units::AudioTime;

/// Longest text shown for a cue, in bytes: what fits in two lines.
const LONGEST_WORDS: usize = 140;

/// The sentence that the words stand in, for words alone say little to whoever reads them later; without marks, or if it is
/// long, what stands around them.
pub fn sentence_of<'t>(text: &'t str, words: &std::ops::Range<usize>) -> &'t str {
    let ends = |c: char| matches!(c, '.' | '?' | '!');
    let start = text[..words.start].rfind(ends).map_or(0, |at| at + 1);
    let end = text[words.end..].find(ends).map_or(text.len(), |at| words.end + at + 1);
    let spare = LONGEST_WORDS.saturating_sub(words.len()) / 2;
    let start = start.max(words.start.saturating_sub(spare));
    let end = end.min(words.end + spare);
    // Whole words only.
    let start = (start..=words.start)
        .find(|&at| {
            at == 0
                || at == words.start
                || text.is_char_boundary(at) && text[..at].ends_with([' ', '.', '?', '!'])
        })
        .unwrap_or(words.start);
    let end = (words.end..=end)
        .rev()
        .find(|&at| {
            at == text.len()
                || at == words.end
                || text.is_char_boundary(at) && (text[at..].starts_with(' ') || text[..at].ends_with(ends))
        })
        .unwrap_or(words.end);
    text[start..end].trim()
}

/// When the word at this byte of the text began: by its word's own time, else as far into the stretch as into the text.
pub fn time_of(utterance: &Utterance, byte: usize) -> AudioTime {
    let before = utterance.text.get(..byte).unwrap_or_default().split_whitespace().count();
    if let Some(word) = utterance.words.get(before) {
        return word.stretch.start;
    }
    let share = byte as f64 / utterance.text.len().max(1) as f64;
    let ticks = utterance.stretch.len().ticks() as f64 * share;
    AudioTime::from_ticks(utterance.stretch.start.ticks() + ticks as u64)
}

#[cfg(test)]
mod words {
    use super::*;

    #[test]
    fn a_cue_shows_its_sentence_and_no_more_than_fits() {
        let text = "Good. What would make our next date one you can trust? Tell me.";
        let at = text.find("What").unwrap();
        assert_eq!(sentence_of(text, &(at..at + 10)), "What would make our next date one you can trust?");
        let long = "word ".repeat(100);
        let shown = sentence_of(&long, &(200..204));
        assert!(shown.len() <= LONGEST_WORDS && shown.split(' ').all(|word| word == "word"));
        assert_eq!(sentence_of("", &(0..0)), "");
        let wide = "é è ê ".repeat(60);
        let at = wide.find('ê').unwrap() + 120;
        let at = (at..).find(|&at| wide.is_char_boundary(at)).unwrap();
        assert!(!sentence_of(&wide, &(at..at)).contains('\u{fffd}'));
    }
}
