//! How long an utterance takes to read, and a reader to load: `make bench`.
//!
//! The input is the bundled call's lines, each with the other's last turn. Items are utterances: at least 200 Kitem/s is asked
//! (5 µs each), and 5 ms for loading.

use std::hint::black_box;

use divan::counter::ItemsCount;
use divan::{Bencher, Divan};
use heard::cues::{Reader, Said};
use heard::units::Party;

fn main() {
    Divan::from_args().main();
}

/// Party, text and what the other said before, for every line of the call.
fn call() -> Vec<(Party, String, String)> {
    let script: serde_json::Value =
        serde_json::from_str(include_str!("../demo/script.json")).expect("the script is JSON");
    let mut last = [String::new(), String::new()];
    let lines = script["lines"].as_array().expect("lines");
    lines
        .iter()
        .map(|line| {
            let rep = line["who"] == "rep";
            let text = line["text"].as_str().expect("a text").to_owned();
            let before = last[usize::from(rep)].clone();
            last[usize::from(!rep)].clone_from(&text);
            (if rep { Party::Rep } else { Party::Client }, text, before)
        })
        .collect()
}

#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let call = call();
    let mut reader = Reader::english().expect("tables and weights of the program");
    bencher.counter(ItemsCount::new(call.len())).bench_local(|| {
        for (party, text, before) in &call {
            black_box(reader.read(Said { party: *party, text, before }));
        }
    });
}

#[divan::bench]
fn load() -> Reader {
    Reader::english().expect("tables and weights of the program")
}
