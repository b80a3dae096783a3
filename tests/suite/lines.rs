//! Whether the written cue sentences are fit to train on and to test with: well formed, enough of each, and no sentence on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// Every cue that may be judged.
const KINDS: [&str; 17] = [
    "acknowledgement",
    "closed_question",
    "concern",
    "concession",
    "dismissive",
    "follow_up",
    "open_question",
    "own_mistake",
    "paraphrase",
    "partnership",
    "promise",
    "rapport",
    "shared_goal",
    "stalemate",
    "trade",
    "us_vs_them",
    "validation",
];

/// Sentences for testing only.
const TESTING: &str = "tests/data/cues";

/// Sentences that weights are made from.
const TRAINING: &str = "models/training";

/// Folder, cues, and how many positives and how many near misses each of their files holds at least.
const PROMISED: [(&str, &[&str], usize); 6] = [
    (TESTING, &["concern", "us_vs_them", "stalemate", "follow_up"], 80),
    (TESTING, &["dismissive", "own_mistake"], 16),
    (TESTING, &["trade", "concession", "shared_goal", "promise", "partnership"], 12),
    (TRAINING, &["concern", "us_vs_them", "stalemate", "follow_up"], 80),
    (
        TRAINING,
        &["open_question", "closed_question", "paraphrase", "validation", "acknowledgement", "rapport"],
        100,
    ),
    (
        TRAINING,
        &["dismissive", "trade", "concession", "shared_goal", "own_mistake", "promise", "partnership"],
        150,
    ),
];

/// Two sentences that share so many of their words are the same sentence.
const SAME: f64 = 0.9;

/// Lines of one file that may open with the same three words; more would teach the opening instead of the cue.
const SAME_OPENING: usize = 3;

/// Longest sentence, in words: what is said in one breath or two.
const LONGEST: usize = 45;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    source: String,
    speaker: String,
    prev: String,
    text: String,
    labels: Vec<String>,
    unsure: Vec<String>,
    judged: Vec<String>,
    tag: String,
}

impl Line {
    fn words(&self) -> Vec<String> {
        words(&self.text)
    }

    fn bag(&self) -> Vec<String> {
        bag(&self.text)
    }
}

/// The words of a text in lower case, without punctuation, in their order.
fn words(text: &str) -> Vec<String> {
    let plain = text.to_lowercase().replace('-', " ");
    let plain = plain.replace(|c: char| !c.is_alphanumeric() && c != ' ', "");
    plain.split_whitespace().map(str::to_owned).collect()
}

/// Its words in the order of the alphabet.
fn bag(text: &str) -> Vec<String> {
    let mut bag = words(text);
    bag.sort();
    bag
}

/// The files of a folder by name, line by line.
fn folder(name: &str) -> BTreeMap<String, Vec<Line>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&path).expect("a folder of ours").flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            let cue = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a file of ours");
            let line = |(at, line)| {
                serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("{name}/{cue}.jsonl line {}: {error}", at + 1))
            };
            let lines = text.lines().enumerate().map(line).collect();
            files.insert(cue, lines);
        }
    }
    files
}

/// All lines of both folders.
fn everything() -> Vec<Line> {
    let both = [TESTING, TRAINING].map(folder);
    both.into_iter().flat_map(BTreeMap::into_values).flatten().collect()
}

/// Shared words over all words, each counted as often as it occurs; both in the order of the alphabet.
fn overlap(a: &[String], b: &[String]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    shared as f64 / (a.len() + b.len() - shared) as f64
}

#[test]
fn every_line_is_well_formed() {
    for name in [TESTING, TRAINING] {
        for (cue, lines) in folder(name) {
            assert!(KINDS.contains(&cue.as_str()), "{name}/{cue}.jsonl is named after no cue");
            for Line { id, source, speaker, prev, text, labels, unsure, judged, tag } in &lines {
                assert_eq!(source, "own", "{id}");
                assert!(["rep", "client"].contains(&speaker.as_str()), "{id}: {speaker}");
                assert_eq!(judged, &[cue.as_str()], "{id}");
                assert!(unsure.is_empty(), "{id}");
                let positive = labels == judged;
                assert!(positive || labels.is_empty(), "{id}: {labels:?}");
                let (heard, kind) = tag.split_once(' ').expect("how it is written and what it is");
                assert_eq!(kind, if positive { "positive" } else { "near-miss" }, "{id}");
                assert!(["clean", "asr"].contains(&heard), "{id}: {tag}");
                let bare = |s: &str| {
                    s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || " '".contains(c))
                };
                assert!(
                    heard == "clean" || bare(text) && bare(prev),
                    "{id}: a recogniser does not write {text:?}"
                );
                assert!(heard == "asr" || !bare(text), "{id}: {text:?} is not clean writing");
            }
        }
    }
}

#[test]
fn no_two_lines_have_the_same_id() {
    let mut seen = BTreeSet::new();
    for line in everything() {
        assert!(seen.insert(line.id.clone()), "{} twice", line.id);
    }
}

#[test]
fn there_are_as_many_as_promised_half_of_them_as_a_recogniser_writes() {
    let mut promised = BTreeSet::new();
    for (name, cues, least) in PROMISED {
        let files = folder(name);
        for cue in cues {
            let lines = files.get(*cue).unwrap_or_else(|| panic!("{name}/{cue}.jsonl is missing"));
            for kind in ["positive", "near-miss"] {
                let count =
                    |heard: &str| lines.iter().filter(|line| line.tag == format!("{heard} {kind}")).count();
                let (clean, asr) = (count("clean"), count("asr"));
                assert!(clean + asr >= least, "{name}/{cue}: {} {kind}", clean + asr);
                assert!(
                    clean.abs_diff(asr) * 10 <= clean + asr,
                    "{name}/{cue} {kind}: {clean} clean and {asr} as heard"
                );
            }
            promised.insert((name, (*cue).to_owned()));
        }
    }
    let folders = [TESTING, TRAINING].map(|name| folder(name).into_keys().map(move |cue| (name, cue)));
    assert_eq!(
        folders.into_iter().flatten().collect::<BTreeSet<_>>(),
        promised,
        "files there and files promised"
    );
}

#[test]
fn what_is_answered_is_there_where_the_cue_lies_in_the_answer() {
    let mut files = folder(TRAINING);
    for (cue, lines) in folder(TESTING) {
        files.entry(cue).or_default().extend(lines);
    }
    for cue in ["paraphrase", "validation", "follow_up", "stalemate"] {
        for line in &files[cue] {
            assert!(!line.prev.is_empty(), "{} answers nothing", line.id);
        }
    }
}

#[test]
fn sentences_are_short_and_open_in_many_ways() {
    for name in [TESTING, TRAINING] {
        for (cue, lines) in folder(name) {
            let mut openings = BTreeMap::<_, usize>::new();
            for line in &lines {
                let words = line.words();
                assert!((1..=LONGEST).contains(&words.len()), "{}: {} words", line.id, words.len());
                if words.len() > 3 {
                    *openings.entry(words[..3].join(" ")).or_default() += 1;
                }
            }
            for (opening, count) in openings {
                assert!(count <= SAME_OPENING, "{name}/{cue}: {count} lines open with {opening:?}");
            }
        }
    }
}

#[test]
fn no_sentence_is_there_twice_and_none_is_on_both_sides() {
    let mut bags: Vec<_> = everything().into_iter().map(|line| (line.bag(), line.id)).collect();
    bags.sort_by_key(|(bag, _)| bag.len());
    for (at, (a, first)) in bags.iter().enumerate() {
        let near = bags[at + 1..].iter().take_while(|(b, _)| a.len() as f64 >= SAME * b.len() as f64);
        for (b, second) in near {
            assert!(overlap(a, b) < SAME, "{first} and {second} are the same sentence: {}", a.join(" "));
        }
    }
}

/// Every sentence of a folder and the folders in it, as its words in the order of the alphabet, with its id.
fn everywhere(folder: &Path) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of ours").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(everywhere(&path));
        } else if path.extension().is_some_and(|ending| ending == "jsonl") {
            let text = fs::read_to_string(&path).expect("a file of ours");
            found.extend(text.lines().map(|line| {
                let line: Loose = serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("{}: {error}: {line}", path.display()));
                (bag(&line.text), line.id)
            }));
        }
    }
    found
}

/// What every line has, however loosely it is labelled.
#[derive(Deserialize)]
struct Loose {
    id: String,
    text: String,
}

/// Sentences that share nine tenths of their words and are no longer than this share them all.
const SAME_IF_EQUAL: usize = 18;

#[test]
fn no_sentence_that_tests_is_learned_from_in_any_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (testing, training) = (everywhere(&root.join(TESTING)), everywhere(&root.join(TRAINING)));
    assert!(testing.len() > 2000 && training.len() > 20_000, "{} and {}", testing.len(), training.len());
    let tested: BTreeMap<&Vec<String>, &String> = testing.iter().map(|(bag, id)| (bag, id)).collect();
    let long: Vec<_> = testing.iter().filter(|(bag, _)| bag.len() > SAME_IF_EQUAL).collect();
    for (bag, id) in &training {
        assert!(!tested.contains_key(bag), "{id} is {}: {}", tested[bag], bag.join(" "));
        for (other, test) in
            long.iter().filter(|(other, _)| bag.len().abs_diff(other.len()) * 10 <= bag.len())
        {
            assert!(overlap(bag, other) < SAME, "{id} is {test}: {}", bag.join(" "));
        }
    }
    let ids: BTreeSet<&String> = testing.iter().chain(&training).map(|(_, id)| id).collect();
    assert_eq!(ids.len(), testing.len() + training.len(), "an id is there twice");
}

/// What this project says of a line of a corpus.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    id: String,
    labels: Vec<String>,
    unsure: Vec<String>,
}

#[test]
fn labels_of_real_talk_name_each_line_once_and_kinds_that_there_are() {
    for (name, least) in [("listening", 6_000), ("giving", 4_000)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("models/labels/{name}.jsonl"));
        let text = fs::read_to_string(&path).expect("a file of ours");
        let labels: Vec<Label> =
            text.lines().map(|line| serde_json::from_str(line).expect("a label")).collect();
        let ids: BTreeSet<&String> = labels.iter().map(|label| &label.id).collect();
        assert_eq!(ids.len(), labels.len(), "{name}: a line is there twice");
        assert!(labels.len() >= least, "{name}: {} lines", labels.len());
        for Label { id, labels, unsure } in &labels {
            assert!(labels.iter().chain(unsure).all(|kind| KINDS.contains(&kind.as_str())), "{id}");
            assert!(!labels.iter().any(|kind| unsure.contains(kind)), "{id} is and may be");
        }
    }
}

#[test]
fn the_demo_transcript_holds_every_line_of_the_call() {
    let truth: Value = serde_json::from_str(include_str!("../../demo/truth.json")).expect("truth is JSON");
    let blocks: Vec<_> = include_str!("../../demo/call.vtt").split("\n\n").map(str::trim).collect();
    let lines = truth["lines"].as_array().expect("lines");
    assert_eq!(blocks[0], "WEBVTT");
    assert_eq!(blocks.len(), lines.len() + 1);
    let stamp = |at: &Value| {
        let ms = (at.as_f64().expect("seconds") * 1000.0).round() as u64;
        format!("00:{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
    };
    for line in lines {
        let name = if line["who"] == "rep" { "Martin" } else { "Elena" };
        let words = line["text"].as_str().expect("words");
        let block = format!("{} --> {}\n<v {name}>{words}</v>", stamp(&line["start"]), stamp(&line["end"]));
        assert!(blocks.contains(&block.as_str()), "not in the transcript: {block}");
    }
}
