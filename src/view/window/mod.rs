//! The main window: before a call, during it, after it, and the settings, each a page that is drawn from one value.

pub mod about;
pub mod live;
mod parts;
pub mod settings;
pub mod start;
pub mod summary;

use std::collections::BTreeMap;

use eframe::egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, RichText, Ui};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{ICON_INFO, ICON_MIC, ICON_NOTES, ICON_SETTINGS};

use crate::config::Row;
use crate::cues::Preparation;
use crate::cues::preparation::{GiveAndGet, MOST_QUESTIONS};
use crate::units::{ByParty, Dbfs, Party};
use crate::view::call::CallView;
use crate::view::theme::{Palette, space};

/// A page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// Before a call, or the call that goes on.
    #[default]
    Call,
    /// After a call.
    Summary,
    Settings,
    About,
}

/// What comes from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    pub page: Page,
    pub sound: ByParty<SoundView>,
    /// The call that goes on.
    pub call: Option<CallView>,
    pub overlay_hidden: bool,
    /// What the last call came to.
    pub summary: Option<String>,
    pub settings: Vec<Row>,
    /// Where the settings are kept; `None` for a user without a home.
    pub settings_file: Option<String>,
    pub about: about::AboutView,
    /// Something went wrong: one sentence on what to do next.
    pub problem: Option<String>,
}

/// A device to choose and what comes from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoundView {
    /// Names of the devices; the first is what the system uses.
    pub names: Vec<String>,
    pub level: Option<Dbfs>,
    pub verdict: Verdict,
}

/// What comes from a device, in plain words.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    #[default]
    Looking,
    /// A voice, or other sound, loud enough.
    Heard,
    /// Sound arrives, but nobody speaks.
    Quiet,
    /// Nothing but zeros from a microphone.
    Muted,
    /// Nothing is played.
    Silent,
    /// Too loud.
    Clipping,
    /// Not to be listened to.
    Off,
    /// It cannot be used: why, and what to do.
    Failed(String),
}

/// How much of a call is listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    #[default]
    Full,
    /// Who speaks when; no words.
    MetricsOnly,
    /// The client is not listened to at all.
    MySideOnly,
}

/// What the user has filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// A device's name; `None` for what the system uses.
    pub devices: ByParty<Option<String>>,
    pub mode: Mode,
    pub consent: String,
    pub goal: String,
    pub questions: Vec<String>,
    /// What can be given, and what is asked for it.
    pub trades: Vec<[String; 2]>,
    pub search: String,
    /// Settings that are being changed: by section and key, what stands in the field.
    pub edits: BTreeMap<(&'static str, &'static str), String>,
    /// Why a setting was refused.
    pub refused: BTreeMap<(&'static str, &'static str), String>,
}

/// A sentence to begin a call with, for people whose words are listened to.
pub const CONSENT: &str = "Before we start: I use a small tool on my own computer that counts who is speaking and reminds me to \
                           listen. Nothing is recorded and nothing leaves my machine. Is that all right with you?";

impl Default for Form {
    fn default() -> Form {
        Form {
            devices: ByParty::default(),
            mode: Mode::default(),
            consent: CONSENT.to_owned(),
            goal: String::new(),
            questions: vec![String::new()],
            trades: vec![Default::default()],
            search: String::new(),
            edits: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }
}

impl Form {
    /// What was prepared, without empty lines.
    pub fn preparation(&self) -> Preparation {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Preparation {
            shared_goal: filled(&self.goal),
            questions: self.questions.iter().filter_map(|text| filled(text)).take(MOST_QUESTIONS).collect(),
            trades: (self.trades.iter())
                .filter_map(|[give, get]| Some(GiveAndGet { give: filled(give)?, get: filled(get)? }))
                .collect(),
        }
    }

    /// Fills in what was prepared before.
    pub fn prepare(&mut self, prepared: &Preparation) {
        self.goal = prepared.shared_goal.clone().unwrap_or_default();
        self.questions.clone_from(&prepared.questions);
        self.trades = prepared.trades.iter().map(|trade| [trade.give.clone(), trade.get.clone()]).collect();
        self.keep_room();
    }

    /// There is always an empty line to write in.
    fn keep_room(&mut self) {
        if self.questions.len() < MOST_QUESTIONS && self.questions.last().is_none_or(|last| !last.is_empty())
        {
            self.questions.push(String::new());
        }
        if self.trades.last().is_none_or(|last| last.iter().any(|half| !half.is_empty())) {
            self.trades.push(Default::default());
        }
    }
}

/// What the user asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Go(Page),
    /// Another device, or another mode, was chosen.
    Listen,
    Begin,
    Stop,
    Dismiss,
    Mark,
    ToggleOverlay,
    Copy(String),
    /// A setting is to be this.
    Set {
        section: &'static str,
        key: &'static str,
        text: String,
    },
    /// The problem was read.
    Understood,
}

/// Draws the window and tells what the user asked for.
pub fn window(ui: &mut Ui, shown: &Shown, form: &mut Form) -> Vec<Action> {
    let palette = Palette::current(ui.ctx());
    let mut actions = Vec::new();
    let rail = Frame::new()
        .fill(palette.surface)
        .inner_margin(Margin::symmetric(space::TIGHT as i8, space::GAP as i8));
    Panel::left("rail").resizable(false).exact_size(136.0).frame(rail).show(ui, |ui| {
        ui.label(RichText::new("Heard").heading());
        ui.add_space(space::GAP);
        let call = if shown.call.is_some() { "Call" } else { "Start" };
        let pages = [
            (Page::Call, ICON_MIC, call),
            (Page::Summary, ICON_NOTES, "Summary"),
            (Page::Settings, ICON_SETTINGS, "Settings"),
            (Page::About, ICON_INFO, "Privacy"),
        ];
        for (page, icon, name) in pages {
            if parts::tab(ui, icon, name, shown.page == page) {
                actions.push(Action::Go(page));
            }
        }
        ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
            ui.label(RichText::new(concat!("Version ", env!("CARGO_PKG_VERSION"))).small().weak());
        });
    });
    let ground = Frame::new().fill(palette.ground).inner_margin(Margin::same(space::GAP as i8));
    CentralPanel::default().frame(ground).show(ui, |ui| {
        if let Some(problem) = &shown.problem
            && parts::problem(ui, problem)
        {
            actions.push(Action::Understood);
        }
        actions.extend(match (shown.page, &shown.call) {
            (Page::Call, None) => start::start(ui, &shown.sound, form),
            (Page::Call, Some(call)) => live::live(ui, call, shown.overlay_hidden),
            (Page::Summary, _) => summary::summary(ui, shown.summary.as_deref()),
            (Page::Settings, _) => {
                settings::settings(ui, &shown.settings, shown.settings_file.as_deref(), form)
            }
            (Page::About, _) => about::about(ui, &shown.about),
        });
    });
    actions
}

/// A party by its name in the window.
fn name(party: Party) -> &'static str {
    match party {
        Party::Rep => "You",
        Party::Client => "Client",
    }
}

/// An icon and words.
fn with_icon(icon: MaterialIcon, words: &str) -> String {
    format!("{}  {words}", icon.codepoint)
}
