//! When the overlay speaks up and when it does not, on calls drawn at random and by hand.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use heard::coach::{Coach, CoachEvent, Kind, Nudge, Situation, Wording};
use heard::config::{CoachSettings, Settings};
use heard::cues::{self, CueEvent, CueKind, Preparation, Reader};
use heard::session::coaching::{Coaching, Course, LOOK, known_at};
use heard::session::said::Understanding;
use heard::session::{Event, What};
use heard::speech::{Source, Utterance};
use heard::turns::TurnEvent;
use heard::units::{self, AudioTime, ByParty, Party, Span};
use proptest::prelude::*;

use crate::drawn::converse_before;
use crate::talks::{Dice, Need, Talk, draw};

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

static READER: LazyLock<Reader> = LazyLock::new(|| Reader::english().expect("the program's own data"));

/// What happens to a conversation besides what is said in it.
#[derive(Clone, Copy, Debug)]
struct Fate {
    /// Of 100 nudges so many are waved away a second later.
    dismisses: u64,
    /// A channel is lost every so many seconds, for a fifth of the time; 0 is never.
    loses_every: u64,
}

const KINDLY: Fate = Fate { dismisses: 0, loses_every: 0 };

/// Coaches a conversation as it goes: words become known up to two seconds after the pause that ended them.
fn coach(talk: &Talk, fate: Fate, seed: u64) -> Vec<Event> {
    let settings = Settings::default();
    let understanding = Understanding::new(READER.clone(), None).prepared(talk.prepared.clone());
    let mut coaching = Coaching::new(&settings.coach, Wording::english(), Some(&understanding));
    let mut dice = Dice(seed);
    let mut words: Vec<_> = talk
        .said
        .iter()
        .map(|utterance| (utterance.stretch.end + Span::from_millis(dice.between(700, 2500)), utterance))
        .collect();
    words.sort_by_key(|(known, _)| *known);
    let mut words = words.into_iter().peekable();
    let (mut told, mut talking_over, mut wave) = (Vec::new(), None, None);
    converse_before(&talk.rows, &settings, |now, voice, metrics, concluded| {
        for event in concluded {
            match event {
                TurnEvent::TalkingOver { since } => talking_over = Some(*since),
                TurnEvent::TalkingOverEnded { .. } => talking_over = None,
                _ => {}
            }
            coaching.turn(event);
        }
        if !now.ticks().is_multiple_of(LOOK.ticks()) {
            return;
        }
        while let Some((_, utterance)) = words.next_if(|(known, _)| *known <= now) {
            coaching.hear(now, utterance, &mut told);
        }
        if wave.is_some_and(|at| now >= at) {
            wave = None;
            coaching.dismiss(now, &mut told);
        }
        let secs = now.as_secs_f64() as u64;
        let lost = fate.loses_every > 0 && secs % fate.loses_every < fate.loses_every / 5;
        let situation = Situation {
            run: metrics.run(),
            recent_share: metrics.recent_share(),
            talk: metrics.talk(),
            talking_over,
            speaking: voice.map(|voice| voice.speaking),
            healthy: !lost,
        };
        let before = told.len();
        coaching.advance(now, &situation, &mut told);
        for event in &told[before..] {
            if let What::Coach(CoachEvent::Nudged(nudge)) = &event.what {
                assert!(!lost, "{:?} while a channel was lost", nudge.kind);
                if dice.chance(fate.dismisses) {
                    wave = Some(now + Span::from_secs(1));
                }
            }
        }
    });
    told
}

fn shown(told: &[Event]) -> Vec<&Nudge> {
    told.iter()
        .filter_map(|event| match &event.what {
            What::Coach(CoachEvent::Nudged(nudge)) => Some(nudge),
            _ => None,
        })
        .collect()
}

/// The policy, as DESIGN has it, whatever the conversation.
fn check_policy(told: &[Event]) {
    let nudges = shown(told);
    let dismissals = |kind: Kind, before: AudioTime| {
        told.iter()
            .filter(|event| {
                matches!(event.what, What::Coach(CoachEvent::Dismissed { kind: of, .. }) if of == kind)
                    && event.at < before
            })
            .count()
    };
    for (i, nudge) in nudges.iter().enumerate() {
        assert!(nudge.at >= AudioTime::from_millis(60_000), "{:?} in the first minute", nudge.kind);
        assert!((1..=4).contains(&nudge.text.split_whitespace().count()), "{}", nudge.text);
        let earlier = &nudges[..i];
        assert!(earlier.iter().all(|other| nudge.at - other.at >= Span::from_secs(30)), "within 30 s");
        let waved = dismissals(nudge.kind, nudge.at);
        assert!(waved < 2, "{:?} was dismissed twice", nudge.kind);
        let gap = Span::from_secs(120 << waved);
        let again = earlier.iter().rfind(|other| other.kind == nudge.kind);
        assert!(again.is_none_or(|other| nudge.at - other.at >= gap), "{:?} too soon again", nudge.kind);
        let recent = earlier.iter().filter(|other| nudge.at - other.at < Span::from_secs(1800)).count();
        assert!(recent < 6, "a seventh in half an hour");
    }
    let mut showing: Option<AudioTime> = None;
    for event in told {
        let What::Coach(coach) = &event.what else { continue };
        match coach {
            CoachEvent::Nudged(nudge) => {
                assert_eq!(showing, None, "one at a time");
                showing = Some(nudge.at);
            }
            CoachEvent::Gone { at, .. } => {
                assert_eq!(showing.take(), Some(*at));
                assert!(event.at - *at <= Span::from_millis(4600), "shown too long");
            }
            CoachEvent::ActedOn { at, .. } | CoachEvent::Dismissed { at, .. } => {
                assert!(nudges.iter().any(|nudge| nudge.at == *at));
                assert!(event.at - *at <= Span::from_secs(24));
            }
        }
    }
}

/// A nudge by time alone is right by its definition; the others are right where the script has a need.
fn is_called_for(nudge: &Nudge, needs: &[Need]) -> bool {
    let by_time = matches!(nudge.kind, Kind::PauseAndAsk | Kind::LetThemFinish | Kind::GiveItThree);
    by_time || needs.iter().any(|need| need.kinds.contains(&nudge.kind) && need.within.contains(nudge.at))
}

#[test]
fn no_rule_of_the_policy_is_ever_broken() {
    for seed in 0..40 {
        let fate = Fate { dismisses: 40, loses_every: [0, 45, 100][seed as usize % 3] };
        check_policy(&coach(&draw(seed), fate, seed));
    }
}

#[test]
fn a_recording_is_coached_as_if_its_words_had_come_in_time() {
    let settings = Settings::default();
    let coaching = |talk: &Talk| {
        let understanding = Understanding::new(READER.clone(), None).prepared(talk.prepared.clone());
        Coaching::new(&settings.coach, Wording::english(), Some(&understanding))
    };
    let mut seen = 0;
    for seed in 0..12 {
        let talk = draw(seed);
        let (mut course, mut live, mut in_time) = (Course::default(), coaching(&talk), Vec::new());
        let mut words: Vec<&Utterance> = talk.said.iter().collect();
        words.sort_by_key(|utterance| (known_at(utterance), utterance.stretch.start));
        let mut words = words.into_iter().peekable();
        converse_before(&talk.rows, &settings, |now, voice, metrics, concluded| {
            for event in concluded {
                live.turn(event);
                course.turn(now, *event);
            }
            if now.ticks().is_multiple_of(LOOK.ticks()) {
                let situation = Situation {
                    run: metrics.run(),
                    recent_share: metrics.recent_share(),
                    talk: metrics.talk(),
                    talking_over: None,
                    speaking: voice.map(|voice| voice.speaking),
                    healthy: true,
                };
                while let Some(utterance) = words.next_if(|next| known_at(next) <= now) {
                    live.hear(now, utterance, &mut in_time);
                }
                live.advance(now, &situation, &mut in_time);
                course.stands(now, situation);
            }
        });
        let mut afterwards = Vec::new();
        course.coach(&mut coaching(&talk), &talk.said, &mut afterwards);
        let advice = |told: &[Event]| -> Vec<Event> {
            told.iter().filter(|event| matches!(event.what, What::Coach(_))).cloned().collect()
        };
        assert_eq!(advice(&in_time), advice(&afterwards), "{seed}");
        seen += advice(&in_time).len();
    }
    assert!(seen > 10, "{seen} events: nothing was compared");
}

/// Two hundred conversations: what is called for is said, and little else.
#[test]
fn what_is_called_for_is_said_and_little_else() {
    let (mut hours, mut wanted, mut given) = (0.0, 0, 0);
    let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut false_ones, mut missed): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for seed in 1000..1200 {
        let talk = draw(seed);
        let told = coach(&talk, KINDLY, seed);
        check_policy(&told);
        let nudges = shown(&told);
        hours += talk.end.as_secs_f64() / 3600.0;
        for need in &talk.needs {
            let met =
                nudges.iter().any(|nudge| need.kinds.contains(&nudge.kind) && need.within.contains(nudge.at));
            // Another nudge may stand so near that the policy keeps silent.
            let silent = nudges.iter().any(|nudge| {
                nudge.at <= need.within.end && need.within.start.since(nudge.at) < Span::from_secs(30)
            });
            if met || !silent {
                wanted += 1;
                given += usize::from(met);
                let (of, met_of) = by_kind.entry(need.kinds[0].name()).or_insert((0, 0));
                *of += 1;
                *met_of += usize::from(met);
            }
            if !met && !silent {
                let words = talk.said.iter().filter(|said| need.within.contains(said.stretch.start));
                let words: Vec<&str> = words.map(|said| said.text.as_str()).take(2).collect();
                missed.push(format!(
                    "{seed}: {:?} at {:.0} s {words:?}",
                    need.kinds,
                    need.within.start.as_secs_f64()
                ));
            }
        }
        for nudge in nudges.iter().filter(|nudge| !is_called_for(nudge, &talk.needs)) {
            let before = talk.said.iter().rfind(|said| said.stretch.end + Span::from_secs(3) <= nudge.at);
            let words = before.map_or("", |said| said.text.as_str());
            false_ones.push(format!("{seed}: {:?} at {:.0} s: {words}", nudge.kind, secs(nudge)));
        }
    }
    let recall = f64::from(given as u32) / f64::from(wanted as u32);
    let per_hour = false_ones.len() as f64 / hours;
    for (kind, (of, met)) in &by_kind {
        println!("{kind:20} {met:4} of {of}");
    }
    println!("{hours:.1} h, {given} of {wanted} needs met ({recall:.3}), {per_hour:.2} false nudges an hour");
    assert!(wanted > 300 && recall >= 0.95, "{recall:.3}: {missed:#?}");
    assert!(per_hour <= 0.5, "{per_hour:.2} an hour: {false_ones:#?}");
}

/// Kinds of the nudges in eight minutes in which the rep says 4 s of every 6.5 s, and asks something `asked` seconds in.
fn without_questions(asked: Option<u64>) -> Vec<(Kind, f64)> {
    let mut coach = Coach::new(&CoachSettings::default(), Wording::english(), Preparation::default());
    let (mut out, mut told) = (Vec::new(), Vec::new());
    let mut asked = asked;
    for tenth in 1..=4800u64 {
        let now = AudioTime::from_millis(tenth * 100);
        let speaks = tenth % 65 < 40;
        if tenth % 65 == 50 {
            let stretch = units::Stretch::new(now.back(Span::from_secs(5)), now.back(Span::from_secs(1)));
            let question = asked.take_if(|at| now.as_secs_f64() >= *at as f64).is_some();
            let cue = CueEvent {
                at: stretch.start,
                party: Party::Rep,
                kind: if question { CueKind::OpenQuestion } else { CueKind::Rapport },
                words: String::new(),
                confidence: 1.0,
                why: String::new(),
                labelled: false,
            };
            let said = Utterance {
                party: Party::Rep,
                stretch,
                text: "one two three four five six seven eight nine ten".to_owned(),
                words: Vec::new(),
                confidence: 1.0,
                source: Source::Whisper,
            };
            coach.hear(&said, false, &[cues::Event::Cue(cue)]);
        }
        let situation = Situation {
            talk: ByParty { rep: Span::from_millis(tenth * 62), client: Span::from_millis(tenth * 38) },
            recent_share: units::Share::of(Span::from_millis(62), Span::from_millis(100)),
            speaking: ByParty { rep: speaks, client: !speaks },
            healthy: true,
            ..Situation::default()
        };
        coach.advance(now, &situation, &mut out);
        told.extend(out.drain(..).filter_map(|event| match event {
            CoachEvent::Nudged(nudge) => Some((nudge.kind, secs(&nudge))),
            _ => None,
        }));
    }
    told
}

#[test]
fn six_minutes_without_a_question_ask_for_one() {
    let silent = without_questions(None);
    assert!(matches!(silent[..], [(Kind::AskOne, at)] if (362.5..370.0).contains(&at)), "{silent:?}");
    assert_eq!(without_questions(Some(200)), [], "a question at 3:20 is less than six minutes ago");
}
