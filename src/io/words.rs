//! Which recogniser a session gets: by name or path, or none, and then why.

#[cfg(feature = "models")]
mod choice;

#[cfg(feature = "models")]
pub use choice::{WordsError, choose};

use crate::io::worker::Plan;

/// Where a session's words come from.
#[derive(Clone, Debug)]
pub enum Words {
    /// From nowhere, and why: one sentence, without the full stop.
    None(String),
    By(Plan),
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
