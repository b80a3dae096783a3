//! The recogniser for a name: a model's, "basic", "auto" or "none".

use std::ffi::OsString;
use std::path::Path;

use super::Words;
use crate::config::SpeechSettings;
use crate::io::models;
#[cfg(feature = "basic")]
use crate::io::sphinx;
use crate::io::worker::{Plan, Program};
use crate::speech::Source;
use crate::speech::status::BASIC;

/// Why the words that were asked for cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    #[error("{0}; or use --model none")]
    NoModel(String),
    #[error("Heard cannot find its own program ({0}); start it by its full path")]
    NoProgram(std::io::Error),
    #[error(
        "a language model of your own is for the basic recogniser alone; add --model basic, or leave out --grammar"
    )]
    NotBasic,
}

/// The subcommand that a recogniser's process is started with.
const WORKER: &str = "recognise-worker";

/// Cores that stay free for the call itself.
const FREE_CORES: usize = 2;

/// Finds the recogniser that is asked for by name or path on the command line, else by the settings. "auto" is the best model
/// installed, else the basic recogniser if the system has it, else none.
///
/// # Errors
/// If a model that was asked for is not there.
pub fn choose(asked: Option<&str>, settings: &SpeechSettings) -> Result<Words, WordsError> {
    let found = match asked.unwrap_or(settings.model.as_str()) {
        "none" => return Ok(Words::none()),
        "basic" => return basic(),
        "auto" => match models::best_installed() {
            Some(model) => model,
            None if has_basic() => return basic(),
            None => {
                return Ok(Words::None(
                    "there is no speech model here; get one with heard models fetch base.en".to_owned(),
                ));
            }
        },
        name => models::find(name).map_err(|error| WordsError::NoModel(error.to_string()))?,
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = (settings.threads as usize).min(cores.saturating_sub(FREE_CORES)).max(1);
    let mut arguments: Vec<OsString> = vec![
        WORKER.into(),
        "--model".into(),
        found.path.into(),
        "--language".into(),
        settings.language.as_str().into(),
    ];
    if settings.full_context {
        arguments.push("--full-context".into());
    }
    plan(arguments, found.name, Source::Whisper, threads)
}

impl Words {
    /// The same words by the basic recogniser, which then hears nothing but what a closed language model (ARPA) has.
    ///
    /// # Errors
    /// If another recogniser was chosen. What is wrong with the file is told by the recogniser's process.
    pub fn within(mut self, grammar: Option<&Path>) -> Result<Words, WordsError> {
        match (&mut self, grammar) {
            (_, None) => {}
            (Words::By(plan), Some(grammar)) if plan.source == Source::Basic => {
                plan.program.arguments.extend(["--grammar".into(), grammar.into()]);
            }
            (_, Some(_)) => return Err(WordsError::NotBasic),
        }
        Ok(self)
    }
}

fn basic() -> Result<Words, WordsError> {
    plan([WORKER], BASIC.to_owned(), Source::Basic, 1)
}

#[cfg(feature = "basic")]
fn has_basic() -> bool {
    sphinx::is_installed()
}

#[cfg(not(feature = "basic"))]
fn has_basic() -> bool {
    false
}

fn plan(
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
    model: String,
    source: Source,
    threads: usize,
) -> Result<Words, WordsError> {
    let program = Program::this(arguments).map_err(WordsError::NoProgram)?;
    Ok(Words::By(Plan { program, model, source, threads, patient: true }))
}
