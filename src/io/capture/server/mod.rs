//! Linux: a PulseAudio server, or PipeWire which speaks the same protocol. Only the protocol's messages come from a crate.
//!
//! Each stream has a connection and a thread of its own that waits in `read`: at 20 ms a block this costs a tenth of what the
//! crate's own client does (it clears a megabyte twice for each block). A stream is never moved to another device behind our
//! back (`no_move`): when its device goes, the server ends it, and we hear so at once. What else there is to tell of devices
//! the server tells by itself, over a connection for that alone.

mod link;
mod news;
mod priority;
mod reader;

use std::ffi::CString;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use pulseaudio::protocol::command::{
    Command, CreateRecordStreamReply, RecordStreamParams, ServerInfo, SourceInfo,
};
use pulseaudio::protocol::stream::StreamFlags;
use pulseaudio::protocol::{ChannelMap, ChannelPosition, SampleFormat, SampleSpec};

use super::{CaptureError, Clock, Format, Host, Kind, Opened, Source, Stream, ring};
use link::Link;
use reader::{Reader, short_blocks};

/// The server resamples to nothing: it is asked for what the device has, at rates that we can use.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// A server with what is asked of it between streams.
pub struct Server {
    link: Link,
    /// Listened to from when it is first wanted; nothing in it if the server will not tell.
    news: Option<Option<Running>>,
    rings: Sender<()>,
    bell: Receiver<()>,
}

impl Server {
    /// # Errors
    /// [`CaptureError::NoServer`] if nobody listens; else why the server will not talk to us.
    pub fn connect() -> Result<Server, CaptureError> {
        // One ring that is not yet heard stands for all.
        let (rings, bell) = bounded(1);
        Ok(Server { link: Link::connect()?, news: None, rings, bell })
    }
}

impl Host for Server {
    fn sources(&mut self) -> Result<Vec<Source>, CaptureError> {
        let server: ServerInfo = self.link.ask(&Command::GetServerInfo)?;
        let sources: Vec<SourceInfo> = self.link.ask(&Command::GetSourceInfoList)?;
        let default_monitor = server.default_sink_name.as_deref();
        Ok(sources
            .into_iter()
            .flat_map(|source| {
                let id = source.name.to_string_lossy().into_owned();
                let name = source
                    .description
                    .as_ref()
                    .map_or_else(|| id.clone(), |name| name.to_string_lossy().into_owned());
                let is_default_source = server.default_source_name.as_ref() == Some(&source.name);
                let playback = source.monitor_of_sink_name.as_ref().map(|sink| Source {
                    id: id.clone(),
                    name: name.strip_prefix("Monitor of ").unwrap_or(&name).to_owned(),
                    kind: Kind::Playback,
                    default: default_monitor == Some(sink.as_c_str()),
                });
                // Somebody may have made a monitor the microphone: virtual cables are set up like that.
                let microphone = (playback.is_none() || is_default_source).then_some(Source {
                    id,
                    name,
                    kind: Kind::Microphone,
                    default: is_default_source,
                });
                [microphone, playback]
            })
            .flatten()
            .collect())
    }

    fn open(&mut self, source: &Source, clock: &Clock) -> Result<Opened, CaptureError> {
        let device = |cause: String| CaptureError::Device { device: source.name.clone(), cause };
        let name = CString::new(source.id.as_str()).map_err(|_| device("its name is broken".to_owned()))?;
        let mut link = Link::connect()?;
        let sources: Vec<SourceInfo> = link.ask(&Command::GetSourceInfoList)?;
        let found = sources
            .iter()
            .find(|known| known.name == name)
            .ok_or_else(|| device("it has gone".to_owned()))?;
        let rate_hz = found.sample_spec.sample_rate;
        if !RATES_HZ.contains(&rate_hz) {
            return Err(device(format!("it runs at {rate_hz} Hz, and 8,000 to 192,000 can be used")));
        }
        let format = Format { rate_hz, channels: 1 };
        let stream: CreateRecordStreamReply = link
            .ask(&Command::CreateRecordStream(RecordStreamParams {
                sample_spec: SampleSpec {
                    format: SampleFormat::Float32Le,
                    channels: 1,
                    sample_rate: rate_hz,
                },
                channel_map: ChannelMap::new([ChannelPosition::Mono]),
                source_index: Some(found.index),
                buffer_attr: short_blocks(rate_hz),
                flags: StreamFlags { adjust_latency: true, no_move: true, ..StreamFlags::default() },
                ..RecordStreamParams::default()
            }))
            .map_err(|error| match error {
                CaptureError::ServerRefused(cause) => device(cause),
                other => other,
            })?;
        let (inlet, outlet) = ring(format);
        let pulse = inlet.pulse();
        // From here on waiting is what the thread does.
        let socket = link.wait_for_ever().map_err(|error| device(error.to_string()))?;
        let reader = Reader::new(link, stream.channel, source.kind, inlet, *clock, self.rings.clone());
        let (granted, answer) = bounded(1);
        let thread = Builder::new()
            .name(match source.kind {
                Kind::Microphone => "capture-rep".to_owned(),
                Kind::Playback => "capture-client".to_owned(),
            })
            .spawn(move || {
                // There is room for one, and one is sent.
                let _ = granted.send(priority::real_time());
                reader.run();
            })
            .map_err(|error| device(error.to_string()))?;
        Ok(Opened {
            stream: Box::new(Running::new(socket, thread)),
            outlet,
            pulse,
            epoch_nanos: 0,
            real_time: answer.recv().ok(),
        })
    }

    fn bell(&mut self) -> Option<Receiver<()>> {
        let rings = &self.rings;
        let news = self.news.get_or_insert_with(|| news::listen(rings.clone()).ok());
        news.as_ref().map(|_| self.bell.clone())
    }

    fn is_always_sending(&self, _: Kind) -> bool {
        true
    }
}

/// A connection with a thread that reads from it: dropping it closes the one, and with that ends the other.
struct Running {
    socket: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn new(socket: UnixStream, thread: JoinHandle<()>) -> Running {
        Running { socket, thread: Some(thread) }
    }
}

impl Stream for Running {}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if the server has closed it already, which is as good.
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            // A panic in there has ended the stream; there is nothing more to lose.
            let _ = thread.join();
        }
    }
}
