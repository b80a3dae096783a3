//! The recogniser's own process: it reads the model, checks it, gives up its rights, loads it, and answers.
//!
//! The order matters. The bytes that were checked are the bytes that are loaded, and when native code first sees them there
//! is nothing left to steal with: no file, no socket, and only so much memory.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::io::clock::Clock;
use crate::io::confine::seal;
use crate::io::worker::limits;
use crate::io::worker::wire::{Reply, read_ask, write_reply};
use crate::speech::{Clip, Recogniser, RecogniserError};
use crate::units::{AudioTime, Party, Span};

/// What a process is to recognise with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A Whisper model in a file.
    Whisper {
        model: PathBuf,
        /// A language's code, or "auto".
        language: String,
        /// Encode 30 s whatever the clip's length, as the model was trained: five times slower.
        full_context: bool,
    },
    /// PocketSphinx, where the system has it.
    Basic {
        /// A closed language model (ARPA) of the user's: nothing else is heard. Native code reads it before the process is
        /// sealed, as it does with the system's own model.
        grammar: Option<PathBuf>,
    },
}

/// Reads a model and checks it; the bytes that it gives are the ones that are loaded. If they may not be, a sentence.
pub type Read = fn(&Path) -> Result<Vec<u8>, String>;

/// Runs the recogniser on standard input and output until the input ends.
///
/// # Errors
/// If the pipes break; what is wrong with the model is told through them.
pub fn run(engine: &Engine, read: Read) -> io::Result<()> {
    serve(&mut io::stdin().lock(), &mut io::stdout().lock(), || load(engine, read))
}

fn load(engine: &Engine, read: Read) -> Result<Box<dyn Recogniser>, RecogniserError> {
    match engine {
        Engine::Whisper { model, language, full_context } => {
            let bytes = read(model).map_err(RecogniserError)?;
            limits::apply(bytes.len() as u64);
            // A graphics card's driver opens files as it goes.
            if !cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan")) {
                seal();
            }
            whisper(&bytes, language, *full_context)
        }
        Engine::Basic { grammar } => {
            limits::apply(0);
            let recogniser = basic(grammar.as_deref())?;
            seal();
            Ok(recogniser)
        }
    }
}

#[cfg(feature = "whisper")]
fn whisper(bytes: &[u8], language: &str, full_context: bool) -> Result<Box<dyn Recogniser>, RecogniserError> {
    Ok(Box::new(crate::io::whisper::Whisper::load(bytes, language, full_context)?))
}

#[cfg(not(feature = "whisper"))]
fn whisper(_: &[u8], _: &str, _: bool) -> Result<Box<dyn Recogniser>, RecogniserError> {
    Err(RecogniserError("this build has no Whisper; build it with the feature whisper".to_owned()))
}

/// Reads its own model, which the system vouches for, before it is sealed.
#[cfg(feature = "basic")]
fn basic(grammar: Option<&Path>) -> Result<Box<dyn Recogniser>, RecogniserError> {
    let sphinx =
        crate::io::sphinx::Sphinx::open(grammar).map_err(|error| RecogniserError(error.to_string()))?;
    Ok(Box::new(sphinx))
}

#[cfg(not(feature = "basic"))]
fn basic(_: Option<&Path>) -> Result<Box<dyn Recogniser>, RecogniserError> {
    Err(RecogniserError("this build has no basic recogniser; build it with the feature basic".to_owned()))
}

/// Answers what comes from `input` with a recogniser, until there is no more.
///
/// # Errors
/// If the pipes break or what comes is no message.
pub fn serve<R: Recogniser>(
    input: &mut impl io::Read,
    output: &mut impl Write,
    load: impl FnOnce() -> Result<R, RecogniserError>,
) -> io::Result<()> {
    let clock = Clock::start();
    let mut recogniser = match load().and_then(|mut recogniser| {
        let second = warm_up(&mut recogniser, &clock)?;
        Ok((recogniser, second))
    }) {
        Ok((recogniser, second)) => {
            write_reply(output, &Reply::Ready { second })?;
            recogniser
        }
        Err(RecogniserError(why)) => return write_reply(output, &Reply::Unusable(why)),
    };
    while let Some(ask) = read_ask(input)? {
        recogniser.use_threads(ask.threads);
        recogniser.remember(&ask.said);
        let began = clock.now();
        let reply = match recogniser.recognise(&ask.clip) {
            Ok(mut said) => {
                said.compute = clock.now() - began;
                Reply::Recognised(said)
            }
            Err(RecogniserError(why)) => Reply::Failed(why),
        };
        write_reply(output, &reply)?;
    }
    Ok(())
}

/// Takes what is only done once before anybody waits for it, and tells how fast this computer is.
fn warm_up(recogniser: &mut impl Recogniser, clock: &Clock) -> Result<Duration, RecogniserError> {
    let second = Span::from_secs(1);
    let samples = vec![0.0; second.ticks() as usize];
    let clip = Clip { party: Party::Rep, start: AudioTime::ZERO, samples, voiced: Span::ZERO };
    let began = clock.now();
    recogniser.recognise(&clip)?;
    Ok(clock.now() - began)
}

impl<R: Recogniser + ?Sized> Recogniser for Box<R> {
    fn recognise(&mut self, clip: &Clip) -> Result<crate::speech::Recognised, RecogniserError> {
        (**self).recognise(clip)
    }

    fn remember(&mut self, said: &str) {
        (**self).remember(said);
    }

    fn use_threads(&mut self, most: usize) {
        (**self).use_threads(most);
    }
}
