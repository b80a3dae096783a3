//! The sentences to learn from: freely licensed sets only, and what each of them says about which kind of cue.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use heard::cues::model::{HEADS, head};
use heard::cues::reader::{ENGLISH, WEIGHTS};
use heard::cues::{CueKind, Reader};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The reader of the phrase tables as they are on disk now, so that a changed table needs no new build.
///
/// # Errors
/// If a table is broken.
pub fn reader() -> Result<Reader, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/phrases/en");
    let read = |name: &str| {
        fs::read_to_string(folder.join(name))
            .map_err(|error| format!("{}: {error}", folder.join(name).display()))
    };
    let words = read("words.toml")?;
    let tables: Vec<(&str, String)> =
        ENGLISH.iter().map(|(name, _)| Ok((*name, read(name)?))).collect::<Result<_, String>>()?;
    let texts = tables.iter().map(|(name, text)| (*name, text.as_str()));
    Reader::of_language(("words.toml", &words), texts, WEIGHTS).map_err(|error| error.to_string())
}

/// A labelled line, as in the files.
#[derive(Debug, Deserialize)]
struct Raw {
    id: String,
    source: String,
    #[serde(default)]
    prev: String,
    text: String,
    labels: Vec<String>,
    #[serde(default)]
    unsure: Vec<String>,
    judged: Option<Vec<String>>,
}

/// What this project says of a line of a corpus, where the corpus itself is silent or unsure.
#[derive(Debug, Deserialize)]
struct Label {
    id: String,
    labels: Vec<String>,
    unsure: Vec<String>,
}

/// Files of such labels, and the kinds that every line of them was read for.
const LABELS: [(&str, &[CueKind]); 2] = [
    ("listening.jsonl", &[OpenQuestion, ClosedQuestion, Paraphrase, Validation, Acknowledgement, Rapport]),
    (
        "giving.jsonl",
        &[
            Trade,
            Concession,
            SharedGoal,
            Concern,
            Stalemate,
            Dismissive,
            UsVsThem,
            OwnMistake,
            Promise,
            Validation,
            Rapport,
            OpenQuestion,
            ClosedQuestion,
            Paraphrase,
        ],
    ),
];

/// The labels of each line, by its id.
type Labels = HashMap<String, OfLine>;

/// What is said of one line.
#[derive(Debug, Default)]
struct OfLine {
    /// Each label with what the line was read for.
    labels: Vec<(&'static [CueKind], Label)>,
    /// The line was found in a set.
    used: bool,
}

/// A line to learn from.
#[derive(Clone, Debug)]
pub struct Line {
    pub set: &'static str,
    /// Lines of one conversation are never on both sides of a check.
    pub conversation: String,
    pub before: String,
    pub text: String,
    /// For each head: is it one, and how much that counts. 0: nothing is known.
    pub truth: [(bool, f32); HEADS],
    /// For each head: was it judged by a person (not assumed)?
    pub judged: [bool; HEADS],
}

/// A set: its name, what it was judged for, what its labels only approximate, and what may be assumed absent.
struct Set {
    name: &'static str,
    judged: &'static [CueKind],
    weak: &'static [(CueKind, f32)],
    absent: &'static [CueKind],
}

use CueKind::*;

/// Kinds that meetings of colleagues hold hardly ever: unlabelled lines there count as without, at [`ASSUMED`] weight.
const RARE_IN_MEETINGS: &[CueKind] = &[
    Dismissive,
    Concession,
    Trade,
    UsVsThem,
    SharedGoal,
    Concern,
    Stalemate,
    Rapport,
    OwnMistake,
    Promise,
    Paraphrase,
    Validation,
    Partnership,
];

/// Kinds that the ordinary talk written for this project was written to hold none of.
const ACCUSING_OR_GIVING: &[CueKind] =
    &[Dismissive, UsVsThem, Concession, OwnMistake, Trade, SharedGoal, Stalemate];

/// The same, and worries: business calls and chats on the telephone tell of things, and complain of little.
const NOT_ORDINARY: &[CueKind] =
    &[Dismissive, UsVsThem, Concession, OwnMistake, Trade, SharedGoal, Stalemate, Concern];

/// Weight of what is assumed rather than judged.
const ASSUMED: f32 = 0.3;

const SETS: [Set; 6] = [
    Set {
        name: "casino",
        judged: &[Rapport, Validation],
        weak: &[],
        absent: &[OwnMistake, UsVsThem, Dismissive, Concession, Paraphrase, Stalemate, Partnership],
    },
    Set {
        name: "mrda",
        judged: &[OpenQuestion, ClosedQuestion, Acknowledgement],
        weak: &[(Rapport, 0.3), (Paraphrase, 0.2), (Promise, 0.3)],
        absent: RARE_IN_MEETINGS,
    },
    Set { name: "ami", judged: &[Acknowledgement], weak: &[(Rapport, 0.2)], absent: RARE_IN_MEETINGS },
    // Teachers who answer pupils.
    Set { name: "uptake", judged: &[], weak: &[], absent: ACCUSING_OR_GIVING },
    Set { name: "written", judged: &[], weak: &[], absent: &[] },
    Set { name: "hand", judged: &[], weak: &[], absent: &[] },
];

/// Folders of the project's own lines, beside those that lie in none.
const FOLDERS: [&str; 5] = ["calls", "everyday", "spoken", "talk", "turns"];

/// Reads all sets of the data folder, and the project's own lines and labels in its `models` folder.
///
/// # Errors
/// One sentence with the file, and the line where there is one.
pub fn read(data: &Path, models: &Path) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let (own, labels) = (models.join("training"), models.join("labels"));
    let mut labels = read_labels(&labels)?;
    for set in &SETS {
        read_file(&data.join(format!("{}.jsonl", set.name)), set, &mut labels, &mut lines)?;
    }
    let mut files = jsonl_files(&own)?;
    for folder in FOLDERS {
        files.extend(jsonl_files(&own.join(folder))?);
    }
    let own_set = Set { name: "own", judged: &[], weak: &[], absent: &[] };
    for file in &files {
        read_file(file, &own_set, &mut labels, &mut lines)?;
    }
    for file in jsonl_files(&own.join("ordinary"))? {
        // Patients and pupils tell their worries, and so do friends.
        let worried = ["advice.jsonl", "chat.jsonl", "counsel.jsonl"].iter().any(|name| file.ends_with(name));
        let absent = if worried { ACCUSING_OR_GIVING } else { NOT_ORDINARY };
        let set = Set { name: "ordinary", judged: &[], weak: &[], absent };
        read_file(&file, &set, &mut labels, &mut lines)?;
    }
    let lost = labels.into_iter().filter(|(_, of_line)| !of_line.used).map(|(id, _)| id).min();
    lost.map_or(Ok(lines), |id| {
        Err(format!("{id} has a label in models/labels, but no set has this line: take the label out"))
    })
}

/// The files of sentences in a folder, in the order of their names.
fn jsonl_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    Ok(files)
}

/// Every line of a file of JSON lines.
fn json_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| format!("{}, line {}: {error}", path.display(), number + 1))
        })
        .collect()
}

fn read_labels(folder: &Path) -> Result<Labels, String> {
    let mut labels = Labels::new();
    for (name, kinds) in LABELS {
        for label in json_lines::<Label>(&folder.join(name))? {
            labels.entry(label.id.clone()).or_default().labels.push((kinds, label));
        }
    }
    Ok(labels)
}

fn read_file(path: &Path, set: &Set, labels: &mut Labels, lines: &mut Vec<Line>) -> Result<(), String> {
    for raw in json_lines::<Raw>(path)? {
        // Licensed for measuring only.
        if raw.source.contains("annomi") || raw.id.contains("annomi") {
            continue;
        }
        let own = labels.get_mut(&raw.id);
        let own = own.map_or(&[][..], |of_line| {
            of_line.used = true;
            &of_line.labels
        });
        lines.push(labelled(raw, set, own));
    }
    Ok(())
}

/// Kinds that a sentence written to be of one kind holds hardly ever beside it.
const SELDOM_BESIDE: &[CueKind] = &[
    Dismissive,
    UsVsThem,
    Concession,
    OwnMistake,
    Trade,
    SharedGoal,
    Stalemate,
    Promise,
    Partnership,
    Validation,
    Rapport,
    Paraphrase,
    OpenQuestion,
    ClosedQuestion,
];

/// Those of them that it may well hold.
fn goes_with(kind: CueKind) -> &'static [CueKind] {
    match kind {
        Dismissive => &[UsVsThem, Stalemate, OpenQuestion, ClosedQuestion, Paraphrase],
        UsVsThem => &[Dismissive, Stalemate, Trade, OpenQuestion, ClosedQuestion],
        Concession => &[Trade, Promise, OpenQuestion, ClosedQuestion],
        OwnMistake => &[Promise, Validation, Concession, Rapport],
        Trade => &[Concession, Promise, Partnership, OpenQuestion, ClosedQuestion],
        SharedGoal => &[Partnership, Paraphrase, Rapport],
        Stalemate => &[Dismissive, UsVsThem, ClosedQuestion],
        Promise => &[OwnMistake, Concession, Trade, Rapport, Partnership],
        Partnership => &[SharedGoal, Promise, Trade, OpenQuestion, ClosedQuestion, Rapport],
        Validation => {
            &[OwnMistake, Rapport, Paraphrase, OpenQuestion, ClosedQuestion, Promise, Concession, Trade]
        }
        Concern => &[UsVsThem, Stalemate, Dismissive, OpenQuestion, ClosedQuestion, Paraphrase, Validation],
        // These come with anything else.
        _ => SELDOM_BESIDE,
    }
}

/// How much an unlabelled line of ordinary talk counts as one without the kind.
fn assumed(kind: CueKind, text: &str) -> f32 {
    let joint = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
        matches!(
            word.as_str(),
            "we" | "us" | "our" | "let's" | "lets" | "together" | "we're" | "we'll" | "we've" | "both"
        )
    };
    match kind {
        // Colleagues in a meeting, and campers who share, are one side: what they say with "we" may well be meant so.
        Partnership if text.split_whitespace().any(joint) => 0.0,
        // Sympathy is rare in meetings, and missed by their labels.
        Validation => ASSUMED / 3.0,
        _ => ASSUMED,
    }
}

fn labelled(raw: Raw, set: &Set, own: &[(&[CueKind], Label)]) -> Line {
    let mut truth = [(false, 0.0); HEADS];
    let mut judged = [false; HEADS];
    let names = |list: &[String], kind: CueKind| list.iter().any(|name| name == kind.name());
    for kind in CueKind::ALL {
        let Some(head) = head(kind) else { continue };
        let weak = set.weak.iter().find(|(other, _)| *other == kind).map(|(_, weight)| *weight);
        let by_person = match &raw.judged {
            Some(list) => names(list, kind),
            None => set.judged.contains(&kind),
        };
        let certain = by_person && !names(&raw.unsure, kind);
        if !certain && let Some((_, label)) = own.iter().find(|(kinds, _)| kinds.contains(&kind)) {
            let sure = !names(&label.unsure, kind);
            truth[head] = (names(&label.labels, kind), f32::from(u8::from(sure)));
            continue;
        }
        let labelled = names(&raw.labels, kind);
        if labelled && !by_person && weak.is_none() {
            // An approximation that is worth nothing: a bare "sorry" is no mistake owned.
            continue;
        }
        if labelled {
            truth[head] = (true, weak.unwrap_or(1.0));
            judged[head] = weak.is_none();
        } else if names(&raw.unsure, kind) {
            continue;
        } else if by_person {
            truth[head] = (false, 1.0);
            judged[head] = true;
        } else if set.absent.contains(&kind) {
            truth[head] = (false, if set.name == "ordinary" { 1.0 } else { assumed(kind, &raw.text) });
        }
    }
    let per_line = matches!(set.name, "written" | "own");
    if per_line && let Some(of) = raw.labels.first().and_then(|name| CueKind::named(name)) {
        for other in SELDOM_BESIDE.iter().filter(|other| **other != of && !goes_with(of).contains(other)) {
            if let Some(head) = head(*other).filter(|head| truth[*head].1 == 0.0) {
                truth[head] = (false, ASSUMED);
            }
        }
    }
    let conversation = if per_line {
        raw.id.clone()
    } else {
        raw.id.rsplit_once(':').map_or(raw.id.clone(), |(conversation, _)| conversation.to_owned())
    };
    Line { set: set.name, conversation, before: raw.prev, text: raw.text, truth, judged }
}
