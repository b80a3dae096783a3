//! Heard's own folder of models: taking in, giving away, and what it knows about each. Nothing is ever half there.
//!
//! `NAME.bin` is the model; `NAME.sha256` the digest that the user confirmed, for one that is not published; `NAME.speed` how
//! long a second of speech took here.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::digest::Digest;
use super::manifest::{Known, Manifest};
use super::place::{ModelFile, Places, may_name};
use super::verify::Candidate;
use super::{ModelError, inspect};

/// One installed model, as far as its name and the notes beside it tell: the file itself was not read.
#[derive(Clone, Debug, PartialEq)]
pub struct Installed {
    pub file: ModelFile,
    pub bytes: u64,
    /// Seconds that a second of speech takes, measured on this computer.
    pub speed: Option<f64>,
    /// The published model of that name.
    pub known: Option<&'static Known>,
}

impl Places {
    /// What is installed, in the order of [`Places::installed`].
    pub fn list(&self) -> Vec<Installed> {
        let about = |file: ModelFile| Installed {
            bytes: file.path.metadata().map_or(0, |about| about.len()),
            speed: self.speed(&file.name),
            known: Manifest::bundled().named(&file.name),
            file,
        };
        self.installed().into_iter().map(about).collect()
    }

    /// Heard's own folder, made if need be, for its owner alone.
    ///
    /// # Errors
    /// If there is none or it cannot be made.
    pub fn own_folder(&self) -> Result<&Path, ModelError> {
        let folder = self.data.as_deref().ok_or(ModelError::NoFolder)?;
        fs::create_dir_all(folder).map_err(|cause| ModelError::Write { path: folder.to_owned(), cause })?;
        Ok(folder)
    }

    /// Takes a checked model in under that name. Who calls has asked the user, if the model is not published.
    ///
    /// # Errors
    /// If the name cannot be used or is another model's, or the disk is full; then nothing is left behind.
    pub fn import(&self, candidate: &Candidate, name: &str) -> Result<ModelFile, ModelError> {
        let path = self.home_of(candidate, name)?;
        let model = whole(&path, &candidate.bytes)?;
        self.keep(model, candidate, name, path)
    }

    /// As [`Places::import`], for a file in Heard's own folder that just becomes the model, without being copied.
    ///
    /// # Errors
    /// As [`Places::import`]; the file is gone then.
    pub fn adopt(&self, part: &Path, expected: Digest, name: &str) -> Result<ModelFile, ModelError> {
        let model = tempfile::TempPath::try_from_path(part)
            .map_err(|cause| ModelError::Read { path: part.to_owned(), cause })?;
        let candidate = inspect(&model)?;
        if candidate.digest != expected {
            return Err(ModelError::OtherDigest { path: part.to_owned(), found: candidate.digest });
        }
        let path = self.home_of(&candidate, name)?;
        let written = |cause| ModelError::Write { path: path.clone(), cause };
        let file = fs::OpenOptions::new().write(true).open(&model).map_err(written)?;
        file.sync_all().map_err(written)?;
        self.keep(NamedTempFile::from_parts(file, model), &candidate, name, path)
    }

    fn home_of(&self, candidate: &Candidate, name: &str) -> Result<PathBuf, ModelError> {
        if !may_name(name) {
            return Err(ModelError::Name(name.to_owned()));
        }
        if Manifest::bundled().named(name).is_some_and(|known| known.sha256 != candidate.digest) {
            return Err(ModelError::Taken { name: name.to_owned() });
        }
        Ok(self.own_folder()?.join(format!("{name}.bin")))
    }

    /// Gives the whole file its name; the confirmed digest comes first, so that a name never lacks what vouches for it.
    fn keep(
        &self,
        model: NamedTempFile,
        candidate: &Candidate,
        name: &str,
        path: PathBuf,
    ) -> Result<ModelFile, ModelError> {
        let vouched = path.with_file_name(format!("{name}.sha256"));
        let speed = path.with_file_name(format!("{name}.speed"));
        let _ = fs::remove_file(speed);
        if candidate.known().is_none() {
            rename(whole(&vouched, candidate.digest.to_string().as_bytes())?, &vouched)?;
        }
        rename(model, &path)?;
        Ok(ModelFile { name: name.to_owned(), path })
    }

    /// Deletes the model and what was noted about it.
    ///
    /// # Errors
    /// If there is none of that name in Heard's own folder.
    pub fn remove(&self, name: &str) -> Result<PathBuf, ModelError> {
        let file = self.find(name)?;
        let folder = self.data.as_deref().ok_or(ModelError::NoFolder)?;
        if file.path.parent() != Some(folder) {
            return Err(ModelError::Elsewhere(file.path));
        }
        fs::remove_file(&file.path).map_err(|cause| ModelError::Write { path: file.path.clone(), cause })?;
        for note in ["sha256", "speed"] {
            let _ = fs::remove_file(folder.join(format!("{}.{note}", file.name)));
        }
        Ok(file.path)
    }

    /// The name under which the user confirmed this digest.
    pub(super) fn confirmed(&self, digest: Digest) -> Option<String> {
        let entries = fs::read_dir(self.data.as_deref()?).ok()?;
        entries.flatten().map(|entry| entry.path()).find_map(|path| {
            let ours = path.extension().is_some_and(|ending| ending == "sha256");
            let same = ours && fs::read_to_string(&path).ok()?.parse() == Ok(digest);
            same.then(|| path.file_stem()?.to_str().map(str::to_owned)).flatten()
        })
    }

    fn speed(&self, name: &str) -> Option<f64> {
        let text = fs::read_to_string(self.data.as_deref()?.join(format!("{name}.speed"))).ok()?;
        text.trim().parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0)
    }

    /// Notes how many seconds a second of speech takes with this model on this computer.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note_speed(&self, name: &str, speed: f64) -> Result<(), ModelError> {
        let path = self.own_folder()?.join(format!("{name}.speed"));
        rename(whole(&path, format!("{speed:.4}\n").as_bytes())?, &path)
    }
}

/// A file without a name yet, in the folder where it will have one, on the disk whole.
fn whole(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, ModelError> {
    let written = || -> io::Result<NamedTempFile> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    written().map_err(|cause| ModelError::Write { path: path.to_owned(), cause })
}

fn rename(file: NamedTempFile, path: &Path) -> Result<(), ModelError> {
    let failed = |cause| ModelError::Write { path: path.to_owned(), cause };
    file.persist(path).map_err(|error| failed(error.error))?;
    // The name itself is on the disk only when the folder is; only Unix opens folders.
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    Ok(())
}
