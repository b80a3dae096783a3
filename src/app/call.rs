//! What a call tells, folded into what is shown.

use crate::coach::{CoachEvent, Nudge, Situation};
use crate::config::Settings;
use crate::cues::{self, Item, Preparation};
use crate::io::live::Update;
use crate::io::live::listener::{ChannelView, Snapshot};
use crate::session::What;
use crate::session::health::Condition;
use crate::units::{AudioTime, Party, Span, Stretch};
use crate::view::call::{CallView, ChannelLight, Light, LineView, NudgeView, PreparedView};
use crate::voice::Edge;

/// So many lines are kept: what was said in the last minutes.
const LINES: usize = 40;

/// Folds updates.
#[derive(Clone, Debug)]
pub struct Fold {
    view: CallView,
    /// Places of the prepared things in the view.
    items: Vec<Item>,
    /// When the nudge that is shown began.
    nudged: Option<AudioTime>,
}

impl Fold {
    /// A call that is about to begin.
    pub fn new(settings: &Settings, prepared: &Preparation) -> Fold {
        let (items, texts): (Vec<Item>, Vec<String>) = prepared.items().into_iter().unzip();
        Fold {
            view: CallView {
                run_limit: settings.coach.monologue,
                prepared: texts.into_iter().map(|text| PreparedView { text, said: false }).collect(),
                ..CallView::default()
            },
            items,
            nudged: None,
        }
    }

    pub fn view(&self) -> &CallView {
        &self.view
    }

    /// Takes in what the call tells.
    pub fn take(&mut self, update: &Update) {
        match update {
            Update::Event(event) => self.event(&event.what),
            Update::Snapshot(snapshot) => self.snapshot(snapshot),
            Update::Said { told, .. } if !told.partial => {
                let utterance = &told.utterance;
                if self.view.lines.len() == LINES {
                    self.view.lines.remove(0);
                }
                self.view.lines.push(LineView {
                    party: utterance.party,
                    at: utterance.stretch.start,
                    text: utterance.text.clone(),
                });
            }
            Update::Said { .. } | Update::Opened { .. } | Update::Lost { .. } | Update::Slept { .. } => {}
        }
    }

    /// Something was concluded.
    pub fn event(&mut self, what: &What) {
        match what {
            What::Voice { party, edge } => {
                self.view.speaking[*party] = matches!(edge, Edge::Onset { .. });
            }
            What::Coach(CoachEvent::Nudged(Nudge { at, kind, text, detail, .. })) => {
                self.nudged = Some(*at);
                self.view.nudge = Some(NudgeView { kind: *kind, text: text.clone(), detail: detail.clone() });
            }
            What::Coach(CoachEvent::Gone { at, .. }) if self.nudged == Some(*at) => self.view.nudge = None,
            What::Words(cues::Event::Ticked { item, .. }) => {
                if let Some(place) = self.items.iter().position(|known| known == item) {
                    self.view.prepared[place].said = true;
                }
            }
            What::Marked => self.view.marks += 1,
            What::Coach(_) | What::Words(_) | What::Turn(_) => {}
        }
    }

    /// So a recorded call stood at `at`.
    pub fn stands(&mut self, at: AudioTime, situation: &Situation) {
        self.view.elapsed = whole(at.since(AudioTime::ZERO), 60);
        self.view.share = situation.recent_share;
        self.view.run = whole(situation.run.map_or(Span::ZERO, Stretch::len), 1);
        self.view.speaking = situation.speaking;
    }

    /// Figures as they are drawn, and no finer: what looks the same is the same.
    fn snapshot(&mut self, snapshot: &Snapshot) {
        let view = &mut self.view;
        view.elapsed = whole(snapshot.now.since(AudioTime::ZERO), 60);
        view.share = snapshot.figures.recent_share;
        view.run = whole(snapshot.figures.run, 1);
        for party in Party::BOTH {
            view.channels[party] = channel(&snapshot.channels[party]);
        }
        view.words = snapshot.words.line();
    }
}

/// So many whole seconds.
fn whole(span: Span, secs: u64) -> Span {
    Span::from_secs(span.as_millis() / 1000 / secs * secs)
}

fn channel(view: &ChannelView) -> ChannelLight {
    let light = match view.condition {
        // A client who plays nothing is no fault: the call may not have begun.
        Condition::Flowing | Condition::Bleeding | Condition::Silent => Light::Fine,
        Condition::Muted | Condition::Clipping => Light::Doubtful,
        Condition::Lost => Light::Lost,
        Condition::NotListenedTo => Light::Off,
    };
    let advice = view.advice.filter(|_| matches!(light, Light::Doubtful | Light::Lost));
    ChannelLight {
        light,
        level: Some(view.level),
        device: view.device.clone(),
        advice: advice.map(str::to_owned),
    }
}
