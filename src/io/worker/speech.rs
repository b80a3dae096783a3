//! The words of a session being made, as whoever shows the session sees them: clips in, words out, and how it goes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::io::clock::Clock;
use crate::io::worker::process::Program;
use crate::io::worker::supervisor::Supervisor;
use crate::speech::status::{State, Status};
use crate::speech::{Cut, Source, Utterance};

/// Clips on their way to the thread, which takes each at once, and words on their way back.
const CLIPS: usize = 64;
const TOLD: usize = 256;

/// Before this there is no time for clips that are told twice.
const PARTIALS_UNTIL: f64 = 0.4;

/// How words are to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    pub program: Program,
    /// The model's name, for the user.
    pub model: String,
    pub source: Source,
    /// Processor cores to use at most.
    pub threads: usize,
    /// Whether everything waits for the words, as for a recording, or the words are left behind, as in a call.
    pub patient: bool,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub utterance: Utterance,
    /// The speaker goes on, and this will be told again with what follows.
    pub partial: bool,
    /// From the clip's arrival to this, and of that the recogniser's own time.
    pub waited: Duration,
    pub compute: Duration,
}

/// Why there can be no words.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    #[error("no thread could be started for the words ({0}); close other programs and try again")]
    Thread(std::io::Error),
}

/// The words of a session being made. Dropping it ends that at once.
pub struct Speech {
    clips: Option<Sender<(Duration, Cut)>>,
    told: Receiver<Told>,
    patient: bool,
    status: Arc<Mutex<Status>>,
    clock: Clock,
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Speech {
    /// Starts a recogniser; [`Speech::status`] says when it is there.
    ///
    /// # Errors
    /// If no thread can be started. What is wrong with the recogniser is in the status.
    pub fn start(plan: Plan) -> Result<Speech, SpeechError> {
        let clock = Clock::start();
        let (clips, taken) = bounded(if plan.patient { 1 } else { CLIPS });
        let (tell, told) = bounded(TOLD);
        let (stop, stopped) = bounded(1);
        let beginning = Status { state: State::Loading, model: plan.model.clone(), ..Status::default() };
        let status = Arc::new(Mutex::new(beginning));
        let patient = plan.patient;
        let supervisor = Supervisor::new(plan, clock, taken, tell, stopped, Arc::clone(&status));
        let thread = Builder::new()
            .name("speech".to_owned())
            .spawn(move || supervisor.run())
            .map_err(SpeechError::Thread)?;
        Ok(Speech { clips: Some(clips), told, patient, status, clock, stop, thread: Some(thread) })
    }

    /// Hands over a clip. In a call this never waits; a clip for which there is no room, because the thread has stood still
    /// for minutes, is told as false.
    pub fn push(&self, cut: Cut) -> bool {
        let Some(clips) = &self.clips else { return false };
        let item = (self.clock.now(), cut);
        if self.patient { clips.send(item).is_ok() } else { clips.try_send(item).is_ok() }
    }

    /// What was said, in the order in which it was understood.
    pub fn told(&self) -> &Receiver<Told> {
        &self.told
    }

    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// Whether there is time for clips of speech that still goes on.
    pub fn keeps_up(&self) -> bool {
        let status = lock(&self.status);
        let fast = status.real_time_factor.is_some_and(|pace| f64::from(pace) < PARTIALS_UNTIL);
        !self.patient && fast && status.state == State::Listening
    }

    /// No more clips will come. What waits is still worked on, in a call for at most `patience`; then everything ends.
    pub fn finish(mut self, patience: Duration) -> (Vec<Told>, Status) {
        self.clips = None;
        let end = self.clock.now().saturating_add(patience);
        let mut rest = Vec::new();
        loop {
            let left = end.saturating_sub(self.clock.now());
            let next = if self.patient {
                self.told.recv().map_err(RecvTimeoutError::from)
            } else {
                self.told.recv_timeout(left)
            };
            match next {
                Ok(told) => rest.push(told),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    // Full only if it was told before.
                    let _ = self.stop.try_send(());
                    rest.extend(self.told.iter());
                    break;
                }
            }
        }
        self.join();
        let status = self.status();
        (rest, status)
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.clips = None;
        // The thread may be gone already, or have been told.
        let _ = self.stop.try_send(());
        if !std::thread::panicking() {
            // It may be waiting for room to tell something.
            self.told.iter().for_each(drop);
            self.join();
        }
    }
}

pub(super) fn lock(status: &Mutex<Status>) -> MutexGuard<'_, Status> {
    status.lock().unwrap_or_else(PoisonError::into_inner)
}
