//! What the main window does: it watches the sound, begins and ends calls, and keeps settings and preparation.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::Context;

use super::call::Fold;
use super::running::Running;
use super::screen::Screen;
use crate::config::Settings;
use crate::cues::Preparation;
use crate::io::capture::watch::Wish;
use crate::io::capture::{CaptureError, Host};
use crate::io::live::{Plan, listen};
use crate::io::meters::{Arrives, Meter, Meters};
use crate::io::words::{Words, choose};
use crate::io::{preparation, understanding, write_whole};
use crate::session::said::Understanding;
use crate::session::summary;
use crate::units::{ByParty, Party};
use crate::view::overlay::Ask;
use crate::view::window::{Action, Form, Mode, Page, Shown, SoundView, Verdict};

/// What finds the computer's sound.
pub type Find = Arc<dyn Fn() -> Result<Box<dyn Host>, CaptureError> + Send + Sync>;

/// The main window's memory.
pub struct Desk {
    pub shown: Shown,
    pub form: Form,
    pub settings: Settings,
    /// The settings' file; `None` for a user without a home.
    file: Option<PathBuf>,
    find: Find,
    meters: Option<Meters>,
    running: Option<Running>,
}

/// Everything that can go wrong when a call is to begin is one sentence.
type Sentence = Box<dyn std::error::Error + Send + Sync>;

impl Desk {
    /// A desk with these settings, kept in `file`; `enforced` is what the system refuses this program.
    pub fn new(settings: Settings, file: Option<PathBuf>, enforced: &str, find: Find) -> Desk {
        let mut desk = Desk {
            shown: Shown::default(),
            form: Form::default(),
            settings,
            file,
            find,
            meters: None,
            running: None,
        };
        let about = &mut desk.shown.about;
        about.enforced = enforced.to_owned();
        about.words = match choose(None, &settings.speech) {
            Ok(Words::By(_)) => {
                "Words are recognised here, in a process without network and files.".to_owned()
            }
            Ok(Words::None(why)) => format!("No words: {why}."),
            Ok(Words::Written(_)) => String::new(),
            Err(error) => format!("No words: {error}."),
        };
        for (path, what) in [
            (desk.file.clone(), "settings"),
            (desk.beside("preparation.toml"), "what you prepared last"),
            (desk.beside("overlay.toml"), "where the overlay stands"),
        ] {
            if let Some(path) = path {
                desk.shown.about.places.push((path.display().to_string(), what.to_owned()));
            }
        }
        desk.shown.settings_file = desk.file.as_ref().map(|file| file.display().to_string());
        desk.shown.settings = settings.rows();
        if let Some(path) = desk.beside("preparation.toml").filter(|path| path.exists()) {
            match preparation::read(&path) {
                Ok(prepared) => desk.form.prepare(&prepared),
                Err(error) => desk.problem(&error),
            }
        }
        desk
    }

    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The call that goes on.
    pub fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// Brings what is shown up to date, as often as the window is asked to.
    pub fn refresh(&mut self, ctx: &Context, screen: &Screen) {
        if self.running.as_ref().is_some_and(Running::has_ended) {
            self.end();
        }
        let state = screen.state();
        self.shown.overlay_hidden = state.hidden;
        self.shown.call = self.running.is_some().then_some(state.page);
        let watching = self.running.is_none() && self.shown.page == Page::Call;
        match (watching, &self.meters) {
            (true, None) => self.watch(ctx),
            (false, Some(_)) => self.meters = None,
            _ => {}
        }
        if let Some(meters) = &self.meters {
            self.shown.sound = meters.newest().map(sound_view);
        }
    }

    /// Does what the user asked for.
    pub fn act(&mut self, ctx: &Context, screen: &Screen, action: Action) {
        match action {
            Action::Go(page) => self.shown.page = page,
            Action::Listen => self.meters = None,
            Action::Begin => {
                if let Err(sentence) = self.begin(ctx, screen) {
                    self.problem(sentence.as_ref());
                }
            }
            Action::Stop => self.end(),
            Action::Dismiss => self.ask(Ask::Dismiss),
            Action::Mark => self.ask(Ask::Mark),
            Action::ToggleOverlay => screen.toggle_hidden(),
            Action::Copy(text) => ctx.copy_text(text),
            Action::Set { section, key, text } => self.set(section, key, &text),
            Action::Understood => self.shown.problem = None,
        }
    }

    /// Ends the call, if one goes on, and sums it up.
    pub fn end(&mut self) {
        let Some(running) = self.running.take() else { return };
        let heard = running.finish();
        self.shown.summary = Some(summary::call(&heard.call));
        self.shown.page = Page::Summary;
        if let Err(error) = heard.recording {
            self.problem(&error);
        }
    }

    fn ask(&self, ask: Ask) {
        if let Some(running) = &self.running {
            // Full if it is ending.
            let _ = running.asked().try_send(ask);
        }
    }

    fn begin(&mut self, ctx: &Context, screen: &Screen) -> Result<(), Sentence> {
        // Devices are opened by one at a time.
        self.meters = None;
        let prepared = self.form.preparation();
        // What was cleared is not to come back; what was never there needs no file.
        if let Some(path) = self.beside("preparation.toml")
            && (prepared != Preparation::default() || path.exists())
        {
            preparation::keep(&path, &prepared).map_err(|error| {
                format!("what you prepared could not be kept in {} ({error})", path.display())
            })?;
        }
        let words = match self.form.mode {
            Mode::Full | Mode::MySideOnly => choose(None, &self.settings.speech)?,
            Mode::MetricsOnly => Words::None("you chose no words for this call".to_owned()),
        };
        let understanding = Understanding::new(understanding::reader()?, Some(understanding::today()));
        let plan = Plan {
            wishes: self.wishes(),
            record: None,
            words,
            understanding: Some(understanding.prepared(prepared.clone())),
            wording: understanding::wording()?,
            settings: self.settings,
        };
        let find = self.find.clone();
        let live = listen(plan, move || find())?;
        let fold = Fold::new(&self.settings, &prepared);
        let ctx = ctx.clone();
        let running =
            Running::start(live, fold, screen.clone(), move || ctx.request_repaint()).map_err(|error| {
                format!("no thread could be started ({error}); close other programs and try again")
            })?;
        self.running = Some(running);
        Ok(())
    }

    fn wishes(&self) -> ByParty<Wish> {
        ByParty::from_fn(|party| match &self.form.devices[party] {
            _ if party == Party::Client && self.form.mode == Mode::MySideOnly => Wish::Nothing,
            Some(name) => Wish::Named(name.clone()),
            None => Wish::Default,
        })
    }

    fn watch(&mut self, ctx: &Context) {
        let wanted = ByParty::from_fn(|party| {
            let off = party == Party::Client && self.form.mode == Mode::MySideOnly;
            (!off).then(|| self.form.devices[party].clone())
        });
        let (find, ctx) = (self.find.clone(), ctx.clone());
        match Meters::start(wanted, move || find(), move || ctx.request_repaint()) {
            Ok(meters) => self.meters = Some(meters),
            Err(error) => {
                self.problem(format!("no thread could be started ({error}); close other programs").as_str());
            }
        }
    }

    fn set(&mut self, section: &'static str, key: &'static str, text: &str) {
        let place = (section, key);
        self.form.edits.remove(&place);
        match self.settings.set_text(section, key, text) {
            Ok(()) => {
                self.form.refused.remove(&place);
                self.shown.settings = self.settings.rows();
                if let Some(file) = &self.file
                    && let Err(error) = write_whole(file, &self.settings.changed_file())
                {
                    let sentence = format!(
                        "the settings {} cannot be written ({error}); check the folder",
                        file.display()
                    );
                    self.problem(sentence.as_str());
                }
            }
            Err(refused) => {
                self.form.refused.insert(place, refused);
            }
        }
    }

    fn beside(&self, name: &str) -> Option<PathBuf> {
        self.file.as_ref().map(|file| file.with_file_name(name))
    }

    fn problem(&mut self, problem: &(impl std::fmt::Display + ?Sized)) {
        let sentence = problem.to_string();
        let mut letters = sentence.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        self.shown.problem = Some(format!("{first}{}.", letters.as_str().trim_end_matches('.')));
    }
}

fn sound_view(meter: Meter) -> SoundView {
    let verdict = match meter.arrives {
        Arrives::Nothing if meter.names.is_empty() => Verdict::Looking,
        Arrives::Nothing => Verdict::Silent,
        Arrives::Zeros => Verdict::Muted,
        Arrives::Quiet => Verdict::Quiet,
        Arrives::Voice => Verdict::Heard,
        Arrives::TooLoud => Verdict::Clipping,
        Arrives::Off => Verdict::Off,
        Arrives::Failed(error) => Verdict::Failed(error.to_string()),
    };
    SoundView { names: meter.names, level: meter.level, verdict }
}
