//! `heard live` and `heard devices` in a terminal: what is heard goes to standard error, what came of it to standard output.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, bounded, never};
use heard::app::call::Fold;
use heard::app::keys::Keys;
use heard::app::overlay::{self, Options};
use heard::app::place::Places;
use heard::app::running::{self, wishes};
use heard::app::screen::Screen;
use heard::app::{WindowError, has_display};
use heard::coach::CoachEvent;
use heard::config::Settings;
use heard::io::capture::watch::Wish;
use heard::io::capture::{CaptureError, Clock, Host, Kind, Recorded, Source, host};
use heard::io::confine::confine;
use heard::io::live::listener::{ChannelView, Snapshot};
use heard::io::live::{Heard, Live, Plan, Update, listen};
use heard::io::words::choose;
use heard::io::{preparation, settings_path, understanding};
use heard::session::health::Condition;
use heard::session::said::Understanding;
use heard::session::{What, summary, wire};
use heard::speech::status::State;
use heard::units::{ByParty, Dbfs, Party};
use heard::view::overlay::Ask;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Devices, LiveCall};
use crate::print;

/// How long each device is listened to by `heard devices`.
const LISTEN: Duration = Duration::from_millis(600);

/// Cells of a level meter, and the level at its lower end; the upper end is full scale.
const CELLS: usize = 12;
const METER_FLOOR_DB: f32 = -60.0;

/// Listens until Ctrl-C, and sums up. False if something of it could not be kept.
pub fn live(command: &LiveCall, settings: &Settings) -> Result<bool> {
    let record = command.record.as_deref().map(|file| match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    });
    // The overlay's place is kept beside the settings.
    let beside = settings_path().filter(|_| overlay_wanted(command).is_ok());
    let beside = beside.and_then(|path| path.parent().map(Path::to_owned));
    let beside = beside.filter(|folder| std::fs::create_dir_all(folder).is_ok());
    let writable: Vec<&Path> = [&record, &beside].into_iter().flatten().map(PathBuf::as_path).collect();
    eprintln!("{}", confine(&writable).sentence());
    let (ended, end) = bounded(1);
    let pressed = ended.clone();
    ctrlc::set_handler(move || {
        // Full if it was pressed before: once is enough.
        let _ = pressed.try_send(());
    })
    .context("Ctrl-C cannot be caught on this system; close other programs and try again")?;
    let words = choose(command.model.as_deref(), &settings.speech)?.within(command.grammar.as_deref())?;
    let prepared = command.prep.as_deref().map(preparation::read).transpose()?.unwrap_or_default();
    let understanding = Understanding::new(understanding::reader()?, Some(understanding::today()));
    let plan = Plan {
        wishes: command.wishes(),
        record: command.record.clone(),
        words,
        understanding: Some(understanding.prepared(prepared.clone())),
        wording: understanding::wording()?,
        settings: *settings,
    };
    let live = match &command.from {
        Some(recording) => {
            Recorded::open(recording, ended.clone())?;
            let recording = recording.clone();
            listen(plan, move || Recorded::host(&recording, &ended))?
        }
        None => listen(plan, host)?,
    };
    let mut follower = Follower {
        view: View::new(command),
        fold: Fold::new(settings, &prepared),
        screen: None,
        settings: *settings,
    };
    let heard = match overlay_wanted(command) {
        Ok(()) => follower.behind_overlay(live, &end)?,
        Err(why) => {
            why.into_iter().for_each(|why| follower.view.say(&why));
            follower.follow(live, &end, &never())?
        }
    };
    let view = &follower.view;
    view.close();
    if heard.left_out > 0 {
        view.say(&format!(
            "{} lines could not be shown in time; the summary has everything.",
            heard.left_out
        ));
    }
    let mut text =
        if command.json { serde_json::to_string(&heard.call)? } else { summary::call(&heard.call) };
    text.push('\n');
    print(&text)?;
    heard.recording?;
    Ok(true)
}

/// Whether there is to be an overlay; if not, why, unless the user said so.
fn overlay_wanted(command: &LiveCall) -> std::result::Result<(), Option<String>> {
    if command.no_overlay {
        return Err(None);
    }
    if has_display() { Ok(()) } else { Err(Some(without_overlay(&WindowError::NoDisplay))) }
}

fn without_overlay(why: &WindowError) -> String {
    format!("No overlay: {why}. The call is shown in this terminal.")
}

/// Follows a call: prints what it tells, and shows it on the overlay if there is one.
struct Follower {
    view: View,
    fold: Fold,
    screen: Option<Screen>,
    settings: Settings,
}

impl Follower {
    /// Follows the call on a thread of its own, for windows live on the main thread; it ends when the window is closed.
    fn behind_overlay(&mut self, live: Live, end: &Receiver<()>) -> Result<Heard> {
        let screen = Screen::default();
        self.screen = Some(screen.clone());
        let (asked, asks) = wishes();
        let keys = Keys::of_overlay(&self.settings.overlay, &screen, &asked);
        if let Err(why) = &keys {
            self.view.say(&format!("Keys: {why}"));
        }
        let options = Options {
            settings: self.settings.overlay,
            click_through: keys.is_ok(),
            places: Places::beside(settings_path().as_deref()),
        };
        thread::scope(|scope| {
            let follow = || {
                let heard = self.follow(live, end, &asks);
                screen.close();
                heard
            };
            let call = thread::Builder::new()
                .name("call".to_owned())
                .spawn_scoped(scope, follow)
                .context("no thread could be started; close other programs and try again")?;
            let window = overlay::run(screen.clone(), options, asked.clone());
            match window {
                // Closed: the call is over too.
                Ok(()) => drop(asked.send(Ask::End)),
                // The call goes on without it.
                Err(why) => eprintln!("{}", without_overlay(&why)),
            }
            call.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Follows the call until it ends, by itself, by Ctrl-C or by a wish.
    fn follow(&mut self, live: Live, end: &Receiver<()>, asks: &Receiver<Ask>) -> Result<Heard> {
        running::follow(live, end, asks, |update| self.show(update))
    }

    fn show(&mut self, update: Update) -> Result<()> {
        self.fold.take(&update);
        if let Some(screen) = &self.screen {
            screen.show(self.fold.view());
        }
        self.view.show(update)
    }
}

/// What is shown while a call goes on.
struct View {
    bar: ProgressBar,
    events: bool,
    listening: bool,
    conditions: ByParty<Condition>,
    /// What was said last about the words: that there are none, or no more.
    without_words: String,
}

impl View {
    fn new(command: &LiveCall) -> View {
        let bar = if io::stderr().is_terminal() && !command.events {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        let bar = match ProgressStyle::with_template("{wide_msg}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        View {
            bar,
            events: command.events,
            listening: false,
            conditions: ByParty::default(),
            without_words: String::new(),
        }
    }

    fn show(&mut self, update: Update) -> Result<()> {
        match update {
            Update::Event(event) => {
                if let What::Coach(CoachEvent::Nudged(nudge)) = &event.what {
                    let detail =
                        nudge.detail.as_deref().map(|detail| format!("  {detail}")).unwrap_or_default();
                    self.say(&format!("{}  {}{detail}", summary::clock(event.at), nudge.text));
                }
                if self.events {
                    let mut line = serde_json::to_string(&wire::Line::from(&event))?;
                    line.push('\n');
                    print(&line)?;
                }
            }
            Update::Opened { party, name, real_time, .. } => {
                let priority = match real_time {
                    Some(true) => ", at real-time priority",
                    Some(false) => ", at ordinary priority (the system grants no other)",
                    None => "",
                };
                self.say(&format!("{}: listening to {name}{priority}", who(party)));
            }
            Update::Lost { party, name, .. } => {
                self.say(&format!(
                    "{}: {name} is gone; this time counts for nobody until it is back",
                    who(party)
                ));
            }
            Update::Said { at, told } => {
                if self.events {
                    let mut line =
                        serde_json::to_string(&wire::Line::said(at, &told.utterance, told.partial))?;
                    line.push('\n');
                    print(&line)?;
                }
            }
            Update::Slept { .. } => self.say("The computer slept; that time counts for nobody"),
            Update::Snapshot(snapshot) => self.snapshot(&snapshot),
        }
        Ok(())
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        if !self.listening {
            self.listening = true;
            self.say("Listening. Ctrl-C ends the call and sums it up.");
        }
        for party in Party::BOTH {
            let channel = &snapshot.channels[party];
            if channel.condition != self.conditions[party] && channel.condition != Condition::Lost {
                if let Some(advice) = channel.advice {
                    self.say(&format!("{}: {advice}", who(party)));
                    self.conditions[party] = channel.condition;
                } else if channel.condition == Condition::Flowing {
                    self.conditions[party] = channel.condition;
                }
            }
        }
        if snapshot.words.why != self.without_words {
            self.without_words.clone_from(&snapshot.words.why);
            self.say(&format!("Words: {}", snapshot.words.line()));
        }
        if !self.bar.is_hidden() {
            self.bar.set_message(status(snapshot));
            self.bar.tick();
        }
    }

    fn close(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }
}

fn who(party: Party) -> &'static str {
    match party {
        Party::Rep => "You",
        Party::Client => "Client",
    }
}

/// One line: time, both meters, share of talk, length of the run.
fn status(snapshot: &Snapshot) -> String {
    let mut line = summary::clock(snapshot.now);
    for party in Party::BOTH {
        line.push_str(&format!("  {} {}", who(party).to_lowercase(), channel(&snapshot.channels[party])));
    }
    match snapshot.figures.share {
        Some(share) => line.push_str(&format!("  you spoke {} %", share.percent())),
        None => line.push_str("  share: not yet"),
    }
    let run = snapshot.figures.run.as_secs_f64();
    if run >= 10.0 {
        line.push_str(&format!("  {run:.0} s without a pause"));
    }
    if snapshot.words.state != State::Off {
        line.push_str(&format!("  {}", snapshot.words.short()));
    }
    line
}

fn channel(view: &ChannelView) -> String {
    match view.condition {
        Condition::NotListenedTo => "off".to_owned(),
        Condition::Lost => "lost".to_owned(),
        _ => meter(view.level),
    }
}

fn meter(level: Dbfs) -> String {
    let filled = ((level.db() - METER_FLOOR_DB) / -METER_FLOOR_DB * CELLS as f32)
        .clamp(0.0, CELLS as f32)
        .round() as usize;
    "▮".repeat(filled) + &"▯".repeat(CELLS - filled)
}

/// Lists what can be listened to, with a live level each. False if nothing can.
pub fn devices(command: &Devices) -> Result<bool> {
    let mut host = host()?;
    let sources = host.sources()?;
    let levels: Vec<_> = sources.iter().map(|source| level(host.as_mut(), source)).collect();
    let mut text = String::new();
    if command.json {
        for (source, level) in sources.iter().zip(&levels) {
            let kind = match source.kind {
                Kind::Microphone => "microphone",
                Kind::Playback => "playback",
            };
            let (level_db, error) = match level {
                Ok(level) => {
                    (level.filter(|level| level.db().is_finite()).map(|level| level.db().round()), None)
                }
                Err(error) => (None, Some(error.to_string())),
            };
            let line = serde_json::json!({
                "id": source.id, "name": source.name, "kind": kind, "default": source.default,
                "level_dbfs": level_db, "error": error,
            });
            text.push_str(&format!("{line}\n"));
        }
        print(&text)?;
        return Ok(!sources.is_empty());
    }
    for (kind, heading, none) in [
        (Kind::Microphone, "Microphones (you): --mic", CaptureError::NoMicrophone),
        (Kind::Playback, "What the computer plays (the client): --far", CaptureError::NoPlayback),
    ] {
        text.push_str(&format!("{heading}\n"));
        let of_kind = || sources.iter().zip(&levels).filter(|(source, _)| source.kind == kind);
        if of_kind().next().is_none() {
            text.push_str(&format!("  {none}\n"));
        }
        for (source, level) in of_kind() {
            let mark = if source.default { '*' } else { ' ' };
            let arrives = match level {
                Ok(None) => "nothing arrives".to_owned(),
                Ok(Some(level)) if level.db() < METER_FLOOR_DB => format!("{}  silent", meter(*level)),
                Ok(Some(level)) => format!("{}  {:.0} dBFS", meter(*level), level.db()),
                Err(CaptureError::Device { cause, .. }) => format!("cannot be used: {cause}"),
                Err(error) => error.to_string(),
            };
            text.push_str(&format!("{mark} {} [{}]\n    {arrives}\n", source.name, source.id));
        }
        text.push('\n');
    }
    text.push_str("* used when you say nothing else\n");
    print(&text)?;
    Ok(!sources.is_empty())
}

/// The loudest that arrives from a device; `None` if it sends nothing.
fn level(host: &mut dyn Host, source: &Source) -> Result<Option<Dbfs>, CaptureError> {
    let clock = Clock::start();
    let mut opened = host.open(source, &clock)?;
    let (_keep, wait) = bounded::<()>(0);
    // Nobody sends: this waits.
    let _ = wait.recv_timeout(LISTEN);
    let mut block = Vec::new();
    let mut loudest = None;
    while opened.outlet.take(&mut block).is_some() {
        let level = Dbfs::of(&block);
        if loudest.is_none_or(|loudest| level > loudest) {
            loudest = Some(level);
        }
    }
    Ok(loudest)
}

impl LiveCall {
    fn wishes(&self) -> ByParty<Wish> {
        let wish = |name: &Option<String>| name.clone().map_or(Wish::Default, Wish::Named);
        ByParty { rep: wish(&self.mic), client: if self.no_far { Wish::Nothing } else { wish(&self.far) } }
    }
}
