//! Heard's own JSON as a transcript: a whole record of `heard analyze --json`, or only its list of utterances.

use serde_json::Value;

use super::speakers::words;
use super::{Line, Notes, Transcript, estimated_millis, stretch};
use crate::units::Party;

/// Longest time that is believed: 100 hours, as everywhere in transcripts.
const LONGEST_SECS: f64 = 360_000.0;

/// `None` if the text is no JSON of that kind.
pub(super) fn parse(text: &str) -> Option<Transcript> {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    // One object a file, each on a line: the first one counts.
    let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok()?;
    let utterances = first.as_array().or_else(|| first.get("utterances")?.as_array())?;
    let mut transcript = Transcript { lines: Vec::new(), notes: Notes::default() };
    for utterance in utterances {
        match line(utterance, &mut transcript.notes) {
            Some(line) => transcript.lines.push(line),
            None => transcript.notes.skipped += 1,
        }
    }
    Some(transcript)
}

fn line(utterance: &Value, notes: &mut Notes) -> Option<Line> {
    let text = words(utterance["text"].as_str()?)?;
    let start = millis(&utterance["start_s"])?;
    let end = match &utterance["end_s"] {
        Value::Null => {
            notes.estimated = true;
            start + estimated_millis(&text)
        }
        end => millis(end).filter(|&end| end >= start)?,
    };
    let party = match utterance["party"].as_str() {
        Some("rep") => Some(Party::Rep),
        Some("client") => Some(Party::Client),
        _ => None,
    };
    let speaker = utterance["speaker"].as_str().and_then(words);
    Some(Line { speaker, party, stretch: stretch(start, end), text })
}

fn millis(secs: &Value) -> Option<u64> {
    let secs = secs.as_f64().filter(|secs| (0.0..=LONGEST_SECS).contains(secs))?;
    Some((secs * 1000.0).round() as u64)
}
