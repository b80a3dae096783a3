//! Where model files lie, and which of them suits a computer.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::ModelError;
use super::manifest::Manifest;

/// Ending of model files.
const ENDING: &str = ".bin";
/// How published files begin; ours need not.
const BEGINNING: &str = "ggml-";

/// A model file that is there; nothing about its content is known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFile {
    pub name: String,
    pub path: PathBuf,
}

/// Folders with model files, the first one wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Heard's own: what it fetches and imports lies here, with the digests that the user confirmed.
    pub data: Option<PathBuf>,
    /// Others that are only read.
    pub beside: Vec<PathBuf>,
}

/// Heard's own folder for models, whether or not it is there: `$XDG_DATA_HOME/heard/models` or
/// `~/.local/share/heard/models`; on macOS `~/Library/Application Support/heard/models`, on Windows
/// `%LOCALAPPDATA%\heard\models`. `None` for a user without a home.
pub fn data_folder() -> Option<PathBuf> {
    let folder = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        // The XDG rules say that a relative path there is to be ignored.
        let xdg = folder("XDG_DATA_HOME").filter(|path| path.is_absolute());
        xdg.or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("heard").join("models"))
}

impl Places {
    /// Heard's own folder, then `models/` in the working folder and beside the program.
    pub fn of_user() -> Places {
        let program = env::current_exe().ok();
        let beside_program = program.and_then(|path| path.parent().map(|folder| folder.join("models")));
        let beside = [Some(PathBuf::from("models")), beside_program];
        Places { data: data_folder(), beside: beside.into_iter().flatten().collect() }
    }

    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.data.iter().chain(&self.beside).map(PathBuf::as_path)
    }

    /// What `--model` or the settings name: a file, or a model by name. See [`super::find`].
    ///
    /// # Errors
    /// If there is none.
    pub fn find(&self, wanted: &str) -> Result<ModelFile, ModelError> {
        let path = Path::new(wanted);
        let looks_like_a_path = path.components().count() > 1 || wanted.ends_with(ENDING);
        if looks_like_a_path {
            let name = file_name(path).and_then(name_of).unwrap_or("model").to_owned();
            return match path.exists() {
                true => Ok(ModelFile { name, path: path.to_owned() }),
                false => Err(ModelError::NoFile(path.to_owned())),
            };
        }
        if let Some(found) = self.installed().into_iter().find(|file| file.name == wanted) {
            return Ok(found);
        }
        let (manifest, wanted) = (Manifest::bundled(), wanted.to_owned());
        match manifest.named(&wanted) {
            Some(_) => Err(ModelError::NotInstalled { wanted }),
            None => Err(ModelError::Unknown { near: manifest.near(&wanted), wanted }),
        }
    }

    /// Every model file, each name once, Heard's own folder first.
    pub fn installed(&self) -> Vec<ModelFile> {
        let mut found: Vec<ModelFile> = Vec::new();
        for folder in self.folders() {
            let mut here: Vec<PathBuf> =
                fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
            here.sort();
            for path in here.into_iter().filter(|path| path.is_file()) {
                let Some(name) = file_name(&path).and_then(name_of) else { continue };
                if found.iter().all(|file| file.name != name) {
                    found.push(ModelFile { name: name.to_owned(), path: path.clone() });
                }
            }
        }
        found
    }

    /// The installed model that suits `cores` processors best: two run tiny beside a video call, four base, eight small
    /// (measured at one thread, with room for the call). English before many languages, quantised to eight bits before others.
    pub fn best_installed(&self, cores: usize) -> Option<ModelFile> {
        // Of equals the first: Heard's own folder wins.
        self.installed().into_iter().rev().max_by_key(|file| suitability(&file.name, cores))
    }
}

/// Greater is better.
fn suitability(name: &str, cores: usize) -> (bool, i32, bool, u8) {
    let (size, format) = name.split_once('-').unwrap_or((name, ""));
    let (size, english) = size.strip_suffix(".en").map_or((size, false), |size| (size, true));
    let (step, needs) = match size {
        "tiny" => (1, 1),
        "base" => (2, 4),
        "small" => (3, 8),
        // Somebody's own, of unknown cost: when there is nothing better.
        _ => (4, usize::MAX),
    };
    let fits = cores >= needs;
    let format = match format {
        "q8_0" => 2,
        "" => 1,
        _ => 0,
    };
    (fits, if fits { step } else { -step }, english, format)
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// `base.en` for `ggml-base.en.bin` and `base.en.bin`; `None` for other files and for those half fetched.
pub(super) fn name_of(file: &str) -> Option<&str> {
    let name = file.strip_suffix(ENDING)?;
    let name = name.strip_prefix(BEGINNING).unwrap_or(name);
    may_name(name).then_some(name)
}

/// Whether that can be a model's name: it becomes part of a path.
pub(super) fn may_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(fine) && name.as_bytes()[0].is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(names: &[&str]) -> (tempfile::TempDir, Places) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            fs::write(folder.path().join(name), "").expect("a writable folder");
        }
        let places = Places { data: Some(folder.path().to_owned()), beside: Vec::new() };
        (folder, places)
    }

    #[test]
    fn the_model_follows_the_hardware() {
        let all = [
            "ggml-tiny.en.bin",
            "tiny.en-q8_0.bin",
            "tiny.bin",
            "base.en.bin",
            "base-q8_0.bin",
            "small.en-q8_0.bin",
            "own.bin",
        ];
        for (names, cores, best) in [
            (&all[..], 1, "tiny.en-q8_0"),
            (&all, 2, "tiny.en-q8_0"),
            (&all, 4, "base.en"),
            (&all, 7, "base.en"),
            (&all, 8, "small.en-q8_0"),
            (&["base.en.bin", "small.en.bin"], 2, "base.en"),
            (&["base.bin", "base.en-q5_1.bin"], 4, "base.en-q5_1"),
            (&["base.en-q5_1.bin", "base.en.bin"], 4, "base.en"),
            (&["own.bin", "small.bin"], 2, "small"),
            (&["own.bin"], 64, "own"),
        ] {
            let (_folder, places) = places(names);
            assert_eq!(
                places.best_installed(cores).map(|file| file.name).as_deref(),
                Some(best),
                "{names:?}"
            );
        }
        assert_eq!(places(&["notes.txt", ".base.en.part", "base.en.sha256"]).1.best_installed(4), None);
    }

    #[test]
    fn heard_s_own_folder_comes_first() {
        let (own, mut places) = places(&["base.en.bin"]);
        let other = tempfile::tempdir().expect("a temporary folder");
        for name in ["ggml-base.en.bin", "tiny.bin"] {
            fs::write(other.path().join(name), "").expect("a writable folder");
        }
        places.beside.push(other.path().to_owned());
        assert_eq!(places.find("base.en").ok().map(|file| file.path), Some(own.path().join("base.en.bin")));
        assert_eq!(places.find("tiny").ok().map(|file| file.path), Some(other.path().join("tiny.bin")));
        let path = other.path().join("ggml-base.en.bin");
        let found = places.find(&path.display().to_string()).ok();
        assert_eq!(found, Some(ModelFile { name: "base.en".into(), path }));
    }

    #[test]
    fn what_is_not_there_is_told_with_the_next_step() {
        let (_folder, places) = places(&[]);
        let told = |wanted| places.find(wanted).map_err(|error| error.to_string());
        for (wanted, says) in [
            ("base.en", "heard models fetch base.en"),
            ("bse.en", "did you mean base.en"),
            ("zzz", "heard models list"),
            ("no/such.bin", "does not exist"),
        ] {
            let error = told(wanted).expect_err("nothing is installed");
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn names_stay_inside_the_folder() {
        for name in ["..", ".hidden", "a/b", "a\\b", "", "a b", "ä", &"x".repeat(65)] {
            assert!(!may_name(name), "{name}");
        }
        assert!(may_name("my-model_2.en"));
    }
}
