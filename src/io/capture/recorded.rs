//! A recording as two devices that send it in real time: the whole live path without a sound card.

use std::path::{Path, PathBuf};
use std::thread::Builder;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::{CaptureError, Clock, Format, Host, Inlet, Kind, Opened, Source, Stream, ring};
use crate::io::FileError;
use crate::io::file::Recording;

/// As long as the blocks of a sound server.
const BLOCK: Duration = Duration::from_millis(40);

/// A recording with the rep on the left and the client on the right.
pub struct Recorded {
    path: PathBuf,
    ended: Sender<()>,
}

impl Recorded {
    /// A host that plays `path`, and tells `ended` when a device has sent all of it.
    ///
    /// # Errors
    /// If the file is no recording with two channels.
    pub fn open(path: &Path, ended: Sender<()>) -> Result<Recorded, FileError> {
        let recording = Recording::open(path)?;
        if recording.channels < 2 {
            let claim = "one channel, where one party per channel is needed".to_owned();
            return Err(FileError::Impossible { path: path.to_owned(), claim });
        }
        Ok(Recorded { path: path.to_owned(), ended })
    }
}

impl Recorded {
    /// The same as any other host, for those who look for one again and again.
    ///
    /// # Errors
    /// If the file is no longer there, or no longer a recording.
    pub fn host(path: &Path, ended: &Sender<()>) -> Result<Box<dyn Host>, CaptureError> {
        match Recorded::open(path, ended.clone()) {
            Ok(host) => Ok(Box::new(host)),
            Err(error) => {
                Err(CaptureError::Device { device: "the recording".to_owned(), cause: error.to_string() })
            }
        }
    }
}

impl Host for Recorded {
    fn sources(&mut self) -> Result<Vec<Source>, CaptureError> {
        let source = |id: &str, name: &str, kind| Source {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            default: true,
        };
        Ok(vec![
            source("left", "left channel of the recording", Kind::Microphone),
            source("right", "right channel of the recording", Kind::Playback),
        ])
    }

    fn open(&mut self, source: &Source, clock: &Clock) -> Result<Opened, CaptureError> {
        let refused = |cause: String| CaptureError::Device { device: source.name.clone(), cause };
        let recording = Recording::open(&self.path).map_err(|error| refused(error.to_string()))?;
        let (inlet, outlet) = ring(Format { rate_hz: recording.rate_hz, channels: 1 });
        let pulse = inlet.pulse();
        let (playing, over) = bounded(0);
        let epoch = clock.now();
        let channel = match source.kind {
            Kind::Microphone => 0,
            Kind::Playback => 1,
        };
        let player = Player { recording, inlet, channel, clock: *clock, epoch, over };
        let ended = self.ended.clone();
        Builder::new()
            .name(format!("recorded-{}", source.id))
            .spawn(move || {
                player.play();
                // Full if the other device has said so already.
                let _ = ended.try_send(());
            })
            .map_err(|error| refused(error.to_string()))?;
        Ok(Opened {
            stream: Box::new(Playing { _until_dropped: playing }),
            outlet,
            pulse,
            epoch_nanos: epoch.as_nanos() as i128,
            real_time: None,
        })
    }

    fn is_always_sending(&self, _: Kind) -> bool {
        false
    }
}

/// Stops the player when it is dropped.
struct Playing {
    _until_dropped: Sender<()>,
}

impl Stream for Playing {}

/// Sends one channel at the pace of time.
struct Player {
    recording: Recording,
    inlet: Inlet,
    channel: usize,
    clock: Clock,
    epoch: Duration,
    /// Nothing is sent here: it ends when nobody listens any more.
    over: Receiver<()>,
}

impl Player {
    fn play(mut self) {
        let (rate, channels) = (self.recording.rate_hz, self.recording.channels);
        let block = (BLOCK.as_secs_f64() * f64::from(rate)) as usize;
        let mut waiting: Vec<f32> = Vec::new();
        let mut sent = 0u64;
        // A packet that cannot be read ends it like the end of the file.
        while let Ok(Some(samples)) = self.recording.next_block() {
            waiting.extend(samples.chunks_exact(channels).map(|moment| moment[self.channel]));
            let whole = waiting.len() / block * block;
            for piece in waiting[..whole].chunks(block) {
                let at = |count: u64| Duration::from_secs_f64(count as f64 / f64::from(rate));
                let due = self.epoch + at(sent + piece.len() as u64);
                let early = due.saturating_sub(self.clock.now());
                if self.over.recv_timeout(early) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                self.inlet.push(piece, at(sent));
                sent += piece.len() as u64;
            }
            waiting.drain(..whole);
        }
    }
}
