//! Words beside metering: what is said about who spoke when is the same with words, without, and when they fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use heard::audio::{Block, Layout, Pairer, Side};
use heard::coach::Wording;
use heard::config::Settings;
use heard::io::analyze::{Analysis, Channels, Task, analyze, analyze_with};
use heard::io::file::Recording;
use heard::io::words::Words;
use heard::io::worker::{Plan, Speech};
use heard::session::record::CallRecord;
use heard::session::{Engine, Event};
use heard::speech::scripted::{Line, Scripted};
use heard::speech::sieve::Sieve;
use heard::speech::{Cut, Recogniser, Source};
use heard::units::{AudioTime, Party, Share, Span, Stretch};
use serde_json::Value;

use crate::miniature::{Miniature, Stored};
use crate::worker::faulty;

const SIDES: Channels = Channels::Stereo { rep: Side::Left };

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg")
}

fn call(analysis: Analysis) -> CallRecord {
    match analysis {
        Analysis::Call(call) => *call,
        Analysis::Mono(_) => unreachable!("two channels were asked for"),
    }
}

fn with_words(plan: Plan) -> CallRecord {
    let task =
        Task { channels: SIDES, words: Words::By(plan), understanding: None, wording: Wording::english() };
    call(analyze_with(&bundled(), task, &Settings::default(), |_| {}, |_, _| {}).expect("the bundled call"))
}

/// The record without what words add to it.
fn metering(call: &CallRecord) -> Value {
    let mut value = serde_json::to_value(call).expect("a record is JSON");
    let object = value.as_object_mut().expect("an object");
    assert!(object.remove("words").is_some() && object.remove("utterances").is_some());
    for turn in object["turns"].as_array_mut().expect("turns") {
        turn.as_object_mut().expect("a turn").remove("text");
    }
    value
}

#[test]
fn metering_is_the_same_with_words_without_and_when_they_fail() {
    let without =
        call(analyze(&bundled(), SIDES, &Settings::default(), |_| {}, |_, _| {}).expect("the bundled call"));
    assert!(without.utterances.is_empty());
    let folder = tempfile::tempdir().expect("a folder");
    let whole = with_words(faulty("0", None, true));
    let killed = with_words(faulty("segv", Some(folder.path()), true));
    let hopeless = with_words(faulty("abort", None, true));
    for record in [&whole, &killed, &hopeless] {
        assert_eq!(metering(record), metering(&without));
    }
    assert_eq!(whole.words.coverage.map(Share::percent), Some(100));
    assert_eq!(killed.words.coverage.map(Share::percent), Some(100), "its clip was tried again");
    assert_eq!(killed.utterances, whole.utterances);
    assert_eq!(hopeless.words.coverage.map(Share::percent), Some(0));
    assert!(hopeless.words.why.is_some() && hopeless.utterances.is_empty());
    assert!(whole.utterances.len() > 40 && whole.turns.iter().all(|turn| !turn.text.is_empty()));
}

/// The engine's events and clips for the bundled call; `each` sees the engine after every block.
fn heard(engine: Engine, mut each: impl FnMut(&mut Engine)) -> Vec<Event> {
    let (mut engine, mut events) = (engine, Vec::new());
    let mut recording = Recording::open(&bundled()).expect("the bundled call");
    let mut pairer = Pairer::both();
    let rate_hz = recording.rate_hz;
    loop {
        let captured = Duration::from_nanos(recording.frames_read() * 1_000_000_000 / u64::from(rate_hz));
        let Some(samples) = recording.next_block().expect("the bundled call") else { break };
        let block =
            Block { layout: Layout::Stereo { rep: Side::Left }, captured, rate_hz, channels: 2, samples };
        pairer.push(block, |frame| engine.push(frame, &mut events)).expect("a usable format");
        each(&mut engine);
    }
    pairer.finish(|frame| engine.push(frame, &mut events));
    engine.finish(&mut events);
    each(&mut engine);
    events
}

#[test]
fn a_recogniser_of_twenty_times_the_cost_takes_no_frame_from_metering() {
    let without = heard(Engine::new(&Settings::default()), |_| {});
    for fault in ["20", "hang"] {
        let speech = Speech::start(faulty(fault, None, false)).expect("a thread");
        let (mut pushed, mut refused) = (Span::ZERO, 0);
        let engine = Engine::new(&Settings::default()).with_cuts();
        let with = heard(engine, |engine| {
            engine.tell_partials(speech.keeps_up());
            for cut in engine.take_cuts() {
                pushed += if cut.partial { Span::ZERO } else { cut.clip.voiced };
                refused += u32::from(!speech.push(cut));
            }
        });
        assert_eq!(with, without, "{fault}");
        let (_, status) = speech.finish(Duration::ZERO);
        assert_eq!((status.tally.offered, refused), (pushed, 0), "{fault}");
        assert_eq!(
            status.tally.recognised + status.tally.lost,
            pushed,
            "{fault}: nothing is left out in silence"
        );
        assert!(status.tally.dropped > 20, "{fault}");
    }
}

/// What the bundled call's script says: each line where it was rendered.
fn script() -> Vec<Line> {
    let text = include_str!("../../demo/truth.json");
    let truth: Value = serde_json::from_str(text).expect("JSON");
    let at = |value: &Value| AudioTime::from_millis((value.as_f64().expect("seconds") * 1000.0) as u64);
    let line = |line: &Value| Line {
        party: if line["who"] == "rep" { Party::Rep } else { Party::Client },
        stretch: Stretch::new(at(&line["start"]), at(&line["end"])),
        text: line["text"].as_str().expect("text").to_owned(),
    };
    truth["lines"].as_array().expect("lines").iter().map(line).collect()
}

#[test]
fn the_words_of_a_call_are_told_once_each_by_who_said_them() {
    let mut cuts: Vec<Cut> = Vec::new();
    heard(Engine::new(&Settings::default()).with_cuts(), |engine| cuts.extend(engine.take_cuts()));
    let script = script();
    let mut scripted = Scripted::new(&script, 0.1);
    let mut sieve = Sieve::new(Source::Whisper);
    let mut told: Vec<(Party, String)> = Vec::new();
    for cut in &cuts {
        let said = scripted.recognise(&cut.clip).expect("a script");
        if let Ok(utterance) = sieve.judge(cut, &said) {
            told.extend(utterance.text.split(' ').map(|word| (utterance.party, word.to_owned())));
        }
    }
    for party in Party::BOTH {
        let said = script.iter().filter(|line| line.party == party);
        let said: usize = said.map(|line| line.text.split_whitespace().count()).sum();
        let heard = told.iter().filter(|(who, _)| *who == party).count();
        // Times of words within a line are only spread evenly here, so that one at a pause may fall between two clips, or
        // into the little that two clips share.
        let missing = said as f64 - heard as f64;
        assert!(missing.abs() <= 0.03 * said as f64, "{party}: {heard} of {said} words");
    }
    assert!(cuts.iter().all(|cut| cut.clip.len() <= Span::from_secs(12)));
    assert_eq!(sieve.doubts().invented(), 0, "{:?}", sieve.doubts());
}

/// The record of the bundled call by the program itself, with the models of a folder that is like a user's own.
fn by_the_program(folder: &Path, model: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_heard"))
        .args(["analyze", "--json", "--model", model])
        .arg(bundled())
        .env("XDG_DATA_HOME", folder)
        .env("HEARD_CONFIG", "")
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

#[test]
fn whisper_itself_works_on_every_clip_in_a_sealed_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("random.bin");
    fs::write(&file, Miniature::new(Stored::F16).bytes()).expect("space on the disk");
    let imported = Command::new(env!("CARGO_BIN_EXE_heard"))
        .args(["models", "import", "--yes", "--name", "random"])
        .arg(&file)
        .env("XDG_DATA_HOME", folder.path())
        .output()
        .expect("the program starts");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let record = by_the_program(folder.path(), "random");
    let words = &record["words"];
    assert_eq!((words["model"].as_str(), words["coverage"].as_f64()), (Some("random"), Some(1.0)), "{words}");
    // Its weights are random, and so would its words be.
    assert!(words["invented"].as_u64().expect("a number") > 20, "{words}");
    assert_eq!(record["utterances"].as_array().map(Vec::len), Some(0), "{}", record["utterances"]);
}

#[test]
fn a_broken_model_is_told_and_the_call_summed_up_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("broken.bin");
    let mut broken = Miniature::new(Stored::F16);
    broken.tensors[0].dimensions = 64;
    fs::write(&file, broken.bytes()).expect("space on the disk");
    let record = by_the_program(folder.path(), &file.display().to_string());
    let words = &record["words"];
    assert_eq!(words["coverage"].as_f64(), Some(0.0), "{words}");
    assert!(words["why"].as_str().is_some_and(|why| why.contains("cannot be used as a model")), "{words}");
    assert!(record["turns"].as_array().is_some_and(|turns| turns.len() > 10));
}
