//! What of a call the rules look at: how it stands, who answered whom, and what was said, folded from events.

use std::collections::VecDeque;

use crate::cues::{CueKind, Event, Item, Preparation};
use crate::speech::Utterance;
use crate::turns::TurnEvent;
use crate::units::{AudioTime, ByParty, Party, Share, Span, Stretch};

/// How the call stands, without words.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Situation {
    /// What the rep has spoken without a mutual pause and without the client taking the floor.
    pub run: Option<Stretch>,
    /// The rep's share of the talk of the last minutes; `None` until there is enough of it.
    pub recent_share: Option<Share>,
    /// How much each party has spoken so far.
    pub talk: ByParty<Span>,
    /// Since when the rep has been talking over the client.
    pub talking_over: Option<AudioTime>,
    pub speaking: ByParty<bool>,
    /// Both channels deliver what they should.
    pub healthy: bool,
}

/// A turn of the client's, and what the rep makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The client's words.
    pub client: Stretch,
    /// The first concern in it.
    pub concern: Option<Concern>,
    /// The rep's words after it, signs of listening left out.
    pub rep: Option<Stretch>,
    /// How many words those are.
    pub words: usize,
    /// What was in them.
    pub kinds: Vec<CueKind>,
    /// The client has the word again.
    pub over: bool,
}

/// A concern of the client's.
#[derive(Clone, Debug, PartialEq)]
pub struct Concern {
    pub at: AudioTime,
    pub words: String,
}

impl Exchange {
    /// Any of these was in the rep's words.
    pub fn has(&self, kinds: &[CueKind]) -> bool {
        self.kinds.iter().any(|kind| kinds.contains(kind))
    }
}

/// Something that was given, by the rep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// When it had been said.
    pub at: AudioTime,
    /// Its value was said.
    pub labelled: bool,
}

/// Cues of the rep's are remembered so long: until a nudge before them can no longer be acted on.
const REMEMBERED: Span = Span::from_secs(60);

/// Everything that the rules know.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub now: AudioTime,
    pub situation: Situation,
    /// Who has the floor.
    pub holder: Option<Party>,
    /// When each party was last heard.
    pub heard: ByParty<AudioTime>,
    /// The latest silence that the rep left before an answer: when it ended, and how long it was.
    pub silence: Option<(AudioTime, Span)>,
    client_ended: Option<AudioTime>,
    /// The latest exchange and the one before.
    exchanges: VecDeque<Exchange>,
    /// The latest concern.
    pub concern: Option<Concern>,
    /// What the rep said lately.
    pub rep_cues: VecDeque<(AudioTime, CueKind)>,
    /// The rep's last question; the beginning if there was none.
    pub question: AudioTime,
    /// Talk since then, …
    asked_at_talk: ByParty<Span>,
    /// … and how much of the rep's has words.
    pub worded: Span,
    /// Number of words of the rep's so far.
    pub rep_words: usize,
    /// When the rep's latest words were said.
    pub rep_worded_until: AudioTime,
    pub rapport: bool,
    /// When a position had been said again.
    pub stalemate: Option<AudioTime>,
    pub given: Option<Given>,
    prepared: Preparation,
    said: Vec<Item>,
    /// When the shared goal, or any, was said.
    pub goal_said: Option<AudioTime>,
}

impl Facts {
    pub fn new(prepared: Preparation) -> Facts {
        Facts { prepared, ..Facts::default() }
    }

    /// Turn-taking concluded something.
    pub fn turn(&mut self, event: &TurnEvent) {
        match *event {
            TurnEvent::FloorTaken { party, since } => {
                self.holder = Some(party);
                if let (Party::Rep, Some(ended)) = (party, self.client_ended) {
                    self.silence = Some((since, since.since(ended)));
                }
            }
            TurnEvent::TurnEnded { party: Party::Client, stretch } => self.client_ended = Some(stretch.end),
            _ => {}
        }
    }

    /// Time has passed.
    pub fn advance(&mut self, now: AudioTime, situation: &Situation) {
        (self.now, self.situation) = (now, *situation);
        for party in Party::BOTH {
            if situation.speaking[party] {
                self.heard[party] = now;
            }
        }
        while self.rep_cues.front().is_some_and(|(at, _)| now.since(*at) > REMEMBERED) {
            self.rep_cues.pop_front();
        }
    }

    /// Something was said. `listens` if it was no more than a sign of listening; `meant` is what it meant.
    pub fn hear(&mut self, utterance: &Utterance, listens: bool, meant: &[Event]) {
        let kinds: Vec<CueKind> = (meant.iter())
            .filter_map(|event| match event {
                Event::Cue(cue) if cue.party == utterance.party => Some(cue.kind),
                _ => None,
            })
            .collect();
        if !listens {
            match utterance.party {
                Party::Client => self.client_said(utterance, &kinds),
                Party::Rep => self.rep_said(utterance, &kinds, meant),
            }
        }
        for event in meant {
            match event {
                Event::Cue(cue) if cue.kind == CueKind::Stalemate => {
                    self.stalemate = Some(utterance.stretch.end);
                }
                Event::Cue(cue) if cue.party == Party::Rep => self.rep_cues.push_back((cue.at, cue.kind)),
                Event::Ticked { item, .. } => self.said.push(*item),
                _ => {}
            }
        }
        if utterance.party == Party::Rep && kinds.contains(&CueKind::SharedGoal)
            || self.said.contains(&Item::SharedGoal)
        {
            self.goal_said.get_or_insert(utterance.stretch.start);
        }
    }

    fn client_said(&mut self, utterance: &Utterance, kinds: &[CueKind]) {
        let said = utterance.stretch;
        match self.exchanges.back_mut() {
            // The client goes on; the rep has said nothing between.
            Some(exchange) if exchange.rep.is_none() => {
                exchange.client.end = exchange.client.end.max(said.end)
            }
            last => {
                if let Some(last) = last {
                    last.over = true;
                }
                self.exchanges.push_back(Exchange {
                    client: said,
                    concern: None,
                    rep: None,
                    words: 0,
                    kinds: Vec::new(),
                    over: false,
                });
            }
        }
        while self.exchanges.len() > 2 {
            self.exchanges.pop_front();
        }
        if let (true, Some(exchange)) = (kinds.contains(&CueKind::Concern), self.exchanges.back_mut()) {
            let concern = Concern { at: said.start, words: utterance.text.clone() };
            self.concern = Some(concern.clone());
            exchange.concern.get_or_insert(concern);
        }
    }

    fn rep_said(&mut self, utterance: &Utterance, kinds: &[CueKind], meant: &[Event]) {
        let said = utterance.stretch;
        let words = utterance.text.split_whitespace().count();
        self.rep_words += words;
        self.worded += said.len();
        self.rep_worded_until = self.rep_worded_until.max(said.end);
        self.rapport |= kinds.contains(&CueKind::Rapport);
        if kinds.contains(&CueKind::OpenQuestion) || kinds.contains(&CueKind::ClosedQuestion) {
            (self.question, self.asked_at_talk, self.worded) = (said.end, self.situation.talk, Span::ZERO);
        }
        if kinds.contains(&CueKind::Trade) {
            self.given = None;
        } else if kinds.contains(&CueKind::Concession) {
            let labelled = |event: &Event| matches!(event, Event::Cue(cue) if cue.labelled);
            self.given = Some(Given { at: said.end, labelled: meant.iter().any(labelled) });
        }
        if let Some(exchange) = self.exchanges.back_mut() {
            exchange.rep = Some(Stretch::new(exchange.rep.map_or(said.start, |rep| rep.start), said.end));
            exchange.words += words;
            exchange.kinds.extend(kinds);
        }
    }

    /// The latest exchange that the rep has answered in, though the client may have the word again by now.
    pub fn answered(&self) -> Option<&Exchange> {
        self.exchanges.iter().rev().find(|exchange| exchange.rep.is_some())
    }

    /// How long a party has been silent.
    pub fn quiet(&self, party: Party) -> Span {
        self.now.since(self.heard[party])
    }

    /// How much was spoken since the rep's last question.
    pub fn talk_since_question(&self) -> ByParty<Span> {
        ByParty::from_fn(|party| self.situation.talk[party] - self.asked_at_talk[party])
    }

    /// The rep said one of these after `since` and until `until`.
    pub fn rep_said_since(&self, kinds: &[CueKind], since: AudioTime, until: AudioTime) -> bool {
        self.rep_cues.iter().any(|(at, kind)| kinds.contains(kind) && *at > since && *at <= until)
    }

    /// The next prepared question that was not asked yet.
    pub fn next_question(&self) -> Option<&str> {
        let mut open = self.prepared.questions.iter().enumerate();
        let next = open.find(|(index, _)| !self.said.contains(&Item::Question(*index)));
        next.map(|(_, question)| question.as_str())
    }

    /// The shared goal, if one was prepared.
    pub fn goal(&self) -> Option<&str> {
        self.prepared.shared_goal.as_deref()
    }

    /// What is to be asked for the first thing that can be given.
    pub fn next_get(&self) -> Option<&str> {
        let mut open = self.prepared.trades.iter().enumerate();
        let next = open.find(|(index, _)| !self.said.contains(&Item::Trade(*index)));
        next.map(|(_, trade)| trade.get.as_str())
    }
}
