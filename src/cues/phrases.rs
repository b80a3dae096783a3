//! The phrases of all lenses: what they say, how sure they are, and what undoes them.
//!
//! An entry of a table under `models/phrases/LANGUAGE/`:
//!
//! ```toml
//! [[phrase]]
//! kind = "validation"              # a kind of cue
//! why = "names a feeling"          # shown to the user
//! say = ["i can see why you are"]  # see `pattern`
//! unless = ["but"]                 # undoes it when said in the same sentence, after it
//! sure = 0.9                       # fires alone, so sure; without it the phrase is a hint to the weights
//! when = "taken_up"                # only where it takes up words of the other's last turn
//! order = "yes_no"                 # only where the question begins that this order of words asks, see `order`
//! explicit = true                  # says itself what it does, so that a call asks for no further sign of it
//! ```
//!
//! `when = "reproached"` finds a phrase only where the other's last turn reproached the speaker with something.
//! `against = true` instead of `sure` means: not this kind, whatever else hints at it.

use super::CueKind;
use super::classes::Classes;
use super::lexicon::{Lexicon, WordId};
use super::order::Order;
use super::pattern::{Folded, PatternId, Patterns};
use super::tables::{Entry, Table, TableError, Value};
use super::tokens::{Text, hash_of};

/// What a phrase says about its kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strength {
    /// Fires alone, with this confidence.
    Sure(f32),
    /// Counts for as much as the weights give it.
    Hint,
    /// Forbids the kind.
    Against,
}

/// What must hold between this turn and the other's last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// A content word of the other's last turn is taken up.
    TakenUp,
    /// The other's last turn reproached the speaker.
    Reproached,
}

/// What holds between this turn and the other's last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    pub taken_up: bool,
    pub reproached: bool,
}

impl Situation {
    fn allows(self, when: When) -> bool {
        match when {
            When::Always => true,
            When::TakenUp => self.taken_up,
            When::Reproached => self.reproached,
        }
    }
}

/// One entry of a phrase table.
#[derive(Clone, Debug)]
pub struct Phrase {
    pub kind: CueKind,
    pub why: Box<str>,
    pub strength: Strength,
    pub when: When,
    /// Only where this order of words begins.
    pub order: Option<Order>,
    /// It says itself what it does: "if I hear you right".
    pub explicit: bool,
    /// What the weights know it by: kind and reason, so that its place in the file does not matter.
    pub name: u64,
    say: Vec<PatternId>,
    unless: Vec<PatternId>,
}

/// Where a phrase was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the phrase.
    pub phrase: u16,
    pub first: usize,
    /// One past the last token.
    pub end: usize,
}

/// A pattern that may be found around a word.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    phrase: u16,
    pattern: PatternId,
    /// It undoes the phrase, instead of saying it.
    undoes: bool,
    /// Fewest and most words between the beginning of the pattern and this word.
    fewest_before: u16,
    most_before: u16,
    left: Folded,
    right: Folded,
    needed: Folded,
}

/// What was found in a text. Kept and filled again, so that reading does not allocate in the long run.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// In the order of the text.
    pub hits: Vec<Hit>,
    /// Which pattern each of them came from, before those of a phrase at a place are made one.
    said: Vec<(Hit, PatternId)>,
    /// Phrases that are undone near a token.
    undone: Vec<(u16, usize)>,
}

/// All phrases of a language, ready to be looked for.
#[derive(Clone, Debug)]
pub struct Phrases {
    pub list: Vec<Phrase>,
    patterns: Patterns,
    /// Patterns by the rarest word that they cannot do without: those of word `i` lie from `ends[i - 1]` up to `ends[i]`.
    candidates: Vec<Candidate>,
    ends: Vec<usize>,
    lead: Classes,
}

impl Phrases {
    /// Reads phrase tables, each a file name and its text, and makes their words known to the lexicon.
    ///
    /// # Errors
    /// Names the file and the line of what is wrong.
    pub fn read<'t>(
        files: impl IntoIterator<Item = (&'t str, &'t str)>,
        lexicon: &mut Lexicon,
    ) -> Result<Phrases, TableError> {
        let mut list = Vec::new();
        let mut patterns = Patterns::default();
        for (file, text) in files {
            let table = Table::parse(file, text)?;
            for entry in table.entries("phrase")? {
                list.push(phrase(&table, entry, lexicon, &mut patterns)?);
            }
        }
        let costs = patterns.costs(&lexicon.plain_words());
        let mut by_word: Vec<(WordId, Candidate)> = Vec::new();
        for (index, phrase) in list.iter().enumerate() {
            let said = phrase.say.iter().map(|pattern| (*pattern, false));
            for (pattern, undoes) in said.chain(phrase.unless.iter().map(|pattern| (*pattern, true))) {
                let anchor = patterns.anchor(pattern, &costs);
                let candidate = Candidate {
                    phrase: index as u16,
                    pattern,
                    undoes,
                    fewest_before: anchor.fewest_before as u16,
                    most_before: anchor.most_before as u16,
                    left: anchor.left,
                    right: anchor.right,
                    needed: anchor.needed,
                };
                by_word.extend(anchor.words.iter().map(|word| (*word, candidate)));
            }
        }
        let mut ends = vec![0; costs.len()];
        by_word.iter().for_each(|(word, _)| ends[usize::from(word.0)] += 1);
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        by_word.sort_by_key(|(word, _)| *word);
        let candidates = by_word.into_iter().map(|(_, candidate)| candidate).collect();
        Ok(Phrases { list, patterns, candidates, ends, lead: lexicon.named.lead.into() })
    }

    fn around(&self, word: WordId) -> &[Candidate] {
        let word = usize::from(word.0);
        let end = self.ends.get(word).copied().unwrap_or(0);
        let first = word.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.candidates.get(first..end).unwrap_or_default()
    }

    /// Every phrase that is in the text and not undone. A phrase counts once a place.
    pub fn find(&self, text: &Text, situation: Situation, found: &mut Found) {
        found.said.clear();
        found.undone.clear();
        let mut said = Folded::NO_WORD;
        text.tokens.iter().for_each(|token| said.add(token.id));
        let folded = |at: Option<usize>| {
            let token = at.and_then(|at| text.tokens.get(at));
            token.map_or(Folded::NO_WORD, |token| Folded::of(&[token.id]))
        };
        for (at, token) in text.tokens.iter().enumerate() {
            if token.id == WordId::UNKNOWN {
                continue;
            }
            let (left, right) = (folded(at.checked_sub(1)), folded(Some(at + 1)));
            for candidate in self.around(token.id) {
                let there = candidate.right.may_meet(right) && candidate.left.may_meet(left);
                if !there || !candidate.needed.may_meet(said) {
                    continue;
                }
                let before = usize::from(candidate.fewest_before)..=usize::from(candidate.most_before);
                for first in before.map_while(|before| at.checked_sub(before)) {
                    if !candidate.undoes {
                        let phrase = &self.list[usize::from(candidate.phrase)];
                        let ordered = phrase.order.is_none_or(|order| order == text.orders[first]);
                        if !ordered || !situation.allows(phrase.when) {
                            continue;
                        }
                    }
                    let Some(end) = self.patterns.match_at(candidate.pattern, text, first, self.lead) else {
                        continue;
                    };
                    if candidate.undoes {
                        found.undone.push((candidate.phrase, first));
                    } else {
                        found.said.push((Hit { phrase: candidate.phrase, first, end }, candidate.pattern));
                    }
                }
            }
        }
        found.said.sort_unstable_by_key(|(hit, pattern)| (hit.first, hit.phrase, *pattern));
        found.said.dedup_by_key(|(hit, _)| (hit.first, hit.phrase));
        found.hits.clear();
        let undone = &found.undone;
        found
            .hits
            .extend(found.said.iter().map(|(hit, _)| *hit).filter(|hit| !is_undone(*hit, undone, text)));
    }
}

/// Something near the phrase in the same sentence undoes it.
fn is_undone(hit: Hit, undone: &[(u16, usize)], text: &Text) -> bool {
    let sentence = text.tokens[hit.first].sentence;
    let near = hit.first.saturating_sub(NEAR)..hit.end + NEAR;
    undone.iter().any(|(phrase, at)| {
        *phrase == hit.phrase && near.contains(at) && text.tokens[*at].sentence == sentence
    })
}

/// Without punctuation a whole turn is one sentence: what is further away than so many words has nothing to do with a phrase.
const NEAR: usize = 6;

fn phrase(
    table: &Table<'_>,
    entry: Entry,
    lexicon: &mut Lexicon,
    compiled: &mut Patterns,
) -> Result<Phrase, TableError> {
    let mut kind = None;
    let mut why = String::new();
    let mut strength = Strength::Hint;
    let mut when = When::Always;
    let mut order = None;
    let mut explicit = None;
    let (mut say, mut unless) = (Vec::new(), Vec::new());
    for (key, value, line) in entry.values {
        match (key.as_str(), value) {
            ("kind", Value::Text(name)) => {
                kind = Some(CueKind::named(&name).ok_or_else(|| {
                    let known: Vec<&str> = CueKind::ALL.iter().map(|kind| kind.name()).collect();
                    table.at(line, format!("unknown kind `{name}`; the kinds are {}", known.join(", ")))
                })?);
            }
            ("why", Value::Text(text)) => why = text,
            ("sure", Value::Number(sure)) if sure > 0.0 && sure <= 1.0 => strength = Strength::Sure(sure),
            ("sure", _) => return Err(table.at(line, "`sure` is a number above 0 and up to 1, such as 0.9")),
            ("against", Value::Flag(true)) => strength = Strength::Against,
            ("against", _) => return Err(table.at(line, "`against` is true or not there")),
            ("when", Value::Text(name)) if name == "taken_up" => when = When::TakenUp,
            ("when", Value::Text(name)) if name == "reproached" => when = When::Reproached,
            ("when", _) => {
                return Err(table.at(line, "`when` is \"taken_up\", \"reproached\" or not there"));
            }
            ("order", Value::Text(name)) if Order::NAMED.iter().any(|(known, _)| *known == name) => {
                order = Order::NAMED.iter().find(|(known, _)| *known == name).map(|(_, order)| *order);
            }
            ("order", _) => {
                let known = Order::NAMED.map(|(name, _)| name).join(", ");
                return Err(table.at(line, format!("`order` is one of {known}, or not there")));
            }
            ("explicit", Value::Flag(true)) => explicit = Some(line),
            ("explicit", _) => return Err(table.at(line, "`explicit` is true or not there")),
            ("say", Value::Texts(texts)) => say = patterns(table, &texts, lexicon, compiled)?,
            ("unless", Value::Texts(texts)) => unless = patterns(table, &texts, lexicon, compiled)?,
            ("kind" | "why" | "say" | "unless", _) => {
                return Err(table.at(
                    line,
                    format!(
                        "`{key}` must be {}",
                        if key == "kind" || key == "why" { "a text" } else { "a list of phrases" }
                    ),
                ));
            }
            _ => return Err(table.at(line, format!("unknown key `{key}`"))),
        }
    }
    let kind = kind.ok_or_else(|| table.at(entry.line, "an entry needs `kind`"))?;
    if why.is_empty() || say.is_empty() {
        return Err(table.at(entry.line, "an entry needs `why` and at least one phrase in `say`"));
    }
    if let Some(line) = explicit
        && !matches!(strength, Strength::Sure(_))
    {
        return Err(table.at(line, "what is `explicit` fires alone: it needs `sure` beside it"));
    }
    let explicit = explicit.is_some();
    let name = hash_of(&format!("{}: {why}", kind.name()));
    Ok(Phrase { kind, why: why.into(), strength, when, order, explicit, name, say, unless })
}

fn patterns(
    table: &Table<'_>,
    texts: &[(String, usize)],
    lexicon: &mut Lexicon,
    compiled: &mut Patterns,
) -> Result<Vec<PatternId>, TableError> {
    let compile = |(phrase, line): &(String, usize)| {
        compiled
            .compile(phrase, &mut *lexicon)
            .map_err(|what| table.at(*line, format!("\"{phrase}\": {what}")))
    };
    texts.iter().map(compile).collect()
}
