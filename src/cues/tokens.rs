//! Words as the rest of the reading sees them: lower case, contractions spelt out, fillers and stumbles gone.
//!
//! A recogniser's text has no case and no punctuation to rely on, so nothing here needs either; what punctuation there is
//! ends a sentence or marks a question. Every token remembers the bytes it came from.

use std::ops::Range;

use super::classes::Classes;
use super::lexicon::{Found, Lexicon, Part, WordId};
use super::order::{self, Order};

/// One word after normalising.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Bytes of the text it came from; two tokens share them where a contraction was spelt out.
    pub start: u32,
    pub end: u32,
    /// Of the word itself.
    pub hash: u64,
    /// Of the word without its ending, so that "delays" and "delayed" are one.
    pub stem: u64,
    /// What the phrase tables call it; [`WordId::UNKNOWN`] if they do not know it.
    pub id: WordId,
    pub classes: Classes,
    /// Which sentence it belongs to, from 0.
    pub sentence: u16,
}

/// A sentence by its punctuation; without any, the text is one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub first: usize,
    /// One past the last token.
    pub end: usize,
    /// It ended with a question mark.
    pub asked: bool,
}

/// A text taken apart. Kept and filled again, so that reading does not allocate in the long run.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pub tokens: Vec<Token>,
    pub sentences: Vec<Sentence>,
    /// The text holds sentence punctuation, so that its absence at the end of a question means something.
    pub punctuated: bool,
    /// What each token begins; empty before [`Text::read_orders`].
    pub orders: Vec<Order>,
    lower: String,
}

/// Longest remark in brackets that is taken for a transcriber's, such as "[laughs]", bytes.
const LONGEST_REMARK: usize = 40;

impl Text {
    /// Takes `raw` apart, forgetting what was there before.
    pub fn read(&mut self, raw: &str, lexicon: &Lexicon) {
        self.tokens.clear();
        self.sentences.clear();
        self.orders.clear();
        self.punctuated = false;
        let mut first = 0;
        let mut asked = false;
        let mut at = 0;
        let bytes = raw.as_bytes();
        while at < bytes.len() {
            let c = bytes[at];
            if BYTES[usize::from(c)] != Byte::Between {
                let (end, ascii) = word_end(bytes, at);
                if ascii {
                    self.push_ascii(raw, at..end, lexicon);
                } else {
                    self.push_other(raw, at..end, lexicon);
                }
                at = end;
                continue;
            }
            if c == b' ' {
                at += 1;
                continue;
            }
            if matches!(c, b'.' | b'?' | b'!' | b';' | b':' | b'|') {
                let inside_number = c == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
                if !inside_number {
                    self.punctuated = true;
                    asked |= c == b'?';
                    if self.tokens.len() > first {
                        self.end_sentence(&mut first, asked);
                        asked = false;
                    } else if asked && let Some(last) = self.sentences.last_mut() {
                        last.asked = true;
                        asked = false;
                    }
                }
            } else if c == b'[' {
                let remark = bytes[at..].iter().take(LONGEST_REMARK).position(|c| *c == b']');
                at += remark.unwrap_or(0);
            } else if c == b',' {
                self.punctuated = true;
            }
            at += 1;
        }
        if self.tokens.len() > first {
            self.end_sentence(&mut first, asked);
        }
    }

    /// Takes in the order of the words of `raw`, which was read before.
    pub fn read_orders(&mut self, raw: &str, lexicon: &Lexicon) {
        order::read(raw, &self.tokens, lexicon, &mut self.orders);
    }

    fn end_sentence(&mut self, first: &mut usize, asked: bool) {
        let end = self.tokens.len();
        self.sentences.push(Sentence { first: *first, end, asked });
        *first = end;
    }

    /// A word without letters beyond ASCII: looked up as it stands, and copied only if nobody knows it.
    fn push_ascii(&mut self, raw: &str, range: Range<usize>, lexicon: &Lexicon) {
        let word = unquoted(&raw[range.clone()]);
        if word.is_empty() {
            return;
        }
        let hash = hash_of_lower(word);
        if let Some(found) = lexicon.known(hash) {
            return self.push_found(found, range, lexicon);
        }
        self.lower.clear();
        self.lower.push_str(word);
        self.lower.make_ascii_lowercase();
        let unknown = [Part::unknown(&self.lower, hash)];
        self.push_found(Found { parts: &unknown, filler: false }, range, lexicon);
    }

    /// A word with letters beyond ASCII, or a sign among them that is no letter.
    fn push_other(&mut self, raw: &str, range: Range<usize>, lexicon: &Lexicon) {
        let Some(source) = raw.get(range.clone()) else { return };
        self.lower.clear();
        for c in source.chars() {
            match c {
                '\u{2019}' | '\u{2018}' => self.lower.push('\''),
                c if c.is_ascii() => self.lower.push(c.to_ascii_lowercase()),
                c => self.lower.extend(c.to_lowercase().filter(|c| c.is_alphanumeric())),
            }
        }
        let word = unquoted(&self.lower);
        if word.is_empty() {
            return;
        }
        let hash = hash_of(word);
        let unknown = [Part::unknown(word, hash)];
        let found = lexicon.known(hash).unwrap_or(Found { parts: &unknown, filler: false });
        self.push_found(found, range, lexicon);
    }

    /// The words that a spelling stands for; none for a filler.
    fn push_found(&mut self, found: Found<'_>, range: Range<usize>, lexicon: &Lexicon) {
        if found.filler {
            // Its bytes go to the word before it, so that a cue's words stay one stretch of the text.
            return;
        }
        let (start, end) = (to_u32(range.start), to_u32(range.end));
        let sentence = u16::try_from(self.sentences.len()).unwrap_or(u16::MAX);
        for Part { hash, stem, id, classes } in found.parts.iter().copied() {
            self.push_token(Token { start, end, hash, stem, id, classes, sentence }, lexicon);
        }
    }

    /// Leaves out a word said twice in a row, as people do when they start again, and "you know" and "I mean" said in passing.
    fn push_token(&mut self, token: Token, lexicon: &Lexicon) {
        let here = self.sentences.last().map_or(0, |sentence| sentence.end);
        let sentence = &self.tokens[here..];
        if let [.., before] = sentence
            && before.hash == token.hash
            && !token.classes.has(lexicon.named.doubled)
        {
            return;
        }
        // "we can we can do that": a start of two words made again.
        if let [.., a, b, c] = sentence
            && a.hash == c.hash
            && b.hash == token.hash
        {
            self.tokens.pop();
            return;
        }
        if let [.., first, second] = sentence
            && let Some(kept) = lexicon.passing(first.id, second.id)
        {
            let before = sentence.len().checked_sub(3).map(|i| sentence[i].classes);
            let meant = token.classes.has(kept) || before.is_some_and(|classes| classes.has(kept));
            if !meant {
                self.tokens.truncate(self.tokens.len() - 2);
                return self.push_token(token, lexicon);
            }
        }
        self.tokens.push(token);
    }

    /// Bytes of the text that tokens `first..end` came from.
    pub fn bytes(&self, tokens: Range<usize>) -> Range<usize> {
        match self.tokens.get(tokens) {
            Some([only]) => only.start as usize..only.end as usize,
            Some([first, .., last]) => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

fn to_u32(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The word without the quotation marks around it.
fn unquoted(word: &str) -> &str {
    if word.starts_with('\'') || word.ends_with('\'') { word.trim_matches('\'') } else { word }
}

/// What a byte is to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Byte {
    /// Part of one.
    Word,
    /// Part of one, beyond ASCII.
    Beyond,
    /// None of it.
    Between,
}

const BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Between; 256];
    let mut at = 0;
    while at < bytes.len() {
        let c = at as u8;
        if c.is_ascii_alphanumeric() || matches!(c, b'\'' | b'&' | b'%') {
            bytes[at] = Byte::Word;
        } else if !c.is_ascii() {
            bytes[at] = Byte::Beyond;
        }
        at += 1;
    }
    bytes
};

/// End of the word that starts at `at`, and whether it is all ASCII: a number keeps its point and comma, and dashes of any kind part
/// words.
fn word_end(bytes: &[u8], at: usize) -> (usize, bool) {
    let mut end = at;
    let mut ascii = true;
    while let Some(c) = bytes.get(end) {
        match BYTES[usize::from(*c)] {
            Byte::Word => {}
            Byte::Beyond => {
                // U+2010..U+2015 dashes and U+2026 ellipsis are E2 80 9x and E2 80 A6; the curly apostrophes are E2 80 98/99.
                let dash = *c == 0xE2
                    && bytes.get(end + 1) == Some(&0x80)
                    && bytes.get(end + 2).is_some_and(|c| !matches!(c, 0x98 | 0x99));
                if dash {
                    return if end == at { ((end + 3).min(bytes.len()), false) } else { (end, ascii) };
                }
                ascii = false;
            }
            Byte::Between => {
                let digits = |c: Option<&u8>| c.is_some_and(u8::is_ascii_digit);
                let in_number = matches!(c, b'.' | b',')
                    && end > at
                    && digits(bytes.get(end - 1))
                    && digits(bytes.get(end + 1));
                if !in_number {
                    break;
                }
            }
        }
        end += 1;
    }
    (end, ascii)
}

/// FNV-1a, 64 bits: the same on every machine and in every version, as the weights depend on it.
pub const fn hash_of(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut hash = FNV_BASIS;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

/// [`hash_of`] the word in lower case, where it is all ASCII.
fn hash_of_lower(word: &str) -> u64 {
    word.bytes()
        .fold(FNV_BASIS, |hash, byte| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(FNV_PRIME))
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Letters of the longest stem.
const LONGEST_STEM: usize = 6;

/// A crude stem: common English endings off, then at most six letters. Enough to see that "reliable" takes up "reliability".
pub fn stem_of(word: &str) -> &str {
    const ENDINGS: [&str; 11] = ["ingly", "edly", "ing", "ies", "ied", "es", "ed", "ly", "er", "s", "e"];
    let word = word.strip_suffix("'s").unwrap_or(word);
    let without = |ending: &&str| word.strip_suffix(*ending).filter(|rest| rest.len() >= 3);
    let ends = matches!(word.as_bytes().last(), Some(b'd' | b'e' | b'g' | b'r' | b's' | b'y'));
    let stem = ENDINGS.iter().filter(|_| ends).find_map(without).unwrap_or(word);
    if stem.len() <= LONGEST_STEM {
        return stem;
    }
    let cut = stem.char_indices().nth(LONGEST_STEM).map_or(stem.len(), |(at, _)| at);
    &stem[..cut]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cues::lexicon::Lexicon;

    /// The words that are left, each as its bytes in the text.
    fn words(raw: &str) -> Vec<String> {
        let lexicon = Lexicon::english().unwrap();
        let mut text = Text::default();
        text.read(raw, &lexicon);
        text.tokens.iter().map(|token| lexicon.spelling(token, raw).to_owned()).collect()
    }

    #[test]
    fn contractions_are_spelt_out_and_fillers_and_stumbles_go() {
        for (raw, expected) in [
            ("I'm, uh, not sure we'll make it.", "i am not sure we will make it"),
            ("youre on the the annual plan", "you are on the annual plan"),
            ("we can we can do that", "we can do that"),
            ("that's you know really hard", "that is really hard"),
            ("do you know what happened", "do you know what happened"),
            ("it’s very very late – sorry", "it is very very late sorry"),
            ("you-you're right [laughs]", "you are right"),
        ] {
            assert_eq!(words(raw).join(" "), expected, "{raw}");
        }
    }

    #[test]
    fn sentences_end_where_they_are_punctuated() {
        let lexicon = Lexicon::english().unwrap();
        let mut text = Text::default();
        text.read("Is 1.5 right? Yes. We go on", &lexicon);
        let asked: Vec<_> = text.sentences.iter().map(|s| (s.end - s.first, s.asked)).collect();
        assert_eq!(asked, [(3, true), (1, false), (3, false)]);
        assert!(text.punctuated);
    }

    #[test]
    fn stems_join_what_belongs_together() {
        for (a, b) in
            [("delays", "delayed"), ("reliable", "reliability"), ("price", "pricing"), ("worry", "worry")]
        {
            assert_eq!(stem_of(a), stem_of(b), "{a} {b}");
        }
    }
}
