//! What one party has said lately, as inter-pausal units: the memory on which floor and overlaps are decided.

use std::collections::VecDeque;

use crate::units::{AudioTime, Span, Stretch};
use crate::voice::{Edge, Ending};

/// How long finished speech is remembered. Every decision looks back over less: the longest is an overlap that stays
/// undecided, and those are bounded by `Overlaps`.
const MEMORY: Span = Span::from_secs(60);

/// An inter-pausal unit: speech with inner silences shorter than the hangover.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ipu {
    pub stretch: Stretch,
    pub ending: Ending,
}

/// Speech joined over pauses that are shorter than some gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    pub stretch: Stretch,
    /// Sum of its units.
    pub voiced: Span,
    /// Number of its units.
    pub bursts: usize,
    /// How its last unit ended.
    pub ending: Ending,
    /// The gap after it has passed in silence: it cannot go on.
    pub closed: bool,
}

/// One party's units, finished and running.
#[derive(Debug, Default)]
pub struct Track {
    finished: VecDeque<Ipu>,
    /// Start of the running unit; a burst that may still turn out too short is not one yet.
    open: Option<AudioTime>,
    pending: Option<AudioTime>,
    /// End of the last voiced frame.
    voiced_until: AudioTime,
    /// Up to here presence and absence of speech are certain.
    settled: AudioTime,
    /// Start of the running or latest cluster, kept beyond `MEMORY`.
    cluster_start: AudioTime,
}

/// What a track learnt from an edge or from time passing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// A burst has lasted long enough to be a unit, which began at the moment given.
    Opened(AudioTime),
    Closed(Ipu),
}

impl Track {
    /// Takes an edge of this party.
    pub fn edge(&mut self, edge: &Edge) -> Option<Change> {
        match *edge {
            Edge::Onset { at } => {
                self.pending = Some(at);
                self.voiced_until = self.voiced_until.max(at);
                None
            }
            Edge::Retracted { .. } => {
                self.pending = None;
                None
            }
            Edge::Offset { at, ending } => {
                self.pending = None;
                let start = self.open.take()?;
                self.voiced_until = at;
                let ipu = Ipu { stretch: Stretch::new(start, at), ending };
                self.finished.push_back(ipu);
                Some(Change::Closed(ipu))
            }
        }
    }

    /// Time has passed: `voiced_until` is the end of the last voiced frame so far, `settled` the moment up to which speech
    /// is certain to be there or not.
    pub fn advance(
        &mut self,
        voiced_until: AudioTime,
        settled: AudioTime,
        min_burst: Span,
        cluster_gap: Span,
    ) -> Option<Change> {
        self.settled = settled;
        while self.finished.front().is_some_and(|ipu| settled.since(ipu.stretch.end) > MEMORY) {
            self.finished.pop_front();
        }
        if self.open.is_some() {
            self.voiced_until = voiced_until;
            return None;
        }
        let start = self.pending.filter(|&start| voiced_until.since(start) >= min_burst)?;
        let joined = self.finished.back().is_some_and(|last| start.since(last.stretch.end) < cluster_gap);
        if !joined {
            self.cluster_start = start;
        }
        self.pending = None;
        self.open = Some(start);
        self.voiced_until = voiced_until;
        Some(Change::Opened(start))
    }

    pub fn settled(&self) -> AudioTime {
        self.settled
    }

    /// Start of the running unit.
    pub fn open(&self) -> Option<AudioTime> {
        self.open
    }

    /// Start of the running or latest cluster.
    pub fn cluster_start(&self) -> AudioTime {
        self.cluster_start
    }

    /// The latest unit, running or finished.
    pub fn latest(&self) -> Option<Ipu> {
        match self.open {
            Some(start) => {
                Some(Ipu { stretch: Stretch::new(start, self.voiced_until), ending: Ending::Unknown })
            }
            None => self.finished.back().copied(),
        }
    }

    /// Units that end after `from`, oldest first, the running one with its end so far.
    pub fn since(&self, from: AudioTime) -> impl DoubleEndedIterator<Item = Ipu> + '_ {
        let first = self.finished.partition_point(|ipu| ipu.stretch.end <= from);
        let running = self.open.and_then(|_| self.latest());
        self.finished.range(first..).copied().chain(running)
    }

    /// The unit that was running at `at`.
    pub fn at(&self, at: AudioTime) -> Option<Ipu> {
        self.since(at).next().filter(|ipu| ipu.stretch.start <= at)
    }

    /// End of the last speech before `at`, if remembered.
    pub fn last_end_before(&self, at: AudioTime) -> Option<AudioTime> {
        let after = self.finished.partition_point(|ipu| ipu.stretch.end <= at);
        after.checked_sub(1).and_then(|i| self.finished.get(i)).map(|ipu| ipu.stretch.end)
    }

    /// Whether any speech falls into the stretch, as far as is known.
    pub fn speaks_in(&self, stretch: Stretch) -> bool {
        self.since(stretch.start).any(|ipu| ipu.stretch.overlap(stretch).is_some())
    }

    /// The spell that begins with the first unit ending after `from`.
    pub fn spell(&self, from: AudioTime, gap: Span) -> Option<Spell> {
        let mut units = self.since(from);
        let first = units.next()?;
        let mut spell = Spell {
            stretch: first.stretch,
            voiced: first.stretch.len(),
            bursts: 1,
            ending: first.ending,
            closed: false,
        };
        for unit in units {
            if unit.stretch.start.since(spell.stretch.end) >= gap {
                spell.closed = true;
                return Some(spell);
            }
            spell.stretch.end = unit.stretch.end;
            spell.voiced += unit.stretch.len();
            spell.bursts += 1;
            spell.ending = unit.ending;
        }
        let running = self.open.is_some() && spell.stretch.end == self.voiced_until;
        spell.closed = !running && self.settled.since(spell.stretch.end) >= gap;
        Some(spell)
    }
}

/// How long both spoke at once within `window`.
pub fn both_voiced(a: &Track, b: &Track, window: Stretch) -> Span {
    let shared = |x: &Ipu, y: &Ipu| {
        x.stretch.overlap(y.stretch).and_then(|both| both.overlap(window)).map_or(Span::ZERO, Stretch::len)
    };
    a.since(window.start).map(|x| b.since(window.start).map(|y| shared(&x, &y)).sum::<Span>()).sum()
}
