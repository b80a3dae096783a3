//! The main window in every state.

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use heard::config::Settings;
use heard::units::{AudioTime, ByParty, Dbfs, Party};
use heard::view::call::{CallView, LineView, PreparedView};
use heard::view::theme;
use heard::view::window::about::AboutView;
use heard::view::window::{Action, Form, Mode, Page, Shown, SoundView, Verdict, window};
use proptest::prelude::*;

/// Size of the window in tests and pictures.
pub const SIZE: [f32; 2] = [820.0, 720.0];

fn sound(rep: Verdict, client: Verdict) -> ByParty<SoundView> {
    let view = |names: [&str; 2], level: Option<f32>, verdict| SoundView {
        names: names.map(str::to_owned).to_vec(),
        level: level.map(Dbfs::new),
        verdict,
    };
    ByParty {
        rep: view(["Headset microphone", "Built-in microphone"], Some(-21.0), rep),
        client: view(["Headset", "Built-in speakers"], Some(-33.0), client),
    }
}

fn prepared() -> Form {
    let mut form = Form::default();
    "We both want every site live before the winter.".clone_into(&mut form.goal);
    form.questions =
        vec!["What would success look like for your team?".to_owned(), "Who else has to agree?".to_owned()];
    form.trades = vec![["5 % off".to_owned(), "three years instead of one".to_owned()]];
    form
}

fn call() -> CallView {
    let (_, mut call) = super::overlay::samples().swap_remove(4);
    let item = |text: &str, said| PreparedView { text: text.to_owned(), said };
    call.prepared = vec![
        item("We both want every site live before the winter.", true),
        item("What would success look like for your team next year?", false),
        item("5 % off for three years instead of one", false),
    ];
    let line = |party, secs: u64, text: &str| LineView {
        party,
        at: AudioTime::from_millis(secs * 1000),
        text: text.to_owned(),
    };
    call.lines = vec![
        line(Party::Client, 712, "Last year two of three dates slipped, and I had to explain it every time."),
        line(Party::Rep, 721, "So it's the explaining that hurts, more than the date itself."),
        line(Party::Client, 727, "Exactly."),
    ];
    "base.en, 97 % of what was said".clone_into(&mut call.words);
    call
}

fn about() -> AboutView {
    AboutView {
        enforced: "Private: the system now refuses this program the internet, and writing anywhere you did not ask for.".to_owned(),
        places: vec![("/home/ana/.config/heard/heard.toml".to_owned(), "settings".to_owned())],
        words: "Words are recognised here, in a process without network and files.".to_owned(),
    }
}

fn rows() -> Vec<heard::config::Row> {
    let mut settings = Settings::default();
    settings.set_text("coach", "monologue_s", "90").expect("allowed");
    settings.rows()
}

/// Each state with its name, for tests and pictures.
pub fn samples() -> Vec<(&'static str, Shown, Form)> {
    let ready = || Shown { sound: sound(Verdict::Heard, Verdict::Quiet), ..Shown::default() };
    let refused = || {
        let why = "no sound server answers; start PipeWire or PulseAudio (systemctl --user start pipewire pipewire-pulse) and try again";
        let mut shown = Shown::default();
        shown.sound.rep.verdict = Verdict::Failed(why.to_owned());
        shown.sound.client.verdict = Verdict::Failed(why.to_owned());
        shown
    };
    let on = |page| Shown { page, ..ready() };
    let summary = include_str!("../../golden/demo.txt").to_owned();
    let mut wrong = Form::default();
    wrong.refused.insert(("coach", "monologue_s"), "must be 20 to 900 seconds".to_owned());
    "monologue".clone_into(&mut wrong.search);
    vec![
        ("start", ready(), prepared()),
        ("start-empty", Shown { sound: ByParty::default(), ..Shown::default() }, Form::default()),
        ("start-no-sound", refused(), Form::default()),
        ("start-muted", Shown { sound: sound(Verdict::Muted, Verdict::Silent), ..Shown::default() }, Form::default()),
        ("start-my-side", ready(), Form { mode: Mode::MySideOnly, ..Form::default() }),
        (
            "start-problem",
            Shown { problem: Some("The settings /home/ana/.config/heard/heard.toml cannot be written (no space left on device); check the folder.".to_owned()), ..ready() },
            Form::default(),
        ),
        ("live", Shown { call: Some(call()), ..ready() }, Form::default()),
        ("summary", Shown { summary: Some(summary), ..on(Page::Summary) }, Form::default()),
        ("summary-empty", on(Page::Summary), Form::default()),
        ("settings", Shown { settings: rows(), settings_file: Some("/home/ana/.config/heard/heard.toml".to_owned()), ..on(Page::Settings) }, Form::default()),
        ("settings-refused", Shown { settings: rows(), ..on(Page::Settings) }, wrong),
        ("privacy", Shown { about: about(), ..on(Page::About) }, Form::default()),
    ]
}

type State = (Form, Vec<Action>);

fn harness(shown: Shown, form: Form) -> Harness<'static, State> {
    Harness::builder().with_size(SIZE).build_ui_state(
        move |ui, (form, actions): &mut State| {
            theme::apply(ui.ctx());
            actions.extend(window(ui, &shown, form));
        },
        (form, Vec::new()),
    )
}

fn sample(name: &str) -> Harness<'static, State> {
    let (_, shown, form) = samples().into_iter().find(|(named, ..)| *named == name).expect("a sample");
    let mut harness = harness(shown, form);
    harness.run();
    harness
}

#[test]
fn every_state_says_what_it_is() {
    for (name, parts) in [
        (
            "start",
            vec![
                "We hear you.",
                "It works. Nobody speaks yet.",
                "Everything stays on this computer.",
                "You: level 6 of 10",
            ],
        ),
        ("start-empty", vec!["Looking for it …"]),
        ("start-no-sound", vec!["no sound server answers", "Choose a microphone that works first."]),
        ("start-muted", vec!["Switched off or muted", "Nothing plays yet."]),
        ("start-my-side", vec!["Not listened to."]),
        ("start-problem", vec!["cannot be written", "All right"]),
        (
            "live",
            vec![
                "End call",
                "Mark",
                "Hide overlay",
                "Pause. Ask one.",
                "winter. (said)",
                "Exactly.",
                "base.en",
            ],
        ),
        ("summary", vec!["Your call", "New call", "Copy"]),
        ("summary-empty", vec!["No call yet", "Start a call"]),
        ("settings", vec!["Nudges", "changed; default 120", "Reset monologue (s)"]),
        ("settings-refused", vec!["Not taken: it must be 20 to 900 seconds."]),
        ("privacy", vec!["What is heard", "What is kept", "What is sent", "Nothing, ever."]),
    ] {
        let harness = sample(name);
        for part in parts {
            assert!(harness.query_all_by_label_contains(part).next().is_some(), "{name}: no \"{part}\"");
        }
    }
}

#[test]
fn what_is_clicked_is_asked_for() {
    for (name, label, action) in [
        ("start", "Begin", Action::Begin),
        ("start", "Settings", Action::Go(Page::Settings)),
        ("start-problem", "All right", Action::Understood),
        ("live", "End call", Action::Stop),
        ("live", "Mark", Action::Mark),
        ("live", "Hide overlay", Action::ToggleOverlay),
        ("summary", "New call", Action::Go(Page::Call)),
        ("summary-empty", "Start a call", Action::Go(Page::Call)),
    ] {
        let mut harness = sample(name);
        harness.get_by_label(label).click();
        harness.run();
        assert!(harness.state().1.contains(&action), "{name}, {label}: {:?}", harness.state().1);
    }
    let mut harness = sample("settings-refused");
    harness.get_by_label("Reset monologue (s)").click();
    harness.run();
    let set = Action::Set { section: "coach", key: "monologue_s", text: "120".to_owned() };
    assert!(harness.state().1.contains(&set), "{:?}", harness.state().1);
}

#[test]
fn a_call_cannot_begin_without_sound() {
    let mut harness = sample("start-no-sound");
    harness.get_by_label("Begin").click();
    harness.run();
    assert_eq!(harness.state().1, []);
}

#[test]
fn the_keyboard_reaches_begin() {
    let mut harness = sample("start");
    for _ in 0..60 {
        harness.key_press(eframe::egui::Key::Tab);
        harness.run();
        if harness.get_by_label("Begin").is_focused() {
            harness.key_press(eframe::egui::Key::Enter);
            harness.run();
            assert!(harness.state().1.contains(&Action::Begin));
            return;
        }
    }
    panic!("sixty times Tab did not reach Begin");
}

#[test]
fn only_what_is_filled_in_was_prepared() {
    let mut form = prepared();
    form.questions.push("  ".to_owned());
    form.trades.push(["alone".to_owned(), String::new()]);
    let kept = form.preparation();
    assert_eq!((kept.questions.len(), kept.trades.len(), kept.shared_goal.is_some()), (2, 1, true));
    let mut again = Form::default();
    again.prepare(&kept);
    assert_eq!(again.preparation(), kept);
    assert_eq!(again.questions.last().map(String::as_str), Some(""), "room for one more");
}

fn words() -> impl Strategy<Value = String> {
    "[ -~äöüéß]{0,120}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever stands in it, and at any size from the least on, the window is drawn and nothing of a page is wider than it.
    #[test]
    fn any_text_fits(why in words(), name in words(), said in words(), goal in words(), width in 640f32..1400.0, height in 520f32..1000.0) {
        for (_, mut shown, mut form) in samples() {
            shown.problem = Some(why.clone());
            shown.sound.rep.names.push(name.clone());
            shown.sound.client.verdict = Verdict::Failed(why.clone());
            if let Some(call) = &mut shown.call {
                call.lines.push(LineView { party: Party::Client, at: AudioTime::ZERO, text: said.clone() });
            }
            form.goal.clone_from(&goal);
            let mut harness = Harness::builder().with_size([width, height]).build_ui_state(
                |ui, form: &mut Form| {
                    theme::apply(ui.ctx());
                    window(ui, &shown, form);
                },
                form,
            );
            harness.run_steps(3);
            prop_assert!(harness.root().children_recursive().count() > 4);
        }
    }
}
