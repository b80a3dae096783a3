//! What a call is understood with: the reader of cues with the user's own phrases, and the day that promises are dated from.

use std::path::{Path, PathBuf};

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cues::Reader;
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
