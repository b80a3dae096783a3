//! Which recogniser a session gets: by name or path, or none, and then why.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config::SpeechSettings;
use crate::io::worker::{Plan, Program};
use crate::speech::Source;

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

/// Why the words that were asked for cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    #[error("there is no model {0:?}; name a model's file, or use --model none")]
    NoModel(String),
    #[error("Heard cannot find its own program ({0}); start it by its full path")]
    NoProgram(std::io::Error),
}

/// The subcommand that a recogniser's process is started with.
const WORKER: &str = "recognise-worker";

/// Cores that stay free for the call itself.
const FREE_CORES: usize = 2;

/// Finds the recogniser that is asked for by name or path on the command line, else by the settings.
///
/// # Errors
/// If a model that was asked for by name is not there. "auto" takes what there is.
pub fn choose(asked: Option<&str>, settings: &SpeechSettings) -> Result<Words, WordsError> {
    let asked = asked.unwrap_or(settings.model.as_str());
    match asked {
        "none" => Ok(Words::none()),
        "auto" => Ok(Words::None(
            "there is no speech model here; get one with heard models fetch base.en".to_owned(),
        )),
        _ => {
            let path = Path::new(asked);
            if !path.is_file() {
                return Err(WordsError::NoModel(asked.to_owned()));
            }
            whisper(path.to_owned(), settings)
        }
    }
}

fn whisper(model: PathBuf, settings: &SpeechSettings) -> Result<Words, WordsError> {
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.strip_prefix("ggml-").unwrap_or(&stem).to_owned();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = (settings.threads as usize).min(cores.saturating_sub(FREE_CORES)).max(1);
    let language = settings.language.as_str().into();
    let arguments: [OsString; 5] =
        [WORKER.into(), "--model".into(), model.into(), "--language".into(), language];
    let program = Program::this(arguments).map_err(WordsError::NoProgram)?;
    Ok(Words::By(Plan { program, model: name, source: Source::Whisper, threads, patient: true }))
}
