//! Live listening with a host that exists only here: devices that come and go, time as an argument.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use heard::audio::HOP;
use heard::config::Settings;
use heard::io::capture::watch::{Notice, Watch, Wish};
use heard::io::capture::{CaptureError, Clock, Format, Host, Inlet, Kind, Opened, Source, Stream, ring};
use heard::io::live::listener::{Listener, Step};
use heard::session::health::Condition;
use heard::session::record::{CallRecord, Health};
use heard::session::{Event, What};
use heard::turns::TurnEvent;
use heard::units::{ByParty, Party};

const BLOCK: Duration = Duration::from_millis(20);

/// A computer's sound as a test arranges it.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    sources: Vec<Source>,
    /// Who listens to which device, and our end of it.
    inlets: BTreeMap<String, Inlet>,
    refuses: bool,
    gone: bool,
    /// How often somebody asked what devices there are.
    asked: usize,
}

struct Nothing;
impl Stream for Nothing {}

impl Desk {
    fn with(names: &[(&str, Kind, bool)]) -> Desk {
        let desk = Desk::default();
        names.iter().for_each(|(name, kind, default)| desk.plug(name, *kind, *default));
        desk
    }

    fn usual() -> Desk {
        Desk::with(&[("headset", Kind::Microphone, true), ("speakers", Kind::Playback, true)])
    }

    fn plug(&self, name: &str, kind: Kind, default: bool) {
        let mut state = self.0.lock().expect("one thread");
        if default {
            state
                .sources
                .iter_mut()
                .filter(|source| source.kind == kind)
                .for_each(|source| source.default = false);
        }
        state.sources.push(Source { id: format!("id-{name}"), name: name.to_owned(), kind, default });
    }

    fn unplug(&self, name: &str) {
        let mut state = self.0.lock().expect("one thread");
        state.sources.retain(|source| source.name != name);
        if let Some(inlet) = state.inlets.remove(&format!("id-{name}")) {
            inlet.pulse().stop();
        }
    }

    fn play(&self, name: &str, block: &[f32], captured: Duration) {
        let mut state = self.0.lock().expect("one thread");
        if let Some(inlet) = state.inlets.get_mut(&format!("id-{name}")) {
            inlet.push(block, captured);
        }
    }
}

impl Host for Desk {
    fn sources(&mut self) -> Result<Vec<Source>, CaptureError> {
        let mut state = self.0.lock().expect("one thread");
        state.asked += 1;
        if state.gone { Err(CaptureError::NoServer) } else { Ok(state.sources.clone()) }
    }

    fn open(&mut self, source: &Source, _: &Clock) -> Result<Opened, CaptureError> {
        let mut state = self.0.lock().expect("one thread");
        if state.refuses {
            return Err(CaptureError::Busy { device: source.name.clone() });
        }
        let (inlet, outlet) = ring(Format { rate_hz: 16_000, channels: 1 });
        let pulse = inlet.pulse();
        state.inlets.insert(source.id.clone(), inlet);
        Ok(Opened { stream: Box::new(Nothing), outlet, pulse, epoch_nanos: 0, real_time: None })
    }

    fn is_always_sending(&self, _: Kind) -> bool {
        true
    }
}

fn wishes() -> ByParty<Wish> {
    ByParty { rep: Wish::Default, client: Wish::Default }
}

/// A call on a desk, 20 ms by 20 ms.
struct Call {
    desk: Desk,
    watch: Watch,
    listener: Listener,
    now: Duration,
    events: Vec<Event>,
    told: Vec<(Duration, String)>,
}

impl Call {
    fn begin(desk: Desk, wishes: ByParty<Wish>) -> Result<Call, CaptureError> {
        let present = ByParty::from_fn(|party| wishes[party] != Wish::Nothing);
        let mut call = Call {
            watch: Watch::new(wishes),
            listener: Listener::new(present, true, &Settings::default(), Duration::ZERO),
            desk,
            now: Duration::ZERO,
            events: Vec::new(),
            told: Vec::new(),
        };
        let notices = call.watch.begin(&mut call.desk.clone(), &Clock::start())?;
        call.take(notices);
        Ok(call)
    }

    fn take(&mut self, notices: Vec<Notice>) {
        for notice in notices {
            match notice {
                Notice::Opened { party, name, outlet, epoch_nanos, .. } => {
                    self.told.push((self.now, format!("{party} on {name}")));
                    self.listener.attach(party, name, outlet, epoch_nanos, self.now);
                }
                Notice::Lost { party, name } => {
                    self.told.push((self.now, format!("{party} off {name}")));
                    self.listener.detach(party, self.now);
                }
            }
        }
    }

    /// Lets time pass while devices send: `sound` says how loud each is.
    fn run(&mut self, length: Duration, sound: &[(&str, f32)]) {
        let end = self.now + length;
        let mut noise = 1u32;
        while self.now < end {
            for (name, level) in sound {
                let block: Vec<f32> = (0..2 * HOP)
                    .map(|_| {
                        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        ((noise >> 8) as f32 / (1 << 23) as f32 - 1.0) * level
                    })
                    .collect();
                self.desk.play(name, &block, self.now);
            }
            self.now += BLOCK;
            let mut notices = Vec::new();
            // A host that is gone is found again by its owner; here it comes back by itself.
            let _ = self.watch.step(self.now, &mut self.desk.clone(), &Clock::start(), &mut notices);
            self.take(notices);
            assert_eq!(self.listener.step(self.now, &mut self.events), Step::Heard);
        }
    }

    fn condition(&self, party: Party) -> Condition {
        self.listener.snapshot().channels[party].condition
    }

    fn told(&self) -> Vec<&str> {
        self.told.iter().map(|(_, text)| text.as_str()).collect()
    }

    fn finish(mut self) -> CallRecord {
        self.listener.finish(&mut self.events)
    }
}

const ROOM: [(&str, f32); 2] = [("headset", 1e-4), ("speakers", 1e-4)];

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

#[test]
fn a_lost_device_is_told_within_a_second_and_heard_again_within_a_second() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.run(secs(5.0), &ROOM);
    call.desk.unplug("headset");
    let lost_at = call.now;
    call.run(secs(3.0), &ROOM[1..]);
    assert_eq!(call.condition(Party::Rep), Condition::Lost);
    call.desk.plug("headset", Kind::Microphone, true);
    let back_at = call.now;
    call.run(secs(5.0), &ROOM);
    assert_eq!(call.told(), ["rep on headset", "client on speakers", "rep off headset", "rep on headset"]);
    assert!(call.told[2].0 - lost_at <= secs(1.0), "told after {:?}", call.told[2].0 - lost_at);
    assert!(call.told[3].0 - back_at <= secs(1.0), "back after {:?}", call.told[3].0 - back_at);
    let unknown = (call.told[3].0 - call.told[2].0).as_secs_f64();
    let record = call.finish();
    assert!((record.channels.rep.lost_s.as_secs_f64() - unknown).abs() < 0.2, "{record:?}");
    assert_eq!(record.notes.len(), 1, "{:?}", record.notes);
    assert!(record.notes[0].contains("your device was gone"), "{:?}", record.notes);
    assert_eq!(record.channels.client.lost_s.as_secs_f64(), 0.0);
    assert!(record.ipus.is_empty() && record.overlaps.is_empty(), "a seam invents nothing");
}

#[test]
fn a_device_that_falls_silent_without_a_word_is_lost() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.run(secs(2.0), &ROOM);
    let from = call.now;
    call.run(secs(1.0), &ROOM[..1]);
    let (at, text) = call.told.get(2).expect("told");
    assert_eq!(text, "client off speakers");
    assert!(*at - from <= secs(1.0));
}

#[test]
fn a_new_default_is_followed_and_a_named_device_is_not_left() {
    let named = ByParty { rep: Wish::Named("headset".to_owned()), client: Wish::Default };
    for (wish, expected) in [(wishes(), "rep on webcam"), (named, "client on speakers")] {
        let mut call = Call::begin(Desk::usual(), wish).expect("opens");
        call.run(secs(1.0), &ROOM);
        call.desk.plug("webcam", Kind::Microphone, true);
        call.run(secs(2.0), &[ROOM[0], ROOM[1], ("webcam", 1e-4)]);
        assert_eq!(call.told().last(), Some(&expected));
    }
}

#[test]
fn where_the_system_tells_devices_are_looked_at_when_it_does_and_else_seldom() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.watch.is_told(true);
    let asked = |call: &Call| call.desk.0.lock().expect("one thread").asked;
    let before = asked(&call);
    call.run(secs(60.0), &ROOM);
    assert!(
        (11..=13).contains(&(asked(&call) - before)),
        "asked {} times in a minute",
        asked(&call) - before
    );
    call.desk.plug("webcam", Kind::Microphone, true);
    call.watch.ring();
    let rung_at = call.now;
    call.run(secs(0.2), &ROOM);
    assert_eq!(call.told().last(), Some(&"rep on webcam"));
    assert!(call.told.last().expect("told").0 - rung_at <= secs(0.1));
    // News that never came.
    call.desk.plug("table", Kind::Microphone, true);
    call.run(secs(5.1), &[ROOM[1], ("webcam", 1e-4)]);
    assert_eq!(call.told().last(), Some(&"rep on table"));
    // A volume that is being turned.
    let before = asked(&call);
    for _ in 0..500 {
        call.watch.ring();
        call.run(BLOCK, &[ROOM[1], ("table", 1e-4)]);
    }
    assert!(asked(&call) - before <= 101, "asked {} times in ten seconds", asked(&call) - before);
}

#[test]
fn a_named_device_that_goes_is_replaced_and_taken_back() {
    let named = ByParty { rep: Wish::Named("headset".to_owned()), client: Wish::Default };
    let desk = Desk::usual();
    desk.plug("webcam", Kind::Microphone, false);
    let mut call = Call::begin(desk, named).expect("opens");
    let all = [ROOM[0], ROOM[1], ("webcam", 1e-4)];
    call.run(secs(1.0), &all);
    call.desk.unplug("headset");
    call.run(secs(2.0), &all);
    call.desk.plug("headset", Kind::Microphone, false);
    call.run(secs(2.0), &all);
    assert_eq!(call.told()[2..], ["rep off headset", "rep on webcam", "rep off webcam", "rep on headset"]);
}

#[test]
fn a_party_is_never_heard_from_the_other_ones_device() {
    let desk = Desk::with(&[("cable", Kind::Microphone, true), ("speakers", Kind::Playback, true)]);
    let mut call = Call::begin(desk, wishes()).expect("opens");
    call.run(secs(1.0), &[("cable", 1e-4), ("speakers", 1e-4)]);
    call.desk.unplug("speakers");
    // The only output left is the one whose monitor is the microphone.
    call.desk.plug("cable", Kind::Playback, true);
    call.run(secs(3.0), &[("cable", 1e-4)]);
    assert_eq!(call.told().last(), Some(&"client off speakers"));
    assert_eq!(call.condition(Party::Rep), Condition::Flowing);
    assert_eq!(call.condition(Party::Client), Condition::Lost);
}

#[test]
fn a_server_that_dies_loses_both_and_gives_both_back() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.run(secs(1.0), &ROOM);
    call.desk.0.lock().expect("one thread").gone = true;
    call.run(secs(2.0), &ROOM);
    assert_eq!(call.condition(Party::Client), Condition::Lost);
    call.desk.0.lock().expect("one thread").gone = false;
    call.run(secs(2.0), &ROOM);
    assert_eq!(
        call.told()[2..],
        ["rep off headset", "client off speakers", "rep on headset", "client on speakers"]
    );
}

#[test]
fn a_device_that_cannot_be_opened_is_tried_again_and_not_all_the_time() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.run(secs(1.0), &ROOM);
    call.desk.unplug("headset");
    call.desk.0.lock().expect("one thread").refuses = true;
    call.desk.plug("headset", Kind::Microphone, true);
    call.run(secs(30.0), &ROOM[1..]);
    call.desk.0.lock().expect("one thread").refuses = false;
    call.run(secs(5.0), &ROOM);
    assert_eq!(call.told().last(), Some(&"rep on headset"));
}

#[test]
fn after_a_sleep_everything_is_unknown_and_opened_again() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.run(secs(2.0), &ROOM);
    call.now += secs(600.0);
    assert_eq!(call.listener.step(call.now, &mut call.events), Step::Slept);
    let mut notices = Vec::new();
    call.watch.lose_all(&mut notices);
    call.take(notices);
    call.run(secs(3.0), &ROOM);
    let record = call.finish();
    for channel in [record.channels.rep, record.channels.client] {
        let lost = channel.lost_s.as_secs_f64();
        assert!((600.0..601.5).contains(&lost), "{lost} s");
    }
}

#[test]
fn one_side_only_has_no_share_and_nothing_lost() {
    let wish = ByParty { rep: Wish::Default, client: Wish::Nothing };
    let mut call = Call::begin(Desk::usual(), wish).expect("opens");
    call.run(secs(5.0), &ROOM);
    assert_eq!(call.condition(Party::Client), Condition::NotListenedTo);
    assert_eq!(call.condition(Party::Rep), Condition::Flowing);
    let record = call.finish();
    assert_eq!(record.channels.client.health, Health::NotListenedTo);
    assert_eq!((record.channels.client.lost_s, record.channels.rep.lost_s), Default::default());
    assert_eq!(record.account_s.unknown.as_secs_f64(), 0.0);
    assert_eq!(record.talk.rep.share, None);
}

#[test]
fn names_that_mean_nothing_or_too_much_are_refused_in_one_sentence() {
    let desk = || {
        let desk = Desk::usual();
        desk.plug("headset two", Kind::Microphone, false);
        desk.plug("twin", Kind::Microphone, false);
        desk.plug("twin", Kind::Microphone, false);
        desk
    };
    let begin = |desk: Desk, name: &str| {
        let wish = ByParty { rep: Wish::Named(name.to_owned()), client: Wish::Default };
        Call::begin(desk, wish).err()
    };
    assert_eq!(begin(desk(), "Headset"), None);
    assert_eq!(begin(desk(), "set two"), None);
    assert!(matches!(begin(desk(), "head"), Some(CaptureError::Ambiguous { .. })));
    assert!(matches!(begin(desk(), "twin"), Some(CaptureError::Ambiguous { .. })));
    assert!(matches!(begin(desk(), "speakers"), Some(CaptureError::Unknown { what: "microphone", .. })));
    let none = |desk| Call::begin(desk, wishes()).err();
    assert_eq!(none(Desk::with(&[("speakers", Kind::Playback, true)])), Some(CaptureError::NoMicrophone));
    assert_eq!(none(Desk::with(&[("headset", Kind::Microphone, true)])), Some(CaptureError::NoPlayback));
    let cable = Desk::with(&[("cable", Kind::Microphone, true), ("cable", Kind::Playback, true)]);
    assert_eq!(none(cable), Some(CaptureError::Same));
}

#[test]
fn no_event_is_told_of_a_time_in_which_a_device_was_lost() {
    let mut call = Call::begin(Desk::usual(), wishes()).expect("opens");
    call.run(secs(2.0), &[("headset", 0.3), ("speakers", 1e-4)]);
    call.desk.unplug("headset");
    call.run(secs(4.0), &ROOM[1..]);
    let told = |what: &What| matches!(what, What::Turn(TurnEvent::Overlap(_) | TurnEvent::FloorBid { .. }));
    assert!(!call.events.iter().any(|event| told(&event.what)));
}
