//! Settings: what a user may change, checked once, with defaults that have a single source.
//!
//! The table at the end of this file is that source: key, default, allowed range, explanation. From it come the checked
//! structs that the core takes, their `Default`, the commented file that [`default_file`] writes, and the checks that
//! [`Settings::parse`] makes. The text form is loose (every section and key may be left out) and refused strictly: an
//! unknown key, a wrong type or a value out of range is one sentence with its line. Reading files is `io`'s.

mod name;

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::units::Span;

pub use name::Name;
use name::{KEY, is_key, is_language, is_model_name, is_theme};

/// What is wrong in a settings text, and in which line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ConfigError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what would be right, as one sentence.
    pub what: String,
}

/// A type that a setting can have. Numbers are in the unit that the key's name ends with, so ranges are too.
trait Value: Sized {
    type Range: 'static;
    fn read(value: &DeValue<'_>, unit: Unit, range: &Self::Range) -> Option<Self>;
    fn show(&self, unit: Unit) -> String;
    /// What is allowed, to follow "must be" or stand in brackets.
    fn allowed(unit: Unit, range: &Self::Range) -> String;
}

#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Millis,
    Secs,
    Count,
}

impl Unit {
    /// Keys carry their unit: `hangover_ms`, `window_s`; without one it is a count.
    fn of(key: &str) -> Unit {
        match key.rsplit_once('_') {
            Some((_, "ms")) => Unit::Millis,
            Some((_, "s")) => Unit::Secs,
            _ => Unit::Count,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Unit::Millis => " milliseconds",
            Unit::Secs => " seconds",
            Unit::Count => "",
        }
    }

    fn millis(self) -> u64 {
        if self == Unit::Secs { 1000 } else { 1 }
    }
}

/// A whole number, or for lengths of time also a decimal one.
fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix()).ok().map(|n| n as f64),
        DeValue::Float(decimal) => decimal.as_str().parse().ok(),
        _ => None,
    }
}

impl Value for Span {
    type Range = Range<u64>;

    fn read(value: &DeValue<'_>, unit: Unit, range: &Range<u64>) -> Option<Span> {
        let number = number(value).filter(|n| (range.start as f64..=range.end as f64).contains(n))?;
        Some(Span::from_millis((number * unit.millis() as f64).round() as u64))
    }

    fn show(&self, unit: Unit) -> String {
        (self.as_millis() as f64 / unit.millis() as f64).to_string()
    }

    fn allowed(unit: Unit, range: &Range<u64>) -> String {
        format!("{} to {}{}", range.start, range.end, unit.name())
    }
}

impl Value for u32 {
    type Range = Range<u64>;

    fn read(value: &DeValue<'_>, _: Unit, range: &Range<u64>) -> Option<u32> {
        let whole = value.as_integer()?;
        let whole = u64::from_str_radix(whole.as_str(), whole.radix()).ok()?;
        (range.start..=range.end).contains(&whole).then(|| u32::try_from(whole).ok()).flatten()
    }

    fn show(&self, _: Unit) -> String {
        self.to_string()
    }

    fn allowed(_: Unit, range: &Range<u64>) -> String {
        format!("a whole number, {} to {}", range.start, range.end)
    }
}

impl Value for bool {
    type Range = ();

    fn read(value: &DeValue<'_>, _: Unit, (): &()) -> Option<bool> {
        value.as_bool()
    }

    fn show(&self, _: Unit) -> String {
        self.to_string()
    }

    fn allowed(_: Unit, (): &()) -> String {
        "true or false".into()
    }
}

/// Shortest and longest, both counted in.
impl Value for [Span; 2] {
    type Range = Range<u64>;

    fn read(value: &DeValue<'_>, unit: Unit, range: &Range<u64>) -> Option<[Span; 2]> {
        let [least, most] = value.as_array()?.get(..)? else {
            return None;
        };
        let pair = [Span::read(least.get_ref(), unit, range)?, Span::read(most.get_ref(), unit, range)?];
        (pair[0] < pair[1]).then_some(pair)
    }

    fn show(&self, unit: Unit) -> String {
        format!("[{}, {}]", self[0].show(unit), self[1].show(unit))
    }

    fn allowed(unit: Unit, range: &Range<u64>) -> String {
        format!("[shortest, longest], each {}", Span::allowed(unit, range))
    }
}

/// Makes, of the table below, the checked structs, their defaults, the reader and the writer.
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
        const KEYS: &[(&str, &str)] = &[$( $( (stringify!($section), stringify!($key)), )+ )+];
        const SECTIONS: &[&str] = &[$( stringify!($section), )+];

        impl Settings {
            /// Sets one value; says what is allowed if this one is not.
            fn set(&mut self, section: &str, key: &str, value: &DeValue<'_>) -> Result<(), String> {
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

const fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

const fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

// A number that names no source is part of a definition: it says what the word above it means in Heard.
settings! {
    /// Who holds the floor, and what an overlap is.
    [turns] turns: TurnSettings {
        /// Silence that ends a stretch of speech. Pauses inside one speaker's phrase are mostly shorter.
        hangover_ms => hangover: Span = ms(200), 50..1000;
        /// Lone sounds shorter than this are not speech: clicks, coughs, keys.
        min_burst_ms => min_burst: Span = ms(100), 20..500;
        /// Stretches of one speaker with gaps below this count as one.
        cluster_gap_ms => cluster_gap: Span = ms(500), 100..2000;
        /// So much speech with the other silent takes the floor.
        floor_ms => floor: Span = ms(1000), 300..5000;
        /// A shorter one takes the floor too if the other stays silent this long after it: a short answer.
        short_answer_ms => short_answer: Span = ms(500), 100..3000;
        /// Both begin within this time: a collision, and nobody is blamed.
        collision_ms => collision: Span = ms(300), 0..1000;
        /// Longest "mm-hm". In recorded meetings 95 of 100 are shorter than 1000 ms and 97 than 1300 ms; nobody is blamed for
        /// one that lasts a little longer.
        backchannel_max_ms => backchannel_max: Span = ms(1300), 200..3000;
        /// Silence around an "mm-hm" on its speaker's side.
        isolation_ms => isolation: Span = ms(1000), 0..3000;
        /// Coming in this close to the other's end is a jump-in, no interruption.
        terminal_overlap_ms => terminal_overlap: Span = ms(500), 0..2000;
        /// Overlap after which a bid for the floor is raised live: from 500 ms on it can be told from an "mm-hm" best.
        floor_bid_ms => floor_bid: Span = ms(500), 200..3000;
        /// Both stop within this time: a mutual stop, decided by who goes on.
        mutual_stop_ms => mutual_stop: Span = ms(200), 0..1000;
        /// A mutual stop after which nobody takes the floor for so long stays undecided.
        undecided_ms => undecided: Span = ms(2000), 500..10000;
        /// Overlap without a break that counts as talking over the other.
        talking_over_ms => talking_over: Span = ms(1000), 300..5000;
    }

    /// What is measured over a call.
    [metrics] metrics: MetricSettings {
        /// Silence of both that ends a monologue.
        monologue_pause_ms => monologue_pause: Span = ms(1500), 500..10000;
        /// The recent stretch that "the last minutes" means.
        window_s => window: Span = secs(300), 30..3600;
        /// Speech of both together before a talk share is shown: below it the share says nothing.
        share_after_s => share_after: Span = secs(60), 0..600;
        /// Answers that come faster than this are jump-ins: a considered answer takes longer.
        jump_in_ms => jump_in: Span = ms(200), 0..1000;
        /// A client turn this long deserves a pause before the answer.
        long_turn_s => long_turn: Span = secs(5), 1..120;
        /// Silences between these two, left standing after the client, are a credit.
        extended_silence_s => extended_silence: [Span; 2] = [secs(3), secs(9)], 1..60;
    }

    /// When the overlay speaks up.
    [coach] coach: CoachSettings {
        /// Whether there are nudges at all.
        enabled => enabled: bool = true, ();
        /// Talking so long without a pause asks for one.
        monologue_s => monologue: Span = secs(120), 20..900;
        /// Silence of the coach at the start of a call, so that people can arrive.
        quiet_start_s => quiet_start: Span = secs(60), 0..900;
        /// Least time between two nudges.
        min_gap_s => min_gap: Span = secs(30), 5..900;
        /// Least time between two nudges of the same kind.
        same_kind_gap_s => same_kind_gap: Span = secs(120), 5..3600;
        /// Most nudges in half an hour.
        max_per_30_min => max_per_30_min: u32 = 6, 1..60;
        /// A condition must hold so long before it is worth a nudge.
        sustain_ms => sustain: Span = ms(2500), 0..20000;
        /// The same for talking over the client, which cannot wait as long.
        talking_over_ms => talking_over: Span = ms(1000), 300..5000;
    }

    /// The small window beside the camera.
    [overlay] overlay: OverlaySettings {
        /// Its size, in percent of the size that it was designed in.
        scale => scale: u32 = 100, 60..250;
        /// Its colours: as the system has it, or always dark or light.
        theme => theme: Name = Name::fixed("system"), (is_theme, "\"system\", \"dark\" or \"light\"");
        /// Leave it out when the screen is shared or recorded. Windows can; macOS did until version 15; Linux cannot.
        hidden_from_capture => hidden_from_capture: bool = false, ();
        /// The key that hides it and shows it again, wherever you type. Not under Wayland.
        hide_key => hide_key: Name = Name::fixed("Ctrl+Alt+H"), (is_key, KEY);
        /// The key that marks a moment of the call, to look at again.
        mark_key => mark_key: Name = Name::fixed("Ctrl+Alt+M"), (is_key, KEY);
        /// The key that takes hold of it, to move or click it, and lets it go.
        hold_key => hold_key: Name = Name::fixed("Ctrl+Alt+O"), (is_key, KEY);
    }

    /// What is said, as words, worked out on this computer.
    [speech] speech: SpeechSettings {
        /// The recogniser's model: a name, "auto" for the best one installed that suits this computer, or "none" for no words.
        model => model: Name = Name::fixed("auto"), (is_model_name, "a model's name, \"auto\" or \"none\"");
        /// The language spoken; models whose name ends in .en know English only.
        language => language: Name = Name::fixed("en"), (is_language, "a language's code such as \"en\", or \"auto\"");
        /// Processor cores to use. Two are slower than one beside a video call: they wait for each other.
        threads => threads: u32 = 1, 1..16;
        /// Let Whisper hear 30 seconds whatever was said, as it was trained to: five times slower, and perhaps fewer errors.
        full_context => full_context: bool = false, ();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
