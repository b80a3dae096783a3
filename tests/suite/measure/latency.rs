//! How soon the engine can tell, on the virtual clock: real and rendered speech placed over speech at known moments.

use heard::audio::{Block, Layout, Pairer, Side};
use heard::config::Settings;
use heard::io::file::Recording;
use heard::session::{Engine, Event, What};
use heard::turns::TurnEvent;
use heard::units::{Dbfs, Party};
use heard::voice::Edge;

use super::data::{self, Call, quantile};

/// A voice must have been silent this long before an onset that is measured.
const QUIET_BEFORE_S: f64 = 1.0;

/// Speech that runs at least so long without a gap of 100 ms can bid for the floor.
const LONG_ENOUGH_S: f64 = 0.8;

/// Unbroken stretches of one party's speech, with silence before, as samples with the onset `LEAD_S` in.
const LEAD_S: f64 = 0.2;

struct Clip {
    samples: Vec<f32>,
    rate_hz: u32,
}

/// Interleaved samples of a whole recording.
fn read(call: &Call) -> (Vec<f32>, u32) {
    let mut recording = Recording::open(&call.audio).unwrap_or_else(|error| panic!("{error}"));
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().unwrap_or_else(|error| panic!("{error}")) {
        samples.extend_from_slice(block);
    }
    (samples, recording.rate_hz)
}

/// Clips whose first voiced stretch is long and unbroken, one a line; the truth of the real voices begins before their sound
/// does, so they are left out here.
fn clips(call: &Call, samples: &[f32], rate_hz: u32) -> Vec<Clip> {
    let rate = f64::from(rate_hz);
    call.lines
        .iter()
        .filter(|line| line.voiced.first().is_some_and(|(start, end)| end - start >= LONG_ENOUGH_S))
        .map(|line| {
            let (from, to) = (line.start - LEAD_S, line.voiced[0].1);
            let channel = usize::from(line.party == "client");
            let index = |at: f64| (at * rate).max(0.0) as usize;
            let samples = (index(from)..index(to)).filter_map(|i| samples.get(2 * i + channel).copied());
            Clip { samples: samples.collect(), rate_hz }
        })
        .filter(|clip| !has_pause(clip))
        .collect()
}

/// Whether the sound stops for 100 ms within the time that a bid needs.
fn has_pause(clip: &Clip) -> bool {
    let level = |samples: &[f32]| Dbfs::of(samples).db();
    let frame = clip.rate_hz as usize / 100;
    let lead = (LEAD_S * f64::from(clip.rate_hz)) as usize;
    let levels: Vec<f32> = clip.samples[lead..].chunks_exact(frame).take(70).map(level).collect();
    let loudest = levels.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    levels.windows(10).any(|frames| frames.iter().all(|level| *level < loudest - 35.0))
}

fn run(samples: &[f32], rate_hz: u32) -> Vec<Event> {
    let (mut pairer, mut engine, mut events) =
        (Pairer::both(), Engine::new(&Settings::default()), Vec::new());
    let layout = Layout::Stereo { rep: Side::Left };
    let block = Block { layout, captured: std::time::Duration::ZERO, rate_hz, channels: 2, samples };
    pairer.push(block, |frame| engine.push(frame, &mut events)).expect("a usable format");
    pairer.finish(|frame| engine.push(frame, &mut events));
    engine.finish(&mut events);
    events
}

#[test]
#[ignore = "needs the measuring data; run make measure"]
fn an_interruption_is_flagged_in_time() {
    let mut latencies = Vec::new();
    let mut trials = 0;
    for call in
        data::calls().iter().filter(|call| !call.name.starts_with("realvoice") && call.name != "mixed_echo")
    {
        let (samples, rate_hz) = read(call);
        let clips = clips(call, &samples, rate_hz);
        let longest = clips.iter().max_by_key(|clip| clip.samples.len()).expect("clips");
        for (i, clip) in clips.iter().enumerate() {
            // The holder speaks from 0 s on; the other comes in after two seconds and a little, at every phase of a frame.
            let rate = f64::from(clip.rate_hz);
            let onset = 2.0 + LEAD_S + 0.0037 * i as f64;
            let place = ((onset - LEAD_S) * rate) as usize;
            let length = longest.samples.len().max(place + clip.samples.len()) + rate_hz as usize;
            let mut mixed = vec![0.0; 2 * length];
            for (k, sample) in longest.samples.iter().enumerate() {
                mixed[2 * k + 1] = *sample;
            }
            for (k, sample) in clip.samples.iter().enumerate() {
                mixed[2 * (place + k)] = *sample;
            }
            if longest.samples.len() < place + rate_hz as usize {
                continue;
            }
            trials += 1;
            let events = run(&mixed, rate_hz);
            let told = events.iter().find_map(|event| match event.what {
                What::Turn(TurnEvent::FloorBid { by: Party::Rep, .. }) => Some(event.at.as_secs_f64()),
                _ => None,
            });
            if let Some(told) = told {
                let latency = (told - onset) * 1000.0;
                if latency > 620.0 {
                    println!("{} clip {i}: {latency:.0} ms", call.name);
                }
                latencies.push(latency);
            }
        }
    }
    let found = latencies.len();
    let (p50, p99) = (quantile(&mut latencies, 0.5), quantile(&mut latencies, 0.99));
    println!(
        "interruption flag: {found} of {trials} raised, p50 {p50:.0} ms, p99 {p99:.0} ms after the true onset"
    );
    assert!(p50 <= 560.0 && p99 <= 620.0 && found * 100 >= trials * 95);
}

#[test]
#[ignore = "needs the measuring data; run make measure"]
fn speech_is_on_in_time() {
    let mut latencies = Vec::new();
    let mut missed = 0;
    for call in
        data::calls().iter().filter(|call| !call.name.starts_with("realvoice") && call.name != "mixed_echo")
    {
        let (_, events) = call.analyze();
        for party in Party::BOTH {
            let lines: Vec<_> = call.lines.iter().filter(|line| line.party == party.to_string()).collect();
            let mut quiet_since = f64::NEG_INFINITY;
            for (start, end) in lines.iter().flat_map(|line| &line.voiced) {
                if start - quiet_since >= QUIET_BEFORE_S {
                    let told = events.iter().find_map(|event| match event.what {
                        What::Voice { party: p, edge: Edge::Onset { at } } if p == party => {
                            ((at.as_secs_f64() - start).abs() <= 0.3).then_some(event.at.as_secs_f64())
                        }
                        _ => None,
                    });
                    match told {
                        Some(told) => latencies.push((told - start) * 1000.0),
                        None => missed += 1,
                    }
                }
                quiet_since = *end;
            }
        }
    }
    let (p50, p90) = (quantile(&mut latencies, 0.5), quantile(&mut latencies, 0.9));
    println!(
        "speech on: {} onsets, {missed} missed, p50 {p50:.0} ms, p90 {p90:.0} ms after the true onset",
        latencies.len()
    );
    assert!(p50 <= 40.0 && p90 <= 90.0 && missed * 50 <= latencies.len());
}
