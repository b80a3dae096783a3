//! The text files that Zoom, Teams and Meet export: a time here and there, names above or before the words, no ends.

use super::speakers::{may_be_name, prefix, words};
use super::{Line, Notes, Transcript, clock, estimated_millis, share_out};

/// What a line of such a file is.
enum Row<'a> {
    /// `00:05:00`: what follows was said from then on.
    Time(u64),
    /// `Ann Lee   0:03`, `[Ann Lee] 10:01:23`: the words follow on their own lines.
    Heading { at: u64, name: &'a str, clock: bool },
    /// `[00:03] Ann: hello`, `Ann (0:03): hello`, `00:03 hello`.
    Timed { at: u64, name: Option<&'a str>, text: &'a str },
    /// `Ann: hello`, or words only.
    Words { name: Option<&'a str>, text: &'a str },
}

/// What Meet adds below the last words.
const NOT_SAID: [&str; 2] = ["Transcription ended after", "This editable transcript was"];

/// Something said, with a time if the file gives one just there.
struct Said {
    at: Option<u64>,
    speaker: Option<String>,
    text: String,
}

pub(super) fn parse(text: &str) -> Transcript {
    let rows: Vec<&str> = text.lines().map(str::trim).collect();
    let mut notes = Notes::default();
    let mut said: Vec<Said> = Vec::new();
    // Nothing counts before the first time: titles, lists of those present.
    let mut at = None;
    let mut begun = false;
    // Below a heading a colon is only a colon.
    let mut headed = false;
    for (index, line) in rows.iter().enumerate() {
        if line.is_empty() || NOT_SAID.iter().any(|note| line.starts_with(note)) {
            continue;
        }
        let next = rows.get(index + 1).copied().unwrap_or_default();
        // A name above a time on a line of its own names who speaks then.
        let named = (clock::millis(next).is_some() && may_be_name(line)).then_some(*line);
        if named.is_some() {
            continue;
        }
        let (name, text) = match row(line, next) {
            Row::Time(time) => {
                let before = index.checked_sub(1).and_then(|index| rows.get(index)).copied();
                let name = before.filter(|line| may_be_name(line));
                headed = name.is_some();
                said.extend(name.map(|name| Said::by(Some(time), Some(name), "")));
                at = Some(time);
                begun = true;
                continue;
            }
            Row::Heading { at: time, name, clock } => {
                notes.clock |= clock;
                said.push(Said::by(Some(time), Some(name), ""));
                at = None;
                begun = true;
                headed = true;
                continue;
            }
            Row::Timed { at: time, name, text } => {
                at = Some(time);
                begun = true;
                headed = false;
                (name, text)
            }
            Row::Words { .. } if headed => (None, *line),
            Row::Words { name, text } => (name, text),
        };
        if !begun {
            continue;
        }
        match said.last_mut() {
            // The words below a heading, or a sentence that goes on.
            Some(last) if name.is_none() && at.is_none_or(|at| last.at == Some(at)) => {
                last.text.push(' ');
                last.text.push_str(text);
            }
            _ => said.push(Said::by(at, name, text)),
        }
        at = None;
    }
    notes.estimated = true;
    if notes.clock {
        go_on_past_midnight(&mut said);
    }
    let lines = timed(said);
    Transcript { lines, notes }
}

/// A clock that falls back by half a day has passed midnight.
fn go_on_past_midnight(said: &mut [Said]) {
    const DAY: u64 = 86_400_000;
    let (mut days, mut before) = (0, 0);
    for at in said.iter_mut().filter_map(|said| said.at.as_mut()) {
        if *at + DAY / 2 < before {
            days += DAY;
        }
        before = *at;
        *at += days;
    }
}

impl Said {
    fn by(at: Option<u64>, speaker: Option<&str>, text: &str) -> Said {
        Said { at, speaker: speaker.map(str::to_owned), text: text.to_owned() }
    }
}

fn row<'a>(line: &'a str, next: &str) -> Row<'a> {
    if let Some((at, rest)) = clock::leading(line) {
        return match prefix(rest) {
            _ if rest.is_empty() => Row::Time(at),
            Some((name, text)) if !text.is_empty() => Row::Timed { at, name: Some(name), text },
            // A name alone after the time, with the words below it.
            Some((name, _)) => Row::Heading { at, name, clock: false },
            None if may_be_name(rest) && is_words(next) && rest.split_whitespace().count() > 1 => {
                Row::Heading { at, name: rest, clock: false }
            }
            None => Row::Timed { at, name: None, text: rest },
        };
    }
    if let Some((name, at)) = clock::trailing(line) {
        let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let name = bracketed.unwrap_or(name);
        if may_be_name(name) && is_words(next) {
            return Row::Heading { at, name, clock: bracketed.is_some() };
        }
    }
    if let Some((head, text)) = line.split_once("):")
        && let Some((name, at)) = head.rsplit_once('(')
        && let Some(at) = clock::millis(at.trim())
        && may_be_name(name)
    {
        return Row::Timed { at, name: Some(name.trim()), text: text.trim() };
    }
    match prefix(line) {
        Some((name, text)) if !text.is_empty() => Row::Words { name: Some(name), text },
        _ => Row::Words { name: None, text: line },
    }
}

/// Whether a line can be what somebody said, and is no time or heading.
fn is_words(line: &str) -> bool {
    !line.is_empty() && clock::leading(line).is_none()
}

/// Gives everything its stretch: what shares a time is spread by its length up to the next time; what stands alone lasts as
/// long as it takes to say.
fn timed(said: Vec<Said>) -> Vec<Line> {
    let mut lines = Vec::new();
    let said: Vec<(Option<u64>, Option<String>, String)> =
        (said.into_iter()).filter_map(|said| Some((said.at, said.speaker, words(&said.text)?))).collect();
    let starts: Vec<usize> = (0..said.len()).filter(|&index| said[index].0.is_some()).collect();
    for (nth, &first) in starts.iter().enumerate() {
        let after = starts.get(nth + 1).copied().unwrap_or(said.len());
        let group = &said[first..after];
        let Some(start) = group[0].0 else { continue };
        let takes: u64 = group.iter().map(|(_, _, text)| estimated_millis(text)).sum();
        let until = said.get(after).and_then(|(at, ..)| *at).filter(|&next| next > start);
        let end = match until {
            Some(next) if group.len() > 1 => next,
            Some(next) => next.min(start + takes),
            None => start + takes,
        };
        let texts: Vec<&str> = group.iter().map(|(_, _, text)| text.as_str()).collect();
        for (part, (_, speaker, text)) in share_out(start, end, &texts).into_iter().zip(group) {
            lines.push(Line { speaker: speaker.clone(), party: None, stretch: part, text: text.clone() });
        }
    }
    lines
}
