//! Words without risk to the call: the recogniser runs in a process of its own, which may crash, hang or grow.
//!
//! ```text
//!  analysis ─(clips)─► speech ◄─► speech-pipe ═(stdin, stdout)═ heard recognise-worker
//!                        │            one message at a time       reads, checks, seals itself, then loads
//!                        └─(told)─► analysis
//! ```
//!
//! | thread | owns | takes | gives | when the next one is slow |
//! |---|---|---|---|---|
//! | `speech` | queue, sieve, the child process | clips (64) | what was said (256) | live: the oldest clip of the longer queue is left out, counted; a recording waits |
//! | `speech-pipe` | the pipes of one child | one clip | one reply | it waits for the child; `speech` ends the child when that takes too long |
//!
//! `analysis` never waits for any of it in a call. The child gives up the network and every file before native code sees the
//! model, may take only so much memory, and ends with its parent. What is not here: which engine the child runs ([`child`]).

pub mod child;
pub mod limits;
mod pace;
mod process;
mod speech;
mod supervisor;
pub mod wire;

pub use pace::{PaceError, pace};
pub use process::Program;
pub use speech::{Plan, Speech, SpeechError, Told};
