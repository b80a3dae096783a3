//! The main window, with the overlay beside it while a call goes on.

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{Context, Ui, ViewportBuilder, ViewportCommand, ViewportId, Visuals};
use eframe::{App, CreationContext, Frame, NativeOptions};

use super::desk::Desk;
use super::keys::Keys;
use super::overlay::{Options, Stage, dress, viewport};
use super::place::Places;
use super::screen::Screen;
use super::{WindowError, has_display};
use crate::view::overlay::Ask;
use crate::view::window::window;

/// The window's title.
pub const TITLE: &str = "Heard";

/// Size at first, and least size, in points.
const SIZE: [f32; 2] = [820.0, 720.0];
const LEAST: [f32; 2] = [640.0, 520.0];

/// Opens the main window and draws it until it is closed. For the main thread.
///
/// # Errors
/// If there is no display, or no window can be opened on it.
pub fn run(desk: Desk) -> Result<(), WindowError> {
    if !has_display() {
        return Err(WindowError::NoDisplay);
    }
    let native = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title(TITLE)
            .with_app_id("heard")
            .with_inner_size(SIZE)
            .with_min_inner_size(LEAST),
        ..NativeOptions::default()
    };
    let start = move |creation: &CreationContext<'_>| -> Result<Box<dyn App>, Box<dyn std::error::Error + Send + Sync>> {
        dress(&creation.egui_ctx, &desk.settings.overlay);
        let screen = Screen::default();
        screen.opened(&creation.egui_ctx, overlay_id());
        Ok(Box::new(Window { desk, screen, beside: None }))
    };
    eframe::run_native("heard", native, Box::new(start))
        .map_err(|error| WindowError::Refused(error.to_string()))
}

fn overlay_id() -> ViewportId {
    ViewportId::from_hash_of("overlay")
}

struct Window {
    desk: Desk,
    screen: Screen,
    /// The overlay, while a call goes on.
    beside: Option<Beside>,
}

/// The overlay of a call.
struct Beside {
    options: Options,
    stage: Arc<Mutex<Stage>>,
    /// Kept as long as they are to work.
    _keys: Option<Keys>,
}

impl App for Window {
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        self.desk.refresh(ctx, &self.screen);
        let closing = ctx.input(|input| input.viewport().close_requested());
        if closing && self.desk.running().is_some() {
            // Whoever closes the window in a call wants its summary first.
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.desk.end();
            self.desk.refresh(ctx, &self.screen);
        }
        if self.desk.running().is_none() {
            self.beside = None;
        }
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        let ctx = ui.ctx().clone();
        for action in window(ui, &self.desk.shown, &mut self.desk.form) {
            self.desk.act(&ctx, &self.screen, action);
            dress(&ctx, &self.desk.settings.overlay);
            self.desk.refresh(&ctx, &self.screen);
            ctx.request_repaint();
        }
        self.overlay(&ctx);
    }

    /// Nothing: the overlay shares it, and the pages fill themselves.
    fn clear_color(&self, _: &Visuals) -> [f32; 4] {
        [0.0; 4]
    }
}

impl Window {
    fn overlay(&mut self, ctx: &Context) {
        let Some(running) = self.desk.running() else { return };
        let beside = self.beside.get_or_insert_with(|| {
            let settings = self.desk.settings.overlay;
            let keys = Keys::of_overlay(&settings, &self.screen, running.asked());
            let options =
                Options { settings, click_through: keys.is_ok(), places: Places::beside(self.desk.file()) };
            let stage = Arc::new(Mutex::new(Stage::new(options.clone())));
            Beside { options, stage, _keys: keys.ok() }
        });
        if self.screen.state().hidden {
            // Not shown, it is closed; shown again, it is put in its place as a new one.
            beside.stage.lock().unwrap_or_else(PoisonError::into_inner).begins_again();
            return;
        }
        let (screen, stage, asked) = (self.screen.clone(), beside.stage.clone(), running.asked().clone());
        ctx.show_viewport_deferred(overlay_id(), viewport(&beside.options), move |ui, _| {
            let state = screen.state();
            let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
            stage.take_hold(ui.ctx(), &state);
            for ask in stage.draw(ui, &state) {
                match ask {
                    Ask::Hide => screen.toggle_hidden(),
                    // Full if it is ending.
                    ask => drop(asked.try_send(ask)),
                }
            }
            screen.drawn();
        });
    }
}
