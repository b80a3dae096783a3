//! The part of the summary that needs words: was the client heard, what was asked and given back, what was promised.

use super::{blank, clock, counted, line, row, secs};
use crate::cues::CueKind;
use crate::cues::ledger::Answer;
use crate::session::findings::quoted;
use crate::session::record::CallRecord;
use crate::units::{Party, Span};

/// More concerns or promises than this are counted, not listed; the record has all.
const MOST_LISTED: usize = 8;

/// Everything about what was said; nothing where there were no words.
pub fn said(out: &mut String, call: &CallRecord) {
    if call.utterances.is_empty() {
        return;
    }
    blank(out);
    heard(out, call);
    asked(out, call);
    prepared(out, call);
    promises(out, call);
}

fn heard(out: &mut String, call: &CallRecord) {
    line(out, "Was the client heard?");
    if call.ledger.is_empty() {
        line(out, "  They raised no concern.");
    }
    for entry in call.ledger.iter().take(MOST_LISTED) {
        line(out, &format!("  {:>5}  {}", clock(entry.at_s), quoted(&entry.concern)));
        let answer = match entry.answer {
            Some(Answer::Validated) => "you honoured it",
            Some(Answer::Paraphrased) => "you gave back what you had heard",
            Some(Answer::Asked) => "you asked about it",
            Some(Answer::Ignored) => "you went past it",
            Some(Answer::Dismissed) => "you brushed it aside",
            None => "the call ended before you answered",
        };
        let latency = match entry.latency_s {
            Some(Span::ZERO) => ", before they had finished".to_owned(),
            Some(latency) => format!(", after {}", secs(latency)),
            None => String::new(),
        };
        line(out, &format!("         {answer}{latency}"));
    }
    more(out, call.ledger.len());
}

fn asked(out: &mut String, call: &CallRecord) {
    let count =
        |kind: CueKind| call.cues.iter().filter(|cue| cue.party == Party::Rep && cue.kind == kind).count();
    let (open, closed) = (count(CueKind::OpenQuestion), count(CueKind::ClosedQuestion));
    let mut questions = format!("{open} open, {closed} closed");
    match count(CueKind::FollowUp) {
        0 => {}
        n => questions.push_str(&format!("; {n} about what they had just said")),
    }
    row(out, "You asked", &questions);
    let (back, honoured) = (count(CueKind::Paraphrase), count(CueKind::Validation));
    let times = |n: usize| counted(n, "time", "times");
    row(out, "You gave back", &format!("{}; honoured their view {}", times(back), times(honoured)));
}

fn prepared(out: &mut String, call: &CallRecord) {
    if call.prepared.is_empty() {
        return;
    }
    blank(out);
    line(out, "Prepared");
    for item in &call.prepared {
        let said =
            item.at_s.map_or_else(|| "  [ ]       ".to_owned(), |at| format!("  [x] {:>5} ", clock(at)));
        line(out, &format!("{said} {}", quoted(&item.text)));
    }
}

fn promises(out: &mut String, call: &CallRecord) {
    if call.promises.is_empty() {
        return;
    }
    blank(out);
    line(out, "Promised");
    for promise in call.promises.iter().take(MOST_LISTED) {
        let who = if promise.party == Party::Rep { "you" } else { "they" };
        let due = promise.due.as_ref().map_or_else(String::new, |due| format!(" (due {due})"));
        line(out, &format!("  [ ] {:>5}  {who}: {}{due}", clock(promise.at_s), quoted(&promise.text)));
    }
    more(out, call.promises.len());
}

fn more(out: &mut String, all: usize) {
    if all > MOST_LISTED {
        line(out, &format!("         and {} more", all - MOST_LISTED));
    }
}
