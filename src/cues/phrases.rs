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
//! explicit = true                  # says itself what it does, so that a call asks for no further sign of it
//! ```
//!
//! `when = "reproached"` finds a phrase only where the other's last turn reproached the speaker with something.
//! `against = true` instead of `sure` means: not this kind, whatever else hints at it.

use super::CueKind;
use super::lexicon::{Classes, Lexicon};
use super::pattern::{Pattern, fold};
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
    /// It says itself what it does: "if I hear you right".
    pub explicit: bool,
    /// What the weights know it by: kind and reason, so that its place in the file does not matter.
    pub name: u64,
    say: Vec<Pattern>,
    unless: Vec<Pattern>,
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

/// A pattern that may begin with a word.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    phrase: u16,
    /// Its place in the phrase's list.
    pattern: u16,
    /// What may come second, folded to 128 bits: most candidates are ruled out by one look at it.
    second: u128,
    /// What must come somewhere after it, folded to 128 bits.
    later: u128,
}

/// All phrases of a language, ready to be looked for.
#[derive(Clone, Debug)]
pub struct Phrases {
    pub list: Vec<Phrase>,
    /// For each word, the patterns that may begin with it.
    by_first: Vec<Vec<Candidate>>,
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
        for (file, text) in files {
            let table = Table::parse(file, text)?;
            for entry in table.entries("phrase")? {
                list.push(phrase(&table, entry, lexicon)?);
            }
        }
        let mut phrases = Phrases { list, by_first: Vec::new(), lead: lexicon.lead.into() };
        for (index, phrase) in phrases.list.iter().enumerate() {
            for (place, pattern) in phrase.say.iter().enumerate() {
                let (second, later) = (pattern.second_words(), pattern.later_words());
                for word in pattern.first_words() {
                    let word = usize::from(word.0);
                    if phrases.by_first.len() <= word {
                        phrases.by_first.resize_with(word + 1, Vec::new);
                    }
                    phrases.by_first[word].push(Candidate {
                        phrase: index as u16,
                        pattern: place as u16,
                        second,
                        later,
                    });
                }
            }
        }
        Ok(phrases)
    }

    /// Every phrase that is in the text and not undone, in the order of the text. A phrase counts once a place.
    pub fn find(&self, text: &Text, situation: Situation, hits: &mut Vec<Hit>) {
        hits.clear();
        let said = text.tokens.iter().fold(0, |bits, token| bits | fold(token.id));
        for (at, token) in text.tokens.iter().enumerate() {
            let Some(candidates) = self.by_first.get(usize::from(token.id.0)) else { continue };
            let next = text.tokens.get(at + 1).map_or(0, |token| fold(token.id));
            for Candidate { phrase: index, pattern: place, second, later } in candidates {
                if second & next == 0 && *second != u128::MAX || later & said == 0 {
                    continue;
                }
                let phrase = &self.list[usize::from(*index)];
                if !situation.allows(phrase.when) {
                    continue;
                }
                let Some(end) = phrase.say[usize::from(*place)].match_at(text, at, self.lead) else {
                    continue;
                };
                if hits.iter().any(|hit| hit.phrase == *index && hit.first == at) {
                    continue;
                }
                if !self.undone(phrase, text, at, end) {
                    hits.push(Hit { phrase: *index, first: at, end });
                }
            }
        }
    }

    /// Something near it in the same sentence undoes the phrase.
    fn undone(&self, phrase: &Phrase, text: &Text, first: usize, end: usize) -> bool {
        if phrase.unless.is_empty() {
            return false;
        }
        let sentence = text.tokens[first].sentence;
        let near = first.saturating_sub(NEAR)..(end + NEAR).min(text.tokens.len());
        near.into_iter()
            .filter(|at| text.tokens[*at].sentence == sentence)
            .any(|at| phrase.unless.iter().any(|pattern| pattern.match_at(text, at, self.lead).is_some()))
    }
}

/// Without punctuation a whole turn is one sentence: what is further away than so many words has nothing to do with a phrase.
const NEAR: usize = 6;

fn phrase(table: &Table<'_>, entry: Entry, lexicon: &mut Lexicon) -> Result<Phrase, TableError> {
    let mut kind = None;
    let mut why = String::new();
    let mut strength = Strength::Hint;
    let mut when = When::Always;
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
            ("explicit", Value::Flag(true)) => explicit = Some(line),
            ("explicit", _) => return Err(table.at(line, "`explicit` is true or not there")),
            ("say", Value::Texts(texts)) => say = patterns(table, &texts, lexicon)?,
            ("unless", Value::Texts(texts)) => unless = patterns(table, &texts, lexicon)?,
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
    Ok(Phrase { kind, why: why.into(), strength, when, explicit, name, say, unless })
}

fn patterns(
    table: &Table<'_>,
    texts: &[(String, usize)],
    lexicon: &mut Lexicon,
) -> Result<Vec<Pattern>, TableError> {
    let compile = |(phrase, line): &(String, usize)| {
        Pattern::compile(phrase, &mut *lexicon)
            .map_err(|what| table.at(*line, format!("\"{phrase}\": {what}")))
    };
    texts.iter().map(compile).collect()
}
