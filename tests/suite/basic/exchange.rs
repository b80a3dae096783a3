//! A call that is spoken by flite, with what must come of it: every word, and what the words mean.

#![expect(clippy::print_stdout, reason = "how many words were wrong is printed, where any are")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{closed_model, spoken, word_errors, word_list};

/// A call whose lines are known: two voices, a file each.
pub struct Exchange {
    pub folder: tempfile::TempDir,
    pub rep: PathBuf,
    pub client: PathBuf,
    /// Its closed language model.
    pub grammar: PathBuf,
}

/// Who says what, and the cues that this must give.
const LINES: [(&str, &str, &[&str]); 9] = [
    ("rep", "what concerns do you have about the proposal", &["open_question"]),
    ("client", "i am worried about the delivery because last time it was three weeks late", &["concern"]),
    ("rep", "i can see why you are frustrated about that", &["validation"]),
    ("rep", "what would help you most", &["open_question"]),
    ("client", "we need a plan that we can trust", &[]),
    ("rep", "we both want this project to succeed", &["shared_goal"]),
    ("client", "yes that would be good", &[]),
    ("rep", "i will send you the contract by friday", &["promise"]),
    ("client", "thank you very much for your time", &["rapport"]),
];

const RATE_HZ: u32 = 16_000;

/// Silence before the first line, between two, and after the last, besides what flite leaves around each.
const LEAD: usize = RATE_HZ as usize;
const PAUSE: usize = RATE_HZ as usize * 6 / 10;
const TAIL: usize = RATE_HZ as usize;

fn voice(who: &str) -> &'static str {
    if who == "rep" { "rms" } else { "slt" }
}

impl Exchange {
    pub fn speak() -> Exchange {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut channels = [vec![0.0f32; LEAD], vec![0.0f32; LEAD]];
        for (who, text, _) in LINES {
            let line = spoken(folder.path(), voice(who), text).samples;
            let silence = vec![0.0; line.len()];
            let [rep, client] = &mut channels;
            let (speaks, listens) = if who == "rep" { (rep, client) } else { (client, rep) };
            speaks.extend(line);
            listens.extend(silence);
            channels.iter_mut().for_each(|channel| channel.extend(vec![0.0; PAUSE]));
        }
        let files = ["rep.wav", "client.wav"].map(|name| folder.path().join(name));
        for (channel, path) in channels.iter_mut().zip(&files) {
            channel.extend(vec![0.0; TAIL]);
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: RATE_HZ,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            };
            let mut writer = hound::WavWriter::create(path, spec).expect("a file");
            for sample in channel {
                writer.write_sample((*sample * 32_767.0) as i16).expect("written");
            }
            writer.finalize().expect("written");
        }
        let grammar = folder.path().join("closed.lm");
        let sentences: Vec<&str> = LINES.iter().map(|(_, text, _)| *text).collect();
        fs::write(&grammar, closed_model(&sentences)).expect("a writable folder");
        let [rep, client] = files;
        Exchange { folder, rep, client, grammar }
    }

    /// The options with which every word is heard.
    pub fn options(&self) -> [&str; 4] {
        ["--model", "basic", "--grammar", self.grammar.to_str().expect("a name")]
    }

    /// Both voices in one file, the rep on the left.
    fn joined(&self) -> PathBuf {
        let path = self.folder.path().join("call.wav");
        let [rep, client] = [&self.rep, &self.client].map(|file| {
            let mut reader = hound::WavReader::open(file).expect("a file");
            reader.samples::<i16>().map(|sample| sample.expect("a whole file")).collect::<Vec<_>>()
        });
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).expect("a file");
        for sample in rep.iter().zip(&client).flat_map(|(rep, client)| [*rep, *client]) {
            writer.write_sample(sample).expect("written");
        }
        writer.finalize().expect("written");
        path
    }
}

/// Holds a record against the script: no word of either party is wrong, missing or too many, and each line means what it
/// should. Gives the day that the promise is due.
pub fn check(record: &Value, how: &str) -> jiff::civil::Date {
    let words = &record["words"];
    println!("{how}: {words}");
    assert_eq!((words["model"].as_str(), words["why"].as_str()), (Some("basic"), None));
    assert_eq!((words["coverage"].as_f64(), words["left_out"].as_u64()), (Some(1.0), Some(0)));
    let list = |what: &str| record[what].as_array().expect("a list").clone();
    let utterances = list("utterances");
    for who in ["rep", "client"] {
        let said: Vec<&str> = LINES.iter().filter(|line| line.0 == who).map(|line| line.1).collect();
        let heard: Vec<&str> = (utterances.iter().filter(|utterance| utterance["party"] == who))
            .map(|utterance| utterance["text"].as_str().expect("text"))
            .collect();
        let (said, heard) = (word_list(&said.join(" ")), word_list(&heard.join(" ")));
        println!("{how}: {who}: {} words, {} errors", said.len(), word_errors(&said, &heard));
        assert_eq!(heard, said, "{how}: {who}");
    }

    let text = |value: &Value| value.as_str().expect("text").to_lowercase();
    let cues = list("cues");
    for (who, line, kinds) in LINES {
        for kind in kinds {
            let found = cues.iter().any(|cue| {
                (cue["party"].as_str(), cue["kind"].as_str()) == (Some(who), Some(kind))
                    && line.contains(text(&cue["text"]).trim())
            });
            assert!(found, "{how}: no {kind} in {line:?}: {cues:?}");
        }
    }
    let concerns = cues.iter().filter(|cue| cue["kind"] == "concern").count();
    assert_eq!(concerns, 1, "{how}: {cues:?}");

    let ledger = list("ledger");
    assert_eq!(ledger.len(), 1, "{how}: {ledger:?}");
    assert_eq!(ledger[0]["answer"], "validated", "{how}");
    assert!(text(&ledger[0]["concern"]).contains("worried about the delivery"), "{how}: {ledger:?}");
    // The pause of the script, and what flite leaves around a line.
    let latency = ledger[0]["latency_s"].as_f64().expect("seconds");
    assert!((0.5..2.0).contains(&latency), "{how}: {latency}");

    let promises = list("promises");
    assert_eq!(promises.len(), 1, "{how}: {promises:?}");
    assert_eq!(promises[0]["party"], "rep", "{how}");
    assert!(text(&promises[0]["text"]).contains("send you the contract by friday"), "{how}: {promises:?}");
    promises[0]["due"].as_str().expect("a day").parse().expect("a date")
}

#[test]
#[ignore = "needs PocketSphinx and flite: make basic"]
fn a_spoken_call_in_a_file_gives_its_words_cues_ledger_and_promise() {
    let exchange = Exchange::speak();
    let output = Command::new(env!("CARGO_BIN_EXE_heard"))
        .args(["analyze", "--json", "--events", "--layout", "stereo", "--date", "2026-11-24"])
        .args(exchange.options())
        .arg(exchange.joined())
        .output()
        .expect("heard runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (record, events) = lines.split_last().expect("lines");
    assert_eq!(check(record, "analyze"), jiff::civil::date(2026, 11, 27), "the Friday after that Tuesday");
    // Each utterance was told when it was known, in the words of the record.
    let mut told: Vec<&Value> = events.iter().filter(|event| event["event"] == "utterance").collect();
    told.sort_by(|a, b| a["start_s"].as_f64().partial_cmp(&b["start_s"].as_f64()).expect("numbers"));
    let texts = |list: &[&Value]| list.iter().map(|line| line["text"].clone()).collect::<Vec<_>>();
    let recorded: Vec<&Value> = record["utterances"].as_array().expect("a list").iter().collect();
    assert_eq!(texts(&told), texts(&recorded));
}

#[test]
fn a_language_model_of_one_s_own_is_for_the_basic_recogniser_alone() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg");
    let output = Command::new(env!("CARGO_BIN_EXE_heard"))
        .args(["analyze", "--model", "none", "--grammar", "closed.lm"])
        .arg(&demo)
        .output()
        .expect("heard runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("add --model basic") && told.lines().count() == 1, "{told}");
}

#[test]
#[ignore = "needs PocketSphinx and flite: make basic"]
fn a_language_model_that_is_none_is_told_and_the_rest_is_measured() {
    let exchange = Exchange::speak();
    let wrong = exchange.folder.path().join("wrong.lm");
    fs::write(&wrong, "no language model\n").expect("a writable folder");
    for (grammar, why) in
        [(wrong.as_path(), "cannot use"), (Path::new("nowhere.lm"), "there is no language model")]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_heard"))
            .args(["analyze", "--json", "--layout", "stereo", "--model", "basic", "--grammar"])
            .arg(grammar)
            .arg(exchange.joined())
            .output()
            .expect("heard runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let told = record["words"]["why"].as_str().expect("a reason");
        assert!(told.contains(why), "{told}");
        assert_eq!(record["utterances"].as_array().map(Vec::len), Some(0));
        assert!(record["turns"].as_array().is_some_and(|turns| turns.len() > 4), "nothing was measured");
    }
}
