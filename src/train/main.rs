//! The program `heard-train`: makes the cue weights from labelled sentences, the same bytes from the same sentences.
//!
//! Usage: `heard-train DATA OUT [--check]`. DATA is a folder with the freely licensed sets named in `sets.rs`; the project's own
//! sentences come from `models/training/`. `--check` makes no weights: it scores five models, each on the conversations that
//! it has not seen.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod check;
mod fit;
mod noise;
mod sets;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (data, out, checking) = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [data, out] => (data, out, false),
        [data, out, _] => (data, out, true),
        _ => {
            eprintln!("usage: heard-train DATA OUT [--check]");
            return ExitCode::from(2);
        }
    };
    match run(Path::new(data), Path::new(out), checking) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("heard-train: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(data: &Path, out: &Path, checking: bool) -> Result<(), String> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let lines = sets::read(data, &models)?;
    let known = fit::Known::of(&lines)?;
    let examples = fit::examples(&lines, &known)?;
    let (judged, threshold) = check::thresholds(&lines, &examples, &known)?;
    if checking {
        print!("{}", check::table(&lines, &judged, threshold)?);
        return Ok(());
    }
    let model = fit::train(&examples, &known, |_| true).with_threshold(threshold);
    std::fs::write(out, model.to_bytes())
        .map_err(|error| format!("{} could not be written: {error}", out.display()))?;
    println!("{}: from {} lines, {} examples", out.display(), lines.len(), examples.len());
    Ok(())
}
