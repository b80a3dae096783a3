//! The `speech` thread: it keeps a recogniser running and hands it one clip after the other.
//!
//! A process that ends, says nonsense or takes too long is ended and started anew, and its clip is tried once more. Five
//! such failures in a minute are enough: then there are no more words, and one sentence says why.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, never, select};

use crate::io::clock::Clock;
use crate::io::worker::process::Process;
use crate::io::worker::speech::{Plan, Told, lock};
use crate::io::worker::wire::{Ask, Reply};
use crate::speech::queue::Queue;
use crate::speech::sieve::{Doubt, Sieve};
use crate::speech::status::{State, Status};
use crate::speech::{Cut, Recognised};
use crate::units::{AudioTime, ByParty, Party, Span};

/// Reading a large model from a slow disk.
const LOADING: Duration = Duration::from_secs(60);

/// A clip may take this long, and so many times what it should by the pace so far: a busy computer, not a hang. A pace is
/// known from loading on.
const PATIENCE: Duration = Duration::from_secs(3);
const SLOWER: f64 = 6.0;
const LEAST_PACE: f64 = 0.5;

/// How soon it is noticed that a process which has nothing to do is gone, and how often what is shown is made true.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Waits before the first, second … new start; with loading a recogniser is back within 2 s.
const AGAIN: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(1000)];
const FAILURES: usize = 5;
const FAILURES_WITHIN: Duration = Duration::from_secs(60);

/// After so much speech without one word the model cannot be what it says.
const MUTE: Span = Span::from_secs(20);

/// Weight of the newest clip in the moving pace: about the last five count.
const NEWEST: f64 = 0.2;

/// More than one thread is worth it only while there is time to spare: threads that wait for each other beside a busy
/// program are slower than one.
const THREADS_UNTIL: f64 = 0.5;

/// What a party said longer ago than this is no help with what it says now, nor are more words than these.
const CONTEXT: Span = Span::from_secs(30);
const CONTEXT_WORDS: usize = 40;

/// What the process is busy with.
enum Work {
    Loading { until: Duration },
    Nothing,
    Clip { cut: Cut, arrived: Duration, until: Duration },
}

pub(super) struct Supervisor {
    plan: Plan,
    clock: Clock,
    clips: Receiver<(Duration, Cut)>,
    tell: Sender<Told>,
    stopped: Receiver<()>,
    status: Arc<Mutex<Status>>,
    queue: Queue,
    sieve: Sieve,
    process: Option<Process>,
    /// When a process is to be started.
    again: Option<Duration>,
    work: Work,
    failures: VecDeque<Duration>,
    restarts: u32,
    threads: usize,
    /// Time that a second of sound takes.
    pace: Option<f64>,
    /// What each party said last, and until when.
    said: ByParty<(AudioTime, String)>,
    /// Voiced sound without a word so far.
    mute: Span,
    /// The clip that a process failed with last: it is tried twice, not for ever.
    retried: Option<(Party, AudioTime)>,
    /// Why there are no more words.
    why: Option<String>,
}

impl Supervisor {
    pub fn new(
        plan: Plan,
        clock: Clock,
        clips: Receiver<(Duration, Cut)>,
        tell: Sender<Told>,
        stopped: Receiver<()>,
        status: Arc<Mutex<Status>>,
    ) -> Supervisor {
        Supervisor {
            queue: if plan.patient { Queue::patient() } else { Queue::live() },
            sieve: Sieve::new(plan.source),
            threads: plan.threads.max(1),
            plan,
            clock,
            clips,
            tell,
            stopped,
            status,
            process: None,
            again: Some(Duration::ZERO),
            work: Work::Loading { until: LOADING },
            failures: VecDeque::new(),
            restarts: 0,
            pace: None,
            said: ByParty::default(),
            mute: Span::ZERO,
            retried: None,
            why: None,
        }
    }

    pub fn run(mut self) {
        let mut open = true;
        while open || (self.why.is_none() && !(self.queue.is_empty() && matches!(self.work, Work::Nothing))) {
            let now = self.clock.now();
            self.start_due(now);
            self.hand_over(now);
            self.show(now);
            let (nothing, silence) = (never(), never());
            let listen = open && (!self.plan.patient || self.queue.has_room() || self.why.is_some());
            let clips = if listen { &self.clips } else { &nothing };
            let replies = self.process.as_ref().map_or(&silence, |process| &process.replies).clone();
            select! {
                recv(clips) -> clip => match clip {
                    Ok((arrived, cut)) => self.take(arrived, cut),
                    Err(_) => open = false,
                },
                recv(replies) -> reply => match reply {
                    Ok(reply) => self.hear(reply),
                    Err(_) => self.failed("it ended"),
                },
                recv(self.stopped) -> _ => break,
                default(self.next_alarm(now)) => self.overdue(),
            }
        }
        self.queue.abandon();
        if let Work::Clip { cut, .. } = std::mem::replace(&mut self.work, Work::Nothing) {
            self.queue.failed(&cut);
        }
        self.process = None;
        self.show(self.clock.now());
    }

    fn take(&mut self, arrived: Duration, cut: Cut) {
        self.queue.push(arrived, cut);
        if self.why.is_some() {
            self.queue.abandon();
        }
    }

    fn start_due(&mut self, now: Duration) {
        if self.again.is_none_or(|at| at > now) {
            return;
        }
        self.again = None;
        self.work = Work::Loading { until: now + LOADING };
        match Process::start(&self.plan.program) {
            Ok(process) => self.process = Some(process),
            Err(error) => {
                self.give_up(format!("the recogniser cannot be started ({error}); install Heard again"))
            }
        }
    }

    fn hand_over(&mut self, now: Duration) {
        let (Some(process), Work::Nothing) = (&self.process, &self.work) else { return };
        let Some((arrived, cut)) = self.queue.next(now) else { return };
        let length = cut.clip.len().as_secs_f64();
        let pace = self.pace.unwrap_or(LEAST_PACE).max(LEAST_PACE);
        let until = now + PATIENCE + Duration::from_secs_f64((length * pace * SLOWER).min(3600.0));
        let (last, said) = &self.said[cut.clip.party];
        let said = if cut.speech.start.since(*last) <= CONTEXT { said.clone() } else { String::new() };
        process.ask(Ask { clip: cut.clip.clone(), threads: self.threads, said });
        self.work = Work::Clip { cut, arrived, until };
    }

    fn hear(&mut self, reply: Reply) {
        match (reply, std::mem::replace(&mut self.work, Work::Nothing)) {
            (Reply::Ready { second }, Work::Loading { .. }) => {
                self.pace.get_or_insert(second.as_secs_f64());
            }
            (Reply::Unusable(why), Work::Loading { .. }) => self.give_up(why),
            (Reply::Recognised(said), Work::Clip { cut, arrived, .. }) => {
                self.understood(&cut, arrived, &said)
            }
            (Reply::Failed(_), Work::Clip { cut, .. }) => self.queue.failed(&cut),
            (_, work) => {
                self.work = work;
                self.failed("it answered what was not asked");
            }
        }
    }

    fn understood(&mut self, cut: &Cut, arrived: Duration, said: &Recognised) {
        self.queue.recognised(cut);
        self.learn_pace(said.compute.as_secs_f64() / cut.clip.len().as_secs_f64().max(0.1));
        let party = cut.clip.party;
        match self.sieve.judge(cut, said) {
            Ok(utterance) => {
                self.mute = Span::ZERO;
                if !cut.partial {
                    self.said[party] = (cut.speech.end, last_words(&utterance.text));
                }
                let waited = self.clock.now().saturating_sub(arrived);
                let told = Told { utterance, partial: cut.partial, waited, compute: said.compute };
                match self.tell.try_send(told) {
                    Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                    // Words that nobody fetches need not be told while they are said.
                    Err(TrySendError::Full(told)) if told.partial => {}
                    Err(TrySendError::Full(told)) => {
                        let _ = self.tell.send(told);
                    }
                }
            }
            Err(Doubt::Nothing) if !cut.partial => {
                self.mute += cut.clip.voiced;
                let heard_before = self.said.rep.0 > AudioTime::ZERO || self.said.client.0 > AudioTime::ZERO;
                if self.mute >= MUTE && !heard_before {
                    self.give_up(format!(
                        "the model {} made no word of {} s of speech; check it with heard models verify, or choose another",
                        self.plan.model,
                        self.mute.as_secs_f64().round()
                    ));
                }
            }
            // What led to an invented text shall not lead to the next.
            Err(Doubt::Loop | Doubt::Phantom) => self.said[party] = <(AudioTime, String)>::default(),
            Err(_) => {}
        }
    }

    fn learn_pace(&mut self, pace: f64) {
        let moving = self.pace.map_or(pace, |before| before + NEWEST * (pace - before));
        self.pace = Some(moving);
        if moving > THREADS_UNTIL {
            self.threads = 1;
        }
    }

    /// The process is of no more use: end it, and start another unless that has happened too often.
    fn failed(&mut self, what: &str) {
        let now = self.clock.now();
        self.process = None;
        if let Work::Clip { cut, arrived, .. } = std::mem::replace(&mut self.work, Work::Nothing) {
            let this = Some((cut.clip.party, cut.clip.start));
            if std::mem::replace(&mut self.retried, this) == this {
                self.queue.failed(&cut);
            } else {
                self.queue.give_back(arrived, cut);
            }
        }
        self.failures.retain(|at| now.saturating_sub(*at) < FAILURES_WITHIN);
        self.failures.push_back(now);
        if self.failures.len() >= FAILURES {
            self.give_up(format!(
                "the recogniser failed {FAILURES} times in a minute, last because {what}; check the model with heard models \
                 verify, or choose another"
            ));
            return;
        }
        self.restarts += 1;
        let wait = AGAIN[(self.failures.len() - 1).min(AGAIN.len() - 1)];
        self.again = Some(now + wait);
        self.work = Work::Loading { until: now + wait + LOADING };
    }

    fn give_up(&mut self, why: String) {
        self.why = Some(why);
        self.process = None;
        self.again = None;
        if let Work::Clip { cut, .. } = std::mem::replace(&mut self.work, Work::Nothing) {
            self.queue.failed(&cut);
        }
        self.queue.abandon();
    }

    /// How long nothing needs to be done if nothing comes.
    fn next_alarm(&self, now: Duration) -> Duration {
        let due = match (self.again, &self.work) {
            (Some(at), _) => at,
            (None, Work::Loading { until } | Work::Clip { until, .. }) if self.process.is_some() => *until,
            _ => now + LOOK_EVERY,
        };
        due.saturating_sub(now).min(LOOK_EVERY)
    }

    fn overdue(&mut self) {
        let Some(process) = &mut self.process else { return };
        match self.work {
            Work::Loading { until } | Work::Clip { until, .. } if self.clock.now() >= until => {
                self.failed("it took too long");
            }
            Work::Nothing if process.has_ended() => self.failed("it ended"),
            Work::Loading { .. } | Work::Clip { .. } | Work::Nothing => {}
        }
    }

    fn show(&mut self, now: Duration) {
        let state = match (&self.why, &self.work) {
            (Some(_), _) => State::Failed,
            _ if !self.queue.keeps_up(now) => State::Behind,
            (None, Work::Loading { .. }) => State::Loading,
            (None, _) => State::Listening,
        };
        let mut status = lock(&self.status);
        status.state = state;
        status.why = self.why.clone().unwrap_or_default();
        status.tally = self.queue.tally();
        status.doubts = self.sieve.doubts();
        status.real_time_factor = self.pace.map(|pace| pace as f32);
        status.restarts = self.restarts;
        status.process = self.process.as_ref().map(Process::id);
    }
}

/// The end of a text, as much as helps with what follows.
fn last_words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words[words.len().saturating_sub(CONTEXT_WORDS)..].join(" ")
}
