//! The basic recogniser on voices rendered by flite: exact with a closed language model, and how many errors without.
//!
//! These need PocketSphinx and flite; `make test` runs them where both are installed.

pub mod exchange;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use heard::io::sphinx::Sphinx;
use heard::speech::{Clip, Recogniser};
use heard::units::{AudioTime, Party, Span};
use serde_json::Value;

const SENTENCES: [&str; 6] = [
    "what concerns do you have about the proposal",
    "so you are worried about the delay",
    "i can see why you are frustrated",
    "if we reduce the price would you extend the contract",
    "we both want this project to succeed",
    "i will send you the contract by friday",
];

/// A closed language model of these sentences, as an ARPA file: every word follows the two before it, or nearly nothing does.
pub fn closed_model(sentences: &[&str]) -> String {
    let mut counts: [BTreeMap<Vec<&str>, u32>; 3] = Default::default();
    for sentence in sentences {
        let words: Vec<&str> = ["<s>"].into_iter().chain(sentence.split(' ')).chain(["</s>"]).collect();
        for (length, counts) in (1..).zip(&mut counts) {
            words.windows(length).for_each(|gram| *counts.entry(gram.to_vec()).or_default() += 1);
        }
    }
    // What is left for words that never followed.
    const UNSEEN: f64 = 0.01;
    let mut out = String::from("\\data\\\n");
    for (length, counts) in (1..).zip(&counts) {
        let _ = writeln!(out, "ngram {length}={}", counts.len());
    }
    let total: u32 = counts[0].values().sum();
    for length in 1..=3 {
        let _ = writeln!(out, "\n\\{length}-grams:");
        for (gram, count) in &counts[length - 1] {
            let before = match length {
                1 => total,
                _ => counts[length - 2][&gram[..length - 1]],
            };
            let probability = f64::from(*count) / f64::from(before) * (1.0 - UNSEEN);
            let backoff = if length < 3 { format!(" {:.4}", UNSEEN.log10()) } else { String::new() };
            let _ = writeln!(out, "{:.4} {}{backoff}", probability.log10(), gram.join(" "));
        }
    }
    out + "\n\\end\\\n"
}

/// A sentence as a voice of flite speaks it, 16 kHz.
pub fn spoken(folder: &Path, voice: &str, text: &str) -> Clip {
    let path = folder.join("spoken.wav");
    let status = Command::new("flite").args(["-voice", voice, "-t", text, "-o"]).arg(&path).status();
    assert!(status.expect("flite is installed").success());
    let mut reader = hound::WavReader::open(&path).expect("flite writes WAV");
    assert_eq!((reader.spec().sample_rate, reader.spec().channels), (16_000, 1));
    let samples: Vec<f32> =
        reader.samples::<i16>().map(|sample| f32::from(sample.expect("a whole file")) / 32_768.0).collect();
    clip(Party::Rep, AudioTime::from_millis(5000), samples)
}

fn clip(party: Party, start: AudioTime, samples: Vec<f32>) -> Clip {
    let voiced = Span::from_ticks(samples.len() as u64);
    Clip { party, start, samples, voiced }
}

fn word_list(text: &str) -> Vec<String> {
    let plain = text.to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != '\'', " ");
    plain.split_whitespace().map(str::to_owned).collect()
}

/// Words to change, add or take away to get from one to the other.
fn word_errors(said: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, said) in said.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, heard) in heard.iter().enumerate() {
            let change = corner + usize::from(said != heard);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[heard.len()]
}

#[test]
fn word_errors_are_counted() {
    for (said, heard, errors) in
        [("a b c", "a b c", 0), ("a b c", "a c", 1), ("a b", "x b y", 2), ("", "a", 1), ("a", "", 1)]
    {
        assert_eq!(word_errors(&word_list(said), &word_list(heard)), errors, "{said} / {heard}");
    }
}

#[test]
fn a_closed_model_is_written_whole() {
    let model = closed_model(&["go on", "go now"]);
    assert!(model.contains("ngram 1=5\nngram 2=5\nngram 3=4\n"), "{model}");
    assert!(model.contains("\n-0.3054 go now\n") || model.contains("\n-0.3054 go now -2.0000\n"), "{model}");
}

#[test]
#[ignore = "needs PocketSphinx and flite"]
fn with_a_closed_model_every_word_is_right_and_in_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grammar = folder.path().join("closed.lm");
    fs::write(&grammar, closed_model(&SENTENCES)).expect("a writable folder");
    let mut sphinx = Sphinx::open(Some(&grammar)).expect("PocketSphinx");
    for voice in ["rms", "slt", "awb"] {
        for sentence in SENTENCES {
            let clip = spoken(folder.path(), voice, sentence);
            let heard = sphinx.recognise(&clip).expect("an ordinary clip");
            assert_eq!(heard.text, sentence, "{voice}");
            assert_eq!(heard.words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" "), sentence);
            assert!(heard.confidence > 0.0 && heard.confidence <= 1.0 && heard.no_speech == 0.0);
            let end = clip.start + Span::from_ticks(clip.samples.len() as u64);
            let mut before = clip.start;
            for word in &heard.words {
                assert!(
                    word.stretch.start >= before && word.stretch.end <= end && !word.stretch.is_empty(),
                    "{word:?}"
                );
                before = word.stretch.end;
            }
        }
    }
}

#[test]
#[ignore = "needs PocketSphinx and flite"]
fn silence_and_clips_too_short_give_no_words() {
    let mut sphinx = Sphinx::open(None).expect("PocketSphinx");
    // On a second of zeros PocketSphinx itself is certain to have heard "dog".
    for samples in [vec![0.0; 16_000], vec![0.0; 160], Vec::new(), vec![f32::NAN; 8000]] {
        let length = samples.len();
        let heard = sphinx.recognise(&clip(Party::Client, AudioTime::ZERO, samples));
        let heard = heard.expect("a clip, if an odd one");
        assert_eq!((heard.text.as_str(), heard.no_speech), ("", 1.0), "{length} samples");
    }
    // And the next clip is as good as the first.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let heard = sphinx.recognise(&spoken(folder.path(), "slt", "thank you very much for your time"));
    assert!(heard.is_ok_and(|heard| heard.text.contains("thank you")), "the recogniser has come out of step");
}

#[test]
#[ignore = "needs PocketSphinx; prints word errors on the demo call"]
fn word_errors_on_the_demo_call() {
    let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("demo");
    let json = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(demo.join(name)).expect("a file of ours")).expect("JSON")
    };
    let (script, truth) = (json("script.json"), json("truth.json"));
    let mut recording = heard::io::file::Recording::open(&demo.join("call.ogg")).expect("the demo call");
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().expect("the demo call") {
        samples.extend_from_slice(block);
    }
    let mut sphinx = Sphinx::open(None).expect("PocketSphinx");
    let mut told: BTreeMap<&str, [f64; 4]> = BTreeMap::new();
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    let lines = truth["lines"].as_array().expect("lines");
    for (line, scripted) in lines.iter().zip(script["lines"].as_array().expect("lines")) {
        let who = line["who"].as_str().expect("a party");
        assert_eq!(scripted["who"].as_str(), Some(who));
        // A little silence on both sides, as the voice detection leaves it.
        let at = |value: &Value, more: f64| {
            ((value.as_f64().expect("seconds") + more).max(0.0) * 16_000.0) as usize
        };
        let (start, end) = (at(&line["start"], -0.3), at(&line["end"], 0.3).min(samples.len() / 2));
        let (party, side) = if who == "rep" { (Party::Rep, 0) } else { (Party::Client, 1) };
        let channel: Vec<f32> = samples[2 * start..2 * end].iter().skip(side).step_by(2).copied().collect();
        let seconds = channel.len() as f64 / 16_000.0;
        let heard = sphinx
            .recognise(&clip(party, AudioTime::from_ticks(start as u64), channel))
            .expect("an ordinary clip");
        let said = word_list(scripted["text"].as_str().expect("text"));
        let words = word_list(&heard.text);
        unknown.extend(words.iter().filter(|word| word.starts_with('<')).cloned());
        let counts = told.entry(who).or_default();
        counts[0] += said.len() as f64;
        counts[1] += word_errors(&said, &words) as f64;
        counts[2] += seconds;
        counts[3] += heard.compute.as_secs_f64();
    }
    assert!(unknown.is_empty(), "{unknown:?}");
    for (who, [words, errors, seconds, compute]) in told {
        println!(
            "{who}: {words} words, {:.1} % errors; {seconds:.1} s of sound in {compute:.1} s: real-time factor {:.3}",
            100.0 * errors / words,
            compute / seconds
        );
        assert!(errors < words, "{who}: nothing was understood");
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("memory: not told here"));
}
