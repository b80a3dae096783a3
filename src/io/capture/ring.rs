//! The real-time edge: the device's thread copies a block into a ring and counts what does not fit. Nothing else.
//!
//! One ring holds raw interleaved samples, a second one a [`Mark`] a block: how long it is and when it was captured. A block
//! goes in whole or not at all, so that channels never change places; what did not go in shows as a gap in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

/// Sound that the ring holds: far longer than a reader is ever late, short enough to be forgotten.
const RING: Duration = Duration::from_secs(3);

/// Blocks that the ring holds: as many as 64 frames at 48 kHz make in [`RING`].
const MARKS: usize = 2250;

/// Samples that are converted at once, on the stack: 2 KB.
const PIECE: usize = 512;

/// What the samples of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub rate_hz: u32,
    pub channels: u16,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    samples: usize,
    /// When the first sample was captured, on the clock of the stream.
    captured: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    dropped: AtomicU64,
    blocks: AtomicU64,
    ended: AtomicBool,
}

/// The device's end: one thread writes.
pub struct Inlet {
    format: Format,
    samples: HeapProd<f32>,
    marks: HeapProd<Mark>,
    shared: Arc<Shared>,
}

/// Our end: one thread reads.
pub struct Outlet {
    pub format: Format,
    samples: HeapCons<f32>,
    marks: HeapCons<Mark>,
    shared: Arc<Shared>,
}

/// A ring for sound of that format.
pub fn ring(format: Format) -> (Inlet, Outlet) {
    let room = RING.as_secs() as usize * format.rate_hz as usize * usize::from(format.channels);
    let (samples_in, samples_out) = HeapRb::new(room).split();
    let (marks_in, marks_out) = HeapRb::new(MARKS).split();
    let shared = Arc::new(Shared::default());
    (
        Inlet { format, samples: samples_in, marks: marks_in, shared: Arc::clone(&shared) },
        Outlet { format, samples: samples_out, marks: marks_out, shared },
    )
}

impl Inlet {
    /// Copies a block of interleaved samples; safe to call from a real-time thread.
    pub fn push(&mut self, block: &[f32], captured: Duration) {
        if self.has_room(block.len()) {
            self.samples.push_slice(block);
            self.mark(block.len(), captured);
        }
    }

    /// The same for samples as a server sends them: little-endian bytes.
    pub fn push_bytes(&mut self, block: &[u8], captured: Duration) {
        let (samples, _) = block.as_chunks::<4>();
        if self.has_room(samples.len()) {
            // Piece by piece: sample by sample the ring would take five times as long.
            let mut piece = [0.0; PIECE];
            for bytes in samples.chunks(PIECE) {
                let piece = &mut piece[..bytes.len()];
                for (sample, bytes) in piece.iter_mut().zip(bytes) {
                    *sample = f32::from_le_bytes(*bytes);
                }
                self.samples.push_slice(piece);
            }
            self.mark(samples.len(), captured);
        }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// What tells the stream's owner whether the device still sends.
    pub fn pulse(&self) -> Pulse {
        Pulse(Arc::clone(&self.shared))
    }

    fn has_room(&mut self, samples: usize) -> bool {
        self.shared.blocks.fetch_add(1, Relaxed);
        let room = samples <= self.samples.vacant_len() && !self.marks.is_full();
        if !room {
            self.shared.dropped.fetch_add(samples as u64, Relaxed);
        }
        room
    }

    fn mark(&mut self, samples: usize, captured: Duration) {
        // There is room: only this thread adds marks, and it has looked.
        let _ = self.marks.try_push(Mark { samples, captured });
    }
}

impl Outlet {
    /// Puts the oldest block into `block` and returns when it was captured, on the clock of the stream; `None` if nothing
    /// is there.
    pub fn take(&mut self, block: &mut Vec<f32>) -> Option<Duration> {
        let mark = self.marks.try_pop()?;
        block.resize(mark.samples, 0.0);
        self.samples.pop_slice(block);
        Some(mark.captured)
    }

    /// Samples that did not fit so far.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Relaxed)
    }
}

/// Whether a device still sends.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Shared>);

impl Pulse {
    /// The device sends no more.
    pub fn stop(&self) {
        self.0.ended.store(true, Relaxed);
    }

    pub fn has_stopped(&self) -> bool {
        self.0.ended.load(Relaxed)
    }

    /// Blocks that came so far, whether or not they fitted.
    pub fn blocks(&self) -> u64 {
        self.0.blocks.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEREO: Format = Format { rate_hz: 8_000, channels: 2 };

    #[test]
    fn blocks_come_out_as_they_went_in() {
        let (mut inlet, mut outlet) = ring(STEREO);
        inlet.push(&[0.1, 0.2], Duration::from_millis(5));
        inlet.push_bytes(&[0, 0, 0, 63, 0, 0, 128, 191], Duration::from_millis(6));
        let mut block = Vec::new();
        assert_eq!(outlet.take(&mut block), Some(Duration::from_millis(5)));
        assert_eq!(block, [0.1, 0.2]);
        assert_eq!(outlet.take(&mut block), Some(Duration::from_millis(6)));
        assert_eq!(block, [0.5, -1.0]);
        assert_eq!(outlet.take(&mut block), None);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_never_cut() {
        let (mut inlet, mut outlet) = ring(STEREO);
        let block = [0.25; 1_000];
        (0..60).for_each(|_| inlet.push(&block, Duration::ZERO));
        assert_eq!(outlet.dropped(), 12_000);
        let mut out = Vec::new();
        let mut taken = 0;
        while outlet.take(&mut out).is_some() {
            assert_eq!(out, block);
            taken += 1;
        }
        assert_eq!(taken, 48);
    }

    #[test]
    fn many_small_blocks_fill_the_marks_first() {
        let (mut inlet, mut outlet) = ring(STEREO);
        (0..MARKS + 5).for_each(|_| inlet.push(&[0.5, 0.5], Duration::ZERO));
        assert_eq!(outlet.dropped(), 10);
        let mut out = Vec::new();
        assert_eq!((0..).take_while(|_| outlet.take(&mut out).is_some()).count(), MARKS);
    }
}
