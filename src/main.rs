//! The program `heard`: arguments, terminal, exit codes. All else is in the library.

#![expect(clippy::print_stderr, reason = "standard error is where a program says what went wrong")]

mod args;
mod models;
mod terminal;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use anyhow::{Context, Result};
use clap::Parser;
use heard::config::{self, Settings};
use heard::io::analyze::{Analysis, Channels, analyze_with};
use heard::io::confine::{Guard, confine};
use heard::io::cue_lines;
use heard::io::load_settings;
use heard::io::models::load_verified;
use heard::io::words::{Words, choose};
use heard::io::worker::child;
use heard::session::{summary, wire};
use indicatif::{ProgressBar, ProgressStyle};

use args::{Analyze, Args, Command, Demo};

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
    match &args.command {
        Command::Analyze(command) => {
            let settings = load_settings(args.config.as_deref())?;
            confine(&[]);
            analyze_files(command, &settings)
        }
        Command::Demo(command) => demo(command, &load_settings(args.config.as_deref())?),
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
Worked out: on this computer alone; who speaks when, never what anybody feels, and no voiceprints.
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

fn demo(command: &Demo, settings: &Settings) -> Result<bool> {
    let folder = tempfile::tempdir()
        .context("no temporary folder could be made; free some disk space and try again")?;
    let path = folder.path().join("demo-call.ogg");
    confine(&[folder.path()]);
    std::fs::write(&path, include_bytes!("../demo/call.ogg"))
        .context("the demo call could not be unpacked; free some disk space and try again")?;
    let rep = heard::audio::Side::Left;
    let words = choose(None, &settings.speech)?;
    let analysis = analyze_with(&path, Channels::Stereo { rep }, settings, words, |_| {}, |_, _| {})?;
    let analysis = analysis.named("demo call");
    print(&told(&analysis, command.json)?)?;
    Ok(true)
}

/// Analyses the files, several at a time, and prints what came of them in the order given.
fn analyze_files(command: &Analyze, settings: &Settings) -> Result<bool> {
    let words = choose(command.model.as_deref(), &settings.speech)?;
    if command.events {
        return analyze_aloud(command, settings, &words);
    }
    let bar = progress_bar(&command.files);
    let printer =
        Mutex::new(Printer { done: command.files.iter().map(|_| None).collect(), next: 0, all_well: true });
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(command.files.len());
    let work = || -> Result<()> {
        while let Some((index, path)) = take(&next, &command.files) {
            let mut seen = 0;
            let result = analyze_with(
                path,
                command.channels(),
                settings,
                words.clone(),
                |_| {},
                |read, _| {
                    bar.inc(read.saturating_sub(seen));
                    seen = read;
                },
            );
            let text = result.map_err(anyhow::Error::from).and_then(|analysis| told(&analysis, command.json));
            let mut printer = printer.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            bar.suspend(|| printer.finished(index, text))?;
        }
        Ok(())
    };
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..workers)
            .map(|i| thread::Builder::new().name(format!("analyze-{i}")).spawn_scoped(scope, work))
            .collect::<io::Result<_>>()
            .context("no thread could be started; close other programs and try again")?;
        for thread in threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    Ok(printer.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).all_well)
}

fn take<'a>(next: &AtomicUsize, files: &'a [PathBuf]) -> Option<(usize, &'a PathBuf)> {
    let index = next.fetch_add(1, Relaxed);
    files.get(index).map(|path| (index, path))
}

/// Holds back what is finished early until everything before it is printed.
struct Printer {
    done: Vec<Option<Result<String>>>,
    next: usize,
    all_well: bool,
}

impl Printer {
    fn finished(&mut self, index: usize, text: Result<String>) -> Result<()> {
        self.done[index] = Some(text);
        while let Some(text) = self.done.get_mut(self.next).and_then(Option::take) {
            self.next += 1;
            match text {
                Ok(text) => print(&text)?,
                Err(error) => {
                    eprintln!("heard: {error:#}");
                    self.all_well = false;
                }
            }
        }
        Ok(())
    }
}

/// One file after the other, each event as a line of JSON as it happens; with `--json` the record as a last line.
fn analyze_aloud(command: &Analyze, settings: &Settings, words: &Words) -> Result<bool> {
    let mut all_well = true;
    for path in &command.files {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut written = Ok(());
        let tell = |event: &heard::session::Event| {
            if written.is_ok() {
                written = serde_json::to_writer(&mut out, &wire::Line::from(event))
                    .map_err(io::Error::from)
                    .and_then(|()| out.write_all(b"\n"));
            }
        };
        let result = analyze_with(path, command.channels(), settings, words.clone(), tell, |_, _| {});
        written?;
        out.flush()?;
        drop(out);
        match result {
            Ok(analysis) if command.json => print(&told(&analysis, true)?)?,
            Ok(_) => {}
            Err(error) => {
                eprintln!("heard: {error}");
                all_well = false;
            }
        }
    }
    Ok(all_well)
}

fn told(analysis: &Analysis, json: bool) -> Result<String> {
    let mut text = match (analysis, json) {
        (Analysis::Call(call), true) => serde_json::to_string(call)?,
        (Analysis::Mono(mono), true) => serde_json::to_string(mono)?,
        (Analysis::Call(call), false) => summary::call(call),
        (Analysis::Mono(mono), false) => summary::mono(mono),
    };
    text.push('\n');
    Ok(text)
}

/// Bytes read of all files; nothing at all where nobody watches.
fn progress_bar(files: &[PathBuf]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bytes = files.iter().filter_map(|path| path.metadata().ok()).map(|about| about.len()).sum();
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {eta} left");
    let bar = ProgressBar::new(bytes);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
