//! A stream's thread: what comes goes into the ring, dated; and now and then the server is asked how old it was.
//!
//! A block is dated by its arrival, less the age of its newest sample by then. The server knows that age: it may have held
//! sound back, its device has buffers, and what a monitor hears is still to be played. That puts both parties on one clock,
//! however late each one's device is.

use std::time::{Duration, SystemTime};

use crossbeam_channel::Sender;
use pulseaudio::protocol::command::{Command, LatencyParams, RecordLatency, SetRecordStreamBufferAttrParams};
use pulseaudio::protocol::stream::BufferAttr;

use super::link::{CONTROL, Link, sequence};
use crate::io::capture::{CaptureError, Clock, Inlet, Kind};

/// What a block holds: short enough for an overlay, long enough for a quiet processor.
const BLOCK: Duration = Duration::from_millis(40);

/// What the first blocks hold, and how much comes in such: a clock wants four blocks and 60 ms before it trusts their times.
const SHORT_BLOCK: Duration = Duration::from_millis(15);
const SHORT_FOR: Duration = Duration::from_millis(60);

/// The age is asked for after every block until so many have answered, …
const AT_FIRST: u32 = 8;

/// … and then so often: devices change it seldom, and each answer wakes the thread.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Answers over which the age is averaged: a single one depends on where in its cycle the device was.
const ANSWERS: u32 = 8;

/// What the computer plays is dated so much too early: an echo that came before its cause would not be found.
const LEAD: Duration = Duration::from_millis(5);

/// How much the server is to send at a time, in the beginning.
pub(super) fn short_blocks(rate_hz: u32) -> BufferAttr {
    blocks_of(SHORT_BLOCK, rate_hz)
}

fn blocks_of(length: Duration, rate_hz: u32) -> BufferAttr {
    BufferAttr {
        fragment_size: rate_hz * length.as_millis() as u32 / 1000 * size_of::<f32>() as u32,
        // As deep as the server has it: with a shallow buffer it drops what we have not read yet.
        max_length: u32::MAX,
        ..BufferAttr::default()
    }
}

/// A stream's thread.
pub(super) struct Reader {
    link: Link,
    channel: u32,
    inlet: Inlet,
    clock: Clock,
    /// Rings when the stream has ended.
    bell: Sender<()>,
    age: Age,
    /// How much has come, and when the last of it did.
    heard: Duration,
    arrived: Duration,
    short: bool,
    /// The question that is not answered yet, and how much must have come before the next.
    asked: Option<u32>,
    ask_from: Duration,
}

impl Reader {
    pub fn new(link: Link, channel: u32, kind: Kind, inlet: Inlet, clock: Clock, bell: Sender<()>) -> Reader {
        Reader {
            link,
            channel,
            inlet,
            clock,
            bell,
            age: Age::of(kind),
            heard: Duration::ZERO,
            arrived: Duration::ZERO,
            short: true,
            asked: None,
            ask_from: Duration::ZERO,
        }
    }

    /// Until the connection is closed, or the server ends the stream.
    pub fn run(mut self) {
        let mut message = Vec::with_capacity(1 << 16);
        while let Ok(channel) = self.link.receive(&mut message) {
            let done = match channel {
                CONTROL => self.take_word(&message),
                _ if channel == self.channel => self.take_sound(&message).is_err(),
                _ => false,
            };
            if done {
                break;
            }
        }
        self.inlet.pulse().stop();
        // Full if it rings already.
        let _ = self.bell.try_send(());
    }

    fn take_sound(&mut self, sound: &[u8]) -> Result<(), CaptureError> {
        self.arrived = self.clock.now();
        let length = self.length(sound.len() as u64);
        self.inlet.push_bytes(sound, self.age.newest(self.arrived).saturating_sub(length));
        self.heard += length;
        if self.short && self.heard >= SHORT_FOR {
            self.short = false;
            self.age.begin_anew();
            self.link.send(&Command::SetRecordStreamBufferAttr(SetRecordStreamBufferAttrParams {
                index: self.channel,
                buffer_attr: blocks_of(BLOCK, self.inlet.format().rate_hz),
                adjust_latency: true,
                early_requests: false,
            }))?;
        }
        if self.asked.is_none() && self.heard >= self.ask_from {
            // The server would only send our time back.
            let question = LatencyParams { channel: self.channel, now: SystemTime::UNIX_EPOCH };
            self.asked = Some(self.link.send(&Command::GetRecordLatency(question))?);
        }
        Ok(())
    }

    /// Takes an answer, or what the server tells by itself; true if that is the end.
    fn take_word(&mut self, message: &[u8]) -> bool {
        if self.asked.is_none() || sequence(message) != self.asked {
            let told = self.link.told(message);
            return matches!(told, Some(Command::RecordStreamKilled(_) | Command::RecordStreamMoved(_)));
        }
        self.asked = None;
        if let Ok(latency) = self.link.answer::<RecordLatency>(message) {
            let held = latency.write_offset.saturating_sub(latency.read_offset);
            let held = self.length(u64::try_from(held).unwrap_or_default());
            // What has become older since it arrived.
            let since = self.clock.now().saturating_sub(self.arrived);
            self.age.learn(&latency, held, since);
        }
        if self.age.answers >= AT_FIRST {
            self.ask_from = self.heard + ASK_EVERY;
        }
        false
    }

    fn length(&self, bytes: u64) -> Duration {
        let samples = bytes / size_of::<f32>() as u64;
        Duration::from_secs_f64(samples as f64 / f64::from(self.inlet.format().rate_hz))
    }
}

/// How old the newest sample of a block is when it arrives.
#[derive(Clone, Copy, Debug)]
struct Age {
    /// Below zero if it is still to be played.
    micros: f64,
    answers: u32,
    lead: Duration,
}

impl Age {
    fn of(kind: Kind) -> Age {
        let lead = match kind {
            Kind::Microphone => Duration::ZERO,
            Kind::Playback => LEAD,
        };
        Age { micros: 0.0, answers: 0, lead }
    }

    /// The blocks are of another length now, and with that of another age.
    fn begin_anew(&mut self) {
        self.answers = 0;
    }

    /// Takes an answer: `held` is sound that the server has and did not send yet, `since` the time since the last arrival.
    fn learn(&mut self, latency: &RecordLatency, held: Duration, since: Duration) {
        let device = latency.source_usec as f64 - latency.sink_usec as f64;
        let micros = device + (held.as_secs_f64() - since.as_secs_f64()) * 1e6;
        self.answers = self.answers.saturating_add(1);
        self.micros += (micros - self.micros) / f64::from(self.answers.min(ANSWERS));
    }

    /// When the newest sample was captured, or is going to be heard, of a block that has just arrived.
    fn newest(&self, arrived: Duration) -> Duration {
        let by = Duration::from_secs_f64(self.micros.abs() / 1e6);
        let captured = if self.micros < 0.0 { arrived + by } else { arrived.saturating_sub(by) };
        captured.saturating_sub(self.lead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVED: Duration = Duration::from_secs(10);

    fn latency(source_usec: u64, sink_usec: u64) -> RecordLatency {
        RecordLatency {
            sink_usec,
            source_usec,
            playing: true,
            local_time: SystemTime::UNIX_EPOCH,
            remote_time: SystemTime::UNIX_EPOCH,
            write_offset: 0,
            read_offset: 0,
        }
    }

    fn after(kind: Kind, answers: &[(u64, u64, u64)]) -> Duration {
        let mut age = Age::of(kind);
        for (source, sink, held_ms) in answers {
            age.learn(&latency(*source, *sink), Duration::from_millis(*held_ms), Duration::from_millis(1));
        }
        age.newest(ARRIVED)
    }

    #[test]
    fn a_microphones_sound_is_as_old_as_its_device_and_the_server_made_it() {
        let newest = after(Kind::Microphone, &[(30_000, 0, 10), (30_000, 0, 14)]);
        assert_eq!(ARRIVED - newest, Duration::from_millis(30 + 12 - 1));
    }

    #[test]
    fn what_is_still_to_be_played_is_dated_when_it_will_be_heard() {
        let newest = after(Kind::Playback, &[(0, 80_000, 0)]);
        assert_eq!(newest, ARRIVED + Duration::from_millis(80 + 1) - LEAD);
    }

    #[test]
    fn a_device_that_changes_is_followed_and_a_single_answer_is_not() {
        let mut answers = vec![(20_000, 0, 0); 40];
        answers.push((60_000, 0, 0));
        let once = ARRIVED - after(Kind::Microphone, &answers);
        assert_eq!(once, Duration::from_millis(19 + 40 / u64::from(ANSWERS)));
        answers.extend([(60_000, 0, 0); 40]);
        let often = ARRIVED - after(Kind::Microphone, &answers);
        assert!(often.abs_diff(Duration::from_millis(59)) < Duration::from_millis(1), "{often:?}");
    }
}
