//! Words that the meeting platform already wrote down: its transcript, read whatever its form, and given to the two parties.
//!
//! [`parse`] tells the forms apart by what stands in them, never by a file's name: WebVTT and SRT with their platforms' ways of
//! naming speakers, the text that Zoom, Teams and Meet export, and Heard's own JSON. What cannot be read is skipped and
//! counted; nothing makes it fail but a text without a single line. [`assign`] then finds out who is the rep.

mod assign;
mod clock;
mod json;
mod plain;
mod speakers;
mod subtitles;

use crate::units::{AudioTime, Party, Stretch};

pub use assign::{AssignError, assign};

/// A platform's transcript, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    pub lines: Vec<Line>,
    pub notes: Notes,
}

/// What one person said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As the platform writes the name; `None` if it tells none.
    pub speaker: Option<String>,
    /// Where the transcript itself says it, as Heard's own does.
    pub party: Option<Party>,
    pub stretch: Stretch,
    /// One line, trimmed, never empty.
    pub text: String,
}

/// What to know about a transcript before trusting its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Lines and cues that could not be read.
    pub skipped: usize,
    /// Times were those of a clock on the wall: the first line counts as the start of the recording.
    pub clock: bool,
    /// Some ends or starts are worked out from the length of the text.
    pub estimated: bool,
}

/// Nothing in the text has a time and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds no line with a time and words")]
pub struct NoLines;

/// A first line later than this means that times are a clock's: nobody waits an hour for a call to begin.
const LATEST_START: AudioTime = AudioTime::from_millis(3_600_000);

/// Reads a transcript in any of the forms above.
///
/// # Errors
/// If not one line could be read.
pub fn parse(text: &str) -> Result<Transcript, NoLines> {
    let text = text.trim_start_matches('\u{feff}');
    let mut transcript = match json::parse(text) {
        Some(transcript) => transcript,
        None if text.contains("-->") => subtitles::parse(text),
        None => plain::parse(text),
    };
    transcript.lines.sort_by_key(|line| (line.stretch.start, line.stretch.end));
    let first = transcript.lines.first().ok_or(NoLines)?.stretch.start;
    if first >= LATEST_START || transcript.notes.clock {
        transcript.notes.clock = true;
        for line in &mut transcript.lines {
            let moved = |at: AudioTime| AudioTime::ZERO + at.since(first);
            line.stretch = Stretch::new(moved(line.stretch.start), moved(line.stretch.end));
        }
    }
    Ok(transcript)
}

/// Milliseconds that a text takes to say: people speak about 150 words a minute.
fn estimated_millis(text: &str) -> u64 {
    const A_WORD: u64 = 400;
    A_WORD * text.split_whitespace().count().max(1) as u64
}

fn stretch(start: u64, end: u64) -> Stretch {
    Stretch::new(AudioTime::from_millis(start), AudioTime::from_millis(end))
}

/// Cuts a stretch of milliseconds among texts by their length.
fn share_out(start: u64, end: u64, texts: &[&str]) -> Vec<Stretch> {
    let total: u64 = texts.iter().map(|text| text.len() as u64).sum::<u64>().max(1);
    let mut before = 0;
    let mut cut = |text: &&str| {
        let from = start + (end - start) * before / total;
        before += text.len() as u64;
        stretch(from, start + (end - start) * before / total)
    };
    texts.iter().map(&mut cut).collect()
}

#[cfg(test)]
mod samples;
