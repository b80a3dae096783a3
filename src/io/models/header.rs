//! Reads a Whisper model file as a stranger's: every length is checked before native code trusts it.
//!
//! The native loader believes what a file says about itself, and dies of it. A file that passes here has the shape of a
//! Whisper model in ggml form, byte for byte from its first to its last: known architecture, sound filters, vocabulary, and
//! each tensor once, of the right shape, type and length. What the weights say is not judged.
//!
//! ```text
//! magic u32 │ 11 numbers i32 │ mels, bins i32 │ filters f32… │ tokens i32 │ (length u32, bytes)… │ tensors…
//! ```

use std::io::{Cursor, Read, Seek};

use super::tensors::{self, Weights};

/// "ggml", as a little-endian number.
const MAGIC: u32 = 0x6767_6d6c;
/// Vocabularies of the published models: English, many languages, and many languages with Cantonese.
const VOCABULARIES: std::ops::RangeInclusive<i32> = 51_864..=51_866;
/// 30 s of sound at 50 positions a second.
const AUDIO_CONTEXT: i32 = 1500;
const TEXT_CONTEXT: i32 = 448;
/// Layers of the published encoders: tiny, base, small, medium, large.
const ENCODER_LAYERS: [i32; 5] = [4, 6, 12, 24, 32];
/// Width of one attention head in every published model.
const HEAD_WIDTH: i32 = 64;
/// Width of the largest published model.
const WIDEST: i32 = 1280;
/// Bins of a 25 ms window at 16 kHz.
const FILTER_BINS: i32 = 201;
/// The longest token of the published vocabularies has 128 bytes.
const LONGEST_TOKEN: u32 = 256;
/// The decoder looks these up by name and dies if one is missing.
const NEEDED_TOKENS: [&[u8]; 3] = [b" ", b" -", b" '"];
/// The file's number format: `ftype` is weights plus a thousand times the version of the quantised blocks.
const BLOCK_VERSION: i32 = 1000;
/// Highest version of quantised blocks in use.
const HIGHEST_VERSION: i32 = 2;

/// What a model file says about itself, once checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub vocabulary: u32,
    /// Width of the network.
    pub width: u32,
    pub encoder_layers: u32,
    pub decoder_layers: u32,
    /// Bands of the sound filters.
    pub mels: u32,
    /// How the big tensors are stored.
    pub weights: Weights,
    /// The file holds no weights at all: good for tests of loading and of speed; it never gives a word.
    pub empty: bool,
}

impl Header {
    /// False for models that know English only.
    pub fn multilingual(&self) -> bool {
        self.vocabulary >= 51_865
    }
}

/// Parts of the file, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Header,
    Filters,
    Vocabulary,
    Tensors,
}

impl std::fmt::Display for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Section::Header => "header",
            Section::Filters => "sound filters",
            Section::Vocabulary => "vocabulary",
            Section::Tensors => "weights",
        })
    }
}

/// Why a file is no Whisper model that may be loaded. Each message follows "FILE cannot be used as a model: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("it does not begin like a Whisper model in ggml form")]
    Magic,
    #[error("it ends inside its {0}")]
    Cut(Section),
    #[error("it claims {what} of {value}, which no Whisper model has")]
    Claim { what: &'static str, value: i64 },
    #[error("its sound filters are not numbers")]
    Filters,
    #[error("a token of its vocabulary claims {0} bytes")]
    Token(u32),
    #[error("its vocabulary lacks tokens that every Whisper model has")]
    Vocabulary,
    #[error("it holds weights that no Whisper model of its kind has")]
    UnknownTensor,
    #[error("its weights {name} have the wrong {what}")]
    Tensor { name: String, what: &'static str },
    #[error("its weights {0} are there twice")]
    Twice(String),
    #[error("{missing} of its {of} sets of weights are missing")]
    Missing { missing: usize, of: usize },
    #[error("more bytes follow where it should end")]
    Trailing,
}

/// Checks a whole model file. Looks at each part's lengths, never at the weights: well below a millisecond for most refusals.
///
/// # Errors
/// What is wrong, as soon as it is found.
pub fn check(bytes: &[u8]) -> Result<Header, HeaderError> {
    check_source(Cursor::new(bytes), bytes.len() as u64)
}

/// The same without reading the weights: a large file that is wrong anywhere is refused as fast as a small one.
pub(super) fn check_source(source: impl Read + Seek, length: u64) -> Result<Header, HeaderError> {
    let mut reader = Reader { source, left: length, buffer: Vec::new() };
    if length < 4 || reader.u32(Section::Header)? != MAGIC {
        return Err(HeaderError::Magic);
    }
    let mut header = hparams(&mut reader)?;
    filters(&mut reader, &header)?;
    vocabulary(&mut reader, &header)?;
    header.empty = reader.left == 0;
    if !header.empty {
        tensors::check(&mut reader, &header)?;
    }
    Ok(header)
}

fn hparams(reader: &mut Reader<impl Read + Seek>) -> Result<Header, HeaderError> {
    let mut next = || reader.i32(Section::Header);
    let vocabulary = within("a vocabulary", next()?, |n| VOCABULARIES.contains(&n))?;
    within("a sound context", next()?, |n| n == AUDIO_CONTEXT)?;
    let width = within("a width", next()?, |n| n > 0 && n <= WIDEST && n % HEAD_WIDTH == 0)?;
    let heads = width / HEAD_WIDTH;
    within("attention heads", next()?, |n| n == heads)?;
    let encoder_layers = within("encoder layers", next()?, |n| ENCODER_LAYERS.contains(&n))?;
    within("a text context", next()?, |n| n == TEXT_CONTEXT)?;
    within("a text width", next()?, |n| n == width)?;
    within("text heads", next()?, |n| n == heads)?;
    let decoder_layers = within("decoder layers", next()?, |n| n > 0 && n <= encoder_layers)?;
    let mels = within("sound bands", next()?, |n| n == 80 || n == 128)?;
    let stored = within("a number format", next()?, |n| n >= 0 && n / BLOCK_VERSION <= HIGHEST_VERSION)?;
    let weights = Weights::of_file(stored % BLOCK_VERSION, width)
        .ok_or(HeaderError::Claim { what: "a number format", value: stored.into() })?;
    Ok(Header {
        vocabulary: vocabulary.unsigned_abs(),
        width: width.unsigned_abs(),
        encoder_layers: encoder_layers.unsigned_abs(),
        decoder_layers: decoder_layers.unsigned_abs(),
        mels: mels.unsigned_abs(),
        weights,
        empty: false,
    })
}

fn within(what: &'static str, value: i32, known: impl Fn(i32) -> bool) -> Result<i32, HeaderError> {
    if known(value) { Ok(value) } else { Err(HeaderError::Claim { what, value: value.into() }) }
}

fn filters(reader: &mut Reader<impl Read + Seek>, header: &Header) -> Result<(), HeaderError> {
    let mels = reader.u32(Section::Filters)?;
    let bins = reader.i32(Section::Filters)?;
    if mels != header.mels {
        return Err(HeaderError::Claim { what: "sound filters", value: mels.into() });
    }
    within("filter bins", bins, |n| n == FILTER_BINS)?;
    let values = reader.take(4 * header.mels as usize * FILTER_BINS as usize, Section::Filters)?;
    let finite = |value: &[u8]| value.try_into().is_ok_and(|four| f32::from_le_bytes(four).is_finite());
    if values.chunks_exact(4).all(finite) { Ok(()) } else { Err(HeaderError::Filters) }
}

fn vocabulary(reader: &mut Reader<impl Read + Seek>, header: &Header) -> Result<(), HeaderError> {
    let tokens = reader.u32(Section::Vocabulary)?;
    if tokens == 0 || tokens > header.vocabulary {
        return Err(HeaderError::Claim { what: "a vocabulary", value: tokens.into() });
    }
    let mut seen = [false; NEEDED_TOKENS.len()];
    for _ in 0..tokens {
        let length = reader.u32(Section::Vocabulary)?;
        if length > LONGEST_TOKEN {
            return Err(HeaderError::Token(length));
        }
        let token = reader.take(length as usize, Section::Vocabulary)?;
        if let Some(at) = NEEDED_TOKENS.iter().position(|needed| *needed == token) {
            seen[at] = true;
        }
    }
    if seen.contains(&false) { Err(HeaderError::Vocabulary) } else { Ok(()) }
}

/// Reads on through the file, never past what is left of it.
pub(super) struct Reader<R> {
    source: R,
    pub(super) left: u64,
    buffer: Vec<u8>,
}

impl<R: Read + Seek> Reader<R> {
    /// The next bytes; callers have bounded their number.
    pub(super) fn take(&mut self, count: usize, section: Section) -> Result<&[u8], HeaderError> {
        self.pass(count as u64, section)?;
        self.buffer.resize(count, 0);
        self.source.read_exact(&mut self.buffer).map_err(|_| HeaderError::Cut(section))?;
        Ok(&self.buffer)
    }

    pub(super) fn skip(&mut self, count: usize, section: Section) -> Result<(), HeaderError> {
        self.pass(count as u64, section)?;
        let count = i64::try_from(count).map_err(|_| HeaderError::Cut(section))?;
        self.source.seek_relative(count).map_err(|_| HeaderError::Cut(section))
    }

    fn pass(&mut self, count: u64, section: Section) -> Result<(), HeaderError> {
        self.left = self.left.checked_sub(count).ok_or(HeaderError::Cut(section))?;
        Ok(())
    }

    pub(super) fn u32(&mut self, section: Section) -> Result<u32, HeaderError> {
        let bytes = self.take(4, section)?;
        bytes.try_into().map(u32::from_le_bytes).map_err(|_| HeaderError::Cut(section))
    }

    pub(super) fn i32(&mut self, section: Section) -> Result<i32, HeaderError> {
        self.u32(section).map(u32::cast_signed)
    }
}
