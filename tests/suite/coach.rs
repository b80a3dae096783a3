//! When the overlay speaks up and when it does not, on calls drawn at random and by hand.

use heard::coach::{Coach, CoachEvent, Kind, Nudge, Situation, Wording};
use heard::config::CoachSettings;
use heard::cues::Preparation;
use heard::units::{self, AudioTime, ByParty, Span};
use proptest::prelude::*;

/// Step at which the coach sees time pass.
const STEP: Span = Span::from_millis(100);

/// How a call stands over a stretch of it.
#[derive(Clone, Copy, Debug)]
enum Stretch {
    /// The rep speaks without a pause; the run goes on over stretches.
    RepRuns { secs: u64 },
    /// The rep pauses or the client has the floor.
    Pause { secs: u64 },
    /// The rep talks over the client; whether the rep then gives way.
    TalkingOver { tenths: u64, yields: bool },
    /// A channel is lost while the rep runs on.
    Lost { secs: u64 },
}

fn stretch() -> impl Strategy<Value = Stretch> {
    prop_oneof![
        3 => (1u64..200).prop_map(|secs| Stretch::RepRuns { secs }),
        2 => (1u64..60).prop_map(|secs| Stretch::Pause { secs }),
        3 => (1u64..60, any::<bool>()).prop_map(|(tenths, yields)| Stretch::TalkingOver { tenths, yields }),
        1 => (1u64..30).prop_map(|secs| Stretch::Lost { secs }),
    ]
}

/// What the coach says in a call, and at each nudge how the call stood.
fn coached(call: &[Stretch]) -> Vec<(CoachEvent, Situation)> {
    let mut coach = Coach::new(&CoachSettings::default(), Wording::english(), Preparation::default());
    let (mut now, mut run_since, mut told) = (AudioTime::ZERO, None, Vec::new());
    let mut out = Vec::new();
    for stretch in call {
        let (steps, healthy) = match *stretch {
            Stretch::RepRuns { secs } | Stretch::Pause { secs } => (secs * 10, true),
            Stretch::Lost { secs } => (secs * 10, false),
            Stretch::TalkingOver { tenths, .. } => (tenths, true),
        };
        let over = matches!(stretch, Stretch::TalkingOver { .. }).then_some(now);
        let pause = matches!(stretch, Stretch::Pause { .. });
        run_since = if pause { None } else { run_since.or(Some(now)) };
        for _ in 0..steps {
            now += STEP;
            let situation = Situation {
                run: run_since.map(|since| units::Stretch::new(since, now)),
                talking_over: over,
                speaking: ByParty { rep: !pause, client: over.is_some() },
                healthy,
                ..Situation::default()
            };
            coach.advance(now, &situation, &mut out);
            told.extend(out.drain(..).map(|event| (event, situation)));
        }
        if let Stretch::TalkingOver { yields: true, .. } = stretch {
            now += STEP;
            run_since = None;
            let situation = Situation {
                run: None,
                talking_over: None,
                speaking: ByParty { rep: false, client: true },
                healthy: true,
                ..Situation::default()
            };
            coach.advance(now, &situation, &mut out);
            told.extend(out.drain(..).map(|event| (event, situation)));
        }
    }
    told
}

fn nudges(told: &[(CoachEvent, Situation)]) -> Vec<Nudge> {
    let nudge = |event: &CoachEvent| match event {
        CoachEvent::Nudged(nudge) => Some(nudge.clone()),
        CoachEvent::ActedOn { .. } | CoachEvent::Gone { .. } | CoachEvent::Dismissed { .. } => None,
    };
    told.iter().filter_map(|(event, _)| nudge(event)).collect()
}

fn secs(nudge: &Nudge) -> f64 {
    nudge.at.as_secs_f64()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nudges_are_few_and_far_apart(call in prop::collection::vec(stretch(), 0..60)) {
        let told = coached(&call);
        let nudges = nudges(&told);
        for (i, nudge) in nudges.iter().enumerate() {
            prop_assert!(secs(nudge) >= 60.0, "in the quiet start");
            for earlier in &nudges[..i] {
                let apart = nudge.at - earlier.at;
                prop_assert!(apart >= Span::from_secs(30));
                prop_assert!(apart >= Span::from_secs(120) || earlier.kind != nudge.kind);
            }
            let in_half_an_hour = nudges[..=i].iter().filter(|n| nudge.at - n.at < Span::from_secs(1800)).count();
            prop_assert!(in_half_an_hour <= 6);
        }
    }

    #[test]
    fn nothing_is_said_while_a_channel_is_lost_or_the_reason_is_gone(call in prop::collection::vec(stretch(), 0..60)) {
        for (event, situation) in coached(&call) {
            let CoachEvent::Nudged(nudge) = event else { continue };
            prop_assert!(situation.healthy);
            match nudge.kind {
                Kind::PauseAndAsk => prop_assert!(situation.run.is_some_and(|run| run.len() >= Span::from_secs(120))),
                Kind::LetThemFinish => prop_assert!(situation.talking_over.is_some()),
                kind => prop_assert!(false, "{kind:?} has no rule"),
            }
        }
    }

    #[test]
    fn only_what_was_shown_is_acted_on_and_within_its_time(call in prop::collection::vec(stretch(), 0..60)) {
        let told = coached(&call);
        for (event, _) in &told {
            if let CoachEvent::ActedOn { kind, at } = event {
                prop_assert!(nudges(&told).iter().any(|nudge| nudge.at == *at && nudge.kind == *kind));
            }
        }
        let acted = told.iter().filter(|(event, _)| matches!(event, CoachEvent::ActedOn { .. })).count();
        prop_assert!(acted <= nudges(&told).len());
    }
}

#[test]
fn two_minutes_without_a_pause_ask_for_one_once_a_run() {
    let told = coached(&[
        Stretch::RepRuns { secs: 400 },
        Stretch::Pause { secs: 3 },
        Stretch::RepRuns { secs: 130 },
    ]);
    let nudges = nudges(&told);
    assert_eq!(
        nudges.iter().map(|nudge| nudge.kind).collect::<Vec<_>>(),
        [Kind::PauseAndAsk, Kind::PauseAndAsk]
    );
    assert!((secs(&nudges[0]) - 122.5).abs() < 0.2, "120 s, sustained for 2.5 s: {}", secs(&nudges[0]));
    assert!((secs(&nudges[1]) - 525.5).abs() < 0.2, "{}", secs(&nudges[1]));
}

#[test]
fn a_run_of_just_under_two_minutes_is_left_alone() {
    assert!(nudges(&coached(&[Stretch::RepRuns { secs: 119 }, Stretch::Pause { secs: 2 }])).is_empty());
}

#[test]
fn whoever_pauses_has_acted_on_it() {
    let acted = |pause_after: u64| {
        let call = [Stretch::RepRuns { secs: 123 + pause_after }, Stretch::Pause { secs: 20 }];
        coached(&call).iter().any(|(event, _)| matches!(event, CoachEvent::ActedOn { .. }))
    };
    assert!(acted(10));
    assert!(!acted(20), "after more than 15 s it was not the nudge");
}

#[test]
fn talking_over_is_told_after_a_second_and_giving_way_is_seen() {
    let over = |tenths, yields| {
        coached(&[
            Stretch::Pause { secs: 90 },
            Stretch::TalkingOver { tenths, yields },
            Stretch::Pause { secs: 20 },
        ])
    };
    assert!(nudges(&over(9, true)).is_empty(), "0.9 s is not yet a second");
    let yielded = over(15, true);
    assert_eq!(nudges(&yielded)[0].kind, Kind::LetThemFinish);
    assert!((secs(&nudges(&yielded)[0]) - 91.0).abs() < 0.15);
    assert!(yielded.iter().any(|(event, _)| matches!(event, CoachEvent::ActedOn { .. })));
}
