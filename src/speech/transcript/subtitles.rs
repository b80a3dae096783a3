//! WebVTT and SRT: cues with a start and an end, in the flavours that meeting platforms write.

use super::speakers::{Piece, may_be_name, pieces, prefix};
use super::{Line, Notes, Transcript, clock, estimated_millis, share_out};

struct Cue {
    start: u64,
    end: u64,
    pieces: Vec<Piece>,
}

/// What the lines being read belong to.
enum Inside {
    /// Identifiers, headers, blank lines.
    Nothing,
    /// A comment, a style sheet, or a cue whose times cannot be read.
    Skipped,
    Cue {
        start: u64,
        end: u64,
        text: Vec<String>,
    },
}

pub(super) fn parse(text: &str) -> Transcript {
    let mut notes = Notes::default();
    let mut cues = Vec::new();
    let mut inside = Inside::Nothing;
    for line in text.lines().map(str::trim).chain([""]) {
        if line.contains("-->") {
            // Without a blank line between, the last one read was this cue's number.
            if let Inside::Cue { text, .. } = &mut inside
                && text.last().is_some_and(|line| line.bytes().all(|byte| byte.is_ascii_digit()))
            {
                text.pop();
            }
            close(&mut inside, &mut cues);
            inside = match times(line) {
                Some((start, end)) => Inside::Cue { start, end, text: Vec::new() },
                None => {
                    notes.skipped += 1;
                    Inside::Skipped
                }
            };
        } else if line.is_empty() {
            close(&mut inside, &mut cues);
        } else if let Inside::Cue { text, .. } = &mut inside {
            text.push(line.to_owned());
        } else if ["NOTE", "STYLE", "REGION"].contains(&line.split_whitespace().next().unwrap_or_default()) {
            inside = Inside::Skipped;
        }
    }
    name_speakers(&mut cues);
    let mut lines = Vec::new();
    for cue in cues {
        cue.lines(&mut lines, &mut notes);
    }
    Transcript { lines, notes }
}

fn close(inside: &mut Inside, cues: &mut Vec<Cue>) {
    if let Inside::Cue { start, end, text } = std::mem::replace(inside, Inside::Nothing) {
        cues.push(Cue { start, end, pieces: pieces(&text.join("\n")) });
    }
}

/// `start --> end`, then settings of the cue that are of no interest here.
fn times(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    let start = clock::millis(start.trim())?;
    let end = clock::millis(rest.split_whitespace().next()?)?;
    (start <= end).then_some((start, end))
}

/// Where tags name nobody, the text may: as `Name: text`, or on a line of its own. A file does so throughout or not at
/// all, so that a colon in somebody's sentence makes no speaker.
fn name_speakers(cues: &mut [Cue]) {
    let unnamed = || cues.iter().flat_map(|cue| &cue.pieces).filter(|piece| piece.speaker.is_none());
    let count = unnamed().count();
    let prefixed = unnamed().filter(|piece| prefix(&piece.lines[0]).is_some()).count();
    let headed: Vec<&str> = unnamed()
        .filter(|piece| piece.lines.len() > 1 && may_be_name(&piece.lines[0]))
        .map(|piece| piece.lines[0].as_str())
        .collect();
    // Names come back; first lines of sentences do not.
    let mut names = headed.clone();
    names.sort_unstable();
    names.dedup();
    let headed = headed.len() == count && count > 1 && names.len() * 2 <= count;
    if prefixed > 0 && prefixed * 2 >= count {
        for cue in cues {
            cue.pieces = std::mem::take(&mut cue.pieces).into_iter().flat_map(by_prefix).collect();
        }
    } else if headed {
        for piece in cues.iter_mut().flat_map(|cue| &mut cue.pieces).filter(|piece| piece.speaker.is_none()) {
            piece.speaker = Some(piece.lines.remove(0));
        }
    }
}

fn by_prefix(piece: Piece) -> Vec<Piece> {
    if piece.speaker.is_some() {
        return vec![piece];
    }
    let mut found: Vec<Piece> = Vec::new();
    for line in piece.lines {
        match (prefix(&line), found.last_mut()) {
            (Some((name, text)), _) => {
                found.push(Piece { speaker: Some(name.to_owned()), lines: vec![text.to_owned()] });
            }
            (None, Some(last)) => last.lines.push(line),
            (None, None) => found.push(Piece { speaker: None, lines: vec![line] }),
        }
    }
    found
}

impl Cue {
    fn lines(self, lines: &mut Vec<Line>, notes: &mut Notes) {
        let spoken: Vec<(Option<String>, String)> = (self.pieces.into_iter())
            .filter_map(|piece| Some((piece.words()?, piece.speaker)))
            .map(|(words, speaker)| (speaker, words))
            .collect();
        let texts: Vec<&str> = spoken.iter().map(|(_, text)| text.as_str()).collect();
        let mut end = self.end;
        if end == self.start {
            end += texts.iter().map(|text| estimated_millis(text)).sum::<u64>();
            notes.estimated |= !texts.is_empty();
        }
        notes.estimated |= texts.len() > 1;
        let stretches = share_out(self.start, end, &texts);
        lines.extend(stretches.into_iter().zip(spoken).map(|(stretch, (speaker, text))| Line {
            speaker,
            party: None,
            stretch,
            text,
        }));
    }
}
