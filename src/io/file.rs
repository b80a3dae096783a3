//! Recordings: a file that a user has, as a stream of samples.
//!
//! The user's file may be long, damaged, cut short, wrongly named or not sound at all. [`Recording`] reads it in blocks,
//! so memory depends neither on its length nor on what its header claims; it is recognised by content, never by name; and
//! every refusal is one sentence that says what to do next. Symphonia reads all formats; `packets` is our side of it.
//!
//! The first sample delivered is the first that was decoded. The encoder's delay before the sound is dropped in Ogg; in
//! M4A, AAC and MP3 it may shift the whole timeline by up to 50 ms, all channels alike, which no figure notices.

use std::fs::File;
use std::io::{self, Seek};
use std::mem;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

pub use super::FileError;
use super::Refusal;
use super::packets::{Packets, guarded};

const CHANNELS: RangeInclusive<usize> = 1..=8;
const RATES_HZ: RangeInclusive<u32> = 8_000..=192_000;

/// A recording must hold one analysis frame of 10 ms.
const MIN_FRAMES_PER_SEC: u32 = 100;

/// What a container counts may exceed what its decoder gives by padding, two packets of MP3 at most, with nothing missing.
const PADDING_FRAMES: u64 = 2 * 1152;

/// A recording being read from its start to its end.
pub struct Recording {
    /// Samples a second in each channel, 8000 to 192 000.
    pub rate_hz: u32,
    /// 1 to 8.
    pub channels: usize,
    /// Length in frames (one sample of each channel) where the container states it: for a progress bar, not to be trusted.
    pub frames: Option<u64>,
    path: PathBuf,
    /// The same file that `packets` reads, with the same position in it.
    file: File,
    total_bytes: u64,
    packets: Packets,
    block: Vec<f32>,
    /// Samples of `block` already handed out.
    given: usize,
    frames_read: u64,
    ended: bool,
}

impl Recording {
    /// Opens a recording and reads its beginning, so that what cannot be read is refused here.
    pub fn open(path: &Path) -> Result<Recording, FileError> {
        let fail = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FileError::NotFound(path.into()),
            io::ErrorKind::PermissionDenied => FileError::Denied(path.into()),
            _ => FileError::Read { path: path.into(), cause: error },
        };
        // Asked before opening: opening a pipe waits for its writer.
        let about = path.metadata().map_err(fail)?;
        if about.is_dir() {
            return Err(FileError::Folder(path.into()));
        }
        if !about.is_file() {
            return Err(FileError::NotRegular(path.into()));
        }
        let file = File::open(path).map_err(fail)?;
        if about.len() == 0 {
            return Err(FileError::Empty(path.into()));
        }
        let twin = file.try_clone().map_err(fail)?;
        let mut block = Vec::new();
        let (packets, (rate_hz, channels)) =
            guarded(|| begin(twin, &mut block)).map_err(|refusal| refusal.about(path, 0.0))?;
        Ok(Recording {
            rate_hz,
            channels,
            frames: packets.frames(),
            path: path.into(),
            file,
            total_bytes: about.len(),
            packets,
            block,
            given: 0,
            frames_read: 0,
            ended: false,
        })
    }

    /// The next samples, interleaved (`channels` to a frame), at most one second; `None` at the end. Samples of a float
    /// file may be beyond ±1 or not numbers: they come as they are.
    pub fn next_block(&mut self) -> Result<Option<&[f32]>, FileError> {
        while self.given == self.block.len() {
            if self.ended {
                return Ok(None);
            }
            self.block.clear();
            self.given = 0;
            let more = guarded(|| self.packets.append(&mut self.block));
            self.ended = !matches!(more, Ok(true));
            let at_secs = self.frames_read as f64 / f64::from(self.rate_hz);
            more.map_err(|refusal| refusal.about(&self.path, at_secs))?;
        }
        let end = self.block.len().min(self.given + self.rate_hz as usize * self.channels);
        let block = &self.block[mem::replace(&mut self.given, end)..end];
        self.frames_read += (block.len() / self.channels) as u64;
        Ok(Some(block))
    }

    /// Frames handed out so far; divided by the rate, how many seconds were read.
    pub fn frames_read(&self) -> u64 {
        self.frames_read
    }

    /// Whether the file ended before its container said it would. Known once [`Recording::next_block`] gave `None`; an
    /// MP3 without a LAME tag and a bare AAC stream cannot tell.
    pub fn truncated(&self) -> bool {
        let short =
            self.frames.is_some_and(|frames| self.frames_read.saturating_add(PADDING_FRAMES) < frames);
        self.packets.cut || self.ended && short
    }

    /// Packets so far that could not be decoded; silence stands in their place where their length is known.
    pub fn damaged_packets(&self) -> u64 {
        self.packets.damaged
    }

    /// Samples decoded so far that were infinite or not numbers. If this is all of them, the file holds no sound.
    pub fn not_numbers(&self) -> u64 {
        self.packets.not_numbers
    }

    /// Bytes read so far, and bytes in the file: progress for every container alike.
    pub fn progress(&self) -> (u64, u64) {
        let at = (&self.file).stream_position().unwrap_or(0).min(self.total_bytes);
        (if self.ended { self.total_bytes } else { at }, self.total_bytes)
    }
}

/// Reads the first 10 ms of sound into `block`; gives the rest, and the sample rate and channels.
fn begin(file: File, block: &mut Vec<f32>) -> Result<(Packets, (u32, usize)), Refusal> {
    let mut packets = Packets::open(file)?;
    while packets.append(block)? {
        let Some((rate_hz, channels)) = packets.shape else { continue };
        if !CHANNELS.contains(&channels) {
            return Err(Refusal::Impossible(format!("{channels} channels")));
        }
        if !RATES_HZ.contains(&rate_hz) {
            return Err(Refusal::Impossible(format!("{rate_hz} samples a second")));
        }
        if block.len() >= (rate_hz / MIN_FRAMES_PER_SEC) as usize * channels {
            return Ok((packets, (rate_hz, channels)));
        }
    }
    Err(match packets.damaged {
        0 if packets.cut => Refusal::CUT,
        0 => Refusal::TooShort,
        _ => Refusal::Damaged("nothing in it can be decoded"),
    })
}
