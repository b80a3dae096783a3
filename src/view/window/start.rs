//! Before a call: check the sound, say that you listen, prepare in a minute, begin.

use eframe::egui::{ComboBox, Id, RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons::{
    ICON_ADD, ICON_BLOCK, ICON_CHECK_CIRCLE, ICON_CONTENT_COPY, ICON_HOURGLASS_EMPTY, ICON_MIC_OFF,
    ICON_PLAY_ARROW, ICON_SWAP_HORIZ, ICON_VOLUME_OFF, ICON_WARNING,
};

use super::{Action, Form, Mode, SoundView, Verdict, name, parts, with_icon};
use crate::cues::preparation::MOST_QUESTIONS;
use crate::units::{ByParty, Party};
use crate::view::theme::{Palette, space};

/// Longest line that can be prepared, in characters: more cannot be read beside a call.
const LONGEST: usize = 200;

/// What the system's own choice is called.
const DEFAULT: &str = "The system's choice";

/// Questions to start from: each opens a subject and can be answered in the client's own words.
pub const QUESTIONS: [&str; 6] = [
    "What would have to change for this to be worth it to you?",
    "How does this look from where you sit?",
    "What worries you most about it?",
    "Who else will live with the result, and what do they need?",
    "What have you tried so far, and what came of it?",
    "What did I not ask that I should have?",
];

/// Goals to start from.
pub const GOALS: [&str; 3] = [
    "We both want a date that your team can rely on.",
    "We both want this to still be right for you in a year.",
    "We both want to solve this without anybody losing face.",
];

/// Draws the page.
pub fn start(ui: &mut Ui, sound: &ByParty<SoundView>, form: &mut Form) -> Vec<Action> {
    let mut actions = Vec::new();
    let blocked = blocked(sound, form.mode);
    let bottom = 64.0;
    let height = ui.available_height() - bottom;
    ScrollArea::vertical().max_height(height).auto_shrink([false, false]).show(ui, |ui| {
        parts::card(ui, "Sound", "Say something, and let something play.", |ui| {
            for party in Party::BOTH {
                actions.extend(device(ui, party, &sound[party], form));
            }
        });
        parts::card(ui, "Agreement", "People should know. Say it in your own words.", |ui| {
            actions.extend(agreement(ui, form));
        });
        parts::card(ui, "Preparation", "A minute, if you like. It ticks itself off as you say it.", |ui| {
            preparation(ui, form);
        });
    });
    ui.add_space(space::TIGHT);
    ui.horizontal(|ui| {
        if parts::main_button(ui, ICON_PLAY_ARROW, "Begin", blocked.is_none()) {
            actions.push(Action::Begin);
        }
        let said = blocked.unwrap_or("Everything stays on this computer.");
        ui.label(RichText::new(said).weak());
    });
    actions
}

/// What stands in the way of beginning.
pub fn blocked(sound: &ByParty<SoundView>, mode: Mode) -> Option<&'static str> {
    match (&sound.rep.verdict, &sound.client.verdict) {
        (Verdict::Failed(_), _) => Some("Choose a microphone that works first."),
        (_, Verdict::Failed(_)) if mode != Mode::MySideOnly => {
            Some("Choose an output that works first, or listen to your side only.")
        }
        _ => None,
    }
}

fn device(ui: &mut Ui, party: Party, sound: &SoundView, form: &mut Form) -> Vec<Action> {
    let palette = Palette::current(ui.ctx());
    let (about, colour) = match party {
        Party::Rep => ("You: microphone", palette.rep),
        Party::Client => ("Client: what this computer plays", palette.client),
    };
    let mut actions = Vec::new();
    let off = party == Party::Client && form.mode == Mode::MySideOnly;
    let label = ui.label(about).id;
    ui.add_enabled_ui(!off, |ui| {
        let chosen = form.devices[party].clone();
        let shown = chosen.as_deref().unwrap_or(DEFAULT);
        let choice =
            ComboBox::from_id_salt(about).width(ui.available_width().min(420.0)).selected_text(shown);
        let choice = choice.show_ui(ui, |ui| {
            let mut changed = ui.selectable_value(&mut form.devices[party], None, DEFAULT).clicked();
            for name in &sound.names {
                changed |= ui.selectable_value(&mut form.devices[party], Some(name.clone()), name).clicked();
            }
            changed
        });
        choice.response.labelled_by(label);
        if choice.inner == Some(true) {
            actions.push(Action::Listen);
        }
    });
    let (icon, words) = verdict(party, if off { &Verdict::Off } else { &sound.verdict });
    ui.horizontal_wrapped(|ui| {
        parts::meter(ui, sound.level.filter(|_| !off), colour, name(party));
        ui.label(with_icon(icon, words));
    });
    ui.add_space(space::TIGHT);
    actions
}

fn verdict(party: Party, verdict: &Verdict) -> (egui_material_icons::MaterialIcon, &str) {
    match (verdict, party) {
        (Verdict::Looking, _) => (ICON_HOURGLASS_EMPTY, "Looking for it …"),
        (Verdict::Heard, Party::Rep) => (ICON_CHECK_CIRCLE, "We hear you."),
        (Verdict::Heard, Party::Client) => (ICON_CHECK_CIRCLE, "We hear what is played."),
        (Verdict::Quiet, Party::Rep) => (ICON_CHECK_CIRCLE, "It works. Say something."),
        (Verdict::Quiet, Party::Client) => (ICON_CHECK_CIRCLE, "It works. Nobody speaks yet."),
        (Verdict::Muted, _) => (ICON_MIC_OFF, "Switched off or muted: it sends nothing but zeros."),
        (Verdict::Silent, Party::Rep) => (ICON_MIC_OFF, "Nothing arrives from it: choose another one."),
        (Verdict::Silent, Party::Client) => {
            (ICON_VOLUME_OFF, "Nothing plays yet. That is fine before the call.")
        }
        (Verdict::Clipping, _) => (ICON_WARNING, "Too loud: turn its level down a little."),
        (Verdict::Off, _) => (ICON_BLOCK, "Not listened to."),
        (Verdict::Failed(why), _) => (ICON_WARNING, why),
    }
}

fn agreement(ui: &mut Ui, form: &mut Form) -> Vec<Action> {
    let mut actions = Vec::new();
    let label = ui.label("A sentence to begin with").id;
    ui.add(TextEdit::multiline(&mut form.consent).desired_rows(2).desired_width(f32::INFINITY))
        .labelled_by(label);
    if parts::button(ui, ICON_CONTENT_COPY, "Copy") {
        actions.push(Action::Copy(form.consent.clone()));
    }
    let before = form.mode;
    for (mode, words) in [
        (Mode::Full, "Both sides, and what is said: written down while the call lasts"),
        (Mode::MetricsOnly, "Both sides, no words: only who speaks when"),
        (Mode::MySideOnly, "My side only: the client is not listened to at all"),
    ] {
        ui.radio_value(&mut form.mode, mode, words);
    }
    if form.mode != before {
        actions.push(Action::Listen);
    }
    actions
}

fn preparation(ui: &mut Ui, form: &mut Form) {
    let label = ui.label("What do both of you want?").id;
    line(ui, label, &mut form.goal, GOALS[0]);
    ideas(ui, "goals", &GOALS, |idea| form.goal = idea.to_owned());
    ui.add_space(space::TIGHT);
    let label = ui.label("What do you want to ask? Up to five; the overlay offers the next one.").id;
    for (n, question) in form.questions.iter_mut().enumerate() {
        line(ui, label, question, QUESTIONS[n % QUESTIONS.len()]);
    }
    ideas(ui, "questions", &QUESTIONS, |idea| {
        if form.questions.iter().any(|question| question == idea) {
            return;
        }
        let room = form.questions.len() < MOST_QUESTIONS;
        match form.questions.iter_mut().find(|question| question.is_empty()) {
            Some(empty) => *empty = idea.to_owned(),
            None if room => form.questions.push(idea.to_owned()),
            None => {}
        }
    });
    ui.add_space(space::TIGHT);
    let label = ui.label("What can you give, and what do you ask for it?").id;
    for [give, get] in &mut form.trades {
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 40.0) / 2.0;
            ui.add(TextEdit::singleline(give).hint_text("5 % off").desired_width(width)).labelled_by(label);
            ui.label(ICON_SWAP_HORIZ.codepoint);
            let field =
                TextEdit::singleline(get).hint_text("three years instead of one").desired_width(width);
            ui.add(field).labelled_by(label);
        });
    }
    form.keep_room();
}

fn line(ui: &mut Ui, label: Id, text: &mut String, hint: &str) {
    let field = TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY).char_limit(LONGEST);
    ui.add(field).labelled_by(label);
}

/// Suggestions that can be taken over with a click.
fn ideas(ui: &mut Ui, of: &str, ideas: &[&str], mut take: impl FnMut(&str)) {
    ui.collapsing(RichText::new(format!("Ideas for {of}")).weak(), |ui| {
        for idea in ideas {
            if ui.small_button(with_icon(ICON_ADD, idea)).clicked() {
                take(idea);
            }
        }
    });
}
