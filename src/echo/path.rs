//! Whether the client is heard in the rep's microphone at all.
//!
//! Works on levels of 10 ms frames alone. When the microphone's level has followed the client's for seconds, at one lag and
//! with one loss, there is an echo path. A headset has none: while the client speaks its microphone stays at its noise floor.

use std::collections::VecDeque;

use crate::units::Dbfs;

/// Levels below this are treated alike: rooms and codecs differ there, speech does not matter there.
const FLOOR_DB: f32 = -70.0;

/// Frames of history that are compared: 2.56 s holds a sentence with its pauses.
const WINDOW: usize = 256;

/// Longest lag of the echo behind the client's channel: 250 ms covers loudspeaker, room and driver buffers.
const MAX_LAG: usize = 25;

/// Frames between two looks for a path.
const LOOK_EVERY: u32 = 16;

/// The client must be this much above its own quietest to count as speaking.
const LOUD_ABOVE_FLOOR_DB: f32 = 15.0;

/// Frames of speaking client needed to judge a path: one second.
const ENOUGH_LOUD: usize = 100;

/// Correlation of levels from which one is taken to follow the other. Unrelated speech of two people stays under 0.5 over such a
/// window, echo in a room reaches 0.8 and more (measured on rendered calls with and without echo).
const FOLLOWS: f32 = 0.7;

/// Below this part of the speaking frames with the expected level, the path is gone: a headset was plugged in.
const STILL_THERE: f32 = 0.5;

/// Spread of echo levels about their median.
const MARGIN_DB: f32 = 7.0;

/// The way from the client's channel into the microphone.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Path {
    lag: usize,
    /// Level in the microphone relative to the client's channel, in dB.
    gain_db: f32,
}

/// Looks for the way from the client's channel into the microphone.
#[derive(Debug, Default)]
pub struct PathFinder {
    /// Levels in dB, newest last; both as long as each other.
    rep: VecDeque<f32>,
    client: VecDeque<f32>,
    path: Option<Path>,
    until_look: u32,
}

impl PathFinder {
    /// Takes the next frame's levels.
    pub fn push(&mut self, rep: Dbfs, client: Dbfs) {
        if self.rep.len() == WINDOW + MAX_LAG {
            self.rep.pop_front();
            self.client.pop_front();
        }
        self.rep.push_back(rep.db().max(FLOOR_DB));
        self.client.push_back(client.db().max(FLOOR_DB));
        self.until_look = self.until_look.saturating_sub(1);
        if self.until_look == 0 {
            self.until_look = LOOK_EVERY;
            self.look();
        }
    }

    /// Whether an echo path has been found.
    pub fn has_path(&self) -> bool {
        self.path.is_some()
    }

    /// Looks for a path, and whether a path that was found is still there.
    fn look(&mut self) {
        let frames = self.rep.len();
        let quietest = |levels: &VecDeque<f32>| levels.iter().copied().fold(f32::INFINITY, f32::min);
        let loud_from = quietest(&self.client) + LOUD_ABOVE_FLOOR_DB;
        let rep_floor = quietest(&self.rep);
        let loud = self.client.iter().filter(|&&level| level > loud_from).count();
        if loud < ENOUGH_LOUD || frames < ENOUGH_LOUD + MAX_LAG {
            return;
        }
        let found = (0..=MAX_LAG)
            .map(|lag| (lag, self.correlation(lag)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|&(_, correlation)| correlation >= FOLLOWS)
            .and_then(|(lag, _)| self.path_at(lag, loud_from, rep_floor));
        if found.is_some() {
            self.path = found;
        } else if let Some(path) = self.path
            && self.part_with_echo(path, loud_from) < STILL_THERE
        {
            self.path = None;
        }
    }

    /// Pairs of client level and the microphone's level `lag` frames later.
    fn pairs(&self, lag: usize) -> impl Iterator<Item = (f32, f32)> + '_ {
        let skip = self.rep.len().saturating_sub(WINDOW).max(lag);
        self.client.iter().skip(skip - lag).zip(self.rep.iter().skip(skip)).map(|(c, r)| (*c, *r))
    }

    /// Pearson's correlation of the two levels at a lag.
    fn correlation(&self, lag: usize) -> f32 {
        let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0f32, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (client, rep) in self.pairs(lag) {
            let (c, r) = (client - FLOOR_DB, rep - FLOOR_DB);
            n += 1.0;
            x += c;
            y += r;
            xx += c * c;
            yy += r * r;
            xy += c * r;
        }
        let spread = ((xx - x * x / n) * (yy - y * y / n)).sqrt();
        if spread > 1.0 { (xy - x * y / n) / spread } else { 0.0 }
    }

    fn path_at(&self, lag: usize, loud_from: f32, rep_floor: f32) -> Option<Path> {
        let mut gains: Vec<f32> = (self.pairs(lag).filter(|(client, _)| *client > loud_from))
            .filter(|(_, rep)| *rep > rep_floor + 6.0)
            .map(|(client, rep)| rep - client)
            .collect();
        if gains.len() < ENOUGH_LOUD / 2 {
            return None;
        }
        let middle = gains.len() / 2;
        let (_, median, _) = gains.select_nth_unstable_by(middle, f32::total_cmp);
        Some(Path { lag, gain_db: *median })
    }

    /// Part of the frames with a speaking client in which the microphone has at least the echo.
    fn part_with_echo(&self, path: Path, loud_from: f32) -> f32 {
        let (mut loud, mut with_echo) = (0usize, 0usize);
        for (client, rep) in self.pairs(path.lag).filter(|(client, _)| *client > loud_from) {
            loud += 1;
            with_echo += usize::from(rep >= client + path.gain_db - MARGIN_DB);
        }
        with_echo as f32 / loud.max(1) as f32
    }
}
