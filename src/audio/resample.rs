//! One mono channel of any sample rate to 16 kHz, with the filter's delay taken out.
//!
//! Everything past the source runs at 16 kHz. Input is gathered into chunks of a fixed size first, so what comes out does
//! not depend on how the input was cut into blocks.

use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Async, Fft, FixedAsync, FixedSync, SincInterpolationParameters, WindowFunction};
use rubato::{Indexing, Resampler as _};

use super::AudioError;
use crate::units::TICKS_PER_SEC;

const OUT_HZ: usize = TICKS_PER_SEC as usize;

/// Lowest rate: the telephone's. Below it there is not enough speech left to find.
pub const MIN_RATE_HZ: u32 = 8_000;
/// Highest rate that sound cards offer.
pub const MAX_RATE_HZ: u32 = 192_000;

/// Wanted chunk, in samples at 16 kHz: 16 ms, and 48 kHz then transforms 1536 and 512 points. Measured per second of
/// 48 kHz audio on one core: 128 → 0.138 ms, 160 → 0.148, 256 → 0.136, 320 → 0.150, 512 → 0.158 ms.
const CHUNK: usize = 256;
/// Longest chunk that a Fourier transform may need, in samples at 16 kHz: 40 ms, what 11,025 Hz asks for. Rates that share
/// fewer factors with 16,000 (47,999 Hz would need three seconds) are interpolated instead, at some six times the cost.
const MAX_FFT_CHUNK: usize = 640;
/// Chunks a second for interpolated rates.
const SINC_CHUNKS_PER_SEC: usize = 100;
/// Taps of the interpolation filter: rubato's recommended start.
const SINC_LEN: usize = 256;

const SIZED: &str = "buffers have the sizes that the resampler named";

enum Method {
    /// 16 kHz already.
    Copy,
    Fft(Box<Fft<f32>>),
    Sinc(Box<Async<f32>>),
}

/// A stream of mono samples at one rate on its way to 16 kHz.
pub struct Resampler {
    rate_hz: u32,
    method: Method,
    /// Input not yet processed, `filled` samples of it.
    chunk: Vec<f32>,
    filled: usize,
    made: Vec<f32>,
    /// The filter's delay in output samples, and how many of them are still to be thrown away.
    delay: usize,
    skip: usize,
    taken: u64,
    given: u64,
    /// Whether the filter's memory holds nothing but digital silence.
    silent: bool,
    skips_silence: bool,
}

impl Resampler {
    /// # Errors
    /// [`AudioError::Rate`] for a rate outside [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`].
    pub fn new(rate_hz: u32) -> Result<Resampler, AudioError> {
        Resampler::check(rate_hz)?;
        let rate = rate_hz as usize;
        let shared = gcd(rate, OUT_HZ);
        let (least_in, least_out) = (rate / shared, OUT_HZ / shared);
        let method = if rate == OUT_HZ {
            Method::Copy
        } else if least_out <= MAX_FFT_CHUNK {
            let chunk = least_in * (CHUNK / least_out).max(1);
            Method::Fft(Box::new(
                Fft::new(rate, OUT_HZ, chunk, 1, FixedSync::Both).expect("rates and chunk are not zero"),
            ))
        } else {
            let filter = SincInterpolationParameters::new(SINC_LEN, WindowFunction::BlackmanHarris2);
            let ratio = OUT_HZ as f64 / rate as f64;
            let chunk = rate / SINC_CHUNKS_PER_SEC;
            Method::Sinc(Box::new(
                Async::new_sinc(ratio, 1.0, &filter, chunk, 1, FixedAsync::Input)
                    .expect("ratio and chunk are not zero"),
            ))
        };
        let (chunk, made, delay) = match &method {
            Method::Copy => (0, 0, 0),
            Method::Fft(fft) => {
                // The middle of the filter in whole input samples. rubato's `output_delay` is up to 0.7 samples too long
                // where that is odd (11,025 Hz).
                let middle = fft.fft_size_in() / 2;
                (fft.input_frames_next(), fft.output_frames_max(), (middle * OUT_HZ + rate / 2) / rate)
            }
            Method::Sinc(sinc) => (sinc.input_frames_next(), sinc.output_frames_max(), sinc.output_delay()),
        };
        Ok(Resampler {
            rate_hz,
            // Only the Fourier method has a memory that is known to be empty after one silent chunk.
            skips_silence: matches!(method, Method::Fft(_)),
            method,
            chunk: vec![0.0; chunk],
            filled: 0,
            made: vec![0.0; made],
            delay,
            skip: delay,
            taken: 0,
            given: 0,
            silent: true,
        })
    }

    /// Whether a rate can be used, without making a resampler for it.
    pub(super) fn check(rate_hz: u32) -> Result<(), AudioError> {
        if (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) {
            Ok(())
        } else {
            Err(AudioError::Rate { rate_hz })
        }
    }

    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Takes samples and appends to `out` what is ready. The sample that belongs to input sample `n` is the one at
    /// `n · 16000 / rate` of everything appended since the beginning or the last [`Resampler::finish`].
    pub fn push(&mut self, mut mono: &[f32], out: &mut Vec<f32>) {
        self.taken += mono.len() as u64;
        if matches!(self.method, Method::Copy) {
            self.given += mono.len() as u64;
            out.extend_from_slice(mono);
            return;
        }
        while !mono.is_empty() {
            let room = self.chunk.len() - self.filled;
            let (now, later) = mono.split_at(room.min(mono.len()));
            self.chunk[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            mono = later;
            if self.filled == self.chunk.len() {
                self.process(out);
            }
        }
    }

    /// Appends the rest, so that as much time comes out as went in (rounded to a sample), and begins anew.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let rate = u64::from(self.rate_hz);
        let due = (self.taken * TICKS_PER_SEC + rate / 2) / rate;
        while self.given < due {
            self.chunk[self.filled..].fill(0.0);
            self.process(out);
        }
        let over = usize::try_from(self.given - due).expect("at most a chunk too much");
        out.truncate(out.len() - over);
        match &mut self.method {
            Method::Copy => {}
            Method::Fft(fft) => fft.reset(),
            Method::Sinc(sinc) => sinc.reset(),
        }
        (self.taken, self.given, self.filled, self.skip, self.silent) = (0, 0, 0, self.delay, true);
    }

    /// Turns the full chunk into output.
    fn process(&mut self, out: &mut Vec<f32>) {
        // Without the sign bit, so that −0 is silence too. A loopback or a rendered call is often exactly silent.
        let silent = self.chunk.iter().fold(0, |any, x| any | (x.to_bits() << 1)) == 0;
        let made = if silent && self.silent && self.skips_silence {
            let made = self.made.len();
            self.made.fill(0.0);
            made
        } else {
            self.transform()
        };
        self.silent = silent;
        self.filled = 0;
        let skipped = self.skip.min(made);
        self.skip -= skipped;
        self.given += (made - skipped) as u64;
        // Adding zero makes −0 of the transform the 0 that skipping it gives.
        out.extend(self.made[skipped..made].iter().map(|x| x + 0.0));
    }

    fn transform(&mut self) -> usize {
        let chunk = SequentialSlice::new(&self.chunk[..], 1, self.chunk.len()).expect(SIZED);
        let length = self.made.len();
        let mut made = SequentialSlice::new_mut(&mut self.made[..], 1, length).expect(SIZED);
        let plain: Option<&Indexing> = None;
        match &mut self.method {
            Method::Copy => 0,
            Method::Fft(fft) => fft.process_into_buffer(&chunk, &mut made, plain).expect(SIZED).1,
            Method::Sinc(sinc) => sinc.process_into_buffer(&chunk, &mut made, plain).expect(SIZED).1,
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u32; 13] = [
        8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 47_999, 48_000, 88_200, 96_000,
        192_000,
    ];

    fn resample(rate_hz: u32, input: &[f32], block: usize, skips_silence: bool) -> Vec<f32> {
        let mut resampler = Resampler::new(rate_hz).expect("a usable rate");
        resampler.skips_silence &= skips_silence;
        let mut out = Vec::new();
        input.chunks(block).for_each(|mono| resampler.push(mono, &mut out));
        resampler.finish(&mut out);
        out
    }

    fn noise(length: usize) -> Vec<f32> {
        let mut state = 1_u32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            })
            .collect()
    }

    #[test]
    fn an_impulse_stays_where_it_was() {
        for rate_hz in RATES {
            for at in [0, 1, rate_hz as usize / 3, rate_hz as usize - 1] {
                let mut input = vec![0.0; rate_hz as usize];
                input[at] = 1.0;
                let out = resample(rate_hz, &input, 480, true);
                let peak = (0..out.len()).max_by(|&a, &b| out[a].abs().total_cmp(&out[b].abs())).unwrap_or(0);
                let due = at as f64 * 16_000.0 / f64::from(rate_hz);
                assert!((peak as f64 - due).abs() <= 1.0, "{rate_hz} Hz: {peak}, not {due:.1}");
            }
        }
    }

    #[test]
    fn as_much_time_comes_out_as_went_in() {
        for rate_hz in RATES {
            for length in [0, 1, 2, 7, 1_000, 12_345] {
                let out = resample(rate_hz, &noise(length), 100, true).len() as f64;
                let due = length as f64 * 16_000.0 / f64::from(rate_hz);
                assert!((out - due).abs() <= 1.0, "{rate_hz} Hz: {out}, not {due:.1}");
            }
        }
    }

    #[test]
    fn how_the_input_is_cut_changes_nothing() {
        for rate_hz in RATES {
            let input = noise(5_000);
            let whole = resample(rate_hz, &input, 5_000, true);
            assert!(
                [1, 7, 480, 1_024].iter().all(|&block| resample(rate_hz, &input, block, true) == whole),
                "{rate_hz}"
            );
        }
    }

    #[test]
    fn skipping_silence_changes_no_bit() {
        for rate_hz in RATES {
            let mut input = noise(20_000);
            input[..3_000].fill(0.0);
            input[6_000..14_000].fill(-0.0);
            let bits =
                |skips| resample(rate_hz, &input, 333, skips).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert!(bits(true) == bits(false), "{rate_hz} Hz");
        }
    }

    fn level_of_tone(hz: f64, rate_hz: u32) -> f64 {
        let turn = std::f64::consts::TAU * hz / f64::from(rate_hz);
        let input: Vec<f32> = (0..rate_hz).map(|n| (turn * f64::from(n)).sin() as f32).collect();
        let out = resample(rate_hz, &input, 480, true);
        let middle = &out[2_000..14_000];
        (middle.iter().map(|x| f64::from(x * x)).sum::<f64>() / middle.len() as f64).sqrt()
    }

    #[test]
    fn speech_passes_and_what_16_khz_cannot_hold_does_not() {
        for rate_hz in RATES {
            let level = level_of_tone(1_000.0, rate_hz);
            assert!((level - 0.5_f64.sqrt()).abs() < 1e-3, "{rate_hz} Hz: {level}");
            if rate_hz > 24_000 {
                let alias = level_of_tone(10_000.0, rate_hz);
                assert!(alias < 1e-4, "{rate_hz} Hz: {alias}");
            }
        }
    }

    #[test]
    fn sixteen_khz_passes_untouched() {
        assert_eq!(resample(16_000, &noise(1_000), 7, true), noise(1_000));
    }

    #[test]
    fn a_finished_stream_begins_anew() {
        let (mut resampler, input) = (Resampler::new(48_000).expect("a usable rate"), noise(5_000));
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for out in [&mut first, &mut second] {
            resampler.push(&input, out);
            resampler.finish(out);
        }
        assert_eq!(first, second);
    }

    #[test]
    fn rates_that_no_device_has_are_refused_in_one_sentence() {
        for rate_hz in [0, 7_999, 192_001, u32::MAX] {
            assert_eq!(Resampler::new(rate_hz).err(), Some(AudioError::Rate { rate_hz }));
        }
    }
}
