//! One phrase to look for, and how it is found.
//!
//! A phrase is written as words with a few signs:
//!
//! | sign | finds |
//! |---|---|
//! | `word` | this word, contractions spelt out |
//! | `a\|b` | either |
//! | `<class>` | any word of a class in `words.toml`; may stand among alternatives |
//! | `word?` | this word or nothing |
//! | `*` | any one word |
//! | `..` | up to three words; `...` up to eight |
//! | `^` | the start of a sentence, after "so", "well" and the like |
//! | `$` | the end of a sentence |
//!
//! A phrase never reaches over the end of a sentence.

use super::lexicon::{Classes, Lexicon, WordId};
use super::tokens::{Text, Token};

/// Words that `..` may pass over.
const SHORT_GAP: u8 = 3;
/// Words that `...` may pass over.
const LONG_GAP: u8 = 8;

/// A phrase, compiled.
#[derive(Clone, Debug)]
pub struct Pattern {
    elements: Vec<Element>,
    at_start: bool,
    at_end: bool,
}

#[derive(Clone, Debug)]
enum Element {
    Words { ids: Vec<WordId>, optional: bool },
    Any,
    Gap(u8),
}

impl Pattern {
    /// Compiles a phrase and makes its words known.
    ///
    /// # Errors
    /// Says what is wrong with the phrase.
    pub fn compile(phrase: &str, lexicon: &mut Lexicon) -> Result<Pattern, String> {
        let mut pattern = Pattern { elements: Vec::new(), at_start: false, at_end: false };
        for (index, sign) in phrase.split_whitespace().enumerate() {
            if pattern.at_end {
                return Err("`$` stands at the end only".to_owned());
            }
            match sign {
                "^" if index == 0 => pattern.at_start = true,
                "^" => return Err("`^` stands at the beginning only".to_owned()),
                "$" => pattern.at_end = true,
                "*" => pattern.elements.push(Element::Any),
                ".." => pattern.elements.push(Element::Gap(SHORT_GAP)),
                "..." => pattern.elements.push(Element::Gap(LONG_GAP)),
                _ => pattern.words(sign, lexicon)?,
            }
        }
        let Some(anchor) =
            pattern.elements.iter().position(|e| !matches!(e, Element::Words { optional: true, .. }))
        else {
            return Err("a phrase needs at least one word that is not optional".to_owned());
        };
        if !matches!(pattern.elements[anchor], Element::Words { .. }) {
            return Err("a phrase begins with a word, not with a gap".to_owned());
        }
        Ok(pattern)
    }

    fn words(&mut self, sign: &str, lexicon: &mut Lexicon) -> Result<(), String> {
        let (alternatives, optional) = match sign.strip_suffix('?') {
            Some(rest) => (rest, true),
            None => (sign, false),
        };
        let alternatives: Vec<&str> = alternatives.split('|').collect();
        let mut ids = Vec::new();
        for alternative in &alternatives {
            if let Some(class) = alternative.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
                let class =
                    lexicon.class(class).ok_or_else(|| format!("no class `{class}` in words.toml"))?;
                ids.extend_from_slice(lexicon.members(class));
                continue;
            }
            if alternative.is_empty() || alternative.contains(['<', '>', '^', '$', '*', '?']) {
                return Err(format!("`{sign}` was not understood"));
            }
            let found = lexicon.look_up(&alternative.to_lowercase());
            if found.filler {
                return Err(format!("`{alternative}` is a filler in words.toml and never seen"));
            }
            match found.parts.as_slice() {
                [_] => ids.push(lexicon.learn(&alternative.to_lowercase()).id),
                parts if alternatives.len() == 1 && !optional => {
                    for part in parts {
                        self.elements.push(Element::Words { ids: vec![part.id], optional: false });
                    }
                    return Ok(());
                }
                _ => {
                    return Err(format!(
                        "`{alternative}` is more than one word: write it alone, without `|` and `?`"
                    ));
                }
            }
        }
        ids.sort_unstable();
        ids.dedup();
        self.elements.push(Element::Words { ids, optional });
        Ok(())
    }

    /// Words that a match can begin with.
    pub fn first_words(&self) -> Vec<WordId> {
        let mut first = Vec::new();
        for element in &self.elements {
            let Element::Words { ids, optional } = element else { break };
            first.extend_from_slice(ids);
            if !optional {
                break;
            }
        }
        first.sort_unstable();
        first.dedup();
        first
    }

    /// Words that a match can go on with after its first, folded to 128 bits; all bits where anything or nothing may follow.
    pub fn second_words(&self) -> u128 {
        let Some(Element::Words { optional: false, .. }) = self.elements.first() else { return u128::MAX };
        let mut bits = 0;
        for element in &self.elements[1..] {
            let Element::Words { ids, optional } = element else { return u128::MAX };
            bits = ids.iter().fold(bits, |bits, id| bits | fold(*id));
            if !optional {
                return bits;
            }
        }
        u128::MAX
    }

    /// Of the words that a match must have further on, those of the most telling place, folded to 128 bits; all bits where
    /// there is no such place.
    pub fn later_words(&self) -> u128 {
        let needed = self.elements.iter().skip(1).filter_map(|element| match element {
            Element::Words { ids, optional: false } => Some(ids),
            _ => None,
        });
        let folded = needed.map(|ids| ids.iter().fold(0, |bits, id| bits | fold(*id)));
        folded.min_by_key(|bits: &u128| bits.count_ones()).unwrap_or(u128::MAX)
    }

    /// If the phrase begins at token `at`, one past its last token.
    pub fn match_at(&self, text: &Text, at: usize, lead: Classes) -> Option<usize> {
        let tokens = &text.tokens;
        let first = tokens.get(at)?;
        // Most of what is tried begins with another word: that is seen before anything is counted.
        if let Some(Element::Words { ids, optional: false }) = self.elements.first()
            && !contains(ids, first.id)
        {
            return None;
        }
        if self.at_start && !starts(tokens, at, lead) {
            return None;
        }
        let end =
            tokens[at..].iter().position(|t| t.sentence != first.sentence).map_or(tokens.len(), |n| at + n);
        self.rest(tokens, 0, at, end)
    }

    fn rest(&self, tokens: &[Token], element: usize, at: usize, end: usize) -> Option<usize> {
        let Some(wanted) = self.elements.get(element) else {
            return (!self.at_end || at == end).then_some(at);
        };
        match wanted {
            Element::Words { ids, optional } => {
                let here = at < end && tokens[at].id != WordId::UNKNOWN && contains(ids, tokens[at].id);
                if here && let Some(found) = self.rest(tokens, element + 1, at + 1, end) {
                    return Some(found);
                }
                if *optional { self.rest(tokens, element + 1, at, end) } else { None }
            }
            Element::Any => (at < end).then(|| self.rest(tokens, element + 1, at + 1, end)).flatten(),
            Element::Gap(most) => (0..=usize::from(*most))
                .take_while(|skip| at + skip <= end)
                .find_map(|skip| self.rest(tokens, element + 1, at + skip, end)),
        }
    }
}

/// One bit of 128 for a word.
pub fn fold(id: WordId) -> u128 {
    1 << (id.0 % 128)
}

fn contains(ids: &[WordId], id: WordId) -> bool {
    if ids.len() < 8 { ids.contains(&id) } else { ids.binary_search(&id).is_ok() }
}

/// A sentence starts here: by punctuation, or after a word that leads in.
pub fn starts(tokens: &[Token], at: usize, lead: Classes) -> bool {
    match at.checked_sub(1).map(|before| tokens[before]) {
        None => true,
        Some(before) => before.sentence != tokens[at].sentence || before.classes.meets(lead),
    }
}
