//! Where one party's sound is cut into clips: at its pauses, and where there is none, at the quietest moment.
//!
//! Whisper hears a clip as a whole, so a clip should be a phrase: long enough to understand, short enough to be there soon
//! after it was said. Every voiced sample ends up in exactly one final clip.

use std::collections::VecDeque;

use crate::audio::HOP;
use crate::speech::{Clip, Cut};
use crate::units::{AudioTime, Party, Span, Stretch};
use crate::voice::{Edge, VoiceState};

/// Sound kept from before the voice: soft first consonants lie before the detector's onset. Measured with a paced recogniser.
const PREROLL: Span = Span::from_millis(300);

/// Sound kept after the voice: as long as the shortest pause between two stretches of speech, so it never holds the next.
const TAIL: Span = Span::from_millis(200);

/// Silence that ends a clip: longer than pauses inside a phrase, short enough that text comes within half a second.
const PAUSE: Span = Span::from_millis(320);

/// Speech shorter than this waits longer for what it may belong to: a lone "so" is hard to understand.
const SHORT: Span = Span::from_millis(1000);
const PAUSE_AFTER_SHORT: Span = Span::from_millis(480);

/// From this length on a clip ends at the first pause, or the first moment that is as quiet as one.
const SOFT: Span = Span::from_secs(6);

/// At this length it ends at its quietest moment. With what is kept before and after, no clip is longer than [`LONGEST`].
const HARD: Span = Span::from_millis(11_400);

/// Bounds of a clip's length.
pub const SHORTEST: Span = Span::from_millis(300);
pub const LONGEST: Span = Span::from_secs(12);

/// No part of a divided speech is shorter.
const LEAST_PART: Span = Span::from_secs(2);

/// A moment this far below the clip's mean power is as good as a pause: 15 dB.
const QUIET: f32 = 0.03;

/// Frames over which a moment is judged, 50 ms: shorter than a syllable, longer than a closure within a consonant.
const MOMENT: usize = 5;

/// Between two looks for such a moment.
const LOOK_EVERY: Span = Span::from_millis(250);

/// Speech of this length is told before it ends, and again so often.
const PARTIAL_AFTER: Span = Span::from_secs(3);
const PARTIAL_EVERY: Span = Span::from_secs(2);

/// How far an onset may be dated back, with room: the detector looks 40 ms ahead.
const BACKDATED: Span = Span::from_millis(200);

const FRAME: Span = Span::from_ticks(HOP as u64);

/// Cuts one party's sound.
#[derive(Debug)]
pub struct Cutter {
    party: Party,
    partials: bool,
    /// Sound from `from` on, and the mean square of each of its frames.
    sound: VecDeque<f32>,
    power: VecDeque<f32>,
    from: AudioTime,
    /// Everything voiced up to here is in a final clip.
    done: AudioTime,
    /// Stretches of speech that are in no final clip yet, in order.
    units: Vec<Stretch>,
    /// Start of the speech that is still on.
    open: Option<AudioTime>,
    looked: AudioTime,
    partial_at: AudioTime,
}

impl Cutter {
    pub fn new(party: Party) -> Cutter {
        Cutter {
            party,
            partials: false,
            sound: VecDeque::new(),
            power: VecDeque::new(),
            from: AudioTime::ZERO,
            done: AudioTime::ZERO,
            units: Vec::new(),
            open: None,
            looked: AudioTime::ZERO,
            partial_at: AudioTime::ZERO,
        }
    }

    /// Whether long speech is told before it ends; only worth it while the recogniser keeps up.
    pub fn tell_partials(&mut self, tell: bool) {
        self.partials = tell;
    }

    /// Takes the frame that begins at `at`, with what the voice said about it. Frames come in order, without gap. What is
    /// complete is appended to `out`.
    pub fn push(
        &mut self,
        at: AudioTime,
        samples: &[f32; HOP],
        edge: Option<Edge>,
        state: &VoiceState,
        out: &mut Vec<Cut>,
    ) {
        if self.sound.is_empty() {
            self.from = at;
        }
        self.sound.extend(samples);
        self.power.push_back(samples.iter().map(|x| x * x).sum::<f32>() / HOP as f32);
        self.take_edge(edge);
        let now = at + FRAME;
        match (self.start(), self.open) {
            (Some(start), Some(_)) => self.while_speaking(start, now, state, out),
            (Some(start), None) => {
                let silent = state.settled.since(self.last_voiced());
                let voiced: Span = self.units.iter().map(|unit| unit.len()).sum();
                let pause = match voiced {
                    _ if now.since(start) >= SOFT => Span::ZERO,
                    voiced if voiced < SHORT => PAUSE_AFTER_SHORT,
                    _ => PAUSE,
                };
                if silent >= pause {
                    self.emit(self.units.len(), now, out);
                }
            }
            (None, _) => {}
        }
        self.forget(now);
    }

    /// The sound is over; `edge` is what the voice said last.
    pub fn finish(&mut self, edge: Option<Edge>, out: &mut Vec<Cut>) {
        self.take_edge(edge);
        self.emit(self.units.len(), self.until(), out);
        self.open = None;
    }

    fn take_edge(&mut self, edge: Option<Edge>) {
        match edge {
            Some(Edge::Onset { at }) => self.open = Some(at.max(self.done)),
            Some(Edge::Retracted { .. }) => self.open = None,
            Some(Edge::Offset { at, .. }) => {
                let unit = self.open.take().map(|onset| Stretch::new(onset, at));
                self.units.extend(unit.filter(|unit| !unit.is_empty()));
            }
            None => {}
        }
    }

    fn while_speaking(&mut self, start: AudioTime, now: AudioTime, state: &VoiceState, out: &mut Vec<Cut>) {
        let length = now.since(start);
        if length >= HARD {
            let at = self.quietest(start + LEAST_PART, state.settled).map_or(state.settled, |(at, _)| at);
            self.split(at, now, out);
        } else if length >= SOFT {
            if self.units.last().is_some_and(|unit| unit.end.since(start) >= LEAST_PART) {
                self.emit(self.units.len(), now, out);
            } else if now.since(self.looked) >= LOOK_EVERY {
                self.looked = now;
                let mean = self.power.iter().sum::<f32>() / self.power.len() as f32;
                if let Some((at, power)) = self.quietest(start + LEAST_PART, state.settled)
                    && power < mean * QUIET
                {
                    self.split(at, now, out);
                }
            }
        }
        let Some(start) = self.start().filter(|_| self.partials) else { return };
        let due = (start + PARTIAL_AFTER).max(self.partial_at + PARTIAL_EVERY);
        if now >= due {
            self.partial_at = now;
            out.push(self.partial(start, now, state));
        }
    }

    /// The quietest moment between two times, and its mean square.
    fn quietest(&self, from: AudioTime, until: AudioTime) -> Option<(AudioTime, f32)> {
        let (first, last) = (self.frame(from), self.frame(until).min(self.power.len()));
        let moments = (first..last.saturating_sub(MOMENT)).map(|at| {
            let power: f32 = self.power.range(at..at + MOMENT).sum();
            (at + MOMENT / 2, power / MOMENT as f32)
        });
        let (frame, power) = moments.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((self.from + Span::from_ticks((frame * HOP) as u64), power))
    }

    /// Ends a clip at a moment within the speech.
    fn split(&mut self, at: AudioTime, now: AudioTime, out: &mut Vec<Cut>) {
        if let Some(onset) = self.open.filter(|onset| *onset < at) {
            self.units.push(Stretch::new(onset, at));
            self.open = Some(at);
            self.emit(self.units.len(), at, out);
            return;
        }
        let whole = self.units.iter().take_while(|unit| unit.end <= at).count();
        match self.units.get(whole).copied().filter(|unit| unit.start < at) {
            Some(unit) => {
                self.units.splice(whole..=whole, [Stretch::new(unit.start, at), Stretch::new(at, unit.end)]);
                self.emit(whole + 1, at, out);
            }
            None => self.emit(whole, now, out),
        }
    }

    /// Makes the first `count` stretches a final clip, with no sound from after `until`.
    fn emit(&mut self, count: usize, until: AudioTime, out: &mut Vec<Cut>) {
        let units: Vec<Stretch> = self.units.drain(..count).collect();
        let (Some(first), Some(last)) = (units.first(), units.last()) else { return };
        let speech = Stretch::new(first.start, last.end);
        let next = self.start().unwrap_or(until).min(until);
        let voiced = units.iter().map(|unit| unit.len()).sum();
        let end = (speech.end + TAIL).max(speech.start + SHORTEST).min(next).max(speech.end);
        let mut samples = self.samples(speech.start.back(PREROLL).max(self.done), end);
        let least = SHORTEST.ticks() as usize;
        if samples.len() < least {
            samples.resize(least, 0.0);
        }
        let start = speech.start.back(PREROLL).max(self.done).max(self.from);
        out.push(Cut { clip: Clip { party: self.party, start, samples, voiced }, speech, partial: false });
        self.done = speech.end;
    }

    fn partial(&self, start: AudioTime, now: AudioTime, state: &VoiceState) -> Cut {
        let speech = Stretch::new(start, state.voiced_until.max(start));
        let from = start.back(PREROLL).max(self.done).max(self.from);
        let open = self.open.map_or(Span::ZERO, |onset| speech.end.since(onset));
        let voiced = self.units.iter().map(|unit| unit.len()).sum::<Span>() + open;
        let clip = Clip { party: self.party, start: from, samples: self.samples(from, now), voiced };
        Cut { clip, speech, partial: true }
    }

    fn samples(&self, from: AudioTime, until: AudioTime) -> Vec<f32> {
        let place = |at: AudioTime| (at.since(self.from).ticks() as usize).min(self.sound.len());
        self.sound.range(place(from)..place(until).max(place(from))).copied().collect()
    }

    /// Start of the speech that is in no final clip yet.
    fn start(&self) -> Option<AudioTime> {
        self.units.first().map(|unit| unit.start).or(self.open)
    }

    fn last_voiced(&self) -> AudioTime {
        self.units.last().map_or(self.done, |unit| unit.end)
    }

    fn until(&self) -> AudioTime {
        self.from + Span::from_ticks(self.sound.len() as u64)
    }

    fn frame(&self, at: AudioTime) -> usize {
        (at.since(self.from).ticks() / HOP as u64) as usize
    }

    /// Lets go of sound that no clip can hold any more.
    fn forget(&mut self, now: AudioTime) {
        let oldest = self.start().unwrap_or(now.back(BACKDATED)).min(now.back(BACKDATED)).back(PREROLL);
        let frames = self.frame(oldest);
        self.sound.drain(..frames * HOP);
        self.power.drain(..frames);
        self.from += Span::from_ticks((frames * HOP) as u64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::voice::Ending;

    const FRAME_MS: u64 = 10;

    /// What the voice says about speech at these times, frame by frame, as the real one does: onsets 50 ms late, offsets
    /// after 240 ms, bursts under 100 ms taken back.
    struct Speaker {
        units: Vec<(u64, u64)>,
    }

    impl Speaker {
        /// Speech and pauses by turns, in frames; pauses of at least 200 ms.
        fn new(lengths: &[(u64, u64)]) -> Speaker {
            let mut at = 0;
            let unit = |(pause, speech): &(u64, u64)| {
                at += pause + speech;
                (at - speech, at)
            };
            Speaker { units: lengths.iter().map(unit).collect() }
        }

        fn frames(&self) -> u64 {
            self.units.last().map_or(0, |unit| unit.1) + 60
        }

        fn voiced(&self, sample: u64) -> bool {
            let frame = sample / HOP as u64;
            self.units.iter().any(|(from, to)| to - from >= 10 && (*from..*to).contains(&frame))
        }

        fn edge(&self, frame: u64) -> Option<Edge> {
            let at = |frame: u64| AudioTime::from_millis(frame * FRAME_MS);
            self.units.iter().find_map(|&(from, to)| match frame {
                f if f == from + 4 => Some(Edge::Onset { at: at(from) }),
                f if f == to + 23 && to - from < 10 => Some(Edge::Retracted { at: at(from) }),
                f if f == to + 23 => Some(Edge::Offset { at: at(to), ending: Ending::Faded }),
                _ => None,
            })
        }

        fn state(&self, frame: u64) -> VoiceState {
            let at = |frame: u64| AudioTime::from_millis(frame * FRAME_MS);
            let scored = (frame + 1).saturating_sub(4);
            let unit = self.units.iter().rev().find(|unit| unit.0 + 4 <= frame);
            let voiced_until = unit.map_or(0, |unit| scored.min(unit.1).max(unit.0));
            let on = unit.filter(|unit| frame < unit.1 + 23);
            let settled = match on {
                Some(unit) if voiced_until - unit.0 < 10 => unit.0,
                Some(unit) => voiced_until.saturating_sub(20).max(unit.0),
                None => scored,
            };
            VoiceState { voiced_until: at(voiced_until), settled: at(settled), speaking: on.is_some() }
        }

        /// The clips; each sample is its own index, so that it can be found again.
        fn cuts(&self, partials: bool) -> Vec<Cut> {
            let mut cutter = Cutter::new(Party::Client);
            cutter.tell_partials(partials);
            let mut out = Vec::new();
            for frame in 0..self.frames() {
                let samples = std::array::from_fn(|n| (frame * HOP as u64 + n as u64) as f32);
                let at = AudioTime::from_millis(frame * FRAME_MS);
                cutter.push(at, &samples, self.edge(frame), &self.state(frame), &mut out);
                assert!(cutter.sound.len() as u64 <= (LONGEST + PREROLL).ticks(), "memory is bounded");
            }
            cutter.finish(None, &mut out);
            out
        }
    }

    fn lengths(cuts: &[Cut]) -> Vec<u64> {
        cuts.iter().map(|cut| cut.speech.len().as_millis()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn every_voiced_sample_is_in_exactly_one_final_clip(
            script in prop::collection::vec((20u64..120, prop_oneof![1u64..12, 10u64..300, 300u64..2500]), 1..12),
            partials in any::<bool>(),
        ) {
            let speaker = Speaker::new(&script);
            let cuts = speaker.cuts(partials);
            let finals: Vec<&Cut> = cuts.iter().filter(|cut| !cut.partial).collect();
            let mut found = vec![0u8; (speaker.frames() as usize + 10) * HOP];
            for cut in &finals {
                // What was filled up with silence is no sound; sample 0 is never voiced here.
                for sample in cut.clip.samples.iter().filter(|sample| **sample > 0.0) {
                    found[*sample as usize] += 1;
                }
                prop_assert!(cut.clip.len() >= SHORTEST && cut.clip.len() <= LONGEST, "{:?}", cut.clip.len());
                prop_assert_eq!(cut.clip.samples[0] as u64, cut.clip.start.ticks());
                prop_assert!(cut.clip.start <= cut.speech.start);
                prop_assert!(cut.clip.voiced <= cut.speech.len());
            }
            for (sample, times) in found.iter().enumerate() {
                if speaker.voiced(sample as u64) {
                    prop_assert_eq!(*times, 1, "sample {}", sample);
                }
            }
            prop_assert!(finals.windows(2).all(|pair| pair[0].speech.end <= pair[1].speech.start));
            let voiced: Span = finals.iter().map(|cut| cut.clip.voiced).sum();
            let spoken: u64 = speaker.units.iter().map(|(from, to)| to - from).filter(|n| *n >= 10).sum();
            prop_assert_eq!(voiced, Span::from_millis(spoken * FRAME_MS));
        }
    }

    #[test]
    fn a_pause_of_a_third_of_a_second_ends_a_clip() {
        assert_eq!(lengths(&Speaker::new(&[(50, 200), (30, 100), (60, 150)]).cuts(false)), [3300, 1500]);
    }

    #[test]
    fn a_short_word_waits_for_what_follows() {
        assert_eq!(lengths(&Speaker::new(&[(50, 30), (45, 150)]).cuts(false)), [2250]);
        assert_eq!(lengths(&Speaker::new(&[(50, 120), (45, 150)]).cuts(false)), [1200, 1500]);
    }

    #[test]
    fn a_click_is_in_no_clip() {
        assert!(Speaker::new(&[(50, 8)]).cuts(false).is_empty());
    }

    #[test]
    fn long_speech_is_divided_at_its_first_pause_after_six_seconds() {
        let cuts = Speaker::new(&[(50, 700), (25, 300), (100, 100)]).cuts(false);
        assert_eq!(lengths(&cuts), [7000, 3000, 1000]);
    }

    /// Runs an endless speaker whose level in each frame is told by `level`.
    fn endless(frames: u64, level: impl Fn(u64) -> f32) -> Vec<Cut> {
        let speaker = Speaker { units: vec![(10, frames)] };
        let (mut cutter, mut out) = (Cutter::new(Party::Rep), Vec::new());
        for frame in 0..frames {
            let at = AudioTime::from_millis(frame * FRAME_MS);
            let samples = [level(frame); HOP];
            cutter.push(at, &samples, speaker.edge(frame), &speaker.state(frame), &mut out);
        }
        out
    }

    #[test]
    fn without_a_pause_it_is_divided_where_it_is_quietest() {
        // A dip of 6 dB only, 4 s in: not as quiet as a pause, so it is taken when there is no more room.
        let cuts = endless(1300, |frame| if (400..406).contains(&frame) { 0.1 } else { 0.2 });
        assert_eq!(lengths(&cuts), [3920]);
        // One of 20 dB, 5 s in: taken as soon as the clip is long.
        let cuts = endless(700, |frame| if (500..506).contains(&frame) { 0.02 } else { 0.2 });
        assert_eq!(lengths(&cuts), [4920]);
    }

    #[test]
    fn long_speech_is_told_before_it_ends_if_the_recogniser_keeps_up() {
        let speaker = Speaker::new(&[(50, 560)]);
        let partial: Vec<bool> = speaker.cuts(true).iter().map(|cut| cut.partial).collect();
        assert_eq!(partial, [true, true, false]);
        let told: Vec<u64> = speaker.cuts(true).iter().map(|cut| cut.clip.len().as_millis()).collect();
        assert_eq!(told, [3300, 5300, 6100]);
        assert_eq!(speaker.cuts(false).len(), 1);
    }
}
