//! Two devices of one server, of which one is later than the other, on one clock.

use std::f32::consts::TAU;
use std::path::Path;
use std::time::Duration;

use super::{Rig, pause};

const RATE_HZ: u32 = 48_000;

/// Clicks of 2 ms at 1 kHz, at intervals that no two pairs of neighbours share.
fn write_clicks(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut sound = vec![0i16; 14 * RATE_HZ as usize];
    for click in 1..12usize {
        let at = click * RATE_HZ as usize + click * click * 1_000;
        for (n, sample) in sound[at..at + 96].iter_mut().enumerate() {
            *sample = (16_000.0 * (TAU * 1_000.0 * n as f32 / RATE_HZ as f32).sin()) as i16;
        }
    }
    let mut writer = hound::WavWriter::create(path, spec).expect("a file");
    sound.iter().for_each(|sample| writer.write_sample(*sample).expect("written"));
    writer.finalize().expect("written");
}

/// When each click begins in a channel of the recording, in seconds.
fn clicks(recording: &Path, channel: usize) -> Vec<f64> {
    let mut reader = hound::WavReader::open(recording).expect("recorded");
    let rate_hz = f64::from(reader.spec().sample_rate);
    let mut found: Vec<f64> = Vec::new();
    for (n, sample) in reader.samples::<i16>().skip(channel).step_by(2).enumerate() {
        let at = n as f64 / rate_hz;
        if sample.expect("a sample").abs() > 1_600 && found.last().is_none_or(|last| at - last > 0.5) {
            found.push(at);
        }
    }
    found
}

/// What is played is heard twice: at once, and through a source made of it, which is later by its buffers.
fn one_clock(kind: &str) {
    let rig = Rig::start(kind);
    rig.pactl(&["load-module", "module-remap-source", "master=system.monitor", "source_name=twin"]);
    pause(Duration::from_millis(500));
    let folder = tempfile::tempdir().expect("a folder");
    let (played, recorded) = (folder.path().join("clicks.wav"), folder.path().join("live.wav"));
    write_clicks(&played);
    let mut player = rig.play("system", &played);
    let listening = rig.live(&["--mic", "twin", "--record", recorded.to_str().expect("a name")]);
    assert!(player.wait().expect("paplay ends").success());
    let (_, said) = listening.stop();
    let (rep, client) = (clicks(&recorded, 0), clicks(&recorded, 1));
    assert!(rep.len() >= 8 && client.len() >= 8, "{rep:?} {client:?}\n{said}");
    let apart: Vec<f64> = rep
        .iter()
        .map(|at| {
            let nearest = client.iter().map(|other| at - other).min_by(|a, b| a.abs().total_cmp(&b.abs()));
            nearest.expect("clicks") * 1000.0
        })
        .collect();
    println!("{kind}: the microphone behind the playback by, ms: {apart:.1?}");
    assert!(apart.iter().all(|apart| apart.abs() <= 20.0), "{apart:?}\n{said}");
}

#[test]
#[ignore = "needs PipeWire: make rig"]
fn two_devices_of_pipewire_are_on_one_clock() {
    one_clock("pipewire");
}

#[test]
#[ignore = "needs PulseAudio: make rig"]
fn two_devices_of_pulseaudio_are_on_one_clock() {
    one_clock("pulseaudio");
}
