//! What waits for the recogniser, and what is left out when it is too slow.
//!
//! The age of what waits longest is the signal. Over 2 s: no more partial clips. Over 4 s: neighbours of one party become one
//! clip, which is less work. Over 8 s, or with no more room: the oldest clip of the longer queue is left out, and counted. A
//! patient queue, as for a recording, leaves nothing out: whoever fills it waits.

use std::collections::VecDeque;
use std::time::Duration;

use crate::speech::cutter::LONGEST;
use crate::speech::{Clip, Cut};
use crate::units::{AudioTime, ByParty, Party, Share, Span, Stretch};

/// Words that come later than this after the speech are no help in the call; what they are about has passed.
const NO_PARTIALS: Duration = Duration::from_secs(2);
const MERGE: Duration = Duration::from_secs(4);
const DROP: Duration = Duration::from_secs(8);

/// Clips that wait at most, both parties together: with 12 s each a minute and a half of sound, 6 MB.
pub const ROOM: usize = 8;

/// A longer silence between two clips is not worth working on.
const NEIGHBOURS: Span = Span::from_millis(1500);

/// What became of the voiced sound so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Voiced sound that was to be recognised.
    pub offered: Span,
    /// Of it, what a recogniser has worked on.
    pub recognised: Span,
    /// Of it, what was left out: no time, or the recogniser failed.
    pub lost: Span,
    /// Clips left out because there was no time.
    pub dropped: u32,
    /// Clips that the recogniser could do nothing with.
    pub failed: u32,
    /// Clips that were made one with their neighbour.
    pub merged: u32,
}

impl Tally {
    /// How much of the voiced sound that was dealt with has words; `None` before there was any.
    pub fn coverage(&self) -> Option<Share> {
        Share::of(self.recognised, self.recognised + self.lost)
    }
}

#[derive(Debug)]
struct Waiting {
    cut: Cut,
    since: Duration,
}

/// What waits, by party.
#[derive(Debug)]
pub struct Queue {
    patient: bool,
    waiting: ByParty<VecDeque<Waiting>>,
    partial: ByParty<Option<Waiting>>,
    tally: Tally,
}

impl Queue {
    /// A queue that leaves out what is too old.
    pub fn live() -> Queue {
        Queue::new(false)
    }

    /// A queue that keeps everything; see [`Queue::has_room`].
    pub fn patient() -> Queue {
        Queue::new(true)
    }

    fn new(patient: bool) -> Queue {
        Queue { patient, waiting: ByParty::default(), partial: ByParty::default(), tally: Tally::default() }
    }

    /// Takes a clip at the time `now`, which only needs to go forward.
    pub fn push(&mut self, now: Duration, cut: Cut) {
        let party = cut.clip.party;
        // What is told anew need not be told as it was.
        self.partial[party] = None;
        if cut.partial {
            self.partial[party] = Some(Waiting { cut, since: now });
        } else {
            self.tally.offered += cut.clip.voiced;
            self.waiting[party].push_back(Waiting { cut, since: now });
        }
        self.make_room(now);
    }

    /// The clip to work on next, and since when it waits: what waits longest; a partial one only if nothing else does.
    pub fn next(&mut self, now: Duration) -> Option<(Duration, Cut)> {
        self.make_room(now);
        let since = |party: &Party| self.waiting[*party].front().map(|waiting| waiting.since);
        let party = Party::BOTH.into_iter().filter(|party| since(party).is_some()).min_by_key(since);
        if let Some(party) = party {
            return self.waiting[party].pop_front().map(|waiting| (waiting.since, waiting.cut));
        }
        Party::BOTH
            .into_iter()
            .find_map(|party| self.partial[party].take())
            .map(|waiting| (waiting.since, waiting.cut))
    }

    /// A clip taken by [`Queue::next`], which has waited since then, comes back to be tried again. A partial one is forgotten.
    pub fn give_back(&mut self, since: Duration, cut: Cut) {
        if !cut.partial {
            self.waiting[cut.clip.party].push_front(Waiting { cut, since });
        }
    }

    /// A clip was worked on, whatever came of it.
    pub fn recognised(&mut self, cut: &Cut) {
        if !cut.partial {
            self.tally.recognised += cut.clip.voiced;
        }
    }

    /// A clip could not be worked on.
    pub fn failed(&mut self, cut: &Cut) {
        if !cut.partial {
            self.tally.failed += 1;
            self.tally.lost += cut.clip.voiced;
        }
    }

    /// Nobody will work on what waits.
    pub fn abandon(&mut self) {
        for party in Party::BOTH {
            self.partial[party] = None;
            while self.drop_oldest(party) {}
        }
    }

    /// Whether a patient queue should be given more now.
    pub fn has_room(&self) -> bool {
        self.len() < ROOM
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.waiting.rep.len() + self.waiting.client.len()
    }

    /// How long the oldest clip has waited.
    pub fn age(&self, now: Duration) -> Duration {
        let oldest = Party::BOTH.into_iter().filter_map(|party| self.waiting[party].front());
        oldest.map(|waiting| now.saturating_sub(waiting.since)).max().unwrap_or_default()
    }

    /// Whether there is time for partial clips.
    pub fn keeps_up(&self, now: Duration) -> bool {
        self.age(now) <= NO_PARTIALS
    }

    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn make_room(&mut self, now: Duration) {
        if self.patient {
            return;
        }
        if self.age(now) > NO_PARTIALS {
            self.partial = ByParty::default();
        }
        if self.age(now) > MERGE {
            Party::BOTH.into_iter().for_each(|party| self.merge(party));
        }
        while self.age(now) > DROP || self.len() > ROOM {
            let sound = |party: &Party| {
                self.waiting[*party].iter().map(|waiting| waiting.cut.clip.len()).sum::<Span>()
            };
            let longer = Party::BOTH.into_iter().max_by_key(sound);
            if !longer.is_some_and(|party| self.drop_oldest(party)) {
                break;
            }
        }
    }

    fn drop_oldest(&mut self, party: Party) -> bool {
        let Some(Waiting { cut, .. }) = self.waiting[party].pop_front() else { return false };
        self.tally.dropped += 1;
        self.tally.lost += cut.clip.voiced;
        true
    }

    /// Makes one clip of neighbours where that is no longer than a clip may be.
    fn merge(&mut self, party: Party) {
        let mut merged: VecDeque<Waiting> = VecDeque::new();
        for next in self.waiting[party].drain(..) {
            match merged.back_mut() {
                Some(last) if fit(&last.cut, &next.cut) => {
                    last.cut = joined(&last.cut, &next.cut);
                    self.tally.merged += 1;
                }
                _ => merged.push_back(next),
            }
        }
        self.waiting[party] = merged;
    }
}

fn end(clip: &Clip) -> AudioTime {
    clip.start + clip.len()
}

fn fit(first: &Cut, second: &Cut) -> bool {
    let gap = second.clip.start.since(end(&first.clip));
    gap <= NEIGHBOURS && (end(&second.clip).since(first.clip.start)) <= LONGEST
}

/// Both clips and the silence between them. Where their edges share sound, it is taken once.
fn joined(first: &Cut, second: &Cut) -> Cut {
    let mut samples = first.clip.samples.clone();
    samples.resize(second.clip.start.since(first.clip.start).ticks() as usize, 0.0);
    samples.extend_from_slice(&second.clip.samples);
    Cut {
        clip: Clip {
            party: first.clip.party,
            start: first.clip.start,
            samples,
            voiced: first.clip.voiced + second.clip.voiced,
        },
        speech: Stretch::new(first.speech.start, second.speech.end),
        partial: false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(party: Party, start_ms: u64, length_ms: u64) -> Cut {
        let (start, length) = (AudioTime::from_millis(start_ms), Span::from_millis(length_ms));
        let clip = Clip {
            party,
            start,
            samples: vec![0.5; length.ticks() as usize],
            voiced: length - Span::from_millis(100),
        };
        Cut { clip, speech: Stretch::new(start, start + length), partial: false }
    }

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn what_waits_longest_comes_first_whoever_said_it() {
        let mut queue = Queue::live();
        queue.push(secs(1), cut(Party::Client, 0, 1000));
        queue.push(secs(2), cut(Party::Rep, 1000, 1000));
        let mut partial = cut(Party::Rep, 2000, 3000);
        partial.partial = true;
        queue.push(secs(2), partial);
        let order: Vec<(Party, bool)> = std::iter::from_fn(|| queue.next(secs(2)))
            .map(|(_, cut)| (cut.clip.party, cut.partial))
            .collect();
        assert_eq!(order, [(Party::Client, false), (Party::Rep, false), (Party::Rep, true)]);
    }

    #[test]
    fn age_first_stops_partials_then_merges_then_drops() {
        let mut queue = Queue::live();
        queue.push(secs(0), cut(Party::Rep, 0, 1000));
        queue.push(secs(1), cut(Party::Rep, 1500, 1000));
        queue.push(secs(1), cut(Party::Client, 2500, 1000));
        assert!(queue.keeps_up(secs(2)) && !queue.keeps_up(secs(3)));
        let mut partial = cut(Party::Client, 4000, 3000);
        partial.partial = true;
        queue.push(secs(3), partial);
        assert!(queue.partial.client.is_none(), "no time for partial clips");
        queue.push(secs(5), cut(Party::Client, 9000, 500));
        assert_eq!((queue.tally().merged, queue.tally().dropped), (1, 0), "0 to 2.5 s is one clip");
        assert_eq!(queue.len(), 3);
        queue.make_room(secs(9));
        assert_eq!(queue.tally().dropped, 1, "the rep's, which is the longer queue and the oldest");
        assert_eq!(queue.tally().lost, Span::from_millis(1800));
        assert_eq!(queue.next(secs(9)).map(|(_, cut)| cut.clip.party), Some(Party::Client));
    }

    #[test]
    fn a_patient_queue_leaves_nothing_out() {
        let mut queue = Queue::patient();
        for n in 0..20 {
            queue.push(secs(n), cut(Party::Rep, n * 1000, 800));
        }
        assert!(!queue.has_room());
        assert_eq!(std::iter::from_fn(|| queue.next(secs(500))).count(), 20);
        assert_eq!(queue.tally().lost, Span::ZERO);
    }

    #[test]
    fn a_joined_clip_holds_both_and_the_silence_between() {
        let (first, second) = (cut(Party::Rep, 1000, 1000), cut(Party::Rep, 2500, 700));
        let both = joined(&first, &second);
        assert_eq!(both.clip.len(), Span::from_millis(2200));
        assert_eq!(both.speech, Stretch::new(AudioTime::from_millis(1000), AudioTime::from_millis(3200)));
        let silent = both.clip.samples.iter().filter(|sample| **sample == 0.0).count();
        assert_eq!(silent, 500 * 16);
        // The second clip's run-up reaches into the first clip's end.
        let overlapping = joined(&first, &cut(Party::Rep, 1900, 700));
        assert_eq!(overlapping.clip.len(), Span::from_millis(1600));
    }

    proptest! {
        #[test]
        fn everything_offered_is_recognised_lost_or_still_there(
            steps in prop::collection::vec((0u64..3, any::<bool>(), 300u64..12_000, 0u8..4), 1..60)
        ) {
            let mut queue = Queue::live();
            let (mut now, mut at, mut offered) = (Duration::ZERO, 0, Span::ZERO);
            for (wait, rep, length, act) in steps {
                now += secs(wait);
                match act {
                    0 => if let Some((_, cut)) = queue.next(now) { queue.recognised(&cut) },
                    1 => if let Some((_, cut)) = queue.next(now) { queue.failed(&cut) },
                    _ => {
                        let party = if rep { Party::Rep } else { Party::Client };
                        let cut = cut(party, at, length);
                        at += length + 400;
                        offered += cut.clip.voiced;
                        queue.push(now, cut);
                    }
                }
                let waiting: Span = Party::BOTH
                    .into_iter()
                    .flat_map(|party| &queue.waiting[party])
                    .map(|waiting| waiting.cut.clip.voiced)
                    .sum();
                let tally = queue.tally();
                prop_assert_eq!(tally.offered, offered);
                prop_assert_eq!(tally.recognised + tally.lost + waiting, offered);
                prop_assert!(queue.len() <= ROOM);
                queue.make_room(now);
                prop_assert!(queue.age(now) <= DROP);
                for party in Party::BOTH {
                    let starts: Vec<AudioTime> =
                        queue.waiting[party].iter().map(|waiting| waiting.cut.clip.start).collect();
                    prop_assert!(starts.is_sorted());
                    prop_assert!(queue.waiting[party].iter().all(|waiting| waiting.cut.clip.len() <= LONGEST));
                }
            }
        }
    }
}
