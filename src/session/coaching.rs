//! The coach in a call: what is said is read as it becomes known, and together with how the call stands it becomes nudges.
//!
//! A live call coaches as it goes. Of a recording the words come late, so how it stood is kept ([`Course`]) and gone through
//! again when they are there: as if each utterance had become known a little after it was said.

use crate::coach::{Coach, CoachEvent, Situation, Wording};
use crate::config::CoachSettings;
use crate::cues::{self, Conversation};
use crate::session::said::Understanding;
use crate::session::{Event, What};
use crate::speech::Utterance;
use crate::turns::TurnEvent;
use crate::units::{AudioTime, Span};

/// The coach looks so often: nothing that it decides needs a finer clock.
pub const LOOK: Span = Span::from_millis(100);

/// In a recording words become known so long after they were said: the pause that ends a clip, and half a second for the
/// recogniser (see BENCHMARKS.md, "Words").
const KNOWN_AFTER: Span = Span::from_secs(1);

/// When something that was said in a recording counts as known.
pub fn known_at(utterance: &Utterance) -> AudioTime {
    utterance.stretch.end + KNOWN_AFTER
}

/// Reads and coaches.
#[derive(Debug)]
pub struct Coaching {
    conversation: Option<Conversation>,
    coach: Coach,
    /// Reused between calls.
    meant: Vec<cues::Event>,
    advice: Vec<CoachEvent>,
}

impl Coaching {
    /// Without something to understand words with, it goes by time alone.
    pub fn new(
        settings: &CoachSettings,
        wording: Wording,
        understanding: Option<&Understanding>,
    ) -> Coaching {
        let prepared =
            understanding.map(|understanding| understanding.preparation().clone()).unwrap_or_default();
        Coaching {
            conversation: understanding.map(Understanding::conversation),
            coach: Coach::new(settings, wording, prepared),
            meant: Vec::new(),
            advice: Vec::new(),
        }
    }

    /// Turn-taking concluded something.
    pub fn turn(&mut self, event: &TurnEvent) {
        self.coach.turn(event);
    }

    /// Something that was said became known at `now`.
    pub fn hear(&mut self, now: AudioTime, utterance: &Utterance, out: &mut Vec<Event>) {
        let Some(conversation) = &mut self.conversation else { return };
        let listens = conversation.push(utterance, &mut self.meant);
        self.coach.hear(utterance, listens, &self.meant);
        out.extend(self.meant.drain(..).map(|meant| Event { at: now, what: What::Words(meant) }));
    }

    /// Time has passed and this is how the call stands.
    pub fn advance(&mut self, now: AudioTime, situation: &Situation, out: &mut Vec<Event>) {
        self.coach.advance(now, situation, &mut self.advice);
        self.hand_on(now, out);
    }

    /// The rep waves away what is shown.
    pub fn dismiss(&mut self, now: AudioTime, out: &mut Vec<Event>) {
        self.coach.dismiss(&mut self.advice);
        self.hand_on(now, out);
    }

    fn hand_on(&mut self, now: AudioTime, out: &mut Vec<Event>) {
        out.extend(self.advice.drain(..).map(|advice| Event { at: now, what: What::Coach(advice) }));
    }
}

/// How a call went, for the coach: some 3 MB an hour.
#[derive(Clone, Debug, Default)]
pub struct Course {
    steps: Vec<(AudioTime, Step)>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Turn(TurnEvent),
    Stands(Situation),
}

impl Course {
    /// Turn-taking concluded something.
    pub fn turn(&mut self, now: AudioTime, event: TurnEvent) {
        self.steps.push((now, Step::Turn(event)));
    }

    /// So the call stands; every [`LOOK`].
    pub fn stands(&mut self, now: AudioTime, situation: Situation) {
        self.steps.push((now, Step::Stands(situation)));
    }

    /// How the call stood, in order.
    pub fn situations(&self) -> impl Iterator<Item = (AudioTime, &Situation)> {
        self.steps.iter().filter_map(|(at, step)| match step {
            Step::Stands(situation) => Some((*at, situation)),
            Step::Turn(_) => None,
        })
    }

    /// Coaches the call when everything that was `said` in it is known.
    pub fn coach(&self, coaching: &mut Coaching, said: &[Utterance], out: &mut Vec<Event>) {
        let mut order: Vec<&Utterance> = said.iter().collect();
        order.sort_by_key(|utterance| (known_at(utterance), utterance.stretch.start));
        let mut waiting = order.into_iter().peekable();
        for (now, step) in &self.steps {
            while let Some(utterance) = waiting.next_if(|next| known_at(next) <= *now) {
                coaching.hear(*now, utterance, out);
            }
            match step {
                Step::Turn(event) => coaching.turn(event),
                Step::Stands(situation) => coaching.advance(*now, situation, out),
            }
        }
        let end = self.steps.last().map_or(AudioTime::ZERO, |(now, _)| *now);
        waiting.for_each(|utterance| coaching.hear(end, utterance, out));
    }
}
