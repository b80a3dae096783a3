//! Heard, a private meeting monitor: a pure core in a thin shell.

// Allowed in `io::sphinx` alone, which speaks to a C library; a test sees to it.
#![deny(unsafe_code)]

#[cfg(feature = "app")]
pub mod app;
pub mod audio;
pub mod coach;
pub mod config;
pub mod cues;
pub mod echo;
#[cfg(feature = "file")]
pub mod io;
pub mod metrics;
pub mod session;
pub mod speech;
pub mod turns;
pub mod units;
#[cfg(feature = "app")]
pub mod view;
pub mod voice;
