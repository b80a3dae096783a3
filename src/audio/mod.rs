//! From whatever a source delivers to 10 ms frames of both parties, 16 kHz mono, on one session clock.
//!
//! ```text
//! block ─┬─ samples ─► layout: one clean mono channel a party ─► resample: 16 kHz ─┐
//!        └─ timestamp ─► clock: offset and drift of the device ────────────────────┴─► track ─┐
//!                                                              the other party's track ───────┴─► pair ─► frames
//! ```
//!
//! Pure computation: no device, file, thread or clock; time is an argument. Read [`layout`] first, it is the smallest.

pub mod clock;
mod fit;
#[cfg(test)]
mod laws;
pub mod layout;
pub mod pair;
pub mod resample;
mod track;

pub use layout::{Faults, Layout, Side};
pub use pair::{Block, Frame, PATIENCE, Pairer};
pub use track::Tally;

/// Samples of a frame: 10 ms, the step of voice activity and of echo removal.
pub const HOP: usize = 160;

/// Why a block cannot be used. None of these changes what was taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    #[error("a sample rate of {rate_hz} Hz cannot be used: choose one between 8,000 and 192,000 Hz")]
    Rate { rate_hz: u32 },
    #[error(
        "the sound has {channels} channel(s) and {least} are needed: for one voice choose the mono layout"
    )]
    TooFewChannels { channels: u16, least: u16 },
    #[error(
        "the sound has {channels} channels and at most 8 can be used: choose a device or a mix with fewer"
    )]
    TooManyChannels { channels: u16 },
    #[error("a block of {samples} samples does not divide into {channels} channels: the source is broken")]
    Ragged { channels: u16, samples: usize },
    #[error("the sound's timestamps leap to second {to}, more than an hour on: the source is broken")]
    Leap { to: u64 },
}
