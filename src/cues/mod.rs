//! What is said that matters: seventeen kinds of cue, found in words of either party.
//!
//! An utterance is taken apart ([`tokens`]), phrases are looked for ([`phrases`]), features are weighed ([`model`]), and each
//! lens decides from these what was said: [`curiosity`] is the one to read first. Every cue tells its words and why it fired.
//! [`conversation`] follows a whole call and keeps the ledger of the client's concerns.

pub mod backchannel;
pub mod balance;
pub mod classes;
pub mod collaboration;
pub mod concern;
pub mod context;
pub mod conversation;
pub mod curiosity;
pub mod due;
pub mod features;
pub mod ledger;
pub mod lexicon;
pub mod listening;
pub mod model;
pub mod order;
pub mod pattern;
pub mod phrases;
pub mod preparation;
pub mod promises;
pub mod reader;
pub mod record;
mod shown;
pub mod stability;
pub mod standstill;
pub mod tables;
pub mod tokens;
pub mod trading;

pub use conversation::{Conversation, CueEvent, Event};
pub use preparation::{Item, Preparation};
pub use reader::{Cue, Reader, Said};

/// A kind of cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CueKind {
    /// Invites more than a word.
    OpenQuestion,
    /// Is answered by yes, no or one fact.
    ClosedQuestion,
    /// A question that takes up a word of the other's last turn.
    FollowUp,
    /// Gives back what was heard.
    Paraphrase,
    /// Names or honours the other's feeling or view.
    Validation,
    /// "I see", "mm-hm".
    Acknowledgement,
    /// Brushes the other's feeling or view aside.
    Dismissive,
    /// We, let's, together, that includes the other side.
    Partnership,
    /// What both sides want, said out loud.
    SharedGoal,
    /// Draws a line between the sides.
    UsVsThem,
    /// Greeting, thanks, small talk.
    Rapport,
    /// A give against a condition.
    Trade,
    /// Giving ground.
    Concession,
    /// A position said again.
    Stalemate,
    /// Owning what went wrong.
    OwnMistake,
    /// The speaker will do something.
    Promise,
    /// Worry, upset, objection.
    Concern,
}

impl CueKind {
    pub const ALL: [CueKind; 17] = [
        CueKind::OpenQuestion,
        CueKind::ClosedQuestion,
        CueKind::FollowUp,
        CueKind::Paraphrase,
        CueKind::Validation,
        CueKind::Acknowledgement,
        CueKind::Dismissive,
        CueKind::Partnership,
        CueKind::SharedGoal,
        CueKind::UsVsThem,
        CueKind::Rapport,
        CueKind::Trade,
        CueKind::Concession,
        CueKind::Stalemate,
        CueKind::OwnMistake,
        CueKind::Promise,
        CueKind::Concern,
    ];

    /// The name in records and tables.
    pub fn name(self) -> &'static str {
        match self {
            CueKind::OpenQuestion => "open_question",
            CueKind::ClosedQuestion => "closed_question",
            CueKind::FollowUp => "follow_up",
            CueKind::Paraphrase => "paraphrase",
            CueKind::Validation => "validation",
            CueKind::Acknowledgement => "acknowledgement",
            CueKind::Dismissive => "dismissive",
            CueKind::Partnership => "partnership",
            CueKind::SharedGoal => "shared_goal",
            CueKind::UsVsThem => "us_vs_them",
            CueKind::Rapport => "rapport",
            CueKind::Trade => "trade",
            CueKind::Concession => "concession",
            CueKind::Stalemate => "stalemate",
            CueKind::OwnMistake => "own_mistake",
            CueKind::Promise => "promise",
            CueKind::Concern => "concern",
        }
    }

    pub fn named(name: &str) -> Option<CueKind> {
        CueKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
