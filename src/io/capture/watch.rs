//! Which device each party is heard from: chosen, lost, found again. Time is an argument, the host a trait.
//!
//! The rule is one sentence: a party is heard from the device that was asked for if it is there, else from the system's
//! default, and never from the device of the other party.

use std::time::Duration;

use super::{CaptureError, Clock, Host, Kind, Outlet, Pulse, Source, Stream};
use crate::units::{ByParty, Party};

/// A device that always sends and has been silent for so long is lost: 35 blocks late, and told within a second.
const STALE: Duration = Duration::from_millis(700);

/// A device that has just been opened may take so long to begin: PulseAudio's null sinks sleep for two seconds.
const BEGINNING: Duration = Duration::from_secs(3);

/// Between two looks at what devices there are; a device that ends its stream is noticed at once.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The same where the system tells by itself: a safety net, for news that got lost.
const LOOK_SELDOM: Duration = Duration::from_secs(5);

/// News is looked into no faster than this: a volume that is being turned is news as well.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Waiting before a device is tried again: doubled each time up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// What a party is to be heard from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Whatever the system's default is at the time.
    Default,
    /// A device by its name, its identifier, or a part of one that fits no other.
    Named(String),
    /// Not at all.
    Nothing,
}

/// Something happened to a party's device.
pub enum Notice {
    Opened {
        party: Party,
        name: String,
        outlet: Outlet,
        epoch_nanos: i128,
        real_time: Option<bool>,
    },
    /// The device is gone, or says nothing any more.
    Lost {
        party: Party,
        name: String,
    },
}

/// The devices of both parties.
pub struct Watch {
    wishes: ByParty<Wish>,
    open: ByParty<Option<Listening>>,
    tries: ByParty<Tries>,
    /// When it was last looked what devices there are; `None` before the first time.
    looked: Option<Duration>,
    /// The system tells when that changes, and has done so.
    told: bool,
    rung: bool,
}

struct Listening {
    source: Source,
    pulse: Pulse,
    blocks: u64,
    /// When the last block was seen.
    fresh: Duration,
    _stream: Box<dyn Stream>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    not_before: Duration,
    wait: Duration,
}

impl Tries {
    fn failed(&mut self, now: Duration) {
        self.wait = (self.wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
        self.not_before = now + self.wait;
    }
}

impl Watch {
    pub fn new(wishes: ByParty<Wish>) -> Watch {
        let (open, tries) = (ByParty::default(), ByParty::default());
        Watch { wishes, open, tries, looked: None, told: false, rung: false }
    }

    /// From now on the system tells when there is something to look at ([`Watch::ring`]), or tells no more.
    pub fn is_told(&mut self, told: bool) {
        self.told = told;
    }

    /// Something has happened to the system's devices.
    pub fn ring(&mut self) {
        self.rung = true;
    }

    /// Opens what was asked for, all of it or nothing.
    ///
    /// # Errors
    /// If a device is not there, not clear from its name, or cannot be opened.
    pub fn begin(&mut self, host: &mut dyn Host, clock: &Clock) -> Result<Vec<Notice>, CaptureError> {
        let sources = host.sources()?;
        let mut chosen = ByParty::<Option<Source>>::default();
        for party in Party::BOTH {
            chosen[party] = choose(&self.wishes[party], Kind::of(party), &sources)?;
        }
        if let (Some(rep), Some(client)) = (&chosen.rep, &chosen.client)
            && rep.id == client.id
        {
            return Err(CaptureError::Same);
        }
        let mut notices = Vec::new();
        for party in Party::BOTH {
            if let Some(source) = chosen[party].take() {
                self.listen(party, source, host, clock, clock.now(), &mut notices)?;
            }
        }
        Ok(notices)
    }

    /// Looks after the devices; to be called several times a second.
    ///
    /// # Errors
    /// If the host itself is gone: everything is lost then, and another host is needed.
    pub fn step(
        &mut self,
        now: Duration,
        host: &mut dyn Host,
        clock: &Clock,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CaptureError> {
        let pause = match (self.told, self.rung) {
            (_, true) => LOOK_AGAIN,
            (true, false) if self.has_all() => LOOK_SELDOM,
            _ => LOOK_EVERY,
        };
        let mut look = self.looked.is_none_or(|looked| now >= looked + pause);
        for party in Party::BOTH {
            let Some(listening) = &mut self.open[party] else { continue };
            if listening.is_lost(now, host.is_always_sending(Kind::of(party))) {
                self.lose(party, notices);
                self.tries[party].failed(now);
                look = true;
            } else if listening.blocks > 0 {
                self.tries[party] = Tries::default();
            }
        }
        if !look {
            return Ok(());
        }
        (self.looked, self.rung) = (Some(now), false);
        let sources = host.sources().inspect_err(|_| self.lose_all(notices))?;
        let mut best = ByParty::from_fn(|party| self.best(party, &sources));
        if let (Some(rep), Some(client)) = (&best.rep, &best.client)
            && rep.id == client.id
        {
            // Who has it keeps it; the other waits for a device of its own.
            let keeps = if self.is_heard_from(Party::Rep, &rep.id) { Party::Rep } else { Party::Client };
            best[keeps.other()] = None;
        }
        for party in Party::BOTH {
            let best = best[party].take();
            if self.open[party]
                .as_ref()
                .is_some_and(|open| best.as_ref().is_none_or(|best| best.id != open.source.id))
            {
                self.lose(party, notices);
                self.tries[party] = Tries::default();
            }
            if let Some(source) =
                best.filter(|_| self.open[party].is_none() && now >= self.tries[party].not_before)
                && self.listen(party, source, host, clock, now, notices).is_err()
            {
                self.tries[party].failed(now);
            }
        }
        Ok(())
    }

    /// Closes everything and tells so; the next [`Watch::step`] opens it again. After the computer slept, or its sound did.
    pub fn lose_all(&mut self, notices: &mut Vec<Notice>) {
        Party::BOTH.into_iter().for_each(|party| self.lose(party, notices));
        self.looked = None;
    }

    /// Whether every party that is to be heard is. Else a device may be waiting to be tried again.
    fn has_all(&self) -> bool {
        Party::BOTH.into_iter().all(|party| self.open[party].is_some() || self.wishes[party] == Wish::Nothing)
    }

    fn is_heard_from(&self, party: Party, id: &str) -> bool {
        self.open[party].as_ref().is_some_and(|open| open.source.id == id)
    }

    fn lose(&mut self, party: Party, notices: &mut Vec<Notice>) {
        if let Some(listening) = self.open[party].take() {
            notices.push(Notice::Lost { party, name: listening.source.name });
        }
    }

    fn listen(
        &mut self,
        party: Party,
        source: Source,
        host: &mut dyn Host,
        clock: &Clock,
        now: Duration,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CaptureError> {
        let opened = host.open(&source, clock)?;
        let name = source.name.clone();
        self.open[party] =
            Some(Listening { source, pulse: opened.pulse, blocks: 0, fresh: now, _stream: opened.stream });
        notices.push(Notice::Opened {
            party,
            name,
            outlet: opened.outlet,
            epoch_nanos: opened.epoch_nanos,
            real_time: opened.real_time,
        });
        Ok(())
    }

    /// What a party should be heard from now.
    fn best(&self, party: Party, sources: &[Source]) -> Option<Source> {
        let wish = &self.wishes[party];
        if *wish == Wish::Nothing {
            return None;
        }
        let asked = choose(wish, Kind::of(party), sources).ok().flatten();
        asked.or_else(|| choose(&Wish::Default, Kind::of(party), sources).ok().flatten())
    }
}

impl Listening {
    fn is_lost(&mut self, now: Duration, always_sending: bool) -> bool {
        let blocks = self.pulse.blocks();
        if blocks != self.blocks {
            (self.blocks, self.fresh) = (blocks, now);
        }
        let patience = if blocks == 0 { BEGINNING } else { STALE };
        self.pulse.has_stopped() || (always_sending && now.saturating_sub(self.fresh) >= patience)
    }
}

/// The source that a wish means; `None` if nothing is wished.
fn choose(wish: &Wish, kind: Kind, sources: &[Source]) -> Result<Option<Source>, CaptureError> {
    let of_kind = || sources.iter().filter(move |source| source.kind == kind);
    let name = match wish {
        Wish::Nothing => return Ok(None),
        Wish::Default => {
            let found = of_kind().find(|source| source.default).or_else(|| of_kind().next());
            return match (found, kind) {
                (Some(source), _) => Ok(Some(source.clone())),
                (None, Kind::Microphone) => Err(CaptureError::NoMicrophone),
                (None, Kind::Playback) => Err(CaptureError::NoPlayback),
            };
        }
        Wish::Named(name) => name,
    };
    let wanted = name.to_lowercase();
    // Exactly the identifier, exactly the name, a part of either: the first that fits anything decides.
    let tests: [&dyn Fn(&Source) -> bool; 3] =
        [&|source| source.id == *name, &|source| source.name.to_lowercase() == wanted, &|source| {
            source.name.to_lowercase().contains(&wanted) || source.id.to_lowercase().contains(&wanted)
        }];
    for test in tests {
        let fitting: Vec<&Source> = of_kind().filter(|source| test(source)).collect();
        match fitting[..] {
            [] => {}
            [source] => return Ok(Some(source.clone())),
            _ => {
                let fitting: Vec<String> =
                    fitting.iter().map(|source| format!("{} [{}]", source.name, source.id)).collect();
                return Err(CaptureError::Ambiguous { name: name.clone(), fitting: fitting.join(", ") });
            }
        }
    }
    let what = match kind {
        Kind::Microphone => "microphone",
        Kind::Playback => "output",
    };
    Err(CaptureError::Unknown { what, name: name.clone() })
}
