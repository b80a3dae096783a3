//! Promises about the house that need no extra tool: what it depends on, and that every file says why it exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Most crates that a build may pull in, tests and benches included, on any system. Each one is somebody else's code in a
/// private call. A third of them are for Windows, macOS, Android and the web, by way of cpal, and never built on Linux.
/// Twenty are the build of whisper.cpp, of which bindgen's fourteen run only where the bindings are made anew: never here.
const MOST_CRATES: usize = 230;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn crates() -> BTreeSet<String> {
    let lock = read("Cargo.lock");
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.map(str::to_owned).collect()
}

/// The list in deny.toml.
fn banned() -> Vec<String> {
    let deny = read("deny.toml");
    let entries = deny.lines().filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split('"').next());
    entries.map(str::to_owned).collect()
}

#[test]
fn nothing_that_speaks_to_a_network_is_linked() {
    let (crates, banned) = (crates(), banned());
    assert!(banned.len() > 10, "the ban list has gone missing");
    for name in &banned {
        assert!(!crates.contains(name), "{name} is on the ban list of deny.toml and in Cargo.lock");
    }
}

#[test]
fn the_dependency_tree_stays_lean() {
    let count = crates().len();
    assert!(count > 20, "Cargo.lock was not understood");
    assert!(
        count <= MOST_CRATES,
        "{count} crates, more than {MOST_CRATES}: say in the commit why, and raise the number"
    );
}

#[test]
fn every_dependency_says_why() {
    let manifest = read("Cargo.toml");
    let mut previous = "";
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if inside && line.contains('=') && !line.starts_with('#') {
            let explained = previous.starts_with('#') || previous.starts_with("serde");
            assert!(explained, "no reason beside: {line}");
        }
        previous = line;
    }
}

#[test]
fn every_file_opens_with_why_it_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join("src"), root.join("tests"), root.join("benches")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of ours").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 20);
    for path in files {
        let text = fs::read_to_string(&path).expect("source is text");
        assert!(text.starts_with("//! "), "{} does not say why it exists", path.display());
    }
}
