//! The whole road from sound to nudge as one state machine: push frames, get events.
//!
//! The same engine runs live and from a file. Time is the frame's own; nothing here reads a clock. For the same frames the
//! same events come out, in the same order.

pub mod coaching;
pub mod findings;
pub mod health;
pub mod record;
pub mod said;
pub mod summary;
pub mod wire;
pub mod words;

use crate::audio::{Frame, HOP};
use crate::coach::{CoachEvent, Situation};
use crate::config::Settings;
use crate::cues;
use crate::echo::Echo;
use crate::metrics::{Figures, Metrics};
use crate::session::coaching::{Coaching, Course, LOOK};
use crate::speech::Cut;
use crate::speech::Utterance;
use crate::speech::cutter::Cutter;
use crate::turns::{TurnEvent, Turns};
use crate::units::{AudioTime, ByParty, Dbfs, Party, Span};
use crate::voice::{Edge, Voice, VoiceState};

/// Something the engine concluded, and when it could tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The moment at which this was known, which is later than what it tells of.
    pub at: AudioTime,
    pub what: What,
}

/// What the engine concluded. Evidence, never a ready-made sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Voice {
        party: Party,
        edge: Edge,
    },
    Turn(TurnEvent),
    Words(cues::Event),
    Coach(CoachEvent),
    /// The rep marked this moment.
    Marked,
}

/// From paired frames to events.
#[derive(Debug)]
pub struct Engine {
    /// Who is listened to. Nothing is expected of the other, and nothing is said about both.
    present: ByParty<bool>,
    echo: Echo,
    /// The latest frame, the client's echo left out of the rep's.
    clean: ByParty<[f32; HOP]>,
    heard: ByParty<Loudest>,
    voice: ByParty<Voice>,
    turns: Turns,
    metrics: Metrics,
    coaching: Coached,
    now: AudioTime,
    lost_since: Option<AudioTime>,
    /// Reused between frames.
    concluded: Vec<TurnEvent>,
    talking_over: Option<AudioTime>,
    /// Where words are wanted; nothing else depends on it.
    cutters: Option<ByParty<Cutter>>,
    cuts: Vec<Cut>,
}

impl Engine {
    /// An engine that hears both parties.
    pub fn new(settings: &Settings) -> Engine {
        Engine::listening_to(ByParty { rep: true, client: true }, settings)
    }

    /// An engine for a call in which only those `present` are listened to.
    pub fn listening_to(present: ByParty<bool>, settings: &Settings) -> Engine {
        Engine {
            present,
            echo: Echo::default(),
            clean: ByParty { rep: [0.0; HOP], client: [0.0; HOP] },
            heard: ByParty::default(),
            voice: ByParty::from_fn(|_| Voice::new(&settings.turns)),
            turns: Turns::new(settings.turns),
            metrics: Metrics::new(settings.metrics),
            coaching: Coached::Not,
            now: AudioTime::ZERO,
            lost_since: None,
            concluded: Vec::new(),
            talking_over: None,
            cutters: None,
            cuts: Vec::new(),
        }
    }

    /// The same engine, which also cuts what is said into clips for a recogniser: see [`Engine::take_cuts`].
    pub fn with_cuts(self) -> Engine {
        let cutters = ByParty::from_fn(Cutter::new);
        Engine { cutters: Some(cutters), ..self }
    }

    /// The same engine, which also coaches as the call goes.
    pub fn with_coaching(self, coaching: Coaching) -> Engine {
        Engine { coaching: Coached::Live(Box::new(coaching)), ..self }
    }

    /// The same engine, which keeps how the call goes until its words are there: see [`Engine::take_course`].
    pub fn with_course(self) -> Engine {
        Engine { coaching: Coached::Later(Course::default()), ..self }
    }

    /// How the call went.
    pub fn take_course(&mut self) -> Course {
        match &mut self.coaching {
            Coached::Later(course) => std::mem::take(course),
            Coached::Not | Coached::Live(_) => Course::default(),
        }
    }

    /// Something that was said has become known.
    pub fn hear(&mut self, utterance: &Utterance, out: &mut Vec<Event>) {
        if let Coached::Live(coaching) = &mut self.coaching {
            coaching.hear(self.now, utterance, out);
        }
    }

    /// The rep waves away the nudge that is shown.
    pub fn dismiss(&mut self, out: &mut Vec<Event>) {
        if let Coached::Live(coaching) = &mut self.coaching {
            coaching.dismiss(self.now, out);
        }
    }

    /// The clips cut since the last call, in the order in which they were complete.
    pub fn take_cuts(&mut self) -> Vec<Cut> {
        std::mem::take(&mut self.cuts)
    }

    /// Whether long speech is cut before it ends too; for a recogniser that keeps up.
    pub fn tell_partials(&mut self, tell: bool) {
        for party in Party::BOTH {
            if let Some(cutters) = &mut self.cutters {
                cutters[party].tell_partials(tell);
            }
        }
    }

    /// Takes the next frame; frames come in order, without gap.
    pub fn push(&mut self, frame: &Frame, out: &mut Vec<Event>) {
        self.now = frame.at + FRAME;
        let known = Party::BOTH.into_iter().all(|party| frame.known[party] || !self.present[party]);
        self.lost_since = (!known).then(|| self.lost_since.unwrap_or(frame.at));
        let mut level = ByParty::from_fn(|party| Dbfs::of(&frame.samples[party]));
        self.clean = frame.samples;
        if self.present.rep && self.present.client {
            self.clean.rep = self.echo.push(&frame.samples, level);
        }
        for party in Party::BOTH {
            self.heard[party].add(level[party]);
        }
        level.rep = Dbfs::of(&self.clean.rep);
        let speaking = self.voice.as_ref().map(|voice| voice.state().speaking);
        for party in Party::BOTH {
            let edge = self.voice[party].push(
                frame.at,
                &self.clean[party],
                level[party],
                frame.known[party],
                !speaking[party.other()],
            );
            if let Some(cutters) = &mut self.cutters {
                let state = self.voice[party].state();
                cutters[party].push(frame.at, &self.clean[party], edge, &state, &mut self.cuts);
            }
            if let Some(edge) = edge {
                self.take_edge(party, edge, out);
            }
        }
        let state = self.voice.as_ref().map(Voice::state);
        self.advance(&state, out);
    }

    /// No more frames will come: what is still open is closed, and every overlap gets its class.
    pub fn finish(&mut self, out: &mut Vec<Event>) {
        let end = self.now;
        for party in Party::BOTH {
            let edge = self.voice[party].finish();
            if let Some(cutters) = &mut self.cutters {
                cutters[party].finish(edge, &mut self.cuts);
            }
            if let Some(edge) = edge {
                self.take_edge(party, edge, out);
            }
        }
        // After the end there is silence: everything that waits for the other to stay silent is decided by it.
        let state = ByParty::from_fn(|party| VoiceState {
            settled: end + AFTER_THE_END,
            speaking: false,
            ..self.voice[party].state()
        });
        loop {
            let told = self.concluded.len();
            self.turns.advance(&state, &mut self.concluded);
            if self.concluded.len() == told {
                break;
            }
        }
        self.turns.finish(&mut self.concluded);
        self.hand_on(out);
        let state = state.map(|voice| VoiceState { settled: end, ..voice });
        self.metrics.advance(end, &state, ByParty::default(), self.lost_since);
    }

    pub fn figures(&self) -> Figures {
        let mut figures = self.metrics.figures();
        if !(self.present.rep && self.present.client) {
            (figures.share, figures.recent_share) = (None, None);
        }
        figures
    }

    /// Whether a party is listened to.
    pub fn is_present(&self, party: Party) -> bool {
        self.present[party]
    }

    /// The latest frame as the voices are heard in it: the rep's without the client's echo, 2 ms late.
    pub fn clean(&self) -> &ByParty<[f32; HOP]> {
        &self.clean
    }

    /// How long the client's echo has been left out of the rep's channel.
    pub fn echoed(&self) -> Span {
        self.echo.removed()
    }

    /// Whether the client is heard in the rep's microphone.
    pub fn has_echo(&self) -> bool {
        self.echo.has_path()
    }

    /// Level of a channel's loudest frame so far.
    pub fn loudest(&self, party: Party) -> Dbfs {
        self.heard[party].0.unwrap_or(Dbfs::SILENCE)
    }

    /// How much has been heard.
    pub fn now(&self) -> AudioTime {
        self.now
    }

    fn take_edge(&mut self, party: Party, edge: Edge, out: &mut Vec<Event>) {
        out.push(Event { at: self.now, what: What::Voice { party, edge } });
        self.turns.edge(party, &edge, &mut self.concluded);
    }

    fn advance(&mut self, state: &ByParty<VoiceState>, out: &mut Vec<Event>) {
        self.turns.advance(state, &mut self.concluded);
        self.hand_on(out);
        let open = ByParty::from_fn(|party| self.turns.open(party));
        self.metrics.advance(self.now, state, open, self.lost_since);
        if !self.now.ticks().is_multiple_of(LOOK.ticks()) {
            return;
        }
        let situation = Situation {
            run: self.metrics.run(),
            recent_share: self.metrics.recent_share(),
            talk: self.metrics.talk(),
            talking_over: self.talking_over,
            speaking: state.map(|voice| voice.speaking),
            healthy: self.lost_since.is_none(),
        };
        match &mut self.coaching {
            Coached::Not => {}
            Coached::Live(coaching) => coaching.advance(self.now, &situation, out),
            Coached::Later(course) => course.stands(self.now, situation),
        }
    }

    fn hand_on(&mut self, out: &mut Vec<Event>) {
        for event in self.concluded.drain(..) {
            match event {
                TurnEvent::TalkingOver { since } => self.talking_over = Some(since),
                TurnEvent::TalkingOverEnded { .. } => self.talking_over = None,
                _ => {}
            }
            self.metrics.turn(&event);
            match &mut self.coaching {
                Coached::Not => {}
                Coached::Live(coaching) => coaching.turn(&event),
                Coached::Later(course) => course.turn(self.now, event),
            }
            out.push(Event { at: self.now, what: What::Turn(event) });
        }
    }
}

/// When the rep is coached.
#[derive(Debug)]
enum Coached {
    Not,
    /// As the call goes.
    Live(Box<Coaching>),
    /// When the words of a recording are there.
    Later(Course),
}

/// The loudest frame of a channel so far.
#[derive(Clone, Copy, Debug, Default)]
struct Loudest(Option<Dbfs>);

impl Loudest {
    fn add(&mut self, level: Dbfs) {
        if self.0.is_none_or(|loudest| level > loudest) {
            self.0 = Some(level);
        }
    }
}

const FRAME: Span = Span::from_ticks(HOP as u64);

/// Longer than any silence that a decision waits for, and shorter than what turn-taking remembers.
const AFTER_THE_END: Span = Span::from_secs(20);
