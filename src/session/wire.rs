//! One JSON line per event, as it happens: what `heard analyze --events` prints.

use serde::Serialize;

use crate::coach::{CoachEvent, Kind};
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
        text: &'static str,
        why: String,
    },
    NudgeActedOn {
        kind: Kind,
        shown_s: AudioTime,
    },
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
        let what = match event.what {
            What::Voice { party, edge } => match edge {
                Edge::Onset { at } => Told::VoiceOn { party, start_s: at },
                Edge::Retracted { at } => Told::VoiceRetracted { party, start_s: at },
                Edge::Offset { at, .. } => Told::VoiceOff { party, end_s: at },
            },
            What::Turn(event) => turn(&event),
            What::Coach(CoachEvent::Nudged(nudge)) => {
                Told::Nudge { kind: nudge.kind, text: nudge.kind.text(), why: nudge.why.sentence() }
            }
            What::Coach(CoachEvent::ActedOn { kind, at }) => Told::NudgeActedOn { kind, shown_s: at },
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
