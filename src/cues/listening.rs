//! Active Listening and Validation: giving back, honouring, signs of listening, and their opposite.

use super::CueKind;
use super::reader::{Cue, Reading};

/// What the weights must reach for a paraphrase in a turn that also asks, or that answers a question: both are told apart from
/// giving back by little more than their order.
const PARAPHRASE_BESIDE_A_QUESTION: f32 = 0.8;

/// What shows, or fails to show, that the other was heard.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    cues.extend(paraphrase(reading));
    cues.extend(reading.found(CueKind::Validation));
    cues.extend(acknowledgement(reading));
    cues.extend(reading.found(CueKind::Dismissive));
}

fn paraphrase(reading: &Reading<'_>) -> Option<Cue> {
    let cue = reading.found(CueKind::Paraphrase)?;
    let asks = reading.by_phrase(CueKind::OpenQuestion) || reading.by_phrase(CueKind::ClosedQuestion);
    let answers = reading.seen.context.asked;
    let sure = reading.by_phrase(CueKind::Paraphrase) || cue.confidence >= PARAPHRASE_BESIDE_A_QUESTION;
    (sure || !(asks || answers)).then_some(cue)
}

/// "Yes" after a question is an answer, "okay" before anything was said opens a turn, after a goodbye it closes the call, and "yeah"
/// to a "yeah" has heard nothing.
fn acknowledgement(reading: &Reading<'_>) -> Option<Cue> {
    let cue = reading.found(CueKind::Acknowledgement)?;
    let seen = &reading.seen;
    let (own, before) = (&seen.text.tokens, seen.context.tokens());
    let assents = own.iter().all(|token| token.classes.has(seen.lexicon.assent));
    let opens = before.is_empty() && own.len() == 1;
    let closes = before.iter().any(|token| token.classes.has(seen.lexicon.parting));
    let returns = before.len() == own.len() && before.iter().zip(own).all(|(a, b)| a.hash == b.hash);
    (!(assents && (opens || closes || returns || seen.context.asked))).then_some(cue)
}
