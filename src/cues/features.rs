//! What the weights look at: words, their neighbours, their letters, the phrases found, and the other's last turn.
//!
//! The trainer and the reader call the same function, so they cannot disagree. A feature is a number of one of two sorts
//! (see `model`); which words it came from is told along with it, so that the strongest can be shown.

use super::classes::Classes;
use super::context::{Context, is_content};
use super::lexicon::Lexicon;
use super::pattern::starts;
use super::phrases::{Hit, Phrases};
use super::tokens::{Text, hash_of};

/// One feature of an utterance.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    pub fine: bool,
    pub hash: u64,
    /// The tokens it came from, empty for what describes the whole.
    pub first: usize,
    pub end: usize,
    /// What kind of feature it is, for telling.
    pub about: About,
}

/// What a feature looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Words,
    Letters,
    Phrase(u16),
    Length,
    QuestionMark,
    Persons,
    Uptake,
    OthersTurn,
}

/// Seeds that keep features of different sorts apart.
mod seed {
    pub const ONE: u64 = 0x9e37_79b9_7f4a_7c15;
    pub const TWO: u64 = 0xbf58_476d_1ce4_e5b9;
    pub const SKIP: u64 = 0x94d0_49bb_1331_11eb;
    pub const THREE: u64 = 0xd6e8_feb8_6659_fd93;
    pub const FIRST: u64 = 0xa076_1d64_78bd_642f;
    pub const LAST: u64 = 0xe703_7ed1_a0b4_28db;
    pub const STEM: u64 = 0x8ebc_6af0_9c88_c6e3;
    pub const FRAME: u64 = 0x5899_65cc_7537_4cc3;
    pub const FOLLOWS: u64 = 0x1d8e_4e27_c47d_124f;
    pub const EDGE: u64 = 0x2545_f491_4f6c_dd1d;
    pub const BEFORE: u64 = 0x3c79_ac49_2ba7_b653;
    pub const CONTENT: u64 = 0x6c62_272e_07bb_0142;
}

fn mix(a: u64, b: u64) -> u64 {
    let product = (a ^ b.rotate_left(23)).wrapping_mul(0x9fb2_1c65_1e98_df25);
    product ^ product >> 28
}

/// Everything an utterance is judged by.
pub struct Seen<'a> {
    pub text: &'a Text,
    pub context: &'a Context,
    pub hits: &'a [Hit],
    pub phrases: &'a Phrases,
    pub lexicon: &'a Lexicon,
    /// Words of the utterance that take up the other's.
    pub taken_up: usize,
}

/// Sends every feature of the utterance to `take`, in a fixed order.
pub fn features(seen: &Seen<'_>, mut take: impl FnMut(Feature)) {
    words(seen, &mut take);
    for hit in seen.hits {
        let name = seen.phrases.list[usize::from(hit.phrase)].name;
        let about = About::Phrase(hit.phrase);
        take(Feature { fine: false, hash: name, first: hit.first, end: hit.end, about });
        let with = mix(name, if seen.taken_up > 0 { 1 } else { 2 });
        take(Feature { fine: false, hash: with, first: hit.first, end: hit.end, about });
    }
    before(seen, &mut take);
    whole(seen, &mut take);
}

/// Words of the other's turn that are looked at: its end, which is what is answered.
const WORDS_BEFORE: usize = 12;

/// The end of the other's last turn, word by word.
fn before(seen: &Seen<'_>, take: &mut impl FnMut(Feature)) {
    let tokens = seen.context.tokens();
    for token in &tokens[tokens.len().saturating_sub(WORDS_BEFORE)..] {
        let hash = mix(seed::BEFORE, token.stem);
        take(Feature { fine: true, hash, first: 0, end: 0, about: About::OthersTurn });
    }
}

/// Words, their neighbours and their letters.
fn words(seen: &Seen<'_>, take: &mut impl FnMut(Feature)) {
    let tokens = &seen.text.tokens;
    let lead: Classes = seen.lexicon.named.lead.into();
    let mut send = |hash: u64, first: usize, end: usize, about: About| {
        take(Feature { fine: true, hash, first, end, about });
    };
    let frame = |at: usize| {
        tokens
            .get(at)
            .map_or(seed::EDGE, |t| if is_content(t, seen.lexicon) { seed::CONTENT } else { t.hash })
    };
    let mut frames = [seed::EDGE, seed::EDGE, seed::EDGE];
    for (at, token) in tokens.iter().enumerate() {
        let here = token.hash;
        send(mix(seed::ONE, here), at, at + 1, About::Words);
        send(mix(seed::STEM, token.stem), at, at + 1, About::Letters);
        let before = at.checked_sub(1).map_or(seed::EDGE, |i| tokens[i].hash);
        send(mix(mix(seed::TWO, before), here), at.saturating_sub(1), at + 1, About::Words);
        if at >= 1 {
            let second = at.checked_sub(2).map_or(seed::EDGE, |i| tokens[i].hash);
            send(mix(mix(seed::SKIP, second), here), at.saturating_sub(2), at + 1, About::Words);
            send(
                mix(mix(mix(seed::THREE, second), before), here),
                at.saturating_sub(2),
                at + 1,
                About::Words,
            );
        }
        if starts(tokens, at, lead) {
            send(mix(seed::FIRST, here), at, at + 1, About::Words);
            let next = tokens.get(at + 1).map_or(seed::EDGE, |t| t.hash);
            send(mix(mix(seed::FIRST, here), next), at, (at + 2).min(tokens.len()), About::Words);
        }
        let framed = frame(at);
        let [a, b, c] = frames;
        send(mix(mix(mix(mix(seed::FRAME, a), b), c), framed), at.saturating_sub(3), at + 1, About::Words);
        frames = [b, c, framed];
    }
    if let [.., last] = tokens.as_slice() {
        let at = tokens.len();
        send(mix(seed::LAST, last.hash), at - 1, at, About::Words);
        let before = at.checked_sub(2).map_or(seed::EDGE, |i| tokens[i].hash);
        send(mix(mix(seed::LAST, before), last.hash), at.saturating_sub(2), at, About::Words);
    }
    for sentence in &seen.text.sentences {
        let tokens = &tokens[sentence.first..sentence.end];
        let opening = tokens.iter().find(|token| !token.classes.has(seen.lexicon.named.lead));
        if let Some(token) = opening {
            send(mix(seed::FOLLOWS, token.hash), sentence.first, sentence.first + 1, About::Words);
        }
    }
}

/// Up to this number things are counted one by one, then in steps.
fn bucket(count: usize) -> u64 {
    match count {
        0..=5 => count as u64,
        6..=8 => 6,
        9..=13 => 7,
        14..=20 => 8,
        21..=35 => 9,
        _ => 10,
    }
}

/// What describes the utterance as a whole.
fn whole(seen: &Seen<'_>, take: &mut impl FnMut(Feature)) {
    let text = seen.text;
    let mut send = |name: u64, value: u64, about: About| {
        take(Feature { fine: false, hash: mix(name, value), first: 0, end: 0, about });
    };
    send(const { hash_of("always") }, 0, About::Length);
    let length = bucket(text.tokens.len());
    send(const { hash_of("length") }, length, About::Length);
    let asked = text.sentences.iter().any(|sentence| sentence.asked);
    let last_asked = text.sentences.last().is_some_and(|sentence| sentence.asked);
    let mark = match (text.punctuated, asked, last_asked) {
        (_, true, true) => 1,
        (_, true, false) => 2,
        (true, false, _) => 3,
        (false, false, _) => 4,
    };
    send(const { hash_of("question mark") }, mark, About::QuestionMark);
    let lexicon = seen.lexicon;
    let count = |class| text.tokens.iter().filter(|token| token.classes.has(class)).count();
    let [you, own, both] = lexicon.named.persons.map(count);
    send(const { hash_of("you") }, bucket(you.min(4)), About::Persons);
    send(const { hash_of("own") }, bucket(own.min(4)), About::Persons);
    send(const { hash_of("we") }, bucket(both.min(3)), About::Persons);
    send(const { hash_of("you against own") }, (you > own) as u64 + 2 * (own > you) as u64, About::Persons);
    let context = seen.context;
    let others = match (context.is_there(), context.asked, context.slight) {
        (false, ..) => 0,
        (true, true, _) => 1,
        (true, false, true) => 2,
        (true, false, false) => 3,
    };
    let content = text.tokens.iter().filter(|token| is_content(token, lexicon)).count();
    let taken = seen.taken_up;
    if others > 0 {
        send(const { hash_of("uptake") }, bucket(taken.min(5)), About::Uptake);
    }
    let tenths = (taken * 5).checked_div(content).map_or(9, |fifths| fifths as u64);
    if others > 0 {
        send(const { hash_of("uptake of content") }, tenths, About::Uptake);
    }
    // That nothing came before says nothing: it may be the beginning of a call, or of what was recorded.
    if others > 0 {
        send(const { hash_of("other's turn") }, others, About::OthersTurn);
        send(const { hash_of("other's turn and length") }, others * 16 + length, About::OthersTurn);
    }
    let felt = text.tokens.iter().any(|token| token.classes.has(lexicon.named.feeling)) as u64;
    send(const { hash_of("feelings") }, context.felt as u64 + 2 * felt, About::OthersTurn);
    send(
        const { hash_of("feelings, person, length") },
        (context.felt as u64 + 2 * felt) * 64 + bucket(own.min(3)) * 4 + bucket(you.min(3)),
        About::OthersTurn,
    );
    let person = if you > own { 1 } else { 0 };
    send(
        const { hash_of("uptake, person, length") },
        person * 64 + bucket(taken.min(3)) * 16 + length,
        About::Uptake,
    );
}
