//! The one way from sound to nudge: what a module may import is what comes before it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The flow, earliest first. A module uses itself and those before it, never those after.
const FLOW: [&str; 16] = [
    "units", "config", "audio", "echo", "voice", "turns", "speech", "cues", "metrics", "coach", "session",
    "io", "view", "app", "main", "train",
];

/// Of the flow, what is core: pure computation.
const CORE: [&str; 11] =
    ["units", "config", "audio", "echo", "voice", "turns", "speech", "cues", "metrics", "coach", "session"];

/// What the core must not touch: devices, files, threads, clocks, the terminal.
const SHELL_ONLY: [&str; 12] = [
    "std::fs",
    "std::thread",
    "std::net",
    "std::process",
    "std::env",
    "std::io",
    "std::sync",
    "std::time::Instant",
    "std::time::SystemTime",
    "symphonia",
    "println!",
    "unsafe",
];

fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).expect("src is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("source is text");
                found.insert(path, text);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// The module of the flow that a file belongs to; `None` for the root that only names them.
fn module(path: &Path) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let first = path.strip_prefix(root).expect("below src").iter().next()?.to_string_lossy().into_owned();
    let name = first.trim_end_matches(".rs").to_owned();
    match name.as_str() {
        "lib" => None,
        "args" | "recordings" | "fetch" | "models" | "terminal" => Some("main".to_owned()),
        _ => Some(name),
    }
}

/// Lines of code: no comments, no tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

/// Modules of the flow that a line of code names.
fn named(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for prefix in ["crate::", "heard::"] {
        for (at, _) in line.match_indices(prefix) {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            names.push(&rest[..end]);
        }
    }
    names
}

#[test]
fn every_module_has_its_place_in_the_flow() {
    for path in sources().keys() {
        if let Some(module) = module(path) {
            assert!(
                FLOW.contains(&module.as_str()),
                "{} is not in the flow: give {module} its place",
                path.display()
            );
        }
    }
}

#[test]
fn imports_go_one_way() {
    let place = |module: &str| FLOW.iter().position(|name| *name == module);
    let mut seen = 0;
    for (path, text) in sources() {
        let Some(here) = module(&path) else { continue };
        for line in code(&text) {
            for there in named(line) {
                let Some(target) = place(there) else { continue };
                seen += 1;
                assert!(
                    Some(target) <= place(&here),
                    "{}: {here} uses {there}, which comes later: {line}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 50, "only {seen} uses seen: this test has gone blind");
}

#[test]
fn the_core_touches_nothing_outside() {
    for (path, text) in sources() {
        if !module(&path).is_some_and(|module| CORE.contains(&module.as_str())) {
            continue;
        }
        for line in code(&text) {
            for outside in SHELL_ONLY {
                // `std::sync::Arc` shares read-only tables; locks and channels are what is meant.
                assert!(!line.contains(outside), "{} is core and touches {outside}: {line}", path.display());
            }
        }
    }
}

#[test]
fn turns_and_words_do_not_know_each_other() {
    for (path, text) in sources() {
        if module(&path).is_some_and(|module| module == "turns") {
            assert!(!code(&text).any(|line| named(line).contains(&"speech")), "{}", path.display());
        }
    }
}
