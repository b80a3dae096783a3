//! Model files of the speech recogniser: where they lie, which are known, and whether one may be loaded.
//!
//! A model file is parsed by native code, so none reaches it unchecked: its digest must be in `models/manifest.toml` or have been
//! confirmed by the user on import, and its header must pass [`check`]. [`load_verified`] hands out the very bytes that were
//! checked. Nothing here opens a socket: the program `heard-fetch` does the downloading, and uses [`Places::adopt`].

mod digest;
mod header;
mod manifest;
mod place;
mod shelf;
mod tensors;
mod verify;

use std::io;
use std::path::{Path, PathBuf};

pub use digest::Digest;
pub use header::{Header, HeaderError, Section, check};
pub use manifest::{Known, Manifest};
pub use place::{ModelFile, Places, data_folder};
pub use shelf::Installed;
pub use tensors::Weights;
pub use verify::{Candidate, Trust, VerifiedModel, inspect};

/// Why a model cannot be used. Each message is a sentence that names it and the next step.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("there is no model called {wanted:?} here; get it with: heard models fetch {wanted}")]
    NotInstalled { wanted: String },
    #[error("there is no model called {wanted:?}{}; heard models list shows what there is", suggestion(.near))]
    Unknown { wanted: String, near: Option<&'static str> },
    #[error("{} does not exist; check the name and the folder", .0.display())]
    NoFile(PathBuf),
    #[error("{} is no regular file; name the model file itself", .0.display())]
    NotRegular(PathBuf),
    #[error("{} cannot be used as a model: {cause}; get a new copy, for example with: heard models fetch base.en", path.display())]
    Header { path: PathBuf, cause: HeaderError },
    #[error("{} is larger than any Whisper model; choose another file", .0.display())]
    TooLarge(PathBuf),
    #[error("{} is not the published {name} (its digest differs); get it again with: heard models fetch {name}", path.display())]
    Altered { path: PathBuf, name: String },
    #[error("{} is a model that Heard does not know; if you trust it, import it: heard models import \"{}\"", .0.display(), .0.display())]
    NotConfirmed(PathBuf),
    #[error("{} has the digest {found}, not the one you gave; do not use this file", path.display())]
    OtherDigest { path: PathBuf, found: Digest },
    #[error("{0:?} cannot name a model; use letters, digits, dots, dashes and underscores")]
    Name(String),
    #[error(
        "{name:?} is the name of a published model, and this file is another; import it with --name and a name of its own"
    )]
    Taken { name: String },
    #[error("{} is not in Heard's own folder; delete it there if you no longer need it", .0.display())]
    Elsewhere(PathBuf),
    #[error("there is no folder for models, because this user has no home; set XDG_DATA_HOME")]
    NoFolder,
    #[error("{} could not be read ({cause}); check its permissions, or copy it to this computer", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("nothing was written to {} ({cause}); free some disk space or check its permissions, and try again", path.display())]
    Write { path: PathBuf, cause: io::Error },
}

fn suggestion(near: &Option<&'static str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near}"))
}

/// The model of that name, or at that path, in the user's [`Places`]. Nothing is read yet.
///
/// # Errors
/// If there is none, with the nearest known name and the command that fetches it.
pub fn find(name_or_path: &str) -> Result<ModelFile, ModelError> {
    Places::of_user().find(name_or_path)
}

/// The installed model that suits this computer's processors best; `None` if there is no model at all.
pub fn best_installed() -> Option<ModelFile> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Places::of_user().best_installed(cores)
}

/// Reads a model file and checks it whole: header, then digest. The bytes in the result are those that were checked.
///
/// # Errors
/// If it is no model, or neither published nor confirmed by the user.
pub fn load_verified(path: &Path) -> Result<VerifiedModel, ModelError> {
    Places::of_user().load_verified(path)
}
