//! The recogniser's own process: it reads the model, checks it, gives up its rights, loads it, and answers.
//!
//! The order matters. The bytes that were checked are the bytes that are loaded, and when native code first sees them there
//! is nothing left to steal with: no file, no socket, and only so much memory.

use std::fs::File;
use std::io::{self, Read, Write};
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
}

/// Says whether the bytes of a model may be given to native code; if not, the sentence says why.
pub type Verify = fn(&[u8]) -> Result<(), String>;

/// A model of this size is none that Heard knows: the largest there is takes 3.1 GB.
const MOST_BYTES: u64 = 4 << 30;

/// Runs the recogniser on standard input and output until the input ends.
///
/// # Errors
/// If the pipes break; what is wrong with the model is told through them.
pub fn run(engine: &Engine, verify: Verify) -> io::Result<()> {
    serve(&mut io::stdin().lock(), &mut io::stdout().lock(), || load(engine, verify))
}

fn load(engine: &Engine, verify: Verify) -> Result<Box<dyn Recogniser>, RecogniserError> {
    match engine {
        Engine::Whisper { model, language, full_context } => {
            let bytes = read(model)?;
            verify(&bytes).map_err(RecogniserError)?;
            limits::apply(bytes.len() as u64);
            // A graphics card's driver opens files as it goes.
            if !cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan")) {
                seal();
            }
            #[cfg(feature = "whisper")]
            return Ok(Box::new(crate::io::whisper::Whisper::load(&bytes, language, *full_context)?));
            #[cfg(not(feature = "whisper"))]
            {
                let _ = (language, full_context);
                Err(RecogniserError(
                    "this build has no recogniser; build it with the feature whisper".to_owned(),
                ))
            }
        }
    }
}

fn read(model: &Path) -> Result<Vec<u8>, RecogniserError> {
    let wrong = |what: &str| RecogniserError(format!("the model {} {what}", model.display()));
    let unreadable =
        |error: io::Error| wrong(&format!("cannot be read ({error}); check the path, or fetch it again"));
    let mut file = File::open(model).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(wrong("is not a file; name the file itself"));
    }
    if about.len() > MOST_BYTES {
        return Err(wrong("is larger than any model; choose another file"));
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    Read::take(&mut file, MOST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Answers what comes from `input` with a recogniser, until there is no more.
///
/// # Errors
/// If the pipes break or what comes is no message.
pub fn serve<R: Recogniser>(
    input: &mut impl Read,
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
