//! A whole call, utterance by utterance: cues with their times, the ledger, promises, the preparation, positions said again.
//!
//! Utterances of both parties come in the order of their starts. The last turn of the other party is what an utterance is read
//! against; signs of listening do not end a turn.

use jiff::civil::Date;

use crate::speech::Utterance;
use crate::units::{AudioTime, ByParty, Party};

use super::backchannel::is_backchannel;
use super::balance::{Balance, WINDOW};
use super::ledger::{Answer, Ledger};
use super::preparation::{Checklist, Item, Preparation};
use super::promises::Promise;
use super::reader::{Cue, Reader, Said};
use super::record::{CueRecord, LedgerRecord, PromiseRecord, TopicRecord, WindowRecord, WordsRecord};
use super::shown::{sentence_of, time_of};
use super::standstill::Positions;
use super::{CueKind, tokens::Text};

/// A turn is remembered by its end: so many bytes are as much as an answer takes up.
const REMEMBERED: usize = 400;
/// See [`Conversation::gives_back`].
const WORDS_TAKEN_UP: usize = 2;

/// What is done in one sentence, whatever stands around it.
const DONE_IN_A_SENTENCE: [CueKind; 12] = [
    CueKind::OpenQuestion,
    CueKind::ClosedQuestion,
    CueKind::FollowUp,
    CueKind::Dismissive,
    CueKind::Partnership,
    CueKind::SharedGoal,
    CueKind::UsVsThem,
    CueKind::Trade,
    CueKind::Concession,
    CueKind::Stalemate,
    CueKind::OwnMistake,
    CueKind::Promise,
];

/// In a call what is counted to the rep's credit or against somebody, and what a nudge may follow, must be as sure as a phrase is.
const SURE: f32 = 0.84;

/// The same of a question, which a tag at the end tells as well.
const ASKED: f32 = 0.8;

/// Turns at the beginning of a call, of both parties, in which a question beside a greeting is small talk: "hi Ana, how was the trip?"
const GREETING: u32 = 2;

/// Confidence of a position said again, which is decided by shared words.
const SAID_AGAIN: f32 = 0.75;

/// Something that was concluded from words.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Cue(CueEvent),
    /// The client raised a concern: its place in the ledger.
    Opened {
        at: AudioTime,
        entry: usize,
    },
    /// The rep's turn answered it.
    Closed {
        at: AudioTime,
        entry: usize,
        answer: Answer,
    },
    /// Its place among the promises.
    Promised {
        at: AudioTime,
        promise: usize,
    },
    /// Something prepared was said.
    Ticked {
        at: AudioTime,
        item: Item,
    },
}

/// A cue and where it was said.
#[derive(Clone, Debug, PartialEq)]
pub struct CueEvent {
    /// Start of its first word, as near as the source of the words can tell.
    pub at: AudioTime,
    pub party: Party,
    pub kind: CueKind,
    /// The exact words.
    pub words: String,
    /// 0 to 1.
    pub confidence: f32,
    pub why: String,
    /// A concession whose value was said, in the same sentence or beside it.
    pub labelled: bool,
}

/// Follows a call.
#[derive(Clone, Debug)]
pub struct Conversation {
    reader: Reader,
    today: Option<Date>,
    checklist: Checklist,
    ledger: Ledger,
    balance: Balance,
    positions: Positions,
    cues: Vec<CueEvent>,
    promises: Vec<Promise>,
    turns: ByParty<String>,
    /// Who has the word, and the number of their turn.
    holder: Option<Party>,
    turn: u32,
    text: Text,
}

impl Conversation {
    /// A call on the day `today`, where that is known: promises get their dates from it.
    pub fn new(reader: Reader, today: Option<Date>, preparation: &Preparation) -> Conversation {
        let checklist = Checklist::new(preparation, reader.lexicon());
        Conversation {
            reader,
            today,
            checklist,
            ledger: Ledger::default(),
            balance: Balance::default(),
            positions: Positions::default(),
            cues: Vec::new(),
            promises: Vec::new(),
            turns: ByParty::default(),
            holder: None,
            turn: 0,
            text: Text::default(),
        }
    }

    /// Takes the next utterance and tells what it means. Gives whether it was no more than a sign of listening.
    pub fn push(&mut self, utterance: &Utterance, out: &mut Vec<Event>) -> bool {
        let (party, at) = (utterance.party, utterance.stretch.start);
        let listens = is_backchannel(&utterance.text, self.reader.lexicon()) && !self.answers(party);
        if !listens {
            self.take_the_word(party, at, out);
        }
        let before = self.turns[party.other()].clone();
        let mut found = self.reader.read(Said { party, text: &utterance.text, before: &before });
        self.by_sentence(party, &utterance.text, &before, &mut found);
        let greets = self.turn <= GREETING && found.iter().any(|cue| cue.kind == CueKind::Rapport);
        found.retain(|cue| match cue.kind {
            CueKind::OpenQuestion | CueKind::ClosedQuestion | CueKind::FollowUp => {
                !greets && cue.confidence >= ASKED
            }
            CueKind::Paraphrase => self.gives_back(cue, &utterance.text, &before),
            CueKind::Validation
            | CueKind::Stalemate
            | CueKind::Concern
            | CueKind::Concession
            | CueKind::Trade
            | CueKind::Promise
            | CueKind::Partnership
            | CueKind::UsVsThem => cue.confidence >= SURE,
            _ => true,
        });
        let mut kinds: Vec<CueKind> = found.iter().map(|cue| cue.kind).collect();
        for cue in found {
            self.tell(utterance, cue, out);
        }
        self.text.read(&utterance.text, self.reader.lexicon());
        self.balance.push(party, at, &utterance.text, &self.text, self.reader.lexicon());
        self.said_again(utterance, &mut kinds, out);
        if kinds.contains(&CueKind::Concern) {
            let entry = self.ledger.open(utterance.stretch, &utterance.text);
            out.push(Event::Opened { at, entry });
        }
        if kinds.contains(&CueKind::Promise) {
            self.promises.push(Promise::new(at, party, &utterance.text, self.today));
            out.push(Event::Promised { at, promise: self.promises.len() - 1 });
        }
        if party == Party::Rep && !listens {
            self.ledger.rep_said(at, &kinds);
            let ticked = self.checklist.hear(&utterance.text, &kinds, self.reader.lexicon());
            out.extend(ticked.into_iter().map(|item| Event::Ticked { at, item }));
        }
        if !listens {
            remember(&mut self.turns[party], &utterance.text);
        }
        listens
    }

    /// The call is over at `at`: a turn that was answering closes what it answered.
    pub fn finish(&mut self, at: AudioTime, out: &mut Vec<Event>) {
        self.close(at, out);
    }

    /// An utterance may hold several sentences, and what one does is not undone by another: "Fair enough. Let's look at it
    /// together." Kinds that are done in one sentence are read in each; a concern may be told in one or in all of them.
    fn by_sentence(&mut self, party: Party, text: &str, before: &str, found: &mut Vec<Cue>) {
        self.text.read(text, self.reader.lexicon());
        if self.text.sentences.len() < 2 {
            return;
        }
        let starts =
            self.text.sentences.iter().map(|sentence| self.text.bytes(sentence.first..sentence.end).start);
        let mut edges: Vec<usize> = starts.chain([text.len()]).collect();
        edges[0] = 0;
        found.retain(|cue| !DONE_IN_A_SENTENCE.contains(&cue.kind));
        for edge in edges.windows(2) {
            let Some(sentence) = text.get(edge[0]..edge[1]) else { continue };
            for mut cue in self.reader.read(Said { party, text: sentence, before }) {
                cue.words = edge[0] + cue.words.start..edge[0] + cue.words.end;
                match found.iter_mut().find(|other| other.kind == cue.kind) {
                    Some(other)
                        if DONE_IN_A_SENTENCE.contains(&cue.kind) && other.confidence < cue.confidence =>
                    {
                        *other = cue;
                    }
                    None if DONE_IN_A_SENTENCE.contains(&cue.kind) || cue.kind == CueKind::Concern => {
                        found.push(cue)
                    }
                    _ => {}
                }
            }
        }
        found.sort_by_key(|cue| cue.kind as usize);
    }

    /// In a call more is asked of a paraphrase than in a sentence alone, for it is counted to the rep's credit: unless it says
    /// itself that it gives back what was heard, it takes up at least two of the other's words.
    fn gives_back(&self, cue: &Cue, text: &str, before: &str) -> bool {
        let (mut said, mut context) = (Text::default(), super::context::Context::default());
        said.read(text, self.reader.lexicon());
        context.read(before, self.reader.lexicon());
        let mut taken_up: Vec<u64> = (said.tokens.iter())
            .filter(|token| context.takes_up(token, self.reader.lexicon()))
            .map(|token| token.stem)
            .collect();
        taken_up.sort_unstable();
        taken_up.dedup();
        self.reader.says_so(cue) || taken_up.len() >= WORDS_TAKEN_UP
    }

    /// A short "yes" after a question is an answer, and takes the word.
    fn answers(&self, party: Party) -> bool {
        let other = &self.turns[party.other()];
        self.holder == Some(party.other()) && {
            let mut context = super::context::Context::default();
            context.read(other, self.reader.lexicon());
            context.asked
        }
    }

    fn take_the_word(&mut self, party: Party, at: AudioTime, out: &mut Vec<Event>) {
        if self.holder == Some(party) {
            return;
        }
        if party == Party::Client {
            self.close(at, out);
        }
        self.holder = Some(party);
        self.turn += 1;
        self.turns[party].clear();
    }

    fn close(&mut self, at: AudioTime, out: &mut Vec<Event>) {
        for entry in self.ledger.close() {
            if let Some(answer) = self.ledger.entries()[entry].answer {
                out.push(Event::Closed { at, entry, answer });
            }
        }
    }

    fn said_again(&mut self, utterance: &Utterance, kinds: &mut Vec<CueKind>, out: &mut Vec<Event>) {
        let (party, at) = (utterance.party, utterance.stretch.start);
        let first = self.positions.hear(party, at, self.turn, &self.text, self.reader.lexicon());
        if let Some(first) = first
            && !kinds.contains(&CueKind::Stalemate)
        {
            kinds.push(CueKind::Stalemate);
            let secs = first.as_secs_f64() as u64;
            let cue = Cue {
                kind: CueKind::Stalemate,
                words: 0..utterance.text.len(),
                confidence: SAID_AGAIN,
                why: format!("said before, at {}:{:02}", secs / 60, secs % 60),
            };
            self.tell(utterance, cue, out);
        }
    }

    fn tell(&mut self, utterance: &Utterance, cue: Cue, out: &mut Vec<Event>) {
        let words = sentence_of(&utterance.text, &cue.words).to_owned();
        let lexicon = self.reader.lexicon();
        let labelled = cue.kind == CueKind::Concession && {
            let mut said = Text::default();
            said.read(&utterance.text, lexicon);
            said.tokens.iter().any(|token| token.classes.has(lexicon.named.worth))
        };
        let event = CueEvent {
            labelled,
            at: time_of(utterance, cue.words.start),
            party: utterance.party,
            kind: cue.kind,
            words,
            confidence: cue.confidence,
            why: cue.why,
        };
        self.cues.push(event.clone());
        out.push(Event::Cue(event));
    }

    /// All cues so far, in order.
    pub fn cues(&self) -> &[CueEvent] {
        &self.cues
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub fn promises(&self) -> &[Promise] {
        &self.promises
    }

    pub fn checklist(&self) -> &Checklist {
        &self.checklist
    }

    pub fn balance(&self) -> &Balance {
        &self.balance
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Everything about what was said so far, as data.
    pub fn record(&self) -> WordsRecord {
        let hundredths = |confidence: f32| (f64::from(confidence) * 100.0).round() / 100.0;
        WordsRecord {
            cues: self
                .cues
                .iter()
                .map(|cue| CueRecord {
                    at_s: cue.at,
                    party: cue.party,
                    kind: cue.kind,
                    text: cue.words.clone(),
                    confidence: hundredths(cue.confidence),
                    why: cue.why.clone(),
                })
                .collect(),
            ledger: self
                .ledger
                .entries()
                .iter()
                .map(|entry| LedgerRecord {
                    at_s: entry.stretch.start,
                    concern: entry.concern.clone(),
                    answer: entry.answer,
                    latency_s: entry.latency,
                })
                .collect(),
            promises: self
                .promises
                .iter()
                .map(|promise| PromiseRecord {
                    at_s: promise.at,
                    party: promise.party,
                    text: promise.text.clone(),
                    due: promise.due.map(|date| date.to_string()),
                })
                .collect(),
            balance: (0..)
                .zip(self.balance.windows())
                .map(|(n, words)| WindowRecord {
                    at_s: AudioTime::from_ticks(n * WINDOW.ticks()),
                    words: *words,
                })
                .collect(),
            topics: self
                .balance
                .topics()
                .into_iter()
                .map(|topic| TopicRecord {
                    word: topic.word.clone(),
                    by: topic.by,
                    at_s: topic.at,
                    times: topic.times,
                })
                .collect(),
        }
    }
}

/// Adds to a turn, keeping its end.
fn remember(turn: &mut String, text: &str) {
    if !turn.is_empty() {
        turn.push(' ');
    }
    turn.push_str(text);
    if turn.len() > REMEMBERED {
        let cut = (turn.len() - REMEMBERED..turn.len()).find(|at| turn.is_char_boundary(*at)).unwrap_or(0);
        turn.drain(..cut);
    }
}
