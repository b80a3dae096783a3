//! A recogniser that goes wrong on purpose, for the tests of the process around it.
//!
//! It is a program of its own so that the one that is shipped holds none of this. It works until the first clip after its
//! start, then does what it was asked for: once, if it can leave a mark that it has.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use heard::io::worker::child::serve;
use heard::io::worker::limits;
use heard::speech::{Clip, Recognised, Recogniser, RecogniserError};

struct Faulty {
    fault: String,
    /// There once the fault has happened.
    mark: PathBuf,
    clips: usize,
}

impl Faulty {
    fn go_wrong(&self, clip: &Clip) -> Result<(), RecogniserError> {
        match self.fault.as_str() {
            "abort" => std::process::abort(),
            "panic" => panic!("as asked for"),
            #[cfg(target_os = "linux")]
            // The first such signal only takes away the handler that Rust has for it.
            "segv" => loop {
                let _ =
                    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::SEGV);
            },
            "hang" => loop {
                std::thread::park();
            },
            "grow" => {
                let much = vec![1u8; 8 << 30];
                return Err(RecogniserError(format!("{} bytes were given", much.len())));
            }
            "garbage" => {
                let _ = io::stdout().lock().write_all(&[0xfe; 4096]);
            }
            "refuse" => return Err(RecogniserError("not this one".to_owned())),
            cost => {
                let cost: f64 = cost.parse().unwrap_or_default();
                let (_keep, wait) = crossbeam_channel::bounded::<()>(0);
                // Nobody sends: this waits.
                let _ = wait.recv_timeout(Duration::from_secs_f64(clip.len().as_secs_f64() * cost));
            }
        }
        Ok(())
    }
}

impl Recogniser for Faulty {
    fn recognise(&mut self, clip: &Clip) -> Result<Recognised, RecogniserError> {
        self.clips += 1;
        // The first is the warm-up.
        if self.clips > 1 && !self.mark.exists() {
            if self.fault.parse::<f64>().is_err() {
                let _ = fs::write(&self.mark, "");
            }
            self.go_wrong(clip)?;
        }
        let text = format!("heard {} milliseconds", clip.len().as_millis());
        Ok(Recognised { text, confidence: 1.0, ..Recognised::default() })
    }
}

/// What a sealed process still gets at.
fn reached() -> String {
    let refused =
        |what: io::Result<()>| what.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
    let tried = [
        ("read", refused(fs::File::open("/proc/self/status").map(drop))),
        ("write", refused(fs::write("/tmp/heard-was-here", ""))),
        ("run", refused(std::process::Command::new("/bin/true").status().map(drop))),
        ("connect", refused(std::net::UdpSocket::bind("127.0.0.1:0").map(drop))),
    ];
    let reached: Vec<&str> =
        tried.into_iter().filter_map(|(what, refused)| (!refused).then_some(what)).collect();
    if reached.is_empty() { "sealed".to_owned() } else { format!("can still {}", reached.join(", ")) }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let fault = arguments.next().unwrap_or_default();
    let mark = arguments.next().map_or_else(|| PathBuf::from("/nonexistent/mark"), PathBuf::from);
    limits::apply(0);
    let load = || match fault.as_str() {
        "unusable" => Err(RecogniserError("this model is made of cheese".to_owned())),
        "stillborn" => std::process::abort(),
        "sealed" => {
            heard::io::confine::seal();
            Err(RecogniserError(reached()))
        }
        "unsealed" => Err(RecogniserError(reached())),
        _ => Ok(Faulty { fault, mark, clips: 0 }),
    };
    // Standard output is not locked, so that a fault can print what does not belong there.
    match serve(&mut io::stdin().lock(), &mut io::stdout(), load) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
