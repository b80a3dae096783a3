//! `heard cues`: JSON lines in, the same lines out with the cues that were found.

use std::fs;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::cues::reader::ReaderError;
use crate::cues::{CueKind, Reader, Said};
use crate::units::Party;

/// Why the lines were not answered to the end.
#[derive(Debug, Error)]
pub enum LineError {
    #[error(
        "line {0}: not a line of JSON such as {{\"speaker\":\"rep\",\"prev\":\"\",\"text\":\"…\"}}; correct it and send the rest again"
    )]
    NotJson(usize),
    #[error(
        "line {0}: `speaker` must be \"rep\" or \"client\", and `text` a text; correct it and send the rest again"
    )]
    NotSaid(usize),
    #[error("line {0}: not UTF-8 text; send it as UTF-8")]
    NotText(usize),
    #[error("the lines could not be read or answered: {0}")]
    Io(#[from] std::io::Error),
}

/// Why there is no reader.
#[derive(Debug, Error)]
pub enum PhrasesError {
    #[error("{0} could not be read: {1}; name a folder with phrase tables (.toml)")]
    Folder(PathBuf, std::io::Error),
    #[error("{0}")]
    Table(#[from] ReaderError),
}

/// The English reader; with the phrase tables of a folder beside its own, if one is named.
///
/// # Errors
/// If the folder cannot be read, or a table in it is wrong: with its file and line.
pub fn reader(own: Option<&Path>) -> Result<Reader, PhrasesError> {
    let Some(folder) = own else { return Ok(Reader::english()?) };
    let unreadable = |error| PhrasesError::Folder(folder.to_owned(), error);
    let mut tables = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.display().to_string();
            let text = fs::read_to_string(&path).map_err(|error| PhrasesError::Folder(path, error))?;
            tables.push((name, text));
        }
    }
    tables.sort();
    Ok(Reader::with_phrases(tables.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

/// What is looked at in a line; everything else is kept as it is.
#[derive(Deserialize)]
struct Line<'a> {
    speaker: Speaker,
    #[serde(default, borrow)]
    prev: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    Rep,
    Client,
}

#[derive(Serialize)]
struct Told<'a> {
    kind: CueKind,
    text: &'a str,
    confidence: f64,
    why: &'a str,
}

/// Answers each line of `lines` on `out`, in order; empty lines are passed over.
///
/// # Errors
/// At the first line that is malformed, with its number; the lines before it are answered.
pub fn answer(reader: &mut Reader, mut lines: impl BufRead, mut out: impl Write) -> Result<(), LineError> {
    let mut raw = Vec::new();
    let mut number = 0;
    loop {
        raw.clear();
        number += 1;
        if lines.read_until(b'\n', &mut raw)? == 0 {
            out.flush()?;
            return Ok(());
        }
        let result = answer_line(reader, &raw, number, &mut out);
        if result.is_err() {
            out.flush()?;
            return result;
        }
    }
}

fn answer_line(
    reader: &mut Reader,
    raw: &[u8],
    number: usize,
    out: &mut impl Write,
) -> Result<(), LineError> {
    let text = std::str::from_utf8(raw).map_err(|_| LineError::NotText(number))?.trim();
    if text.is_empty() {
        return Ok(());
    }
    let mut fields: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| LineError::NotJson(number))?;
    let line: Line<'_> = serde_json::from_str(text).map_err(|_| LineError::NotSaid(number))?;
    let party = match line.speaker {
        Speaker::Rep => Party::Rep,
        Speaker::Client => Party::Client,
    };
    let cues = reader.read(Said { party, text: &line.text, before: &line.prev });
    let told: Vec<Told<'_>> = cues
        .iter()
        .map(|cue| Told {
            kind: cue.kind,
            text: line.text.get(cue.words.clone()).unwrap_or_default(),
            confidence: (f64::from(cue.confidence) * 1000.0).round() / 1000.0,
            why: &cue.why,
        })
        .collect();
    fields.insert("cues".to_owned(), serde_json::to_value(told).map_err(std::io::Error::from)?);
    serde_json::to_writer(&mut *out, &fields).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
