//! What words cost: time beyond the model's own, real-time factors, memory, and how fast a killed recogniser is back.
//!
//! Models are read from `$HEARD_MODELS`, or the folder `models` beside the data: files `*.bin` in Whisper's form. Those
//! without weights cost as much to encode as the model named, and give no words.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use heard::audio::{Block, Layout, Pairer};
use heard::config::Settings;
use heard::io::clock::Clock;
use heard::io::file::Recording;
use heard::io::words::{Words, choose};
use heard::io::worker::wire::{Ask, Reply, read_reply, write_ask};
use heard::io::worker::{Plan, Program, Speech};
use heard::session::Engine;
use heard::speech::Source;
use heard::speech::status::State;
use heard::units::{ByParty, Party};
use tempfile::TempDir;

use super::data::{files, folder, json, quantile};
use crate::worker::{cut, faulty};

fn models() -> Vec<PathBuf> {
    let folder = std::env::var_os("HEARD_MODELS").map_or_else(|| folder("../models"), PathBuf::from);
    let mut models = files(&folder, ".bin");
    models.retain(|path| !path.to_string_lossy().contains("silero"));
    models
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A folder like a user's own in which a model is trusted.
fn trusting(model: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_heard"))
        .args(["models", "import", "--yes", "--name", "measured"])
        .arg(model)
        .env("XDG_DATA_HOME", folder.path())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// A recogniser's process, spoken to without the threads around it.
struct Worker {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    _trust: TempDir,
}

impl Worker {
    fn start(model: &Path) -> (Worker, Duration) {
        let trust = trusting(model);
        let mut child = Command::new(env!("CARGO_BIN_EXE_heard"))
            .args(["recognise-worker", "--model"])
            .arg(model)
            .env("XDG_DATA_HOME", trust.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut worker = Worker { child, to, from: BufReader::new(from), _trust: trust };
        match worker.reply() {
            Reply::Ready { second } => (worker, second),
            other => panic!("{}: {other:?}", model.display()),
        }
    }

    fn reply(&mut self) -> Reply {
        read_reply(&mut self.from).expect("a message").expect("a process")
    }

    /// All in, and the model's own time.
    fn time(&mut self, clock: &Clock, millis: u64, threads: usize) -> (Duration, Duration) {
        let ask = Ask { clip: cut(Party::Client, 0, millis).clip, threads, said: String::new() };
        let began = clock.now();
        write_ask(&mut self.to, &ask).expect("a process");
        let Reply::Recognised(said) = self.reply() else { panic!("nothing was made of a clip") };
        (clock.now() - began, said.compute)
    }

    fn most_memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux");
        line.trim().to_owned()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs the measuring data; run make measure"]
fn words_cost_what_the_model_costs() {
    let clock = Clock::start();
    for model in models() {
        let name = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut worker, second) = Worker::start(&model);
        println!("{name}: first second {:.0} ms", millis(second));
        // Two threads that wait for each other may take a hundred times as long on a busy computer: not asked often.
        for (threads, secs, times) in [(1, 2u64, 5), (1, 5, 5), (1, 10, 5), (2, 5, 3)] {
            let mut all: Vec<f64> =
                (0..times).map(|_| millis(worker.time(&clock, secs * 1000, threads).1)).collect();
            let median = quantile(&mut all, 0.5);
            println!(
                "{name}: {secs:2} s of sound, threads {threads}: {median:.0} ms, real-time factor {:.3}",
                median / 1000.0 / secs as f64
            );
        }
        let (mut beyond, mut all) = (Vec::new(), Vec::new());
        for n in 0..100u64 {
            let (whole, own) = worker.time(&clock, 300 + n * 47, 1);
            beyond.push(millis(whole - own));
            all.push(millis(whole));
        }
        println!(
            "{name}: clips of 0.3 to 5 s, 1 thread: all in p50 {:.0} ms, p99 {:.0}; beyond the model p50 {:.2} ms, p99 {:.2}; \
             most memory {}",
            quantile(&mut all, 0.5),
            quantile(&mut all, 0.99),
            quantile(&mut beyond, 0.5),
            quantile(&mut beyond, 0.99),
            worker.most_memory()
        );
        assert!(quantile(&mut beyond, 0.99) <= 15.0);
    }
}

#[test]
#[ignore = "a minute of real time; run make measure"]
fn text_is_handed_over_at_once() {
    let speech = Speech::start(faulty("0.05", None, false)).expect("a thread");
    let mut beyond = Vec::new();
    for n in 0..300u64 {
        assert!(speech.push(cut(Party::Rep, n * 10_000, 300 + n % 40 * 120)));
        let told = speech.told().recv().expect("words");
        beyond.push(millis(told.waited - told.compute));
    }
    // The first waits for the process to start.
    beyond.remove(0);
    println!(
        "end of the clip to text, beyond the recogniser's own time: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        quantile(&mut beyond, 0.5),
        quantile(&mut beyond, 0.99),
        quantile(&mut beyond, 1.0)
    );
    assert!(quantile(&mut beyond, 0.99) <= 15.0);
}

#[test]
#[ignore = "needs the measuring data; run make measure"]
fn a_killed_recogniser_is_back_in_time() {
    let clock = Clock::start();
    let mut took = Vec::new();
    for model in models() {
        let trust = trusting(&model);
        let mut home = OsString::from("XDG_DATA_HOME=");
        home.push(trust.path());
        let worker = [env!("CARGO_BIN_EXE_heard"), "recognise-worker", "--model"].map(OsString::from);
        let arguments = [vec![home], worker.into(), vec![model.clone().into()]].concat();
        let program = Program { path: "env".into(), arguments };
        let plan =
            Plan { program, model: String::new(), source: Source::Whisper, threads: 1, patient: false };
        let speech = Speech::start(plan).expect("a thread");
        let ready = |other: Option<u32>| loop {
            let status = speech.status();
            assert!(status.state != State::Failed, "{}", status.why);
            if status.state == State::Listening && status.process.is_some() && status.process != other {
                break status.process;
            }
            let _ = speech.told().recv_timeout(Duration::from_millis(1));
        };
        let first = ready(None);
        let id = first.expect("it runs").to_string();
        let killed = clock.now();
        assert!(Command::new("kill").args(["-9", &id]).status().expect("kill runs").success());
        ready(first);
        let back = millis(clock.now() - killed);
        println!("{}: back {back:.0} ms after kill -9", model.display());
        took.push(back);
    }
    assert!(quantile(&mut took, 1.0) <= 2000.0);
}

/// Words in lower case without punctuation.
fn plain(text: &str) -> Vec<String> {
    let kept = text.replace(['-', '–', '—'], " ").to_lowercase();
    let word = |word: &str| word.chars().filter(|c| c.is_alphanumeric() || *c == '\'').collect::<String>();
    kept.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
}

/// Words wrong, missing or too many: the least number of changes that make one of the other.
fn errors(said: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (n, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], n + 1);
        for (at, other) in heard.iter().enumerate() {
            let change = diagonal + usize::from(word != other);
            diagonal = row[at + 1];
            row[at + 1] = change.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[heard.len()]
}

#[test]
fn errors_are_counted_by_the_word() {
    let words = |text: &str| plain(text);
    for (said, heard, expected) in [
        ("so it goes", "So, it goes.", 0),
        ("so it goes", "so goes", 1),
        ("so it goes", "so it it goes on", 2),
        ("a b c", "", 3),
        ("", "a", 1),
    ] {
        assert_eq!(errors(&words(said), &words(heard)), expected, "{said} / {heard}");
    }
}

#[test]
#[ignore = "needs a model with weights; run make accuracy MODEL=file"]
fn word_error_rate() {
    let asked = std::env::var("MODEL").expect("name a model: make accuracy MODEL=file");
    let settings = Settings::default();
    let words = choose(Some(&asked), &settings.speech).unwrap_or_else(|error| panic!("{error}"));
    let Words::By(mut plan) = words else { panic!("{asked} is no model") };
    // This is not the program that has the recogniser inside.
    plan.program.path = env!("CARGO_BIN_EXE_heard").into();
    let (mut wrong, mut all, mut secs) = (0, 0, 0.0);
    let clock = Clock::start();
    for truth in files(&folder("audio"), ".json") {
        let Some(transcript) = json(&truth)["transcript"].as_str().map(plain) else { continue };
        let heard = one_channel(&truth.with_extension("flac"), &plan, &settings, &mut secs);
        let here = errors(&transcript, &heard);
        println!(
            "{:32} {here:4} of {:4} words: {:5.1} %",
            truth.file_stem().unwrap_or_default().to_string_lossy(),
            transcript.len(),
            100.0 * here as f64 / transcript.len() as f64
        );
        wrong += here;
        all += transcript.len();
    }
    assert!(all > 0, "no transcripts in the data");
    println!(
        "{asked}: word error rate {:.1} % over {all} words; real-time factor of everything {:.3}",
        100.0 * wrong as f64 / all as f64,
        clock.now().as_secs_f64() / secs
    );
}

/// The words of a recording in which one channel holds everybody.
fn one_channel(path: &Path, plan: &Plan, settings: &Settings, secs: &mut f64) -> Vec<String> {
    let speech = Speech::start(plan.clone()).expect("a thread");
    let only = ByParty { rep: true, client: false };
    let mut engine = Engine::listening_to(only, settings).with_cuts();
    let (mut pairer, mut events, mut told) = (Pairer::only(Party::Rep), Vec::new(), Vec::new());
    let mut recording = Recording::open(path).unwrap_or_else(|error| panic!("{error}"));
    let (rate_hz, channels) = (recording.rate_hz, recording.channels as u16);
    loop {
        let captured = Duration::from_nanos(recording.frames_read() * 1_000_000_000 / u64::from(rate_hz));
        let Some(samples) = recording.next_block().unwrap_or_else(|error| panic!("{error}")) else { break };
        let block = Block { layout: Layout::Mono(Party::Rep), captured, rate_hz, channels, samples };
        pairer.push(block, |frame| engine.push(frame, &mut events)).expect("a usable format");
        engine.take_cuts().into_iter().for_each(|cut| assert!(speech.push(cut)));
        told.extend(speech.told().try_iter());
    }
    pairer.finish(|frame| engine.push(frame, &mut events));
    engine.finish(&mut events);
    engine.take_cuts().into_iter().for_each(|cut| assert!(speech.push(cut)));
    *secs += engine.now().as_secs_f64();
    let (rest, status) = speech.finish(Duration::MAX);
    assert!(status.state != State::Failed, "{}", status.why);
    told.extend(rest);
    told.sort_by_key(|told| told.utterance.stretch.start);
    told.iter().flat_map(|told| plain(&told.utterance.text)).collect()
}
