//! Which party is in which channel, and one clean mono channel out of interleaved samples.
//!
//! Everything after this file may rely on finite samples within −1 to 1: a driver that delivers a NaN would otherwise
//! poison every running sum of the call.

use super::AudioError;
use crate::units::Party;

/// Most channels of one stream: a 7.1 sound card has eight.
pub const MAX_CHANNELS: u16 = 8;

/// From here on a sample counts as clipped: 16-bit full scale is 0.99997, and limiters stop a little below it.
const CLIPPED: f32 = 0.999;

/// A channel of a stereo recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// What the channels of a block hold, and with that how far its timestamps can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A live stream of one party's device, all channels averaged. Its clock drifts and its timestamps jitter.
    Device(Party),
    /// A recording of both: channel 0 is left, channel 1 right, further channels are ignored. Time is exact.
    Stereo { rep: Side },
    /// A recording of one party, all channels averaged. Time is exact.
    Mono(Party),
}

/// Samples that say something about a channel's health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// At or beyond full scale.
    pub clipped: u64,
    /// NaN or infinite, and replaced by silence.
    pub non_finite: u64,
}

/// The channels that make up one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    One(usize),
    Average,
}

impl Layout {
    /// Whether a recording is being read, whose timestamps are exact.
    pub fn is_recording(self) -> bool {
        !matches!(self, Layout::Device(_))
    }

    /// The channels of `party`; `None` if the block does not carry that party.
    pub(super) fn channels_of(self, party: Party) -> Option<Pick> {
        match self {
            Layout::Device(only) | Layout::Mono(only) => (only == party).then_some(Pick::Average),
            Layout::Stereo { rep } => {
                let left = (party == Party::Rep) == (rep == Side::Left);
                Some(Pick::One(if left { 0 } else { 1 }))
            }
        }
    }

    /// # Errors
    /// If there are no or too many channels, a party's channel is missing, or the last moment is cut in two.
    pub(super) fn check(self, channels: u16, samples: usize) -> Result<(), AudioError> {
        let least = if matches!(self, Layout::Stereo { .. }) { 2 } else { 1 };
        if channels < least {
            return Err(AudioError::TooFewChannels { channels, least });
        }
        if channels > MAX_CHANNELS {
            return Err(AudioError::TooManyChannels { channels });
        }
        if !samples.is_multiple_of(usize::from(channels)) {
            return Err(AudioError::Ragged { channels, samples });
        }
        Ok(())
    }
}

impl Faults {
    fn add(&mut self, other: Faults) {
        self.clipped += other.clipped;
        self.non_finite += other.non_finite;
    }
}

impl Pick {
    /// Fills `mono` from as many moments of interleaved `samples`; adds to `faults` what was wrong with them.
    pub(super) fn downmix(self, samples: &[f32], channels: u16, mono: &mut Vec<f32>, faults: &mut Faults) {
        mono.clear();
        let channels = usize::from(channels);
        match (self, channels) {
            (_, 1) => mono.extend_from_slice(samples),
            // Two channels are what recordings have, and known strides are what the compiler can vectorise.
            (Pick::One(0), 2) => mono.extend(samples.as_chunks::<2>().0.iter().map(|[left, _]| left)),
            (Pick::One(_), 2) => mono.extend(samples.as_chunks::<2>().0.iter().map(|[_, right]| right)),
            (Pick::One(channel), _) => mono.extend(samples[channel..].iter().step_by(channels)),
            (Pick::Average, _) => {
                let share = 1.0 / channels as f32;
                mono.extend(samples.chunks_exact(channels).map(|moment| {
                    let sum: f32 = moment
                        .iter()
                        .map(|&x| {
                            let (clean, fault) = clean(x);
                            faults.add(fault);
                            clean
                        })
                        .sum();
                    (sum * share).clamp(-1.0, 1.0)
                }));
                return;
            }
        }
        if any_fault(mono) {
            for x in mono.iter_mut() {
                let (clean, fault) = clean(*x);
                faults.add(fault);
                *x = clean;
            }
        }
    }
}

/// Nearly every block is without fault: one pass of integer comparisons says so. As bits, without the sign, NaN and
/// infinity are larger than every number.
fn any_fault(samples: &[f32]) -> bool {
    let limit = CLIPPED.to_bits() as i32;
    samples.iter().fold(0, |any, x| any | i32::from((x.to_bits() & 0x7fff_ffff) as i32 >= limit)) != 0
}

fn clean(x: f32) -> (f32, Faults) {
    if !x.is_finite() {
        return (0.0, Faults { clipped: 0, non_finite: 1 });
    }
    (x.clamp(-1.0, 1.0), Faults { clipped: u64::from(x.abs() >= CLIPPED), non_finite: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn downmix(layout: Layout, party: Party, channels: u16, samples: &[f32]) -> Option<(Vec<f32>, Faults)> {
        let (mut mono, mut faults) = (vec![9.0], Faults::default());
        layout.channels_of(party)?.downmix(samples, channels, &mut mono, &mut faults);
        Some((mono, faults))
    }

    #[test]
    fn each_party_has_its_side() {
        let samples = [0.1, 0.2, 0.3, 0.4];
        let stereo = |rep, party| downmix(Layout::Stereo { rep }, party, 2, &samples).map(|(mono, _)| mono);
        assert_eq!(stereo(Side::Left, Party::Rep), Some(vec![0.1, 0.3]));
        assert_eq!(stereo(Side::Left, Party::Client), Some(vec![0.2, 0.4]));
        assert_eq!(stereo(Side::Right, Party::Rep), Some(vec![0.2, 0.4]));
        assert_eq!(stereo(Side::Right, Party::Client), Some(vec![0.1, 0.3]));
        let third =
            downmix(Layout::Stereo { rep: Side::Right }, Party::Rep, 4, &samples).map(|(mono, _)| mono);
        assert_eq!(third, Some(vec![0.2]));
    }

    #[test]
    fn a_device_is_averaged_and_carries_one_party() {
        let device = Layout::Device(Party::Client);
        assert_eq!(downmix(device, Party::Rep, 2, &[0.5, 0.25]), None);
        let (mono, faults) = downmix(device, Party::Client, 2, &[0.5, 0.25, -1.0, 1.0]).expect("carried");
        assert_eq!(mono, [0.375, 0.0]);
        assert_eq!(faults, Faults { clipped: 2, non_finite: 0 });
    }

    #[test]
    fn what_is_no_number_becomes_silence_and_is_counted() {
        let dirty = [f32::NAN, 0.5, f32::INFINITY, -3.0, f32::NEG_INFINITY, 0.998];
        let (mono, faults) = downmix(Layout::Mono(Party::Rep), Party::Rep, 1, &dirty).expect("carried");
        assert_eq!(mono, [0.0, 0.5, 0.0, -1.0, 0.0, 0.998]);
        assert_eq!(faults, Faults { clipped: 1, non_finite: 3 });
        let (mono, faults) = downmix(Layout::Device(Party::Rep), Party::Rep, 2, &dirty).expect("carried");
        assert_eq!(mono, [0.25, -0.5, 0.499]);
        assert_eq!(faults, Faults { clipped: 1, non_finite: 3 });
    }

    #[test]
    fn impossible_blocks_are_refused() {
        let stereo = Layout::Stereo { rep: Side::Left };
        assert_eq!(stereo.check(1, 10), Err(AudioError::TooFewChannels { channels: 1, least: 2 }));
        assert_eq!(stereo.check(9, 18), Err(AudioError::TooManyChannels { channels: 9 }));
        assert_eq!(stereo.check(2, 7), Err(AudioError::Ragged { channels: 2, samples: 7 }));
        assert_eq!(
            Layout::Mono(Party::Rep).check(0, 0),
            Err(AudioError::TooFewChannels { channels: 0, least: 1 })
        );
        assert_eq!(stereo.check(2, 8), Ok(()));
    }
}
