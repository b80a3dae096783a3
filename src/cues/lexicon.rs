//! The words that the phrase tables know: spelling, classes, contractions, fillers.
//!
//! Read from `words.toml` of a language. A word that is not there is looked up once more with its ending taken off or put back:
//! recognisers lose the ends of words more than anything else.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::classes::{Class, Classes, MOST_CLASSES, Named};
use super::tables::{Table, TableError};
use super::tokens::{Token, hash_of, stem_of};

/// A word that the tables know, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordId(pub u16);

impl WordId {
    pub const UNKNOWN: WordId = WordId(0);
}

/// Most words that a contraction may stand for.
const LONGEST_CONTRACTION: usize = 3;

/// One word of what a spelling stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub hash: u64,
    pub stem: u64,
    pub id: WordId,
    pub classes: Classes,
}

impl Part {
    /// A word that the tables do not know, and its hash.
    pub fn unknown(word: &str, hash: u64) -> Part {
        Part { hash, stem: hash_of(stem_of(word)), id: WordId::UNKNOWN, classes: Classes::default() }
    }
}

/// What a known spelling stands for.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// One word, or the two or three of a contraction.
    pub parts: &'a [Part],
    pub filler: bool,
}

/// Where the words of a spelling lie among all of them.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    first: u32,
    count: u8,
    filler: bool,
}

/// Hashes that are already well mixed need no second hashing.
#[derive(Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*chunk);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash ^ hash >> 29;
    }
}

pub type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Identity>>;

/// The known words of a language.
#[derive(Clone, Debug)]
pub struct Lexicon {
    by_hash: ByHash<Spelling>,
    parts: Vec<Part>,
    /// Spelling of each word by its number.
    spellings: Vec<Box<str>>,
    classes: HashMap<Box<str>, Class>,
    members: Vec<Vec<WordId>>,
    passing: Vec<(WordId, WordId, Class)>,
    /// For the stem of a word, the stem that stands for its group.
    alike: ByHash<u64>,
    /// Those that the code itself goes by.
    pub named: Named,
}

impl Lexicon {
    /// The English words that come with the program.
    ///
    /// # Errors
    /// If the table in the program were broken, which a test excludes.
    pub fn english() -> Result<Lexicon, TableError> {
        Lexicon::read("words.toml", include_str!("../../models/phrases/en/words.toml"))
    }

    /// Reads a language's `words.toml`.
    ///
    /// # Errors
    /// Names the file and the line of what is wrong.
    pub fn read(file: &str, text: &str) -> Result<Lexicon, TableError> {
        let table = Table::parse(file, text)?;
        let sections = table.words("classes")?;
        if sections.len() > MOST_CLASSES {
            let (name, _) = &sections[MOST_CLASSES];
            return Err(table.error(name, format!("more than {MOST_CLASSES} classes")));
        }
        let classes: HashMap<Box<str>, Class> = sections
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (name.as_str().into(), Class::of(at)))
            .collect();
        let named =
            Named::among(&classes).map_err(|name| table.missing(format!("[classes] must have `{name}`")))?;
        let mut lexicon = Lexicon {
            by_hash: ByHash::default(),
            parts: Vec::new(),
            spellings: vec!["".into()],
            members: vec![Vec::new(); classes.len()],
            classes,
            passing: Vec::new(),
            alike: ByHash::default(),
            named,
        };
        for (at, (_, words)) in sections.iter().enumerate() {
            for word in words.split_whitespace() {
                lexicon.add_to_class(word, Class::of(at));
            }
        }
        for (spelling, expansion) in table.words("contractions")? {
            let parts: Vec<Part> = expansion.split_whitespace().map(|word| lexicon.learn(word)).collect();
            if parts.is_empty() || parts.len() > LONGEST_CONTRACTION {
                return Err(table.error(&spelling, "a contraction stands for one to three words".to_owned()));
            }
            lexicon.spell(hash_of(&spelling), &parts, false);
        }
        for (_, fillers) in table.words("fillers")? {
            for word in fillers.split_whitespace() {
                let part = lexicon.learn(word);
                lexicon.spell(part.hash, &[part], true);
            }
        }
        for (group, words) in table.words("alike")? {
            let name = hash_of(&group);
            lexicon.alike.extend(words.split_whitespace().map(|word| (hash_of(stem_of(word)), name)));
        }
        for (phrase, class) in table.words("passing")? {
            let words: Vec<&str> = phrase.split_whitespace().collect();
            let ([first, second], Some(kept)) =
                (words.as_slice(), lexicon.classes.get(class.as_str()).copied())
            else {
                return Err(
                    table.error(&phrase, "two words said in passing = the class that keeps them".to_owned())
                );
            };
            let (first, second) = (lexicon.learn(first).id, lexicon.learn(second).id);
            lexicon.passing.push((first, second, kept));
        }
        Ok(lexicon)
    }

    /// Lets a spelling stand for words.
    fn spell(&mut self, hash: u64, parts: &[Part], filler: bool) {
        let spelling = Spelling { first: self.parts.len() as u32, count: parts.len() as u8, filler };
        self.parts.extend_from_slice(parts);
        self.by_hash.insert(hash, spelling);
    }

    fn found(&self, spelling: Spelling) -> Found<'_> {
        let first = spelling.first as usize;
        Found { parts: &self.parts[first..first + usize::from(spelling.count)], filler: spelling.filler }
    }

    /// Makes a word known, and says what it is.
    pub fn learn(&mut self, word: &str) -> Part {
        let hash = hash_of(word);
        if let Some(Found { parts: [only], .. }) = self.look_up(word)
            && only.hash == hash
        {
            return *only;
        }
        let id = WordId(u16::try_from(self.spellings.len()).unwrap_or(u16::MAX));
        self.spellings.push(word.into());
        let part = Part { id, ..Part::unknown(word, hash) };
        self.spell(hash, &[part], false);
        part
    }

    fn add_to_class(&mut self, word: &str, class: Class) {
        let part = self.learn(word);
        self.members[class.place()].push(part.id);
        if let Some(spelling) = self.by_hash.get(&part.hash) {
            self.parts[spelling.first as usize].classes.add(class);
        }
    }

    /// Lets words be found although their last letter was lost or an "s" was heard. Called once all tables are read.
    pub fn forgive_endings(&mut self) {
        for index in 1..self.spellings.len() {
            let word = self.spellings[index].clone();
            let Some(found) = self.by_hash.get(&hash_of(&word)).copied() else { continue };
            if found.filler || !word.is_ascii() {
                continue;
            }
            if word.len() > 4 {
                self.by_hash.entry(hash_of(&word[..word.len() - 1])).or_insert(found);
            }
            if word.len() > 2 {
                self.by_hash.entry(hash_of(&format!("{word}s"))).or_insert(found);
            }
        }
    }

    /// What a word stands for, if the tables know it.
    pub fn look_up(&self, word: &str) -> Option<Found<'_>> {
        self.known(hash_of(word))
    }

    /// The same by the word's hash.
    pub fn known(&self, hash: u64) -> Option<Found<'_>> {
        self.by_hash.get(&hash).map(|spelling| self.found(*spelling))
    }

    /// Of each word that it knows, whether it carries no content of its own.
    pub fn plain_words(&self) -> Vec<bool> {
        let mut plain = vec![false; self.spellings.len()];
        self.members(self.named.plain).iter().for_each(|word| plain[usize::from(word.0)] = true);
        plain
    }

    /// The stem, or what stands for it and its like where a prepared sentence is looked for.
    pub fn sense(&self, stem: u64) -> u64 {
        self.alike.get(&stem).copied().unwrap_or(stem)
    }

    pub fn class(&self, name: &str) -> Option<Class> {
        self.classes.get(name).copied()
    }

    /// Words of a class.
    pub fn members(&self, class: Class) -> &[WordId] {
        &self.members[class.place()]
    }

    /// If these two words are said in passing, the class of neighbours that show they are meant.
    pub fn passing(&self, first: WordId, second: WordId) -> Option<Class> {
        self.passing.iter().find(|(a, b, _)| (*a, *b) == (first, second)).map(|(_, _, kept)| *kept)
    }

    /// A token as it is spelt in the tables, else as it stands in the text.
    pub fn spelling<'a>(&'a self, token: &Token, raw: &'a str) -> &'a str {
        match self.spellings.get(usize::from(token.id.0)) {
            Some(spelling) if token.id != WordId::UNKNOWN => spelling,
            _ => raw.get(token.start as usize..token.end as usize).unwrap_or_default(),
        }
    }
}
