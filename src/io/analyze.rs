//! A recording from its file to its record: the same engine that runs live, fed from a file.

use std::path::Path;
use std::time::Duration;

use crate::audio::{AudioError, Block, Layout, Pairer, Side};
use crate::coach::{Situation, Wording};
use crate::config::Settings;
use crate::io::FileError;
use crate::io::file::Recording;
use crate::io::words::{Words, Written};
use crate::io::worker::{Speech, SpeechError};
use crate::session::coaching::{Coaching, Course, known_at};
use crate::session::record::{CallRecord, MonoRecord, Recorder};
use crate::session::said::Understanding;
use crate::session::{Engine, Event};
use crate::speech::Utterance;
use crate::speech::status::Status;
use crate::speech::transcript::{AssignError, assign};
use crate::units::{AudioTime, ByParty, Party, Span};

/// What the channels of a recording hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// One party a channel if there are two different channels, else everybody in one.
    Detect { rep: Side },
    /// One party a channel.
    Stereo { rep: Side },
    /// Everybody in all channels.
    Mono,
}

/// How a recording is to be analysed.
#[derive(Clone, Debug)]
pub struct Task {
    pub channels: Channels,
    pub words: Words,
    /// What reads the words; without it they are only written down.
    pub understanding: Option<Understanding>,
    /// What nudges say.
    pub wording: Wording,
}

/// Something that the analysis of a recording has just come to know.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    Event(&'a Event),
    /// How the call stood, ten times a second; told where there are words.
    Stands {
        at: AudioTime,
        situation: &'a Situation,
    },
    /// Somebody said something.
    Said {
        /// How much of the recording had been analysed when it was known.
        at: AudioTime,
        utterance: &'a Utterance,
    },
}

/// What came of a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Analysis {
    Call(Box<CallRecord>),
    Mono(MonoRecord),
}

impl Analysis {
    /// The same under another name than its path.
    pub fn named(mut self, name: &str) -> Analysis {
        match &mut self {
            Analysis::Call(call) => call.file = name.to_owned(),
            Analysis::Mono(mono) => mono.file = name.to_owned(),
        }
        self
    }
}

/// Why a recording could not be analysed. Each message is a sentence that names the file and the next step.
#[derive(Debug, thiserror::Error)]
pub enum AnalyzeError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{file}: {cause}")]
    Audio { file: String, cause: AudioError },
    #[error(
        "{file} has one channel; leave out --layout stereo, or choose a recording with one party per channel"
    )]
    OneChannel { file: String },
    #[error(transparent)]
    Speech(#[from] SpeechError),
    #[error("{file}: {cause}")]
    Transcript { file: String, cause: AssignError },
    #[error("{file} holds no sound: every sample is broken; export it again or use an earlier copy")]
    NotNumbers { file: String },
}

/// Two channels whose difference is this much weaker than their sum (40 dB) are one mix, copied.
const SAME_SOUND: f64 = 1e-4;

/// Mean square from which a block of samples counts as sound: −60 dBFS.
const SOUND: f64 = 1e-6;

/// So much sound decides whether two channels hold the same, looked for in the first minutes.
const PROBE: Span = Span::from_secs(5);
const PROBE_WITHIN: Span = Span::from_secs(300);

/// Analyses one recording without words. `events` sees every event as it happens, `progress` how many bytes of how many were
/// read.
///
/// # Errors
/// If the file cannot be read or its channels do not fit; see [`AnalyzeError`].
pub fn analyze(
    path: &Path,
    channels: Channels,
    settings: &Settings,
    mut events: impl FnMut(&Event),
    progress: impl FnMut(u64, u64),
) -> Result<Analysis, AnalyzeError> {
    let wording = Wording::english();
    let task = Task { channels, words: Words::none(), understanding: None, wording };
    let only_events = |news: News<'_>| {
        if let News::Event(event) = news {
            events(event);
        }
    };
    analyze_with(path, task, settings, only_events, progress)
}

/// The same with `words`, which are waited for: then everything is told in the order of the call, as if each utterance had
/// become known a little after it was said. A recording of which one channel holds everybody gets none: nobody could say whose
/// they are.
///
/// # Errors
/// As [`analyze`]. Words that fail are no error: the record says what happened.
pub fn analyze_with(
    path: &Path,
    task: Task,
    settings: &Settings,
    mut tell: impl FnMut(News<'_>),
    mut progress: impl FnMut(u64, u64),
) -> Result<Analysis, AnalyzeError> {
    let Task { channels, words, understanding, wording } = task;
    let file = || path.display().to_string();
    let mut recording = Recording::open(path)?;
    let layout = match channels {
        Channels::Mono => Layout::Mono(Party::Rep),
        Channels::Stereo { .. } if recording.channels == 1 => {
            return Err(AnalyzeError::OneChannel { file: file() });
        }
        Channels::Stereo { rep } => Layout::Stereo { rep },
        Channels::Detect { .. } if recording.channels == 1 || same_sound(path)? => Layout::Mono(Party::Rep),
        Channels::Detect { rep } => Layout::Stereo { rep },
    };
    let mono = matches!(layout, Layout::Mono(_));
    let mut pairer = if mono { Pairer::only(Party::Rep) } else { Pairer::both() };
    let mut engine = Engine::new(settings);
    let coaching = Coaching::new(&settings.coach, wording, understanding.as_ref());
    let mut recorder = Recorder::new(understanding);
    let speech = match words.clone() {
        Words::By(plan) if !mono => Some(Speech::start(plan)?),
        Words::By(_) | Words::Written(_) => None,
        Words::None(why) => {
            recorder.words(Status::off(&why));
            None
        }
    };
    if speech.is_some() {
        engine = engine.with_cuts();
    }
    let has_words = speech.is_some() || matches!(words, Words::Written(_));
    let mut later = None;
    match (mono, has_words) {
        (true, _) => {}
        (false, true) => {
            (engine, later) = (engine.with_course(), Some(Later { coaching, events: Vec::new() }))
        }
        (false, false) => engine = engine.with_coaching(coaching),
    }
    let mut concluded = Vec::new();
    let (rate_hz, width) = (recording.rate_hz, recording.channels);
    loop {
        let frames = recording.frames_read();
        let Some(samples) = recording.next_block()? else { break };
        let block = Block {
            layout,
            captured: Duration::from_nanos(nanos(frames, rate_hz)),
            rate_hz,
            channels: width as u16,
            samples,
        };
        pairer
            .push(block, |frame| engine.push(frame, &mut concluded))
            .map_err(|cause| AnalyzeError::Audio { file: file(), cause })?;
        hand_on(&mut concluded, &mut recorder, later.as_mut(), &mut tell);
        if let Some(speech) = &speech {
            hand_over(&mut engine, speech, &mut recorder);
        }
        let (read, total) = recording.progress();
        progress(read, total);
    }
    pairer.finish(|frame| engine.push(frame, &mut concluded));
    engine.finish(&mut concluded);
    hand_on(&mut concluded, &mut recorder, later.as_mut(), &mut tell);
    if let Some(speech) = speech {
        hand_over(&mut engine, &speech, &mut recorder);
        let (told, status) = speech.finish(Duration::MAX);
        told.into_iter().for_each(|told| recorder.hear(told.utterance));
        recorder.words(status);
    }
    if let (Words::Written(written), false) = (&words, mono) {
        take_written(written, &mut recorder)
            .map_err(|cause| AnalyzeError::Transcript { file: file(), cause })?;
    }
    if let Some(later) = later {
        later.tell_all(&engine.take_course(), &mut recorder, &mut tell);
    }

    let samples = recording.frames_read() * width as u64;
    if recording.not_numbers() == samples {
        return Err(AnalyzeError::NotNumbers { file: file() });
    }
    let duration = Span::from(Duration::from_nanos(nanos(recording.frames_read(), rate_hz)));
    let mut notes = notes(&recording, duration);
    if let Words::Written(written) = &words {
        notes.extend(notes_on(written, mono));
    }
    let name = file();
    Ok(if mono {
        Analysis::Mono(recorder.mono(name, duration, notes))
    } else {
        Analysis::Call(Box::new(
            recorder.call(name, duration, notes, &pairer.tally(), &engine).with_findings(),
        ))
    })
}

fn hand_on(
    concluded: &mut Vec<Event>,
    recorder: &mut Recorder,
    later: Option<&mut Later>,
    tell: &mut impl FnMut(News<'_>),
) {
    concluded.iter().for_each(|event| recorder.take(event));
    match later {
        Some(later) => later.events.append(concluded),
        None => concluded.drain(..).for_each(|event| tell(News::Event(&event))),
    }
}

/// What waits until all words are known, so that everything is told in the order of a call.
struct Later {
    coaching: Coaching,
    events: Vec<Event>,
}

impl Later {
    fn tell_all(mut self, course: &Course, recorder: &mut Recorder, tell: &mut impl FnMut(News<'_>)) {
        let mut advice = Vec::new();
        course.coach(&mut self.coaching, recorder.utterances(), &mut advice);
        advice.iter().for_each(|event| recorder.take(event));
        self.events.append(&mut advice);
        self.events.sort_by_key(|event| event.at);
        let mut said: Vec<&Utterance> = recorder.utterances().iter().collect();
        said.sort_by_key(|utterance| known_at(utterance));
        let mut said = said.into_iter().peekable();
        let mut stood = course.situations().peekable();
        for event in &self.events {
            while let Some((at, situation)) = stood.next_if(|(at, _)| *at < event.at) {
                tell(News::Stands { at, situation });
            }
            while let Some(utterance) = said.next_if(|utterance| known_at(utterance) <= event.at) {
                tell(News::Said { at: known_at(utterance), utterance });
            }
            tell(News::Event(event));
        }
        stood.for_each(|(at, situation)| tell(News::Stands { at, situation }));
        said.for_each(|utterance| tell(News::Said { at: known_at(utterance), utterance }));
    }
}

/// Gives a transcript's lines to the parties, by name or by whose voice was heard.
fn take_written(written: &Written, recorder: &mut Recorder) -> Result<(), AssignError> {
    let ipus = ByParty::from_fn(|party| recorder.ipus_of(party));
    let said = assign(
        &written.transcript,
        written.rep_name.as_deref(),
        ByParty { rep: &ipus.rep, client: &ipus.client },
    )?;
    said.into_iter().for_each(|utterance| recorder.hear(utterance));
    recorder.words(Status::written());
    Ok(())
}

/// What the user must know about the transcript.
fn notes_on(written: &Written, mono: bool) -> Vec<String> {
    let about = written.transcript.notes;
    let mut notes = Vec::new();
    if mono {
        notes.push("The transcript was not used: in one channel nobody can say who was heard.".to_owned());
        return notes;
    }
    match about.skipped {
        0 => {}
        1 => notes.push("One line of the transcript could not be read and was skipped.".to_owned()),
        n => notes.push(format!("{n} lines of the transcript could not be read and were skipped.")),
    }
    if about.clock {
        notes
            .push("The transcript tells the time of day; its first line was taken for the start.".to_owned());
    }
    if about.estimated {
        notes.push("Some times of the transcript are estimated from the length of its lines.".to_owned());
    }
    notes
}

/// Hands new clips to the recogniser, waiting until it has room, and takes what it has understood.
fn hand_over(engine: &mut Engine, speech: &Speech, recorder: &mut Recorder) {
    for cut in engine.take_cuts() {
        speech.push(cut);
        speech.told().try_iter().for_each(|told| recorder.hear(told.utterance));
    }
}

fn nanos(frames: u64, rate_hz: u32) -> u64 {
    (u128::from(frames) * 1_000_000_000 / u128::from(rate_hz)) as u64
}

/// What the user must know about the file besides the figures.
fn notes(recording: &Recording, duration: Span) -> Vec<String> {
    let mut notes = Vec::new();
    if recording.truncated() {
        notes.push(format!("The file ends early; {:.1} s of it could be read.", duration.as_secs_f64()));
    }
    match recording.damaged_packets() {
        0 => {}
        1 => notes.push("One damaged piece of the file was skipped.".to_owned()),
        n => notes.push(format!("{n} damaged pieces of the file were skipped.")),
    }
    notes
}

/// Whether the first two channels hold the same sound, as far as the first minutes show.
fn same_sound(path: &Path) -> Result<bool, FileError> {
    let mut recording = Recording::open(path)?;
    let (rate_hz, channels) = (u64::from(recording.rate_hz), recording.channels);
    let enough = PROBE.as_millis() * rate_hz / 1000;
    let within = PROBE_WITHIN.as_millis() * rate_hz / 1000;
    let (mut loud, mut sum, mut difference) = (0, 0.0f64, 0.0f64);
    while loud < enough && recording.frames_read() < within {
        let Some(samples) = recording.next_block()? else { break };
        let (mut block_sum, mut block_difference) = (0.0f64, 0.0f64);
        for moment in samples.chunks_exact(channels) {
            let (left, right) = (f64::from(moment[0]), f64::from(moment[1]));
            if left.is_finite() && right.is_finite() {
                block_sum += (left + right).powi(2) / 4.0;
                block_difference += (left - right).powi(2) / 4.0;
            }
        }
        let moments = (samples.len() / channels) as u64;
        if block_sum + block_difference > SOUND * moments as f64 {
            loud += moments;
        }
        sum += block_sum;
        difference += block_difference;
    }
    Ok(loud > 0 && difference < SAME_SOUND * sum)
}
