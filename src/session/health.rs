//! Whether a channel delivers what it should, moment by moment: what the rep is told while there is time to mend it.

use serde::Serialize;

use crate::audio::HOP;
use crate::units::{Dbfs, Party, Span};

/// The state of a channel. The first that holds, in the order of [`Watcher::condition`], is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Sound arrives, be it a quiet room.
    #[default]
    Flowing,
    /// The playback is digital zero: nobody plays anything.
    Silent,
    /// The microphone is digital zero, which no room is: it is switched off, or not allowed.
    Muted,
    /// Too loud: samples stand at full scale.
    Clipping,
    /// The client comes back through the microphone.
    Bleeding,
    /// The device is gone; nothing is known about this time.
    Lost,
    /// Nobody asked to hear it.
    NotListenedTo,
}

/// Digital zero for so long is told.
const ZERO_FOR: Span = Span::from_secs(1);

/// Digital zero for so long is no pause any more: a call can hardly be on it, and a microphone is off.
const SUSPICIOUS: Span = Span::from_secs(10);

/// More clipped samples than this in a second are audible: one in a thousand.
const CLIPPED_PER_SECOND: f32 = 16.0;

/// From here on a sample counts as clipped; resampling takes a little off the peaks.
const CLIPPED: f32 = 0.985;

/// Fall of the level shown, in a frame: 20 dB in half a second, slow enough to be read.
const FALL_DB: f32 = 0.4;

const FRAME: Span = Span::from_ticks(HOP as u64);
const FRAMES_PER_SECOND: f32 = 100.0;

/// Watches one channel.
#[derive(Clone, Debug)]
pub struct Watcher {
    party: Party,
    present: bool,
    known: bool,
    bleeding: bool,
    /// Length of digital zero up to now.
    zero: Span,
    /// Anything but digital zero has come since the device was there.
    sounded: bool,
    /// Clipped samples, forgotten over a second.
    clipped: f32,
    level_db: f32,
}

impl Watcher {
    pub fn new(party: Party, present: bool) -> Watcher {
        Watcher {
            party,
            present,
            known: true,
            bleeding: false,
            zero: Span::ZERO,
            sounded: false,
            clipped: 0.0,
            level_db: SILENCE_DB,
        }
    }

    /// Takes a frame. `known` is false while the device is lost, `bleeding` while the client is heard in it.
    pub fn push(&mut self, frame: &[f32; HOP], known: bool, bleeding: bool) {
        (self.known, self.bleeding) = (known, bleeding);
        self.zero = if frame.iter().all(|x| *x == 0.0) { self.zero + FRAME } else { Span::ZERO };
        self.sounded = known && (self.sounded || self.zero == Span::ZERO);
        let clipped = frame.iter().filter(|x| x.abs() >= CLIPPED).count();
        self.clipped += clipped as f32 - self.clipped / FRAMES_PER_SECOND;
        self.level_db = Dbfs::of(frame).db().max(self.level_db - FALL_DB).max(SILENCE_DB);
    }

    pub fn condition(&self) -> Condition {
        if !self.present {
            Condition::NotListenedTo
        } else if !self.known {
            Condition::Lost
        } else if self.clipped >= CLIPPED_PER_SECOND {
            Condition::Clipping
        } else if self.zero >= ZERO_FOR {
            match self.party {
                Party::Rep => Condition::Muted,
                Party::Client => Condition::Silent,
            }
        } else if self.bleeding {
            Condition::Bleeding
        } else {
            Condition::Flowing
        }
    }

    /// What to do about it, if something should be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self.condition() {
            Condition::Flowing | Condition::NotListenedTo => None,
            // Once something was heard, silence is a client who listens, or has muted.
            Condition::Silent => (self.zero >= SUSPICIOUS && !self.sounded).then_some(
                "nothing is being played: is the call on another output? heard devices shows which one has sound",
            ),
            Condition::Muted => (self.zero >= SUSPICIOUS)
                .then_some("your microphone gives digital silence: is it muted, or not allowed for this program?"),
            Condition::Clipping => Some("too loud: turn the level down"),
            Condition::Bleeding => Some("the client is heard in your microphone and left out: a headset helps"),
            Condition::Lost => Some("lost; this time counts for nobody"),
        }
    }

    /// Level for a meter: the loudest lately.
    pub fn level(&self) -> Dbfs {
        Dbfs::new(self.level_db)
    }
}

const SILENCE_DB: f32 = -90.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn after(party: Party, frames: usize, sample: f32) -> Watcher {
        let mut watcher = Watcher::new(party, true);
        (0..frames).for_each(|_| watcher.push(&[sample; HOP], true, false));
        watcher
    }

    #[test]
    fn a_second_of_digital_zero_is_told_and_a_quiet_room_is_not() {
        assert_eq!(after(Party::Rep, 99, 0.0).condition(), Condition::Flowing);
        assert_eq!(after(Party::Rep, 100, 0.0).condition(), Condition::Muted);
        assert_eq!(after(Party::Client, 100, 0.0).condition(), Condition::Silent);
        assert_eq!(after(Party::Rep, 1_000, 1e-5).condition(), Condition::Flowing);
    }

    #[test]
    fn digital_silence_is_normal_for_ten_seconds() {
        assert_eq!(after(Party::Client, 999, 0.0).advice(), None);
        assert!(after(Party::Client, 1_000, 0.0).advice().is_some());
    }

    #[test]
    fn a_client_who_has_been_heard_may_be_silent_for_long() {
        let mut watcher = after(Party::Client, 1, 0.1);
        (0..2_000).for_each(|_| watcher.push(&[0.0; HOP], true, false));
        assert_eq!((watcher.condition(), watcher.advice()), (Condition::Silent, None));
    }

    #[test]
    fn clipping_is_told_at_once_and_forgotten_in_seconds() {
        let mut watcher = after(Party::Rep, 1, 1.0);
        assert_eq!(watcher.condition(), Condition::Clipping);
        (0..400).for_each(|_| watcher.push(&[0.1; HOP], true, false));
        assert_eq!(watcher.condition(), Condition::Flowing);
    }

    #[test]
    fn lost_comes_before_everything() {
        let mut watcher = after(Party::Rep, 300, 0.0);
        watcher.push(&[0.0; HOP], false, true);
        assert_eq!(watcher.condition(), Condition::Lost);
    }

    #[test]
    fn the_meter_falls_slowly() {
        let mut watcher = after(Party::Rep, 1, 0.5);
        watcher.push(&[0.0; HOP], true, false);
        assert!((watcher.level().db() - (Dbfs::of(&[0.5; HOP]).db() - 0.4)).abs() < 0.01);
    }
}
