//! `heard models` as its user runs it, and what the recogniser's loader gets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use heard::io::models::{Digest, ModelError, Places, Trust, inspect};
use tempfile::TempDir;

use crate::miniature::{Miniature, Stored};

struct Home(TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().expect("a temporary folder"))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).expect("a writable folder");
        path.display().to_string()
    }

    fn models(&self) -> PathBuf {
        self.0.path().join("heard/models")
    }

    fn places(&self) -> Places {
        Places { data: Some(self.models()), beside: Vec::new() }
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heard"));
        command.env("XDG_DATA_HOME", self.0.path()).env("HEARD_CONFIG", "").current_dir(self.0.path());
        command.arg("models").args(args).output().expect("the program starts")
    }

    /// What it printed.
    fn told(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("output is text")
    }

    /// The sentence it failed with.
    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told = String::from_utf8(output.stderr).expect("output is text");
        assert_eq!(output.status.code(), Some(1), "{told}");
        told
    }
}

#[test]
fn a_file_of_one_s_own_is_imported_checked_listed_and_removed() {
    let home = Home::new();
    let model = Miniature::new(Stored::Q8).bytes();
    let file = home.file("ggml-mine.bin", &model);
    let question = home.refused(&["import", &file]);
    assert!(
        question.contains(&Digest::of(&model).to_string()) && question.contains("--sha256 DIGEST"),
        "{question}"
    );
    let other = Digest::of(b"other").to_string();
    assert!(home.refused(&["import", &file, "--sha256", &other]).contains("do not use it"));
    assert!(!home.models().join("mine.bin").exists());
    assert!(
        home.told(&["import", &file, "--sha256", &Digest::of(&model).to_string()]).contains("mine is ready")
    );
    let list = home.told(&["list"]);
    assert!(list.contains("Used unless you name another: mine"), "{list}");
    // Measured when it was taken in, and again when it is checked.
    assert!(list.contains("times real time on this computer"), "{list}");
    fs::remove_file(home.models().join("mine.speed")).expect("a note of its speed");
    assert!(home.told(&["list"]).contains("speed not measured yet"));
    let verified = home.told(&["verify"]);
    assert!(verified.contains("mine is the file that you confirmed"), "{verified}");
    assert!(verified.contains("times real time"), "{verified}");
    assert!(home.told(&["list"]).contains("times real time"));
    assert!(home.places().note_speed("mine", 0.05).is_ok());
    assert!(home.told(&["list"]).contains("20 times real time"));
    assert!(home.told(&["remove", "mine"]).contains("Removed"));
    assert_eq!(fs::read_dir(home.models()).map(Iterator::count).ok(), Some(0), "no note stays behind");
    assert!(home.refused(&["remove", "mine"]).contains("heard models list"));
}

#[test]
fn a_changed_file_is_no_longer_the_confirmed_one() {
    let home = Home::new();
    let file = home.file("mine.bin", &Miniature::new(Stored::Q8).bytes());
    home.told(&["import", &file, "--yes"]);
    let installed = home.models().join("mine.bin");
    let mut bytes = fs::read(&installed).expect("the model");
    *bytes.last_mut().expect("weights") ^= 1;
    fs::write(&installed, &bytes).expect("a writable folder");
    assert!(home.refused(&["verify", "mine"]).contains("a model that Heard does not know"));
    bytes.truncate(bytes.len() / 2);
    fs::write(&installed, &bytes).expect("a writable folder");
    assert!(home.refused(&["verify"]).contains("it ends inside its weights"));
}

#[test]
fn names_are_not_taken_from_others() {
    let home = Home::new();
    let file = home.file("ggml-base.en.bin", &Miniature::empty().bytes());
    assert!(home.refused(&["import", &file, "--yes"]).contains("a name of its own"));
    assert!(home.refused(&["import", &file, "--yes", "--name", "../x"]).contains("cannot name a model"));
    assert!(home.told(&["import", &file, "--yes", "--name", "mine"]).contains("holds no weights"));
    // The same under the published name, dropped by hand.
    fs::copy(&file, home.models().join("ggml-base.en.bin")).expect("a writable folder");
    assert!(home.told(&["verify", "base.en"]).contains("the file that you confirmed"));
    home.told(&["remove", "mine"]);
    assert!(home.refused(&["verify", "base.en"]).contains("is not the published base.en"));
}

#[test]
fn the_loader_gets_the_bytes_that_were_checked() {
    let home = Home::new();
    let model = Miniature::new(Stored::F16).bytes();
    let path = PathBuf::from(home.file("mine.bin", &model));
    let places = home.places();
    assert!(matches!(places.load_verified(&path), Err(ModelError::NotConfirmed(_))));
    let candidate = inspect(&path).expect("a sound file");
    let file = places.import(&candidate, "mine").expect("a writable folder");
    let found = places.find("mine").expect("it is there");
    assert_eq!(found, file);
    let verified = places.load_verified(&found.path).expect("it was confirmed");
    assert!(verified.bytes == model && verified.digest == Digest::of(&model));
    assert_eq!((verified.name.as_str(), verified.trust), ("mine", Trust::Confirmed));
    assert!(!verified.header.empty);
    // The digest counts, not the place.
    assert!(places.load_verified(&path).is_ok());
}

#[test]
fn what_is_no_file_is_told() {
    let home = Home::new();
    let folder = home.0.path().display().to_string();
    for (args, words) in [
        (&["import", "nowhere.bin"][..], "does not exist"),
        (&["import", &folder], "no regular file"),
        (&["import", &home.file("empty.bin", b"")], "does not begin like"),
        (&["verify", "base.en"], "heard models fetch base.en"),
        (&["verify", "bsae.en"], "did you mean"),
        (&["remove", "small"], "heard models fetch small"),
    ] {
        let told = home.refused(args);
        assert!(told.contains(words) && told.trim_end().lines().count() == 1, "{told}");
    }
    assert!(home.told(&["verify"]).contains("No models are installed"));
}

#[test]
fn models_beside_the_working_folder_are_found_but_not_deleted() {
    let home = Home::new();
    fs::create_dir(home.0.path().join("models")).expect("a writable folder");
    home.file("models/ggml-tiny.en.bin", &Miniature::empty().bytes());
    assert!(home.told(&["list"]).contains("Used unless you name another: tiny.en"));
    assert!(home.refused(&["verify", "tiny.en"]).contains("is not the published tiny.en"));
    assert!(home.refused(&["remove", "tiny.en"]).contains("delete it there"));
    assert!(Path::new(&home.0.path().join("models/ggml-tiny.en.bin")).exists());
}
