//! How fast a recogniser is on this computer: one clip of speech, timed once it is warm.

use std::time::Duration;

use crate::io::worker::process::{Process, Program};
use crate::io::worker::wire::{Ask, Reply};
use crate::speech::Clip;

/// Reading a large model from a slow disk, and then a clip at six times its length: slower is of no use in a call.
const LOADING: Duration = Duration::from_secs(60);
const SLOWEST: u32 = 6;

/// Why the pace is not known.
#[derive(Debug, thiserror::Error)]
pub enum PaceError {
    #[error("the recogniser cannot be started ({0}); install Heard again")]
    Start(std::io::Error),
    /// A sentence.
    #[error("{0}")]
    Unusable(String),
    #[error("the recogniser was too slow or ended; choose a smaller model")]
    NoAnswer,
}

/// Seconds that a second of `clip` takes a recogniser of this kind with so many threads; starting it is not counted.
///
/// # Errors
/// If it does not start, cannot use its model, or gives no answer.
pub fn pace(program: &Program, threads: usize, clip: Clip) -> Result<f64, PaceError> {
    let length = clip.len();
    let process = Process::start(program).map_err(PaceError::Start)?;
    match process.replies.recv_timeout(LOADING) {
        Ok(Reply::Ready { .. }) => {}
        Ok(Reply::Unusable(why) | Reply::Failed(why)) => return Err(PaceError::Unusable(why)),
        Ok(Reply::Recognised(_)) | Err(_) => return Err(PaceError::NoAnswer),
    }
    process.ask(Ask { clip, threads, said: String::new() });
    match process.replies.recv_timeout(Duration::from_millis(length.as_millis()) * SLOWEST) {
        Ok(Reply::Recognised(said)) => Ok(said.compute.as_secs_f64() / length.as_secs_f64()),
        Ok(Reply::Unusable(why) | Reply::Failed(why)) => Err(PaceError::Unusable(why)),
        Ok(Reply::Ready { .. }) | Err(_) => Err(PaceError::NoAnswer),
    }
}
