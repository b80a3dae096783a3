//! Reads transcript files, in whatever encoding their platform or an editor left them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::speech::transcript::{NoLines, Transcript, parse};

/// Ten hours of talk take less than a megabyte; larger files are something else.
const MOST_BYTES: u64 = 32 << 20;

/// Why a transcript cannot be used. Each message names the file and the next step; none holds what was said.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    #[error("{} does not exist; check the name and the folder", .0.display())]
    NotFound(PathBuf),
    #[error("{} is no regular file; name the transcript itself", .0.display())]
    NotRegular(PathBuf),
    #[error("{} is too large for a transcript; name the text file, not the recording", .0.display())]
    TooLarge(PathBuf),
    #[error("{} could not be read ({cause}); check its permissions, or copy it to this computer", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error(
        "{} cannot be used as a transcript: {cause}; export it as WebVTT or SRT, or save the meeting's transcript as text",
        path.display()
    )]
    NoLines { path: PathBuf, cause: NoLines },
}

/// Reads a transcript: WebVTT, SRT, the text of Zoom, Teams or Meet, or Heard's own JSON.
///
/// # Errors
/// If the file cannot be read, or holds nothing with a time and words.
pub fn read(path: &Path) -> Result<Transcript, TranscriptError> {
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => TranscriptError::NotFound(path.to_owned()),
        _ => TranscriptError::Read { path: path.to_owned(), cause },
    };
    let about = path.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(TranscriptError::NotRegular(path.to_owned()));
    }
    if about.len() > MOST_BYTES {
        return Err(TranscriptError::TooLarge(path.to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)).map_err(failed)?;
    parse(&decode(&bytes)).map_err(|cause| TranscriptError::NoLines { path: path.to_owned(), cause })
}

/// Text from bytes: by its mark if there is one; else UTF-16 where every other byte is zero, UTF-8 where it is valid, and
/// Windows-1252 for what is left.
pub fn decode(bytes: &[u8]) -> String {
    let encoding = Encoding::for_bom(bytes).map_or_else(|| guess(bytes), |(encoding, _)| encoding);
    let (text, _, _) = encoding.decode(bytes);
    text.into_owned()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    // Digits and arrows are ASCII in every transcript: half of the bytes are zero then, at even or at odd places.
    let start = &bytes[..bytes.len().min(1024)];
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count() * 4;
    match (zeros(0) > start.len(), zeros(1) > start.len()) {
        (true, false) => UTF_16BE,
        (false, true) => UTF_16LE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Zoë Müller>Ça va – naïve</v>\n";

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn the_same_text_in_every_encoding() {
        let (windows, _, _) = WINDOWS_1252.encode(TEXT);
        let marked = format!("\u{feff}{TEXT}");
        for bytes in [
            TEXT.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf16(TEXT, u16::to_le_bytes),
            utf16(TEXT, u16::to_be_bytes),
            windows.into_owned(),
        ] {
            assert_eq!(decode(&bytes), TEXT, "{bytes:02x?}");
        }
        assert_eq!(decode(b""), "");
    }

    #[test]
    fn what_is_no_transcript_is_told_with_the_next_step() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("a writable folder");
            path
        };
        for (path, says) in [
            (folder.path().join("nowhere.vtt"), "does not exist"),
            (folder.path().to_owned(), "no regular file"),
            (file("empty.vtt", b""), "no line with a time"),
            (file("notes.txt", b"Nothing here has a time.\n"), "export it as WebVTT"),
            (file("noise.srt", &[0x93; 4096]), "no line with a time"),
        ] {
            let error = read(&path).map_err(|error| error.to_string()).expect_err("no transcript");
            assert!(error.contains(says) && error.contains(&path.display().to_string()), "{error}");
        }
        assert_eq!(read(&file("call.vtt", TEXT.as_bytes())).map(|found| found.lines.len()).ok(), Some(1));
    }
}
