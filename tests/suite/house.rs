//! Promises about the house that need no extra tool: what it depends on, and that every file says why it exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Most crates that a build may pull in, tests and benches included, on any system. Each one is somebody else's code in a
/// private call. Half of them are for Windows, macOS, Android and the web, by way of cpal and eframe, and never built on
/// Linux; about a hundred draw the windows and make them readable to screen readers; some forty come with the download of
/// models and are linked into `heard-fetch` alone; twenty build whisper.cpp, and fourteen of those, bindgen's, run only where
/// its bindings are made anew: never here.
const MOST_CRATES: usize = 496;

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

/// The only crate by which anything on the ban list may come in, and the only program that may use it.
const DOWNLOADER: &str = "ureq";

/// By this one come crates that Cargo.lock names for windows in a browser, which Heard has none of.
const BROWSERS: &str = "wasm-bindgen-futures";

/// Crates that `root` pulls in, directly or by others, as Cargo.lock tells it; `without` is not followed.
fn pulled_in(root: &str, without: &[&str]) -> BTreeSet<String> {
    let lock = read("Cargo.lock");
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut package = "";
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = \"") {
            package = name.trim_end_matches('"');
        } else if let Some(needed) = line.strip_prefix(" \"") {
            // Several versions of one crate are told apart by what follows the name.
            let name = needed.split(['"', ' ']).next().unwrap_or_default();
            needs.entry(package).or_default().push(name);
        }
    }
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(name) = open.pop() {
        if !without.contains(&name) && found.insert(name.to_owned()) {
            open.extend(needs.get(name).into_iter().flatten());
        }
    }
    found
}

#[test]
fn no_crate_that_speaks_to_a_network_outside_the_model_download() {
    let (all, outside, banned) = (crates(), pulled_in("heard", &[DOWNLOADER, BROWSERS]), banned());
    assert!(banned.len() > 10, "the ban list has gone missing");
    assert!(outside.len() > 100 && all.contains(DOWNLOADER), "Cargo.lock was not understood");
    assert!(pulled_in("heard", &[]).contains("rustls"), "this test has gone blind");
    for name in &banned {
        assert!(
            !outside.contains(name),
            "{name} is on the ban list of deny.toml and pulled in past {DOWNLOADER}"
        );
        let allowed = [DOWNLOADER, "rustls", "tokio"].contains(&name.as_str());
        assert!(allowed || !all.contains(name), "{name} is on the ban list of deny.toml and in Cargo.lock");
    }
}

#[test]
fn the_program_for_calls_holds_no_network_code() {
    for path in rust_files(&["src"]) {
        let text = fs::read_to_string(&path).expect("source is text");
        let downloads = path.components().any(|part| part.as_os_str() == "fetch");
        for word in [DOWNLOADER, "TcpStream", "TcpListener", "ToSocketAddrs"] {
            assert!(downloads || !text.contains(word), "{} names {word}", path.display());
        }
    }
    let holds = |program: &str| {
        let bytes = fs::read(program).expect("a program of ours");
        ["rustls", "webpki", "ureq-proto"]
            .map(|word| bytes.windows(word.len()).any(|part| part == word.as_bytes()))
    };
    assert_eq!(holds(env!("CARGO_BIN_EXE_heard")), [false; 3]);
    assert!(holds(env!("CARGO_BIN_EXE_heard-fetch")).contains(&true), "this test has gone blind");
}

#[test]
fn unsafe_code_is_in_one_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let allowed = root.join("src/io/sphinx.rs");
    let mut seen = 0;
    for path in rust_files(&["src", "benches"]) {
        let text = fs::read_to_string(&path).expect("source is text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let count = code.filter(|line| line.contains("unsafe ") || line.contains("allow(unsafe")).count();
        assert!(count == 0 || path == allowed, "{} holds unsafe code", path.display());
        seen += count;
    }
    assert!(seen > 5, "this test has gone blind");
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

/// Every source file below these folders.
fn rust_files(folders: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
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
    files
}

#[test]
fn every_file_opens_with_why_it_exists() {
    let files = rust_files(&["src", "tests", "benches"]);
    assert!(files.len() > 20);
    for path in files {
        let text = fs::read_to_string(&path).expect("source is text");
        assert!(text.starts_with("//! "), "{} does not say why it exists", path.display());
    }
}
