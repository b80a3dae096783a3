//! Keeps words that nobody said from being told: a recogniser asked about noise answers with something all the same.
//!
//! Each rule looks at evidence that is not the text alone, except where the text gives itself away: a loop, or a sentence
//! that such models learned from the ends of films. What is dropped is counted by reason, never kept.

use std::collections::VecDeque;

use crate::speech::text::{in_order, loops, plain, tidy};
use crate::speech::{Cut, Recognised, Source, Utterance, Word};
use crate::units::{ByParty, Party, Share, Span, Stretch};

/// Why a text is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// The recogniser understood nothing.
    Nothing,
    /// There is too little voice in the clip: silence, noise, or another's echo.
    LittleVoice,
    /// The recogniser itself takes it for no speech.
    NoSpeech,
    /// The recogniser was guessing.
    Guess,
    /// More words than anybody can say in that time.
    TooFast,
    /// The same words over and over.
    Loop,
    /// Only a mark for a sound: music, applause.
    SoundMark,
    /// A sentence that such models are known to invent.
    Phantom,
    /// The words of the other party, heard again in this party's channel.
    Echo,
}

impl Doubt {
    pub const ALL: [Doubt; 9] = [
        Doubt::Nothing,
        Doubt::LittleVoice,
        Doubt::NoSpeech,
        Doubt::Guess,
        Doubt::TooFast,
        Doubt::Loop,
        Doubt::SoundMark,
        Doubt::Phantom,
        Doubt::Echo,
    ];
}

/// How often each doubt arose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts([u32; Doubt::ALL.len()]);

impl Doubts {
    pub fn of(&self, doubt: Doubt) -> u32 {
        self.0[doubt as usize]
    }

    /// Texts dropped; a clip in which nothing was understood had none.
    pub fn invented(&self) -> u32 {
        Doubt::ALL.into_iter().filter(|doubt| *doubt != Doubt::Nothing).map(|doubt| self.of(doubt)).sum()
    }

    fn add(&mut self, doubt: Doubt) {
        self.0[doubt as usize] += 1;
    }
}

/// Voice that a text needs: the shortest "yes" is about as long, and a click with its room is shorter.
const LEAST_VOICE: Span = Span::from_millis(100);
/// Part of the speech's stretch that must be voiced; phrases with all their pauses have 0.5 and more.
const LEAST_VOICED: f64 = 0.2;

/// Whisper's own thresholds, which its authors chose: no speech if this likely and the words less sure than e⁻¹.
const NO_SPEECH: f32 = 0.6;
const UNSURE: f32 = 0.368;
/// So sure of silence, a recogniser must be quite sure of its words to be believed.
const SILENCE: f32 = 0.9;
const SURE: f32 = 0.6;
/// Below this mean probability (log −1.6) hardly a word is right.
const GUESS: f32 = 0.2;

/// Fast readers reach 5 words in a second, and short clips hold half a word more at either end.
const WORDS_PER_SEC: f64 = 8.0;
const WORDS_MORE: f64 = 2.0;

/// Echo is judged from this many words on; fewer are said by both in earnest ("okay", "thank you very much").
const ECHO_WORDS: usize = 4;
/// Of them so many must be the other's, in the same order.
const ECHO_PART: f64 = 0.8;
/// How long after the other's words an echo can come, and how many utterances that are.
const ECHO_WITHIN: Span = Span::from_millis(1500);
const REMEMBERED: usize = 8;

/// Sentences that models trained on films' subtitles say about noise.
const PHANTOMS: [&str; 12] = [
    "thanks for watching",
    "thank you for watching",
    "thank you so much for watching",
    "thank you very much for watching",
    "please subscribe",
    "please like and subscribe",
    "like and subscribe",
    "dont forget to subscribe",
    "dont forget to like and subscribe",
    "please subscribe to my channel",
    "see you in the next video",
    "ill see you in the next video",
];
/// How the credits among them begin; names follow.
const CREDITS: [&str; 3] = ["subtitles by ", "captions by ", "transcribed by "];

/// What they say about noise and people say to each other: believed with good evidence only.
const SUSPECTS: [&str; 8] =
    ["you", "thank you", "thank you very much", "thanks", "bye", "bye bye", "the end", "oh"];
/// What good evidence is: no doubt of speech, sure words, and more voice than a knock.
const GOOD_NO_SPEECH: f32 = 0.3;
const GOOD_CONFIDENCE: f32 = 0.5;
const GOOD_VOICE: Span = Span::from_millis(250);

/// Decides which texts are told.
#[derive(Debug)]
pub struct Sieve {
    source: Source,
    doubts: Doubts,
    /// What each party said lately, as plain words.
    lately: ByParty<VecDeque<(Utterance, Vec<String>)>>,
}

impl Sieve {
    /// A sieve for texts of one source.
    pub fn new(source: Source) -> Sieve {
        Sieve { source, doubts: Doubts::default(), lately: ByParty::default() }
    }

    /// What was said in a clip, or why nothing is told of it. Partial clips are judged alike and not counted.
    ///
    /// # Errors
    /// The doubt that the text did not get past.
    pub fn judge(&mut self, cut: &Cut, said: &Recognised) -> Result<Utterance, Doubt> {
        let judged = self.examine(cut, said);
        match &judged {
            Ok((utterance, words)) if !cut.partial => {
                let lately = &mut self.lately[utterance.party];
                lately.truncate(REMEMBERED - 1);
                lately.push_front((utterance.clone(), words.clone()));
            }
            Err(doubt) if !cut.partial => self.doubts.add(*doubt),
            Ok(_) | Err(_) => {}
        }
        judged.map(|(utterance, _)| utterance)
    }

    pub fn doubts(&self) -> Doubts {
        self.doubts
    }

    fn examine(&self, cut: &Cut, said: &Recognised) -> Result<(Utterance, Vec<String>), Doubt> {
        if said.text.trim().is_empty() {
            return Err(Doubt::Nothing);
        }
        let text = tidy(&said.text);
        let words = plain(&text);
        if words.is_empty() {
            return Err(Doubt::SoundMark);
        }
        let voiced = Share::of(cut.clip.voiced, cut.speech.len()).map_or(0.0, Share::as_f64);
        if cut.clip.voiced < LEAST_VOICE || voiced < LEAST_VOICED {
            return Err(Doubt::LittleVoice);
        }
        let (silence, confidence) = (said.no_speech, said.confidence);
        if (silence >= NO_SPEECH && confidence < UNSURE) || (silence >= SILENCE && confidence < SURE) {
            return Err(Doubt::NoSpeech);
        }
        if loops(&words) {
            return Err(Doubt::Loop);
        }
        if words.len() as f64 > cut.speech.len().as_secs_f64() * WORDS_PER_SEC + WORDS_MORE {
            return Err(Doubt::TooFast);
        }
        if is_phantom(&text, silence, confidence, cut.clip.voiced) {
            return Err(Doubt::Phantom);
        }
        if confidence < GUESS {
            return Err(Doubt::Guess);
        }
        let party = cut.clip.party;
        if self.is_echo(party, cut, &words) {
            return Err(Doubt::Echo);
        }
        let utterance = Utterance {
            party,
            stretch: cut.speech,
            text,
            words: within(&said.words, cut),
            confidence: confidence.clamp(0.0, 1.0),
            source: self.source,
        };
        Ok((utterance, words))
    }

    /// Whether the rep's words are the client's, who is heard in the rep's microphone. The client's line is no echo of
    /// the rep in Heard: it carries what the far end sends, from which the far end has removed the rep.
    fn is_echo(&self, party: Party, cut: &Cut, words: &[String]) -> bool {
        party == Party::Rep
            && words.len() >= ECHO_WORDS
            && self.lately.client.iter().any(|(other, theirs)| {
                other.stretch.start <= cut.speech.start
                    && cut.speech.start <= other.stretch.end + ECHO_WITHIN
                    && in_order(words, theirs) as f64 >= ECHO_PART * words.len() as f64
                    && cut.speech.overlap(other.stretch).is_some()
            })
    }
}

/// Whether all that is said are sentences that nobody says in a call, or would need good evidence.
fn is_phantom(text: &str, silence: f32, confidence: f32, voiced: Span) -> bool {
    let good = silence < GOOD_NO_SPEECH && confidence >= GOOD_CONFIDENCE && voiced >= GOOD_VOICE;
    let mut sentences = vec![String::new()];
    for word in text.split(' ') {
        let last = sentences.last_mut().expect("there is one from the beginning");
        for plain in plain(word) {
            last.push_str(if last.is_empty() { "" } else { " " });
            last.push_str(&plain);
        }
        if word.ends_with(['.', '!', '?', ',']) && !last.is_empty() {
            sentences.push(String::new());
        }
    }
    sentences.retain(|sentence| !sentence.is_empty());
    let known = |sentence: &String| {
        PHANTOMS.contains(&sentence.as_str()) || CREDITS.iter().any(|credit| sentence.starts_with(credit))
    };
    let suspect = |sentence: &String| !good && SUSPECTS.contains(&sentence.as_str());
    !sentences.is_empty() && sentences.iter().all(|sentence| suspect(sentence) || known(sentence))
}

/// Words with times that make sense: tidy, in order, within the clip.
fn within(words: &[Word], cut: &Cut) -> Vec<Word> {
    let mut last = cut.speech.start;
    let mut kept = Vec::with_capacity(words.len());
    for word in words {
        let text = tidy(&word.text);
        let start = word.stretch.start.max(last).min(cut.speech.end);
        let end = word.stretch.end.max(start).min(cut.speech.end);
        if !text.is_empty() {
            last = start;
            kept.push(Word { text, stretch: Stretch::new(start, end) });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::Clip;
    use crate::units::AudioTime;

    fn cut(party: Party, start_ms: u64, length_ms: u64, voiced_ms: u64) -> Cut {
        let start = AudioTime::from_millis(start_ms);
        let speech = Stretch::new(start, start + Span::from_millis(length_ms));
        let clip = Clip { party, start, samples: Vec::new(), voiced: Span::from_millis(voiced_ms) };
        Cut { clip, speech, partial: false }
    }

    fn said(text: &str) -> Recognised {
        Recognised { text: text.to_owned(), confidence: 0.9, no_speech: 0.05, ..Recognised::default() }
    }

    fn judged(text: &str) -> Result<String, Doubt> {
        let clip = cut(Party::Rep, 0, 3000, 2800);
        Sieve::new(Source::Whisper).judge(&clip, &said(text)).map(|utterance| utterance.text)
    }

    #[test]
    fn what_people_say_passes() {
        for text in [
            "We both want this project to succeed.",
            "No, no, no, no.",
            "Thank you.",
            "Very, very, very good.",
            "It's twenty-five per cent, twenty-five.",
            "Yes. Yes. Okay, yes.",
            "Thank you for watching over the rollout last week.",
            "Thanks for watching the demo. What did you think?",
        ] {
            assert_eq!(judged(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn text_becomes_one_tidy_line() {
        for (raw, line) in [
            (" What concerns\n do you have? ", "What concerns do you have?"),
            ("- I see.", "I see."),
            (">> (laughs) That makes sense. [MUSIC]", "That makes sense."),
            ("♪ la la ♪", "la la"),
            ("caf\u{fffd}é", "café"),
        ] {
            assert_eq!(judged(raw).as_deref(), Ok(line), "{raw:?}");
        }
    }

    #[test]
    fn what_gives_itself_away_is_dropped() {
        for (text, doubt) in [
            ("", Doubt::Nothing),
            ("[BLANK_AUDIO]", Doubt::SoundMark),
            ("(upbeat music)", Doubt::SoundMark),
            ("♪♪♪", Doubt::SoundMark),
            (". . .", Doubt::SoundMark),
            ("Thanks for watching!", Doubt::Phantom),
            ("Subtitles by the Amara.org community", Doubt::Phantom),
            ("Thank you for watching! Please subscribe, see you in the next video.", Doubt::Phantom),
            ("Please like and subscribe.", Doubt::Phantom),
            ("I'm going to go to the, I'm going to go to the, I'm going to go to the", Doubt::Loop),
            ("so so so so so so so so", Doubt::Loop),
        ] {
            assert_eq!(judged(text), Err(doubt), "{text:?}");
        }
        let text = "and then we went to see one of the many other things that there are to see";
        let second = cut(Party::Rep, 0, 1000, 1000);
        assert_eq!(Sieve::new(Source::Whisper).judge(&second, &said(text)).err(), Some(Doubt::TooFast));
    }

    #[test]
    fn evidence_against_speech_drops_a_plausible_text() {
        let text = "I think so too.";
        let doubt_of = |voiced_ms, confidence, no_speech| {
            let mut said = said(text);
            (said.confidence, said.no_speech) = (confidence, no_speech);
            Sieve::new(Source::Whisper).judge(&cut(Party::Client, 0, 2000, voiced_ms), &said).err()
        };
        assert_eq!(doubt_of(1800, 0.8, 0.1), None);
        assert_eq!(doubt_of(60, 0.8, 0.1), Some(Doubt::LittleVoice));
        assert_eq!(doubt_of(300, 0.8, 0.1), Some(Doubt::LittleVoice), "150 ms in a second is no phrase");
        assert_eq!(doubt_of(1800, 0.3, 0.7), Some(Doubt::NoSpeech));
        assert_eq!(doubt_of(1800, 0.5, 0.95), Some(Doubt::NoSpeech));
        assert_eq!(doubt_of(1800, 0.8, 0.7), None, "sure words outweigh some doubt of speech");
        assert_eq!(doubt_of(1800, 0.1, 0.1), Some(Doubt::Guess));
    }

    #[test]
    fn a_polite_word_needs_good_evidence() {
        let mut weak = said("Thank you.");
        weak.no_speech = 0.5;
        let clip = cut(Party::Client, 0, 600, 500);
        assert_eq!(Sieve::new(Source::Whisper).judge(&clip, &weak).err(), Some(Doubt::Phantom));
        let knock = cut(Party::Client, 0, 200, 180);
        assert_eq!(
            Sieve::new(Source::Whisper).judge(&knock, &said("Thank you.")).err(),
            Some(Doubt::Phantom)
        );
        assert!(Sieve::new(Source::Whisper).judge(&clip, &said("Thank you.")).is_ok());
    }

    #[test]
    fn the_clients_words_in_the_reps_microphone_are_echo() {
        let mut sieve = Sieve::new(Source::Whisper);
        let theirs = "We are worried about the delay of the second phase.";
        assert!(sieve.judge(&cut(Party::Client, 1000, 3000, 2800), &said(theirs)).is_ok());
        let heard = said("we're worried about the delay of the second phase");
        assert_eq!(sieve.judge(&cut(Party::Rep, 1100, 3000, 2500), &heard).err(), Some(Doubt::Echo));
        // The same words after the client has finished are a paraphrase, which is what Heard is about.
        assert!(sieve.judge(&cut(Party::Rep, 4600, 3000, 2800), &heard).is_ok());
        assert!(sieve.judge(&cut(Party::Rep, 1100, 900, 800), &said("The delay, yes.")).is_ok());
        assert_eq!(sieve.doubts().of(Doubt::Echo), 1);
        assert_eq!(sieve.doubts().invented(), 1);
    }

    #[test]
    fn words_keep_their_order_and_stay_within_the_speech() {
        let mut said = said("one two");
        let word = |text: &str, from: u64, to: u64| Word {
            text: text.to_owned(),
            stretch: Stretch::new(AudioTime::from_millis(from), AudioTime::from_millis(to)),
        };
        said.words = vec![word("one", 900, 1200), word("[noise]", 1200, 1300), word("two", 1100, 9000)];
        let utterance =
            Sieve::new(Source::Basic).judge(&cut(Party::Rep, 1000, 1000, 900), &said).expect("words");
        assert_eq!(utterance.words, [word("one", 1000, 1200), word("two", 1100, 2000)]);
    }
}
