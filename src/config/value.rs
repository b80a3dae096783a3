//! What types a setting can have: how each is read, shown, and what is allowed.

use std::ops::Range;

use toml::de::DeValue;

use crate::units::Span;

/// A type that a setting can have. Numbers are in the unit that the key's name ends with, so ranges are too.
pub(super) trait Value: Sized {
    type Range: 'static;
    fn read(value: &DeValue<'_>, unit: Unit, range: &Self::Range) -> Option<Self>;
    fn show(&self, unit: Unit) -> String;
    /// What is allowed, to follow "must be" or stand in brackets.
    fn allowed(unit: Unit, range: &Self::Range) -> String;
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Unit {
    Millis,
    Secs,
    Count,
}

impl Unit {
    /// Keys carry their unit: `hangover_ms`, `window_s`; without one it is a count.
    pub(super) fn of(key: &str) -> Unit {
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
