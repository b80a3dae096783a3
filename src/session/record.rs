//! What a call came to, as data: the object that `heard analyze --json` prints.
//!
//! Field names and units are a contract that others measure by: times in seconds with three decimals.

use serde::Serialize;

use crate::audio::Tally;
use crate::coach::{CoachEvent, Kind, Nudge};
use crate::cues::record::{
    CueRecord, LedgerRecord, PromiseRecord, TopicRecord, WindowRecord, WordsRecord as Read,
};
use crate::metrics::{Account, Figures};
use crate::session::said::{PreparedRecord, Understanding};
use crate::session::words::{UtteranceRecord, WordsRecord, said_in};
use crate::session::{Engine, Event, What};
use crate::speech::Utterance;
use crate::speech::status::Status;
use crate::turns::{Class, Evidence, Outcome, Overlap, TurnEvent};
use crate::units::{AudioTime, ByParty, Dbfs, Party, Share, Span, Stretch};

/// Version of the object's shape.
pub const SCHEMA: u32 = 1;

/// Whether a channel delivered what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Ok,
    /// Digital zero or nothing above it, from beginning to end.
    Silent,
    /// Sound, but no voice.
    NoVoice,
    /// More than one sample in a thousand at full scale.
    Clipping,
    /// Nobody asked to hear it.
    NotListenedTo,
}

/// One channel as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Channel {
    pub health: Health,
    /// Time for which nothing is known, because the device was lost.
    pub lost_s: Span,
    /// Time in which the client's sound in the microphone was left out; for the rep's channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_s: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TalkRecord {
    pub talk_s: Span,
    /// Part of all talk; `null` when nobody spoke, or only one party was listened to.
    pub share: Option<Share>,
    pub turns: u32,
    pub longest_monologue_s: Span,
    pub backchannels: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct PatienceRecord {
    pub median_s: Option<f64>,
    pub p10_s: Option<f64>,
    pub jump_ins: u32,
    pub after_long_turns_s: Option<f64>,
    pub extended_silences: u32,
    pub answers: usize,
    /// The moments behind the counts, for the findings.
    #[serde(skip)]
    pub first_jump_in: Option<AudioTime>,
    #[serde(skip)]
    pub longest_silence: Option<(AudioTime, Span)>,
}

/// A party with a stretch of time: a unit or a turn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spoken {
    pub party: Party,
    pub start_s: AudioTime,
    pub end_s: AudioTime,
}

impl Spoken {
    fn new(party: Party, stretch: Stretch) -> Spoken {
        Spoken { party, start_s: stretch.start, end_s: stretch.end }
    }

    pub fn stretch(&self) -> Stretch {
        Stretch::new(self.start_s, self.end_s)
    }
}

/// A turn, and what was said in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TurnRecord {
    pub party: Party,
    pub start_s: AudioTime,
    pub end_s: AudioTime,
    /// Empty where no words are known.
    pub text: String,
}

impl TurnRecord {
    pub fn stretch(&self) -> Stretch {
        Stretch::new(self.start_s, self.end_s)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OverlapRecord {
    pub start_s: AudioTime,
    pub end_s: AudioTime,
    pub class: Class,
    pub outcome: Option<Outcome>,
    pub by: Party,
    pub evidence: Evidence,
    pub confidence: f32,
}

impl From<&Overlap> for OverlapRecord {
    fn from(overlap: &Overlap) -> OverlapRecord {
        OverlapRecord {
            start_s: overlap.stretch.start,
            end_s: overlap.stretch.end,
            class: overlap.class,
            outcome: overlap.outcome,
            by: overlap.by,
            evidence: overlap.evidence,
            confidence: (overlap.confidence * 100.0).round() / 100.0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NudgeRecord {
    pub at_s: AudioTime,
    pub kind: Kind,
    pub text: String,
    /// The question or the words that stood below it.
    pub detail: Option<String>,
    pub why: String,
    /// What it asks for happened within 15 s.
    pub acted: bool,
    /// The rep waved it away.
    pub dismissed: bool,
}

/// Something to do otherwise next time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub at_s: AudioTime,
    pub title: String,
    #[serde(rename = "try")]
    pub try_this: String,
}

/// Something done well.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Strength {
    pub at_s: AudioTime,
    pub title: String,
}

/// A whole call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallRecord {
    pub schema: u32,
    pub file: String,
    pub duration_s: Span,
    /// What the user must know about the file besides the figures.
    pub notes: Vec<String>,
    pub channels: ByParty<Channel>,
    pub talk: ByParty<TalkRecord>,
    /// Its nudges were shown as it went.
    #[serde(skip)]
    pub live: bool,
    /// Enough was said for a share to mean anything.
    #[serde(skip)]
    pub enough_talk: bool,
    pub patience: PatienceRecord,
    pub switches: u32,
    pub longest_silence_s: Span,
    pub account_s: Account,
    pub ipus: Vec<Spoken>,
    pub turns: Vec<TurnRecord>,
    pub overlaps: Vec<OverlapRecord>,
    pub words: WordsRecord,
    pub utterances: Vec<UtteranceRecord>,
    pub cues: Vec<CueRecord>,
    pub ledger: Vec<LedgerRecord>,
    pub promises: Vec<PromiseRecord>,
    /// We, I and you, by five minutes.
    pub balance: Vec<WindowRecord>,
    /// What was talked about, and who brought it up.
    pub topics: Vec<TopicRecord>,
    /// What was prepared for the call, and when it was said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prepared: Vec<PreparedRecord>,
    pub nudges: Vec<NudgeRecord>,
    /// Moments that the rep marked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<AudioTime>,
    pub findings: Vec<Finding>,
    pub strength: Option<Strength>,
}

/// What can be told from one channel with several speakers in it: speech and silence, and nothing about who.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonoRecord {
    pub schema: u32,
    pub file: String,
    pub duration_s: Span,
    pub note: &'static str,
    /// What else the user must know about the file.
    pub notes: Vec<String>,
    pub speech_s: Span,
    pub silence_s: Span,
    pub longest_silence_s: Span,
    pub ipus: Vec<MonoSpeech>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MonoSpeech {
    /// Always `null`: one channel does not tell who.
    pub party: Option<Party>,
    pub start_s: AudioTime,
    pub end_s: AudioTime,
}

/// Said wherever a one-channel recording is summed up.
pub const MONO_NOTE: &str =
    "One channel: speakers cannot be told apart, so there are no shares, turns or interruptions.";

/// Gathers the final events of a session.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    ipus: Vec<Spoken>,
    turns: Vec<Spoken>,
    overlaps: Vec<Overlap>,
    nudges: Vec<NudgeRecord>,
    marks: Vec<AudioTime>,
    words: Status,
    utterances: Vec<Utterance>,
    understanding: Option<Understanding>,
}

impl Recorder {
    pub fn take(&mut self, event: &Event) {
        match &event.what {
            &What::Turn(TurnEvent::Ipu { party, ipu }) => self.ipus.push(Spoken::new(party, ipu.stretch)),
            &What::Turn(TurnEvent::TurnEnded { party, stretch }) => {
                self.turns.push(Spoken::new(party, stretch))
            }
            &What::Turn(TurnEvent::Overlap(overlap)) => self.overlaps.push(overlap),
            What::Coach(CoachEvent::Nudged(nudge)) => self.nudges.push(record_nudge(nudge)),
            What::Coach(CoachEvent::ActedOn { at, .. }) => self.nudge(*at, |nudge| nudge.acted = true),
            What::Coach(CoachEvent::Dismissed { at, .. }) => self.nudge(*at, |nudge| nudge.dismissed = true),
            What::Marked => self.marks.push(event.at),
            // What words mean is read again as a whole when the call is over.
            What::Words(_) | What::Voice { .. } | What::Turn(_) | What::Coach(CoachEvent::Gone { .. }) => {}
        }
    }

    fn nudge(&mut self, at: AudioTime, change: impl FnOnce(&mut NudgeRecord)) {
        if let Some(nudge) = self.nudges.iter_mut().find(|nudge| nudge.at_s == at) {
            change(nudge);
        }
    }

    /// What was said so far, in the order in which it was told.
    pub fn utterances(&self) -> &[Utterance] {
        &self.utterances
    }

    /// What the words are understood with, if they are.
    pub fn understanding(&self) -> Option<&Understanding> {
        self.understanding.as_ref()
    }

    /// A recorder that also reads what is said, if it is given something to read with.
    pub fn new(understanding: Option<Understanding>) -> Recorder {
        Recorder { understanding, ..Recorder::default() }
    }

    /// Units of a party so far, in order of time.
    pub fn ipus_of(&self, party: Party) -> Vec<Stretch> {
        let mut ipus: Vec<Stretch> =
            self.ipus.iter().filter(|ipu| ipu.party == party).map(Spoken::stretch).collect();
        ipus.sort_by_key(|ipu| ipu.start);
        ipus
    }

    /// Takes something that was said.
    pub fn hear(&mut self, utterance: Utterance) {
        self.utterances.push(utterance);
    }

    /// How the words went, or why there are none.
    pub fn words(&mut self, status: Status) {
        self.words = status;
    }

    /// The record of a call with one party a channel.
    pub fn call(
        mut self,
        file: String,
        duration: Span,
        notes: Vec<String>,
        tally: &ByParty<Tally>,
        engine: &Engine,
    ) -> CallRecord {
        let mut figures = engine.figures();
        let channels = ByParty::from_fn(|party| channel(party, duration, &tally[party], &figures, engine));
        self.ipus.sort_by_key(|ipu| (ipu.start_s, ipu.end_s));
        self.turns.sort_by_key(|turn| (turn.start_s, turn.end_s));
        self.overlaps.sort_by_key(|overlap| overlap.stretch.start);
        self.utterances.sort_by_key(|utterance| (utterance.stretch.start, utterance.stretch.end));
        let (read, prepared) = self.understand(AudioTime::ZERO + duration, &mut figures);
        let whole = figures.talk.rep.talk + figures.talk.client.talk;
        let both_heard = Party::BOTH.into_iter().all(|party| engine.is_present(party));
        let talk = figures.talk.map(|talk| TalkRecord {
            talk_s: talk.talk,
            share: Share::of(talk.talk, whole).filter(|_| both_heard),
            turns: talk.turns,
            longest_monologue_s: talk.longest_turn.map_or(Span::ZERO, Stretch::len),
            backchannels: talk.backchannels,
        });
        let patience = &figures.patience;
        CallRecord {
            schema: SCHEMA,
            file,
            duration_s: duration,
            notes,
            channels,
            talk,
            live: false,
            enough_talk: figures.share.is_some(),
            patience: PatienceRecord {
                median_s: patience.median_secs().map(to_millis),
                p10_s: patience.p10_secs().map(to_millis),
                jump_ins: patience.jump_ins,
                after_long_turns_s: patience.after_long_turns_secs().map(to_millis),
                extended_silences: patience.extended_silences,
                answers: patience.answers(),
                first_jump_in: patience.first_jump_in,
                longest_silence: patience.longest_silence,
            },
            switches: figures.switches,
            longest_silence_s: figures.longest_silence.map_or(Span::ZERO, Stretch::len),
            account_s: figures.account,
            ipus: self.ipus,
            turns: said_in(&self.turns, &self.utterances),
            overlaps: self.overlaps.iter().map(OverlapRecord::from).collect(),
            words: WordsRecord::from(self.words),
            utterances: self.utterances.iter().map(UtteranceRecord::from).collect(),
            cues: read.cues,
            ledger: read.ledger,
            promises: read.promises,
            balance: read.balance,
            topics: read.topics,
            prepared,
            nudges: self.nudges,
            marks: self.marks,
            findings: Vec::new(),
            strength: None,
        }
    }

    /// Reads what was said: the overlaps and the figures are changed where words show more than timing did.
    fn understand(&mut self, end: AudioTime, figures: &mut Figures) -> (Read, Vec<PreparedRecord>) {
        let Some(understanding) = &self.understanding else {
            return <(Read, Vec<PreparedRecord>)>::default();
        };
        for (party, only_listened) in understanding.revise(&mut self.overlaps, &self.utterances) {
            let shared = |ipu: &Spoken| ipu.stretch().overlap(only_listened).map_or(Span::ZERO, Stretch::len);
            let talk = &mut figures.talk[party];
            talk.talk -= self.ipus.iter().filter(|ipu| ipu.party == party).map(shared).sum::<Span>();
            talk.backchannels += 1;
        }
        understanding.read(&self.utterances, end)
    }

    /// The record of a recording in which one channel holds everybody.
    pub fn mono(self, file: String, duration: Span, notes: Vec<String>) -> MonoRecord {
        let speech: Span = self.ipus.iter().map(|ipu| ipu.stretch().len()).sum();
        let mut silent_from = AudioTime::ZERO;
        let mut longest_silence = Span::ZERO;
        let end =
            Spoken::new(Party::Rep, Stretch::new(AudioTime::ZERO + duration, AudioTime::ZERO + duration));
        for ipu in self.ipus.iter().chain([&end]) {
            longest_silence = longest_silence.max(ipu.start_s.since(silent_from));
            silent_from = ipu.end_s;
        }
        MonoRecord {
            schema: SCHEMA,
            file,
            duration_s: duration,
            note: MONO_NOTE,
            notes,
            speech_s: speech,
            silence_s: duration - speech,
            longest_silence_s: longest_silence,
            ipus: (self.ipus.iter())
                .map(|ipu| MonoSpeech { party: None, start_s: ipu.start_s, end_s: ipu.end_s })
                .collect(),
        }
    }
}

/// A channel whose loudest frame is below this held no sound that anybody could have heard.
const SILENT: Dbfs = Dbfs::new(-80.0);

/// One sample in a thousand at full scale is audible as distortion.
const CLIPPED_PART: f64 = 1e-3;

fn channel(party: Party, duration: Span, tally: &Tally, figures: &Figures, engine: &Engine) -> Channel {
    let samples = duration.ticks().max(1) as f64;
    let health = if !engine.is_present(party) {
        Health::NotListenedTo
    } else if engine.loudest(party) < SILENT {
        Health::Silent
    } else if tally.faults.clipped as f64 > CLIPPED_PART * samples {
        Health::Clipping
    } else if figures.talk[party].talk == Span::ZERO {
        Health::NoVoice
    } else {
        Health::Ok
    };
    let echo_s = (party == Party::Rep).then(|| engine.echoed());
    let lost_s = if engine.is_present(party) { tally.unknown } else { Span::ZERO };
    Channel { health, lost_s, echo_s }
}

fn record_nudge(nudge: &Nudge) -> NudgeRecord {
    NudgeRecord {
        at_s: nudge.at,
        kind: nudge.kind,
        text: nudge.text.clone(),
        detail: nudge.detail.clone(),
        why: nudge.sentence.clone(),
        acted: false,
        dismissed: false,
    }
}

fn to_millis(secs: f64) -> f64 {
    (secs * 1000.0).round() / 1000.0
}
