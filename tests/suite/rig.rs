//! The program on a real sound server: a private one without a sound card, started by tests/rig/server.sh.
//!
//! `make rig` runs these (a minute), `make soak` the long ones; both install the servers where they can.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "real time passes here, and what it took is printed"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, Command, Output, Stdio};
use std::time::{Duration, Instant};

use heard::io::capture::{Clock, Kind, host};
use heard::io::file::Recording;
use serde_json::Value;

use crate::miniature::{Miniature, Stored};

const HEARD: &str = env!("CARGO_BIN_EXE_heard");

/// Words take more than the call when a machine has the basic recogniser, and are no part of what is measured here.
const WITHOUT_WORDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/without_words.toml");

/// A private server, stopped when dropped.
struct Rig {
    script: Child,
    stdin: Option<ChildStdin>,
    environment: Vec<(String, String)>,
}

impl Rig {
    fn start(kind: &str) -> Rig {
        Rig::with_channels(kind, "2")
    }

    fn with_channels(kind: &str, channels: &str) -> Rig {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/server.sh");
        let mut child = Command::new("sh")
            .arg(script)
            .env("RIG_CHANNELS", channels)
            .args([kind, "sh", "-c"])
            .arg("env | grep -E '^(XDG_|PULSE_|HEARD_RIG)'; echo; cat >/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let mut environment = Vec::new();
        let out = BufReader::new(child.stdout.take().expect("piped"));
        for line in out.lines() {
            let line = line.expect("text");
            let Some((name, value)) = line.split_once('=') else { break };
            environment.push((name.to_owned(), value.to_owned()));
        }
        assert!(!environment.is_empty(), "{kind} did not start; make rig installs it");
        Rig { stdin: child.stdin.take(), script: child, environment }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("HEARD_CONFIG", WITHOUT_WORDS);
        command
    }

    fn pactl(&self, arguments: &[&str]) -> String {
        let output = self.command("pactl").args(arguments).output().expect("pactl runs");
        assert!(output.status.success(), "pactl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn play(&self, sink: &str, file: &Path) -> Child {
        let device = format!("--device={sink}");
        self.command("paplay").args([&device, "--latency-msec=100"]).arg(file).spawn().expect("paplay runs")
    }

    fn live(&self, arguments: &[&str]) -> LiveCall {
        LiveCall::start(self.command(HEARD), arguments)
    }

    /// The same in a network of its own, which is connected to nothing.
    fn live_without_network(&self, arguments: &[&str]) -> LiveCall {
        let mut command = self.command("unshare");
        command.args(["-rn", HEARD]);
        LiveCall::start(command, arguments)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.script.wait();
    }
}

/// `heard live`, running.
struct LiveCall {
    child: Child,
    said: BufReader<ChildStderr>,
    /// From its start until it said that it listens.
    began: Duration,
}

impl LiveCall {
    fn start(mut command: Command, arguments: &[&str]) -> LiveCall {
        let started = Instant::now();
        let mut child = command
            .args(["live", "--json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("heard runs");
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        while !line.starts_with("Listening") {
            line.clear();
            assert!(
                said.read_line(&mut line).expect("text") > 0,
                "heard live ended early: {:?}",
                child.wait()
            );
        }
        LiveCall { child, said, began: started.elapsed() }
    }

    /// Ends the call by Ctrl-C: what it printed, and what it said since it listened.
    fn stop(mut self) -> (Value, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
        let mut said = String::new();
        self.said.read_to_string(&mut said).expect("text");
        let Output { status, stdout, .. } = self.child.wait_with_output().expect("ends");
        assert!(status.success(), "{said}");
        (serde_json::from_slice(&stdout).expect("JSON"), said)
    }

    /// Processor time so far, and memory now, in kilobytes.
    fn cost(&self) -> (Duration, u64) {
        let id = self.child.id();
        let tasks = fs::read_dir(format!("/proc/{id}/task")).expect("running");
        let nanos = tasks.flatten().map(|task| {
            let times = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            times.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or_default()
        });
        let status = fs::read_to_string(format!("/proc/{id}/status")).expect("running");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes = resident.trim().trim_end_matches(" kB").parse().expect("a number");
        (Duration::from_nanos(nanos.sum()), kilobytes)
    }
}

/// A call in a folder, and each of its channels as a file of its own.
struct Parts {
    folder: tempfile::TempDir,
    rep: PathBuf,
    client: PathBuf,
    length: Duration,
}

fn split(call: &Path, at_most: Duration) -> Parts {
    let folder = tempfile::tempdir().expect("a folder");
    let (rep, client) = (folder.path().join("rep.wav"), folder.path().join("client.wav"));
    let mut recording = Recording::open(call).expect("a call");
    let rate_hz = recording.rate_hz;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writers = [&rep, &client].map(|path| hound::WavWriter::create(path, spec).expect("a file"));
    let most = (at_most.as_secs_f64() * f64::from(rate_hz)) as u64;
    let mut frames = 0u64;
    while let Some(block) = recording.next_block().expect("sound") {
        for moment in block.chunks_exact(2).take(most.saturating_sub(frames) as usize) {
            for (writer, sample) in writers.iter_mut().zip(moment) {
                writer.write_sample((sample * 32_767.0) as i16).expect("written");
            }
            frames += 1;
        }
    }
    for writer in writers {
        writer.finalize().expect("written");
    }
    Parts { folder, rep, client, length: Duration::from_secs_f64(frames as f64 / f64::from(rate_hz)) }
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg")
}

fn analyzed(file: &Path) -> Value {
    let output = Command::new(HEARD)
        .args(["analyze", "--json", "--layout", "stereo", "--model", "none"])
        .arg(file)
        .output();
    serde_json::from_slice(&output.expect("heard runs").stdout).expect("JSON")
}

fn pause(length: Duration) {
    let (_keep, wait) = crossbeam_channel::bounded::<()>(0);
    let _ = wait.recv_timeout(length);
}

/// Plays both files, as nearly together as two processes can, until both have ended.
fn play_both(rig: &Rig, parts: &Parts) {
    let players = [rig.play("mic", &parts.rep), rig.play("system", &parts.client)];
    for mut player in players {
        assert!(player.wait().expect("paplay ends").success());
    }
}

fn starts(record: &Value, party: &str) -> Vec<f64> {
    let ipus = record["ipus"].as_array().expect("units").iter();
    ipus.filter(|ipu| ipu["party"] == party).map(|ipu| ipu["start_s"].as_f64().expect("seconds")).collect()
}

/// The middle of the differences between each of `live` and the nearest of `file`, moved by `guess`.
fn offset(live: &[f64], file: &[f64], guess: f64) -> f64 {
    let mut differences: Vec<f64> = live
        .iter()
        .filter_map(|at| {
            file.iter().map(|other| at - other).min_by(|a, b| (a - guess).abs().total_cmp(&(b - guess).abs()))
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    differences[differences.len() / 2]
}

fn interruptions(record: &Value) -> Vec<(String, String)> {
    let overlaps = record["overlaps"].as_array().expect("overlaps").iter();
    overlaps
        .filter(|overlap| overlap["class"] == "interruption")
        .map(|overlap| (overlap["by"].to_string(), overlap["outcome"].to_string()))
        .collect()
}

/// Plays a call into a server, listens to it, and holds what came out against the file.
fn live_is_like_the_file(kind: &str, call: &Path, at_most: Duration) {
    let rig = Rig::start(kind);
    let parts = split(call, at_most);
    let cut = parts.folder.path().join("cut.wav");
    join(&parts, &cut);
    let recorded = parts.folder.path().join("live.wav");
    let listening = rig.live(&["--record", recorded.to_str().expect("a name")]);
    let (before, _) = listening.cost();
    play_both(&rig, &parts);
    pause(Duration::from_millis(500));
    let (after, kilobytes) = listening.cost();
    let began = listening.began;
    let (live, said) = listening.stop();
    let file = analyzed(&cut);

    let share = |record: &Value| record["talk"]["rep"]["share"].as_f64().expect("a share");
    let apart = (share(&live) - share(&file)).abs() * 100.0;
    let guess = starts(&live, "rep")[0] - starts(&file, "rep")[0];
    let moved = ["rep", "client"].map(|party| offset(&starts(&live, party), &starts(&file, party), guess));
    let off: Vec<f64> = ["rep", "client"]
        .into_iter()
        .zip(moved)
        .flat_map(|(party, moved)| {
            let file = starts(&file, party);
            let nearest = move |at: f64| {
                file.iter().map(|other| (at - other - moved).abs()).fold(f64::INFINITY, f64::min)
            };
            starts(&live, party).into_iter().map(nearest).collect::<Vec<_>>()
        })
        .collect();
    let worst = off.iter().copied().fold(0.0, f64::max);
    println!(
        "{kind} {}: share {apart:.2} points apart, starts at worst {:.0} ms apart ({} of them), channels {:.0} ms apart, \
         listening after {} ms, processor {:.2} %, {kilobytes} kB",
        call.file_name().expect("a name").display(),
        worst * 1000.0,
        off.len(),
        (moved[0] - moved[1]).abs() * 1000.0,
        began.as_millis(),
        (after - before).as_secs_f64() / parts.length.as_secs_f64() * 100.0,
    );
    assert!(apart <= 0.3, "share {apart} points apart\n{said}");
    assert!(worst <= 0.03, "an edge is {worst} s off\n{said}");
    assert_eq!(interruptions(&live), interruptions(&file), "{said}");
    assert_eq!(live["channels"]["rep"]["lost_s"], 0.0, "{said}");
    assert_eq!(live["channels"]["client"]["lost_s"], 0.0, "{said}");

    let replayed = analyzed(&recorded);
    for what in ["ipus", "turns", "overlaps", "talk", "patience", "nudges"] {
        assert_eq!(replayed[what], live[what], "the recording gives other {what}");
    }
}

/// The two parts as one stereo file.
fn join(parts: &Parts, path: &Path) {
    let mut readers = [&parts.rep, &parts.client].map(|part| hound::WavReader::open(part).expect("a file"));
    let spec = hound::WavSpec { channels: 2, ..readers[0].spec() };
    let mut writer = hound::WavWriter::create(path, spec).expect("a file");
    let [rep, client] = &mut readers;
    for (rep, client) in rep.samples::<i16>().zip(client.samples::<i16>()) {
        writer.write_sample(rep.expect("a sample")).expect("written");
        writer.write_sample(client.expect("a sample")).expect("written");
    }
    writer.finalize().expect("written");
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn live_on_pipewire_is_like_the_file() {
    live_is_like_the_file("pipewire", &demo(), Duration::from_secs(60));
}

#[test]
#[ignore = "needs PulseAudio: make rig"]
fn live_on_pulseaudio_is_like_the_file() {
    live_is_like_the_file("pulseaudio", &demo(), Duration::from_secs(60));
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn live_with_words_whose_recogniser_is_killed_is_like_its_recording() {
    let rig = Rig::start("pipewire");
    let parts = split(&demo(), Duration::from_secs(30));
    let home = parts.folder.path();
    let (model, recorded) = (home.join("random.bin"), home.join("live.wav"));
    fs::write(&model, Miniature::new(Stored::F16).bytes()).expect("space on the disk");
    let import = Command::new(HEARD)
        .args(["models", "import", "--yes", "--name", "random"])
        .arg(&model)
        .env("XDG_DATA_HOME", home)
        .status();
    assert!(import.expect("heard runs").success());
    let mut command = rig.command(HEARD);
    command.env("XDG_DATA_HOME", home);
    let listening =
        LiveCall::start(command, &["--model", "random", "--record", recorded.to_str().expect("a name")]);
    let mut players = [rig.play("mic", &parts.rep), rig.play("system", &parts.client)];
    pause(Duration::from_secs(10));
    let parent = listening.child.id().to_string();
    let workers = Command::new("pgrep").args(["-P", &parent]).output().expect("pgrep runs").stdout;
    let worker = String::from_utf8(workers).expect("numbers").trim().to_owned();
    assert!(Command::new("kill").args(["-9", &worker]).status().expect("kill runs").success(), "{worker:?}");
    players.iter_mut().for_each(|player| assert!(player.wait().expect("paplay runs").success()));
    pause(Duration::from_millis(500));
    let (live, said) = listening.stop();
    let words = &live["words"];
    println!("words: {words}");
    assert_eq!((words["model"].as_str(), words["why"].as_str()), (Some("random"), None), "{said}");
    assert_eq!((words["coverage"].as_f64(), words["left_out"].as_u64()), (Some(1.0), Some(0)), "{said}");
    let replayed = analyzed(&recorded);
    for what in ["ipus", "turns", "overlaps", "talk", "patience", "nudges"] {
        assert_eq!(live[what], replayed[what], "{what}");
    }
}

fn unplugged(kind: &str) {
    let rig = Rig::start(kind);
    let parts = split(&demo(), Duration::from_secs(40));
    let mut listening = rig.live(&[]);
    let mut players = [rig.play("mic", &parts.rep), rig.play("system", &parts.client)];
    pause(Duration::from_secs(6));
    let modules = rig.pactl(&["list", "short", "modules"]);
    let module = modules.lines().find(|line| line.contains("sink_name=mic")).expect("loaded");
    let mut line = String::new();
    let mut told = |listening: &mut LiveCall, wanted: &str| {
        let since = Instant::now();
        loop {
            line.clear();
            assert!(
                listening.said.read_line(&mut line).expect("text") > 0,
                "it ended before it said {wanted:?}"
            );
            if line.contains(wanted) {
                return since.elapsed();
            }
        }
    };
    rig.pactl(&["unload-module", module.split('\t').next().expect("a number")]);
    let lost = told(&mut listening, "is gone");
    pause(Duration::from_secs(3));
    rig.pactl(&[
        "load-module",
        "module-null-sink",
        "sink_name=mic",
        "rate=48000",
        "channels=1",
        "channel_map=mono",
    ]);
    rig.pactl(&["set-default-source", "mic.monitor"]);
    let back = told(&mut listening, "You: listening to");
    pause(Duration::from_secs(4));
    let (live, said) = listening.stop();
    players.iter_mut().for_each(|player| {
        let _ = player.kill();
        let _ = player.wait();
    });
    println!(
        "{kind}: told {} ms after it went, back {} ms after its return",
        lost.as_millis(),
        back.as_millis()
    );
    let lost_s = live["channels"]["rep"]["lost_s"].as_f64().expect("seconds");
    assert!((2.5..6.0).contains(&lost_s), "{lost_s} s unknown\n{said}");
    let invented = interruptions(&live).into_iter().filter(|(by, _)| by.contains("rep")).count();
    assert!(invented <= interruptions(&analyzed(&demo())).len(), "{live}");
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn a_device_unplugged_on_pipewire_is_told_and_found_again() {
    unplugged("pipewire");
}

#[test]
#[ignore = "needs PulseAudio: make rig"]
fn a_device_unplugged_on_pulseaudio_is_told_and_found_again() {
    unplugged("pulseaudio");
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn the_devices_are_listed_with_their_sound() {
    let rig = Rig::start("pipewire");
    let parts = split(&demo(), Duration::from_secs(20));
    let mut player = rig.play("system", &parts.client);
    pause(Duration::from_secs(4));
    let output = rig.command(HEARD).args(["devices", "--json"]).output().expect("heard runs");
    let _ = player.kill();
    let _ = player.wait();
    let lines = String::from_utf8(output.stdout).expect("text");
    let devices: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let find =
        |id: &str, kind: &str| devices.iter().find(|device| device["id"] == id && device["kind"] == kind);
    assert_eq!(find("mic.monitor", "microphone").expect("listed")["default"], true);
    assert_eq!(find("system.monitor", "playback").expect("listed")["default"], true);
    assert_eq!(find("system.monitor", "microphone"), None);
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn live_without_a_network_hears_the_same() {
    let rig = Rig::start("pipewire");
    let parts = split(&demo(), Duration::from_secs(20));
    let listening = rig.live_without_network(&[]);
    play_both(&rig, &parts);
    let (live, said) = listening.stop();
    let cut = parts.folder.path().join("cut.wav");
    join(&parts, &cut);
    let file = analyzed(&cut);
    let share = |record: &Value| record["talk"]["rep"]["share"].as_f64().expect("a share");
    assert!((share(&live) - share(&file)).abs() <= 0.003, "{said}");
    assert_eq!(interruptions(&live), interruptions(&file));
}

/// A stopped program is what a computer that slept looks like from inside.
#[test]
#[ignore = "needs PipeWire: make rig"]
fn a_program_that_was_stopped_goes_on_and_calls_that_time_unknown() {
    let rig = Rig::start("pipewire");
    let parts = split(&demo(), Duration::from_secs(30));
    let listening = rig.live(&[]);
    let mut players = [rig.play("mic", &parts.rep), rig.play("system", &parts.client)];
    let signal = |name: &str| {
        let id = listening.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    };
    pause(Duration::from_secs(5));
    signal("-STOP");
    pause(Duration::from_secs(5));
    signal("-CONT");
    pause(Duration::from_secs(5));
    let (live, said) = listening.stop();
    players.iter_mut().for_each(|player| {
        let _ = player.kill();
        let _ = player.wait();
    });
    assert!(said.contains("slept"), "{said}");
    for party in ["rep", "client"] {
        let lost_s = live["channels"][party]["lost_s"].as_f64().expect("seconds");
        assert!((4.5..6.5).contains(&lost_s), "{party}: {lost_s} s unknown\n{said}");
    }
}

#[test]
#[ignore = "needs a machine with PulseAudio's tools: make rig"]
fn without_a_server_one_sentence_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(HEARD)
        .arg("live")
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("PULSE_SERVER")
        .output()
        .expect("heard runs");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said.lines().filter(|line| line.starts_with("heard: ")).count(), 1, "{said}");
}

/// Plays a sawtooth that counts, and returns how many samples of each channel came, and how many were lost or repeated.
fn count(kind: &str, length: Duration) -> Vec<(u64, u64)> {
    // One channel: mixing two would change the numbers.
    let rig = Rig::with_channels(kind, "1");
    let folder = tempfile::tempdir().expect("a folder");
    let counter = folder.path().join("counter.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&counter, spec).expect("a file");
    for n in 0..48_000 * (length.as_secs() as i64 + 3) {
        writer.write_sample(((n % 32_768) - 16_384) as i16).expect("written");
    }
    writer.finalize().expect("written");
    let output = rig
        .command(std::env::current_exe().expect("this program").to_str().expect("a name"))
        .args(["--ignored", "--exact", "rig::counting", "--nocapture", "--test-threads=1"])
        .env("RIG_COUNT", length.as_secs().to_string())
        .env("RIG_COUNTER", &counter)
        .output()
        .expect("this program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let counts: Vec<(u64, u64)> = text
        .lines()
        .filter_map(|line| line.split_once("counted "))
        .map(|(_, line)| {
            let mut numbers = line.split(' ').map(|number| number.parse().expect("a number"));
            (numbers.next().expect("samples"), numbers.next().expect("lost"))
        })
        .collect();
    assert_eq!(counts.len(), 2, "{text}{}", String::from_utf8_lossy(&output.stderr));
    counts
}

/// What [`count`] runs with the server's environment: both devices opened as the program opens them.
#[test]
#[ignore = "a part of the counting tests"]
fn counting() {
    let (Ok(secs), Ok(counter)) = (std::env::var("RIG_COUNT"), std::env::var("RIG_COUNTER")) else { return };
    let mut host = host().expect("a server");
    let clock = Clock::start();
    let sources = host.sources().expect("listed");
    let mut streams: Vec<_> = [Kind::Microphone, Kind::Playback]
        .into_iter()
        .map(|kind| {
            let source =
                sources.iter().find(|source| source.kind == kind && source.default).expect("a default");
            (host.open(source, &clock).expect("opens"), Vec::<f32>::new())
        })
        .collect();
    let mut players: Vec<Child> = ["mic", "system"]
        .into_iter()
        .map(|sink| {
            Command::new("paplay").arg(format!("--device={sink}")).arg(&counter).spawn().expect("paplay runs")
        })
        .collect();
    let end = clock.now() + Duration::from_secs(secs.parse().expect("seconds"));
    let mut block = Vec::new();
    while clock.now() < end {
        pause(Duration::from_millis(20));
        for (opened, heard) in &mut streams {
            while opened.outlet.take(&mut block).is_some() {
                heard.extend_from_slice(&block);
            }
        }
    }
    players.iter_mut().for_each(|player| {
        let _ = player.kill();
        let _ = player.wait();
    });
    for (opened, heard) in &streams {
        let (samples, lost) = lost_samples(heard);
        println!("counted {samples} {}", lost + opened.outlet.dropped());
    }
    std::io::stdout().flush().expect("written");
}

/// Samples of the counter, and how many are missing or there twice; the silence before it does not count.
fn lost_samples(heard: &[f32]) -> (u64, u64) {
    let numbers: Vec<i64> = heard.iter().map(|x| (x * 32_768.0).round() as i64).collect();
    let Some(first) = numbers.iter().position(|n| *n != 0) else { return (0, 0) };
    let lost =
        numbers[first..].windows(2).map(|pair| ((pair[1] - pair[0] - 1).rem_euclid(32_768)) as u64).sum();
    ((numbers.len() - first) as u64, lost)
}

#[test]
fn every_lost_sample_is_counted() {
    let sawtooth = |n: i64| ((n % 32_768) - 16_384) as f32 / 32_768.0;
    let whole: Vec<f32> = [0.0; 100].into_iter().chain((0..100_000).map(sawtooth)).collect();
    assert_eq!(lost_samples(&whole), (100_000, 0));
    let cut: Vec<f32> =
        whole.iter().enumerate().filter(|(n, _)| !(40_000..40_480).contains(n)).map(|(_, x)| *x).collect();
    assert_eq!(lost_samples(&cut), (99_520, 480));
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn no_sample_is_lost_on_pipewire() {
    let counts = count("pipewire", Duration::from_secs(10));
    assert!(counts.iter().all(|(samples, lost)| *samples > 350_000 && *lost == 0), "{counts:?}");
}

#[test]
#[ignore = "needs PulseAudio: make rig"]
fn no_sample_is_lost_on_pulseaudio() {
    let counts = count("pulseaudio", Duration::from_secs(10));
    assert!(counts.iter().all(|(samples, lost)| *samples > 350_000 && *lost == 0), "{counts:?}");
}

/// Ten minutes while two busy loops load each core.
#[test]
#[ignore = "ten minutes: make soak"]
fn soak_no_sample_is_lost_under_load() {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut loops: Vec<Child> = (0..2 * cores)
        .map(|_| Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("sh runs"))
        .collect();
    let counts = std::panic::catch_unwind(|| count("pipewire", Duration::from_secs(600)));
    loops.iter_mut().for_each(|child| {
        let _ = child.kill();
        let _ = child.wait();
    });
    let counts = counts.expect("counted");
    println!("ten minutes under load: {counts:?}");
    assert!(counts.iter().all(|(samples, lost)| *samples > 28_000_000 && *lost == 0), "{counts:?}");
}

/// The dev calls, whole, in real time.
#[test]
#[ignore = "a quarter of an hour, and needs the measuring data: make soak"]
fn soak_live_is_like_the_file_on_the_dev_calls() {
    let data = std::env::var("HEARD_DATA").expect("HEARD_DATA names the measuring data");
    for call in ["good_collab", "monologue", "dismissive", "mixed_echo"] {
        live_is_like_the_file(
            "pipewire",
            &Path::new(&data).join(format!("calls/{call}.flac")),
            Duration::MAX,
        );
    }
}
