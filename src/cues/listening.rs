//! Active Listening and Validation: giving back, honouring, signs of listening, and their opposite.

use super::CueKind;
use super::reader::{Cue, Reading};
use super::tokens::Token;

/// What the weights must reach for a paraphrase in a turn that also asks, or that answers a question: both are told apart from
/// giving back by little more than their order.
const PARAPHRASE_BESIDE_A_QUESTION: f32 = 0.8;

/// What shows, or fails to show, that the other was heard.
pub fn cues(reading: &Reading<'_>, cues: &mut Vec<Cue>) {
    // "You're overreacting" is about the other too, and gives nothing back; "I hear you say that she's overreacting" does.
    let gives_back = reading.by_phrase(CueKind::Paraphrase);
    let explicit = gives_back && reading.sureness(CueKind::Paraphrase) >= EXPLICIT;
    let dismisses = reading.by_phrase(CueKind::Dismissive) && !explicit;
    cues.extend(paraphrase(reading).filter(|_| !dismisses));
    cues.extend(validation(reading).filter(|_| !dismisses || reading.by_phrase(CueKind::Validation)));
    cues.extend(acknowledgement(reading));
    let asks = reading.asks();
    let likely = |cue: &Cue| !(gives_back || asks) || cue.confidence >= DISMISSIVE_BESIDE_THEM;
    cues.extend(reading.found(CueKind::Dismissive).filter(|cue| dismisses || !explicit && likely(cue)));
}

/// What the weights must reach for a dismissal in a turn that gives back or asks.
const DISMISSIVE_BESIDE_THEM: f32 = 0.85;

/// What the weights must reach for a validation in a turn that asks or gives back: "what would be a fair price" honours nobody.
const VALIDATION_BESIDE_THEM: f32 = 0.85;

/// And for one in words that no phrase knows.
const VALIDATION_IN_OTHER_WORDS: f32 = 0.4;

fn validation(reading: &Reading<'_>) -> Option<Cue> {
    let cue = reading.found(CueKind::Validation)?;
    let asks = reading.asks();
    let asks = asks || reading.by_phrase(CueKind::Paraphrase);
    let sure = reading.by_phrase(CueKind::Validation) || cue.confidence >= VALIDATION_BESIDE_THEM;
    let likely = reading.hinted(CueKind::Validation) || cue.confidence >= VALIDATION_IN_OTHER_WORDS;
    (sure || !asks && likely).then_some(cue)
}

/// A phrase so sure says itself that it gives back: "if I hear you right".
const EXPLICIT: f32 = 0.85;

/// Gives back what the other said: so there must be something, and the other must be in it.
fn paraphrase(reading: &Reading<'_>) -> Option<Cue> {
    let cue = reading.found(CueKind::Paraphrase)?;
    let seen = &reading.seen;
    let explicit = reading.sureness(CueKind::Paraphrase) >= EXPLICIT;
    let accuses = reading.by_phrase(CueKind::UsVsThem);
    if reading.by_phrase(CueKind::Paraphrase) && (explicit || seen.context.is_there() && !accuses) {
        return Some(cue);
    }
    let [you, own, _] =
        seen.lexicon.named.persons.map(|person| seen.text.tokens.iter().any(|t| t.classes.has(person)));
    let about_self = own && !you && seen.taken_up == 0;
    let asks = reading.asks();
    let unlikely = asks || seen.context.asked || reading.by_phrase(CueKind::Promise);
    let sure = cue.confidence >= PARAPHRASE_BESIDE_A_QUESTION;
    (seen.context.is_there() && !accuses && !about_self && (sure || !unlikely)).then_some(cue)
}

/// "Yes" after a question is an answer, "okay" before anything was said opens a turn, after a goodbye it closes the call, and "yeah"
/// to a "yeah" has heard nothing.
fn acknowledgement(reading: &Reading<'_>) -> Option<Cue> {
    let mut cue =
        reading.found(CueKind::Acknowledgement).filter(|_| reading.hinted(CueKind::Acknowledgement))?;
    reading.show(&mut cue);
    let seen = &reading.seen;
    // What comes after something said is no sign of having listened to the other.
    let slight = |token: &Token| {
        [seen.lexicon.named.assent, seen.lexicon.named.backchannel]
            .iter()
            .any(|class| token.classes.has(*class))
    };
    if !seen.text.tokens.iter().take_while(|token| (token.start as usize) < cue.words.start).all(slight) {
        return None;
    }
    let (own, before) = (&seen.text.tokens, seen.context.tokens());
    let assents = own.iter().all(|token| token.classes.has(seen.lexicon.named.assent));
    let opens = before.is_empty() && own.len() == 1;
    let closes = before.iter().any(|token| token.classes.has(seen.lexicon.named.parting));
    let returns = before.len() == own.len() && before.iter().zip(own).all(|(a, b)| a.hash == b.hash);
    (!(assents && (opens || closes || returns || seen.context.asked))).then_some(cue)
}
