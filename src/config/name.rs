//! Settings that are a name: short text, checked.

use std::fmt;

use toml::de::DeValue;

use super::value::{Unit, Value};

/// Longest name that a setting can hold, in bytes.
const NAME_BYTES: usize = 63;

/// A name in a setting, kept in place so that settings can be copied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name {
    bytes: [u8; NAME_BYTES],
    length: u8,
}

impl Name {
    /// `None` if it is longer than a name can be.
    pub fn new(text: &str) -> Option<Name> {
        let mut bytes = [0; NAME_BYTES];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Name { bytes, length: text.len() as u8 })
    }

    pub(super) const fn fixed(text: &'static str) -> Name {
        let mut bytes = [0; NAME_BYTES];
        bytes.split_at_mut(text.len()).0.copy_from_slice(text.as_bytes());
        Name { bytes, length: text.len() as u8 }
    }

    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..usize::from(self.length)]).expect("it was made from text")
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Which names a setting takes: a test, and what it asks for in words.
type Naming = (fn(&str) -> bool, &'static str);

impl Value for Name {
    type Range = Naming;

    fn read(value: &DeValue<'_>, _: Unit, (fits, _): &Naming) -> Option<Name> {
        value.as_str().filter(|text| fits(text)).and_then(Name::new)
    }

    fn show(&self, _: Unit) -> String {
        format!("{:?}", self.as_str())
    }

    fn allowed(_: Unit, (_, asked): &Naming) -> String {
        (*asked).to_owned()
    }
}

pub(super) fn is_model_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.len() <= NAME_BYTES && text.chars().all(plain)
}

pub(super) fn is_language(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.chars().all(|c| c.is_ascii_lowercase()) || text == "auto"
}

pub(super) fn is_theme(text: &str) -> bool {
    matches!(text, "system" | "dark" | "light")
}

/// What a setting for a key asks for.
pub(super) const KEY: &str = "a key with Ctrl, Alt, Shift or Super, such as \"Ctrl+Alt+H\"";

/// One key with at least one that is held: a key alone would be taken from all typing.
pub(super) fn is_key(text: &str) -> bool {
    let held = |part: &str| matches!(part, "Ctrl" | "Alt" | "Shift" | "Super");
    let key = |part: &str| {
        let number = part.strip_prefix('F').and_then(|number| number.parse::<u8>().ok());
        let one = part.len() == 1 && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        one || number.is_some_and(|number| (1..=24).contains(&number))
    };
    let parts: Vec<&str> = text.split('+').collect();
    parts
        .split_last()
        .is_some_and(|(last, before)| key(last) && !before.is_empty() && before.iter().all(|part| held(part)))
}
