//! Where a device's samples belong on the session clock: a running linear fit of sample count against timestamps.
//!
//! Counting samples alone is wrong after the first gap, and two crystals part by 1.4 s over two hours at 200 ppm.
//! Timestamps alone jitter by a block. The fit (a Kalman filter with offset and drift as its state, which is a linear
//! regression that forgets) takes the best of both. A timestamp that does not agree at all is doubted: the samples from
//! there on wait until a few more timestamps tell a late one (nothing happened) from a gap (the offset has changed).

use std::time::Duration;

use super::HOP;
use super::fit::{Fit, JITTER, MILLI};
use crate::units::TICKS_PER_SEC;

/// A timestamp further off than this, and than the length of its block, is doubted. Gaps above it become silence.
pub const GAP: f64 = 20.0 * MILLI;
/// Doubt lasts until this much audio and [`MIN_WITNESSES`] blocks agree: longer than a late callback (50 ms), and short
/// enough to stay within the 150 ms that [`super::Pairer`] waits.
const DOUBT: f64 = 60.0 * MILLI;
const MIN_WITNESSES: usize = 4;
/// More are not collected: very small blocks.
const MAX_WITNESSES: usize = 64;

/// A lost block smaller than [`GAP`] shows as timestamps that lean to one side: the mean residual of the last blocks …
const LEAN_BLOCKS: f64 = 64.0;
/// … passes this, six standard deviations of the mean at ±10 ms of jitter, and the offset is opened up by as much.
const MAX_LEAN: f64 = 3.0 * MILLI;

/// Error of placement that is corrected at once; below it single samples are inserted or dropped, one a [`HOP`].
const STEP: f64 = 5.0 * MILLI;
/// Error that is worth a sample. More than a half, or rounding alone would insert and drop by turns.
const SLIP: f64 = 0.75;

/// The clock of one device, from when it is opened until it is closed. Positions are samples at 16 kHz by the device's
/// own count ("count"), times are ticks of the session.
#[derive(Clone, Debug)]
pub struct DeviceClock {
    rate_hz: f64,
    fit: Fit,
    doubt: Option<Doubt>,
    lean: f64,
    shift: Option<i64>,
    slipped_at: u64,
}

/// Timestamps that do not fit, since when, and how far off each was.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: f64,
    /// A stream begins: there is no fit that the timestamps could agree with.
    beginning: bool,
    residuals: [f64; MAX_WITNESSES],
    witnesses: usize,
}

impl DeviceClock {
    pub fn new(rate_hz: u32) -> DeviceClock {
        DeviceClock {
            rate_hz: f64::from(rate_hz),
            fit: Fit::new(),
            doubt: None,
            lean: 0.0,
            shift: None,
            slipped_at: 0,
        }
    }

    /// The device's count begins again at 0, at a time not yet known. Its drift is kept: it is the same crystal.
    pub fn restart(&mut self) {
        (self.doubt, self.shift, self.lean, self.slipped_at) = (None, None, 0.0, 0);
    }

    /// Takes the timestamp of a block of `frames` moments, the first of which is number `frame` since the beginning.
    pub fn observe(&mut self, frame: u64, frames: usize, captured: Duration) {
        let ticks = TICKS_PER_SEC as f64;
        let count = frame as f64 * ticks / self.rate_hz;
        let block = frames as f64 * ticks / self.rate_hz;
        let offset = captured.as_secs_f64() * ticks - count;
        if self.shift.is_none() && self.doubt.is_none() {
            self.fit.anchor(count, offset);
            self.doubt = Some(Doubt::new(count, true));
        }
        let residual = offset - self.fit.offset_at(count);
        let far = residual.abs() > GAP.max(block);
        if far && self.doubt.is_none() {
            self.doubt = Some(Doubt::new(count, false));
        }
        match &mut self.doubt {
            Some(doubt) if far || doubt.beginning => {
                doubt.add(residual);
                if count + block - doubt.since >= DOUBT && doubt.witnesses >= MIN_WITNESSES {
                    self.settle();
                }
                return;
            }
            _ => self.doubt = None,
        }
        self.fit.learn(count, residual);
        self.lean += (residual - self.lean) / LEAN_BLOCKS;
        if self.lean.abs() > MAX_LEAN {
            self.fit.step(0.0, MAX_LEAN * MAX_LEAN);
            self.lean = 0.0;
        }
    }

    /// Time is up: believes the timestamps that were in doubt. Returns whether any were.
    pub fn settle(&mut self) -> bool {
        let Some(mut doubt) = self.doubt.take() else { return false };
        self.fit.step(doubt.median(), JITTER * JITTER / doubt.witnesses as f64);
        self.lean = 0.0;
        if doubt.beginning {
            self.shift = Some(self.fit.offset_at(doubt.since).round() as i64);
        }
        true
    }

    /// The count from which on nothing may be placed yet, because its time is in doubt.
    pub fn doubtful_from(&self) -> Option<u64> {
        self.doubt.as_ref().map(|doubt| doubt.since.ceil() as u64)
    }

    /// What to add to `count` for its time. Ask in order, and not for what is doubtful.
    pub fn shift_at(&mut self, count: u64) -> i64 {
        let offset = self.fit.offset_at(count as f64);
        let shift = self.shift.get_or_insert(offset.round() as i64);
        let error = offset - *shift as f64;
        if error.abs() > STEP {
            *shift = offset.round() as i64;
        } else if error.abs() > SLIP && count >= self.slipped_at + HOP as u64 {
            *shift += error.signum() as i64;
            self.slipped_at = count;
        }
        *shift
    }

    /// How much faster the session's clock runs than the device's, in parts per million.
    pub fn drift_ppm(&self) -> f64 {
        self.fit.drift() * 1e6
    }
}

impl Doubt {
    fn new(since: f64, beginning: bool) -> Doubt {
        Doubt { since, beginning, residuals: [0.0; MAX_WITNESSES], witnesses: 0 }
    }

    fn add(&mut self, residual: f64) {
        if let Some(place) = self.residuals.get_mut(self.witnesses) {
            *place = residual;
            self.witnesses += 1;
        }
    }

    /// Half of the witnesses may be wrong by any amount.
    fn median(&mut self) -> f64 {
        let heard = &mut self.residuals[..self.witnesses];
        *heard.select_nth_unstable_by(self.witnesses / 2, f64::total_cmp).1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// A device as the host sees it.
    #[derive(Clone, Copy, Debug)]
    struct Device {
        rate_hz: u32,
        frames: usize,
        drift_ppm: f64,
        jitter_ms: f64,
        /// One timestamp in so many is 50 ms late.
        late_every: u64,
    }

    const USUAL: Device =
        Device { rate_hz: 48_000, frames: 480, drift_ppm: 200.0, jitter_ms: 5.0, late_every: 100 };

    /// The worst error of placement in milliseconds, in the first and in the remaining minutes.
    fn worst_ms(device: Device, secs: f64, seed: u64, clock: &mut DeviceClock) -> (f64, f64) {
        let (mut early, mut later) = (0.0_f64, 0.0_f64);
        let (mut state, mut placed) = (seed | 1, 0_u64);
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let secs_per_frame = (1.0 + device.drift_ppm * 1e-6) / f64::from(device.rate_hz);
        let blocks = (secs / secs_per_frame / device.frames as f64) as u64;
        for block in 0..blocks {
            let frame = block * device.frames as u64;
            let late = if random() * (device.late_every as f64) < 1.0 { 0.050 } else { 0.0 };
            let jitter = (random() * 2.0 - 1.0) * device.jitter_ms / 1000.0;
            let captured = 1.0 + frame as f64 * secs_per_frame + jitter + late;
            clock.observe(frame, device.frames, Duration::from_secs_f64(captured));
            let taken = (frame + device.frames as u64) * TICKS_PER_SEC / u64::from(device.rate_hz);
            let certain = clock.doubtful_from().unwrap_or(taken).min(taken);
            while placed + HOP as u64 <= certain {
                let tick = placed as f64 + clock.shift_at(placed) as f64;
                let due =
                    (1.0 + placed as f64 / TICKS_PER_SEC as f64 * (1.0 + device.drift_ppm * 1e-6)) * 16_000.0;
                let worst = if placed < 60 * TICKS_PER_SEC { &mut early } else { &mut later };
                *worst = worst.max((tick - due).abs() / MILLI);
                placed += HOP as u64;
            }
        }
        (early, later)
    }

    #[test]
    fn eight_hours_at_200_ppm_stay_within_5_ms() {
        let mut clock = DeviceClock::new(48_000);
        let device = Device { frames: 1_024, ..USUAL };
        let (early, later) = worst_ms(device, 8.0 * 3600.0, 1, &mut clock);
        assert!(early < 5.0 && later < 1.0, "{early} ms in the first minute, then {later} ms");
        assert!((clock.drift_ppm() - 200.0).abs() < 2.0, "{} ppm", clock.drift_ppm());
    }

    /// A device without jitter or drift that loses `lost` blocks of 10 ms after one second; returns when the placement
    /// has followed, as the count since the loss, and by how much it has moved.
    fn follow(lost: u64) -> (u64, i64) {
        let mut clock = DeviceClock::new(48_000);
        let (mut placed, mut before) = (0, None);
        for block in 0..400 {
            let captured = Duration::from_millis(if block < 100 { block * 10 } else { (block + lost) * 10 });
            clock.observe(block * 480, 480, captured);
            let taken = (block + 1) * 160;
            while placed < clock.doubtful_from().unwrap_or(taken).min(taken) {
                let shift = clock.shift_at(placed);
                let moved = shift - *before.get_or_insert(shift);
                if moved.unsigned_abs() >= lost * 160 - 3 {
                    return (placed - 100 * 160, moved);
                }
                placed += 160;
            }
        }
        (u64::MAX, 0)
    }

    #[test]
    fn a_gap_moves_exactly_what_follows_it() {
        for lost in [3, 5, 50, 5_000] {
            assert_eq!(follow(lost), (0, 160 * lost as i64), "{lost} blocks lost");
        }
    }

    #[test]
    fn a_single_lost_block_is_noticed_within_a_second() {
        let (after, moved) = follow(1);
        assert!(after < TICKS_PER_SEC && (157..=163).contains(&moved), "{after} {moved}");
    }

    #[test]
    fn a_late_timestamp_moves_nothing() {
        let mut clock = DeviceClock::new(48_000);
        for block in 0..200_u64 {
            let late = if block == 100 || block == 150 { 50 } else { 0 };
            clock.observe(block * 480, 480, Duration::from_millis(block * 10 + late));
            assert_eq!(clock.doubtful_from().is_some(), block < 5 || late > 0, "block {block}");
            if clock.doubtful_from().is_none() {
                assert_eq!(clock.shift_at(block * 160), 0, "block {block}");
            }
        }
    }

    #[test]
    fn a_wrongly_named_rate_is_followed_by_steps() {
        let device = Device {
            rate_hz: 48_000,
            drift_ppm: 88_435.0,
            jitter_ms: 0.0,
            late_every: u64::MAX,
            frames: 480,
        };
        let (early, later) = worst_ms(device, 120.0, 1, &mut DeviceClock::new(48_000));
        assert!(early < 40.0 && later < 40.0, "{early} ms in the first minute, then {later} ms");
    }

    #[test]
    fn slips_are_single_samples_and_spread() {
        let mut clock = DeviceClock::new(48_000);
        let (mut shift, mut slipped, mut slips) = (0, 0, 0);
        for block in 0..6_000_u64 {
            clock.observe(block * 480, 480, Duration::from_nanos(block * 10_003_000));
            let certain = if clock.doubtful_from().is_some() { 0 } else { (block + 1) * 160 };
            for count in (block * 160..certain).step_by(16) {
                let now = clock.shift_at(count);
                if now != shift {
                    assert!(
                        now == shift + 1 && count >= slipped + 160,
                        "{shift} to {now}, {slipped} to {count}"
                    );
                    (shift, slipped, slips) = (now, count, slips + 1);
                }
            }
        }
        assert!((280..=290).contains(&slips), "{slips} slips in a minute at 300 ppm");
    }

    proptest! {
        // The bounds are statistical, so the cases are the same each time.
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(24)
        })]

        #[test]
        fn plausible_devices_are_placed_within_12_ms_and_then_2(
            drift_ppm in -300.0..300.0, jitter_ms in 0.0..10.0, frames in 64..2048_usize,
            late_every in 100..1000_u64, seed: u64,
        ) {
            let device = Device { rate_hz: 48_000, frames, drift_ppm, jitter_ms, late_every };
            let (early, later) = worst_ms(device, 300.0, seed, &mut DeviceClock::new(48_000));
            prop_assert!(early < 12.0 && later < 2.0, "{} ms in the first minute, then {} ms", early, later);
        }
    }
}
