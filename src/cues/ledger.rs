//! The validation ledger: every concern of the client's, and what the rep's next turn made of it.

use serde::Serialize;

use crate::units::{AudioTime, Span, Stretch};

use super::CueKind;

/// What a concern got for an answer, best to worst; a dismissal outweighs everything else in the same turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    Validated,
    Paraphrased,
    Asked,
    Ignored,
    Dismissed,
}

/// One concern.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it was said.
    pub stretch: Stretch,
    pub concern: String,
    /// `None` while the rep has not answered, or if the call ended before.
    pub answer: Option<Answer>,
    /// From the concern's last word to the answer's first; zero where the rep came in early.
    pub latency: Option<Span>,
}

/// All concerns of a call, in order.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// The rep is in the turn that answers: since when, and the best so far.
    answering: Option<(AudioTime, Answer)>,
}

impl Ledger {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A concern is open: nothing the rep said has answered it yet.
    pub fn is_open(&self) -> bool {
        self.entries.iter().any(|entry| entry.answer.is_none())
    }

    /// The client raised a concern: its place in the ledger.
    pub fn open(&mut self, stretch: Stretch, concern: &str) -> usize {
        self.entries.push(Entry { stretch, concern: concern.to_owned(), answer: None, latency: None });
        self.entries.len() - 1
    }

    /// The rep said something that is more than a sign of listening.
    pub fn rep_said(&mut self, start: AudioTime, kinds: &[CueKind]) {
        if !self.is_open() {
            return;
        }
        let answer = answer_of(kinds);
        self.answering = Some(match self.answering {
            None => (start, answer),
            Some((since, before)) => (since, better(before, answer)),
        });
    }

    /// The client takes the word again, or the call ends: what was open is closed. Tells which entries those are.
    pub fn close(&mut self) -> Vec<usize> {
        let Some((since, answer)) = self.answering.take() else { return Vec::new() };
        let mut closed = Vec::new();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if entry.answer.is_none() {
                entry.answer = Some(answer);
                entry.latency = Some(since.since(entry.stretch.end));
                closed.push(index);
            }
        }
        closed
    }
}

/// What one utterance of the rep is for an open concern. Owning the mistake honours it.
fn answer_of(kinds: &[CueKind]) -> Answer {
    let has = |kind: CueKind| kinds.contains(&kind);
    if has(CueKind::Dismissive) {
        Answer::Dismissed
    } else if has(CueKind::Validation) || has(CueKind::OwnMistake) {
        Answer::Validated
    } else if has(CueKind::Paraphrase) {
        Answer::Paraphrased
    } else if has(CueKind::OpenQuestion) || has(CueKind::ClosedQuestion) {
        Answer::Asked
    } else {
        Answer::Ignored
    }
}

fn better(a: Answer, b: Answer) -> Answer {
    if a == Answer::Dismissed || b == Answer::Dismissed { Answer::Dismissed } else { a.min(b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: u64) -> AudioTime {
        AudioTime::from_millis(1000 * n)
    }

    #[test]
    fn the_best_answer_of_the_turn_counts_unless_it_dismisses() {
        for (turn, expected) in [
            (vec![vec![], vec![CueKind::Validation]], Answer::Validated),
            (vec![vec![CueKind::OpenQuestion], vec![CueKind::Paraphrase]], Answer::Paraphrased),
            (vec![vec![CueKind::Validation], vec![CueKind::Dismissive]], Answer::Dismissed),
            (vec![vec![CueKind::Promise]], Answer::Ignored),
        ] {
            let mut ledger = Ledger::default();
            ledger.open(Stretch::new(second(1), second(3)), "it's late");
            assert!(ledger.close().is_empty(), "nobody has answered yet");
            for (n, kinds) in turn.iter().enumerate() {
                ledger.rep_said(second(4 + n as u64), kinds);
            }
            assert_eq!(ledger.close(), [0]);
            let entry = &ledger.entries()[0];
            assert_eq!((entry.answer, entry.latency), (Some(expected), Some(Span::from_secs(1))));
            assert!(!ledger.is_open());
        }
    }
}
