//! Takes the client's sound out of the microphone: WebRTC's third echo canceller, fed with both channels of the session clock.
//!
//! It works in blocks of 4 ms and a frame is 10 ms, so what comes out is 2 ms behind what went in.

use std::fmt;

use sonora_aec3::block::Block;
use sonora_aec3::block_processor::BlockProcessor;
use sonora_aec3::config::EchoCanceller3Config;

use crate::audio::HOP;
use crate::units::TICKS_PER_SEC;

/// Samples of the canceller's own block.
const BLOCK: usize = 64;

/// Two frames are five blocks: with so many samples (2 ms) held back there is always a whole frame to give.
const HELD: usize = HOP % BLOCK;

/// The canceller's thresholds are in units of 16-bit samples.
const FULL_SCALE: f32 = 32_768.0;

/// A microphone sample from which the canceller is told that the sound is clipped, as WebRTC does.
const CLIPPED: f32 = 32_700.0 / FULL_SCALE;

/// Ratio of echo to the rep's own sound up to which a band passes, and from which it is suppressed; in the upper bands a
/// quarter of it. Twice WebRTC's: a voice detector forgives soft remains that a listener would not, and while both speak
/// (four clips) more of the rep comes through: 94, 98, 97, 85 % instead of 81, 97, 92, 84 %. At three times as much, echo in
/// an echoing room passes for speech.
const PASSES: f32 = 0.6;
const SUPPRESSED: f32 = 0.8;
const UPPER_BANDS: f32 = 0.25;

/// What to do with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Gives the microphone without the client.
    Cancel,
    /// Learns the room and gives the microphone as it is.
    Learn,
    /// Stands still, gives the microphone as it is, and knows afterwards what it knew before.
    Rest,
}

/// An adaptive filter from the client's channel to the microphone, and a suppressor for what it leaves.
pub struct Canceller {
    processor: BlockProcessor,
    client: Block,
    rep: Block,
    /// Samples of the block being filled.
    filled: usize,
    clipped: bool,
    /// What has come out and was not given yet.
    out: Vec<f32>,
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}

impl Default for Canceller {
    fn default() -> Canceller {
        let mut config = EchoCanceller3Config::default();
        let masks = &mut config.suppressor.normal_tuning;
        (masks.mask_lf.enr_transparent, masks.mask_lf.enr_suppress) = (PASSES, SUPPRESSED);
        (masks.mask_hf.enr_transparent, masks.mask_hf.enr_suppress) =
            (PASSES * UPPER_BANDS, SUPPRESSED * UPPER_BANDS);
        let mut out = Vec::with_capacity(HELD + HOP + BLOCK);
        out.resize(HELD, 0.0);
        Canceller {
            processor: BlockProcessor::new(&config, TICKS_PER_SEC as usize, 1, 1),
            client: Block::new(1, 1),
            rep: Block::new(1, 1),
            filled: 0,
            clipped: false,
            out,
        }
    }
}

impl Canceller {
    /// Takes 10 ms of both channels; gives the microphone's.
    pub fn push(&mut self, rep: &[f32; HOP], client: &[f32; HOP], mode: Mode) -> [f32; HOP] {
        let mut taken = 0;
        while taken < HOP {
            let length = (BLOCK - self.filled).min(HOP - taken);
            let (from, to) = (taken..taken + length, self.filled..self.filled + length);
            scale(&client[from.clone()], &mut self.client.view_mut(0, 0)[to.clone()]);
            scale(&rep[from.clone()], &mut self.rep.view_mut(0, 0)[to]);
            self.clipped |= rep[from].iter().any(|sample| sample.abs() >= CLIPPED);
            taken += length;
            self.filled += length;
            if self.filled == BLOCK {
                self.block(mode);
            }
        }
        let mut given = [0.0; HOP];
        given.copy_from_slice(&self.out[..HOP]);
        self.out.drain(..HOP);
        given
    }

    fn block(&mut self, mode: Mode) {
        let mut given = [0.0; BLOCK];
        given.copy_from_slice(self.rep.view(0, 0));
        if mode != Mode::Rest {
            self.processor.buffer_render(&self.client);
            self.processor.process_capture(false, self.clipped, None, &mut self.rep);
        }
        if mode == Mode::Cancel {
            given.copy_from_slice(self.rep.view(0, 0));
        }
        self.out.extend(given.iter().map(|sample| sample / FULL_SCALE));
        (self.filled, self.clipped) = (0, false);
    }
}

fn scale(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from * FULL_SCALE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(frame: usize) -> [f32; HOP] {
        std::array::from_fn(|n| (frame * HOP + n) as f32 / 65_536.0)
    }

    #[test]
    fn resting_and_learning_it_gives_what_it_takes_two_milliseconds_later() {
        for mode in [Mode::Rest, Mode::Learn] {
            let mut canceller = Canceller::default();
            let given: Vec<f32> =
                (0..50).flat_map(|frame| canceller.push(&ramp(frame), &[0.5; HOP], mode)).collect();
            let taken: Vec<f32> = (0..50).flat_map(ramp).collect();
            assert_eq!(given[..HELD], [0.0; HELD]);
            assert_eq!(given[HELD..], taken[..taken.len() - HELD]);
        }
    }

    #[test]
    fn every_sample_comes_out_once_however_often_it_is_switched() {
        let mut canceller = Canceller::default();
        for frame in 0..200 {
            let mode = [Mode::Cancel, Mode::Rest, Mode::Learn][frame * frame % 7 % 3];
            canceller.push(&ramp(frame % 3), &ramp(frame % 2), mode);
            assert!(canceller.out.len() < HELD + BLOCK);
        }
    }
}
