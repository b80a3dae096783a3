//! How the words are doing, for whoever shows a call: a value, and the sentence that says it.

use crate::speech::queue::Tally;
use crate::speech::sieve::Doubts;
use crate::units::Share;

/// What the recogniser is called that needs no model of ours.
pub const BASIC: &str = "basic";

/// Said wherever it was used: a third of its words is wrong on clean recordings, and nearly all in noise.
const BASIC_LIMITS: &str =
    "the basic recogniser gets many words wrong: heard models fetch base.en gets a better one";

/// What the recogniser is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody asked for words, or there is no model; the sentence says which.
    #[default]
    Off,
    /// The model is being read, or the recogniser started anew.
    Loading,
    /// Words come as fast as they are said.
    Listening,
    /// Words come late, and some may be left out.
    Behind,
    /// There will be no more words in this call.
    Failed,
    /// The meeting platform wrote them down.
    Written,
}

/// How the words are doing at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    pub state: State,
    /// The model's name.
    pub model: String,
    /// Why there are no words, as one sentence; empty while there are.
    pub why: String,
    pub tally: Tally,
    pub doubts: Doubts,
    /// Time that a second of sound takes, over the last clips; below 1 the recogniser keeps up.
    pub real_time_factor: Option<f32>,
    /// How often the recogniser had to be started anew.
    pub restarts: u32,
    /// The system's number of the recogniser's process, while there is one.
    pub process: Option<u32>,
}

impl Status {
    /// There are no words, and this is why.
    pub fn off(why: &str) -> Status {
        Status { why: why.to_owned(), ..Status::default() }
    }

    /// Words come from the meeting platform's transcript.
    pub fn written() -> Status {
        Status { state: State::Written, ..Status::default() }
    }

    /// One line for the summary, without the full stop.
    pub fn line(&self) -> String {
        let mut line = match (&self.state, self.tally.coverage()) {
            (State::Off, _) => return format!("none; {}", self.why),
            (State::Written, _) => return "the meeting's own transcript".to_owned(),
            (State::Failed, None) => return format!("none; {}", self.why),
            (_, None) => format!("none were said, {}", self.model),
            (_, Some(share)) => format!("{} % of speech, {}", percent(share), self.model),
        };
        match self.tally.dropped + self.tally.failed {
            0 => {}
            1 => line.push_str("; one piece left out"),
            pieces => line.push_str(&format!("; {pieces} pieces left out")),
        }
        if self.model == BASIC {
            line.push_str(&format!("; {BASIC_LIMITS}"));
        }
        if self.state == State::Failed {
            line.push_str(&format!("; {}", self.why));
        }
        line
    }

    /// A word or two for a view that has little room.
    pub fn short(&self) -> String {
        let state = match self.state {
            State::Off => "off",
            State::Loading => "loading",
            State::Listening => "on",
            State::Behind => "behind",
            State::Failed => "failed",
            State::Written => "written",
        };
        match self.tally.coverage() {
            Some(share) if percent(share) < 100 => format!("words {state} {} %", percent(share)),
            _ => format!("words {state}"),
        }
    }
}

/// Whole percents, never 100 while something is missing.
fn percent(share: Share) -> u32 {
    if share.as_f64() < 1.0 { share.percent().min(99) } else { 100 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn check(state: State, recognised: u64, lost: u64, line: &str, short: &str) {
        let tally = Tally {
            offered: Span::from_millis(recognised + lost),
            recognised: Span::from_millis(recognised),
            lost: Span::from_millis(lost),
            dropped: u32::from(lost > 0),
            ..Tally::default()
        };
        let why = if matches!(state, State::Off | State::Failed) { "the model is broken" } else { "" };
        let status = Status { state, model: "base.en".into(), why: why.into(), tally, ..Status::default() };
        assert_eq!((status.line().as_str(), status.short().as_str()), (line, short));
    }

    #[test]
    fn each_state_has_its_line() {
        check(State::Listening, 10_000, 0, "100 % of speech, base.en", "words on");
        check(State::Listening, 9300, 700, "93 % of speech, base.en; one piece left out", "words on 93 %");
        check(State::Behind, 99_990, 10, "99 % of speech, base.en; one piece left out", "words behind 99 %");
        check(State::Listening, 0, 0, "none were said, base.en", "words on");
        let basic = Status { state: State::Listening, model: BASIC.into(), ..Status::default() };
        assert!(
            basic.line().starts_with("none were said, basic; the basic recogniser gets many words wrong")
        );
        check(State::Off, 0, 0, "none; the model is broken", "words off");
        check(State::Failed, 0, 0, "none; the model is broken", "words failed");
        let line = "50 % of speech, base.en; one piece left out; the model is broken";
        check(State::Failed, 500, 500, line, "words failed 50 %");
    }
}
