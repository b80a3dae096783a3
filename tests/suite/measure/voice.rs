//! Voice activity on hand-marked clips: frame ROC-AUC of the detector, F1 of the edges.

use std::time::Duration;

use heard::audio::{Block, HOP, Layout, Pairer};
use heard::config::Settings;
use heard::io::file::Recording;
use heard::session::{Engine, What};
use heard::units::{Dbfs, Party};
use heard::voice::Edge;
use heard::voice::detector::{Detector, LOOKAHEAD};

use super::data;

const FRAME_S: f64 = 0.01;

/// A clip as frames: the score of each, whether the edges call it voice, and the truth.
struct Clip {
    scores: Vec<f32>,
    voiced: Vec<bool>,
    truth: Vec<bool>,
}

fn clip(truth: &std::path::Path) -> Clip {
    let value = data::json(truth);
    let audio = truth.with_file_name(value["file"].as_str().expect("a file name"));
    let spans = value["speech"].as_array().expect("marks").iter();
    let spans: Vec<(f64, f64)> =
        spans.map(|s| (s[0].as_f64().expect("seconds"), s[1].as_f64().expect("seconds"))).collect();
    let mut recording = Recording::open(&audio).unwrap_or_else(|error| panic!("{error}"));
    let (mut pairer, mut engine) = (Pairer::only(Party::Rep), Engine::new(&Settings::default()));
    let mut detector = Detector::new();
    let (mut scores, mut events) = (Vec::new(), Vec::new());
    let mut frame = |frame: &heard::audio::Frame| {
        scores.push(detector.push(&frame.samples.rep, Dbfs::of(&frame.samples.rep)));
        engine.push(frame, &mut events);
    };
    loop {
        let at = Duration::from_secs_f64(recording.frames_read() as f64 / f64::from(recording.rate_hz));
        let (rate_hz, channels) = (recording.rate_hz, recording.channels as u16);
        let Some(samples) = recording.next_block().unwrap_or_else(|error| panic!("{error}")) else { break };
        let block = Block { layout: Layout::Mono(Party::Rep), captured: at, rate_hz, channels, samples };
        pairer.push(block, &mut frame).expect("a usable format");
    }
    pairer.finish(&mut frame);
    let frames = scores.len();
    for _ in 0..LOOKAHEAD {
        scores.push(detector.push(&[0.0; HOP], Dbfs::SILENCE));
    }
    scores.drain(..LOOKAHEAD as usize);
    engine.finish(&mut events);
    let mut edges: Vec<(f64, bool)> = Vec::new();
    for event in &events {
        match event.what {
            What::Voice { edge: Edge::Onset { at }, .. } => edges.push((at.as_secs_f64(), true)),
            What::Voice { edge: Edge::Offset { at, .. }, .. } => edges.push((at.as_secs_f64(), false)),
            What::Voice { edge: Edge::Retracted { .. }, .. } => {
                edges.pop();
            }
            _ => {}
        }
    }
    let middle = |frame: usize| (frame as f64 + 0.5) * FRAME_S;
    let on = |at: f64| edges.iter().rfind(|(edge, _)| *edge <= at).is_some_and(|(_, on)| *on);
    Clip {
        scores,
        voiced: (0..frames).map(|i| on(middle(i))).collect(),
        truth: (0..frames).map(|i| spans.iter().any(|(a, b)| (*a..*b).contains(&middle(i)))).collect(),
    }
}

/// Area under the ROC curve: how often a voiced frame scores higher than an unvoiced one, ties counted half.
fn auc(scored: &mut [(f32, bool)]) -> f64 {
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut sum, mut voiced, mut i) = (0.0, 0.0, 0.0, 0);
    while i < scored.len() {
        let tie = scored[i..].iter().take_while(|(score, _)| *score == scored[i].0).count();
        let ups = scored[i..i + tie].iter().filter(|(_, truth)| *truth).count() as f64;
        let downs = tie as f64 - ups;
        sum += ups * (below + downs / 2.0);
        voiced += ups;
        below += downs;
        i += tie;
    }
    sum / (voiced * below)
}

fn f1(pairs: impl Iterator<Item = (bool, bool)>) -> f64 {
    let (mut hit, mut wrong) = (0.0, 0.0);
    for (said, truth) in pairs {
        match (said, truth) {
            (true, true) => hit += 1.0,
            (false, false) => {}
            _ => wrong += 1.0,
        }
    }
    2.0 * hit / (2.0 * hit + wrong)
}

#[test]
#[ignore = "needs the measuring data; run make measure"]
fn voice_activity_matches_hand_marks() {
    let marked = data::files(&data::folder("audio"), ".json");
    let marked = marked
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vad_")));
    let mut all: Vec<(f32, bool)> = Vec::new();
    let mut edges: Vec<(bool, bool)> = Vec::new();
    for path in marked {
        let clip = clip(path);
        let mut scored: Vec<(f32, bool)> =
            clip.scores.iter().copied().zip(clip.truth.iter().copied()).collect();
        let said: Vec<(bool, bool)> = clip.voiced.iter().copied().zip(clip.truth.iter().copied()).collect();
        println!(
            "{}: AUC {:.3}, F1 of edges {:.3}",
            path.file_stem().unwrap_or_default().to_string_lossy(),
            auc(&mut scored),
            f1(said.iter().copied())
        );
        all.append(&mut scored);
        edges.extend(said);
    }
    let scores = f1(all.iter().map(|(score, truth)| (*score >= 0.5, *truth)));
    let (area, units) = (auc(&mut all), f1(edges.iter().copied()));
    println!(
        "all: AUC {area:.4} with {} ms of look-ahead, F1 of scores at 0.5 {scores:.3}, F1 of edges {units:.3}",
        10 * LOOKAHEAD
    );
    // Plain earshot reaches 0.949, Silero 0.966 at ten times the cost (BENCHMARKS.md).
    assert!(area >= 0.949 && units >= 0.91);
}
