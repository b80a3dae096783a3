//! What holds for everything in this folder together, as tests.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{AudioError, Block, Frame, HOP, Layout, Pairer, Side};
use crate::units::{AudioTime, ByParty, Party, Span};

const STEREO: Layout = Layout::Stereo { rep: Side::Left };

/// Noise of a small generator: the same for the same seed, and no two samples in a row alike.
fn noise(length: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        })
        .collect()
}

fn moment(frame: usize, rate_hz: u32) -> Duration {
    Duration::from_nanos(frame as u64 * 1_000_000_000 / u64::from(rate_hz))
}

/// Everything that comes out when `samples` are pushed in blocks of the lengths in `cuts`, in turns.
fn frames_of(layout: Layout, rate_hz: u32, channels: u16, samples: &[f32], cuts: &[usize]) -> Vec<Frame> {
    let mut pairer = match layout {
        Layout::Stereo { .. } => Pairer::both(),
        Layout::Mono(party) | Layout::Device(party) => Pairer::only(party),
    };
    let (mut frames, mut frame, mut rest) = (Vec::new(), 0, samples);
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at((cut * usize::from(channels)).min(rest.len()));
        let captured = Duration::from_millis(250) + moment(frame, rate_hz);
        let block = Block { layout, captured, rate_hz, channels, samples: now };
        pairer.push(block, |frame| frames.push(frame.clone())).expect("a usable format");
        frame += now.len() / usize::from(channels);
        rest = later;
    }
    pairer.finish(|frame| frames.push(frame.clone()));
    frames
}

/// One party's channel of all frames in a row.
fn channel(frames: &[Frame], party: Party) -> Vec<f32> {
    frames.iter().flat_map(|frame| frame.samples[party]).collect()
}

fn assert_contiguous(frames: &[Frame]) {
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(frame.at, AudioTime::from_ticks((number * HOP) as u64));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn how_sound_is_cut_into_blocks_changes_no_bit(
        rate_hz in prop::sample::select(vec![8_000_u32, 16_000, 44_100, 47_999, 48_000, 96_000]),
        channels in 2..4_u16, length in 1..6_000_usize, cuts in prop::collection::vec(1..1_500_usize, 1..6), seed: u32,
    ) {
        let samples = noise(length * usize::from(channels), seed);
        for layout in [STEREO, Layout::Mono(Party::Client), Layout::Device(Party::Rep)] {
            let whole = frames_of(layout, rate_hz, channels, &samples, &[length]);
            let cut = frames_of(layout, rate_hz, channels, &samples, &cuts);
            assert_contiguous(&whole);
            prop_assert!(whole == cut, "{:?}", layout);
            let ticks = 4_000 + (length as u64 * 16_000).div_ceil(u64::from(rate_hz));
            prop_assert!((whole.len() * HOP) as u64 + 1 >= ticks && ((whole.len() - 1) * HOP) as u64 <= ticks);
        }
    }

    #[test]
    fn every_sample_at_16_khz_has_exactly_one_place(
        length in 1..8_000_usize, cuts in prop::collection::vec(1..3_000_usize, 1..6),
    ) {
        let samples: Vec<f32> = (0..2 * length).map(|n| (n + 1) as f32 / 20_000.0).collect();
        let frames = frames_of(STEREO, 16_000, 2, &samples, &cuts);
        for (party, first) in [(Party::Rep, 0), (Party::Client, 1)] {
            let mut due = vec![0.0; 4_000];
            due.extend(samples.iter().skip(first).step_by(2));
            due.resize(frames.len() * HOP, 0.0);
            prop_assert!(channel(&frames, party) == due);
        }
    }

}

proptest! {
    // The bounds are statistical, so the cases are the same each time.
    #![proptest_config(ProptestConfig {
        failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(16)
    })]

    #[test]
    fn an_impulse_at_both_devices_stays_one_moment(
        drifts in (-900.0..900.0, -900.0..900.0), frames in (100..1_100_usize, 100..1_100_usize),
        jitter_ms in 0.0..10.0, seed: u32,
    ) {
        let secs = 30;
        let mut pairer = Pairer::both();
        let mut out = Vec::new();
        let mut taken = ByParty { rep: 0, client: 0 };
        let devices = ByParty { rep: (drifts.0, frames.0), client: (drifts.1, frames.1) };
        let jitter = noise(50_000, seed);
        let mut jitter = jitter.iter().map(|x| f64::from(*x) * 2.0 * jitter_ms / 1000.0);
        for now in (0..secs * 1_000).step_by(10) {
            for party in Party::BOTH {
                let (drift, length): (f64, usize) = devices[party];
                let time = |sample: usize| sample as f64 / 16_000.0 * (1.0 + drift * 1e-6);
                // A click of three samples each second of host time, from 0.5 s on: a single one might be dropped.
                while time(taken[party] + length) * 1000.0 <= f64::from(now) {
                    let from = taken[party];
                    let clicks = |t: f64| (t + 0.5).floor();
                    let samples: Vec<f32> = (from..from + length)
                        .map(|n| if clicks(time(n + 1)) > clicks(time(n.saturating_sub(2))) { 1.0 } else { 0.0 })
                        .collect();
                    let stamp = Duration::from_secs_f64((0.1 + time(from) + jitter.next().unwrap_or(0.0)).max(0.0));
                    let layout = Layout::Device(party);
                    let block = Block { layout, captured: stamp, rate_hz: 16_000, channels: 1, samples: &samples };
                    pairer.push(block, |frame| out.push(frame.clone())).expect("a usable format");
                    taken[party] += length;
                }
            }
            pairer.tick(Duration::from_millis(now as u64 + 100), |frame| out.push(frame.clone()));
        }
        pairer.finish(|frame| out.push(frame.clone()));
        assert_contiguous(&out);
        let clicks = |party| -> Vec<usize> {
            let sound = channel(&out, party);
            (1..sound.len()).filter(|&n| sound[n] >= 0.5 && sound[n - 1] < 0.5).collect()
        };
        let (rep, client) = (clicks(Party::Rep), clicks(Party::Client));
        prop_assert_eq!((rep.len(), client.len()), (secs as usize, secs as usize));
        for (second, (&rep, &client)) in rep.iter().zip(&client).enumerate() {
            let off = |n: usize| (n as f64 / 16_000.0 - 0.6 - second as f64).abs();
            prop_assert!(off(rep) < 0.010 && off(client) < 0.010, "{} s: {} and {} off", second, off(rep), off(client));
        }
    }
}

/// A live session at 16 kHz with blocks of 10 ms: pushes both parties where `sounds` says so, ticks, and keeps the frames.
fn live(
    millis: u64,
    sounds: impl Fn(Party, u64) -> bool,
    mut also: impl FnMut(&mut Pairer, u64),
) -> (Vec<Frame>, Pairer) {
    let (mut pairer, mut frames) = (Pairer::both(), Vec::new());
    for at in (0..millis).step_by(10) {
        for party in Party::BOTH {
            if sounds(party, at) {
                let captured = Duration::from_millis(at);
                let (layout, samples) = (Layout::Device(party), [0.25; 160]);
                let block = Block { layout, captured, rate_hz: 16_000, channels: 1, samples: &samples };
                pairer.push(block, |frame| frames.push(frame.clone())).expect("a usable format");
            }
        }
        also(&mut pairer, at);
        pairer.tick(Duration::from_millis(at + 10), |frame| frames.push(frame.clone()));
    }
    pairer.finish(|frame| frames.push(frame.clone()));
    assert_contiguous(&frames);
    assert_eq!(frames.len() as u64, millis / 10);
    (frames, pairer)
}

#[test]
fn a_silent_loopback_holds_nobody_up_and_loses_nothing() {
    let plays = |at: u64| at < 1_000 || (1_500..1_530).contains(&at) || at >= 3_000;
    let (frames, pairer) = live(4_000, |party, at| party == Party::Rep || plays(at), |_, _| {});
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(frame.samples.rep, [0.25; HOP]);
        let due = if plays(number as u64 * 10) { 0.25 } else { 0.0 };
        assert_eq!(frame.samples.client, [due; HOP], "frame {number}");
        assert_eq!(frame.known, ByParty { rep: true, client: true });
    }
    let tally = pairer.tally();
    assert_eq!(tally.client.filled, Span::from_millis(500 + 1_470));
    assert_eq!(
        (tally.client.late, tally.client.unknown, tally.rep.filled),
        (Span::ZERO, Span::ZERO, Span::ZERO)
    );
}

#[test]
fn the_last_sound_before_a_pause_is_not_lost() {
    let (mut pairer, mut frames) = (Pairer::only(Party::Client), Vec::new());
    for at in (0..2_000).step_by(10) {
        if !(500..1_200).contains(&at) {
            let mut samples = [0.0; 480];
            samples[470] = if at == 490 || at == 1_200 { 1.0 } else { 0.0 };
            let (layout, captured) = (Layout::Device(Party::Client), Duration::from_millis(at));
            let block = Block { layout, captured, rate_hz: 48_000, channels: 1, samples: &samples };
            pairer.push(block, |frame| frames.push(frame.clone())).expect("a usable format");
        }
        pairer.tick(Duration::from_millis(at + 10), |frame| frames.push(frame.clone()));
    }
    let client = channel(&frames, Party::Client);
    let clicks: Vec<usize> = (0..client.len()).filter(|&n| client[n] > 0.2).collect();
    assert_eq!(clicks, [490 * 16 + 157, 1_200 * 16 + 157]);
}

#[test]
fn frames_come_no_later_than_the_patience() {
    let mut pairer = Pairer::both().with_patience(Span::from_millis(100));
    let mut frames = 0;
    pairer.tick(Duration::from_millis(90), |_| frames += 1);
    assert_eq!(frames, 0);
    pairer.tick(Duration::from_millis(150), |_| frames += 1);
    assert_eq!(frames, 5);
}

#[test]
fn silence_of_a_lost_device_is_unknown() {
    let there = |at: u64| !(1_000..2_000).contains(&at);
    let (frames, pairer) = live(
        3_000,
        |party, at| party == Party::Client || there(at),
        |pairer, at| match at {
            1_000 => pairer.lost(Party::Rep, Duration::from_millis(at)),
            1_600 => pairer.found(Party::Rep, Duration::from_millis(at)),
            _ => {}
        },
    );
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(frame.known.rep, !(100..160).contains(&number), "frame {number}");
        assert!(frame.known.client);
        assert_eq!(frame.samples.rep[80] > 0.0, there(number as u64 * 10), "frame {number}");
    }
    let tally = pairer.tally().rep;
    assert_eq!((tally.filled, tally.unknown), (Span::from_millis(1_000), Span::from_millis(600)));
}

#[test]
fn a_block_means_that_the_device_is_back() {
    let there = |at: u64| (500..1_000).contains(&at) || at >= 2_000;
    let (frames, _) = live(
        3_000,
        |party, at| party == Party::Client || there(at),
        |pairer, at| {
            if at == 0 || at == 1_000 {
                pairer.lost(Party::Rep, Duration::from_millis(at));
            }
        },
    );
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(frame.known.rep, there(number as u64 * 10), "frame {number}");
    }
}

#[test]
fn sound_that_comes_too_late_is_dropped_and_counted() {
    let (mut pairer, mut frames) = (Pairer::both(), Vec::new());
    let block = |party, millis, samples| Block {
        layout: Layout::Device(party),
        captured: Duration::from_millis(millis),
        rate_hz: 16_000,
        channels: 1,
        samples,
    };
    pairer.push(block(Party::Rep, 0, &[0.25; 16_000]), |frame| frames.push(frame.clone())).expect("usable");
    pairer.tick(Duration::from_millis(650), |frame| frames.push(frame.clone()));
    assert_eq!(frames.len(), 50);
    pairer
        .push(block(Party::Client, 200, &[0.5; 12_800]), |frame| frames.push(frame.clone()))
        .expect("usable");
    pairer.finish(|frame| frames.push(frame.clone()));
    assert_contiguous(&frames);
    let client = channel(&frames, Party::Client);
    assert!(client[..8_000].iter().all(|&x| x == 0.0) && client[8_000..].iter().all(|&x| x == 0.5));
    assert_eq!(pairer.tally().client.late, Span::from_millis(300));
}

#[test]
fn a_device_may_come_back_with_another_rate() {
    let (mut pairer, mut frames) = (Pairer::only(Party::Rep), Vec::new());
    for (rate_hz, from) in [(48_000_u32, 0_u64), (44_100, 1_000), (8_000, 2_500)] {
        for block in 0..100 {
            let samples = vec![0.25; rate_hz as usize / 50];
            let captured = Duration::from_millis(from + block * 10);
            let layout = Layout::Device(Party::Rep);
            let block = Block { layout, captured, rate_hz, channels: 2, samples: &samples };
            pairer.push(block, |frame| frames.push(frame.clone())).expect("a usable format");
        }
    }
    pairer.finish(|frame| frames.push(frame.clone()));
    assert_contiguous(&frames);
    assert_eq!(frames.len(), 350);
    assert_eq!(pairer.tally().rep.filled, Span::from_millis(500));
    assert!(frames.iter().all(|frame| frame.known == ByParty { rep: true, client: false }));
}

#[test]
fn a_recording_with_a_hole_keeps_its_times() {
    let (mut pairer, mut frames) = (Pairer::both(), Vec::new());
    for millis in [0, 100, 700, 800] {
        let (captured, samples) = (Duration::from_millis(millis), [0.25; 9_600]);
        let block = Block { layout: STEREO, captured, rate_hz: 48_000, channels: 2, samples: &samples };
        pairer.push(block, |frame| frames.push(frame.clone())).expect("a usable format");
    }
    pairer.finish(|frame| frames.push(frame.clone()));
    assert_eq!(frames.len(), 90);
    assert_eq!(pairer.tally().client.filled, Span::from_millis(500));
    assert!(
        frames[75].samples.rep.iter().all(|x| (x - 0.25).abs() < 0.01)
            && frames[40].samples.rep == [0.0; HOP]
    );
}

#[test]
fn a_night_asleep_passes_in_little_memory() {
    let (mut pairer, mut frames) = (Pairer::both(), 0);
    pairer.tick(Duration::from_secs(3_600), |_| frames += 1);
    assert_eq!(frames, 360_000 - 15);
    let block = |secs| Block {
        layout: STEREO,
        captured: Duration::from_secs(secs),
        rate_hz: 16_000,
        channels: 2,
        samples: &[0.0; 320],
    };
    pairer.push(block(7_000), |_| frames += 1).expect("a usable format");
    assert_eq!(frames, 700_001);
    assert_eq!(pairer.tally().rep.filled, Span::from_secs(7_000));
}

#[test]
fn a_refused_block_leaves_no_trace() {
    let mut pairer = Pairer::both();
    let block = Block {
        layout: STEREO,
        captured: Duration::ZERO,
        rate_hz: 48_000,
        channels: 1,
        samples: &[0.0; 480],
    };
    let refused = pairer.push(block, |_| {});
    assert_eq!(refused, Err(AudioError::TooFewChannels { channels: 1, least: 2 }));
    let refused = pairer.push(Block { rate_hz: 5, channels: 2, ..block }, |_| {});
    assert_eq!(refused, Err(AudioError::Rate { rate_hz: 5 }));
    let refused = pairer.push(Block { captured: Duration::MAX, channels: 2, ..block }, |_| {});
    assert!(matches!(refused, Err(AudioError::Leap { .. })));
    pairer.finish(|_| unreachable!("nothing was taken"));
}
