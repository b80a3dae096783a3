//! One party's way from blocks to samples on the session clock: gaps filled, overlaps dropped, what is unknown marked.

use std::collections::VecDeque;
use std::time::Duration;

use super::clock::{DeviceClock, GAP};
use super::layout::Pick;
use super::resample::Resampler;
use super::{AudioError, Block, Faults, HOP};
use crate::units::{AudioTime, Span, TICKS_PER_SEC};

/// Moments of a block that are worked on at once: 16 KB a channel of stereo, so that all steps find it in the cache.
pub(super) const PIECE: usize = 4096;

/// Emitted samples are cleared away when they are as many as these: half a second.
const CLEAR: usize = 8000;

/// A timestamp this much later than the last sound (an hour) is broken: nobody wants that much silence.
const MAX_LEAP: u64 = 3600 * TICKS_PER_SEC;

/// What went wrong with one party's sound so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Silence put in where nothing was delivered.
    pub filled: Span,
    /// The part of `filled` during which the device was lost.
    pub unknown: Span,
    /// Sound that came after its time had been given out, and was dropped.
    pub late: Span,
    /// Samples at full scale, or no numbers.
    pub faults: Faults,
}

/// A stream without interruption: counts begin at its first sample.
struct Run {
    clock: Clock,
    /// Moments taken so far, at the source's rate.
    frames: u64,
    /// Samples at 16 kHz placed so far.
    count: u64,
}

enum Clock {
    /// Recording: the shift is that of its first timestamp.
    Exact(i64),
    Device(Box<DeviceClock>),
}

#[derive(Default)]
pub(super) struct Track {
    resampler: Option<Resampler>,
    run: Option<Run>,
    /// A closed device's clock, kept for its drift.
    rested: Option<Box<DeviceClock>>,
    mono: Vec<f32>,
    /// At 16 kHz, not yet placed.
    fresh: Vec<f32>,
    /// Placed; the first `gone` are emitted, the last ends at `end`.
    placed: Vec<f32>,
    gone: usize,
    end: u64,
    /// When the device was lost and found, oldest first; the last may be open (`u64::MAX`).
    lost: VecDeque<(u64, u64)>,
    /// Placed silence of lost times, not yet emitted.
    unknown: VecDeque<(u64, u64)>,
    tally: Tally,
}

impl Track {
    /// The tick up to which everything is placed.
    pub fn end(&self) -> u64 {
        self.end
    }

    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// # Errors
    /// If the block's rate or time cannot be used.
    pub fn check(&self, block: &Block<'_>) -> Result<(), AudioError> {
        let captured = to_ticks(block.captured);
        if captured > self.end.saturating_add(MAX_LEAP) {
            return Err(AudioError::Leap { to: AudioTime::from_ticks(captured).as_secs_f64() as u64 });
        }
        if self.rate_hz() == Some(block.rate_hz) { Ok(()) } else { Resampler::check(block.rate_hz) }
    }

    /// Gets ready for a block: a stream runs, at the block's rate, and its clock has seen the timestamp.
    pub fn open(&mut self, block: &Block<'_>) -> Result<(), AudioError> {
        if self.rate_hz() != Some(block.rate_hz) {
            let resampler = Resampler::new(block.rate_hz)?;
            self.close();
            self.rested = None;
            self.resampler = Some(resampler);
        }
        let captured = to_ticks(block.captured);
        if self.run.as_ref().is_some_and(|run| !run.continues(block, captured)) {
            self.close();
        }
        if let Some(open) = self.lost.back_mut().filter(|(from, to)| *to == u64::MAX && captured >= *from) {
            open.1 = captured;
        }
        let run = self.run.get_or_insert_with(|| {
            let clock = if block.layout.is_recording() {
                Clock::Exact(signed(captured))
            } else {
                Clock::Device(self.rested.take().unwrap_or_else(|| Box::new(DeviceClock::new(block.rate_hz))))
            };
            Run { clock, frames: 0, count: 0 }
        });
        if let Clock::Device(clock) = &mut run.clock {
            clock.observe(run.frames, block.frames(), block.captured);
        }
        run.frames += block.frames() as u64;
        Ok(())
    }

    /// Takes a piece of the block that [`Track::open`] has announced.
    pub fn take(&mut self, pick: Pick, samples: &[f32], channels: u16) {
        pick.downmix(samples, channels, &mut self.mono, &mut self.tally.faults);
        if let Some(resampler) = &mut self.resampler {
            resampler.push(&self.mono, &mut self.fresh);
        }
        self.place();
    }

    /// Ends the stream: places everything that is still on its way.
    pub fn close(&mut self) {
        self.settle();
        if let Some(resampler) = &mut self.resampler {
            resampler.finish(&mut self.fresh);
        }
        self.place();
        if let Some(Run { clock: Clock::Device(mut clock), .. }) = self.run.take() {
            clock.restart();
            self.rested = Some(clock);
        }
    }

    /// Time has passed: whatever is in doubt is decided, and what has not come by `tick` is silence.
    pub fn wait_no_longer_than(&mut self, tick: u64) {
        if self.end < tick {
            self.settle();
        }
        if self.end < tick {
            self.close();
        }
        self.fill_to(tick);
    }

    /// From `at` on the device is lost; lost stretches never overlap.
    pub fn lose(&mut self, at: Duration) {
        let found = self.lost.back().map_or(0, |&(_, to)| to);
        if found != u64::MAX {
            self.close();
            self.lost.push_back((to_ticks(at).max(found), u64::MAX));
        }
    }

    /// The device that was lost is back.
    pub fn find(&mut self, at: Duration) {
        if let Some(open) = self.lost.back_mut().filter(|(_, to)| *to == u64::MAX) {
            open.1 = to_ticks(at).max(open.0);
        }
    }

    /// Silence up to `tick`, if nothing is there yet.
    pub fn fill_to(&mut self, tick: u64) {
        let Some(missing) = tick.checked_sub(self.end).filter(|missing| *missing > 0) else { return };
        self.tally.filled += Span::from_ticks(missing);
        for &(from, to) in &self.lost {
            let (from, to) = (from.max(self.end), to.min(tick));
            if from < to {
                self.tally.unknown += Span::from_ticks(to - from);
                match self.unknown.back_mut() {
                    Some(last) if last.1 == from => last.1 = to,
                    _ => self.unknown.push_back((from, to)),
                }
            }
        }
        self.pad_to(tick);
    }

    /// Silence up to `tick` that is nobody's fault: the end of the last frame.
    pub fn pad_to(&mut self, tick: u64) {
        let missing = usize::try_from(tick.saturating_sub(self.end)).expect("a gap fits into memory");
        self.placed.resize(self.placed.len() + missing, 0.0);
        self.end = self.end.max(tick);
        while self.lost.front().is_some_and(|&(_, to)| to <= self.end) {
            self.lost.pop_front();
        }
    }

    /// Gives out the frame that begins at `at`; returns whether all of it is known.
    pub fn emit(&mut self, at: AudioTime, frame: &mut [f32; HOP]) -> bool {
        frame.copy_from_slice(&self.placed[self.gone..self.gone + HOP]);
        self.gone += HOP;
        if self.gone >= CLEAR {
            self.placed.drain(..self.gone);
            self.gone = 0;
        }
        let (start, end) = (at.ticks(), at.ticks() + HOP as u64);
        let known = self.unknown.front().is_none_or(|&(from, _)| from >= end);
        while self.unknown.front().is_some_and(|&(_, to)| to <= end) {
            self.unknown.pop_front();
        }
        debug_assert!(self.unknown.front().is_none_or(|&(_, to)| to > start));
        known
    }

    fn rate_hz(&self) -> Option<u32> {
        self.resampler.as_ref().map(Resampler::rate_hz)
    }

    fn settle(&mut self) {
        if let Some(Run { clock: Clock::Device(clock), .. }) = &mut self.run
            && clock.settle()
        {
            self.place();
        }
    }

    /// Puts what has come out of the resampler where the clock says.
    fn place(&mut self) {
        let Some(mut run) = self.run.take() else { return };
        let mut fresh = std::mem::take(&mut self.fresh);
        let certain = run.certain(fresh.len());
        let mut rest = &fresh[..certain];
        while !rest.is_empty() {
            let (tick, length) = run.next(rest.len());
            let (now, later) = rest.split_at(length);
            self.lay(tick, now);
            run.count += length as u64;
            rest = later;
        }
        fresh.drain(..certain);
        self.fresh = fresh;
        self.run = Some(run);
    }

    /// Appends samples that begin at `tick`. One sample of room or too many is the clock's drift, more is a gap (silence)
    /// or an overlap (what came later is dropped).
    fn lay(&mut self, tick: i64, mut samples: &[f32]) {
        match tick - signed(self.end) {
            0 => {}
            1 => {
                let before = self.placed.last().copied().unwrap_or_default();
                let after = samples.first().copied().unwrap_or_default();
                self.placed.push((before + after) / 2.0);
                self.end += 1;
            }
            2.. => self.fill_to(tick.unsigned_abs()),
            -1 => samples = samples.get(1..).unwrap_or_default(),
            over => {
                let over = usize::try_from(over.unsigned_abs()).unwrap_or(usize::MAX).min(samples.len());
                self.tally.late += Span::from_ticks(over as u64);
                samples = &samples[over..];
            }
        }
        self.placed.extend_from_slice(samples);
        self.end += samples.len() as u64;
    }
}

impl Run {
    /// Whether a block goes on where the last one ended, or is dealt with by the device's clock.
    fn continues(&self, block: &Block<'_>, captured: u64) -> bool {
        match self.clock {
            Clock::Exact(shift) => {
                let count = self.frames * TICKS_PER_SEC / u64::from(block.rate_hz);
                block.layout.is_recording()
                    && (shift + signed(count)).abs_diff(signed(captured)) <= GAP as u64
            }
            Clock::Device(_) => !block.layout.is_recording(),
        }
    }

    /// How many of the `ready` samples may be placed.
    fn certain(&self, ready: usize) -> usize {
        let Clock::Device(clock) = &self.clock else { return ready };
        let Some(doubtful) = clock.doubtful_from() else { return ready };
        usize::try_from(doubtful.saturating_sub(self.count)).unwrap_or(ready).min(ready)
    }

    /// Where the next samples belong, and for how many of the `ready` ones that holds.
    fn next(&mut self, ready: usize) -> (i64, usize) {
        match &mut self.clock {
            Clock::Exact(shift) => (signed(self.count) + *shift, ready),
            Clock::Device(clock) => {
                let to_next_hop = HOP - (self.count % HOP as u64) as usize;
                (signed(self.count) + clock.shift_at(self.count), ready.min(to_next_hop))
            }
        }
    }
}

/// The nearest tick.
pub(super) fn to_ticks(time: Duration) -> u64 {
    const NANOS: u128 = 1_000_000_000;
    let ticks = (time.as_nanos() * u128::from(TICKS_PER_SEC) + NANOS / 2) / NANOS;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

fn signed(ticks: u64) -> i64 {
    i64::try_from(ticks).unwrap_or(i64::MAX)
}
