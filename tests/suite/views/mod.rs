//! Every state of every view, opened by label, without a display.

pub mod overlay;
pub mod window;
