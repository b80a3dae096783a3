//! Settings: what a user may change, checked once, with defaults that have a single source.
//!
//! The table in `config/table.rs` is that source: key, default, allowed range, explanation. From it come the checked
//! structs that the core takes, their `Default`, the commented file that [`default_file`] writes, and the checks that
//! [`Settings::parse`] makes. The text form is loose (every section and key may be left out) and refused strictly: an
//! unknown key, a wrong type or a value out of range is one sentence with its line. Reading files is `io`'s.

mod name;
mod value;

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

pub use name::Name;

/// What is wrong in a settings text, and in which line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ConfigError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what would be right, as one sentence.
    pub what: String,
}

/// Makes, of the table in `config/table.rs`, the checked structs, their defaults, the reader and the writer.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        [$section:ident] $field_name:ident: $name:ident {
            $( $(#[doc = $help:literal])+ $key:ident => $field:ident: $type:ty = $default:expr, $range:expr; )+
        }
    )+) => {
        /// Everything that a user may change, checked.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct Settings {
            $( pub $field_name: $name, )+
        }

        $(
            $(#[doc = $about])+
            #[derive(Clone, Copy, Debug, PartialEq)]
            pub struct $name {
                $( $(#[doc = $help])+ pub $field: $type, )+
            }

            impl Default for $name {
                fn default() -> $name {
                    $name { $( $field: $default, )+ }
                }
            }
        )+

        /// Every key, with its section.
        pub(super) const KEYS: &[(&str, &str)] = &[$( $( (stringify!($section), stringify!($key)), )+ )+];
        pub(super) const SECTIONS: &[&str] = &[$( stringify!($section), )+];

        impl Settings {
            /// Sets one value; says what is allowed if this one is not.
            pub(super) fn set(&mut self, section: &str, key: &str, value: &DeValue<'_>) -> Result<(), String> {
                $( $(
                    if (section, key) == (stringify!($section), stringify!($key)) {
                        let unit = Unit::of(key);
                        self.$field_name.$field = <$type>::read(value, unit, &$range)
                            .ok_or_else(|| <$type>::allowed(unit, &$range))?;
                    }
                )+ )+
                Ok(())
            }
        }

        impl Settings {
            /// Every setting, in the order of the file, for a page that shows them.
            pub fn rows(&self) -> Vec<Row> {
                let defaults = Settings::default();
                let mut rows = Vec::new();
                $( $( {
                    let (key, unit) = (stringify!($key), Unit::of(stringify!($key)));
                    rows.push(Row {
                        section: stringify!($section),
                        key,
                        help: [$($help),+].map(str::trim).join(" "),
                        allowed: <$type>::allowed(unit, &$range),
                        default: defaults.$field_name.$field.show(unit),
                        value: self.$field_name.$field.show(unit),
                    });
                } )+ )+
                rows
            }
        }

        /// The settings file with every default, each explained: what `heard` writes for a user to edit.
        pub fn default_file() -> String {
            let settings = Settings::default();
            let mut text = String::from(HEADING);
            $(
                text.push('\n');
                for line in [$($about),+] {
                    let _ = writeln!(text, "#{line}");
                }
                let _ = writeln!(text, "[{}]", stringify!($section));
                $(
                    for line in [$($help),+] {
                        let _ = writeln!(text, "#{line}");
                    }
                    let (key, unit) = (stringify!($key), Unit::of(stringify!($key)));
                    let _ = writeln!(text, "# Allowed: {}.", <$type>::allowed(unit, &$range));
                    let _ = writeln!(text, "{key} = {}", settings.$field_name.$field.show(unit));
                )+
            )+
            text
        }
    };
}

const HEADING: &str = "# Settings of Heard. Every line may be left out; what stands here are the defaults.\n";

/// A setting, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub section: &'static str,
    pub key: &'static str,
    /// What it does.
    pub help: String,
    /// What it may be.
    pub allowed: String,
    /// As it is written in the file.
    pub default: String,
    pub value: String,
}

impl Settings {
    /// Sets one value from text, written as in the file; a name may stand without its quotation marks.
    ///
    /// # Errors
    /// Says what is allowed if this is not.
    pub fn set_text(&mut self, section: &str, key: &str, text: &str) -> Result<(), String> {
        let quoted = format!("{text:?}");
        let mut refused = "is no value".to_owned();
        for value in [text, &quoted] {
            let line = format!("{key} = {value}");
            let Ok(table) = DeTable::parse(&line) else { continue };
            // A text of several lines is no value.
            let Some(value) = table.get_ref().get(key).filter(|_| table.get_ref().len() == 1) else {
                continue;
            };
            let mut changed = *self;
            match changed.set(section, key, value.get_ref()) {
                Ok(()) => {
                    *self = changed;
                    return Ok(());
                }
                Err(allowed) => refused = format!("must be {allowed}"),
            }
        }
        Err(refused)
    }

    /// A settings file with what differs from the defaults.
    pub fn changed_file(&self) -> String {
        let mut text =
            String::from("# Settings of Heard that are not the defaults; `heard config` prints them all.\n");
        let mut section = "";
        for row in self.rows().iter().filter(|row| row.value != row.default) {
            if row.section != section {
                section = row.section;
                let _ = writeln!(text, "\n[{section}]");
            }
            let _ = writeln!(text, "{} = {}", row.key, row.value);
        }
        text
    }

    /// Reads a settings text. What is left out keeps its default.
    pub fn parse(text: &str) -> Result<Settings, ConfigError> {
        let wrong = |at: Range<usize>, what: String| ConfigError { line: line_of(text, at.start), what };
        let table = DeTable::parse(text).map_err(|error| {
            wrong(error.span().unwrap_or_default(), format!("not valid TOML ({})", error.message()))
        })?;
        let mut settings = Settings::default();
        for (section, keys) in table.get_ref() {
            let (at, section) = (section.span(), section.get_ref().as_ref());
            if !SECTIONS.contains(&section) {
                return Err(wrong(at, unknown_section(section, keys.get_ref())));
            }
            let keys = keys
                .get_ref()
                .as_table()
                .ok_or_else(|| wrong(at, format!("write `[{section}]` and its keys below")))?;
            for (key, value) in keys {
                let (at, key) = (key.span(), key.get_ref().as_ref());
                if !KEYS.contains(&(section, key)) {
                    return Err(wrong(at, unknown_key(section, key)));
                }
                settings
                    .set(section, key, value.get_ref())
                    .map_err(|allowed| wrong(value.span(), format!("`{key}` must be {allowed}")))?;
            }
        }
        Ok(settings)
    }
}

fn unknown_section(section: &str, value: &DeValue<'_>) -> String {
    if !value.is_table() {
        return unknown_key("", section);
    }
    match nearest(section, SECTIONS) {
        Some(near) => format!("unknown section `[{section}]`; did you mean `[{near}]`?"),
        None => format!("unknown section `[{section}]`; there are `[{}]`", SECTIONS.join("]`, `[")),
    }
}

fn unknown_key(section: &str, key: &str) -> String {
    if let Some((home, _)) = KEYS.iter().find(|(_, known)| *known == key) {
        return format!("`{key}` belongs under `[{home}]`");
    }
    let here: Vec<&str> = KEYS.iter().filter(|(home, _)| *home == section).map(|(_, key)| *key).collect();
    let all: Vec<&str> = KEYS.iter().map(|(_, key)| *key).collect();
    match nearest(key, &here).or_else(|| nearest(key, &all)) {
        Some(near) => format!("unknown setting `{key}`; did you mean `{near}`?"),
        None => format!("unknown setting `{key}`; remove it, or see the default file for what there is"),
    }
}

/// The known word most like `word`, if any is like it. 0.8 on the Jaro-Winkler scale lets through a slip or two in a
/// word and keeps unrelated words out.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let likeness = |known: &str| strsim::jaro_winkler(word, known);
    let best = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.8).then_some(best)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|&byte| byte == b'\n').count()
}

mod table;

pub use table::*;
use table::{KEYS, SECTIONS};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn check_wrong(text: &str, sentence: &str) {
        let error = Settings::parse(text).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(sentence), "{text}");
    }

    #[test]
    fn the_default_file_says_the_defaults() {
        let text = default_file();
        assert_eq!(Settings::parse(&text), Ok(Settings::default()));
        for (section, key) in KEYS {
            assert!(
                text.contains(&format!("\n[{section}]\n")) && text.contains(&format!("\n{key} = ")),
                "{key}"
            );
        }
        assert_eq!(Settings::parse(""), Ok(Settings::default()));
    }

    #[test]
    fn every_default_is_within_its_range_and_every_key_can_be_set() {
        let text = "[turns]\nhangover_ms = 320\n[metrics]\nlong_turn_s = 2.5\nextended_silence_s = [4, 10]\n\
                    [coach]\nenabled = false\nmax_per_30_min = 3\n[speech]\nmodel = \"small.en-q5_1\"\n";
        let settings = Settings::parse(text).unwrap_or_default();
        assert_eq!(settings.speech.model.as_str(), "small.en-q5_1");
        assert_eq!(settings.turns.hangover, Span::from_millis(320));
        assert_eq!(settings.metrics.long_turn, Span::from_millis(2500));
        assert_eq!(settings.metrics.extended_silence, [Span::from_secs(4), Span::from_secs(10)]);
        assert_eq!((settings.coach.enabled, settings.coach.max_per_30_min), (false, 3));
        assert_eq!(settings.turns.floor, TurnSettings::default().floor);
    }

    #[test]
    fn a_mistake_is_refused_with_its_line_and_the_way_out() {
        check_wrong(
            "# mine\n[turns]\nhangovr_ms = 3",
            "line 3: unknown setting `hangovr_ms`; did you mean `hangover_ms`?",
        );
        check_wrong("[turn]\nfloor_ms = 900", "line 1: unknown section `[turn]`; did you mean `[turns]`?");
        check_wrong(
            "[x]",
            "line 1: unknown section `[x]`; there are `[turns]`, `[metrics]`, `[coach]`, `[overlay]`, `[speech]`",
        );
        check_wrong("\nwindow_s = 60", "line 2: `window_s` belongs under `[metrics]`");
        check_wrong("[coach]\nfloor_ms = 60", "line 2: `floor_ms` belongs under `[turns]`");
        check_wrong(
            "[coach]\nzzz = 1",
            "line 2: unknown setting `zzz`; remove it, or see the default file for what there is",
        );
        check_wrong("turns = 3", "line 1: write `[turns]` and its keys below");
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_is_allowed() {
        let hangover = "line 2: `hangover_ms` must be 50 to 1000 milliseconds";
        for value in ["5", "-200", "1001", "\"200\"", "nan", "inf", "true", "99999999999999999999", "[200]"] {
            check_wrong(&format!("[turns]\nhangover_ms = {value}"), hangover);
        }
        check_wrong("[coach]\nenabled = 1", "line 2: `enabled` must be true or false");
        for value in ["\"../x.bin\"", "\"\"", "3", &format!("{:?}", "x".repeat(64))] {
            check_wrong(
                &format!("[speech]\nmodel = {value}"),
                "line 2: `model` must be a model's name, \"auto\" or \"none\"",
            );
        }
        check_wrong(
            "[speech]\nlanguage = \"English\"",
            "line 2: `language` must be a language's code such as \"en\", or \"auto\"",
        );
        check_wrong(
            "[coach]\nmax_per_30_min = 2.5",
            "line 2: `max_per_30_min` must be a whole number, 1 to 60",
        );
        for value in ["[9, 3]", "3", "[3]", "[1, 2, 3]", "[0, 9]", "[\"3\", 9]"] {
            check_wrong(
                &format!("[metrics]\n\nextended_silence_s = {value}"),
                "line 3: `extended_silence_s` must be [shortest, longest], each 1 to 60 seconds",
            );
        }
    }

    #[test]
    fn every_row_can_be_set_to_what_it_is_and_changes_are_read_again() {
        let mut settings = Settings::default();
        for row in Settings::default().rows() {
            assert_eq!(settings.set_text(row.section, row.key, &row.value), Ok(()), "{row:?}");
            assert!(!row.help.is_empty() && !row.allowed.is_empty());
        }
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.set_text("coach", "monologue_s", "90"), Ok(()));
        assert_eq!(settings.set_text("overlay", "theme", "dark"), Ok(()));
        assert_eq!(settings.set_text("metrics", "extended_silence_s", "[4, 10]"), Ok(()));
        let text = settings.changed_file();
        assert_eq!(text.lines().filter(|line| line.contains(" = ")).count(), 3, "{text}");
        assert_eq!(Settings::parse(&text), Ok(settings));
        assert_eq!(
            settings.set_text("coach", "monologue_s", "5"),
            Err("must be 20 to 900 seconds".to_owned())
        );
        assert_eq!(
            settings.set_text("coach", "monologue_s", "x] ="),
            Err("must be 20 to 900 seconds".to_owned())
        );
        assert!(settings.set_text("coach", "monologue_s", "90\na = 5").is_err());
        assert_eq!(settings.set_text("coach", "enabled", "perhaps"), Err("must be true or false".to_owned()));
        assert_eq!(settings.coach.monologue, Span::from_secs(90), "a refusal changes nothing");
    }

    #[test]
    fn text_that_is_not_toml_is_refused_with_its_line() {
        let error = Settings::parse("[turns]\nfloor_ms = = 3\n")
            .map_err(|error| (error.line, error.what.lines().count()));
        assert_eq!(error, Err((2, 1)));
    }
}
