//! The summary that the rep reads after a call: plain text, the moment beside every claim.

mod said;

use std::fmt::Write as _;

use crate::session::findings::minutes;
use crate::session::record::{CallRecord, Health, MonoRecord, OverlapRecord};
use crate::turns::{Class, Outcome};
use crate::units::{AudioTime, Party, Span, Stretch};

/// Columns of the balance bar and of the timeline.
const WIDTH: usize = 60;

/// More interruptions than this are counted, not listed.
const MOST_LISTED: usize = 6;

/// The summary of a call with one party a channel.
pub fn call(call: &CallRecord) -> String {
    let mut text = String::new();
    let out = &mut text;
    heading(out, &call.file, call.duration_s, "two channels");
    notes(out, &call.notes);
    for party in Party::BOTH {
        channel(out, call, party);
    }
    let spoken = call.talk.rep.talk_s + call.talk.client.talk_s;
    if spoken == Span::ZERO {
        line(out, "Nobody was heard speaking, so there is nothing to sum up.");
        return text;
    }
    balance(out, call);
    timeline(out, call);
    figures(out, call);
    overlaps(out, call);
    said::said(out, call);
    findings(out, call);
    nudges(out, call);
    marks(out, call);
    blank(out);
    line(out, &format!("Words: {}.", call.words.line));
    text
}

/// The summary of a recording in which one channel holds everybody.
pub fn mono(recording: &MonoRecord) -> String {
    let mut text = String::new();
    let out = &mut text;
    heading(out, &recording.file, recording.duration_s, "one channel");
    notes(out, &recording.notes);
    line(out, recording.note);
    blank(out);
    row(out, "Speech", &minutes(recording.speech_s));
    row(out, "Silence", &minutes(recording.silence_s));
    row(out, "Longest silence", &secs(recording.longest_silence_s));
    blank(out);
    line(out, "Record the call with you on the left and the client on the right to see the rest.");
    text
}

fn heading(out: &mut String, file: &str, duration: Span, channels: &str) {
    line(out, &format!("{file}   {}, {channels}", clock(AudioTime::ZERO + duration)));
    blank(out);
}

fn notes(out: &mut String, notes: &[String]) {
    for note in notes {
        line(out, note);
    }
}

fn channel(out: &mut String, call: &CallRecord, party: Party) {
    let who = match party {
        Party::Rep => "Your",
        Party::Client => "The client's",
    };
    match call.channels[party].health {
        Health::Ok => {}
        Health::Silent => line(out, &format!("{who} channel is silent from beginning to end.")),
        Health::NoVoice => line(out, &format!("{who} channel has sound, but no voice in it.")),
        Health::NotListenedTo => {
            line(
                out,
                &format!(
                    "{who} channel was not listened to, as you asked; there are no shares and no interruptions."
                ),
            );
        }
        Health::Clipping => line(out, &format!("{who} channel is too loud and clips: turn its level down.")),
    }
    let lost = call.channels[party].lost_s;
    if lost > Span::ZERO {
        line(out, &format!("{who} channel was lost for {}; that time counts for nobody.", secs(lost)));
    }
}

fn balance(out: &mut String, call: &CallRecord) {
    let (yours, theirs) = (minutes(call.talk.rep.talk_s), minutes(call.talk.client.talk_s));
    let Some(share) = call.talk.rep.share.filter(|_| call.enough_talk) else {
        line(
            out,
            &format!("  You spoke {yours}, the client {theirs}: too little for a share to mean anything."),
        );
        blank(out);
        return;
    };
    let filled = (share.as_f64() * WIDTH as f64).round() as usize;
    let bar = "█".repeat(filled) + &"░".repeat(WIDTH - filled);
    line(out, &format!("  you {bar} client"));
    let percent = share.percent();
    let rest = 100 - percent;
    line(out, &format!("  You spoke {percent} % of the talk ({yours}), the client {rest} % ({theirs})."));
    blank(out);
}

/// Who spoke when: each column is a slice of the call, its height how much of it was filled.
fn timeline(out: &mut String, call: &CallRecord) {
    let slice = (call.duration_s.ticks() / WIDTH as u64).max(1);
    for party in Party::BOTH {
        let cells: String = (0..WIDTH as u64)
            .map(|i| {
                let from = AudioTime::from_ticks(i * slice);
                let window = Stretch::new(from, from + Span::from_ticks(slice));
                let spoken: Span = (call.ipus.iter())
                    .filter(|ipu| ipu.party == party)
                    .filter_map(|ipu| ipu.stretch().overlap(window))
                    .map(Stretch::len)
                    .sum();
                height(spoken.ticks() as f64 / slice as f64)
            })
            .collect();
        let who = if party == Party::Rep { "you" } else { "client" };
        line(out, &format!("  {who:>6} {cells}"));
    }
    let end = clock(AudioTime::ZERO + call.duration_s);
    line(out, &format!("         0:00{end:>width$}", width = WIDTH - 4));
    blank(out);
}

fn height(filled: f64) -> char {
    const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if filled <= 0.0 { ' ' } else { HEIGHTS[((filled * 8.0).ceil() as usize).clamp(1, 8)] }
}

fn figures(out: &mut String, call: &CallRecord) {
    let longest = (call.turns.iter()).filter(|t| t.party == Party::Rep).max_by_key(|t| t.stretch().len());
    if let Some(turn) = longest {
        let moment = format!(
            "{}, from {} to {}",
            minutes(turn.stretch().len()),
            clock(turn.start_s),
            clock(turn.end_s)
        );
        row(out, "Longest monologue", &moment);
    }
    let patience = &call.patience;
    if let Some(median) = patience.median_s {
        let mut wait = if median < 0.0 {
            "you usually came in over their last words".to_owned()
        } else {
            format!("{median:.1} s typically, over {}", counted(patience.answers, "answer", "answers"))
        };
        if patience.jump_ins > 0 {
            let _ = write!(wait, "; {} under 0.2 s", patience.jump_ins);
        }
        if patience.extended_silences > 0 {
            let _ = write!(wait, "; {} of 3 s or more", patience.extended_silences);
        }
        row(out, "Before you answer", &wait);
        if let Some(after) = patience.after_long_turns_s.filter(|after| *after >= 0.0) {
            row(out, "  after long turns", &format!("{after:.1} s"));
        }
    }
    let turns = format!("you {}, client {}", call.talk.rep.turns, call.talk.client.turns);
    row(out, "Turns", &turns);
    row(out, "Longest silence", &secs(call.longest_silence_s));
}

fn overlaps(out: &mut String, call: &CallRecord) {
    let cuts = |party: Party| {
        (call.overlaps.iter()).filter(move |o| o.class == Class::Interruption && o.by == party)
    };
    let (yours, theirs) = (cuts(Party::Rep).count(), cuts(Party::Client).count());
    row(out, "Interruptions", &format!("you {yours}, client {theirs}"));
    let all: Vec<&OverlapRecord> = call.overlaps.iter().filter(|o| o.class == Class::Interruption).collect();
    for overlap in all.iter().take(MOST_LISTED) {
        let (who, other) = match overlap.by {
            Party::Rep => ("you cut in", "the client"),
            Party::Client => ("the client cut in", "you"),
        };
        let both = secs(overlap.end_s - overlap.start_s);
        let outcome = match overlap.outcome {
            Some(Outcome::Successful) => format!("{other} gave up after {both}"),
            Some(Outcome::Unsuccessful) => format!("{other} went on after {both} of both"),
            None => format!("{both} of both"),
        };
        line(out, &format!("    {:>5}  {who}; {outcome}", clock(overlap.start_s)));
    }
    if all.len() > MOST_LISTED {
        line(out, &format!("           and {} more", all.len() - MOST_LISTED));
    }
    let heard = (call.talk.rep.backchannels, call.talk.client.backchannels);
    row(
        out,
        "Only \"mm-hm\"",
        &format!("you {}, client {} (never counted as interruptions)", heard.0, heard.1),
    );
}

fn findings(out: &mut String, call: &CallRecord) {
    if !call.findings.is_empty() {
        blank(out);
        line(out, "Worth doing otherwise");
        for finding in &call.findings {
            line(out, &format!("  {:>5}  {}", clock(finding.at_s), finding.title));
            line(out, &format!("         Try: {}", finding.try_this));
        }
    }
    if let Some(strength) = &call.strength {
        blank(out);
        line(out, "Done well");
        line(out, &format!("  {:>5}  {}", clock(strength.at_s), strength.title));
    }
}

fn nudges(out: &mut String, call: &CallRecord) {
    if call.nudges.is_empty() {
        return;
    }
    blank(out);
    line(out, if call.live { "What you were told" } else { "The overlay would have said" });
    for nudge in &call.nudges {
        let acted = if nudge.acted { " You did." } else { "" };
        line(out, &format!("  {:>5}  \"{}\" {}{acted}", clock(nudge.at_s), nudge.text, nudge.why));
    }
}

/// The moments that the rep marked, to look at again.
fn marks(out: &mut String, call: &CallRecord) {
    if !call.marks.is_empty() {
        let marks: Vec<String> = call.marks.iter().map(|at| clock(*at)).collect();
        blank(out);
        line(out, &format!("You marked  {}", marks.join(", ")));
    }
}

fn row(out: &mut String, name: &str, value: &str) {
    line(out, &format!("  {name:<19}{value}"));
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

fn blank(out: &mut String) {
    out.push('\n');
}

fn secs(length: Span) -> String {
    format!("{:.1} s", length.as_secs_f64())
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Minutes and seconds into the call, hours where needed.
pub fn clock(at: AudioTime) -> String {
    let secs = at.as_secs_f64() as u64;
    match (secs / 3600, secs / 60 % 60, secs % 60) {
        (0, minutes, secs) => format!("{minutes}:{secs:02}"),
        (hours, minutes, secs) => format!("{hours}:{minutes:02}:{secs:02}"),
    }
}
