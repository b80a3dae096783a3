//! The session's clock: nanoseconds since the call began. It never goes back, and the wall clock does not touch it.

use std::time::{Duration, Instant};

/// Reads time since a beginning; a copy reads the same.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// The clock of a session that begins now.
    #[expect(clippy::disallowed_methods, reason = "the one place at which the shell reads a clock")]
    pub fn start() -> Clock {
        Clock { began: Instant::now() }
    }

    /// Time since the session began.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }
}
