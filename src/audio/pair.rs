//! Both parties side by side: blocks in, 10 ms frames out, without gap or overlap, on one clock.
//!
//! A recording is simply pushed. Live, the caller also says that time has passed ([`Pairer::tick`]): a loopback device
//! delivers nothing while nothing plays, and the other side must not wait for it.

use std::time::Duration;

use super::track::{PIECE, Tally, Track, to_ticks};
use super::{AudioError, HOP, Layout};
use crate::units::{AudioTime, ByParty, Party, Span, TICKS_PER_SEC};

/// How long a side is waited for: buffering in driver, ring and resampler (60 ms), 80 ms for a timestamp in doubt.
pub const PATIENCE: Span = Span::from_millis(150);

/// Time that is passed over at once: frames in between are given out before the next second is filled, so that a computer
/// that has slept for hours does not ask for hours of memory.
const STRIDE: u64 = TICKS_PER_SEC;

/// Samples as a source delivered them.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    pub layout: Layout,
    /// Host time of the first sample, since the session began.
    pub captured: Duration,
    pub rate_hz: u32,
    pub channels: u16,
    /// Interleaved, any number of moments.
    pub samples: &'a [f32],
}

/// 10 ms of both parties at 16 kHz.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Time of the first sample.
    pub at: AudioTime,
    /// Finite, −1 to 1.
    pub samples: ByParty<[f32; HOP]>,
    /// False while a party's device is lost, or if it is not part of the session: then silence means nothing.
    pub known: ByParty<bool>,
}

/// Puts two parties' sound on one clock.
///
/// The caller must call [`Pairer::tick`] now and then if a side may fall silent: until then everything of the other side
/// is kept.
pub struct Pairer {
    tracks: ByParty<Track>,
    present: ByParty<bool>,
    patience: Span,
    frame: Frame,
}

impl Block<'_> {
    /// Moments, each a sample a channel.
    pub(super) fn frames(&self) -> usize {
        self.samples.len() / usize::from(self.channels.max(1))
    }
}

impl Pairer {
    /// Both parties take part.
    pub fn both() -> Pairer {
        Pairer::new(ByParty { rep: true, client: true })
    }

    /// Only `party` takes part: a mono recording, or a user who wants the own side only. The other is silent and unknown.
    pub fn only(party: Party) -> Pairer {
        let mut pairer = Pairer::new(ByParty::from_fn(|each| each == party));
        pairer.tracks[party.other()].lose(Duration::ZERO);
        pairer
    }

    fn new(present: ByParty<bool>) -> Pairer {
        Pairer {
            tracks: ByParty::default(),
            present,
            patience: PATIENCE,
            frame: Frame {
                at: AudioTime::ZERO,
                samples: ByParty { rep: [0.0; HOP], client: [0.0; HOP] },
                known: ByParty::default(),
            },
        }
    }

    /// Waits longer or shorter than [`PATIENCE`] for a side: wireless headsets may be 300 ms late.
    pub fn with_patience(mut self, patience: Span) -> Pairer {
        self.patience = patience;
        self
    }

    /// Takes a block and gives every frame that is complete to `emit`. Sound of a party that takes no part is left out.
    ///
    /// # Errors
    /// If the block's format cannot be used, or its time is more than an hour after all that was delivered or ticked (after
    /// a computer has slept, tick first). Then nothing of it is taken.
    pub fn push(&mut self, block: Block<'_>, mut emit: impl FnMut(&Frame)) -> Result<(), AudioError> {
        block.layout.check(block.channels, block.samples.len())?;
        if block.samples.is_empty() {
            return Ok(());
        }
        let captured = to_ticks(block.captured);
        let picks = ByParty::from_fn(|party| block.layout.channels_of(party).filter(|_| self.present[party]));
        let carried = || Party::BOTH.into_iter().filter(|&party| picks[party].is_some());
        for party in carried() {
            self.tracks[party].check(&block)?;
        }
        if block.layout.is_recording() && carried().all(|party| captured > self.tracks[party].end() + STRIDE)
        {
            self.pass(captured, &mut emit);
        }
        for party in carried() {
            self.tracks[party].open(&block)?;
        }
        for piece in block.samples.chunks(PIECE * usize::from(block.channels)) {
            for party in Party::BOTH {
                if let Some(pick) = picks[party] {
                    self.tracks[party].take(pick, piece, block.channels);
                }
            }
            self.emit_ready(&mut emit);
        }
        Ok(())
    }

    /// Host time is `now`: a side that has delivered nothing for longer than the patience was silent.
    pub fn tick(&mut self, now: Duration, mut emit: impl FnMut(&Frame)) {
        let due = AudioTime::from_ticks(to_ticks(now)).back(self.patience).ticks();
        self.pass(due, &mut emit);
        self.emit_ready(&mut emit);
    }

    /// The party's device is gone: from `at` on its silence is unknown, until it is found or delivers again.
    /// Say so before the first block too, if the device opens later than the session.
    pub fn lost(&mut self, party: Party, at: Duration) {
        self.tracks[party].lose(at);
    }

    /// The party's device is back: what it does not deliver from `at` on is silence.
    pub fn found(&mut self, party: Party, at: Duration) {
        if self.present[party] {
            self.tracks[party].find(at);
        }
    }

    /// The sources have ended: gives out the rest, the shorter side and the last frame filled with silence.
    pub fn finish(&mut self, mut emit: impl FnMut(&Frame)) {
        for party in Party::BOTH {
            self.tracks[party].close();
        }
        let end = Party::BOTH.map(|party| self.tracks[party].end()).into_iter().fold(0, u64::max);
        for party in Party::BOTH {
            self.tracks[party].fill_to(end);
            self.tracks[party].pad_to(end.next_multiple_of(HOP as u64));
        }
        self.emit_ready(&mut emit);
    }

    /// What went wrong so far.
    pub fn tally(&self) -> ByParty<Tally> {
        self.tracks.as_ref().map(Track::tally)
    }

    /// Nobody is waited for any more up to `tick`.
    fn pass(&mut self, tick: u64, emit: &mut impl FnMut(&Frame)) {
        while let Some(step) = self.earliest_end().filter(|end| *end < tick).map(|end| tick.min(end + STRIDE))
        {
            for party in Party::BOTH {
                if self.present[party] {
                    self.tracks[party].wait_no_longer_than(step);
                }
            }
            self.emit_ready(emit);
        }
    }

    /// Up to where every party that takes part is placed.
    fn earliest_end(&self) -> Option<u64> {
        Party::BOTH
            .into_iter()
            .filter(|&party| self.present[party])
            .map(|party| self.tracks[party].end())
            .min()
    }

    fn emit_ready(&mut self, emit: &mut impl FnMut(&Frame)) {
        let end = self.earliest_end().unwrap_or_default();
        let hop = Span::from_ticks(HOP as u64);
        while (self.frame.at + hop).ticks() <= end {
            for party in Party::BOTH {
                let track = &mut self.tracks[party];
                if !self.present[party] {
                    track.fill_to((self.frame.at + hop).ticks());
                }
                self.frame.known[party] = track.emit(self.frame.at, &mut self.frame.samples[party]);
            }
            emit(&self.frame);
            self.frame.at += hop;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audio::Side;

    #[derive(Clone, Debug)]
    enum Call {
        Push { layout: Layout, millis: u64, rate_hz: u32, channels: u16, samples: usize },
        Tick(u64),
        Lost(Party, u64),
        Found(Party, u64),
    }

    fn any_call() -> impl Strategy<Value = Call> {
        let party = || prop::sample::select(Party::BOTH.to_vec());
        let layout = prop_oneof![
            4 => party().prop_map(Layout::Device),
            1 => party().prop_map(Layout::Mono),
            1 => Just(Layout::Stereo { rep: Side::Right }),
        ];
        let rate = prop::sample::select(vec![7_999_u32, 8_000, 16_000, 44_100, 48_000]);
        prop_oneof![
            6 => (layout, 0..3_000_u64, rate, 0..4_u16, 0..3_000_usize).prop_map(
                |(layout, millis, rate_hz, channels, samples)| {
                    Call::Push { layout, millis, rate_hz, channels, samples }
                }
            ),
            3 => (0..4_000_u64).prop_map(Call::Tick),
            1 => (party(), 0..3_000_u64).prop_map(|(party, millis)| Call::Lost(party, millis)),
            1 => (party(), 0..3_000_u64).prop_map(|(party, millis)| Call::Found(party, millis)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

        #[test]
        fn no_order_of_calls_breaks_the_frames(calls in prop::collection::vec(any_call(), 1..40), alone: bool) {
            let mut pairer = if alone { Pairer::only(Party::Rep) } else { Pairer::both() };
            let (mut frames, sound) = (0_u64, vec![f32::NAN; 3_000]);
            let mut known = ByParty { rep: 0, client: 0 };
            let mut emit = |frame: &Frame| {
                assert_eq!(frame.at, AudioTime::from_ticks(frames * HOP as u64));
                assert!(Party::BOTH.iter().all(|&party| frame.samples[party] == [0.0; HOP]));
                frames += 1;
                Party::BOTH.iter().for_each(|&party| known[party] += u64::from(frame.known[party]));
            };
            for call in calls {
                match call {
                    Call::Push { layout, millis, rate_hz, channels, samples } => {
                        let (captured, samples) = (Duration::from_millis(millis), &sound[..samples]);
                        let block = Block { layout, captured, rate_hz, channels, samples };
                        let refused = pairer.push(block, &mut emit).is_err();
                        prop_assert_eq!(refused, layout.check(channels, samples.len()).is_err()
                            || (rate_hz == 7_999 && !samples.is_empty() && !(alone
                                && layout.channels_of(Party::Rep).is_none())));
                    }
                    Call::Tick(millis) => pairer.tick(Duration::from_millis(millis), &mut emit),
                    Call::Lost(party, millis) => pairer.lost(party, Duration::from_millis(millis)),
                    Call::Found(party, millis) => pairer.found(party, Duration::from_millis(millis)),
                }
            }
            pairer.finish(&mut emit);
            for party in Party::BOTH {
                let unknown = pairer.tally()[party].unknown;
                prop_assert!(unknown <= pairer.tally()[party].filled);
                // A frame is unknown as soon as one of its samples is.
                prop_assert!((frames - known[party]) * HOP as u64 >= unknown.ticks());
            }
        }
    }
}
