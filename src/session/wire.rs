//! One JSON line per event, as it happens: what `heard analyze --events` prints.

use serde::Serialize;

use crate::coach::{CoachEvent, Kind};
use crate::cues;
use crate::cues::CueKind;
use crate::cues::ledger::Answer;
use crate::session::record::OverlapRecord;
use crate::session::words::UtteranceRecord;
use crate::session::{Event, What};
use crate::speech::Utterance;
use crate::turns::TurnEvent;
use crate::units::{AudioTime, Party};
use crate::voice::Edge;

/// An event on the wire. `at_s` is when it could be told; the other times are what it tells of.
#[derive(Serialize)]
pub struct Line {
    at_s: AudioTime,
    #[serde(flatten)]
    what: Told,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told {
    VoiceOn {
        party: Party,
        start_s: AudioTime,
    },
    VoiceRetracted {
        party: Party,
        start_s: AudioTime,
    },
    VoiceOff {
        party: Party,
        end_s: AudioTime,
    },
    Ipu {
        party: Party,
        start_s: AudioTime,
        end_s: AudioTime,
    },
    FloorTaken {
        party: Party,
        start_s: AudioTime,
    },
    TurnEnded {
        party: Party,
        start_s: AudioTime,
        end_s: AudioTime,
    },
    FloorBid {
        status: Status,
        by: Party,
        start_s: AudioTime,
    },
    FloorBidDropped {
        by: Party,
        start_s: AudioTime,
    },
    TalkingOver {
        start_s: AudioTime,
    },
    TalkingOverEnded {
        end_s: AudioTime,
    },
    Overlap {
        status: Status,
        #[serde(flatten)]
        overlap: OverlapRecord,
    },
    Nudge {
        kind: Kind,
        text: String,
        detail: Option<String>,
        why: String,
    },
    NudgeGone {
        kind: Kind,
        shown_s: AudioTime,
    },
    NudgeActedOn {
        kind: Kind,
        shown_s: AudioTime,
    },
    NudgeDismissed {
        kind: Kind,
        shown_s: AudioTime,
    },
    Cue {
        party: Party,
        said_s: AudioTime,
        kind: CueKind,
        text: String,
        confidence: f32,
        why: String,
    },
    /// A concern of the client's; its place in the ledger.
    Concern {
        said_s: AudioTime,
        entry: usize,
    },
    ConcernAnswered {
        entry: usize,
        answer: Answer,
    },
    Promise {
        said_s: AudioTime,
        promise: usize,
    },
    /// Something that was prepared was said; which, of several, counted from 0.
    Prepared {
        said_s: AudioTime,
        item: &'static str,
        index: usize,
    },
    Marked,
    Utterance {
        /// Provisional while the speaker goes on.
        status: Status,
        #[serde(flatten)]
        utterance: UtteranceRecord,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Provisional,
    Final,
}

impl From<&Event> for Line {
    fn from(event: &Event) -> Line {
        let what = match &event.what {
            What::Voice { party, edge } => voice(*party, edge),
            What::Turn(event) => turn(event),
            What::Words(event) => words(event),
            What::Coach(event) => coach(event),
            What::Marked => Told::Marked,
        };
        Line { at_s: event.at, what }
    }
}

impl Line {
    /// Something that was said, known at the session's time `at`. Partial while the speaker goes on.
    pub fn said(at: AudioTime, utterance: &Utterance, partial: bool) -> Line {
        let status = if partial { Status::Provisional } else { Status::Final };
        Line { at_s: at, what: Told::Utterance { status, utterance: utterance.into() } }
    }
}

fn voice(party: Party, edge: &Edge) -> Told {
    match *edge {
        Edge::Onset { at } => Told::VoiceOn { party, start_s: at },
        Edge::Retracted { at } => Told::VoiceRetracted { party, start_s: at },
        Edge::Offset { at, .. } => Told::VoiceOff { party, end_s: at },
    }
}

fn coach(event: &CoachEvent) -> Told {
    match event {
        CoachEvent::Nudged(nudge) => Told::Nudge {
            kind: nudge.kind,
            text: nudge.text.clone(),
            detail: nudge.detail.clone(),
            why: nudge.sentence.clone(),
        },
        CoachEvent::Gone { kind, at } => Told::NudgeGone { kind: *kind, shown_s: *at },
        CoachEvent::ActedOn { kind, at } => Told::NudgeActedOn { kind: *kind, shown_s: *at },
        CoachEvent::Dismissed { kind, at } => Told::NudgeDismissed { kind: *kind, shown_s: *at },
    }
}

fn words(event: &cues::Event) -> Told {
    match event {
        cues::Event::Cue(cue) => Told::Cue {
            party: cue.party,
            said_s: cue.at,
            kind: cue.kind,
            text: cue.words.clone(),
            confidence: (cue.confidence * 100.0).round() / 100.0,
            why: cue.why.clone(),
        },
        cues::Event::Opened { at, entry } => Told::Concern { said_s: *at, entry: *entry },
        cues::Event::Closed { entry, answer, .. } => Told::ConcernAnswered { entry: *entry, answer: *answer },
        cues::Event::Promised { at, promise } => Told::Promise { said_s: *at, promise: *promise },
        cues::Event::Ticked { at, item } => {
            Told::Prepared { said_s: *at, item: item.name(), index: item.index() }
        }
    }
}

fn turn(event: &TurnEvent) -> Told {
    match *event {
        TurnEvent::Ipu { party, ipu } => {
            Told::Ipu { party, start_s: ipu.stretch.start, end_s: ipu.stretch.end }
        }
        TurnEvent::FloorTaken { party, since } => Told::FloorTaken { party, start_s: since },
        TurnEvent::TurnEnded { party, stretch } => {
            Told::TurnEnded { party, start_s: stretch.start, end_s: stretch.end }
        }
        TurnEvent::FloorBid { by, onset } => {
            Told::FloorBid { status: Status::Provisional, by, start_s: onset }
        }
        TurnEvent::BidDropped { by, onset } => Told::FloorBidDropped { by, start_s: onset },
        TurnEvent::TalkingOver { since } => Told::TalkingOver { start_s: since },
        TurnEvent::TalkingOverEnded { at } => Told::TalkingOverEnded { end_s: at },
        TurnEvent::Overlap(overlap) => Told::Overlap { status: Status::Final, overlap: (&overlap).into() },
    }
}
