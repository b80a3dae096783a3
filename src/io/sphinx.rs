//! The basic recogniser: PocketSphinx, where the system has it, opened at run time and needed by nobody to build.
//!
//! On Debian it comes with `libpocketsphinx3` and `pocketsphinx-en-us`. It knows American English, makes several times the
//! errors of the smallest Whisper model, and suffers from noise. With a closed language model it is exact, which is what tests use
//! it for.
//!
//! This is the one module of the crate with `unsafe` code: it calls a C library. The declarations below are those of
//! PocketSphinx 0.8 (5prealpha), whose shared library is `libpocketsphinx.so.3`; another version has another name.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::Instant;

use libloading::Library;

use crate::speech::{Clip, Recognised, Recogniser, RecogniserError, Word};
use crate::units::{Span, Stretch};

const LIBRARY: &str = "libpocketsphinx.so.3";
const BASE_LIBRARY: &str = "libsphinxbase.so.3";
const MODEL: &str = "/usr/share/pocketsphinx/model/en-us";

/// Whole segments at once: the mean of the sound over the whole of it, no second pass, and beams narrow enough for an eighth
/// of real time (measured: word errors 4–10 % on clear voices).
const PARAMETERS: [(&str, &str); 5] = [
    ("-cmn", "batch"),
    ("-fwdflat", "no"),
    ("-maxhmmpf", "10000"),
    ("-maxwpf", "20"),
    ("-remove_silence", "no"),
];

/// Frames in a second, as the model was trained.
const FRAME: Span = Span::from_millis(10);
/// Steps of 16 bits that are no sound. PocketSphinx finds words even there, and is sure of them.
const SILENT: u16 = 1;
/// Base of the logarithms in which PocketSphinx gives probabilities.
const LOG_BASE: f64 = 1.0001;

type Opaque = *mut c_void;
type Definitions = unsafe extern "C" fn() -> *const c_void;
type Parse = unsafe extern "C" fn(Opaque, *const c_void, i32, *mut *mut c_char, i32) -> Opaque;
type Make = unsafe extern "C" fn(Opaque) -> Opaque;
type Log = unsafe extern "C" fn(Opaque);
type Act = unsafe extern "C" fn(Opaque) -> c_int;
type Raw = unsafe extern "C" fn(Opaque, *const i16, usize, c_int, c_int) -> c_int;
type Text = unsafe extern "C" fn(Opaque) -> *const c_char;
type Frames = unsafe extern "C" fn(Opaque, *mut c_int, *mut c_int);
type Probability = unsafe extern "C" fn(Opaque, *mut i32, *mut i32, *mut i32) -> i32;

/// Why there is no basic recogniser.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SphinxError {
    #[error(
        "PocketSphinx is not installed; on Debian and Ubuntu: apt install libpocketsphinx3 pocketsphinx-en-us"
    )]
    NoLibrary,
    #[error(
        "PocketSphinx is installed without its English model; on Debian and Ubuntu: apt install pocketsphinx-en-us"
    )]
    NoModel,
    #[error("the installed PocketSphinx is not the version that Heard knows; use a Whisper model instead")]
    OtherVersion,
    #[error("PocketSphinx could not start with its English model; reinstall pocketsphinx-en-us")]
    NotStarted,
    #[error("there is no language model {}; check the name and the folder", .0.display())]
    NoGrammar(PathBuf),
    #[error("PocketSphinx cannot use {} as a language model; write it in the ARPA format, with the ending .lm", .0.display())]
    BadGrammar(PathBuf),
}

/// The functions that are used, and the libraries they come from.
struct Functions {
    begin: Act,
    end: Act,
    process: Raw,
    segments: Make,
    next: Make,
    word: Text,
    frames: Frames,
    probability: Probability,
    free: Act,
    make: Make,
    parse: Parse,
    definitions: Definitions,
    free_configuration: Act,
    log_to: Log,
    /// Dropped last: the functions above lie in them.
    _libraries: [Library; 2],
}

impl Functions {
    fn open() -> Result<Functions, SphinxError> {
        // SAFETY: loading runs the libraries' initialisers, which do nothing but set up their own data.
        let (base, sphinx) = unsafe {
            let base = Library::new(BASE_LIBRARY).map_err(|_| SphinxError::NoLibrary)?;
            (base, Library::new(LIBRARY).map_err(|_| SphinxError::NoLibrary)?)
        };
        /// # Safety
        /// `F` must be the type of that function.
        unsafe fn find<F: Copy>(library: &Library, name: &str) -> Result<F, SphinxError> {
            // SAFETY: as the caller promises.
            unsafe { library.get::<F>(name).map(|found| *found).map_err(|_| SphinxError::OtherVersion) }
        }
        // SAFETY: each type is that of the header files of the version that the libraries' names stand for.
        unsafe {
            Ok(Functions {
                begin: find(&sphinx, "ps_start_utt")?,
                end: find(&sphinx, "ps_end_utt")?,
                process: find(&sphinx, "ps_process_raw")?,
                segments: find(&sphinx, "ps_seg_iter")?,
                next: find(&sphinx, "ps_seg_next")?,
                word: find(&sphinx, "ps_seg_word")?,
                frames: find(&sphinx, "ps_seg_frames")?,
                probability: find(&sphinx, "ps_seg_prob")?,
                free: find(&sphinx, "ps_free")?,
                make: find(&sphinx, "ps_init")?,
                parse: find(&base, "cmd_ln_parse_r")?,
                definitions: find(&sphinx, "ps_args")?,
                free_configuration: find(&base, "cmd_ln_free_r")?,
                log_to: find(&base, "err_set_logfp")?,
                _libraries: [sphinx, base],
            })
        }
    }
}

/// PocketSphinx with its English model.
pub struct Sphinx {
    functions: Functions,
    decoder: Opaque,
}

// SAFETY: a decoder has no ties to the thread that made it; `&mut self` keeps two threads from using it at once.
unsafe impl Send for Sphinx {}

impl Sphinx {
    /// Starts the recogniser; takes about half a second. `grammar` is a closed language model (ARPA, `.lm`) in place of the
    /// general one: then nothing but its words is ever heard.
    ///
    /// # Errors
    /// If PocketSphinx or its model is not installed, or does not start, or there is no such grammar.
    pub fn open(grammar: Option<&Path>) -> Result<Sphinx, SphinxError> {
        let functions = Functions::open()?;
        let model = Path::new(MODEL);
        let general = model.join("en-us.lm.bin");
        let dictionary = model.join("cmudict-en-us.dict");
        if ![&model.join("en-us"), &dictionary, &general].iter().all(|part| part.exists()) {
            return Err(SphinxError::NoModel);
        }
        let not_started = match grammar {
            None => SphinxError::NotStarted,
            Some(path) if path.exists() => SphinxError::BadGrammar(path.to_owned()),
            Some(path) => return Err(SphinxError::NoGrammar(path.to_owned())),
        };
        let grammar = grammar.unwrap_or(&general);
        let mut arguments = vec!["heard".to_owned()];
        let paths = [("-hmm", model.join("en-us")), ("-lm", grammar.to_owned()), ("-dict", dictionary)];
        for (name, value) in paths {
            arguments.extend([name.to_owned(), value.to_string_lossy().into_owned()]);
        }
        arguments
            .extend(PARAMETERS.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]));
        let arguments: Vec<CString> = arguments
            .into_iter()
            .map(CString::new)
            .collect::<Result<_, _>>()
            .map_err(|_| SphinxError::NoModel)?;
        let mut pointers: Vec<*mut c_char> = arguments.iter().map(|text| text.as_ptr().cast_mut()).collect();
        let count = i32::try_from(pointers.len()).map_err(|_| SphinxError::NotStarted)?;
        // SAFETY: the definitions are the library's own; the pointers are valid C strings for the call, which copies what it
        // keeps. The decoder takes its own reference to the configuration, and ours is given back.
        let decoder = unsafe {
            // It would log every parameter to standard error.
            (functions.log_to)(ptr::null_mut());
            let configuration = (functions.parse)(
                ptr::null_mut(),
                (functions.definitions)(),
                count,
                pointers.as_mut_ptr(),
                1,
            );
            if configuration.is_null() {
                return Err(SphinxError::NotStarted);
            }
            let decoder = (functions.make)(configuration);
            (functions.free_configuration)(configuration);
            decoder
        };
        if decoder.is_null() { Err(not_started) } else { Ok(Sphinx { functions, decoder }) }
    }

    /// The words of the last utterance, with the probability of each.
    fn words(&mut self, clip: &Clip) -> Vec<(Word, f64)> {
        let mut found = Vec::new();
        let (functions, sound) = (&self.functions, Span::from_ticks(clip.samples.len() as u64));
        // SAFETY: the decoder lives as long as `self`, and its utterance has ended. Each iterator is used until the next call
        // returns its successor or null; the word is a C string that lives as long as the iterator, and is copied at once.
        unsafe {
            let mut segment = (functions.segments)(self.decoder);
            while !segment.is_null() {
                let (mut first, mut last) = (0, 0);
                (functions.frames)(segment, &raw mut first, &raw mut last);
                let mut unused = [0; 3];
                let [sound_score, text_score, backoff] = unused.each_mut().map(ptr::from_mut);
                let log = (functions.probability)(segment, sound_score, text_score, backoff);
                let text = (functions.word)(segment);
                if !text.is_null()
                    && let Some(text) = plain(&CStr::from_ptr(text).to_string_lossy())
                {
                    let at = |frame: c_int| clip.start + frames(frame).min(sound);
                    let stretch = Stretch::new(at(first), at(last.saturating_add(1)));
                    found.push((Word { text, stretch }, LOG_BASE.powi(log).clamp(0.0, 1.0)));
                }
                segment = (functions.next)(segment);
            }
        }
        found
    }
}

fn frames(count: c_int) -> Span {
    Span::from_ticks(FRAME.ticks() * u64::try_from(count).unwrap_or(0))
}

/// A word as it is written: `read` for `read(2)`; `None` for silence and noises such as `<sil>`, `[NOISE]`, `++UM++`.
fn plain(word: &str) -> Option<String> {
    let word = word.split_once('(').map_or(word, |(word, _)| word).trim();
    let filler = word.starts_with(['<', '[', '+']);
    (!filler && !word.is_empty()).then(|| word.to_owned())
}

impl Recogniser for Sphinx {
    fn recognise(&mut self, clip: &Clip) -> Result<Recognised, RecogniserError> {
        let begun = now();
        let samples: Vec<i16> =
            clip.samples.iter().map(|sample| (sample.clamp(-1.0, 1.0) * 32_767.0) as i16).collect();
        if samples.iter().all(|sample| sample.unsigned_abs() <= SILENT) {
            return Ok(Recognised { no_speech: 1.0, compute: begun.elapsed(), ..Recognised::default() });
        }
        let (functions, decoder) = (&self.functions, self.decoder);
        // SAFETY: the decoder lives as long as `self`; samples and their count belong together.
        let done = unsafe {
            (functions.begin)(decoder) >= 0
                && (functions.process)(decoder, samples.as_ptr(), samples.len(), 0, 1) >= 0
                && (functions.end)(decoder) >= 0
        };
        if !done {
            // SAFETY: as above; ending what was not begun is refused and changes nothing.
            unsafe { (functions.end)(decoder) };
            return Err(RecogniserError("PocketSphinx gave up on a clip; the next may work".into()));
        }
        let words = self.words(clip);
        let sum: f64 = words.iter().map(|(_, probability)| probability).sum();
        let confidence = if words.is_empty() { 0.0 } else { (sum / words.len() as f64) as f32 };
        let words: Vec<Word> = words.into_iter().map(|(word, _)| word).collect();
        Ok(Recognised {
            text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
            // It has no measure of its own: it hears words or it does not.
            no_speech: if words.is_empty() { 1.0 } else { 0.0 },
            words,
            confidence,
            // One thread, which does nothing else meanwhile.
            compute: begun.elapsed(),
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a recogniser tells what it costs, and only the shell has a clock"
)]
fn now() -> Instant {
    Instant::now()
}

impl Drop for Sphinx {
    fn drop(&mut self) {
        // SAFETY: the decoder was made by this library and is freed once.
        unsafe { (self.functions.free)(self.decoder) };
    }
}

/// Whether PocketSphinx and its model are there, without starting it.
pub fn is_installed() -> bool {
    Path::new(MODEL).join("en-us.lm.bin").exists() && Functions::open().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_go_and_alternates_are_one_word() {
        for (word, expected) in [
            ("read(2)", Some("read")),
            ("don't", Some("don't")),
            ("<sil>", None),
            ("</s>", None),
            ("[NOISE]", None),
            ("++UM++", None),
            ("", None),
        ] {
            assert_eq!(plain(word).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn frames_are_ten_milliseconds() {
        assert_eq!(frames(3), Span::from_millis(30));
        assert_eq!(frames(-1), Span::ZERO);
    }
}
