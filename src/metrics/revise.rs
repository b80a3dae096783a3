//! Words revise what timing concluded about an overlap: they change its class, and never add one.

use crate::cues::backchannel::{is_backchannel, is_complete_sentence, is_cooperative};
use crate::cues::lexicon::Lexicon;
use crate::speech::{Source, Utterance};
use crate::turns::{Class, Evidence, Outcome, Overlap};
use crate::units::{Party, Span, Stretch};

/// What the other said before an overlap that may still be taken up in it.
const BEFORE: Span = Span::from_secs(15);

/// An utterance ends where a voice was cut off, to the accuracy of a transcript's times.
const AT_THE_END: Span = Span::from_millis(500);

/// Who had said less than this was not in a sentence yet.
const IN_A_SENTENCE: Span = Span::from_secs(1);

/// Who stops sooner than this after the other came in either was done or was cut off.
const FAST_YIELD: Span = Span::from_millis(500);

/// Words are more certain than timing, and what is read from the lack of words is less so.
const BY_WORDS: f32 = 0.9;
const BY_A_LOOSE_END: f32 = 0.75;

/// The overlap as words show it; `None` if they say nothing else than timing did. `said` is everything that was said, in
/// order of time.
pub fn revise(overlap: &Overlap, said: &[Utterance], lexicon: &Lexicon) -> Option<Overlap> {
    let class = |class, outcome, confidence| {
        Some(Overlap { class, outcome, confidence, evidence: Evidence::Words, ..*overlap })
    };
    if matches!(overlap.class, Class::Interruption | Class::MutualStop) {
        let theirs = within(said, overlap.by, overlap.said);
        if !theirs.is_empty() && is_backchannel(&theirs, lexicon) {
            return class(Class::Backchannel, None, BY_WORDS);
        }
        let before = Stretch::new(overlap.stretch.start.back(BEFORE), overlap.stretch.end);
        let others = touching(said, overlap.by.other(), before);
        if !theirs.is_empty() && is_cooperative(&theirs, &others, lexicon) {
            return class(Class::Cooperative, None, BY_WORDS);
        }
    }
    let cut = last_of(said, overlap)?;
    let complete = is_complete_sentence(&cut.text, lexicon);
    match (overlap.class, overlap.outcome) {
        (Class::Terminal, _) if !complete => {
            class(Class::Interruption, Some(Outcome::Successful), BY_A_LOOSE_END)
        }
        // A transcript's line may hold what was meant to be said; a recogniser writes down what was.
        (Class::Interruption, Some(Outcome::Successful))
            if complete && cut.source != Source::Transcript && overlap.stretch.len() <= FAST_YIELD =>
        {
            class(Class::Terminal, None, BY_A_LOOSE_END)
        }
        _ => None,
    }
}

/// Words of the utterances that lie mostly within a stretch.
fn within(said: &[Utterance], party: Party, stretch: Stretch) -> String {
    let mostly = |utterance: &&Utterance| {
        let shared = utterance.stretch.overlap(stretch).map_or(Span::ZERO, Stretch::len);
        utterance.party == party && shared + shared > utterance.stretch.len()
    };
    joined(said.iter().filter(mostly))
}

fn touching(said: &[Utterance], party: Party, stretch: Stretch) -> String {
    joined(said.iter().filter(|one| one.party == party && one.stretch.overlap(stretch).is_some()))
}

fn joined<'a>(said: impl Iterator<Item = &'a Utterance>) -> String {
    said.map(|utterance| utterance.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The sentence that the holder was in when the other came in, if it ended with the overlap.
fn last_of<'a>(said: &'a [Utterance], overlap: &Overlap) -> Option<&'a Utterance> {
    let end = overlap.stretch.end;
    said.iter().rev().find(|utterance| {
        utterance.party == overlap.by.other()
            && utterance.stretch.start < overlap.stretch.start
            && utterance.stretch.len() >= IN_A_SENTENCE
            && utterance.stretch.end.since(end) + end.since(utterance.stretch.end) <= AT_THE_END
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::AudioTime;

    fn stretch(from: u64, to: u64) -> Stretch {
        Stretch::new(AudioTime::from_millis(from), AudioTime::from_millis(to))
    }

    fn said(party: Party, from: u64, to: u64, text: &str, source: Source) -> Utterance {
        let (words, text) = (Vec::new(), text.to_owned());
        Utterance { party, stretch: stretch(from, to), text, words, confidence: 1.0, source }
    }

    /// The client speaks until 10.3 s, the rep comes in at 10 s: what timing calls it, what both say, and what words make of it.
    #[test]
    fn words_change_what_timing_could_not_tell() {
        let lexicon = Lexicon::english().expect("the tables are sound");
        let (interruption, terminal) =
            ((Class::Interruption, Some(Outcome::Successful)), (Class::Terminal, None));
        for (timing, client, rep, source, expected) in [
            (interruption, "we looked at the", "mm-hm right", Source::Whisper, Some(Class::Backchannel)),
            (
                interruption,
                "the delivery was late again",
                "late again yeah",
                Source::Whisper,
                Some(Class::Cooperative),
            ),
            (interruption, "we looked at the", "let me show you the pricing", Source::Whisper, None),
            (
                interruption,
                "we need it in May.",
                "let me show you the pricing",
                Source::Whisper,
                Some(Class::Terminal),
            ),
            (interruption, "we need it in May.", "let me show you the pricing", Source::Transcript, None),
            (
                terminal,
                "and it's an option on the",
                "let me show you",
                Source::Transcript,
                Some(Class::Interruption),
            ),
            (terminal, "that's what we need.", "let me show you", Source::Whisper, None),
        ] {
            let overlap = Overlap {
                by: Party::Rep,
                stretch: stretch(10_000, 10_300),
                class: timing.0,
                outcome: timing.1,
                evidence: Evidence::Timing,
                confidence: 0.6,
                said: stretch(10_000, 12_000),
            };
            let words = [
                said(Party::Client, 7_000, 10_300, client, source),
                said(Party::Rep, 10_000, 12_000, rep, source),
            ];
            let revised = revise(&overlap, &words, &lexicon);
            assert_eq!(revised.map(|overlap| overlap.class), expected, "{client} / {rep}");
            assert!(revised.is_none_or(
                |revised| revised.evidence == Evidence::Words && revised.stretch == overlap.stretch
            ));
            assert_eq!(revise(&overlap, &[], &lexicon), None);
        }
    }
}
