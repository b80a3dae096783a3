//! Turn-taking: from voice edges of both parties to units, floor, turns and classified overlaps.
//!
//! Definitions and defaults: ARCHITECTURE.md, "Turns and overlaps". Read [`floor`] first; it is the smallest.

pub mod floor;
pub mod overlap;
mod track;

pub use floor::Holder;
pub use overlap::{Class, Evidence, Outcome, Overlap};
pub use track::Ipu;
use track::{Change, Track};

use crate::config::TurnSettings;
use crate::turns::floor::Floor;
use crate::turns::overlap::{Contest, Resolution};
use crate::units::{AudioTime, ByParty, Party, Span, Stretch};
use crate::voice::{Edge, VoiceState};

/// What turn-taking concluded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TurnEvent {
    /// An inter-pausal unit ended.
    Ipu { party: Party, ipu: Ipu },
    /// The floor changed hands; `since` is the start of the speech that took it.
    FloorTaken { party: Party, since: AudioTime },
    /// A turn ended, because the other took the floor or the session ended.
    TurnEnded { party: Party, stretch: Stretch },
    /// Provisional interruption: `by` came in at `onset` and still speaks over the other.
    FloorBid { by: Party, onset: AudioTime },
    /// Live: the rep has talked over the client since `since`.
    TalkingOver { since: AudioTime },
    /// The talking over ended.
    TalkingOverEnded { at: AudioTime },
    /// An overlap, finally classified. If a floor bid with the same onset came before, this replaces it.
    Overlap(Overlap),
    /// The floor bid with this onset came to nothing.
    BidDropped { by: Party, onset: AudioTime },
}

/// The turn-taking state machine.
#[derive(Debug)]
pub struct Turns {
    settings: TurnSettings,
    tracks: ByParty<Track>,
    floor: Floor,
    contest: Option<Contest>,
    bid: bool,
    /// Units that began during the contest: one of them may be a contest of its own.
    waiting: Vec<(Party, AudioTime)>,
    talking_over: Option<AudioTime>,
}

impl Turns {
    pub fn new(settings: TurnSettings) -> Turns {
        Turns {
            settings,
            tracks: ByParty::default(),
            floor: Floor::default(),
            contest: None,
            bid: false,
            waiting: Vec::new(),
            talking_over: None,
        }
    }

    pub fn holder(&self) -> Option<Holder> {
        self.floor.holder()
    }

    /// Start of the unit that a party is speaking now.
    pub fn open(&self, party: Party) -> Option<AudioTime> {
        self.tracks[party].open()
    }

    /// Takes a voice edge.
    pub fn edge(&mut self, party: Party, edge: &Edge, out: &mut Vec<TurnEvent>) {
        if let Some(Change::Closed(ipu)) = self.tracks[party].edge(edge) {
            out.push(TurnEvent::Ipu { party, ipu });
        }
    }

    /// Time has passed for both parties.
    pub fn advance(&mut self, voice: &ByParty<VoiceState>, out: &mut Vec<TurnEvent>) {
        for party in Party::BOTH {
            let VoiceState { voiced_until, settled, .. } = voice[party];
            let (burst, gap) = (self.settings.min_burst, self.settings.cluster_gap);
            if let Some(Change::Opened(start)) = self.tracks[party].advance(voiced_until, settled, burst, gap)
            {
                self.opened(party, start);
            }
        }
        if let Some(taken) = self.floor.advance(&self.tracks, &self.settings) {
            if let Some((party, stretch)) = taken.ended {
                out.push(TurnEvent::TurnEnded { party, stretch });
            }
            out.push(TurnEvent::FloorTaken { party: taken.now.party, since: taken.now.since });
        }
        self.watch_talking_over(voice, out);
        self.resolve(voice, out);
    }

    /// The session is over: what is open ends where it was last heard. Call after the voice detectors have been finished and
    /// time has been advanced past the last isolation.
    pub fn finish(&mut self, out: &mut Vec<TurnEvent>) {
        if let Some((party, stretch)) = self.floor.finish() {
            out.push(TurnEvent::TurnEnded { party, stretch });
        }
    }

    fn opened(&mut self, party: Party, start: AudioTime) {
        if self.contest.is_some() {
            self.waiting.push((party, start));
        } else {
            self.contest = self.contest_at(party, start);
            self.bid = false;
        }
    }

    /// The contest that a unit of `party` from `start` on begins, if the other speaks too.
    fn contest_at(&self, party: Party, start: AudioTime) -> Option<Contest> {
        let other = party.other();
        Contest::new(party, start, &self.tracks).or_else(|| {
            // The other's unit may be known first although it began later.
            let own = self.tracks[party].at(start)?.stretch;
            let theirs = self.tracks[other].since(start).next()?.stretch;
            own.contains(theirs.start).then(|| Contest::new(other, theirs.start, &self.tracks)).flatten()
        })
    }

    fn resolve(&mut self, voice: &ByParty<VoiceState>, out: &mut Vec<TurnEvent>) {
        let Some(contest) = self.contest else { return };
        let speaks_on = voice[contest.by].speaking && voice[contest.by.other()].speaking;
        if !self.bid
            && speaks_on
            && !contest.is_collision(&self.settings)
            && contest.overlapped(&self.tracks) >= self.settings.floor_bid
        {
            self.bid = true;
            out.push(TurnEvent::FloorBid { by: contest.by, onset: contest.onset });
        }
        let Some(resolution) = contest.verdict(&self.tracks, &self.settings) else { return };
        let until = match resolution {
            Resolution::Classified(overlap) => {
                out.push(TurnEvent::Overlap(overlap));
                overlap.stretch.end
            }
            Resolution::Grazed => contest.onset,
        };
        let replaced = matches!(resolution, Resolution::Classified(o) if o.class == Class::Interruption);
        if self.bid && !replaced {
            out.push(TurnEvent::BidDropped { by: contest.by, onset: contest.onset });
        }
        self.contest = None;
        self.bid = false;
        let waiting = std::mem::take(&mut self.waiting);
        for (party, start) in waiting {
            if start >= until {
                self.opened(party, start);
            }
        }
    }

    fn watch_talking_over(&mut self, voice: &ByParty<VoiceState>, out: &mut Vec<TurnEvent>) {
        let both = match (self.tracks.rep.open(), self.tracks.client.open()) {
            (Some(rep), Some(client)) => Some((rep, client)),
            _ => None,
        };
        match (both, self.talking_over) {
            (None, Some(_)) => {
                self.talking_over = None;
                let at = voice.rep.voiced_until.min(voice.client.voiced_until);
                out.push(TurnEvent::TalkingOverEnded { at });
            }
            (Some((rep, client)), None) => {
                let since = rep.max(client);
                let until = voice.rep.voiced_until.min(voice.client.voiced_until);
                // The client's own coming in may still be a sign of listening.
                let patience = if client > rep { self.settings.backchannel_max } else { Span::ZERO };
                if until.since(since) >= self.settings.talking_over.max(patience) {
                    self.talking_over = Some(since);
                    out.push(TurnEvent::TalkingOver { since });
                }
            }
            _ => {}
        }
    }
}
