//! A recogniser that knows what will be said: for tests, and for practising without a model.

use std::time::Duration;

use crate::speech::{Clip, Recognised, Recogniser, RecogniserError, Word};
use crate::units::{Party, Span, Stretch};

/// What a party says, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub party: Party,
    pub stretch: Stretch,
    pub text: String,
}

/// Answers with the words of a script, spread evenly over their lines.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    words: Vec<(Party, Word)>,
    cost: f64,
}

impl Scripted {
    /// `cost` is the time that a second of sound takes, in seconds. It is told, not spent: this is no place to wait.
    pub fn new(lines: &[Line], cost: f64) -> Scripted {
        let words = lines.iter().flat_map(|line| {
            let texts: Vec<&str> = line.text.split_whitespace().collect();
            let count = texts.len() as u64;
            let place =
                move |n: u64| line.stretch.start + Span::from_ticks(line.stretch.len().ticks() * n / count);
            let words = texts.into_iter().zip(0..);
            words.map(move |(text, n)| {
                (line.party, Word { text: text.to_owned(), stretch: Stretch::new(place(n), place(n + 1)) })
            })
        });
        Scripted { words: words.collect(), cost }
    }
}

impl Recogniser for Scripted {
    /// The words whose middle lies in the clip.
    fn recognise(&mut self, clip: &Clip) -> Result<Recognised, RecogniserError> {
        let sound = Stretch::new(clip.start, clip.start + clip.len());
        let middle = |word: &Word| word.stretch.start + Span::from_ticks(word.stretch.len().ticks() / 2);
        let here = |(party, word): &&(Party, Word)| *party == clip.party && sound.contains(middle(word));
        let words: Vec<Word> = self.words.iter().filter(here).map(|(_, word)| word.clone()).collect();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        Ok(Recognised {
            text: texts.join(" "),
            confidence: if words.is_empty() { 0.0 } else { 1.0 },
            no_speech: if words.is_empty() { 1.0 } else { 0.0 },
            words,
            compute: Duration::from_secs_f64((clip.len().as_secs_f64() * self.cost).clamp(0.0, 1e6)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::AudioTime;

    #[test]
    fn a_clip_holds_the_words_said_in_it() {
        let at = AudioTime::from_millis;
        let line = |party, from, to, text: &str| Line {
            party,
            stretch: Stretch::new(at(from), at(to)),
            text: text.into(),
        };
        let lines =
            [line(Party::Client, 1000, 3000, "we are worried really"), line(Party::Rep, 1000, 2000, "I see")];
        let mut scripted = Scripted::new(&lines, 20.0);
        let mut heard = |party, from: u64, to: u64| {
            let samples = vec![0.0; ((to - from) * 16) as usize];
            scripted
                .recognise(&Clip { party, start: at(from), samples, voiced: Span::ZERO })
                .expect("a script")
        };
        let first = heard(Party::Client, 900, 2000);
        assert_eq!((first.text.as_str(), first.compute), ("we are", Duration::from_secs(22)));
        assert_eq!(first.words[1].stretch, Stretch::new(at(1500), at(2000)));
        assert_eq!(heard(Party::Client, 2000, 3200).text, "worried really");
        assert_eq!(heard(Party::Rep, 0, 4000).text, "I see");
        assert_eq!(
            heard(Party::Rep, 4000, 5000),
            Recognised { no_speech: 1.0, compute: Duration::from_secs(20), ..Recognised::default() }
        );
    }
}
