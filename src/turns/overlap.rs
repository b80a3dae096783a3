//! What it means when both speak at once: classified once, provisional until the evidence is in.
//!
//! One contest runs at a time: from the moment a second voice joins a first one until it is clear who went on. In it A was
//! already speaking and B came in. `verdict` is a pure function of what both have said so far; it is asked on every frame
//! until it answers.

use serde::Serialize;

use super::Track;
use super::track::{Spell, both_voiced};
use crate::config::TurnSettings;
use crate::units::{AudioTime, ByParty, Party, Span, Stretch};
use crate::voice::Ending;

/// What an overlap was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Both began within a moment of each other, or one resumed after its own pause as the other came in.
    Collision,
    /// A short sign of listening; the other goes on.
    Backchannel,
    /// B came in over A's last words.
    Terminal,
    /// B came in on A's speech to take the floor.
    Interruption,
    /// Both stopped and nobody clearly went on.
    MutualStop,
    /// B joined in: agreement, repetition, completion, laughter. Told by words alone.
    Cooperative,
}

/// How an interruption ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Successful,
    Unsuccessful,
}

/// What a classification rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    Timing,
    Words,
}

/// An overlap, finally classified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// Who came in.
    pub by: Party,
    /// From the first to the last moment at which both spoke.
    pub stretch: Stretch,
    pub class: Class,
    /// For interruptions alone.
    pub outcome: Option<Outcome>,
    pub evidence: Evidence,
    /// 0 to 1: how far the evidence was from the next class.
    pub confidence: f32,
    /// All that B said in it, for leaving back-channels out of talk time.
    pub said: Stretch,
}

/// What became of a contest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolution {
    Classified(Overlap),
    /// The voices only touched: nothing worth an event.
    Grazed,
}

/// Two voices at once whose meaning is not yet clear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contest {
    /// Who came in.
    pub by: Party,
    /// Start of B's unit.
    pub onset: AudioTime,
    /// Start of A's unit and of A's cluster.
    holder_unit: AudioTime,
    holder_cluster: AudioTime,
    /// B's cluster was running when A's unit began: A spoke into B's pause.
    into_pause: bool,
}

/// Overlap shorter than this is within the accuracy of two voice edges (± 30 ms each) and is not told.
const GRAZE: Span = Span::from_millis(100);

/// A contest that nobody won for so long is closed as it stands.
const LONGEST_CONTEST: Span = Span::from_secs(30);

/// A voice that yields at once counts as cut off only if it had spoken for this long: a "right" that stops is no turn.
const CUT_OFF_AFTER: Span = Span::from_secs(1);

impl Contest {
    /// `onset` of `by` came while the other was speaking.
    pub fn new(by: Party, onset: AudioTime, tracks: &ByParty<Track>) -> Option<Contest> {
        let (holder, incomer) = (&tracks[by.other()], &tracks[by]);
        let unit = holder.at(onset)?.stretch.start;
        let cluster = holder.cluster_start().min(unit);
        let into_pause = incomer.cluster_start() < unit;
        Some(Contest { by, onset, holder_unit: unit, holder_cluster: cluster, into_pause })
    }

    /// Neither came in on the other: both began at about the same time.
    pub fn is_collision(&self, settings: &TurnSettings) -> bool {
        self.into_pause || self.onset.since(self.holder_unit) < settings.collision
    }

    /// How long B's running unit has overlapped A's speech so far.
    pub fn overlapped(&self, tracks: &ByParty<Track>) -> Span {
        let Some(unit) = tracks[self.by].open() else { return Span::ZERO };
        let from = unit.max(self.onset);
        both_voiced(&tracks.rep, &tracks.client, Stretch::new(from, from + LONGEST_CONTEST))
    }

    /// What it was, once that is clear.
    pub fn verdict(&self, tracks: &ByParty<Track>, settings: &TurnSettings) -> Option<Resolution> {
        let (holder, incomer) = (&tracks[self.by.other()], &tracks[self.by]);
        let b = incomer.spell(self.onset, settings.isolation)?;
        let a = holder_spell(holder, incomer, self.onset, settings)?;
        let case = Case { contest: self, tracks, a, b, settings };
        let Decision { class, outcome, confidence, by } = case.decide()?;
        let window = Stretch::new(self.onset, a.stretch.end.min(b.stretch.end));
        if both_voiced(holder, incomer, window) < GRAZE {
            return Some(Resolution::Grazed);
        }
        let last = last_shared(holder, incomer, window).unwrap_or(self.onset);
        Some(Resolution::Classified(Overlap {
            by,
            stretch: Stretch::new(self.onset, last),
            class,
            outcome,
            evidence: Evidence::Timing,
            confidence,
            said: if by == self.by { b.stretch } else { a.stretch },
        }))
    }
}

/// A's speech from the contest on: joined over pauses shorter than the isolation, but a short sign of listening that A gives
/// after yielding is not A going on.
fn holder_spell(holder: &Track, incomer: &Track, onset: AudioTime, settings: &TurnSettings) -> Option<Spell> {
    let yielded = holder.spell(onset, settings.cluster_gap)?;
    let whole = holder.spell(onset, settings.isolation)?;
    if yielded.stretch.end == whole.stretch.end {
        return Some(whole);
    }
    let resumed = holder.spell(yielded.stretch.end, settings.cluster_gap)?;
    let listening = resumed.closed
        && resumed.stretch.len() <= settings.backchannel_max
        && incomer.at(resumed.stretch.start).is_some();
    let spell = if listening {
        Spell { closed: holder.settled().since(yielded.stretch.end) >= settings.isolation, ..yielded }
    } else if resumed.closed || resumed.stretch.len() > settings.backchannel_max {
        whole
    } else {
        Spell { closed: false, ..whole }
    };
    Some(spell)
}

fn last_shared(a: &Track, b: &Track, window: Stretch) -> Option<AudioTime> {
    a.since(window.start)
        .flat_map(|x| b.since(window.start).filter_map(move |y| x.stretch.overlap(y.stretch)))
        .filter_map(|both| both.overlap(window))
        .map(|both| both.end)
        .max()
}

/// One contest with what both said in it.
struct Case<'a> {
    contest: &'a Contest,
    tracks: &'a ByParty<Track>,
    a: Spell,
    b: Spell,
    settings: &'a TurnSettings,
}

/// What a contest was, and who is to be named with it: B, but for a sign of listening that A gave in B's pause.
struct Decision {
    class: Class,
    outcome: Option<Outcome>,
    confidence: f32,
    by: Party,
}

impl Case<'_> {
    fn decide(&self) -> Option<Decision> {
        let Case { contest, a, b, settings, .. } = self;
        let (a_end, b_end) = (a.stretch.end, b.stretch.end);
        if !a.closed && !b.closed {
            let stuck = self.now().since(contest.onset) >= LONGEST_CONTEST;
            return stuck.then(|| self.told(Class::MutualStop, None, 0.3));
        }
        if contest.is_collision(settings) {
            let listened = contest.into_pause && a.closed && b_end > a_end && self.is_brief(a);
            if listened {
                let confidence = self.backchannel_confidence(a);
                let by = contest.by.other();
                return Some(Decision { class: Class::Backchannel, outcome: None, confidence, by });
            }
            return Some(self.told(Class::Collision, None, 0.8));
        }
        let apart = settings.mutual_stop;
        if a.closed && b_end > a_end + apart {
            let went_on = b_end.since(a_end) >= settings.isolation;
            return match (went_on, b.closed) {
                (true, _) => Some(self.yielded()),
                (false, true) => self.short_answer(),
                (false, false) => None,
            };
        }
        if b.closed && self.is_brief(b) {
            // A spoke on, or paused for less than the isolation and resumed: B was only listening.
            return match (a_end > b_end, a.closed) {
                (true, _) => Some(self.told(Class::Backchannel, None, self.backchannel_confidence(b))),
                (false, true) => self.short_answer(),
                (false, false) => None,
            };
        }
        if b.closed && a_end > b_end + apart {
            let held_on = a_end.since(b_end) >= settings.isolation;
            return match (held_on, a.closed) {
                (true, _) => Some(self.withstood()),
                (false, true) => self.undecided(),
                (false, false) => None,
            };
        }
        (a.closed && b.closed).then(|| self.undecided()).flatten()
    }

    fn is_brief(&self, spell: &Spell) -> bool {
        spell.voiced <= self.settings.backchannel_max
    }

    fn told(&self, class: Class, outcome: Option<Outcome>, confidence: f32) -> Decision {
        Decision { class, outcome, confidence, by: self.contest.by }
    }

    /// A stopped, B went on.
    fn yielded(&self) -> Decision {
        let Case { contest, a, settings, .. } = self;
        let took = a.stretch.end.since(contest.onset);
        if took > settings.terminal_overlap {
            let sure = took.as_secs_f64() - settings.terminal_overlap.as_secs_f64();
            let confidence = (0.7 + 0.3 * sure as f32).min(1.0);
            return self.told(Class::Interruption, Some(Outcome::Successful), confidence);
        }
        let in_full_flow = contest.onset.since(contest.holder_cluster) >= CUT_OFF_AFTER;
        if a.ending == Ending::BrokenOff && in_full_flow && took >= GRAZE {
            return self.told(Class::Interruption, Some(Outcome::Successful), 0.6);
        }
        self.told(Class::Terminal, None, 0.8)
    }

    /// B said more than a sign of listening and gave up.
    fn withstood(&self) -> Decision {
        let over = self.b.voiced - self.settings.backchannel_max;
        let confidence = (0.6 + 0.4 * over.as_secs_f64() as f32).min(1.0);
        self.told(Class::Interruption, Some(Outcome::Unsuccessful), confidence)
    }

    /// A stopped and B said little more: an answer that came early, or a remark that stopped A.
    fn short_answer(&self) -> Option<Decision> {
        if self.a.stretch.end.since(self.contest.onset) <= self.settings.terminal_overlap {
            return Some(self.told(Class::Terminal, None, 0.6));
        }
        self.undecided()
    }

    /// Both stopped: whoever takes the floor next has won, if anybody does soon.
    fn undecided(&self) -> Option<Decision> {
        let stopped = self.a.stretch.end.max(self.b.stretch.end);
        let serious = self.b.stretch.end.since(self.contest.onset) > self.settings.terminal_overlap;
        let next = Party::BOTH
            .into_iter()
            .filter_map(|party| Some((party, self.tracks[party].spell(stopped, self.settings.cluster_gap)?)))
            .filter(|(_, spell)| spell.stretch.start.since(stopped) < self.settings.undecided)
            .min_by_key(|(_, spell)| spell.stretch.start);
        match next {
            Some((party, spell)) if serious && spell.stretch.len() >= self.settings.floor => {
                let won = party == self.contest.by;
                let outcome = if won { Outcome::Successful } else { Outcome::Unsuccessful };
                Some(self.told(Class::Interruption, Some(outcome), 0.5))
            }
            Some((_, spell)) if !spell.closed => None,
            Some(_) => Some(self.told(Class::MutualStop, None, 0.5)),
            None => {
                let waited = self.now().since(stopped) >= self.settings.undecided;
                waited.then(|| self.told(Class::MutualStop, None, 0.5))
            }
        }
    }

    fn now(&self) -> AudioTime {
        self.tracks.rep.settled().min(self.tracks.client.settled())
    }

    fn backchannel_confidence(&self, spell: &Spell) -> f32 {
        // Median length 0.32 s, 95 % under 0.84 s in 75 meetings: the shorter, the surer.
        let length = spell.voiced.as_secs_f64() as f32 / self.settings.backchannel_max.as_secs_f64() as f32;
        (1.0 - 0.5 * length).clamp(0.5, 0.95)
    }
}
