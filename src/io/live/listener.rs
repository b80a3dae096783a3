//! A call as it is heard: rings in, events, figures and conditions out. Stepped with time as an argument.

use std::time::Duration;

use crate::audio::{AudioError, Block, Frame, HOP, Layout, Pairer};
use crate::coach::Wording;
use crate::config::{CoachSettings, Settings};
use crate::io::capture::Outlet;
use crate::metrics::Figures;
use crate::session::coaching::Coaching;
use crate::session::health::{Condition, Watcher};
use crate::session::record::{CallRecord, Recorder};
use crate::session::said::Understanding;
use crate::session::{Engine, Event, What};
use crate::speech::status::Status;
use crate::speech::{Cut, Utterance};
use crate::units::{AudioTime, ByParty, Dbfs, Party, Span};

/// Between two steps lies more than this only if the computer or the program slept.
const SLEPT: Duration = Duration::from_secs(2);

/// How long a side that sends nothing is waited for: four blocks, which a clock in doubt needs, and as much again for a
/// busy computer. While both send, nobody waits.
const PATIENCE: Span = Span::from_millis(300);

/// Full scale of 16 bits.
const FULL_SCALE: f32 = 32_768.0;

/// A frame as it is recorded: the rep's and the client's sample by turns.
pub type Recorded = [i16; 2 * HOP];

/// What a view shows, at a moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub now: AudioTime,
    pub figures: Figures,
    pub channels: ByParty<ChannelView>,
    pub words: Status,
}

/// One channel at a moment.
#[derive(Clone, Debug)]
pub struct ChannelView {
    pub condition: Condition,
    /// What to do about it, if something should be done.
    pub advice: Option<&'static str>,
    pub level: Dbfs,
    /// The device, while there is one.
    pub device: Option<String>,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Heard,
    /// Nobody called for seconds: the streams hold old sound and must be opened again.
    Slept,
}

/// Hears a call.
pub struct Listener {
    /// When the session began, on the clock of the caller.
    origin: Duration,
    present: ByParty<bool>,
    devices: ByParty<Option<Device>>,
    pairer: Pairer,
    ear: Ear,
    recorder: Recorder,
    words: Status,
    stepped: Duration,
    dropped: u64,
    refused: Option<AudioError>,
    /// Reused between blocks.
    block: Vec<f32>,
}

struct Device {
    name: String,
    outlet: Outlet,
    epoch_nanos: i128,
}

/// Everything that a frame goes to.
struct Ear {
    engine: Engine,
    watchers: ByParty<Watcher>,
    records: bool,
    recorded: Vec<Recorded>,
    events: Vec<Event>,
}

impl Ear {
    fn take(&mut self, frame: &Frame) {
        let mut rounded;
        let mut frame = frame;
        if self.records {
            let mut recorded = [0; 2 * HOP];
            rounded = frame.clone();
            for (channel, party) in Party::BOTH.into_iter().enumerate() {
                for (n, sample) in rounded.samples[party].iter_mut().enumerate() {
                    let level = (*sample * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE - 1.0);
                    recorded[2 * n + channel] = level as i16;
                    *sample = level / FULL_SCALE;
                }
            }
            self.recorded.push(recorded);
            frame = &rounded;
        }
        self.engine.push(frame, &mut self.events);
        for party in Party::BOTH {
            let bleeding = party == Party::Rep && self.engine.has_echo();
            self.watchers[party].push(&frame.samples[party], frame.known[party], bleeding);
        }
    }
}

impl Listener {
    /// A call that begins at `origin` and in which the parties `present` are listened to. If it `records`, everything heard
    /// is first made what a file of 16 bits can hold, so that the file gives the same events.
    pub fn new(present: ByParty<bool>, records: bool, settings: &Settings, origin: Duration) -> Listener {
        let pairer = match (present.rep, present.client) {
            (true, true) => Pairer::both().with_patience(PATIENCE),
            (rep, _) => Pairer::only(if rep { Party::Rep } else { Party::Client }),
        };
        Listener {
            origin,
            present,
            devices: ByParty::default(),
            pairer,
            ear: Ear {
                engine: Engine::listening_to(present, settings),
                watchers: ByParty::from_fn(|party| Watcher::new(party, present[party])),
                records,
                recorded: Vec::new(),
                events: Vec::new(),
            },
            recorder: Recorder::default(),
            words: Status::default(),
            stepped: origin,
            dropped: 0,
            refused: None,
            block: Vec::new(),
        }
    }

    /// The same, which also coaches, and whose record says what the words meant if there is something to understand them with.
    pub fn with_coaching(
        mut self,
        settings: &CoachSettings,
        wording: Wording,
        understanding: Option<Understanding>,
    ) -> Listener {
        let coaching = Coaching::new(settings, wording, understanding.as_ref());
        self.ear.engine = self.ear.engine.with_coaching(coaching);
        self.recorder = Recorder::new(understanding);
        self
    }

    /// The same, which also cuts what is said into clips for a recogniser.
    pub fn with_cuts(mut self) -> Listener {
        self.ear.engine = self.ear.engine.with_cuts();
        self
    }

    /// The clips cut since the last call.
    pub fn take_cuts(&mut self) -> Vec<Cut> {
        self.ear.engine.take_cuts()
    }

    /// Something was said: what it means is told with the next step.
    pub fn said(&mut self, utterance: Utterance) {
        self.ear.engine.hear(&utterance, &mut self.ear.events);
        self.recorder.hear(utterance);
    }

    /// The rep waves away the nudge that is shown.
    pub fn dismiss(&mut self) {
        self.ear.engine.dismiss(&mut self.ear.events);
    }

    /// The rep marks this moment.
    pub fn mark(&mut self) {
        let at = self.ear.engine.now();
        self.ear.events.push(Event { at, what: What::Marked });
    }

    /// How the words are doing; `partials` if there is time for clips of speech that goes on.
    pub fn words(&mut self, words: Status, partials: bool) {
        self.ear.engine.tell_partials(partials);
        self.words = words;
    }

    /// A party is heard from now on. `epoch_nanos` is the caller's time at which the stream's clock showed zero.
    pub fn attach(&mut self, party: Party, name: String, outlet: Outlet, epoch_nanos: i128, now: Duration) {
        self.pairer.found(party, now.saturating_sub(self.origin));
        self.devices[party] = Some(Device { name, outlet, epoch_nanos });
    }

    /// A party's device is gone; what it had sent is still heard.
    pub fn detach(&mut self, party: Party, now: Duration) {
        self.hear(party);
        if let Some(device) = self.devices[party].take() {
            self.dropped += device.outlet.dropped();
        }
        self.pairer.lost(party, now.saturating_sub(self.origin));
    }

    /// Time has passed: hears what has come, and appends what it means to `told`.
    pub fn step(&mut self, now: Duration, told: &mut Vec<Event>) -> Step {
        let asleep = now.saturating_sub(self.stepped) > SLEPT;
        if asleep {
            let since = self.stepped.saturating_sub(self.origin);
            for party in Party::BOTH.into_iter().filter(|&party| self.present[party]) {
                self.devices[party] = None;
                self.pairer.lost(party, since);
            }
        }
        self.stepped = now;
        Party::BOTH.into_iter().for_each(|party| self.hear(party));
        self.pairer.tick(now.saturating_sub(self.origin), |frame| self.ear.take(frame));
        self.hand_on(told);
        if asleep { Step::Slept } else { Step::Heard }
    }

    /// The frames heard since the last call, for the recording.
    pub fn recorded(&mut self) -> Vec<Recorded> {
        std::mem::take(&mut self.ear.recorded)
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            now: self.ear.engine.now(),
            figures: self.ear.engine.figures(),
            channels: ByParty::from_fn(|party| {
                let watcher = &self.ear.watchers[party];
                ChannelView {
                    condition: watcher.condition(),
                    advice: watcher.advice(),
                    level: watcher.level(),
                    device: self.devices[party].as_ref().map(|device| device.name.clone()),
                }
            }),
            words: self.words.clone(),
        }
    }

    /// How much has been heard.
    pub fn now(&self) -> AudioTime {
        self.ear.engine.now()
    }

    /// The call is over: concludes what is open and sums up. What was recorded last is in [`Listener::recorded`].
    pub fn finish(&mut self, told: &mut Vec<Event>) -> CallRecord {
        self.conclude(told);
        self.sum_up()
    }

    /// The call is over: concludes what is open. The last clips are in [`Listener::take_cuts`].
    pub fn conclude(&mut self, told: &mut Vec<Event>) {
        Party::BOTH.into_iter().for_each(|party| self.hear(party));
        self.pairer.finish(|frame| self.ear.take(frame));
        let Ear { engine, events, .. } = &mut self.ear;
        engine.finish(events);
        self.hand_on(told);
    }

    /// The record of a call that was concluded.
    pub fn sum_up(&mut self) -> CallRecord {
        let dropped = self.dropped
            + Party::BOTH
                .into_iter()
                .filter_map(|party| self.devices[party].as_ref())
                .map(|device| device.outlet.dropped())
                .sum::<u64>();
        let mut notes = Vec::new();
        if dropped > 0 {
            notes.push(format!(
                "This computer was too busy to take {dropped} samples from its sound devices."
            ));
        }
        if let Some(error) = self.refused {
            notes.push(format!("Some sound could not be used: {error}."));
        }
        let tally = self.pairer.tally();
        for party in Party::BOTH.into_iter().filter(|&party| self.ear.records && self.present[party]) {
            let secs = tally[party].unknown.as_secs_f64();
            if secs > 0.0 {
                notes.push(format!(
                    "The recording is silent for {secs:.1} s in which {} device was gone; analysed again, that is a pause.",
                    match party {
                        Party::Rep => "your",
                        Party::Client => "the client's",
                    }
                ));
            }
        }
        let duration = Span::from_ticks(self.ear.engine.now().ticks());
        let mut recorder = std::mem::take(&mut self.recorder);
        recorder.words(std::mem::take(&mut self.words));
        let call = recorder.call("live call".to_owned(), duration, notes, &tally, &self.ear.engine);
        CallRecord { live: true, ..call }.with_findings()
    }

    fn hear(&mut self, party: Party) {
        let Some(device) = &mut self.devices[party] else { return };
        let format = device.outlet.format;
        while let Some(captured) = device.outlet.take(&mut self.block) {
            let captured = captured.as_nanos() as i128 + device.epoch_nanos - self.origin.as_nanos() as i128;
            // What was captured before the session began belongs to nobody.
            let Ok(captured) = u64::try_from(captured) else { continue };
            let block = Block {
                layout: Layout::Device(party),
                captured: Duration::from_nanos(captured),
                rate_hz: format.rate_hz,
                channels: format.channels,
                samples: &self.block,
            };
            if let Err(error) = self.pairer.push(block, |frame| self.ear.take(frame)) {
                self.refused = Some(error);
            }
        }
    }

    fn hand_on(&mut self, told: &mut Vec<Event>) {
        for event in self.ear.events.drain(..) {
            self.recorder.take(&event);
            told.push(event);
        }
    }
}
