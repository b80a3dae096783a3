//! The windows around the views: what a call tells is folded into what they show, and what the user asks for is handed on.

pub mod call;
pub mod desk;
pub mod keys;
pub mod main_window;
pub mod overlay;
pub mod place;
pub mod replay;
pub mod running;
pub mod screen;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    #[error("this terminal has no display")]
    NoDisplay,
    #[error("no window can be opened here ({0})")]
    Refused(String),
}

/// Whether there is a display at all: X11 or Wayland; elsewhere there always is.
pub fn has_display() -> bool {
    let set = |variable: &str| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
