//! What was said, as data: the `cues`, `ledger`, `promises` and `balance` of a call's record. Names and units are a contract.

use serde::Serialize;

use crate::units::{AudioTime, ByParty, Party, Span};

use super::CueKind;
use super::balance::Persons;
use super::ledger::Answer;

/// One cue of a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CueRecord {
    pub at_s: AudioTime,
    pub party: Party,
    pub kind: CueKind,
    /// The exact words.
    pub text: String,
    /// 0 to 1, two decimals.
    pub confidence: f64,
    pub why: String,
}

/// One concern of the client's and its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LedgerRecord {
    pub at_s: AudioTime,
    pub concern: String,
    /// `null` if the call ended before the rep said anything.
    pub answer: Option<Answer>,
    pub latency_s: Option<Span>,
}

/// One promise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromiseRecord {
    pub at_s: AudioTime,
    pub party: Party,
    pub text: String,
    /// The day as `2026-12-01`.
    pub due: Option<String>,
}

/// We, I and you of five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WindowRecord {
    pub at_s: AudioTime,
    #[serde(flatten)]
    pub words: ByParty<Persons>,
}

/// Something that was talked about and who brought it up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicRecord {
    pub word: String,
    pub by: Party,
    pub at_s: AudioTime,
    pub times: u32,
}

/// Everything about what was said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WordsRecord {
    pub cues: Vec<CueRecord>,
    pub ledger: Vec<LedgerRecord>,
    pub promises: Vec<PromiseRecord>,
    pub balance: Vec<WindowRecord>,
    pub topics: Vec<TopicRecord>,
}
