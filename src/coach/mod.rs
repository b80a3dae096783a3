//! When to speak to the rep: at most one short nudge, about the next move, and only at the right moment.
//!
//! [`rules`] say what the call needs, each with its evidence; [`policy`] says whether now is the time. Coaches the rep only.

pub mod policy;
pub mod rules;

use serde::Serialize;

use crate::coach::policy::Policy;
use crate::coach::rules::{LetThemFinish, PauseAndAsk};
use crate::config::CoachSettings;
use crate::units::{AudioTime, ByParty, Span};

/// What a nudge is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    PauseAndAsk,
    LetThemFinish,
    SayItBack,
    AcknowledgeFirst,
    TradeIt,
    AskOne,
    OpenWarm,
    NameTheGoal,
    Unstick,
    GiveItThree,
}

impl Kind {
    pub const ALL: [Kind; 10] = [
        Kind::PauseAndAsk,
        Kind::LetThemFinish,
        Kind::SayItBack,
        Kind::AcknowledgeFirst,
        Kind::TradeIt,
        Kind::AskOne,
        Kind::OpenWarm,
        Kind::NameTheGoal,
        Kind::Unstick,
        Kind::GiveItThree,
    ];

    /// What the overlay shows: at most four words, about the next move.
    pub fn text(self) -> &'static str {
        match self {
            Kind::PauseAndAsk => "Pause. Ask one.",
            Kind::LetThemFinish => "Let them finish.",
            Kind::SayItBack => "Say it back.",
            Kind::AcknowledgeFirst => "Acknowledge first.",
            Kind::TradeIt => "Trade it.",
            Kind::AskOne => "Ask one.",
            Kind::OpenWarm => "Open warm.",
            Kind::NameTheGoal => "Name the goal.",
            Kind::Unstick => "Ask what's behind it.",
            Kind::GiveItThree => "Good pause.",
        }
    }
}

/// Why a nudge was shown: the evidence, not a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// The rep has spoken this long without a mutual pause.
    LongRun(Span),
    /// The rep has talked over the client since this moment.
    TalkingOver(AudioTime),
}

impl Reason {
    /// One sentence for the record, from the evidence.
    pub fn sentence(self) -> String {
        match self {
            Reason::LongRun(run) => format!("You had spoken for {:.0} s without a pause.", run.as_secs_f64()),
            Reason::TalkingOver(since) => {
                format!("You were talking over the client from {:.1} s on.", since.as_secs_f64())
            }
        }
    }
}

/// The one short thing that the overlay says now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudge {
    pub at: AudioTime,
    pub kind: Kind,
    pub why: Reason,
}

/// What the coach decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CoachEvent {
    Nudged(Nudge),
    /// The nudge shown at `at` was acted on.
    ActedOn {
        kind: Kind,
        at: AudioTime,
    },
}

/// What the coach looks at, as it stands now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Situation {
    /// Time the rep has spoken without a mutual pause and without the client taking the floor.
    pub run: Span,
    /// Since when the rep has been talking over the client.
    pub talking_over: Option<AudioTime>,
    pub speaking: ByParty<bool>,
    /// Both channels deliver what they should.
    pub healthy: bool,
}

/// A nudge counts as acted on if what it asks for happens within this time of being shown.
const TO_ACT: Span = Span::from_secs(15);

#[derive(Debug)]
pub struct Coach {
    enabled: bool,
    pause_and_ask: PauseAndAsk,
    let_them_finish: LetThemFinish,
    policy: Policy,
    /// The latest nudge, until it is acted on or too old to be.
    pending: Option<Nudge>,
}

impl Coach {
    pub fn new(settings: &CoachSettings) -> Coach {
        Coach {
            enabled: settings.enabled,
            pause_and_ask: PauseAndAsk::new(settings),
            let_them_finish: LetThemFinish::new(settings),
            policy: Policy::new(settings),
            pending: None,
        }
    }

    /// Time has passed and this is how the call stands.
    pub fn advance(&mut self, now: AudioTime, situation: &Situation, out: &mut Vec<CoachEvent>) {
        if !self.enabled {
            return;
        }
        self.watch_pending(now, situation, out);
        let due = self.let_them_finish.due(now, situation).or_else(|| self.pause_and_ask.due(now, situation));
        let Some(why) = due else { return };
        let nudge = Nudge { at: now, kind: why.kind(), why };
        if !situation.healthy || !self.policy.allows(&nudge) {
            return;
        }
        self.policy.shown(&nudge);
        match why {
            Reason::LongRun(_) => self.pause_and_ask.shown(),
            Reason::TalkingOver(_) => self.let_them_finish.shown(),
        }
        self.pending = Some(nudge);
        out.push(CoachEvent::Nudged(nudge));
    }

    fn watch_pending(&mut self, now: AudioTime, situation: &Situation, out: &mut Vec<CoachEvent>) {
        let Some(nudge) = self.pending else { return };
        let obeyed = match nudge.why {
            Reason::LongRun(run) => situation.run < run,
            Reason::TalkingOver(_) => {
                situation.talking_over.is_none() && !situation.speaking.rep && situation.speaking.client
            }
        };
        // Whoever carries on to the end of the overlap has not let them finish.
        let refused = matches!(nudge.why, Reason::TalkingOver(_))
            && situation.talking_over.is_none()
            && situation.speaking.rep;
        if obeyed {
            out.push(CoachEvent::ActedOn { kind: nudge.kind, at: nudge.at });
        }
        if obeyed || refused || now.since(nudge.at) > TO_ACT {
            self.pending = None;
        }
    }
}

impl Reason {
    pub fn kind(self) -> Kind {
        match self {
            Reason::LongRun(_) => Kind::PauseAndAsk,
            Reason::TalkingOver(_) => Kind::LetThemFinish,
        }
    }
}
