//! `heard analyze` and `heard demo`: recordings summed up, several at a time, in the order given.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use heard::app::call::Fold;
use heard::app::has_display;
use heard::app::overlay::{self, Options};
use heard::app::place::Places;
use heard::app::replay::{Replay, play};
use heard::app::running::wishes;
use heard::app::screen::Screen;
use heard::coach::Wording;
use heard::config::Settings;
use heard::cues::Preparation;
use heard::io::analyze::{Analysis, Channels, News, Task, analyze_with};
use heard::io::confine::confine;
use heard::io::words::{Words, Written, choose};
use heard::io::{preparation, transcript, understanding};
use heard::session::said::Understanding;
use heard::session::{summary, wire};
use heard::speech::transcript::parse;
use heard::view::call::CallView;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::{Date, date};

use crate::args::{Analyze, Demo};
use crate::print;

/// When the demo call is said to have been made: a Tuesday.
const DEMO_DAY: Date = date(2026, 11, 24);

/// The demo call's sound: Ogg Vorbis, 16 kHz, the rep on the left.
pub static DEMO_CALL: &[u8] = include_bytes!("../demo/call.ogg");

/// The rep of the demo call.
const DEMO_REP: &str = "Martin";

pub fn demo(command: &Demo, settings: &Settings) -> Result<bool> {
    let folder = tempfile::tempdir()
        .context("no temporary folder could be made; free some disk space and try again")?;
    let path = folder.path().join("demo-call.ogg");
    let understanding = Some(Understanding::new(understanding::reader()?, Some(DEMO_DAY)));
    let wording = understanding::wording()?;
    confine(&[folder.path()]);
    std::fs::write(&path, DEMO_CALL)
        .context("the demo call could not be unpacked; free some disk space and try again")?;
    let words = match &command.model {
        Some(model) => choose(Some(model), &settings.speech)?,
        None => Words::Written(Arc::new(Written {
            transcript: parse(include_str!("../demo/call.vtt")).context("the demo call lost its words")?,
            rep_name: Some(DEMO_REP.to_owned()),
        })),
    };
    let channels = Channels::Stereo { rep: heard::audio::Side::Left };
    let task = Task { channels, words, understanding, wording };
    let mut replay = Replay::new(Fold::new(settings, &Preparation::default()));
    let see = |news: News<'_>| match news {
        News::Event(event) => replay.event(event),
        News::Stands { at, situation } => replay.stands(at, situation),
        News::Said { .. } => {}
    };
    let analysis = analyze_with(&path, task, settings, see, |_, _| {})?.named("demo call");
    print(&told(&analysis, command.json)?)?;
    if !(command.json || command.no_overlay) && has_display() {
        show_again(&replay.around_moments(), settings)?;
    }
    Ok(true)
}

/// Shows the overlay as it stood when it spoke up.
fn show_again(pictures: &[(CallView, Duration)], settings: &Settings) -> Result<()> {
    print(
        "On the screen: the overlay as it stood when it spoke up. Ctrl-C ends it, --no-overlay leaves it out.\n",
    )?;
    let (screen, (asked, asks)) = (Screen::default(), wishes());
    let options = Options { settings: settings.overlay, click_through: false, places: Places::default() };
    thread::scope(|scope| {
        let showing = screen.clone();
        thread::Builder::new()
            .name("replay".to_owned())
            .spawn_scoped(scope, move || play(pictures, &showing, &asks))
            .context("no thread could be started; close other programs and try again")?;
        // A demo without its window is a demo still.
        if let Err(why) = overlay::run(screen, options, asked) {
            crate::complain(&why);
        }
        Ok(())
    })
}

/// What is to be done with each of the files.
struct Job {
    words: Words,
    understanding: Understanding,
    /// The day of the calls, if the user said so; else each file's own.
    day: Option<Date>,
    wording: Wording,
}

impl Job {
    fn new(command: &Analyze, settings: &Settings) -> Result<Job> {
        let words = match &command.transcript {
            Some(_) if command.files.len() > 1 => {
                bail!("a transcript belongs to one recording; name one file with --transcript")
            }
            Some(path) => Words::Written(Arc::new(Written {
                transcript: transcript::read(path)?,
                rep_name: command.rep_name.clone(),
            })),
            None => choose(command.model.as_deref(), &settings.speech)?.within(command.grammar.as_deref())?,
        };
        let prepared = command.prep.as_deref().map(preparation::read).transpose()?.unwrap_or_default();
        let understanding = Understanding::new(understanding::reader()?, None).prepared(prepared);
        Ok(Job { words, understanding, day: command.date, wording: understanding::wording()? })
    }

    fn task(&self, channels: Channels, path: &Path) -> Task {
        let day = self.day.or_else(|| understanding::day_of(path));
        Task {
            channels,
            words: self.words.clone(),
            understanding: Some(self.understanding.clone().on(day)),
            wording: self.wording.clone(),
        }
    }
}

/// Analyses the files, several at a time, and prints what came of them in the order given.
pub fn analyze(command: &Analyze, settings: &Settings) -> Result<bool> {
    let job = Job::new(command, settings)?;
    confine(&[]);
    if command.events {
        return analyze_aloud(command, settings, &job);
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
                job.task(command.channels(), path),
                settings,
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
fn analyze_aloud(command: &Analyze, settings: &Settings, job: &Job) -> Result<bool> {
    let mut all_well = true;
    for path in &command.files {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut written = Ok(());
        let tell = |news: News<'_>| {
            let line = match news {
                News::Event(event) => wire::Line::from(event),
                News::Stands { .. } => return,
                News::Said { at, utterance } => wire::Line::said(at, utterance, false),
            };
            if written.is_ok() {
                written = serde_json::to_writer(&mut out, &line)
                    .map_err(io::Error::from)
                    .and_then(|()| out.write_all(b"\n"));
            }
        };
        let result = analyze_with(path, job.task(command.channels(), path), settings, tell, |_, _| {});
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
