//! The Curiosity Lens: questions, open and closed, and those that follow up on what the other said.

use super::CueKind;
use super::reader::{Cue, Reading};

/// Confidence of a question that is known by its question mark alone.
const BY_MARK: f32 = 0.8;
/// A sentence so short with a question mark is a sign of listening: "Really?".
const SHORTEST_ASKED: usize = 3;

/// Questions in the utterance.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    let [mut open, mut closed] =
        [(CueKind::OpenQuestion, CueKind::ClosedQuestion), (CueKind::ClosedQuestion, CueKind::OpenQuestion)]
            .map(|(kind, other)| reading.found(kind).filter(|question| !is_other(reading, question, other)));
    closed = closed.filter(|closed| {
        reading.hinted(CueKind::ClosedQuestion) || closed.confidence >= CLOSED_IN_OTHER_WORDS
    });
    if open.is_none() && closed.is_none() {
        closed = by_mark(reading);
    }
    open.iter_mut().chain(&mut closed).for_each(|question| reading.show(question));
    let follows = open.iter().chain(&closed).find_map(|question| follow_up(reading, question));
    cues.extend(open);
    cues.extend(closed);
    cues.extend(follows);
}

/// What the weights must reach for a closed question in words that no phrase knows.
const CLOSED_IN_OTHER_WORDS: f32 = 0.8;

/// What the weights must reach for an open question in the words of a closed one.
const OPEN_IN_CLOSED_WORDS: f32 = 0.85;

/// A question of one sort by weight alone, where a phrase says that it is of the other: "do you have another supplier".
fn is_other(reading: &Reading<'_>, question: &Cue, other: CueKind) -> bool {
    // What is given back may be put as a question, and is no question for that.
    let gives_back = question.kind == CueKind::ClosedQuestion && reading.by_phrase(CueKind::Paraphrase);
    let sure = question.kind == CueKind::OpenQuestion && question.confidence >= OPEN_IN_CLOSED_WORDS;
    !sure && !reading.by_phrase(question.kind) && (gives_back || reading.by_phrase(other))
}

/// A sentence with a question mark that no phrase knows is answered by yes or no, more often than not.
fn by_mark(reading: &Reading<'_>) -> Option<Cue> {
    let kind = CueKind::ClosedQuestion;
    let asked = |sentence: &&super::tokens::Sentence| {
        sentence.asked && sentence.end - sentence.first >= SHORTEST_ASKED
    };
    let sentence = reading.seen.text.sentences.iter().rev().find(asked).filter(|_| !reading.against(kind))?;
    let words = reading.seen.text.bytes(sentence.first..sentence.end);
    Some(Cue { kind, words, confidence: BY_MARK, why: "ends with a question mark".to_owned() })
}

/// The question takes up a content word of the other's last turn.
fn follow_up(reading: &Reading<'_>, question: &Cue) -> Option<Cue> {
    let seen = &reading.seen;
    let taken = seen.text.tokens.iter().find(|token| seen.context.takes_up(token, seen.lexicon))?;
    let word = seen.lexicon.spelling(taken, reading.said.text);
    Some(Cue {
        kind: CueKind::FollowUp,
        words: question.words.clone(),
        confidence: question.confidence,
        why: format!("a question about their \"{word}\""),
    })
}
