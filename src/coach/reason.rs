//! What a nudge is about, and the evidence for it. The sentences are in the wording table.

use serde::Serialize;

use crate::units::{AudioTime, Share, Span};

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

    /// The name in records and tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::PauseAndAsk => "pause_and_ask",
            Kind::LetThemFinish => "let_them_finish",
            Kind::SayItBack => "say_it_back",
            Kind::AcknowledgeFirst => "acknowledge_first",
            Kind::TradeIt => "trade_it",
            Kind::AskOne => "ask_one",
            Kind::OpenWarm => "open_warm",
            Kind::NameTheGoal => "name_the_goal",
            Kind::Unstick => "unstick",
            Kind::GiveItThree => "give_it_three",
        }
    }

    /// Names of the reasons for it.
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Kind::PauseAndAsk => &["long_run", "large_share"],
            Kind::LetThemFinish => &["talking_over"],
            Kind::SayItBack => &["long_turn", "left_open"],
            Kind::AcknowledgeFirst => &["not_acknowledged", "brushed_aside", "at_once"],
            Kind::TradeIt => &["bare_concession"],
            Kind::AskOne => &["no_question"],
            Kind::OpenWarm => &["straight_to_business"],
            Kind::NameTheGoal => &["goal_unsaid"],
            Kind::Unstick => &["stalemate"],
            Kind::GiveItThree => &["silence"],
        }
    }
}

/// Why a nudge was shown: the evidence, not a sentence. Moments are those of what happened, not of when it was known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// The rep has spoken this long without a mutual pause.
    LongRun { since: AudioTime, length: Span },
    /// Most of the talk of the last minutes was the rep's.
    LargeShare { share: Share },
    /// The rep has talked over the client since this moment.
    TalkingOver { since: AudioTime },
    /// The client spoke for long, and the rep's answer takes nothing of it up.
    LongTurn { length: Span },
    /// The rep's turn is over, and the concern before it has no answer.
    LeftOpen { concern: AudioTime },
    /// The rep answers a concern and has not acknowledged it.
    NotAcknowledged { concern: AudioTime },
    /// The rep makes a concern smaller than it is.
    BrushedAside { concern: AudioTime },
    /// The rep answered a concern before it could have been heard.
    AtOnce { concern: AudioTime, after: Span },
    /// The rep gave something, asked for nothing and did not say what it is worth.
    BareConcession,
    /// The rep, who spoke most of the time, has asked nothing for so long.
    NoQuestion { since: AudioTime, length: Span },
    /// No greeting, no thanks, no word about the other.
    StraightToBusiness,
    /// The shared goal that was prepared has not been said.
    GoalUnsaid,
    /// A position was said again.
    Stalemate { at: AudioTime },
    /// The rep left the client this much time to think.
    Silence { length: Span },
}

impl Reason {
    pub fn kind(&self) -> Kind {
        match self {
            Reason::LongRun { .. } | Reason::LargeShare { .. } => Kind::PauseAndAsk,
            Reason::TalkingOver { .. } => Kind::LetThemFinish,
            Reason::LongTurn { .. } | Reason::LeftOpen { .. } => Kind::SayItBack,
            Reason::NotAcknowledged { .. } | Reason::BrushedAside { .. } | Reason::AtOnce { .. } => {
                Kind::AcknowledgeFirst
            }
            Reason::BareConcession => Kind::TradeIt,
            Reason::NoQuestion { .. } => Kind::AskOne,
            Reason::StraightToBusiness => Kind::OpenWarm,
            Reason::GoalUnsaid => Kind::NameTheGoal,
            Reason::Stalemate { .. } => Kind::Unstick,
            Reason::Silence { .. } => Kind::GiveItThree,
        }
    }

    /// Its key in the wording table; one of [`Kind::reasons`].
    pub fn name(&self) -> &'static str {
        match self {
            Reason::LongRun { .. } => "long_run",
            Reason::LargeShare { .. } => "large_share",
            Reason::TalkingOver { .. } => "talking_over",
            Reason::LongTurn { .. } => "long_turn",
            Reason::LeftOpen { .. } => "left_open",
            Reason::NotAcknowledged { .. } => "not_acknowledged",
            Reason::BrushedAside { .. } => "brushed_aside",
            Reason::AtOnce { .. } => "at_once",
            Reason::BareConcession => "bare_concession",
            Reason::NoQuestion { .. } => "no_question",
            Reason::StraightToBusiness => "straight_to_business",
            Reason::GoalUnsaid => "goal_unsaid",
            Reason::Stalemate { .. } => "stalemate",
            Reason::Silence { .. } => "silence",
        }
    }

    /// What stands in for the words in curly brackets.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        match *self {
            Reason::LongRun { length, .. } | Reason::LongTurn { length } | Reason::Silence { length } => {
                vec![("secs", format!("{:.0}", length.as_secs_f64().floor()))]
            }
            Reason::LargeShare { share } => vec![("percent", format!("{:.0}", share.as_f64() * 100.0))],
            Reason::NoQuestion { length, .. } => {
                vec![("minutes", format!("{:.0}", (length.as_secs_f64() / 60.0).floor()))]
            }
            Reason::TalkingOver { since: at } | Reason::Stalemate { at } => vec![("clock", clock(at))],
            Reason::NotAcknowledged { concern } | Reason::BrushedAside { concern } => {
                vec![("clock", clock(concern))]
            }
            Reason::AtOnce { concern, after } => {
                vec![("clock", clock(concern)), ("millis", after.as_millis().to_string())]
            }
            Reason::LeftOpen { .. }
            | Reason::BareConcession
            | Reason::StraightToBusiness
            | Reason::GoalUnsaid => Vec::new(),
        }
    }
}

fn clock(at: AudioTime) -> String {
    let secs = at.as_secs_f64() as u64;
    format!("{}:{:02}", secs / 60, secs % 60)
}
