//! After a call: at most three things worth doing otherwise, and one done well. Each with its moment and one sentence to try.
//!
//! Told from timing alone; the wording is about the next call, never a verdict on a person.

use crate::cues::CueKind;
use crate::cues::ledger::Answer;
use crate::cues::record::CueRecord;
use crate::session::record::{CallRecord, Finding, OverlapRecord, Strength, TurnRecord};
use crate::turns::{Class, Outcome};
use crate::units::{AudioTime, Party, Span};

/// More would not be remembered.
const MOST_FINDINGS: usize = 3;

/// A turn of the rep from here on is worth a word: the coach's two minutes, with room for a long answer.
const LONG_TURN: Span = Span::from_secs(90);

/// Above this share of the talk the rep was presenting, not negotiating; the coach uses the same bound live.
const TALKED_MOST: f64 = 0.65;

/// At this many answers a habit can be told from chance.
const ENOUGH_ANSWERS: usize = 4;

/// What is quoted must fit in a line with its time.
const LONGEST_QUOTE: usize = 90;

impl CallRecord {
    /// Adds what stood out.
    pub fn with_findings(mut self) -> CallRecord {
        let all = [unheard(&self), cut_off(&self), long_turn(&self), talked_most(&self), jumped_in(&self)];
        let mut findings: Vec<Finding> = all.into_iter().flatten().take(MOST_FINDINGS).collect();
        findings.sort_by_key(|finding| finding.at_s);
        self.findings = findings;
        self.strength = strength(&self);
        self
    }
}

fn interruptions(call: &CallRecord) -> impl Iterator<Item = &OverlapRecord> {
    (call.overlaps.iter()).filter(|o| o.class == Class::Interruption && o.by == Party::Rep)
}

fn cut_off(call: &CallRecord) -> Option<Finding> {
    let all = interruptions(call).count();
    let first = interruptions(call)
        .find(|overlap| overlap.outcome == Some(Outcome::Successful))
        .or_else(|| interruptions(call).next())?;
    let title = match (all, first.outcome) {
        (1, Some(Outcome::Successful)) => {
            "You cut in while the client was speaking, and they gave up.".to_owned()
        }
        (1, _) => "You spoke over the client, who went on.".to_owned(),
        (n, _) => format!("You cut in on the client {n} times; here is one."),
    };
    Some(Finding {
        at_s: first.start_s,
        title,
        try_this: "When you notice it, hand it back: \"Sorry, I cut you off. What were you saying?\""
            .to_owned(),
    })
}

fn long_turn(call: &CallRecord) -> Option<Finding> {
    let longest = longest_turn(call, Party::Rep).filter(|turn| turn.stretch().len() >= LONG_TURN)?;
    Some(Finding {
        at_s: longest.start_s,
        title: format!("You held the floor for {} in one go.", minutes(longest.stretch().len())),
        try_this: "Stop after the first point and ask: \"How does that compare with what you do today?\""
            .to_owned(),
    })
}

fn talked_most(call: &CallRecord) -> Option<Finding> {
    let share = call.talk.rep.share?;
    if !call.enough_talk || share.as_f64() <= TALKED_MOST {
        return None;
    }
    let at_s = longest_turn(call, Party::Rep).map_or(AudioTime::ZERO, |turn| turn.start_s);
    Some(Finding {
        at_s,
        title: format!("You did {} % of the talking.", share.percent()),
        try_this: "Bring two open questions to the next call and ask the first within five minutes."
            .to_owned(),
    })
}

fn jumped_in(call: &CallRecord) -> Option<Finding> {
    let patience = &call.patience;
    let often = 2 * patience.jump_ins as usize >= patience.answers && patience.answers >= ENOUGH_ANSWERS;
    if !often {
        return None;
    }
    let at_s = patience.first_jump_in?;
    Some(Finding {
        at_s,
        title: format!(
            "You answered in under 0.2 s {} times out of {}.",
            patience.jump_ins, patience.answers
        ),
        try_this: "Breathe in once before you answer; people often add what matters most.".to_owned(),
    })
}

/// A concern that the rep brushed aside, else something said that brushes aside, else a concern that was passed over.
fn unheard(call: &CallRecord) -> Option<Finding> {
    let answered = |answer| call.ledger.iter().find(|entry| entry.answer == Some(answer));
    let dismissive = |cue: &&CueRecord| cue.party == Party::Rep && cue.kind == CueKind::Dismissive;
    let often = match call.cues.iter().filter(dismissive).count() {
        0 | 1 => String::new(),
        n => format!(" There were {n} such answers."),
    };
    let (at_s, title) = if let Some(entry) = answered(Answer::Dismissed) {
        (entry.at_s, format!("They said {}, and you brushed it aside.{often}", quoted(&entry.concern)))
    } else if let Some(cue) = call.cues.iter().find(dismissive) {
        (cue.at_s, format!("You said {}: that brushes a worry aside.{often}", quoted(&cue.text)))
    } else {
        let entry = answered(Answer::Ignored)?;
        let try_this =
            "Give it back in a sentence and ask: \"So the delay is what worries you most?\"".to_owned();
        let title = format!("They said {}, and you went past it.", quoted(&entry.concern));
        return Some(Finding { at_s: entry.at_s, title, try_this });
    };
    let try_this = "Name it before anything else: \"I can see why that is frustrating.\"".to_owned();
    Some(Finding { at_s, title, try_this })
}

/// What was said, in quotation marks, cut at a word if it is long.
pub fn quoted(text: &str) -> String {
    if text.chars().count() <= LONGEST_QUOTE {
        return format!("\"{text}\"");
    }
    let mut quote = String::new();
    for word in text.split_whitespace() {
        if quote.chars().count() + word.chars().count() > LONGEST_QUOTE {
            break;
        }
        quote.push_str(word);
        quote.push(' ');
    }
    format!("\"{}…\"", quote.trim_end())
}

fn strength(call: &CallRecord) -> Option<Strength> {
    let honoured = (call.ledger.iter())
        .find(|entry| matches!(entry.answer, Some(Answer::Validated | Answer::Paraphrased)));
    if let Some(entry) = honoured {
        let title = format!("They said {}, and you took it up before anything else.", quoted(&entry.concern));
        return Some(Strength { at_s: entry.at_s, title });
    }
    if let Some((at_s, silence)) = call.patience.longest_silence {
        let secs = silence.as_secs_f64();
        let title = format!("You let {secs:.1} s pass before you answered: that gave them room.");
        return Some(Strength { at_s, title });
    }
    let listened = longest_turn(call, Party::Client).filter(|turn| {
        turn.stretch().len() >= Span::from_secs(15)
            && !interruptions(call).any(|overlap| turn.stretch().contains(overlap.start_s))
    });
    if let Some(turn) = listened {
        return Some(Strength {
            at_s: turn.start_s,
            title: format!(
                "You let the client speak for {} without cutting in.",
                minutes(turn.stretch().len())
            ),
        });
    }
    // Whoever brushed a worry aside is not told that all was well.
    if unheard(call).is_some() {
        return None;
    }
    let balanced = call.talk.rep.share.filter(|share| (0.35..=0.6).contains(&share.as_f64()))?;
    call.enough_talk.then(|| Strength {
        at_s: AudioTime::ZERO,
        title: format!("The talk was balanced: {} % was yours.", balanced.percent()),
    })
}

fn longest_turn(call: &CallRecord, party: Party) -> Option<&TurnRecord> {
    (call.turns.iter()).filter(|turn| turn.party == party).max_by_key(|turn| turn.stretch().len())
}

/// "48 s" or "2 min 6 s".
pub fn minutes(length: Span) -> String {
    let secs = length.as_secs_f64().round() as u64;
    match (secs / 60, secs % 60) {
        (0, secs) => format!("{secs} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, secs) => format!("{minutes} min {secs} s"),
    }
}
