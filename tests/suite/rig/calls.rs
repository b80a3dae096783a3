//! A call that is played into a server, held against the file that it came from.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{Rig, analyzed, demo, join, pause, play_both, split};

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

pub fn interruptions(record: &Value) -> Vec<(String, String)> {
    let overlaps = record["overlaps"].as_array().expect("overlaps").iter();
    overlaps
        .filter(|overlap| overlap["class"] == "interruption")
        .map(|overlap| (overlap["by"].to_string(), overlap["outcome"].to_string()))
        .collect()
}

/// How far each start of speech of `live` is from the nearest one of `file`, once the files lie upon each other.
fn distances(live: &Value, file: &Value) -> ([f64; 2], Vec<f64>) {
    let guess = starts(live, "rep")[0] - starts(file, "rep")[0];
    let moved = ["rep", "client"].map(|party| offset(&starts(live, party), &starts(file, party), guess));
    let off = ["rep", "client"].into_iter().zip(moved).flat_map(|(party, moved)| {
        let file = starts(file, party);
        let nearest =
            move |at: f64| file.iter().map(|other| (at - other - moved).abs()).fold(f64::INFINITY, f64::min);
        starts(live, party).into_iter().map(nearest).collect::<Vec<_>>()
    });
    (moved, off.collect())
}

/// Quarters of a frame of 10 ms by which the file is moved. Where frames begin is chance: a soft sound that begins close to
/// what counts as audible falls on either side, and a pause of 200 ms is one or none. Live is one more such chance.
const QUARTERS: [usize; 4] = [0, 1, 2, 3];

/// Starts of speech that are more than 30 ms from those of every file.
fn strays(live: &Value, files: &[&Value]) -> usize {
    let all: Vec<Vec<f64>> = files.iter().map(|file| distances(live, file).1).collect();
    let nearest = |n: usize| all.iter().map(|off| off[n]).fold(f64::INFINITY, f64::min);
    (0..all[0].len()).filter(|n| nearest(*n) > 0.03).count()
}

/// Plays a call into a server, listens to it, and holds what came out against the file.
fn live_is_like_the_file(kind: &str, call: &Path, at_most: Duration) {
    let rig = Rig::start(kind);
    let parts = split(call, at_most);
    let recorded = parts.folder.path().join("live.wav");
    let listening = rig.live(&["--record", recorded.to_str().expect("a name")]);
    let (before, _) = listening.cost();
    play_both(&rig, &parts);
    pause(Duration::from_millis(500));
    let (after, kilobytes) = listening.cost();
    let began = listening.began;
    let (live, said) = listening.stop();
    let files = QUARTERS.map(|quarters| {
        let cut = parts.folder.path().join("cut.wav");
        join(&parts, &cut, quarters);
        analyzed(&cut)
    });
    let file = &files[0];

    let share = |record: &Value| record["talk"]["rep"]["share"].as_f64().expect("a share");
    let apart = files.each_ref().map(|file| (share(&live) - share(file)).abs() * 100.0);
    let nearest = apart.into_iter().fold(f64::INFINITY, f64::min);
    let apart = apart[0];
    let (moved, off) = distances(&live, file);
    let worst = off.iter().copied().fold(0.0, f64::max);
    let off_all = strays(&live, &files.each_ref());
    let by_chance = (0..files.len()).map(|one| {
        let others: Vec<&Value> = (0..files.len()).filter(|n| *n != one).map(|n| &files[n]).collect();
        strays(&files[one], &others)
    });
    let by_chance = by_chance.max().unwrap_or_default();
    println!(
        "{kind} {}: share {apart:.2} points apart ({nearest:.2} from the file moved), starts at worst {:.0} ms apart, {off_all} of {} more than 30 ms from the file \
         however moved ({by_chance} of the file moved from the others), channels {:.0} ms apart, listening after {} ms, \
         processor {:.2} %, {kilobytes} kB",
        call.file_name().expect("a name").display(),
        worst * 1000.0,
        off.len(),
        (moved[0] - moved[1]).abs() * 1000.0,
        began.as_millis(),
        (after - before).as_secs_f64() / parts.length.as_secs_f64() * 100.0,
    );
    assert!(nearest <= 0.3, "share {nearest} points apart\n{said}");
    assert!(off_all <= by_chance, "{off_all} starts of speech are off\n{said}");
    assert_eq!(interruptions(&live), interruptions(file), "{said}");
    assert_eq!(live["channels"]["rep"]["lost_s"], 0.0, "{said}");
    assert_eq!(live["channels"]["client"]["lost_s"], 0.0, "{said}");

    let replayed = analyzed(&recorded);
    for what in ["ipus", "turns", "overlaps", "talk", "patience", "nudges"] {
        assert_eq!(replayed[what], live[what], "the recording gives other {what}");
    }
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
fn live_without_a_network_hears_the_same() {
    let rig = Rig::start("pipewire");
    let parts = split(&demo(), Duration::from_secs(20));
    let listening = rig.live_without_network(&[]);
    play_both(&rig, &parts);
    let (live, said) = listening.stop();
    let cut = parts.folder.path().join("cut.wav");
    join(&parts, &cut, 0);
    let file = analyzed(&cut);
    let share = |record: &Value| record["talk"]["rep"]["share"].as_f64().expect("a share");
    assert!((share(&live) - share(&file)).abs() <= 0.003, "{said}");
    assert_eq!(interruptions(&live), interruptions(&file));
}

/// A dev call, whole, in real time.
fn soak(call: &str) {
    let data = std::env::var("HEARD_DATA").expect("HEARD_DATA names the measuring data");
    live_is_like_the_file("pipewire", &Path::new(&data).join(format!("calls/{call}.flac")), Duration::MAX);
}

#[test]
#[ignore = "four minutes, and needs the measuring data: make soak"]
fn soak_good_collab() {
    soak("good_collab");
}

#[test]
#[ignore = "five minutes, and needs the measuring data: make soak"]
fn soak_monologue() {
    soak("monologue");
}

#[test]
#[ignore = "three minutes, and needs the measuring data: make soak"]
fn soak_dismissive() {
    soak("dismissive");
}

#[test]
#[ignore = "three minutes, and needs the measuring data: make soak"]
fn soak_mixed_echo() {
    soak("mixed_echo");
}
