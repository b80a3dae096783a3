//! What comes from the chosen devices before a call: a level and a verdict each, a few times a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::io::capture::{CaptureError, Clock, Host, Kind, Opened, Source};
use crate::units::{ByParty, Dbfs, Party};

/// Between two looks: as often as a meter is worth redrawing.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Devices are looked for again after so many looks: two seconds.
const SEEK_EVERY: u32 = 10;

/// A sound above this is somebody speaking, or something playing.
const SPEECH: Dbfs = Dbfs::new(-45.0);

/// A voice is told for so many looks after it was heard: pauses between words are no change of the verdict.
const REMEMBERED: u32 = 8;

/// Digital zero for so many looks is no pause: a second.
const ZERO: u32 = 5;

/// At full scale, after resampling.
const CLIPPED: f32 = 0.985;

/// Levels are told in steps of 3 dB, so that room noise does not redraw them.
const STEP_DB: f32 = 3.0;

/// What comes from a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Arrives {
    #[default]
    Nothing,
    /// Digital zero alone.
    Zeros,
    /// Sound, and nobody speaks.
    Quiet,
    Voice,
    TooLoud,
    /// Not asked for.
    Off,
    /// The device cannot be used.
    Failed(CaptureError),
}

/// A party's devices and what comes from the chosen one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meter {
    /// Names of all devices of its kind, the system's own choice first.
    pub names: Vec<String>,
    pub level: Option<Dbfs>,
    pub arrives: Arrives,
}

/// Watches devices until it is dropped.
pub struct Meters {
    newest: Arc<Mutex<ByParty<Meter>>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Meters {
    /// Watches the devices of these names; `None` within is the system's own choice, outside it is nothing. `changed` is called
    /// when there is something new.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start<F>(
        wanted: ByParty<Option<Option<String>>>,
        host: F,
        changed: impl Fn() + Send + 'static,
    ) -> std::io::Result<Meters>
    where
        F: Fn() -> Result<Box<dyn Host>, CaptureError> + Send + 'static,
    {
        let newest = Arc::new(Mutex::new(ByParty::<Meter>::default()));
        let (stop, stopped) = bounded::<()>(0);
        let shared = newest.clone();
        let thread = Builder::new().name("meters".to_owned()).spawn(move || {
            let mut watch = Watch { wanted, clock: Clock::start(), host: None, ears: ByParty::default() };
            let mut looks = 0;
            loop {
                let meters = watch.look(&host, looks % SEEK_EVERY == 0);
                looks += 1;
                let mut told = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let news = *told != meters;
                *told = meters;
                drop(told);
                if news {
                    changed();
                }
                if stopped.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Meters { newest, stop: Some(stop), thread: Some(thread) })
    }

    /// The newest levels and verdicts.
    pub fn newest(&self) -> ByParty<Meter> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Meters {
    /// Closes the devices before anybody else opens them.
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has closed them too.
            let _ = thread.join();
        }
    }
}

/// One device.
#[derive(Default)]
struct Ear {
    opened: Option<Opened>,
    meter: Meter,
    zeros: u32,
    /// Looks since a voice was heard.
    since_voice: Option<u32>,
    block: Vec<f32>,
}

struct Watch {
    wanted: ByParty<Option<Option<String>>>,
    clock: Clock,
    host: Option<Box<dyn Host>>,
    ears: ByParty<Ear>,
}

impl Watch {
    fn look(
        &mut self,
        find: &impl Fn() -> Result<Box<dyn Host>, CaptureError>,
        seek: bool,
    ) -> ByParty<Meter> {
        if seek && let Err(error) = self.seek(find) {
            self.host = None;
            for party in Party::BOTH {
                self.ears[party].opened = None;
                self.ears[party].meter =
                    Meter { arrives: Arrives::Failed(error.clone()), ..Meter::default() };
            }
        }
        ByParty::from_fn(|party| {
            let ear = &mut self.ears[party];
            if self.wanted[party].is_none() {
                ear.meter.arrives = Arrives::Off;
                ear.meter.level = None;
            } else if ear.opened.is_some() {
                ear.listen();
            }
            ear.meter.clone()
        })
    }

    /// Finds the devices and opens those that are wanted and not open.
    fn seek(&mut self, find: &impl Fn() -> Result<Box<dyn Host>, CaptureError>) -> Result<(), CaptureError> {
        if self.host.is_none() {
            self.host = Some(find()?);
        }
        let Some(host) = &mut self.host else { return Ok(()) };
        let sources = host.sources()?;
        for party in Party::BOTH {
            let ear = &mut self.ears[party];
            let mut fitting: Vec<&Source> =
                sources.iter().filter(|source| source.kind == Kind::of(party)).collect();
            fitting.sort_by_key(|source| !source.default);
            ear.meter.names = fitting.iter().map(|source| source.name.clone()).collect();
            let Some(wanted) = &self.wanted[party] else { continue };
            if ear.opened.as_ref().is_some_and(|opened| opened.pulse.has_stopped()) {
                ear.opened = None;
            }
            if ear.opened.is_some() {
                continue;
            }
            let chosen = match wanted {
                Some(name) => fitting.iter().find(|source| source.name == *name),
                None => fitting.first(),
            };
            let opened = match chosen {
                Some(source) => host.open(source, &self.clock),
                None if party == Party::Rep => Err(CaptureError::NoMicrophone),
                None => Err(CaptureError::NoPlayback),
            };
            match opened {
                Ok(opened) => ear.opened = Some(opened),
                Err(error) => ear.meter.arrives = Arrives::Failed(error),
            }
        }
        Ok(())
    }
}

impl Ear {
    fn listen(&mut self) {
        let Some(opened) = &mut self.opened else { return };
        let (mut loudest, mut clipped, mut came, mut zeros) = (Dbfs::SILENCE, 0, 0, true);
        while opened.outlet.take(&mut self.block).is_some() {
            came += self.block.len();
            clipped += self.block.iter().filter(|sample| sample.abs() >= CLIPPED).count();
            zeros &= self.block.iter().all(|sample| *sample == 0.0);
            let level = Dbfs::of(&self.block);
            if level > loudest {
                loudest = level;
            }
        }
        self.zeros = if came > 0 && zeros { self.zeros + 1 } else { 0 };
        self.since_voice = match self.since_voice {
            _ if loudest > SPEECH => Some(0),
            Some(looks) if looks < REMEMBERED => Some(looks + 1),
            _ => None,
        };
        self.meter.level = (came > 0).then(|| Dbfs::new((loudest.db() / STEP_DB).round() * STEP_DB));
        self.meter.arrives = if came == 0 {
            Arrives::Nothing
        } else if self.zeros >= ZERO {
            Arrives::Zeros
        } else if clipped * 1000 > came {
            Arrives::TooLoud
        } else if self.since_voice.is_some() {
            Arrives::Voice
        } else {
            Arrives::Quiet
        };
    }
}
