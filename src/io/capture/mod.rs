//! Two streams of sound from this computer: the microphone (the rep) and what the computer plays (the client).
//!
//! ```text
//! host (the system's sound) ─► stream ─► device thread ─► ring ─► analysis
//!            ▲                                                ▲
//!          watch: which device, lost, found again ────────────┘
//! ```
//!
//! A [`Host`] is the only thing that differs between systems; [`ring`] is what a device's thread may touch; [`watch`] decides
//! which device a party is heard from, and is stepped with time as an argument.

mod native;
pub mod recorded;
pub mod ring;
#[cfg(target_os = "linux")]
mod server;
pub mod watch;

use std::time::Duration;

use crossbeam_channel::Receiver;

pub use crate::io::clock::Clock;
pub use recorded::Recorded;
pub use ring::{Format, Inlet, Outlet, Pulse, ring};

use crate::units::Party;

/// Something that can be listened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The system's own name, the same as long as the device is there.
    pub id: String,
    /// The name that people see.
    pub name: String,
    pub kind: Kind,
    /// The one that the system uses when nothing else is said.
    pub default: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Microphone,
    /// What the computer plays, heard before it reaches the loudspeaker.
    Playback,
}

impl Kind {
    /// What a party is heard from.
    pub fn of(party: Party) -> Kind {
        match party {
            Party::Rep => Kind::Microphone,
            Party::Client => Kind::Playback,
        }
    }
}

/// A stream that runs until it is dropped.
pub trait Stream: Send {}

/// A running stream and our end of its ring.
pub struct Opened {
    pub stream: Box<dyn Stream>,
    pub outlet: Outlet,
    pub pulse: Pulse,
    /// From the stream's clock to the session's: session time at which the stream's clock showed zero, in nanoseconds.
    pub epoch_nanos: i128,
    /// Whether the stream's thread comes before all others; `None` if that is the system's own business.
    pub real_time: Option<bool>,
}

/// A system's sound.
pub trait Host: Send {
    /// Everything that can be listened to now.
    ///
    /// # Errors
    /// If the system's sound cannot be asked.
    fn sources(&mut self) -> Result<Vec<Source>, CaptureError>;

    /// Starts to listen to one.
    ///
    /// # Errors
    /// If the device cannot be opened.
    fn open(&mut self, source: &Source, clock: &Clock) -> Result<Opened, CaptureError>;

    /// Whether a stream that has not sent for a second is lost. A loopback that sends nothing while nothing is played is not.
    fn is_always_sending(&self, kind: Kind) -> bool;

    /// What rings when devices may have come or gone, or a stream has ended; `None` if this system tells no such thing and
    /// must be asked often.
    fn bell(&mut self) -> Option<Receiver<()>> {
        None
    }
}

/// The sound of this computer: the sound server's on Linux, else the system's own.
///
/// # Errors
/// If there is none.
pub fn host() -> Result<Box<dyn Host>, CaptureError> {
    #[cfg(target_os = "linux")]
    match server::Server::connect() {
        Ok(server) => return Ok(Box::new(server)),
        // Without a card there is nothing to find, and ALSA would only complain about it at length.
        Err(CaptureError::NoServer) if native::has_cards() => {}
        Err(error) => return Err(error),
    }
    native::Native::new().map(|native| Box::new(native) as Box<dyn Host>)
}

/// Why sound cannot be heard. Each message is a sentence that says what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    #[error(
        "no sound server answers; start PipeWire or PulseAudio (systemctl --user start pipewire pipewire-pulse) and try again"
    )]
    NoServer,
    #[error(
        "the sound server refused ({0}); log out and in again, or restart it with: systemctl --user restart pipewire pipewire-pulse"
    )]
    ServerRefused(String),
    #[error(
        "the sound server did not answer within {0:?}; restart it with: systemctl --user restart pipewire pipewire-pulse"
    )]
    ServerSilent(Duration),
    #[error("no microphone was found; {}", advice::MICROPHONE)]
    NoMicrophone,
    #[error(
        "what this computer plays cannot be heard here; {} (or listen to your side only with --no-far)",
        advice::PLAYBACK
    )]
    NoPlayback,
    #[error("no {what} is called {name:?}; heard devices lists what there is")]
    Unknown { what: &'static str, name: String },
    #[error(
        "{name:?} fits several devices: {fitting}; give more of the name, or the name in brackets that heard devices shows"
    )]
    Ambiguous { name: String, fitting: String },
    #[error("{device} may not be used by this program; {}", advice::PERMISSION)]
    Denied { device: String },
    #[error("{device} is in use by another program that does not share it; close that program and try again")]
    Busy { device: String },
    #[error(
        "{device} cannot be used ({cause}); choose another one with --mic or --far, heard devices lists them"
    )]
    Device { device: String, cause: String },
    #[error(
        "one device cannot be both you and the client; choose two with --mic and --far, heard devices lists them"
    )]
    Same,
}

/// What to do next on this system.
mod advice {
    #[cfg(target_os = "linux")]
    pub const MICROPHONE: &str = "plug one in, or choose a source in the sound settings";
    #[cfg(target_os = "macos")]
    pub const MICROPHONE: &str =
        "plug one in, and allow the terminal under System Settings, Privacy, Microphone";
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    pub const MICROPHONE: &str = "plug one in, and allow desktop apps under Settings, Privacy, Microphone";

    #[cfg(target_os = "linux")]
    pub const PLAYBACK: &str = "install and start pipewire-pulse or PulseAudio, which offer it as a monitor";
    #[cfg(target_os = "macos")]
    pub const PLAYBACK: &str = "it needs macOS 14.6, and the terminal allowed under System Settings, Privacy, System Audio Recording";
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    pub const PLAYBACK: &str = "choose an output in Settings, System, Sound";

    #[cfg(target_os = "linux")]
    pub const PERMISSION: &str =
        "add yourself to the group audio, or start a sound server in your own session";
    #[cfg(target_os = "macos")]
    pub const PERMISSION: &str = "allow the terminal under System Settings, Privacy, Microphone";
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    pub const PERMISSION: &str = "allow desktop apps under Settings, Privacy, Microphone";
}
