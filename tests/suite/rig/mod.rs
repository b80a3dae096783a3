//! The program on a real sound server: a private one without a sound card, started by tests/rig/server.sh.
//!
//! `make rig` runs these (a few minutes), `make soak` the long ones; both install the servers where they can.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "real time passes here, and what it took is printed"
)]

mod calls;
mod clock;
mod devices;
mod exchange;
mod samples;
mod words;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, Command, Output, Stdio};
use std::time::{Duration, Instant};

use heard::io::file::Recording;
use serde_json::Value;

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
        // Windows are tested elsewhere.
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
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

/// The two parts as one stereo file, after so many quarters of 10 ms of silence.
fn join(parts: &Parts, path: &Path, quarters: usize) {
    let mut readers = [&parts.rep, &parts.client].map(|part| hound::WavReader::open(part).expect("a file"));
    let spec = hound::WavSpec { channels: 2, ..readers[0].spec() };
    let mut writer = hound::WavWriter::create(path, spec).expect("a file");
    for _ in 0..2 * quarters * spec.sample_rate as usize / 400 {
        writer.write_sample(0i16).expect("written");
    }
    let [rep, client] = &mut readers;
    for (rep, client) in rep.samples::<i16>().zip(client.samples::<i16>()) {
        writer.write_sample(rep.expect("a sample")).expect("written");
        writer.write_sample(client.expect("a sample")).expect("written");
    }
    writer.finalize().expect("written");
}
