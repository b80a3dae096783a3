//! Where the measuring data is, and the truth files beside it.

use std::path::{Path, PathBuf};

use heard::config::Settings;
use heard::io::analyze::{Analysis, Channels, analyze};
use heard::session::Event;
use heard::session::record::CallRecord;
use serde_json::Value;

/// A folder of the data.
///
/// # Panics
/// If it is not there: measuring nothing must not look like passing.
pub fn folder(name: &str) -> PathBuf {
    let root = std::env::var_os("HEARD_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let folder = root.join(name);
    assert!(
        folder.is_dir(),
        "{} is missing: set HEARD_DATA to the folder with the measuring data",
        folder.display()
    );
    folder
}

/// Files of a folder whose name ends so, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = folder.read_dir().expect("the folder was there a moment ago");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    assert!(!files.is_empty(), "no {ending} in {}", folder.display());
    files
}

pub fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a readable truth file");
    serde_json::from_str(&text).expect("a truth file is JSON")
}

/// One line of a scripted call.
#[derive(Debug)]
pub struct Line {
    /// `rep` or `client`.
    pub party: &'static str,
    pub kind: String,
    pub start: f64,
    pub voiced: Vec<(f64, f64)>,
}

/// A two-channel recording with its truth.
pub struct Call {
    pub name: String,
    pub audio: PathBuf,
    pub seconds: f64,
    pub lines: Vec<Line>,
}

impl Call {
    pub fn read(truth: &Path) -> Call {
        let value = json(truth);
        let lines = value["lines"].as_array().expect("lines").iter().map(line).collect();
        Call {
            name: value["name"].as_str().unwrap_or_default().to_owned(),
            audio: truth.with_file_name(value["file"].as_str().expect("a file name")),
            seconds: value["seconds"].as_f64().expect("seconds"),
            lines,
        }
    }

    /// Heard's record of it, the rep on the left, with every event.
    pub fn analyze(&self) -> (CallRecord, Vec<Event>) {
        let mut events = Vec::new();
        let channels = Channels::Stereo { rep: heard::audio::Side::Left };
        let analysis = analyze(
            &self.audio,
            channels,
            &Settings::default(),
            |event| events.push(event.clone()),
            |_, _| {},
        );
        match analysis.unwrap_or_else(|error| panic!("{error}")) {
            Analysis::Call(record) => (*record, events),
            Analysis::Mono(_) => unreachable!("two channels were asked for"),
        }
    }
}

fn line(value: &Value) -> Line {
    let secs = |value: &Value| value.as_f64().expect("seconds");
    let spans = value["voiced"].as_array().expect("voiced spans");
    Line {
        party: if value["who"] == "rep" { "rep" } else { "client" },
        kind: value["kind"].as_str().unwrap_or_default().to_owned(),
        start: secs(&value["start"]),
        voiced: spans.iter().map(|span| (secs(&span[0]), secs(&span[1]))).collect(),
    }
}

/// The scripted calls and the real voices on a timeline.
pub fn calls() -> Vec<Call> {
    let mut truths = files(&folder("calls"), ".truth.json");
    truths.extend(files(&folder("audio"), ".json").into_iter().filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("realvoice_"))
    }));
    truths.iter().map(|truth| Call::read(truth)).collect()
}

pub fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

pub fn quantile(values: &mut [f64], q: f64) -> f64 {
    assert!(!values.is_empty(), "nothing was measured");
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}
