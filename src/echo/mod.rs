//! The client in the rep's microphone: what a loudspeaker sends back is never the rep's speech.
//!
//! ```text
//! microphone ─┬─► canceller ─► the rep alone ─► voice
//! client ─────┤      ▲ rests or runs
//!             └─► path: is there an echo?
//! ```
//!
//! The canceller runs from the first word on, for in its first seconds nobody knows yet. Where no echo shows (a headset) it is
//! put to rest, and the path finder alone keeps looking, at no cost; when that finds one, the canceller first hears the last
//! seconds again. It does not rest in the client's pauses: tried, that took two thirds of the cost away and left four times as
//! much echo. Only where both sides are digital silence does it.

pub mod canceller;
mod path;

use std::collections::VecDeque;

use crate::audio::HOP;
use crate::units::{ByParty, Dbfs, Party, Span};

use canceller::{Canceller, Mode};
use path::PathFinder;

/// Sound is heard from this level on, and so much above its channel's own noise: softer sound leaves no echo to speak of.
const HEARD_FROM_DB: f32 = -60.0;
const HEARD_ABOVE_FLOOR_DB: f32 = 10.0;

/// How fast a channel's noise floor follows a level that stays up: 2 dB a second, so that speech does not lift it.
const FLOOR_RISE_DB: f32 = 0.02;

/// Doubt from which there is no echo: ten seconds of frames in which the client was heard and nothing told either way.
const NO_ECHO: u32 = 1_000;

/// What a frame that tells counts: a microphone in which nothing is heard while the client speaks is ten times as much doubt,
/// so that a headset is known in a second.
const TELLING: u32 = 10;

/// A frame out of which so much was taken had echo in it.
const ECHO_DB: f32 = 6.0;

/// The client comes in after so many frames of silence (500 ms), while the rep was heard so many frames ago at most (50 ms):
/// for 600 ms nothing is taken out, unless there has been an echo before. A canceller that does not know the room yet takes
/// out whatever it cannot explain, and that would be the rep whom the client says "mm-hm" to.
const PAUSE: u32 = 50;
const BREATH: u32 = 5;
const BENEFIT: u32 = 60;

/// Below this there is no sound: digital silence, or 16 bits with nothing but dither in them.
const SILENCE_DB: f32 = -75.0;

/// After so many frames (two seconds) without any sound on either side there is nothing to take out, and nothing to learn.
const IDLE: u32 = 200;

/// Frames that the canceller hears again when it is woken: the three seconds that it needs to know a room.
const HISTORY: usize = 300;

type Sound = ByParty<[f32; HOP]>;

/// Leaves the client out of the rep's microphone.
#[derive(Debug, Default)]
pub struct Echo {
    path: PathFinder,
    canceller: Canceller,
    noise: ByParty<Noise>,
    /// Frames since a party was heard.
    since_heard: ByParty<u32>,
    /// An echo has been seen in this session.
    proven: bool,
    /// Frames for which what is heard in the microphone is still taken for the rep.
    benefit: u32,
    doubt: u32,
    resting: bool,
    /// Frames without any sound on either side.
    idle: u32,
    /// The latest sound, oldest first, while the canceller rests.
    history: VecDeque<Sound>,
    removed: Span,
}

impl Echo {
    /// Takes the next frame and the levels of its channels; gives the rep's sound alone, 2 ms later than it came.
    pub fn push(&mut self, sound: &Sound, level: ByParty<Dbfs>) -> [f32; HOP] {
        self.path.push(level.rep, level.client);
        let heard = ByParty::from_fn(|party| self.noise[party].is_exceeded(level[party].db()));
        if self.path.has_path() {
            self.doubt = 0;
        } else if heard.client {
            self.doubt = (self.doubt + if heard.rep { 1 } else { TELLING }).min(NO_ECHO);
        }
        self.proven |= self.path.has_path();
        self.give_the_benefit_of_the_doubt(heard);
        self.rest_or_wake(sound);
        let silent = Party::BOTH.into_iter().all(|party| level[party].db() < SILENCE_DB);
        self.idle = if silent { self.idle.saturating_add(1) } else { 0 };
        let mode = match self.benefit {
            _ if self.resting || self.idle > IDLE => Mode::Rest,
            0 => Mode::Cancel,
            _ => Mode::Learn,
        };
        let clean = self.canceller.push(&sound.rep, &sound.client, mode);
        if mode == Mode::Cancel && heard.rep && level.rep.db() - Dbfs::of(&clean).db() > ECHO_DB {
            self.doubt = self.doubt.saturating_sub(TELLING);
            self.removed += Span::from_ticks(HOP as u64);
        }
        clean
    }

    /// Whether the client is heard in the rep's microphone.
    pub fn has_path(&self) -> bool {
        self.path.has_path()
    }

    /// Time in which the client's sound was taken out of the microphone.
    pub fn removed(&self) -> Span {
        self.removed
    }

    /// Before an echo was ever seen, a rep who was speaking already when the client came in is the rep.
    fn give_the_benefit_of_the_doubt(&mut self, heard: ByParty<bool>) {
        if heard.client && self.since_heard.client >= PAUSE && self.since_heard.rep < BREATH && !self.proven {
            self.benefit = BENEFIT;
        }
        self.benefit = self.benefit.saturating_sub(1);
        for party in Party::BOTH {
            self.since_heard[party] =
                if heard[party] { 0 } else { self.since_heard[party].saturating_add(1) };
        }
    }

    fn rest_or_wake(&mut self, sound: &Sound) {
        let rest = self.doubt >= NO_ECHO;
        if self.resting && !rest {
            for sound in self.history.drain(..) {
                self.canceller.push(&sound.rep, &sound.client, Mode::Learn);
            }
            self.history = VecDeque::new();
        }
        self.resting = rest;
        if rest {
            if self.history.len() == HISTORY {
                self.history.pop_front();
            }
            self.history.push_back(*sound);
        }
    }
}

/// The noise of a channel, as far as its quietest moments show it.
#[derive(Clone, Copy, Debug, Default)]
struct Noise {
    floor_db: Option<f32>,
}

impl Noise {
    /// Takes the next frame's level in dB; true if something is heard above the noise.
    fn is_exceeded(&mut self, level_db: f32) -> bool {
        let floor = self.floor_db.map_or(level_db, |floor| (floor + FLOOR_RISE_DB).min(level_db));
        self.floor_db = Some(floor);
        level_db > HEARD_FROM_DB && level_db > floor + HEARD_ABOVE_FLOOR_DB
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice of sorts: noise whose strength rises and falls twice a second.
    fn voice(at: usize) -> f32 {
        let strength = (at as f32 / 16_000.0 * 2.0 * std::f32::consts::TAU).sin().max(0.0);
        0.3 * strength * noise(at)
    }

    /// Numbers without order, −1 to 1.
    fn noise(at: usize) -> f32 {
        let mixed = (at as u32).wrapping_mul(0x9E37_79B1);
        let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x85EB_CA77);
        (mixed >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Speaks for `secs` as the client, with an echo of `gain` after 50 ms; gives the microphone's level before and after.
    fn client_speaks(echo: &mut Echo, from: usize, secs: usize, gain: f32) -> (f32, f32) {
        let (mut before, mut after) = (0.0, 0.0);
        for frame in from * 100..(from + secs) * 100 {
            let sound = ByParty {
                rep: std::array::from_fn(|n| {
                    let at = frame * HOP + n;
                    1e-4 * noise(at + 1_000_000_000) + gain * voice(at.saturating_sub(800))
                }),
                client: std::array::from_fn(|n| voice(frame * HOP + n)),
            };
            let level = ByParty::from_fn(|party| Dbfs::of(&sound[party]));
            let clean = echo.push(&sound, level);
            before += sound.rep.iter().map(|x| x * x).sum::<f32>();
            after += clean.iter().map(|x| x * x).sum::<f32>();
        }
        (before, after)
    }

    #[test]
    fn an_echo_is_taken_out() {
        let mut echo = Echo::default();
        client_speaks(&mut echo, 0, 8, 0.3);
        let (before, after) = client_speaks(&mut echo, 8, 3, 0.3);
        assert!(10.0 * (before / after).log10() > 10.0);
        assert!(echo.has_path() && echo.removed() > Span::from_secs(2));
    }

    #[test]
    fn with_a_headset_the_canceller_rests_and_the_microphone_passes_untouched() {
        let mut echo = Echo::default();
        client_speaks(&mut echo, 0, 5, 0.0);
        assert!(echo.resting && !echo.has_path());
        let (before, after) = client_speaks(&mut echo, 5, 1, 0.0);
        assert!((before / after - 1.0).abs() < 0.01);
        assert_eq!(echo.removed(), Span::ZERO);
    }

    #[test]
    fn silence_on_both_sides_leaves_what_was_learnt_as_it_was() {
        let ratio = |silence: usize| {
            let mut echo = Echo::default();
            client_speaks(&mut echo, 0, 8, 0.3);
            let nothing = Sound { rep: [0.0; HOP], client: [0.0; HOP] };
            for _ in 0..silence {
                echo.push(&nothing, ByParty::from_fn(|_| Dbfs::SILENCE));
            }
            let (before, after) = client_speaks(&mut echo, 8, 3, 0.3);
            10.0 * (before / after).log10()
        };
        assert!(ratio(3_000) > ratio(100) - 3.0, "{} and {} dB", ratio(3_000), ratio(100));
    }

    #[test]
    fn a_headset_taken_off_wakes_the_canceller() {
        let mut echo = Echo::default();
        client_speaks(&mut echo, 0, 15, 0.0);
        client_speaks(&mut echo, 15, 8, 0.3);
        assert!(echo.has_path() && !echo.resting);
        let (before, after) = client_speaks(&mut echo, 23, 3, 0.3);
        assert!(10.0 * (before / after).log10() > 10.0);
    }
}
