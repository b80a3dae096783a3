//! What goes through the pipes between Heard and its recogniser: messages with a length, and a limit on it.
//!
//! ```text
//! length of the head (u32) │ number of samples (u32) │ head (JSON) │ samples (f32)      all little-endian
//! ```
//!
//! The other end may have been taken over by a malicious model: what it sends is checked, and never trusted with memory.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::speech::cutter::LONGEST;
use crate::speech::{Clip, Recognised, Word};
use crate::units::{AudioTime, Party, Span, Stretch, TICKS_PER_SEC};

/// Longest head: an hour of text is 60 kB, and a clip is seconds.
const MOST_HEAD: usize = 256 * 1024;

/// Most samples: the longest clip, and as much again for whoever cuts otherwise.
const MOST_SAMPLES: usize = 2 * LONGEST.ticks() as usize;

/// A clip to be recognised.
#[derive(Debug, PartialEq)]
pub struct Ask {
    pub clip: Clip,
    /// Threads to use at most.
    pub threads: usize,
    /// What the same party said before, for the recogniser to go on from.
    pub said: String,
}

/// What the worker says.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// The recogniser is there; a second of silence took it this long.
    Ready {
        second: Duration,
    },
    /// There can be no recogniser here, and starting anew would not help. A sentence.
    Unusable(String),
    Recognised(Recognised),
    /// Nothing could be made of this clip. A sentence.
    Failed(String),
}

#[derive(Serialize, Deserialize)]
struct AskHead {
    client: bool,
    start: u64,
    voiced: u64,
    threads: usize,
    said: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReplyHead {
    Ready {
        micros: u64,
    },
    Unusable(String),
    Recognised {
        text: String,
        /// Text, start, end.
        words: Vec<(String, u64, u64)>,
        confidence: f32,
        no_speech: f32,
        micros: u64,
    },
    Failed(String),
}

/// # Errors
/// If the other end is gone.
pub fn write_ask(to: &mut impl Write, ask: &Ask) -> io::Result<()> {
    let Ask { clip, threads, said } = ask;
    let head = AskHead {
        client: clip.party == Party::Client,
        start: clip.start.ticks(),
        voiced: clip.voiced.ticks(),
        threads: *threads,
        said: said.clone(),
    };
    write(to, &head, &clip.samples)
}

/// The next clip to recognise; `None` once there will be no more.
///
/// # Errors
/// If what comes is no message.
pub fn read_ask(from: &mut impl Read) -> io::Result<Option<Ask>> {
    let Some((head, samples)) = read::<AskHead>(from)? else { return Ok(None) };
    let clip = Clip {
        party: if head.client { Party::Client } else { Party::Rep },
        start: time(head.start)?,
        samples,
        voiced: Span::from_ticks(head.voiced),
    };
    Ok(Some(Ask { clip, threads: head.threads.max(1), said: head.said }))
}

/// # Errors
/// If the other end is gone.
pub fn write_reply(to: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let micros = |duration: &Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let finite = |share: f32| if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let head = match reply {
        Reply::Ready { second } => ReplyHead::Ready { micros: micros(second) },
        Reply::Unusable(why) => ReplyHead::Unusable(why.clone()),
        Reply::Failed(why) => ReplyHead::Failed(why.clone()),
        Reply::Recognised(said) => {
            let word =
                |word: &Word| (word.text.clone(), word.stretch.start.ticks(), word.stretch.end.ticks());
            ReplyHead::Recognised {
                text: said.text.clone(),
                words: said.words.iter().map(word).collect(),
                confidence: finite(said.confidence),
                no_speech: finite(said.no_speech),
                micros: micros(&said.compute),
            }
        }
    };
    write(to, &head, &[])
}

/// What the worker says next; `None` if it is gone.
///
/// # Errors
/// If what comes is no message.
pub fn read_reply(from: &mut impl Read) -> io::Result<Option<Reply>> {
    let Some((head, _)) = read::<ReplyHead>(from)? else { return Ok(None) };
    Ok(Some(match head {
        ReplyHead::Ready { micros } => Reply::Ready { second: Duration::from_micros(micros) },
        ReplyHead::Unusable(why) => Reply::Unusable(why),
        ReplyHead::Failed(why) => Reply::Failed(why),
        ReplyHead::Recognised { text, words, confidence, no_speech, micros } => {
            let word = |(text, start, end): (String, u64, u64)| -> io::Result<Word> {
                Ok(Word { text, stretch: Stretch::new(time(start)?, time(end)?) })
            };
            Reply::Recognised(Recognised {
                text,
                words: words.into_iter().map(word).collect::<io::Result<_>>()?,
                confidence: confidence.clamp(0.0, 1.0),
                no_speech: no_speech.clamp(0.0, 1.0),
                compute: Duration::from_micros(micros),
            })
        }
    }))
}

fn write(to: &mut impl Write, head: &impl Serialize, samples: &[f32]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    let mut message = Vec::with_capacity(8 + head.len() + 4 * samples.len());
    message.extend((head.len() as u32).to_le_bytes());
    message.extend((samples.len() as u32).to_le_bytes());
    message.extend(&head);
    message.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    to.write_all(&message)?;
    to.flush()
}

fn read<H: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<(H, Vec<f32>)>> {
    let mut lengths = [[0u8; 4]; 2];
    let mut got = 0;
    while got < 8 {
        match from.read(&mut lengths.as_flattened_mut()[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => got += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let [head, samples] = lengths.map(|length| u32::from_le_bytes(length) as usize);
    if head > MOST_HEAD || samples > MOST_SAMPLES {
        return Err(io::Error::new(ErrorKind::InvalidData, "a message of an impossible length"));
    }
    let mut bytes = vec![0; head + 4 * samples];
    from.read_exact(&mut bytes)?;
    let (head, sound) = bytes.split_at(head);
    let sound = sound.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    Ok(Some((serde_json::from_slice(head)?, sound.collect())))
}

/// A moment, if it lies within the longest session that there can be: ten years.
fn time(ticks: u64) -> io::Result<AudioTime> {
    const MOST: u64 = 10 * 366 * 86_400 * TICKS_PER_SEC;
    let possible = (ticks <= MOST).then(|| AudioTime::from_ticks(ticks));
    possible.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "a moment that cannot be"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask() -> Ask {
        let clip = Clip {
            party: Party::Client,
            start: AudioTime::from_millis(1230),
            samples: vec![0.25, -1.0, 0.0],
            voiced: Span::from_millis(900),
        };
        Ask { clip, threads: 2, said: "What \"concerns\" do you have?".to_owned() }
    }

    fn recognised() -> Reply {
        Reply::Recognised(Recognised {
            text: "so it goes".to_owned(),
            words: vec![Word {
                text: "so".to_owned(),
                stretch: Stretch::new(AudioTime::from_millis(1), AudioTime::from_millis(20)),
            }],
            confidence: 0.5,
            no_speech: 0.25,
            compute: Duration::from_micros(77),
        })
    }

    #[test]
    fn messages_arrive_as_they_were_sent() {
        let mut pipe = Vec::new();
        write_ask(&mut pipe, &ask()).expect("room");
        write_ask(&mut pipe, &ask()).expect("room");
        let mut reader = pipe.as_slice();
        assert_eq!(read_ask(&mut reader).expect("a message"), Some(ask()));
        assert_eq!(read_ask(&mut reader).expect("a message"), Some(ask()));
        assert_eq!(read_ask(&mut reader).expect("the end"), None);
        let second = Duration::from_millis(45);
        for reply in
            [recognised(), Reply::Ready { second }, Reply::Unusable("a".into()), Reply::Failed("b".into())]
        {
            let mut pipe = Vec::new();
            write_reply(&mut pipe, &reply).expect("room");
            assert_eq!(read_reply(&mut pipe.as_slice()).expect("a message"), Some(reply));
        }
    }

    #[test]
    fn what_is_no_number_becomes_no_certainty() {
        let mut pipe = Vec::new();
        let said = Recognised { confidence: f32::NAN, no_speech: 7.0, ..Recognised::default() };
        write_reply(&mut pipe, &Reply::Recognised(said)).expect("room");
        let expected = Recognised { no_speech: 1.0, ..Recognised::default() };
        assert_eq!(read_reply(&mut pipe.as_slice()).expect("a message"), Some(Reply::Recognised(expected)));
    }

    #[test]
    fn an_impossible_length_is_refused_before_memory_is_taken() {
        for lengths in [[u32::MAX, 0], [2, u32::MAX], [MOST_HEAD as u32 + 1, 0]] {
            let bytes: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
            let error = read_reply(&mut bytes.as_slice()).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidData);
        }
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_or_the_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            // Whatever it is, it neither panics nor is taken for more than one message.
            let reply = read_reply(&mut bytes.as_slice());
            prop_assert!(reply.is_err() || matches!(reply, Ok(None)) == bytes.is_empty());
            let _ = read_ask(&mut bytes.as_slice());
        }

        #[test]
        fn a_damaged_message_does_no_harm(at in 0usize..60, to in any::<u8>(), cut in 0usize..80) {
            let mut pipe = Vec::new();
            write_reply(&mut pipe, &recognised()).expect("room");
            let place = at % pipe.len();
            pipe[place] = to;
            pipe.truncate(pipe.len() - cut % pipe.len());
            if let Ok(Some(Reply::Recognised(said))) = read_reply(&mut pipe.as_slice()) {
                prop_assert!((0.0..=1.0).contains(&said.confidence));
            }
        }
    }
}
