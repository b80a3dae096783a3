//! From probability to edges: when a voice began and ended, dated at the sound itself.
//!
//! Each frame comes with the score of the frame [`LOOKAHEAD`] frames ago and its own level. An onset is told at once; it may be
//! taken back. An offset is told once the hangover has passed. Both are dated by level, because the score lingers.

use std::collections::VecDeque;

use crate::audio::HOP;
use crate::config::TurnSettings;
use crate::units::{AudioTime, Dbfs, Span};
use crate::voice::detector::LOOKAHEAD;
use crate::voice::{Edge, Ending, VoiceState};

/// A score from here on is voice; below `OFF` it is not; between them it stays what the last one was.
const ON: f32 = 0.5;
const OFF: f32 = 0.35;

const FRAME: Span = Span::from_ticks(HOP as u64);
const DELAY: Span = Span::from_ticks(LOOKAHEAD * HOP as u64);

/// How far back the level is remembered to judge how a voice ended.
const LEVEL_FRAMES: usize = 150;

/// The level at the very end of a voice: its last 40 ms.
const END_FRAMES: usize = 4;

/// A voice that is within this of its full level in its last 40 ms, and was within `STILL_LOUD_DB` of it 20 ms before it
/// ended, was broken off. At ends of phrases read by people 2 to 4 % pass this test, at ends cut in mid-phrase about half
/// (BENCHMARKS.md).
const BROKEN_OFF_DB: f32 = 9.5;
const STILL_LOUD_DB: f32 = 8.0;
const STILL_LOUD_FRAMES: usize = 3;

/// Full level of a voice: this quantile of its frames.
const FULL_LEVEL: f32 = 0.85;

/// Sound this far below the party's own speech is not that party speaking: talk in the background, or the other side leaking
/// through a headset or a telephone line (40 dB down in recorded telephone calls).
const BACKGROUND_DB: f32 = 32.0;

/// Speech level before anybody spoke: usual in calls.
const USUAL_SPEECH_DB: f32 = -20.0;

/// The speech level follows louder speech within a syllable, and softer speech by 3 dB a second, but only where it is heard
/// alone: what is heard while the other speaks may be the other.
const SPEECH_ATTACK: f32 = 0.1;
const SPEECH_RELEASE_DB: f32 = 0.03;

/// Frames around a frame that may carry its level over a closed consonant.
const CLOSURE_FRAMES: usize = 5;

/// What is this far below the full level of a voice is room: a voice begins and ends with sound louder than that.
const AUDIBLE_DB: f32 = 25.0;

/// The score of a voice lingers this many frames at most after its sound.
const LONGEST_TAIL: usize = 15;

#[derive(Debug)]
pub struct Edges {
    hangover: Span,
    min_burst: Span,
    /// Start of the running voice.
    onset: Option<AudioTime>,
    voiced_until: AudioTime,
    /// Time up to which scores have come.
    scored: AudioTime,
    voiced: bool,
    /// Level of this party's speech in full voice.
    speech_level: f32,
    /// Levels of the last frames, newest last, and the end of the newest.
    levels: VecDeque<f32>,
    levels_until: AudioTime,
}

impl Edges {
    pub fn new(settings: &TurnSettings) -> Edges {
        Edges {
            hangover: settings.hangover,
            min_burst: settings.min_burst,
            onset: None,
            voiced_until: AudioTime::ZERO,
            scored: AudioTime::ZERO,
            voiced: false,
            speech_level: USUAL_SPEECH_DB,
            levels: VecDeque::with_capacity(LEVEL_FRAMES + 1),
            levels_until: AudioTime::ZERO,
        }
    }

    /// Takes the score of the frame that ends at `now`. `known` is false while the device is lost, `alone` is
    /// true while the other is silent.
    pub fn push(
        &mut self,
        now: AudioTime,
        score: f32,
        level: Dbfs,
        known: bool,
        alone: bool,
    ) -> Option<Edge> {
        if self.levels.len() == LEVEL_FRAMES {
            self.levels.pop_front();
        }
        self.levels.push_back(level.db());
        self.levels_until = now;
        self.scored = now.back(DELAY);
        let threshold = if self.voiced { OFF } else { ON };
        let voice = known && score >= threshold;
        self.voiced = voice && self.is_foreground();
        if voice {
            self.follow_speech(alone);
        }
        if self.voiced {
            self.voiced_until = self.scored;
            if self.onset.is_none() {
                let at = self.sound_onset();
                self.onset = Some(at);
                self.voiced_until = self.voiced_until.max(at);
                return Some(Edge::Onset { at });
            }
            return None;
        }
        let onset = self.onset?;
        (self.scored.since(self.voiced_until) >= self.hangover).then(|| self.end(onset))
    }

    /// Whether the settled frame is loud enough to be this party.
    fn is_foreground(&self) -> bool {
        let nearest =
            self.levels.iter().rev().skip(LOOKAHEAD as usize - CLOSURE_FRAMES / 2).take(CLOSURE_FRAMES);
        nearest.copied().fold(f32::NEG_INFINITY, f32::max) >= self.speech_level - BACKGROUND_DB
    }

    fn follow_speech(&mut self, alone: bool) {
        let Some(level) = self.levels.iter().rev().nth(LOOKAHEAD as usize) else { return };
        if *level > self.speech_level {
            self.speech_level += SPEECH_ATTACK * (level - self.speech_level);
        } else if alone {
            self.speech_level -= SPEECH_RELEASE_DB;
        }
    }

    pub fn finish(&mut self) -> Option<Edge> {
        let onset = self.onset?;
        Some(self.end(onset))
    }

    pub fn state(&self) -> VoiceState {
        let settled = match self.onset {
            // A burst may still prove too short.
            Some(onset) if self.voiced_until.since(onset) < self.min_burst => onset,
            // Its end may still be dated back to its last sound.
            Some(onset) => self.voiced_until.back(Span::from_ticks((LONGEST_TAIL * HOP) as u64)).max(onset),
            None => self.scored,
        };
        VoiceState {
            voiced_until: self.voiced_until,
            settled,
            speaking: self.onset.is_some() && self.scored.since(self.voiced_until) < self.hangover,
        }
    }

    fn end(&mut self, onset: AudioTime) -> Edge {
        self.onset = None;
        self.voiced = false;
        let full = self.full_level();
        self.voiced_until = self.sound_end(full).max(onset);
        if self.voiced_until.since(onset) < self.min_burst {
            return Edge::Retracted { at: onset };
        }
        Edge::Offset { at: self.voiced_until, ending: self.ending(full) }
    }

    /// The newest frame decided that a voice is on; it began where the sound did, up to the look-ahead before.
    fn sound_onset(&self) -> AudioTime {
        let seen = self.levels.len().min(LOOKAHEAD as usize + 1);
        let frames = self.levels.range(self.levels.len() - seen..);
        let loudest = frames.clone().copied().fold(f32::NEG_INFINITY, f32::max);
        let soft = frames.take_while(|level| **level < loudest - AUDIBLE_DB).count();
        self.scored.back(FRAME) + Span::from_ticks((soft * HOP) as u64)
    }

    /// Level of the voice at its fullest lately.
    fn full_level(&self) -> f32 {
        let spoken = self.levels.len().saturating_sub(self.frames_since(self.voiced_until));
        let mut ordered: Vec<f32> = self.levels.iter().copied().take(spoken).collect();
        if ordered.is_empty() {
            return f32::NEG_INFINITY;
        }
        let at = ((ordered.len() - 1) as f32 * FULL_LEVEL) as usize;
        *ordered.select_nth_unstable_by(at, f32::total_cmp).1
    }

    /// The end of the sound within the voice: its score lingers, its level does not.
    fn sound_end(&self, full: f32) -> AudioTime {
        let spoken = self.levels.len().saturating_sub(self.frames_since(self.voiced_until));
        let soft = self.levels.iter().take(spoken).rev().take(LONGEST_TAIL);
        let soft = soft.take_while(|level| **level < full - AUDIBLE_DB).count();
        self.voiced_until.back(Span::from_ticks((soft * HOP) as u64))
    }

    /// Whether the level fell off at the end or was cut.
    fn ending(&self, full: f32) -> Ending {
        let spoken = self.levels.len().saturating_sub(self.frames_since(self.voiced_until));
        let tail = |frames: usize| self.levels.range(spoken.saturating_sub(frames)..spoken);
        if spoken < 2 * END_FRAMES {
            return Ending::Unknown;
        }
        let mean = tail(END_FRAMES).sum::<f32>() / END_FRAMES as f32;
        let still_loud = tail(STILL_LOUD_FRAMES).any(|level| *level > full - STILL_LOUD_DB);
        if mean > full - BROKEN_OFF_DB && still_loud { Ending::BrokenOff } else { Ending::Faded }
    }

    fn frames_since(&self, at: AudioTime) -> usize {
        (self.levels_until.since(at).ticks() / HOP as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws a voice: a frame a character, `#` full voice, `+` 20 dB softer with the score still up, `-` sound without voice,
    /// `.` silence. Edges come as text: moment told in frames, then what.
    fn edges_of(frames: &str) -> Vec<String> {
        let mut edges = Edges::new(&TurnSettings::default());
        let mut told = Vec::new();
        let cells: Vec<char> = frames.chars().chain(".".repeat(40).chars()).collect();
        for (i, cell) in cells.iter().enumerate() {
            let heard = i.checked_sub(LOOKAHEAD as usize).map_or('.', |behind| cells[behind]);
            let score = if matches!(heard, '#' | '+') { 0.9 } else { 0.1 };
            let level = match cell {
                '#' => -20.0,
                '+' => -40.0,
                '-' => -30.0,
                _ => -90.0,
            };
            let now = AudioTime::from_millis(10 * (i as u64 + 1));
            if let Some(edge) = edges.push(now, score, Dbfs::new(level), true, true) {
                let frame = |at: AudioTime| at.ticks() / HOP as u64;
                told.push(match edge {
                    Edge::Onset { at } => format!("{}: on at {}", i + 1, frame(at)),
                    Edge::Retracted { at } => format!("{}: taken back {}", i + 1, frame(at)),
                    Edge::Offset { at, ending } => format!("{}: off at {}, {ending:?}", i + 1, frame(at)),
                });
            }
        }
        told
    }

    #[test]
    fn an_offset_is_told_after_the_hangover_and_dated_at_the_sound() {
        let told =
            edges_of("..........##############################........................................");
        assert_eq!(told, ["15: on at 10", "64: off at 40, BrokenOff"]);
    }

    #[test]
    fn a_gap_shorter_than_the_hangover_is_bridged() {
        let told = edges_of(
            "..........####################...................####################..............................",
        );
        assert_eq!(told.len(), 2, "{told:?}");
        let told = edges_of(
            "..........####################....................####################.............................",
        );
        assert_eq!(told.len(), 4, "{told:?}");
    }

    #[test]
    fn a_lone_burst_is_taken_back() {
        assert_eq!(
            edges_of("..........#########....................................")[1],
            "43: taken back 10"
        );
        assert_eq!(edges_of("..........##########...................................").len(), 2);
        assert!(edges_of("..........##########...................................")[1].contains("off at 20"));
    }

    #[test]
    fn a_voice_that_falls_off_fades() {
        let told = edges_of(
            "..........##############################++++++++........................................",
        );
        assert_eq!(told[1], "72: off at 48, Faded");
    }

    #[test]
    fn sound_without_voice_is_no_voice() {
        assert!(edges_of("----------------------------------------").is_empty());
    }

    #[test]
    fn what_is_still_on_at_the_end_ends_where_it_was_heard() {
        let mut edges = Edges::new(&TurnSettings::default());
        for i in 0..50u64 {
            edges.push(AudioTime::from_millis(10 * (i + 1)), 0.9, Dbfs::new(-20.0), true, true);
        }
        assert!(matches!(edges.finish(), Some(Edge::Offset { at, .. }) if at == AudioTime::from_millis(460)));
    }
}
