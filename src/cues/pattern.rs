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

use std::borrow::Cow;
use std::ops::Range;

use super::classes::Classes;
use super::lexicon::{Found, Lexicon, WordId};
use super::tokens::{Text, Token};

/// Words that `..` may pass over.
const SHORT_GAP: u8 = 3;
/// Words that `...` may pass over.
const LONG_GAP: u8 = 8;

/// All phrases of a language, compiled: what they are made of lies in three lists, so that reading a table takes few allocations.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    elements: Vec<Element>,
    words: Vec<WordId>,
}

/// One phrase, as its place in [`Patterns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatternId(u32);

#[derive(Clone, Debug)]
struct Pattern {
    elements: Range<u32>,
    at_start: bool,
    at_end: bool,
}

#[derive(Clone, Debug)]
enum Element {
    Words { ids: Range<u32>, folded: Folded, optional: bool },
    Any,
    Gap(u8),
}

impl Element {
    /// Fewest and most words that it passes over.
    fn span(&self) -> (usize, usize) {
        match self {
            Element::Words { optional: false, .. } | Element::Any => (1, 1),
            Element::Words { optional: true, .. } => (0, 1),
            Element::Gap(most) => (0, usize::from(*most)),
        }
    }
}

/// The rarest words that a phrase cannot do without, and what must stand around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor<'p> {
    pub words: &'p [WordId],
    /// Fewest and most words of the phrase before them.
    pub fewest_before: usize,
    pub most_before: usize,
    /// What may stand right before and right after them; everything where the phrase leaves it open.
    pub left: Folded,
    pub right: Folded,
    /// The words of which one must be somewhere in the text: the next rarest that the phrase cannot do without.
    pub needed: Folded,
}

/// A set of words, folded to a few bits: it may hold more than was put in, never less. One bit stands for there being no word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded(u64);

impl Folded {
    pub const ALL: Folded = Folded(u64::MAX);
    pub const NO_WORD: Folded = Folded(1 << 63);

    fn bit(word: WordId) -> u64 {
        1 << (word.0 % 63)
    }

    pub fn of(words: &[WordId]) -> Folded {
        Folded(words.iter().fold(0, |bits, word| bits | Folded::bit(*word)))
    }

    pub fn add(&mut self, word: WordId) {
        self.0 |= Folded::bit(word);
    }

    pub fn may_hold(self, word: WordId) -> bool {
        self.0 & Folded::bit(word) != 0
    }

    pub fn may_meet(self, other: Folded) -> bool {
        self.0 & other.0 != 0
    }
}

/// How much oftener a word without content of its own is met than another, roughly; only the choice of anchors depends on it.
const PLAIN_WEIGHT: u32 = 30;

impl Patterns {
    /// Compiles a phrase and makes its words known.
    ///
    /// # Errors
    /// Says what is wrong with the phrase.
    pub fn compile(&mut self, phrase: &str, lexicon: &mut Lexicon) -> Result<PatternId, String> {
        let start = self.elements.len();
        let (mut at_start, mut at_end) = (false, false);
        for (index, sign) in phrase.split_ascii_whitespace().enumerate() {
            if at_end {
                return Err("`$` stands at the end only".to_owned());
            }
            match sign {
                "^" if index == 0 => at_start = true,
                "^" => return Err("`^` stands at the beginning only".to_owned()),
                "$" => at_end = true,
                "*" => self.elements.push(Element::Any),
                ".." => self.elements.push(Element::Gap(SHORT_GAP)),
                "..." => self.elements.push(Element::Gap(LONG_GAP)),
                _ => self.words(sign, lexicon)?,
            }
        }
        let needed = |element: &&Element| !matches!(element, Element::Words { optional: true, .. });
        match self.elements[start..].iter().find(needed) {
            None => return Err("a phrase needs at least one word that is not optional".to_owned()),
            Some(Element::Words { .. }) => {}
            Some(_) => return Err("a phrase begins with a word, not with a gap".to_owned()),
        }
        self.list.push(Pattern { elements: place(start)..place(self.elements.len()), at_start, at_end });
        Ok(PatternId(place(self.list.len() - 1)))
    }

    fn words(&mut self, sign: &str, lexicon: &mut Lexicon) -> Result<(), String> {
        let (alternatives, optional) = match sign.strip_suffix('?') {
            Some(rest) => (rest, true),
            None => (sign, false),
        };
        let alone = !alternatives.contains('|');
        let first = self.words.len();
        for alternative in alternatives.split('|') {
            if let Some(class) = alternative.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
                let class =
                    lexicon.class(class).ok_or_else(|| format!("no class `{class}` in words.toml"))?;
                self.words.extend_from_slice(lexicon.members(class));
                continue;
            }
            if alternative.is_empty() || alternative.contains(['<', '>', '^', '$', '*', '?']) {
                return Err(format!("`{sign}` was not understood"));
            }
            let word = if alternative.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
                alternative.to_lowercase().into()
            } else {
                Cow::Borrowed(alternative)
            };
            match lexicon.look_up(&word) {
                None => self.words.push(lexicon.learn(&word).id),
                Some(found) if found.filler => {
                    return Err(format!("`{alternative}` is a filler in words.toml and never seen"));
                }
                Some(Found { parts: [part], .. }) => self.words.push(part.id),
                Some(found) if alone && !optional => {
                    for part in found.parts {
                        let at = self.words.len();
                        self.words.push(part.id);
                        self.push_words(at, false);
                    }
                    return Ok(());
                }
                Some(_) => {
                    return Err(format!(
                        "`{alternative}` is more than one word: write it alone, without `|` and `?`"
                    ));
                }
            }
        }
        self.push_words(first, optional);
        Ok(())
    }

    /// Makes the words from `first` on one element.
    fn push_words(&mut self, first: usize, optional: bool) {
        self.words[first..].sort_unstable();
        let folded = Folded::of(&self.words[first..]);
        self.elements.push(Element::Words { ids: place(first)..place(self.words.len()), folded, optional });
    }

    fn elements(&self, pattern: &Pattern) -> &[Element] {
        &self.elements[pattern.elements.start as usize..pattern.elements.end as usize]
    }

    fn ids(&self, ids: &Range<u32>) -> &[WordId] {
        &self.words[ids.start as usize..ids.end as usize]
    }

    /// Of each word, how costly it is to look for phrases by it: how often phrases hold it, and more for one without content of its own,
    /// which texts hold more often too.
    pub fn costs(&self, plain: &[bool]) -> Vec<u32> {
        let mut costs: Vec<u32> = plain.iter().map(|plain| if *plain { PLAIN_WEIGHT } else { 1 }).collect();
        self.words.iter().for_each(|word| costs[usize::from(word.0)] += 1);
        costs
    }

    /// What a phrase is looked for by, given what [`Patterns::costs`] says of each word.
    pub fn anchor(&self, pattern: PatternId, costs: &[u32]) -> Anchor<'_> {
        let elements = self.elements(&self.list[pattern.0 as usize]);
        let words = |element: &Element| match element {
            Element::Words { ids, optional: false, .. } => Some(self.ids(ids)),
            _ => None,
        };
        let weight =
            |words: &[WordId]| words.iter().map(|id| costs[usize::from(id.0)] as usize).sum::<usize>();
        let (mut fewest_before, mut most_before) = (0, 0);
        // Cost, place among the elements, words that may stand before it.
        let mut best: Option<(usize, usize, usize, usize)> = None;
        for (at, element) in elements.iter().enumerate() {
            if let Some(words) = words(element) {
                let cost = weight(words) * (most_before - fewest_before + 1);
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, at, fewest_before, most_before));
                }
            }
            let (fewest, most) = element.span();
            fewest_before += fewest;
            most_before += most;
        }
        let (_, at, fewest_before, most_before) = best.unwrap_or_default();
        let beside = |place: Option<usize>| {
            let words = place.and_then(|place| elements.get(place)).and_then(words);
            words.map_or(Folded::ALL, Folded::of)
        };
        let others = elements.iter().enumerate().filter(|(place, _)| *place != at);
        let needed = others.filter_map(|(_, element)| words(element)).min_by_key(|words| weight(words));
        Anchor {
            words: elements.get(at).and_then(words).unwrap_or_default(),
            fewest_before,
            most_before,
            left: beside(at.checked_sub(1)),
            right: beside(Some(at + 1)),
            needed: needed.map_or(Folded::ALL, Folded::of),
        }
    }

    /// If the phrase begins at token `at`, one past its last token.
    pub fn match_at(&self, pattern: PatternId, text: &Text, at: usize, lead: Classes) -> Option<usize> {
        let pattern = &self.list[pattern.0 as usize];
        let tokens = text.tokens.as_slice();
        let mut elements = self.elements(pattern);
        let (first, mut after) = (tokens.get(at)?, at);
        // Most of what is tried begins with another word: that is seen before anything is counted.
        if let [Element::Words { ids, folded, optional: false }, later @ ..] = elements {
            if !self.contains(ids, *folded, first.id) {
                return None;
            }
            (elements, after) = (later, at + 1);
        }
        if pattern.at_start && !starts(tokens, at, lead) {
            return None;
        }
        let end =
            text.sentences.get(usize::from(first.sentence)).map_or(tokens.len(), |sentence| sentence.end);
        self.rest(elements, pattern.at_end, tokens, after, end)
    }

    /// One past the last token, if all of `elements` are there from `at` on.
    fn rest(
        &self,
        mut elements: &[Element],
        at_end: bool,
        tokens: &[Token],
        mut at: usize,
        end: usize,
    ) -> Option<usize> {
        while let [wanted, later @ ..] = elements {
            match wanted {
                Element::Words { ids, folded, optional } => {
                    let here = at < end && self.contains(ids, *folded, tokens[at].id);
                    match (here, *optional) {
                        (true, false) => at += 1,
                        (false, false) => return None,
                        (false, true) => {}
                        (true, true) => {
                            if let Some(found) = self.rest(later, at_end, tokens, at + 1, end) {
                                return Some(found);
                            }
                        }
                    }
                }
                Element::Any if at < end => at += 1,
                Element::Any => return None,
                Element::Gap(most) => {
                    return (0..=usize::from(*most))
                        .take_while(|skip| at + skip <= end)
                        .find_map(|skip| self.rest(later, at_end, tokens, at + skip, end));
                }
            }
            elements = later;
        }
        (!at_end || at == end).then_some(at)
    }

    fn contains(&self, ids: &Range<u32>, folded: Folded, id: WordId) -> bool {
        if !folded.may_hold(id) || id == WordId::UNKNOWN {
            return false;
        }
        let ids = self.ids(ids);
        if ids.len() <= FEW { ids.contains(&id) } else { ids.binary_search(&id).is_ok() }
    }
}

/// So few words are looked through faster than they are halved.
const FEW: usize = 8;

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A sentence starts here: by punctuation, or after a word that leads in.
pub fn starts(tokens: &[Token], at: usize, lead: Classes) -> bool {
    match at.checked_sub(1).map(|before| tokens[before]) {
        None => true,
        Some(before) => before.sentence != tokens[at].sentence || before.classes.meets(lead),
    }
}
