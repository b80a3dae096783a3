//! The program `heard`: arguments, terminal, exit codes. All else is in the library.

#![expect(clippy::print_stderr, reason = "standard error is where a program says what went wrong")]

mod args;
mod models;
mod recordings;
mod terminal;

use std::fs::create_dir_all;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Parser;
use crossbeam_channel::bounded;
use heard::app::desk::{Desk, Find};
use heard::app::{WindowError, has_display, main_window};
use heard::config;
use heard::io::capture::{Recorded, host};
use heard::io::confine::{Guard, confine};
use heard::io::cue_lines;
use heard::io::models::load_verified;
use heard::io::worker::child;
use heard::io::{load_settings, settings_path};

use args::{Args, Command, LiveCall};

/// Something failed; one sentence on standard error says what to do next.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("heard: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// Says what went wrong with one of several things; the others go on.
fn complain(error: &dyn std::error::Error) {
    eprintln!("heard: {error}");
}

/// True if everything that was asked for could be done.
fn run(args: &Args) -> Result<bool> {
    let Some(command) = &args.command else {
        return open(args);
    };
    match command {
        Command::Analyze(command) => recordings::analyze(command, &load_settings(args.config.as_deref())?),
        Command::Demo(command) => recordings::demo(command, &load_settings(args.config.as_deref())?),
        Command::Live(command) => terminal::live(command, &load_settings(args.config.as_deref())?),
        Command::Devices(command) => terminal::devices(command),
        Command::Models(command) => models::run(command),
        Command::Cues(command) => cues(command.phrases.as_deref()),
        Command::Privacy => privacy(),
        Command::RecogniseWorker(command) => {
            child::run(&command.engine(), verified)?;
            Ok(true)
        }
        Command::Config => {
            print(&config::default_file())?;
            Ok(true)
        }
    }
}

/// Opens the main window; without a display, one sentence and the terminal.
fn open(args: &Args) -> Result<bool> {
    let settings = load_settings(args.config.as_deref())?;
    if !has_display() {
        eprintln!("No window: {}. The call is shown in this terminal.", WindowError::NoDisplay);
        return terminal::live(&LiveCall { no_overlay: true, ..LiveCall::default() }, &settings);
    }
    let file = args.config.clone().or_else(settings_path);
    let folder = file.as_deref().and_then(Path::parent).filter(|folder| create_dir_all(folder).is_ok());
    let enforced = confine(folder.as_slice()).sentence();
    let find: Find = match &args.recording {
        Some(path) => {
            let (ended, _) = bounded(1);
            Recorded::open(path, ended.clone())?;
            let path = path.clone();
            Arc::new(move || Recorded::host(&path, &ended))
        }
        None => Arc::new(host),
    };
    main_window::run(Desk::new(settings, file, enforced, find))?;
    Ok(true)
}

/// The bytes of a model that somebody vouches for; these are the ones that are loaded.
fn verified(model: &Path) -> Result<Vec<u8>, String> {
    load_verified(model).map(|model| model.bytes).map_err(|error| error.to_string())
}

/// The reader of a pipe has seen enough: not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// What `heard privacy` says before it tells what the system enforces.
const PRIVACY: &str = "\
Heard: your microphone and what this computer plays, only between heard live and Ctrl-C.
Worked out: on this computer alone; who speaks when and what is said, no feelings from voices, no voiceprints.
Kept: nothing, unless you ask: --record FILE keeps the sound, --json prints the numbers.
Sent: nothing, ever. Fetched: speech models alone, by heard-fetch, when you run heard models fetch.
";

fn privacy() -> Result<bool> {
    let confinement = confine(&[]);
    print(&format!("{PRIVACY}{}\n", confinement.sentence()))?;
    Ok(confinement.internet != Guard::Failed)
}

/// Answers the lines on standard input with the cues in them.
fn cues(own: Option<&Path>) -> Result<bool> {
    let mut reader = cue_lines::reader(own)?;
    confine(&[]);
    cue_lines::answer(&mut reader, io::stdin().lock(), io::BufWriter::new(io::stdout().lock()))?;
    Ok(true)
}
