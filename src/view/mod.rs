//! Everything that is seen, as pure functions of one value: no view reads a clock, a file or a device.
//!
//! A view takes what it shows and gives back what the user asked for. The shell in [`crate::app`] does it.

pub mod call;
pub mod overlay;
pub mod theme;
pub mod window;
