//! A sawtooth that counts, so that every lost sample is found.

use std::io::Write;
use std::process::{Child, Command};
use std::time::Duration;

use heard::io::capture::{Clock, Kind, host};

use super::{Rig, pause};

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
        .args(["--ignored", "--exact", "rig::samples::counting", "--nocapture", "--test-threads=1"])
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
