//! The overlay in every state.

use eframe::egui::{Key, Rect, Vec2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use heard::coach::{Kind, Wording};
use heard::units::{ByParty, Share, Span};
use heard::view::call::{CallView, ChannelLight, Light, NudgeView};
use heard::view::overlay::{Ask, Look, SIZE, overlay};
use heard::view::theme;
use proptest::prelude::*;

fn share(percent: u64) -> Option<Share> {
    Share::of(Span::from_millis(percent), Span::from_millis(100))
}

fn going() -> CallView {
    CallView {
        elapsed: Span::from_secs(754),
        share: share(58),
        run: Span::from_secs(52),
        run_limit: Span::from_secs(120),
        speaking: ByParty { rep: true, client: false },
        ..CallView::default()
    }
}

fn nudged(kind: Kind, detail: Option<&str>) -> CallView {
    let text = Wording::english().show(kind).to_owned();
    CallView { nudge: Some(NudgeView { kind, text, detail: detail.map(str::to_owned) }), ..going() }
}

fn with_rep(light: Light, advice: Option<&str>) -> CallView {
    let rep = ChannelLight { light, advice: advice.map(str::to_owned), ..ChannelLight::default() };
    CallView { channels: ByParty { rep, client: ChannelLight::default() }, ..going() }
}

/// Each state with its name, for tests and pictures.
pub fn samples() -> Vec<(&'static str, CallView)> {
    let off = ChannelLight { light: Light::Off, ..ChannelLight::default() };
    vec![
        ("beginning", CallView { share: None, run: Span::ZERO, speaking: ByParty::default(), ..going() }),
        ("going", going()),
        ("client", CallView { run: Span::ZERO, speaking: ByParty { rep: false, client: true }, ..going() }),
        ("long-run", CallView { share: share(86), run: Span::from_secs(134), ..going() }),
        ("nudge", nudged(Kind::PauseAndAsk, Some("What would success look like for your team next year?"))),
        ("nudge-short", nudged(Kind::LetThemFinish, None)),
        (
            "nudge-long",
            nudged(
                Kind::NameTheGoal,
                Some(
                    "We both want every one of your sites live well before the winter season begins, with people who were trained and dates that hold",
                ),
            ),
        ),
        (
            "acknowledge",
            nudged(Kind::AcknowledgeFirst, Some("My people worked all night, and nobody called.")),
        ),
        ("praise", nudged(Kind::GiveItThree, None)),
        (
            "muted",
            with_rep(
                Light::Doubtful,
                Some("Your microphone sends nothing but zeros: it is switched off or muted."),
            ),
        ),
        (
            "lost",
            with_rep(
                Light::Lost,
                Some("Your headset is gone. Plug it in again; this time counts for nobody."),
            ),
        ),
        (
            "one-side",
            CallView {
                share: None,
                channels: ByParty { rep: ChannelLight::default(), client: off },
                ..going()
            },
        ),
    ]
}

/// The harness leaves this much around what it draws.
const MARGIN: f32 = 8.0;

fn harness(call: CallView, look: Look) -> Harness<'static, Vec<Ask>> {
    Harness::builder().with_size(SIZE * look.scale + Vec2::splat(2.0 * MARGIN)).build_ui_state(
        move |ui, asked: &mut Vec<Ask>| {
            theme::apply(ui.ctx());
            asked.extend(overlay(ui, &call, &look));
        },
        Vec::new(),
    )
}

#[test]
fn every_state_says_in_words_what_it_shows() {
    for (name, labels) in [
        ("beginning", vec!["Balance: not enough said yet", "No long run", "Your microphone: sound arrives"]),
        (
            "going",
            vec![
                "You spoke 58 percent of the last minutes, the client 42",
                "Your microphone: sound arrives, speaking",
            ],
        ),
        ("long-run", vec!["You have spoken for 134 seconds without a pause"]),
        ("nudge", vec!["Pause. Ask one. What would success look like for your team next year?"]),
        ("nudge-short", vec!["Let them finish."]),
        ("praise", vec!["Good pause."]),
        ("muted", vec!["Your microphone: something is wrong, speaking"]),
        ("lost", vec!["Your headset is gone. Plug it in again; this time counts for nobody."]),
        ("one-side", vec!["One side only: no balance", "The client's sound: not listened to"]),
    ] {
        let call = samples().into_iter().find(|(named, _)| *named == name).map(|(_, call)| call);
        let mut harness = harness(call.expect("a sample"), Look::default());
        harness.run();
        for label in labels {
            assert!(harness.query_by_label(label).is_some(), "{name}: no \"{label}\"");
        }
    }
}

#[test]
fn a_click_or_escape_waves_a_nudge_away() {
    for by_key in [false, true] {
        let mut harness = harness(nudged(Kind::LetThemFinish, None), Look::default());
        harness.run();
        if by_key {
            harness.key_press(Key::Escape);
        } else {
            harness.get_by_label("Let them finish.").click();
        }
        harness.run();
        assert_eq!(harness.state().first(), Some(&Ask::Dismiss));
    }
}

#[test]
fn held_it_offers_what_can_be_done() {
    let held = Look { held: true, ..Look::default() };
    for (said, ask) in [("Mark", Ask::Mark), ("Hide", Ask::Hide), ("End call", Ask::End)] {
        let mut harness = harness(going(), held);
        harness.run();
        harness.get_by_label(said).click();
        harness.run();
        assert_eq!(harness.state().as_slice(), &[ask]);
    }
    let mut alone = harness(going(), Look::default());
    alone.run();
    assert!(alone.query_by_label("End call").is_none(), "nothing to click by mistake");
}

#[test]
fn every_kind_of_nudge_has_a_sign_of_its_own() {
    let signs: std::collections::BTreeSet<&str> =
        Kind::ALL.iter().map(|kind| heard::view::overlay::icon(*kind).codepoint).collect();
    assert_eq!(signs.len(), Kind::ALL.len());
}

fn any_call() -> impl Strategy<Value = CallView> {
    let light = prop_oneof![Just(Light::Fine), Just(Light::Doubtful), Just(Light::Lost), Just(Light::Off)];
    let channel = (light, proptest::option::of("[ -~äöüéß]{0,200}"))
        .prop_map(|(light, advice)| ChannelLight { light, advice, ..ChannelLight::default() });
    let nudge = proptest::option::of((
        0..Kind::ALL.len(),
        "[a-zäöü][ -~äöüéß]{0,40}",
        proptest::option::of("[ -~äöüéß]{0,300}"),
    ));
    (proptest::option::of(0u64..=100), 0u64..4000, any::<[bool; 2]>(), channel.clone(), channel, nudge)
        .prop_map(|(percent, run, [rep, client], a, b, nudge)| CallView {
            share: percent.and_then(share),
            run: Span::from_secs(run),
            speaking: ByParty { rep, client },
            channels: ByParty { rep: a, client: b },
            nudge: nudge.map(|(kind, text, detail)| NudgeView { kind: Kind::ALL[kind], text, detail }),
            ..going()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is shown at whatever size, nothing is drawn outside the window and everything painted has a label.
    #[test]
    fn any_call_can_be_drawn(call in any_call(), scale in 0.8f32..2.0, fade in 0.0f32..=1.0, held: bool) {
        let look = Look { scale, fade, held };
        let mut harness = harness(call, look);
        harness.run();
        let window = Rect::from_min_size(pos2(MARGIN, MARGIN), SIZE * scale).expand(0.5);
        for node in harness.root().children_recursive() {
            let Some(rect) = node.accesskit_node().bounding_box() else { continue };
            let rect = Rect::from_min_max(
                pos2(rect.x0 as f32, rect.y0 as f32),
                pos2(rect.x1 as f32, rect.y1 as f32),
            );
            prop_assert!(
                window.contains_rect(rect),
                "{:?} {:?} {rect:?} outside {window:?}",
                node.accesskit_node().role(),
                node.accesskit_node().label()
            );
        }
    }
}
