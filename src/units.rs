//! Time, length, share, level and party as types: seconds, ticks and samples look alike until a call is an hour long.
//!
//! One session clock in 16 kHz ticks runs through everything past the source. A moment ([`AudioTime`]) and a length
//! ([`Span`]) are two types, so that adding two moments does not compile. Floats appear only where something is printed
//! or drawn.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Index, IndexMut, Sub, SubAssign};
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Ticks of the session clock in a second: one tick is one sample at 16 kHz, so 10 ms is exactly 160 ticks.
pub const TICKS_PER_SEC: u64 = 16_000;

const TICKS_PER_MILLI: u64 = TICKS_PER_SEC / 1000;

/// Who is speaking: our user at the microphone, or everybody on the far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    Rep,
    Client,
}

impl Party {
    pub const BOTH: [Party; 2] = [Party::Rep, Party::Client];

    pub fn other(self) -> Party {
        match self {
            Party::Rep => Party::Client,
            Party::Client => Party::Rep,
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Party::Rep => "rep",
            Party::Client => "client",
        })
    }
}

/// One value for each party, addressed by [`Party`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ByParty<T> {
    pub rep: T,
    pub client: T,
}

impl<T> ByParty<T> {
    pub fn from_fn(mut make: impl FnMut(Party) -> T) -> ByParty<T> {
        ByParty { rep: make(Party::Rep), client: make(Party::Client) }
    }

    pub fn as_ref(&self) -> ByParty<&T> {
        ByParty { rep: &self.rep, client: &self.client }
    }

    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> ByParty<U> {
        ByParty { rep: f(self.rep), client: f(self.client) }
    }
}

impl<T> Index<Party> for ByParty<T> {
    type Output = T;
    fn index(&self, party: Party) -> &T {
        match party {
            Party::Rep => &self.rep,
            Party::Client => &self.client,
        }
    }
}

impl<T> IndexMut<Party> for ByParty<T> {
    fn index_mut(&mut self, party: Party) -> &mut T {
        match party {
            Party::Rep => &mut self.rep,
            Party::Client => &mut self.client,
        }
    }
}

/// A moment, in ticks since the session began. Never wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AudioTime(u64);

/// A length of time, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl AudioTime {
    pub const ZERO: AudioTime = AudioTime(0);

    pub const fn from_ticks(ticks: u64) -> AudioTime {
        AudioTime(ticks)
    }

    pub const fn from_millis(millis: u64) -> AudioTime {
        AudioTime(millis * TICKS_PER_MILLI)
    }

    pub const fn ticks(self) -> u64 {
        self.0
    }

    /// Seconds since the session began, for printing and drawing.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / TICKS_PER_SEC as f64
    }

    /// Time since an earlier moment; [`Span::ZERO`] if that moment is in fact later.
    pub fn since(self, earlier: AudioTime) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// This moment moved towards the beginning, stopping there.
    pub fn back(self, by: Span) -> AudioTime {
        AudioTime(self.0.saturating_sub(by.0))
    }
}

impl Span {
    pub const ZERO: Span = Span(0);

    pub const fn from_ticks(ticks: u64) -> Span {
        Span(ticks)
    }

    pub const fn from_millis(millis: u64) -> Span {
        Span(millis * TICKS_PER_MILLI)
    }

    pub const fn from_secs(secs: u64) -> Span {
        Span(secs * TICKS_PER_SEC)
    }

    pub const fn ticks(self) -> u64 {
        self.0
    }

    /// Seconds, for printing and drawing.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / TICKS_PER_SEC as f64
    }

    pub const fn as_millis(self) -> u64 {
        self.0 / TICKS_PER_MILLI
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Span {
        let ticks = duration.as_nanos() * u128::from(TICKS_PER_SEC) / 1_000_000_000;
        Span(u64::try_from(ticks).unwrap_or(u64::MAX))
    }
}

impl Sub for AudioTime {
    type Output = Span;
    /// # Panics
    /// In debug builds, if `earlier` is later than `self`; use [`AudioTime::since`] where that may happen.
    fn sub(self, earlier: AudioTime) -> Span {
        debug_assert!(self.0 >= earlier.0, "a moment minus a later one");
        self.since(earlier)
    }
}

impl Add<Span> for AudioTime {
    type Output = AudioTime;
    fn add(self, span: Span) -> AudioTime {
        AudioTime(self.0 + span.0)
    }
}

impl AddAssign<Span> for AudioTime {
    fn add_assign(&mut self, span: Span) {
        self.0 += span.0;
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0 + other.0)
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        self.0 += other.0;
    }
}

impl Sub for Span {
    type Output = Span;
    /// Stops at zero: a length is never negative.
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Span {
    fn sub_assign(&mut self, other: Span) {
        *self = *self - other;
    }
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, Span::add)
    }
}

/// In JSON a moment is seconds with three decimals.
impl Serialize for AudioTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(to_millis(self.as_secs_f64()))
    }
}

/// In JSON a length is seconds with three decimals.
impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(to_millis(self.as_secs_f64()))
    }
}

fn to_millis(secs: f64) -> f64 {
    (secs * 1000.0).round() / 1000.0
}

/// A stretch of time, from `start` up to but not including `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub start: AudioTime,
    pub end: AudioTime,
}

impl Stretch {
    pub fn new(start: AudioTime, end: AudioTime) -> Stretch {
        Stretch { start, end: end.max(start) }
    }

    pub fn len(self) -> Span {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn contains(self, at: AudioTime) -> bool {
        self.start <= at && at < self.end
    }

    /// The part that two stretches share, if any.
    pub fn overlap(self, other: Stretch) -> Option<Stretch> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Stretch { start, end })
    }
}

/// Part of a whole, 0 to 1 by construction.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// `part` of `whole`; `None` when there is no whole yet.
    pub fn of(part: Span, whole: Span) -> Option<Share> {
        (whole > Span::ZERO).then(|| Share((part.0 as f64 / whole.0 as f64).min(1.0)))
    }

    pub fn as_f64(self) -> f64 {
        self.0
    }

    /// Whole percents, for people.
    pub fn percent(self) -> u32 {
        (self.0 * 100.0).round() as u32
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64((self.0 * 10_000.0).round() / 10_000.0)
    }
}

/// A level in decibels relative to full scale: a full-scale square wave is 0, silence is the [`Dbfs::SILENCE`] floor.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Dbfs(f32);

impl Dbfs {
    /// Lowest level told apart: below the quantisation noise of 16-bit sound (−98 dBFS).
    pub const SILENCE: Dbfs = Dbfs(-100.0);

    pub const fn new(db: f32) -> Dbfs {
        Dbfs(db)
    }

    /// Level of a signal from its mean square.
    pub fn from_mean_square(mean_square: f32) -> Dbfs {
        if mean_square > 1e-10 { Dbfs(10.0 * mean_square.log10()) } else { Dbfs::SILENCE }
    }

    /// Level of a block of samples; samples that are not numbers count as silence.
    pub fn of(samples: &[f32]) -> Dbfs {
        if samples.is_empty() {
            return Dbfs::SILENCE;
        }
        let sum: f32 = samples.iter().map(|x| if x.is_finite() { x * x } else { 0.0 }).sum();
        Dbfs::from_mean_square(sum / samples.len() as f32)
    }

    pub fn db(self) -> f32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_milliseconds_are_160_ticks() {
        assert_eq!(Span::from_millis(10).ticks(), 160);
        assert_eq!(AudioTime::from_millis(1500) - AudioTime::from_millis(500), Span::from_secs(1));
        assert_eq!(Span::from(Duration::from_micros(62_500)), Span::from_ticks(1000));
    }

    #[test]
    fn lengths_and_moments_stop_at_zero() {
        assert_eq!(Span::from_millis(5) - Span::from_millis(9), Span::ZERO);
        assert_eq!(AudioTime::from_millis(3).back(Span::from_secs(1)), AudioTime::ZERO);
        assert_eq!(AudioTime::ZERO.since(AudioTime::from_millis(7)), Span::ZERO);
    }

    #[test]
    fn a_share_needs_a_whole() {
        assert!(Share::of(Span::ZERO, Span::ZERO).is_none());
        let share = Share::of(Span::from_secs(1), Span::from_secs(3)).map(Share::percent);
        assert_eq!(share, Some(33));
    }

    #[test]
    fn levels_of_known_signals() {
        let square = [1.0, -1.0, 1.0, -1.0];
        assert!((Dbfs::of(&square).db() - 0.0).abs() < 1e-3);
        assert!((Dbfs::of(&[0.1; 64]).db() + 20.0).abs() < 1e-3);
        assert_eq!(Dbfs::of(&[f32::NAN, f32::INFINITY]), Dbfs::SILENCE);
        assert_eq!(Dbfs::of(&[]), Dbfs::SILENCE);
    }

    #[test]
    fn json_time_is_seconds_with_three_decimals() {
        let text = serde_json::to_string(&AudioTime::from_ticks(16_001)).unwrap_or_default();
        assert_eq!(text, "1.0");
        let text = serde_json::to_string(&Span::from_millis(1_234)).unwrap_or_default();
        assert_eq!(text, "1.234");
    }
}
