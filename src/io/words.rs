//! Which recogniser a session gets: by name or path, or none, and then why.

#[cfg(feature = "models")]
mod choice;

#[cfg(feature = "models")]
pub use choice::{WordsError, choose};

use std::sync::Arc;

use crate::io::worker::Plan;
use crate::speech::transcript::Transcript;

/// Where a session's words come from.
#[derive(Clone, Debug)]
pub enum Words {
    /// From nowhere, and why: one sentence, without the full stop.
    None(String),
    By(Plan),
    /// The meeting platform wrote them down; no recogniser is needed.
    Written(Arc<Written>),
}

/// A transcript, and whose words in it are the rep's.
#[derive(Clone, Debug)]
pub struct Written {
    pub transcript: Transcript,
    /// Any part of the name; without it the voices decide.
    pub rep_name: Option<String>,
}

impl Words {
    /// Nobody asked for words.
    pub fn none() -> Words {
        Words::None("nobody asked for them".to_owned())
    }

    /// The same words for a recording, which waits for each, or for a call, which waits for none.
    pub fn patient(mut self, patient: bool) -> Words {
        if let Words::By(plan) = &mut self {
            plan.patient = patient;
        }
        self
    }
}
