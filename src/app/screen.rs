//! The newest state of a call, handed to the window that draws it: only the newest counts, and what looks the same is not
//! drawn again.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use eframe::egui::{Context, ViewportId};

use crate::view::call::CallView;

/// Shared between the thread that follows the call and the window.
#[derive(Clone, Default)]
pub struct Screen(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    window: OnceLock<(Context, ViewportId)>,
    /// Pictures of the overlay so far.
    frames: AtomicU64,
}

/// What the windows are to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// What the overlay draws.
    pub call: CallView,
    /// What the main window draws, if there is one.
    pub page: CallView,
    /// It can be moved and clicked.
    pub held: bool,
    /// It is not to be seen; the call goes on.
    pub hidden: bool,
    /// It is to close.
    pub closing: bool,
}

impl Screen {
    /// Shows how the call stands now.
    pub fn show(&self, call: &CallView) {
        let (drawn, page) = (call.drawn(), call.without_levels());
        self.change(|state| (state.call, state.page) = (drawn, page));
    }

    /// Lets the rep take hold of it, or lets it go.
    pub fn toggle_held(&self) {
        self.change(|state| state.held = !state.held);
    }

    /// Hides it, or shows it again.
    pub fn toggle_hidden(&self) {
        self.change(|state| state.hidden = !state.hidden);
    }

    /// Closes the window.
    pub fn close(&self) {
        self.change(|state| state.closing = true);
    }

    /// How often the overlay was drawn so far.
    pub fn frames(&self) -> u64 {
        self.0.frames.load(Relaxed)
    }

    /// The overlay was drawn once more.
    pub(super) fn drawn(&self) {
        self.0.frames.fetch_add(1, Relaxed);
    }

    /// The newest state.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    /// The window is there, and is told of changes from now on.
    pub(super) fn opened(&self, ctx: &Context, id: ViewportId) {
        // A screen has one window; a second is not told.
        let _ = self.0.window.set((ctx.clone(), id));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        let before = state.clone();
        change(&mut state);
        let overlay = State { page: CallView::default(), ..before.clone() }
            != State { page: CallView::default(), ..state.clone() };
        let main =
            (&state.page, state.hidden, state.closing) != (&before.page, before.hidden, before.closing);
        drop(state);
        let Some((ctx, id)) = self.0.window.get() else { return };
        if overlay {
            ctx.request_repaint_of(*id);
        }
        if main && *id != ViewportId::ROOT {
            ctx.request_repaint_of(ViewportId::ROOT);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
