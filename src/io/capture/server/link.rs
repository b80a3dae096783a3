//! One connection to the server: messages, answers, and what the server tells unasked.

use std::env;
use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pulseaudio::protocol::command::{AuthParams, AuthReply, Command, CommandReply, SetClientNameReply};
use pulseaudio::protocol::{self, DESCRIPTOR_SIZE, MAX_VERSION, Prop, Props, ProtocolError, PulseError};

use crate::io::capture::CaptureError;

/// A server that takes longer than this to answer hangs.
const ANSWER: Duration = Duration::from_secs(2);

/// Servers want so many bytes of secret, even where they do not look at them.
const COOKIE: usize = 256;

/// The channel of messages that are no sound.
pub(super) const CONTROL: u32 = u32::MAX;

/// Longest message that makes sense: four megabytes, the server's own limit.
const LONGEST: usize = protocol::MAX_MEMBLOCKQ_LENGTH;

/// One connection to the server.
pub(super) struct Link {
    reader: BufReader<UnixStream>,
    version: u16,
    asked: u32,
}

impl Link {
    pub fn connect() -> Result<Link, CaptureError> {
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
    pub fn ask<R: CommandReply>(&mut self, command: &Command) -> Result<R, CaptureError> {
        let number = self.send(command)?;
        let mut message = Vec::new();
        loop {
            let channel = self.receive(&mut message).map_err(|error| refusal(error.into()))?;
            // Sound of a stream that has just begun waits for nobody; what the server tells unasked has another number.
            if channel == CONTROL && sequence(&message) == Some(number) {
                return self.answer(&message);
            }
        }
    }

    /// Sends a command; returns its number, which the answer will bear.
    pub fn send(&mut self, command: &Command) -> Result<u32, CaptureError> {
        let number = self.asked;
        self.asked += 1;
        let mut message = io::Cursor::new(Vec::new());
        protocol::write_command_message(&mut message, number, command, self.version).map_err(refusal)?;
        let sent = self.reader.get_mut().write_all(message.get_ref());
        sent.map_err(|error| refusal(error.into()))?;
        Ok(number)
    }

    /// What an answer says.
    pub fn answer<R: CommandReply>(&self, message: &[u8]) -> Result<R, CaptureError> {
        let mut whole = Vec::with_capacity(DESCRIPTOR_SIZE + message.len());
        let head = protocol::Descriptor {
            length: message.len() as u32,
            channel: CONTROL,
            offset: 0,
            flags: protocol::DescriptorFlags::empty(),
        };
        protocol::write_descriptor(&mut whole, &head).map_err(refusal)?;
        whole.extend_from_slice(message);
        let read = protocol::read_reply_message(&mut &whole[..], self.version);
        read.map(|(_, reply)| reply).map_err(refusal)
    }

    /// Waits for the next message, puts its body into `message` and returns its channel.
    pub fn receive(&mut self, message: &mut Vec<u8>) -> io::Result<u32> {
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

    /// What the server tells without having been asked.
    pub fn told(&self, message: &[u8]) -> Option<Command> {
        Command::read_tag_prefixed(&mut io::Cursor::new(message), self.version).ok().map(|(_, told)| told)
    }

    /// From now on [`Link::receive`] waits for as long as it takes. What closes the connection from another thread.
    pub fn wait_for_ever(&self) -> io::Result<UnixStream> {
        let socket = self.reader.get_ref().try_clone()?;
        socket.set_read_timeout(None)?;
        Ok(socket)
    }
}

/// The number of the command that a control message answers: two tagged numbers, the second is it.
pub(super) fn sequence(message: &[u8]) -> Option<u32> {
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
