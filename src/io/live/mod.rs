//! A live call: threads around a [`Listener`].
//!
//! ```text
//! capture-rep, capture-client ─(ring)─► analysis ─(frames)─► record
//!                devices ─(notices)────►    │
//!                   ▲                       └─(updates)─► the caller
//!                   └─(commands)── analysis, the caller
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

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, never, select};

use crate::config::Settings;
use crate::io::capture::watch::{Notice, Watch, Wish};
use crate::io::capture::{CaptureError, Clock, Host};
use crate::session::Event;
use crate::session::record::CallRecord;
use crate::units::{ByParty, Party};
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

/// Updates that wait for the caller; more are counted and left out, the summary has them all the same.
const WAITING: usize = 1024;

/// How a call is to be listened to.
pub struct Plan {
    pub wishes: ByParty<Wish>,
    pub record: Option<PathBuf>,
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
    #[error("no thread could be started ({0}); close other programs and try again")]
    Thread(std::io::Error),
}

enum Order {
    Reopen,
    Stop,
}

/// A call that is being listened to.
pub struct Live {
    pub updates: Receiver<Update>,
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
    let (orders, taken) = bounded(4);
    let (notices, noticed) = bounded(16);
    let (updates, shown) = bounded(WAITING);
    let mut analysis = Analysis { clock, updates, left_out: 0, recording, orders: orders.clone() };
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
    Ok(Live { updates: shown, orders, devices, analysis })
}

impl Live {
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
    orders: Sender<Order>,
}

impl Analysis {
    fn run(mut self, mut listener: Listener, notices: &Receiver<Notice>) -> Heard {
        let mut told = Vec::new();
        let mut shown = Duration::ZERO;
        loop {
            let pause = if shown.is_zero() { LISTEN_AT_FIRST } else { LISTEN_EVERY };
            match notices.recv_timeout(pause) {
                Ok(notice) => self.notice(&mut listener, notice),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = self.clock.now();
            if listener.step(now, &mut told) == Step::Slept {
                self.show(Update::Slept { at: now });
                // Full only if another order to do so waits already.
                let _ = self.orders.try_send(Order::Reopen);
            }
            self.hand_on(&mut listener, &mut told);
            if now >= shown + SHOW_EVERY || (shown.is_zero() && listener.now().ticks() > 0) {
                shown = now;
                self.show(Update::Snapshot(Box::new(listener.snapshot())));
            }
        }
        let call = listener.finish(&mut told);
        self.hand_on(&mut listener, &mut told);
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

    fn show(&mut self, update: Update) {
        if self.updates.try_send(update).is_err() {
            self.left_out += 1;
        }
    }
}
