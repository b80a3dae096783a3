//! What holds for every conversation, on drawn ones chosen at random.

use std::collections::HashSet;

use crate::drawn::{Row, Told, converse};
use heard::config::Settings;
use heard::turns::{Class, TurnEvent};
use heard::units::{AudioTime, ByParty, Party, Share, Span, Stretch};
use heard::voice::Ending;
use proptest::prelude::*;

/// A row: silences and voices in turn, in steps of 10 ms, from clicks to speeches.
fn row() -> impl Strategy<Value = Row> {
    let pause = prop_oneof![3 => 1u64..60, 3 => 60u64..200, 1 => 200u64..1500];
    let voice = prop_oneof![1 => 1u64..15, 3 => 15u64..130, 3 => 130u64..800];
    prop::collection::vec((pause, voice, any::<bool>()), 0..25).prop_map(|pieces| {
        let mut at = AudioTime::ZERO;
        let mut row = Row::default();
        for (pause, voice, broken_off) in pieces {
            let start = at + Span::from_millis(10 * pause);
            at = start + Span::from_millis(10 * voice);
            row.voiced.push((start, at, if broken_off { Ending::BrokenOff } else { Ending::Faded }));
        }
        row
    })
}

fn conversation() -> impl Strategy<Value = ByParty<Row>> {
    (row(), row()).prop_map(|(rep, client)| ByParty { rep, client })
}

fn told(rows: &ByParty<Row>) -> Told {
    converse(rows, &Settings::default())
}

fn units(told: &Told, party: Party) -> Vec<Stretch> {
    let of_party = |event: &TurnEvent| match event {
        TurnEvent::Ipu { party: p, ipu } if *p == party => Some(ipu.stretch),
        _ => None,
    };
    told.events.iter().filter_map(|(_, event)| of_party(event)).collect()
}

fn turns(told: &Told) -> Vec<(Party, Stretch)> {
    let turn = |event: &TurnEvent| match event {
        TurnEvent::TurnEnded { party, stretch } => Some((*party, *stretch)),
        _ => None,
    };
    told.events.iter().filter_map(|(_, event)| turn(event)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_instant_is_accounted_for_once(rows in conversation()) {
        let told = told(&rows);
        prop_assert_eq!(told.figures.account.total(), told.end - AudioTime::ZERO);
        for party in Party::BOTH {
            let spoken: Span = units(&told, party).into_iter().map(Stretch::len).sum();
            let account = told.figures.account;
            let alone = if party == Party::Rep { account.rep_alone } else { account.client_alone };
            prop_assert_eq!(alone + account.both, spoken);
        }
    }

    #[test]
    fn shares_add_to_one(rows in conversation()) {
        let talk = told(&rows).figures.talk;
        let whole = talk.rep.talk + talk.client.talk;
        if let (Some(rep), Some(client)) = (Share::of(talk.rep.talk, whole), Share::of(talk.client.talk, whole)) {
            prop_assert!((rep.as_f64() + client.as_f64() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn turns_of_one_party_never_overlap_and_parties_alternate(rows in conversation()) {
        let turns = turns(&told(&rows));
        for pair in turns.windows(2) {
            prop_assert_ne!(pair[0].0, pair[1].0, "the same party twice in a row");
        }
        for party in Party::BOTH {
            let own: Vec<Stretch> = turns.iter().filter(|(p, _)| *p == party).map(|(_, s)| *s).collect();
            for pair in own.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
        }
    }

    #[test]
    fn talk_time_is_all_speech_but_backchannels(rows in conversation()) {
        let told = told(&rows);
        for party in Party::BOTH {
            let spoken: Span = units(&told, party).into_iter().map(Stretch::len).sum();
            let talk = told.figures.talk[party];
            prop_assert!(talk.talk <= spoken);
            if talk.backchannels == 0 {
                prop_assert_eq!(talk.talk, spoken);
            }
        }
    }

    #[test]
    fn an_overlap_is_told_once_and_both_spoke_in_it(rows in conversation()) {
        let told = told(&rows);
        let mut seen = HashSet::new();
        for (_, event) in &told.events {
            let TurnEvent::Overlap(overlap) = event else { continue };
            prop_assert!(seen.insert(overlap.stretch.start), "two overlaps from one moment");
            prop_assert!(overlap.stretch.len() >= Span::from_millis(100));
            for party in Party::BOTH {
                prop_assert!(units(&told, party).iter().any(|unit| unit.overlap(overlap.stretch).is_some()));
            }
            prop_assert_eq!(overlap.outcome.is_some(), overlap.class == Class::Interruption);
            prop_assert!((0.0..=1.0).contains(&overlap.confidence));
        }
    }

    #[test]
    fn every_bid_is_answered(rows in conversation()) {
        let mut open: Option<AudioTime> = None;
        for (_, event) in told(&rows).events {
            match event {
                TurnEvent::FloorBid { onset, .. } => {
                    prop_assert!(open.is_none(), "two bids at once");
                    open = Some(onset);
                }
                TurnEvent::BidDropped { onset, .. } => prop_assert_eq!(open.take(), Some(onset)),
                TurnEvent::Overlap(o) if o.class == Class::Interruption => open = None,
                _ => {}
            }
        }
        prop_assert!(open.is_none(), "a bid was never settled");
    }

    #[test]
    fn swapping_the_parties_swaps_the_findings(rows in conversation()) {
        let swapped = ByParty { rep: rows.client.clone(), client: rows.rep.clone() };
        let one: Vec<_> = overlaps(&told(&rows)).map(|(by, start, class)| (by.other(), start, class)).collect();
        let other: Vec<_> = overlaps(&told(&swapped)).collect();
        // Who began first is open when both began in the same step.
        let together = |start: &AudioTime| {
            let begins = |row: &Row| row.voiced.iter().any(|(at, ..)| at == start);
            begins(&rows.rep) && begins(&rows.client)
        };
        if !one.iter().any(|(_, start, _)| together(start)) {
            prop_assert_eq!(one, other);
        }
    }
}

fn overlaps(told: &Told) -> impl Iterator<Item = (Party, AudioTime, Class)> + '_ {
    told.events.iter().filter_map(|(_, event)| match event {
        TurnEvent::Overlap(overlap) => Some((overlap.by, overlap.stretch.start, overlap.class)),
        _ => None,
    })
}
