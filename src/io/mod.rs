//! The shell's side towards the outside world: files, and what can go wrong with them.
//!
//! Nothing else in the library opens a file. Every error here is one sentence that names the file and says what to do next.

pub mod analyze;
#[cfg(feature = "live")]
pub mod capture;
pub mod clock;
pub mod confine;
pub mod cue_lines;
pub mod file;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "live")]
pub mod meters;
#[cfg(feature = "models")]
pub mod models;
mod packets;
pub mod preparation;
#[cfg(feature = "basic")]
pub mod sphinx;
pub mod transcript;
pub mod understanding;
#[cfg(feature = "whisper")]
pub mod whisper;
pub mod words;
pub mod worker;

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{ConfigError, Settings};

/// Where settings are read when no path is given on the command line; unset or empty means the usual place.
const CONFIG_VARIABLE: &str = "HEARD_CONFIG";

/// Why a file cannot be read. Each message is a sentence that names the file and the next step.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{} does not exist; check the name and the folder", .0.display())]
    NotFound(PathBuf),
    #[error("{} is a folder; name a recording inside it", .0.display())]
    Folder(PathBuf),
    #[error("{} is not a regular file; save the sound to a file first", .0.display())]
    NotRegular(PathBuf),
    #[error("{} may not be read by you; change its permissions or copy it to a folder of your own", .0.display())]
    Denied(PathBuf),
    #[error("{} is empty (0 bytes); choose another file or record again", .0.display())]
    Empty(PathBuf),
    #[error(
        "{} is not a recording Heard can read (WAV, FLAC, MP3, M4A or Ogg Vorbis); if it holds sound, convert it, for \
         example with: ffmpeg -i \"{}\" out.flac", .0.display(), .0.display()
    )]
    NotARecording(PathBuf),
    #[error("{} holds no sound, only pictures or text; choose the file with the sound", .0.display())]
    NoSound(PathBuf),
    #[error(
        "{} holds {codec} sound, which Heard cannot read; convert it to WAV or FLAC, for example with: \
         ffmpeg -i \"{}\" out.flac", path.display(), path.display()
    )]
    Codec { path: PathBuf, codec: &'static str },
    #[error(
        "{} claims {claim}, and Heard reads 1 to 8 channels at 8 to 192 kHz; export it again",
        path.display()
    )]
    Impossible { path: PathBuf, claim: String },
    #[error("{} is too short to analyse (less than 10 ms of sound); choose a longer recording", .0.display())]
    TooShort(PathBuf),
    #[error("{} is damaged ({reason}); export it again or use an earlier copy", path.display())]
    Damaged { path: PathBuf, reason: &'static str },
    #[error(
        "{} changes its sample rate or channels after {at_secs:.1} s; convert it to one format, for example with: \
         ffmpeg -i \"{}\" out.flac", path.display(), path.display()
    )]
    Changed { path: PathBuf, at_secs: f64 },
    #[error("{} could not be read on ({cause}); copy it to this computer and try again", path.display())]
    Read { path: PathBuf, cause: io::Error },
}

/// The same without the file's name, for those who do not know it.
#[derive(Debug)]
enum Refusal {
    NotARecording,
    NoSound,
    Codec(&'static str),
    Impossible(String),
    TooShort,
    Damaged(&'static str),
    Changed,
    Read(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Read(error)
    }
}

impl Refusal {
    const CUT: Refusal = Refusal::Damaged("it ends before its sound begins");

    /// Names the file; `at_secs` is how much of it was read.
    fn about(self, path: &Path, at_secs: f64) -> FileError {
        let path = path.to_path_buf();
        match self {
            Refusal::NotARecording => FileError::NotARecording(path),
            Refusal::NoSound => FileError::NoSound(path),
            Refusal::Codec(codec) => FileError::Codec { path, codec },
            Refusal::Impossible(claim) => FileError::Impossible { path, claim },
            Refusal::TooShort => FileError::TooShort(path),
            Refusal::Damaged(reason) => FileError::Damaged { path, reason },
            Refusal::Changed => FileError::Changed { path, at_secs },
            Refusal::Read(cause) => FileError::Read { path, cause },
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{}, {cause}", path.display())]
    Wrong { path: PathBuf, cause: ConfigError },
    #[error("the settings {} cannot be read ({cause}); check the path, or leave it out to use the defaults", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
}

/// Reads the user's settings: from `explicit` (`--config`), else `$HEARD_CONFIG`, else the usual place of this system
/// ([`settings_path`]), else the defaults. A file that was asked for must be there; one in the usual place need not be.
pub fn load_settings(explicit: Option<&Path>) -> Result<Settings, SettingsError> {
    let named = explicit.map(PathBuf::from).or_else(|| folder(CONFIG_VARIABLE));
    let required = named.is_some();
    let Some(path) = named.or_else(settings_path) else {
        return Ok(Settings::default());
    };
    match fs::read_to_string(&path) {
        Ok(text) => Settings::parse(&text).map_err(|cause| SettingsError::Wrong { path, cause }),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && !required => Ok(Settings::default()),
        Err(cause) => Err(SettingsError::Unreadable { path, cause }),
    }
}

/// Where the settings usually are, whether or not there are any: `$XDG_CONFIG_HOME/heard/heard.toml` or
/// `~/.config/heard/heard.toml`; on macOS `~/Library/Application Support/heard/heard.toml`, on Windows
/// `%APPDATA%\heard\heard.toml`. `None` for a user without a home.
pub fn settings_path() -> Option<PathBuf> {
    let base = if cfg!(windows) {
        folder("APPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        // The XDG rules say that a relative path there is to be ignored.
        let xdg = folder("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        xdg.or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    base.map(|base| base.join("heard").join("heard.toml"))
}

/// Writes a small file whole or not at all, making its folder if it is missing.
///
/// # Errors
/// If that fails; what was there before is still there then.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut new, text.as_bytes())?;
    new.persist(path)?;
    Ok(())
}

fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
