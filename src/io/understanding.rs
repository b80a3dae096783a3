//! What a call is understood with: the reader of cues with the user's own phrases, and the day that promises are dated from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::coach::Wording;
use crate::cues::Reader;
use crate::cues::tables::TableError;
use crate::io::cue_lines::{self, PhrasesError};
use crate::io::settings_path;

/// The reader of cues, with the user's own phrase tables where there are any: `phrases/` beside the settings.
///
/// # Errors
/// If a table of the user's is wrong: with its file and line.
pub fn reader() -> Result<Reader, PhrasesError> {
    let own = own_phrases().filter(|folder| folder.is_dir());
    cue_lines::reader(own.as_deref())
}

/// Why the user's own wording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("the wording {} cannot be read ({cause}); check the file, or move it away to use the program's", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
}

/// What nudges say, with the user's own wording where there is one: `nudges.toml` beside the settings.
///
/// # Errors
/// If the user's table is wrong, with its file and line, or cannot be read.
pub fn wording() -> Result<Wording, WordingError> {
    let english = Wording::english();
    let Some(path) = settings_path().map(|path| path.with_file_name("nudges.toml")) else {
        return Ok(english);
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(english.with(&path.display().to_string(), &text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(english),
        Err(cause) => Err(WordingError::Unreadable { path, cause }),
    }
}

/// Where the user's own phrase tables lie, whether or not there are any.
pub fn own_phrases() -> Option<PathBuf> {
    settings_path().map(|path| path.with_file_name("phrases"))
}

/// The day on which a recording was last written, in this computer's time zone: the day of the call, unless it was edited.
pub fn day_of(recording: &Path) -> Option<Date> {
    let written = recording.metadata().and_then(|about| about.modified()).ok()?;
    let moment = jiff::Timestamp::try_from(written).ok()?;
    Some(moment.to_zoned(TimeZone::system()).date())
}

/// Today, in this computer's time zone.
pub fn today() -> Date {
    Zoned::now().date()
}
