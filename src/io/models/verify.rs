//! Whether a model file is what it should be: its header, its digest, and who vouches for it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::header::{Header, HeaderError, check, check_source};
use super::manifest::{Known, Manifest};
use super::place::Places;
use super::{ModelError, place};

/// Bytes of the largest published model (large, 3.1 GB), rounded up.
const MOST_BYTES: u64 = 3_200_000_000;

/// A model file in memory whose header is sound; nobody has vouched for it yet.
pub struct Candidate {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub header: Header,
    pub digest: Digest,
}

impl Candidate {
    /// The published model that this is, whatever the file is called.
    pub fn known(&self) -> Option<&'static Known> {
        Manifest::bundled().of(self.digest)
    }
}

/// Who vouches for a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Its digest is in the manifest.
    Published,
    /// The user confirmed its digest on import.
    Confirmed,
}

/// A model that may be loaded: these bytes are the ones that were checked.
pub struct VerifiedModel {
    /// The published name, or the one given on import.
    pub name: String,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub header: Header,
    pub digest: Digest,
    pub trust: Trust,
}

/// Reads a file, checks its header and takes its digest. A file that is no model is refused before its weights are read; what
/// then counts is the check of the bytes in memory, which nobody can change any more.
///
/// # Errors
/// If it cannot be read, or is no model.
pub fn inspect(path: &Path) -> Result<Candidate, ModelError> {
    let bytes = read(path)?;
    let header = check(&bytes).map_err(|cause| refused(path, cause))?;
    let digest = Digest::of(&bytes);
    Ok(Candidate { path: path.to_owned(), bytes, header, digest })
}

fn refused(path: &Path, cause: HeaderError) -> ModelError {
    ModelError::Header { path: path.to_owned(), cause }
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => ModelError::NoFile(path.to_owned()),
        _ => ModelError::Read { path: path.to_owned(), cause },
    };
    // Asked before opening: a pipe would wait for its writer.
    let about = path.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(ModelError::NotRegular(path.to_owned()));
    }
    if about.len() > MOST_BYTES {
        return Err(ModelError::TooLarge(path.to_owned()));
    }
    let mut file = File::open(path).map_err(failed)?;
    check_source(BufReader::new(&file), about.len()).map_err(|cause| refused(path, cause))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(about.len() as usize).map_err(|_| failed(io::ErrorKind::OutOfMemory.into()))?;
    file.rewind().and_then(|()| file.take(about.len()).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

impl Places {
    /// See [`super::load_verified`].
    ///
    /// # Errors
    /// If it is no model, or neither published nor confirmed.
    pub fn load_verified(&self, path: &Path) -> Result<VerifiedModel, ModelError> {
        let candidate = inspect(path)?;
        let claimed = path.file_name().and_then(|file| file.to_str()).and_then(place::name_of);
        let (name, trust) = match candidate.known() {
            Some(known) => (known.name.clone(), Trust::Published),
            None => match self.confirmed(candidate.digest) {
                Some(name) => (name, Trust::Confirmed),
                None => {
                    let published = claimed.filter(|name| Manifest::bundled().named(name).is_some());
                    let path = path.to_owned();
                    return Err(match published {
                        Some(name) => ModelError::Altered { path, name: name.to_owned() },
                        None => ModelError::NotConfirmed(path),
                    });
                }
            },
        };
        let Candidate { path, bytes, header, digest } = candidate;
        Ok(VerifiedModel { name, path, bytes, header, digest, trust })
    }
}
