//! The overlay's window: transparent, above all others, never with the keyboard, and click-through unless it is held.

use crossbeam_channel::Sender;
use eframe::egui::{
    Context, Pos2, ThemePreference, Ui, Vec2, ViewportBuilder, ViewportCommand, ViewportId, WindowLevel,
    X11WindowType, pos2,
};
use eframe::{App, CreationContext, Frame, NativeOptions};

use super::place::Places;
use super::screen::{Screen, State};
use super::{WindowError, has_display};
use crate::config::OverlaySettings;
use crate::view::call::NudgeView;
use crate::view::overlay::{Ask, Look, SIZE, overlay};
use crate::view::theme;

/// The window's title, for those who read windows out and for tests.
pub const TITLE: &str = "Heard overlay";

/// The lower card comes and goes in this time: fast enough to be read at once, slow enough not to startle.
const FADE_SECS: f32 = 0.18;

/// From the screen's corner, in points: below a title bar, beside the camera.
const FROM_CORNER: Vec2 = Vec2::new(24.0, 40.0);

/// X11 forgets the level that a window is made with, so it is asked for again in this frame and the next.
const ASK_AGAIN: u32 = 3;

/// How the overlay's window is made.
#[derive(Clone, Debug)]
pub struct Options {
    pub settings: OverlaySettings,
    /// Clicks go through it unless it is held. Without keys there is no other way to take hold of it, so they do not.
    pub click_through: bool,
    pub places: Places,
}

impl Options {
    fn scale(&self) -> f32 {
        self.settings.scale as f32 / 100.0
    }

    fn size(&self) -> Vec2 {
        SIZE * self.scale()
    }
}

/// Gives a context our look, in the colours that the settings ask for.
pub fn dress(ctx: &Context, settings: &OverlaySettings) {
    theme::apply(ctx);
    ctx.set_theme(match settings.theme.as_str() {
        "dark" => ThemePreference::Dark,
        "light" => ThemePreference::Light,
        _ => ThemePreference::System,
    });
}

/// Opens the overlay and draws it until it is closed. For the main thread.
///
/// # Errors
/// If there is no display, or no window can be opened on it.
pub fn run(screen: Screen, options: Options, asked: Sender<Ask>) -> Result<(), WindowError> {
    if !has_display() {
        return Err(WindowError::NoDisplay);
    }
    let native = NativeOptions { viewport: viewport(&options), ..NativeOptions::default() };
    let start = move |creation: &CreationContext<'_>| -> Result<Box<dyn App>, Box<dyn std::error::Error + Send + Sync>> {
        dress(&creation.egui_ctx, &options.settings);
        screen.opened(&creation.egui_ctx, ViewportId::ROOT);
        Ok(Box::new(Alone { screen, stage: Stage::new(options), asked }))
    };
    eframe::run_native("heard", native, Box::new(start))
        .map_err(|error| WindowError::Refused(error.to_string()))
}

/// What the overlay's window is asked of the system.
pub fn viewport(options: &Options) -> ViewportBuilder {
    ViewportBuilder::default()
        .with_title(TITLE)
        .with_app_id("heard-overlay")
        .with_inner_size(options.size())
        .with_decorations(false)
        .with_transparent(true)
        .with_resizable(false)
        .with_has_shadow(false)
        .with_taskbar(false)
        .with_active(false)
        .with_always_on_top()
        // A dock takes no focus when it is shown and stays above.
        .with_window_type(X11WindowType::Dock)
        .with_mouse_passthrough(options.click_through)
}

/// The overlay as the only window.
struct Alone {
    screen: Screen,
    stage: Stage,
    asked: Sender<Ask>,
}

impl App for Alone {
    /// Called for a window that is hidden too.
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        let state = self.screen.state();
        if state.closing {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        self.stage.take_hold(ctx, &state);
        self.stage.hide(ctx, &state);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        for ask in self.stage.draw(ui, &self.screen.state()) {
            match ask {
                Ask::Hide => self.screen.toggle_hidden(),
                // Full if nobody follows the call any more.
                ask => drop(self.asked.try_send(ask)),
            }
        }
        self.screen.drawn();
    }

    fn clear_color(&self, _: &eframe::egui::Visuals) -> [f32; 4] {
        [0.0; 4]
    }
}

/// What the window remembers between frames.
pub struct Stage {
    options: Options,
    frames: u32,
    /// The nudge that is shown or fades away.
    nudge: Option<NudgeView>,
    held: bool,
    hidden: bool,
    /// Where it stood when it was hidden.
    stood: Option<Pos2>,
    /// Where in the window the pointer took hold of it.
    grip: Option<Pos2>,
}

impl Stage {
    pub fn new(options: Options) -> Stage {
        Stage { options, frames: 0, nudge: None, held: false, hidden: false, stood: None, grip: None }
    }

    /// Draws a frame, moves the window with the pointer, and tells what else the rep asked for.
    pub fn draw(&mut self, ui: &mut Ui, state: &State) -> Vec<Ask> {
        let ctx = ui.ctx().clone();
        self.frames = self.frames.saturating_add(1);
        self.keep_above(&ctx);
        let held = self.is_held(&ctx, state);
        let mut call = state.call.clone();
        let there = call.nudge.is_some();
        let fade = ctx.animate_bool_with_time(ui.scope_id().with("fade"), there, FADE_SECS);
        if there {
            self.nudge.clone_from(&call.nudge);
        } else if fade > 0.0 {
            call.nudge.clone_from(&self.nudge);
        }
        let fade = if call.nudge.is_some() { fade } else { 1.0 };
        let mut asks = overlay(ui, &call, &Look { scale: self.options.scale(), fade, held });
        self.move_window(&ctx, asks.contains(&Ask::Drag));
        asks.retain(|ask| *ask != Ask::Drag);
        asks
    }

    fn keep_above(&self, ctx: &Context) {
        if self.frames == 1 {
            if self.options.settings.hidden_from_capture {
                ctx.send_viewport_cmd(ViewportCommand::ContentProtected(true));
            }
            ctx.request_repaint();
        }
        if self.frames == 2
            && let Some(screen) = ctx.input(|input| input.viewport().monitor_size)
        {
            let size = self.options.size();
            let corner = pos2(screen.x - size.x - FROM_CORNER.x, FROM_CORNER.y);
            let place = self.stood.or_else(|| self.options.places.of(screen, size)).unwrap_or(corner);
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(place));
        }
        if (2..=ASK_AGAIN).contains(&self.frames) {
            ctx.send_viewport_cmd(ViewportCommand::WindowLevel(WindowLevel::AlwaysOnTop));
            ctx.request_repaint();
        }
    }

    fn is_held(&self, ctx: &Context, state: &State) -> bool {
        state.held || (!self.options.click_through && ctx.input(|input| input.pointer.has_pointer()))
    }

    /// Tells the system whether clicks are for the window.
    pub fn take_hold(&mut self, ctx: &Context, state: &State) {
        if state.held != self.held {
            self.held = state.held;
            if self.options.click_through {
                ctx.send_viewport_cmd(ViewportCommand::MousePassthrough(!state.held));
            }
        }
    }

    /// Tells the system whether the window is to be seen.
    fn hide(&mut self, ctx: &Context, state: &State) {
        if state.hidden != self.hidden {
            self.hidden = state.hidden;
            if state.hidden {
                self.stood = ctx.input(|input| input.viewport().outer_rect).map(|outer| outer.min);
            }
            ctx.send_viewport_cmd(ViewportCommand::Visible(!state.hidden));
            self.begins_again();
        }
    }

    /// A window that is shown again is a new one to the system: it is put in its place and above once more.
    pub fn begins_again(&mut self) {
        self.frames = 0;
        self.held = false;
    }

    /// A dock has to be moved by ourselves.
    fn move_window(&mut self, ctx: &Context, grabbed: bool) {
        let (pointer, down, outer, screen) = ctx.input(|input| {
            let viewport = input.viewport();
            let pointer = &input.pointer;
            // A pointer that has run away is let go of: the system may never tell of its release.
            let down = pointer.primary_down() && pointer.has_pointer();
            (pointer.interact_pos(), down, viewport.outer_rect, viewport.monitor_size)
        });
        if grabbed {
            self.grip = pointer;
        }
        if !down
            && self.grip.take().is_some()
            && let (Some(outer), Some(screen)) = (outer, screen)
        {
            // Where it stands is no loss: next time it stands in its corner.
            let _ = self.options.places.keep(screen, outer.min);
        }
        if let (Some(grip), Some(pointer), Some(outer)) = (self.grip, pointer, outer)
            && pointer != grip
        {
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(outer.min + (pointer - grip)));
        }
    }
}
