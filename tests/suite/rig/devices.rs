//! Devices that go and come back, a program that was stopped, and no server at all.

use std::io::BufRead;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::calls::interruptions;
use super::{HEARD, LiveCall, Rig, analyzed, demo, pause, split};

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
