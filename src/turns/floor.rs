//! Who has the right to speak: the floor changes hands only for speech that the other lets stand.
//!
//! The floor is taken by a cluster (units with gaps under `cluster_gap`) that has run for `floor` with the other silent, or by
//! a shorter one after which the other stays silent for `short_answer`. A turn runs from there until the other takes the
//! floor, own pauses included.

use super::Track;
use crate::config::TurnSettings;
use crate::units::{AudioTime, ByParty, Party, Stretch};

/// Who holds the floor, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub party: Party,
    /// Start of the cluster that took the floor.
    pub since: AudioTime,
}

/// The floor changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub now: Holder,
    /// The turn that ended with it.
    pub ended: Option<(Party, Stretch)>,
}

#[derive(Debug, Default)]
pub struct Floor {
    holder: Option<Holder>,
    /// End of the holder's speech so far.
    held_until: AudioTime,
}

impl Floor {
    pub fn holder(&self) -> Option<Holder> {
        self.holder
    }

    /// Looks whether the floor changed hands by now.
    pub fn advance(&mut self, tracks: &ByParty<Track>, settings: &TurnSettings) -> Option<Taken> {
        let taken = Party::BOTH.into_iter().find_map(|party| {
            let free = self.holder.is_none_or(|holder| holder.party != party);
            let since = free.then(|| takes(party, tracks, settings)).flatten()?;
            Some(Holder { party, since })
        });
        if let Some(now) = taken {
            let ended = self.finish();
            self.holder = Some(now);
            self.held_until = now.since;
            self.hold(tracks);
            return Some(Taken { now, ended });
        }
        self.hold(tracks);
        None
    }

    /// The turn that is running, ended where its holder last spoke.
    pub fn finish(&mut self) -> Option<(Party, Stretch)> {
        let holder = self.holder.take()?;
        Some((holder.party, Stretch::new(holder.since, self.held_until)))
    }

    fn hold(&mut self, tracks: &ByParty<Track>) {
        if let Some(holder) = self.holder
            && let Some(latest) = tracks[holder.party].latest()
        {
            self.held_until = self.held_until.max(latest.stretch.end);
        }
    }
}

/// Start of the cluster with which `party` takes the floor now, if it does.
fn takes(party: Party, tracks: &ByParty<Track>, settings: &TurnSettings) -> Option<AudioTime> {
    let (own, other) = (&tracks[party], &tracks[party.other()]);
    let latest = own.latest()?.stretch;
    let start = own.cluster_start();
    let other_until = match other.latest() {
        _ if other.open().is_some() => return None,
        Some(ipu) => ipu.stretch.end,
        None => AudioTime::ZERO,
    };
    let alone_from = start.max(other_until);
    let alone = Stretch::new(alone_from, latest.end);
    if alone.len() >= settings.floor {
        return Some(start);
    }
    let over_speech = other.at(start).is_some();
    let heard_out = if over_speech { settings.isolation } else { settings.short_answer };
    let own_over = own.open().is_none() && own.settled().since(latest.end) >= settings.cluster_gap;
    let other_silent = other_until < latest.end && other.settled().since(latest.end) >= heard_out;
    (own_over && other_silent).then_some(start)
}
