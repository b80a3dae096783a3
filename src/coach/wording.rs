//! What the overlay says and why, as a table that users edit and translate.

use std::collections::BTreeMap;

use crate::coach::{Kind, Reason};
use crate::cues::tables::{Table, TableError};

/// More words than this cannot be read in under a second beside a call.
const MOST_WORDS: usize = 4;

/// Key of the words that are shown; every other key is a reason.
const SHOW: &str = "show";

const ENGLISH: &str = include_str!("../../models/nudges/en.toml");

/// The wording of every nudge and every reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// By kind and key.
    texts: BTreeMap<(&'static str, &'static str), String>,
}

impl Wording {
    /// The wording that comes with the program.
    pub fn english() -> Wording {
        let mut wording = Wording { texts: BTreeMap::new() };
        wording.read("models/nudges/en.toml", ENGLISH).expect("a table in the program, which a test reads");
        wording
    }

    /// The same, where `text` says something else.
    ///
    /// # Errors
    /// Names the file and the line of what is wrong.
    pub fn with(mut self, file: &str, text: &str) -> Result<Wording, TableError> {
        self.read(file, text)?;
        Ok(self)
    }

    fn read(&mut self, file: &str, text: &str) -> Result<(), TableError> {
        let table = Table::parse(file, text)?;
        for name in table.sections() {
            if Kind::ALL.iter().all(|kind| kind.name() != name) {
                let kinds = Kind::ALL.map(Kind::name).join(", ");
                return Err(table.error(&name, format!("there is no nudge `{name}`; there are {kinds}")));
            }
        }
        for kind in Kind::ALL {
            for (key, said) in table.words(kind.name())? {
                let known = [SHOW].iter().chain(kind.reasons()).find(|known| **known == key);
                let Some(known) = known else {
                    let keys = kind.reasons().join(", ");
                    return Err(
                        table.error(&key, format!("`{}` has no `{key}`; it has show, {keys}", kind.name()))
                    );
                };
                check(known, &said).map_err(|what| table.error(&said, what))?;
                self.texts.insert((kind.name(), known), said);
            }
        }
        Ok(())
    }

    /// What the overlay shows.
    pub fn show(&self, kind: Kind) -> &str {
        self.text(kind, SHOW)
    }

    /// Why, as one sentence, from the evidence.
    pub fn why(&self, reason: &Reason) -> String {
        let mut sentence = self.text(reason.kind(), reason.name()).to_owned();
        for (name, value) in reason.values() {
            sentence = sentence.replace(&format!("{{{name}}}"), &value);
        }
        sentence
    }

    fn text(&self, kind: Kind, key: &str) -> &str {
        let found = self.texts.iter().find(|((of, named), _)| *of == kind.name() && *named == key);
        found.map_or("", |(_, text)| text)
    }
}

/// What may stand in curly brackets.
const VALUES: [&str; 5] = ["clock", "millis", "minutes", "percent", "secs"];

fn check(key: &str, said: &str) -> Result<(), String> {
    if key == SHOW {
        let words = said.split_whitespace().count();
        return match words {
            1..=MOST_WORDS => Ok(()),
            _ => Err(format!("`show` has {words} words; a nudge has 1 to {MOST_WORDS}")),
        };
    }
    for part in said.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !VALUES.contains(&name) {
            return Err(format!("nothing stands in for {{{name}}}; there are {}", VALUES.join(", ")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{AudioTime, Span};

    #[test]
    fn every_nudge_and_every_reason_has_its_words() {
        let wording = Wording::english();
        for kind in Kind::ALL {
            assert!((1..=MOST_WORDS).contains(&wording.show(kind).split_whitespace().count()), "{kind:?}");
            for reason in kind.reasons() {
                assert!(!wording.text(kind, reason).is_empty(), "{kind:?} {reason}");
            }
        }
        let run = Reason::LongRun { since: AudioTime::ZERO, length: Span::from_millis(122_500) };
        assert_eq!(wording.why(&run), "You had spoken for 122 s without a pause.");
    }

    #[test]
    fn a_user_says_it_in_other_words() {
        let wording = Wording::english().with("nudges.toml", "[ask_one]\nshow = \"Frag etwas.\"\n");
        let wording = wording.expect("a good table");
        assert_eq!(wording.show(Kind::AskOne), "Frag etwas.");
        assert_eq!(wording.show(Kind::TradeIt), "Trade it.");
    }

    #[test]
    fn a_wrong_table_is_refused_with_its_line() {
        for (text, sentence) in [
            (
                "[ask_one]\nshow = \"Ask them one good question.\"",
                "mine.toml, line 2: `show` has 5 words; a nudge has 1 to 4",
            ),
            (
                "\n[ask_one]\n\nwhy = \"x\"",
                "mine.toml, line 4: `ask_one` has no `why`; it has show, no_question",
            ),
            (
                "[ask_one]\nno_question = \"{hours} hours\"",
                "mine.toml, line 2: nothing stands in for {hours}; there are clock, millis, minutes, percent, secs",
            ),
        ] {
            let error = Wording::english().with("mine.toml", text);
            assert_eq!(error.map_err(|error| error.to_string()), Err(sentence.to_owned()));
        }
        let unknown = Wording::english().with("mine.toml", "[shout]\nshow = \"Stop.\"");
        assert!(unknown.is_err_and(|error| {
            error.to_string().starts_with("mine.toml, line 1: there is no nudge `shout`")
        }));
    }
}
