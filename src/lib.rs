//! Heard, a private meeting monitor: a pure core in a thin shell.

#![forbid(unsafe_code)]

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
pub mod voice;
