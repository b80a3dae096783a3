//! A live call: threads around a [`Listener`].
//!
//! ```text
//! capture-rep, capture-client ─(ring)─► analysis ─(frames)─► record
//!                devices ─(notices)────►    │
//!                   ▲                       └─(updates)─► the caller
//!                   └─(commands)── analysis, the caller
//! analysis ─(clips)─► speech ─(told)─► analysis
//! ```
//!
//! They stop from the left: `devices` closes the streams and lets go of `analysis`, which hears what is left and lets go of
//! `record`.

pub mod listener;
pub mod recording;

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use crate::coach::Wording;
use crate::config::Settings;
use crate::io::capture::watch::{Notice, Watch, Wish};
use crate::io::capture::{CaptureError, Clock, Host};
use crate::io::words::Words;
use crate::io::worker::{Speech, SpeechError, Told};
use crate::session::Event;
use crate::session::record::CallRecord;
use crate::session::said::Understanding;
use crate::speech::status::Status;
use crate::units::{AudioTime, ByParty, Party};
use listener::{Listener, Snapshot, Step};
use recording::{Recording, RecordingError};

/// Between two looks into the rings: as long as a block.
const LISTEN_EVERY: Duration = Duration::from_millis(40);

/// The same until the first frame is out: a user who has just started waits for it.
const LISTEN_AT_FIRST: Duration = Duration::from_millis(10);

/// Between two looks whether the devices still send, where the system does not tell when one stops, …
const WATCH_EVERY: Duration = Duration::from_millis(100);

/// … and where it does: then only those are missed that fall silent without a word, and 700 ms of that are told within 950.
const WATCH_SELDOM: Duration = Duration::from_millis(250);

/// Between two snapshots: as often as a meter is worth redrawing.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// A host that is gone is looked for again after so long.
const HOST_AGAIN: Duration = Duration::from_millis(500);

/// When a call has ended, its last words are waited for so long.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// Updates that wait for the caller; more are counted and left out, the summary has them all the same.
const WAITING: usize = 1024;

/// How a call is to be listened to.
pub struct Plan {
    pub wishes: ByParty<Wish>,
    pub record: Option<PathBuf>,
    pub words: Words,
    /// What words are understood with, as they come and when the call is over.
    pub understanding: Option<Understanding>,
    /// What nudges say.
    pub wording: Wording,
    pub settings: Settings,
}

/// Something for the caller to show.
pub enum Update {
    Event(Event),
    /// A party is heard from this device from now on.
    Opened {
        party: Party,
        name: String,
        at: Duration,
        /// Whether its thread comes before all others; `None` if that is the system's own business.
        real_time: Option<bool>,
    },
    /// A party's device is gone.
    Lost {
        party: Party,
        name: String,
        at: Duration,
    },
    /// The computer slept, or its sound stood still.
    Slept {
        at: Duration,
    },
    /// Somebody said something.
    Said {
        /// The session's time at which it was known.
        at: AudioTime,
        told: Told,
    },
    Snapshot(Box<Snapshot>),
}

/// What came of a call.
pub struct Heard {
    pub call: CallRecord,
    /// Updates that nobody fetched in time.
    pub left_out: u64,
    /// How the recording went, if one was asked for.
    pub recording: Result<(), RecordingError>,
}

/// Why a call cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error(transparent)]
    Recording(#[from] RecordingError),
    #[error(transparent)]
    Speech(#[from] SpeechError),
    #[error("no thread could be started ({0}); close other programs and try again")]
    Thread(std::io::Error),
}

enum Order {
    Reopen,
    Stop,
}

/// Something that the rep does to a call that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Dismiss,
    Mark,
}

/// Acts that wait for the analysis, which takes them within a block.
const ACTS: usize = 16;

/// A call that is being listened to.
pub struct Live {
    pub updates: Receiver<Update>,
    acts: Sender<Act>,
    orders: Sender<Order>,
    devices: JoinHandle<()>,
    analysis: JoinHandle<Heard>,
}

/// Begins to listen. `host` finds the computer's sound, and finds it again should its server be restarted.
///
/// # Errors
/// If a device or the recording cannot be opened; nothing is left running then.
pub fn listen<F>(plan: Plan, host: F) -> Result<Live, LiveError>
where
    F: Fn() -> Result<Box<dyn Host>, CaptureError> + Send + 'static,
{
    let clock = Clock::start();
    let present = ByParty::from_fn(|party| plan.wishes[party] != Wish::Nothing);
    let mut found = host()?;
    let mut watch = Watch::new(plan.wishes);
    let opened = watch.begin(found.as_mut(), &clock)?;
    let recording = plan.record.as_deref().map(Recording::create).transpose()?;
    let mut listener = Listener::new(present, recording.is_some(), &plan.settings, clock.now());
    listener = listener.with_coaching(&plan.settings.coach, plan.wording, plan.understanding);
    let speech = match plan.words.patient(false) {
        Words::By(plan) => {
            listener = listener.with_cuts();
            Some(Speech::start(plan)?)
        }
        Words::None(why) => {
            listener.words(Status::off(&why), false);
            None
        }
        Words::Written(_) => {
            listener.words(Status::off("a call that goes on has no transcript yet"), false);
            None
        }
    };
    let (orders, taken) = bounded(4);
    let (notices, noticed) = bounded(16);
    let (updates, shown) = bounded(WAITING);
    let (acts, acted) = bounded(ACTS);
    let mut analysis =
        Analysis { clock, updates, left_out: 0, recording, speech, orders: orders.clone(), acted };
    for notice in opened {
        analysis.notice(&mut listener, notice);
    }
    let analysis = Builder::new()
        .name("analysis".to_owned())
        .spawn(move || analysis.run(listener, &noticed))
        .map_err(LiveError::Thread)?;
    let devices = Builder::new()
        .name("devices".to_owned())
        .spawn(move || look_after(watch, Some(found), &host, clock, &taken, &notices))
        .map_err(LiveError::Thread)?;
    Ok(Live { updates: shown, acts, orders, devices, analysis })
}

impl Live {
    /// The rep waves away the nudge that is shown.
    pub fn dismiss(&self) {
        self.act(Act::Dismiss);
    }

    /// The rep marks this moment.
    pub fn mark(&self) {
        self.act(Act::Mark);
    }

    fn act(&self, act: Act) {
        // Sixteen in forty milliseconds are no acts of a person.
        let _ = self.acts.try_send(act);
    }

    /// Ends the call and sums it up.
    pub fn stop(self) -> Heard {
        // A thread that has ended already needs no order.
        let _ = self.orders.send(Order::Stop);
        self.devices.join().unwrap_or_else(|panic| resume_unwind(panic));
        self.analysis.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// The `devices` thread: which device each party is heard from.
fn look_after(
    mut watch: Watch,
    mut host: Option<Box<dyn Host>>,
    find: &dyn Fn() -> Result<Box<dyn Host>, CaptureError>,
    clock: Clock,
    orders: &Receiver<Order>,
    notices: &Sender<Notice>,
) {
    let mut happened = Vec::new();
    let mut host_again = Duration::ZERO;
    loop {
        let bell = host.as_mut().and_then(|host| host.bell());
        watch.is_told(bell.is_some());
        let pause = if bell.is_some() { WATCH_SELDOM } else { WATCH_EVERY };
        select! {
            recv(orders) -> order => match order {
                Ok(Order::Reopen) => watch.lose_all(&mut happened),
                Ok(Order::Stop) | Err(_) => return,
            },
            recv(bell.unwrap_or_else(never)) -> _ => watch.ring(),
            default(pause) => {}
        }
        let now = clock.now();
        if host.is_none() && now >= host_again {
            host_again = now + HOST_AGAIN;
            host = find().ok();
        }
        if let Some(found) = &mut host
            && watch.step(now, found.as_mut(), &clock, &mut happened).is_err()
        {
            host = None;
        }
        for notice in happened.drain(..) {
            if notices.send(notice).is_err() {
                return;
            }
        }
    }
}

/// The `analysis` thread.
struct Analysis {
    clock: Clock,
    updates: Sender<Update>,
    left_out: u64,
    recording: Option<Recording>,
    speech: Option<Speech>,
    orders: Sender<Order>,
    acted: Receiver<Act>,
}

impl Analysis {
    fn run(mut self, mut listener: Listener, notices: &Receiver<Notice>) -> Heard {
        let mut told = Vec::new();
        let mut shown = Duration::ZERO;
        let nothing = never();
        loop {
            let pause = if shown.is_zero() { LISTEN_AT_FIRST } else { LISTEN_EVERY };
            let said = self.speech.as_ref().map_or(&nothing, Speech::told).clone();
            select! {
                recv(notices) -> notice => match notice {
                    Ok(notice) => self.notice(&mut listener, notice),
                    Err(_) => break,
                },
                // Words are told when they come; a thread that is gone says no more.
                recv(said) -> told => match told {
                    Ok(told) => self.say(&mut listener, told),
                    Err(_) => {
                        let status = self.speech.take().map(|speech| speech.status());
                        listener.words(status.unwrap_or_default(), false);
                    }
                },
                default(pause) => {}
            }
            for act in self.acted.try_iter() {
                match act {
                    Act::Dismiss => listener.dismiss(),
                    Act::Mark => listener.mark(),
                }
            }
            let now = self.clock.now();
            if listener.step(now, &mut told) == Step::Slept {
                self.show(Update::Slept { at: now });
                // Full only if another order to do so waits already.
                let _ = self.orders.try_send(Order::Reopen);
            }
            self.hand_on(&mut listener, &mut told);
            self.hand_over(&mut listener);
            if now >= shown + SHOW_EVERY || (shown.is_zero() && listener.now().ticks() > 0) {
                shown = now;
                self.show(Update::Snapshot(Box::new(listener.snapshot())));
            }
        }
        listener.conclude(&mut told);
        self.hand_on(&mut listener, &mut told);
        self.hand_over(&mut listener);
        if let Some(speech) = self.speech.take() {
            let (rest, status) = speech.finish(LAST_WORDS);
            rest.into_iter().for_each(|told| self.say(&mut listener, told));
            listener.words(status, false);
        }
        let call = listener.sum_up();
        let recording = self.recording.take().map_or(Ok(()), Recording::finish);
        Heard { call, left_out: self.left_out, recording }
    }

    fn notice(&mut self, listener: &mut Listener, notice: Notice) {
        let at = self.clock.now();
        match notice {
            Notice::Opened { party, name, outlet, epoch_nanos, real_time } => {
                listener.attach(party, name.clone(), outlet, epoch_nanos, at);
                self.show(Update::Opened { party, name, at, real_time });
            }
            Notice::Lost { party, name } => {
                listener.detach(party, at);
                self.show(Update::Lost { party, name, at });
            }
        }
    }

    fn hand_on(&mut self, listener: &mut Listener, told: &mut Vec<Event>) {
        for event in told.drain(..) {
            self.show(Update::Event(event));
        }
        if let Some(recording) = &mut self.recording {
            recording.push(listener.recorded());
        }
    }

    /// Gives new clips to the recogniser, without waiting for it.
    fn hand_over(&mut self, listener: &mut Listener) {
        let Some(speech) = &self.speech else { return };
        for cut in listener.take_cuts() {
            // A clip that finds no room is one of hundreds that were left out and counted.
            speech.push(cut);
        }
        listener.words(speech.status(), speech.keeps_up());
    }

    fn say(&mut self, listener: &mut Listener, told: Told) {
        if !told.partial {
            listener.said(told.utterance.clone());
        }
        self.show(Update::Said { at: listener.now(), told });
    }

    fn show(&mut self, update: Update) {
        if self.updates.try_send(update).is_err() {
            self.left_out += 1;
        }
    }
}
