//! Linux: a PulseAudio server, or PipeWire which speaks the same protocol. Only the protocol's messages come from a crate.
//!
//! Each stream has a connection and a thread of its own that waits in `read`: at 20 ms a block this costs a tenth of what the
//! crate's own client does (it clears a megabyte twice for each block). A stream is never moved to another device behind our
//! back (`no_move`): when its device goes, the server ends it, and we hear so at once.

use std::env;
use std::ffi::CString;
use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use pulseaudio::protocol::command::{
    AuthParams, AuthReply, Command, CommandReply, CreateRecordStreamReply, RecordStreamParams, ServerInfo,
    SetClientNameReply, SourceInfo,
};
use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{
    self, ChannelMap, ChannelPosition, DESCRIPTOR_SIZE, MAX_VERSION, Prop, Props, ProtocolError, PulseError,
    SampleFormat, SampleSpec,
};
use thread_priority::{ThreadPriority, set_current_thread_priority};

use super::{CaptureError, Clock, Format, Host, Inlet, Kind, Opened, Source, Stream, ring};

/// What a block holds: short enough for an overlay, long enough for a quiet processor.
const BLOCK: Duration = Duration::from_millis(40);

/// A server that takes longer than this to answer hangs.
const ANSWER: Duration = Duration::from_secs(2);

/// Servers want so many bytes of secret, even where they do not look at them.
const COOKIE: usize = 256;

/// The server resamples to nothing: it is asked for what the device has, at rates that we can use.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// A server with what is asked of it between streams.
pub struct Server {
    link: Link,
}

impl Server {
    /// # Errors
    /// [`CaptureError::NoServer`] if nobody listens; else why the server will not talk to us.
    pub fn connect() -> Result<Server, CaptureError> {
        Ok(Server { link: Link::connect()? })
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
        let bytes = rate_hz * BLOCK.as_millis() as u32 / 1000 * size_of::<f32>() as u32;
        let stream: CreateRecordStreamReply = link
            .ask(&Command::CreateRecordStream(RecordStreamParams {
                sample_spec: SampleSpec {
                    format: SampleFormat::Float32Le,
                    channels: 1,
                    sample_rate: rate_hz,
                },
                channel_map: ChannelMap::new([ChannelPosition::Mono]),
                source_index: Some(found.index),
                // As deep as the server has it: with a shallow buffer it drops what we have not read yet.
                buffer_attr: BufferAttr {
                    fragment_size: bytes,
                    max_length: u32::MAX,
                    ..BufferAttr::default()
                },
                flags: StreamFlags { adjust_latency: true, no_move: true, ..StreamFlags::default() },
                ..RecordStreamParams::default()
            }))
            .map_err(|error| match error {
                CaptureError::ServerRefused(cause) => device(cause),
                other => other,
            })?;
        let (inlet, outlet) = ring(format);
        let pulse = inlet.pulse();
        let socket = link.reader.get_ref().try_clone().map_err(|error| device(error.to_string()))?;
        // From here on waiting is what the thread does.
        socket.set_read_timeout(None).map_err(|error| device(error.to_string()))?;
        let reader = Reader { link, channel: stream.channel, inlet, clock: *clock };
        let thread = Builder::new()
            .name(match source.kind {
                Kind::Microphone => "capture-rep".to_owned(),
                Kind::Playback => "capture-client".to_owned(),
            })
            .spawn(move || reader.run())
            .map_err(|error| device(error.to_string()))?;
        Ok(Opened {
            stream: Box::new(Listening { socket, thread: Some(thread) }),
            outlet,
            pulse,
            epoch_nanos: 0,
        })
    }

    fn is_always_sending(&self, _: Kind) -> bool {
        true
    }
}

/// A running stream: dropping it closes the connection, and with that ends the thread.
struct Listening {
    socket: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Stream for Listening {}

impl Drop for Listening {
    fn drop(&mut self) {
        // Fails if the server has closed it already, which is as good.
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            // A panic in there has ended the stream; there is nothing more to lose.
            let _ = thread.join();
        }
    }
}

/// A stream's thread.
struct Reader {
    link: Link,
    channel: u32,
    inlet: Inlet,
    clock: Clock,
}

impl Reader {
    fn run(mut self) {
        // Without the right to it the thread runs like any other.
        let _ = set_current_thread_priority(ThreadPriority::Max);
        let mut message = Vec::with_capacity(1 << 16);
        while let Ok(channel) = self.link.receive(&mut message) {
            if channel == self.channel {
                let length = Duration::from_secs_f64(
                    (message.len() / size_of::<f32>()) as f64 / f64::from(self.inlet.format().rate_hz),
                );
                // What has just come ends now.
                self.inlet.push_bytes(&message, self.clock.now().saturating_sub(length));
            } else if channel == CONTROL && self.link.is_the_end(&message) {
                break;
            }
        }
        self.inlet.pulse().stop();
    }
}

/// The channel of messages that are no sound.
const CONTROL: u32 = u32::MAX;

/// Longest message that makes sense: four megabytes, the server's own limit.
const LONGEST: usize = protocol::MAX_MEMBLOCKQ_LENGTH;

/// One connection to the server.
struct Link {
    reader: BufReader<UnixStream>,
    version: u16,
    asked: u32,
}

impl Link {
    fn connect() -> Result<Link, CaptureError> {
        let path = socket_path().ok_or(CaptureError::NoServer)?;
        let socket = UnixStream::connect(&path).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => CaptureError::Denied { device: "The sound server".to_owned() },
            _ => CaptureError::NoServer,
        })?;
        let limits =
            socket.set_read_timeout(Some(ANSWER)).and_then(|()| socket.set_write_timeout(Some(ANSWER)));
        limits.map_err(|error| CaptureError::ServerRefused(error.to_string()))?;
        let mut link =
            Link { reader: BufReader::with_capacity(1 << 14, socket), version: MAX_VERSION, asked: 0 };
        let cookie = cookie().unwrap_or_else(|| vec![0; COOKIE]);
        let auth = AuthParams { version: MAX_VERSION, supports_shm: false, supports_memfd: false, cookie };
        let answer: AuthReply = link.ask(&Command::Auth(auth))?;
        link.version = answer.version.min(MAX_VERSION);
        let mut about = Props::new();
        about.set(Prop::ApplicationName, c"Heard");
        let _: SetClientNameReply = link.ask(&Command::SetClientName(about))?;
        Ok(link)
    }

    /// Sends a command and waits for its answer.
    fn ask<R: CommandReply>(&mut self, command: &Command) -> Result<R, CaptureError> {
        let number = self.asked;
        self.asked += 1;
        let socket = self.reader.get_mut();
        let mut message = io::Cursor::new(Vec::new());
        protocol::write_command_message(&mut message, number, command, self.version).map_err(refusal)?;
        socket.write_all(message.get_ref()).map_err(|error| refusal(error.into()))?;
        let mut answer = Vec::new();
        loop {
            let channel = self.receive(&mut answer).map_err(|error| refusal(error.into()))?;
            // Sound of a stream that has just begun waits for nobody; what the server tells unasked has another number.
            if channel != CONTROL || sequence(&answer) != Some(number) {
                continue;
            }
            let mut whole = Vec::with_capacity(DESCRIPTOR_SIZE + answer.len());
            let head = protocol::Descriptor {
                length: answer.len() as u32,
                channel,
                offset: 0,
                flags: protocol::DescriptorFlags::empty(),
            };
            protocol::write_descriptor(&mut whole, &head).map_err(refusal)?;
            whole.extend_from_slice(&answer);
            return protocol::read_reply_message(&mut &whole[..], self.version)
                .map(|(_, reply)| reply)
                .map_err(refusal);
        }
    }

    /// Waits for the next message, puts its body into `message` and returns its channel.
    fn receive(&mut self, message: &mut Vec<u8>) -> io::Result<u32> {
        let mut head = [0; DESCRIPTOR_SIZE];
        self.reader.read_exact(&mut head)?;
        let field = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (length, channel) = (field(0) as usize, field(4));
        if length > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a message of impossible length"));
        }
        message.resize(length, 0);
        self.reader.read_exact(message)?;
        Ok(channel)
    }

    /// Whether a message of the server says that the stream is over, or is not what was opened any more.
    fn is_the_end(&self, message: &[u8]) -> bool {
        let told = Command::read_tag_prefixed(&mut io::Cursor::new(message), self.version);
        matches!(told, Ok((_, Command::RecordStreamKilled(_) | Command::RecordStreamMoved(_))))
    }
}

/// The number of the command that a control message answers: two tagged numbers, the second is it.
fn sequence(message: &[u8]) -> Option<u32> {
    let bytes: [u8; 4] = message.get(6..10)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

fn refusal(error: ProtocolError) -> CaptureError {
    match error {
        ProtocolError::ServerError(PulseError::AccessDenied | PulseError::AuthKey) => {
            CaptureError::Denied { device: "The sound server".to_owned() }
        }
        ProtocolError::Io(error)
            if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
        {
            CaptureError::ServerSilent(ANSWER)
        }
        ProtocolError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => CaptureError::NoServer,
        ProtocolError::Io(error) => CaptureError::ServerRefused(error.to_string()),
        other => CaptureError::ServerRefused(other.to_string()),
    }
}

/// Where the server listens: `PULSE_SERVER` if it names a socket, else the usual places.
fn socket_path() -> Option<PathBuf> {
    if let Ok(server) = env::var("PULSE_SERVER") {
        // `{machine}unix:path`, `unix:path` or a path; servers elsewhere are not ours to ask.
        let local = server.rsplit_once('}').map_or(server.as_str(), |(_, address)| address);
        let path = local.strip_prefix("unix:").unwrap_or(local);
        return path.starts_with('/').then(|| PathBuf::from(path));
    }
    let in_folder =
        |variable: &str, rest: &str| env::var_os(variable).map(|folder| Path::new(&folder).join(rest));
    [in_folder("PULSE_RUNTIME_PATH", "native"), in_folder("XDG_RUNTIME_DIR", "pulse/native")]
        .into_iter()
        .flatten()
        .find(|path| path.exists())
}

/// The secret that servers of other users would not know.
fn cookie() -> Option<Vec<u8>> {
    let in_folder =
        |variable: &str, rest: &str| env::var_os(variable).map(|folder| Path::new(&folder).join(rest));
    [
        env::var_os("PULSE_COOKIE").map(PathBuf::from),
        in_folder("XDG_CONFIG_HOME", "pulse/cookie"),
        in_folder("HOME", ".config/pulse/cookie"),
        in_folder("HOME", ".pulse-cookie"),
    ]
    .into_iter()
    .flatten()
    .find_map(|path| fs::read(path).ok().filter(|secret| secret.len() == COOKIE))
}
