//! Scores against bars on recorded and rendered data that is not part of this repository: `make measure`.
//!
//! The data's folder is `$HEARD_DATA`, or `../shared/data`. Every test here is ignored in the ordinary run, with the reason,
//! and fails when the data is missing; none passes by looking away. Each prints what it measured.

mod calls;
mod cues;
mod data;
mod echo;
mod latency;
mod meetings;
mod speech;
mod voice;
