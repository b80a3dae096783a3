//! A call into a WAV file, 16 bits, the rep left and the client right, while it goes on.
//!
//! The disk is slow and may be full; the call does not wait for it. What a full queue cannot take becomes silence in the file,
//! of the right length, and is counted.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use hound::{SampleFormat, WavSpec, WavWriter};

use super::listener::Recorded;
use crate::audio::HOP;
use crate::units::TICKS_PER_SEC;

/// Pieces that wait for the disk: ten seconds, if each is 40 ms.
const WAITING: usize = 250;

/// Frames between two moments at which the file is whole on disk: a crash costs no more than two seconds.
const WHOLE_EVERY: u64 = 200;

/// Why a call cannot be recorded, or not any more.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    #[error("{} is there already and is not written over; choose another name for --record", .0.display())]
    Exists(PathBuf),
    #[error("{} cannot be written ({cause}); choose another place for --record", path.display())]
    Create { path: PathBuf, cause: io::Error },
    #[error("{} ends early because it could not be written on ({cause}); what was written before is there", path.display())]
    Write { path: PathBuf, cause: hound::Error },
    #[error("{} has {frames} pieces of 10 ms that the disk was too slow for; they are silent", path.display())]
    Slow { path: PathBuf, frames: u64 },
}

enum Piece {
    Sound(Vec<Recorded>),
    /// So many frames got lost on the way.
    Missing(u64),
}

/// A file that is being written.
pub struct Recording {
    pieces: Sender<Piece>,
    missing: u64,
    thread: JoinHandle<Result<u64, RecordingError>>,
    path: PathBuf,
}

impl Recording {
    /// Makes the file, which must not be there yet.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(path: &Path) -> Result<Recording, RecordingError> {
        let create = |cause| RecordingError::Create { path: path.to_owned(), cause };
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|cause| match cause
            .kind()
        {
            io::ErrorKind::AlreadyExists => RecordingError::Exists(path.to_owned()),
            _ => create(cause),
        })?;
        let spec = WavSpec {
            channels: 2,
            sample_rate: TICKS_PER_SEC as u32,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let writer =
            WavWriter::new(BufWriter::new(file), spec).map_err(|error| create(io::Error::other(error)))?;
        let (pieces, queue) = bounded(WAITING);
        let owned = path.to_owned();
        let thread = thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || {
                write(writer, &queue).map_err(|cause| RecordingError::Write { path: owned, cause })
            })
            .map_err(create)?;
        Ok(Recording { pieces, missing: 0, thread, path: path.to_owned() })
    }

    /// Adds frames; never waits.
    pub fn push(&mut self, frames: Vec<Recorded>) {
        if frames.is_empty() {
            return;
        }
        let length = frames.len() as u64;
        if self.missing > 0 {
            match self.pieces.try_send(Piece::Missing(self.missing)) {
                Ok(()) => self.missing = 0,
                Err(_) => {
                    self.missing += length;
                    return;
                }
            }
        }
        if let Err(TrySendError::Full(_)) = self.pieces.try_send(Piece::Sound(frames)) {
            self.missing += length;
        }
    }

    /// Writes what is left and closes the file.
    ///
    /// # Errors
    /// If not everything could be written.
    pub fn finish(self) -> Result<(), RecordingError> {
        if self.missing > 0 {
            // A writer that has failed says so itself.
            let _ = self.pieces.send(Piece::Missing(self.missing));
        }
        drop(self.pieces);
        match self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))? {
            0 => Ok(()),
            frames => Err(RecordingError::Slow { path: self.path, frames }),
        }
    }
}

/// Writes until the queue ends; returns how many frames were missing.
fn write(mut writer: WavWriter<BufWriter<File>>, queue: &Receiver<Piece>) -> Result<u64, hound::Error> {
    let (mut missing, mut written, mut whole) = (0, 0u64, 0);
    for piece in queue {
        match piece {
            Piece::Sound(frames) => {
                frames.as_flattened().iter().try_for_each(|sample| writer.write_sample(*sample))?;
                written += frames.len() as u64;
                if written >= whole + WHOLE_EVERY {
                    whole = written;
                    writer.flush()?;
                }
            }
            Piece::Missing(frames) => {
                missing += frames;
                (0..frames * 2 * HOP as u64).try_for_each(|_| writer.write_sample(0i16))?;
            }
        }
    }
    writer.finalize()?;
    Ok(missing)
}
