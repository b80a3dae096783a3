//! The running figures of a call: talk, share, monologue, pauses, patience, silence.
//!
//! Talk time is the sum of inter-pausal units without back-channels; overlap counts for both. Every instant of the session
//! is accounted for exactly once ([`Account`]). Figures follow the voice edges; nothing here needs words.

pub mod revise;

use std::collections::VecDeque;

use serde::Serialize;

use crate::config::MetricSettings;
use crate::turns::{Class, Overlap, TurnEvent};
use crate::units::{AudioTime, ByParty, Party, Share, Span, Stretch};
use crate::voice::VoiceState;

/// Who comes in earlier than this before the other ends does not answer but interrupts (the terminal overlap's bound).
const ANSWER_OVERLAP: Span = Span::from_millis(500);

/// Where every instant of the session went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    pub rep_alone: Span,
    pub client_alone: Span,
    pub both: Span,
    pub silence: Span,
    /// A channel was lost: held against nobody.
    pub unknown: Span,
}

impl Account {
    pub fn total(&self) -> Span {
        self.rep_alone + self.client_alone + self.both + self.silence + self.unknown
    }
}

/// How much one party spoke.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Talk {
    /// Sum of inter-pausal units, back-channels left out.
    pub talk: Span,
    pub turns: u32,
    /// The longest turn.
    pub longest_turn: Option<Stretch>,
    /// Signs of listening given over the other's speech.
    pub backchannels: u32,
}

/// How long the rep waits before answering, over the whole call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patience {
    /// Client stops to rep starts, in seconds; below zero when the rep came in over the last words. In order of size.
    waits: Vec<f64>,
    /// The same after long client turns.
    after_long: Vec<f64>,
    pub jump_ins: u32,
    pub first_jump_in: Option<AudioTime>,
    pub extended_silences: u32,
    /// The longest of them: the rep's start, and the silence before it.
    pub longest_silence: Option<(AudioTime, Span)>,
}

impl Patience {
    pub fn answers(&self) -> usize {
        self.waits.len()
    }

    pub fn median_secs(&self) -> Option<f64> {
        quantile(&self.waits, 0.5)
    }

    /// One answer in ten came faster than this.
    pub fn p10_secs(&self) -> Option<f64> {
        quantile(&self.waits, 0.1)
    }

    pub fn after_long_turns_secs(&self) -> Option<f64> {
        quantile(&self.after_long, 0.5)
    }
}

/// Linear interpolation between the nearest two of ordered values.
fn quantile(ordered: &[f64], q: f64) -> Option<f64> {
    let place = q * ordered.len().checked_sub(1)? as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    Some(ordered[low] + (ordered[high] - ordered[low]) * place.fract())
}

fn insert_ordered(values: &mut Vec<f64>, value: f64) {
    let at = values.partition_point(|&v| v < value);
    values.insert(at, value);
}

/// The figures as they stand at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub talk: ByParty<Talk>,
    /// Rep's part of all talk; `None` until enough has been said to mean anything.
    pub share: Option<Share>,
    /// The same over the last minutes.
    pub recent_share: Option<Share>,
    /// Time the rep has spoken without a mutual pause and without the client taking the floor.
    pub run: Span,
    pub patience: Patience,
    /// Changes of the floor.
    pub switches: u32,
    pub longest_silence: Option<Stretch>,
    pub account: Account,
}

#[derive(Debug)]
pub struct Metrics {
    settings: MetricSettings,
    talk: ByParty<Talk>,
    /// Finished units of the last window, with back-channels already taken out.
    recent: ByParty<VecDeque<Stretch>>,
    patience: Patience,
    switches: u32,
    accounting: Accounting,
    run: Run,
    last_turn: Option<(Party, Stretch)>,
    now: AudioTime,
}

impl Metrics {
    pub fn new(settings: MetricSettings) -> Metrics {
        Metrics {
            settings,
            talk: ByParty::default(),
            recent: ByParty::default(),
            patience: Patience::default(),
            switches: 0,
            accounting: Accounting::default(),
            run: Run::default(),
            last_turn: None,
            now: AudioTime::ZERO,
        }
    }

    /// Takes what turn-taking concluded.
    pub fn turn(&mut self, event: &TurnEvent) {
        match *event {
            TurnEvent::Ipu { party, ipu } => {
                self.talk[party].talk += ipu.stretch.len();
                self.recent[party].push_back(ipu.stretch);
                self.accounting.speech[party].ended.push_back(ipu.stretch);
            }
            TurnEvent::Overlap(overlap) if overlap.class == Class::Backchannel => {
                self.take_out_backchannel(&overlap);
            }
            TurnEvent::TurnEnded { party, stretch } => {
                let talk = &mut self.talk[party];
                talk.turns += 1;
                if talk.longest_turn.is_none_or(|longest| stretch.len() > longest.len()) {
                    talk.longest_turn = Some(stretch);
                }
                self.last_turn = Some((party, stretch));
            }
            TurnEvent::FloorTaken { party, since } => {
                if let Some((Party::Client, ended)) = self.last_turn
                    && party == Party::Rep
                {
                    self.answered(ended, since);
                }
                self.switches += u32::from(self.last_turn.is_some());
                self.run.floor_taken(party, since);
            }
            TurnEvent::Overlap(_)
            | TurnEvent::FloorBid { .. }
            | TurnEvent::BidDropped { .. }
            | TurnEvent::TalkingOver { .. }
            | TurnEvent::TalkingOverEnded { .. } => {}
        }
    }

    /// Time has passed. `open` are the starts of running units; `unknown` since when a channel has been lost, if one is.
    pub fn advance(
        &mut self,
        now: AudioTime,
        voice: &ByParty<VoiceState>,
        open: ByParty<Option<AudioTime>>,
        unknown: Option<AudioTime>,
    ) {
        self.now = now;
        self.run.advance(voice, open, self.settings.monologue_pause);
        for party in Party::BOTH {
            self.accounting.speech[party].open = open[party];
        }
        if let (Some(since), None) = (self.accounting.unknown.open, unknown) {
            self.accounting.unknown.ended.push_back(Stretch::new(since, now));
        }
        self.accounting.unknown.open = unknown;
        self.accounting.advance(voice.rep.settled.min(voice.client.settled));
        let horizon = now.back(self.settings.window);
        for party in Party::BOTH {
            while self.recent[party].front().is_some_and(|unit| unit.end <= horizon) {
                self.recent[party].pop_front();
            }
        }
    }

    pub fn figures(&self) -> Figures {
        let whole = self.talk.rep.talk + self.talk.client.talk;
        Figures {
            talk: self.talk,
            share: Share::of(self.talk.rep.talk, whole).filter(|_| self.enough_talk()),
            recent_share: self.recent_share(),
            run: self.run.stretch().map_or(Span::ZERO, Stretch::len),
            patience: self.patience.clone(),
            switches: self.switches,
            longest_silence: self.accounting.longest_silence,
            account: self.accounting.account,
        }
    }

    fn enough_talk(&self) -> bool {
        self.talk.rep.talk + self.talk.client.talk >= self.settings.share_after
    }

    /// The rep's part of the talk of the last minutes; `None` until enough has been said to mean anything.
    pub fn recent_share(&self) -> Option<Share> {
        let window = Stretch::new(self.now.back(self.settings.window), self.now);
        let recent = self.recent.as_ref().map(|units| {
            units.iter().filter_map(|unit| unit.overlap(window)).map(Stretch::len).sum::<Span>()
        });
        Share::of(recent.rep, recent.rep + recent.client).filter(|_| self.enough_talk())
    }

    /// How much each party has spoken so far, back-channels left out.
    pub fn talk(&self) -> ByParty<Span> {
        self.talk.map(|talk| talk.talk)
    }

    /// What the rep has spoken without a mutual pause and without the client taking the floor.
    pub fn run(&self) -> Option<Stretch> {
        self.run.stretch()
    }

    fn take_out_backchannel(&mut self, overlap: &Overlap) {
        let party = overlap.by;
        let said: Span =
            self.recent[party].iter().filter_map(|u| u.overlap(overlap.said)).map(Stretch::len).sum();
        self.talk[party].talk -= said;
        self.talk[party].backchannels += 1;
        self.recent[party].retain(|unit| unit.overlap(overlap.said).is_none());
    }

    fn answered(&mut self, ended: Stretch, since: AudioTime) {
        if ended.end.since(since) > ANSWER_OVERLAP {
            return;
        }
        let wait = since.as_secs_f64() - ended.end.as_secs_f64();
        insert_ordered(&mut self.patience.waits, wait);
        if ended.len() >= self.settings.long_turn {
            insert_ordered(&mut self.patience.after_long, wait);
        }
        let silence = since.since(ended.end);
        let patience = &mut self.patience;
        if silence < self.settings.jump_in {
            patience.jump_ins += 1;
            patience.first_jump_in.get_or_insert(since);
        }
        let [from, to] = self.settings.extended_silence;
        if (from..=to).contains(&silence) {
            patience.extended_silences += 1;
            if patience.longest_silence.is_none_or(|(_, longest)| silence > longest) {
                patience.longest_silence = Some((since, silence));
            }
        }
    }
}

/// The rep's run without a mutual pause, while the rep holds the floor.
#[derive(Debug, Default)]
struct Run {
    since: Option<AudioTime>,
    /// End of the last speech of either party in it.
    until: AudioTime,
    floor: bool,
}

impl Run {
    fn floor_taken(&mut self, party: Party, since: AudioTime) {
        self.floor = party == Party::Rep;
        self.since = self.floor.then_some(since);
        self.until = since;
    }

    fn advance(&mut self, voice: &ByParty<VoiceState>, open: ByParty<Option<AudioTime>>, pause: Span) {
        if !self.floor {
            return;
        }
        let settled = voice.rep.settled.min(voice.client.settled);
        match self.since {
            None => {
                self.since = open.rep;
                self.until = open.rep.unwrap_or(self.until);
            }
            Some(_) => {
                for party in Party::BOTH {
                    if open[party].is_some() {
                        self.until = self.until.max(voice[party].voiced_until);
                    }
                }
                if settled.since(self.until) >= pause {
                    self.since = None;
                }
            }
        }
    }

    fn stretch(&self) -> Option<Stretch> {
        self.since.map(|since| Stretch::new(since, self.until.max(since)))
    }
}

/// Something that comes and goes: stretches of it that ended, and the start of the one that runs.
#[derive(Debug, Default)]
struct Lane {
    ended: VecDeque<Stretch>,
    open: Option<AudioTime>,
}

impl Lane {
    /// Whether it is there at `at`, and until when at most that is so.
    fn state(&self, at: AudioTime, settled: AudioTime) -> (bool, AudioTime) {
        match (self.ended.front(), self.open) {
            (Some(stretch), _) if stretch.start <= at => (true, stretch.end),
            (Some(stretch), _) => (false, stretch.start),
            (None, Some(start)) if start <= at => (true, settled),
            (None, Some(start)) => (false, start),
            (None, None) => (false, settled),
        }
    }
}

/// Sweeps the settled past once, instant by instant.
#[derive(Debug, Default)]
struct Accounting {
    speech: ByParty<Lane>,
    unknown: Lane,
    done: AudioTime,
    silent_since: Option<AudioTime>,
    longest_silence: Option<Stretch>,
    account: Account,
}

impl Accounting {
    fn advance(&mut self, settled: AudioTime) {
        self.forget_before_done();
        while self.done < settled {
            let (unknown, a) = self.unknown.state(self.done, settled);
            let (rep, b) = self.speech.rep.state(self.done, settled);
            let (client, c) = self.speech.client.state(self.done, settled);
            let until = a.min(b).min(c).min(settled);
            let piece = until - self.done;
            match (rep, client) {
                _ if unknown => self.account.unknown += piece,
                (true, true) => self.account.both += piece,
                (true, false) => self.account.rep_alone += piece,
                (false, true) => self.account.client_alone += piece,
                (false, false) => self.account.silence += piece,
            }
            if rep || client || unknown {
                self.silence_ended();
            } else {
                self.silent_since.get_or_insert(self.done);
            }
            self.done = until;
            self.forget_before_done();
        }
    }

    fn forget_before_done(&mut self) {
        for lane in [&mut self.unknown, &mut self.speech.rep, &mut self.speech.client] {
            while lane.ended.front().is_some_and(|stretch| stretch.end <= self.done) {
                lane.ended.pop_front();
            }
        }
    }

    fn silence_ended(&mut self) {
        let Some(since) = self.silent_since.take() else { return };
        let silence = Stretch::new(since, self.done);
        if self.longest_silence.is_none_or(|longest| silence.len() > longest.len()) {
            self.longest_silence = Some(silence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let mut values = Vec::new();
        for value in [0.4, 0.1, 0.3, 0.2] {
            insert_ordered(&mut values, value);
        }
        assert_eq!(values, [0.1, 0.2, 0.3, 0.4]);
        assert_eq!(quantile(&values, 0.5), Some(0.25));
        assert_eq!(quantile(&values, 0.0), Some(0.1));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
