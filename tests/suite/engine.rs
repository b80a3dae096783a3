//! The whole engine on the bundled call: the same events whatever the blocks, the order of files, or the run.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use heard::audio::{Block, Layout, Pairer, Side};
use heard::config::Settings;
use heard::io::analyze::{Analysis, Channels, analyze};
use heard::io::file::Recording;
use heard::session::{Engine, Event, What};
use heard::turns::{Class, TurnEvent};
use heard::units::Party;
use proptest::prelude::*;

/// Of the bundled call as much as holds every class of event it has.
static CALL: LazyLock<(Vec<f32>, u32)> = LazyLock::new(|| {
    let mut recording = Recording::open(&bundled()).unwrap_or_else(|error| panic!("{error}"));
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().unwrap_or_else(|error| panic!("{error}")) {
        samples.extend_from_slice(block);
    }
    (samples, recording.rate_hz)
});

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg")
}

/// Events of a recording that arrives in blocks of the lengths in `cuts` (moments), in turns.
fn events_of(samples: &[f32], rate_hz: u32, rep: Side, cuts: &[usize]) -> Vec<Event> {
    let (mut pairer, mut engine, mut events) =
        (Pairer::both(), Engine::new(&Settings::default()), Vec::new());
    let mut at = 0;
    for cut in cuts.iter().cycle() {
        let rest = &samples[2 * at..];
        if rest.is_empty() {
            break;
        }
        let block = Block {
            layout: Layout::Stereo { rep },
            captured: Duration::from_nanos(at as u64 * 1_000_000_000 / u64::from(rate_hz)),
            rate_hz,
            channels: 2,
            samples: &rest[..rest.len().min(2 * cut)],
        };
        at += block.samples.len() / 2;
        pairer.push(block, |frame| engine.push(frame, &mut events)).expect("a usable format");
    }
    pairer.finish(|frame| engine.push(frame, &mut events));
    engine.finish(&mut events);
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn block_size_changes_nothing(cuts in prop::collection::vec(1usize..9000, 1..6)) {
        let (samples, rate_hz) = &*CALL;
        let last = &samples[2 * 120 * *rate_hz as usize..];
        let whole = events_of(last, *rate_hz, Side::Left, &[last.len()]);
        prop_assert!(whole.len() > 50);
        prop_assert_eq!(events_of(last, *rate_hz, Side::Left, &cuts), whole);
    }
}

#[test]
fn a_replay_says_the_same() {
    let (samples, rate_hz) = &*CALL;
    let first = events_of(samples, *rate_hz, Side::Left, &[4096]);
    assert_eq!(events_of(samples, *rate_hz, Side::Left, &[4096]), first);
}

#[test]
fn swapping_the_channels_and_their_meaning_changes_nothing() {
    let (samples, rate_hz) = &*CALL;
    let swapped: Vec<f32> =
        samples.as_chunks::<2>().0.iter().flat_map(|[left, right]| [*right, *left]).collect();
    let first = events_of(samples, *rate_hz, Side::Left, &[4096]);
    assert_eq!(events_of(&swapped, *rate_hz, Side::Right, &[4096]), first);
}

#[test]
fn events_are_told_in_order_and_never_before_they_happen() {
    let (samples, rate_hz) = &*CALL;
    let events = events_of(samples, *rate_hz, Side::Left, &[4096]);
    assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
    for event in &events {
        if let What::Turn(TurnEvent::FloorTaken { since, .. } | TurnEvent::FloorBid { onset: since, .. }) =
            event.what
        {
            assert!(since < event.at);
        }
    }
}

#[test]
fn what_is_open_at_the_end_is_told_too() {
    let (samples, rate_hz) = &*CALL;
    let until = |secs: f64| 2 * (secs * f64::from(*rate_hz)) as usize;
    // Cut in the middle of the interruption at 158.3 s, just after it, and in the middle of a back-channel at 104.0 s.
    for (end, onset) in [(159.4, 158.29), (160.2, 158.29), (104.4, 104.02)] {
        let events = events_of(&samples[until(90.0)..until(end)], *rate_hz, Side::Left, &[4096]);
        let onset = onset - 90.0;
        let told = events.iter().any(|event| match event.what {
            What::Turn(TurnEvent::Overlap(overlap)) => {
                (overlap.stretch.start.as_secs_f64() - onset).abs() < 0.15
            }
            _ => false,
        });
        assert!(told, "the overlap at {onset} s of a call cut at {end} s");
        let turns =
            events.iter().filter(|event| matches!(event.what, What::Turn(TurnEvent::TurnEnded { .. })));
        assert!(turns.count() > 0);
        let bids = |answered: bool| {
            events.iter().filter(move |event| match event.what {
                What::Turn(TurnEvent::FloorBid { .. }) => !answered,
                What::Turn(TurnEvent::BidDropped { .. }) => answered,
                What::Turn(TurnEvent::Overlap(o)) => answered && o.class == Class::Interruption,
                _ => false,
            })
        };
        assert!(bids(true).count() >= bids(false).count(), "a bid was never settled");
    }
}

#[test]
fn every_instant_of_the_bundled_call_is_accounted_for_once() {
    let channels = Channels::Stereo { rep: Side::Left };
    let analysis = analyze(&bundled(), channels, &Settings::default(), |_| {}, |_, _| {});
    let Ok(Analysis::Call(call)) = analysis else { panic!("the bundled call is a call") };
    let missing = call.account_s.total().as_secs_f64() - call.duration_s.as_secs_f64();
    // The last frame is filled up with silence.
    assert!((0.0..0.01).contains(&missing), "{missing}");
    let share = |party| call.talk[party].share.expect("both spoke").as_f64();
    assert!((share(Party::Rep) + share(Party::Client) - 1.0).abs() < 1e-9);
}

#[test]
fn loudspeaker_echo_of_the_client_is_not_the_rep_speaking() {
    let (samples, rate_hz) = &*CALL;
    // 40 s in which the client mostly speaks, played into the microphone 60 ms later and 14 dB softer.
    let rate = *rate_hz as usize;
    let part = &samples[2 * 186 * rate..2 * 226 * rate];
    let delay = rate * 60 / 1000;
    let with_echo: Vec<f32> = (0..part.len() / 2)
        .flat_map(|i| {
            let echo = i.checked_sub(delay).map_or(0.0, |past| part[2 * past + 1] * 0.2);
            [part[2 * i] + echo, part[2 * i + 1]]
        })
        .collect();
    let rep_speech = |samples: &[f32]| -> f64 {
        let events = events_of(samples, *rate_hz, Side::Left, &[4096]);
        let units = events.iter().filter_map(|event| match event.what {
            What::Turn(TurnEvent::Ipu { party: Party::Rep, ipu }) => Some(ipu.stretch.len().as_secs_f64()),
            _ => None,
        });
        units.sum()
    };
    let (clean, echoed) = (rep_speech(part), rep_speech(&with_echo));
    assert!(clean > 8.0, "the rep speaks in this part: {clean}");
    // Until the path is known, about a second of the client's first words counts as the rep's.
    assert!((echoed - clean).abs() < 2.0, "{clean:.1} s without echo, {echoed:.1} s with it");
}
