//! One recogniser process as its parent sees it: clips go in, replies come out, and it can be ended at any moment.

use std::ffi::OsString;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::io::worker::wire::{Ask, Reply, read_reply, write_ask};

/// What to start as a recogniser.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
}

impl Program {
    /// This same program with other arguments.
    ///
    /// # Errors
    /// If the system does not tell which program this is.
    pub fn this(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> io::Result<Program> {
        // By this name it is the same program even if the file has been replaced meanwhile.
        let itself = PathBuf::from("/proc/self/exe");
        let path = if itself.exists() { itself } else { std::env::current_exe()? };
        Ok(Program { path, arguments: arguments.into_iter().map(Into::into).collect() })
    }
}

/// A running recogniser. Dropping it ends it.
pub(super) struct Process {
    child: Child,
    asks: Option<Sender<Ask>>,
    /// Disconnected once the process is gone or says what is no message.
    pub replies: Receiver<Reply>,
    pipe: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts one. Its first reply is [`Reply::Ready`] or [`Reply::Unusable`], after which it takes one clip at a time.
    pub fn start(program: &Program) -> io::Result<Process> {
        let mut command = Command::new(&program.path);
        // Ctrl-C at the terminal is for Heard, which still wants the last words.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .args(&program.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Native code may print what it hears: nobody shall read it.
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        let (asks, asked) = bounded(1);
        let (reply, replies) = bounded(1);
        let mut process = Process { child, asks: Some(asks), replies, pipe: None };
        process.pipe = Some(
            Builder::new()
                .name("speech-pipe".to_owned())
                .spawn(move || pass_on(to, BufReader::new(from), &asked, &reply))?,
        );
        Ok(process)
    }

    /// Gives it a clip; to be called only after it has replied to the one before.
    pub fn ask(&self, ask: Ask) {
        // If nobody takes it the process is gone, and `replies` says so.
        let _ = self.asks.as_ref().map(|asks| asks.try_send(ask));
    }

    /// Whether it is gone; while it has nothing to do, nobody else would notice.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error here means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.asks = None;
        // With the pipes broken the thread has nothing to wait for.
        let _ = self.pipe.take().map(JoinHandle::join);
    }
}

/// The `speech-pipe` thread: one clip in, one reply out, until either end is gone.
fn pass_on(
    mut to: ChildStdin,
    mut from: BufReader<ChildStdout>,
    asked: &Receiver<Ask>,
    reply: &Sender<Reply>,
) {
    while let Ok(Some(said)) = read_reply(&mut from) {
        if reply.send(said).is_err() {
            return;
        }
        let Ok(ask) = asked.recv() else { return };
        if write_ask(&mut to, &ask).is_err() {
            return;
        }
    }
}
