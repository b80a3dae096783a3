//! A call that was analysed, shown again on the overlay at the moments that mattered.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::call::Fold;
use super::screen::Screen;
use crate::coach::Situation;
use crate::session::Event;
use crate::units::{AudioTime, Span, Stretch};
use crate::view::call::CallView;
use crate::view::overlay::Ask;

/// So much of the call is shown before a moment, …
const BEFORE: Span = Span::from_secs(4);
/// … and after it: as long as a nudge stands, and a little more.
const AFTER: Span = Span::from_secs(6);

/// How the overlay looked at each moment at which that changed.
#[derive(Clone, Debug)]
pub struct Replay {
    fold: Fold,
    pictures: Vec<(AudioTime, CallView)>,
    moments: Vec<AudioTime>,
}

impl Replay {
    /// A call of which nothing was seen yet.
    pub fn new(fold: Fold) -> Replay {
        Replay { fold, pictures: Vec::new(), moments: Vec::new() }
    }

    /// Something was concluded.
    pub fn event(&mut self, event: &Event) {
        let before = self.fold.view().nudge.is_some();
        self.fold.event(&event.what);
        if self.fold.view().nudge.is_some() && !before {
            self.moments.push(event.at);
        }
        self.keep(event.at);
    }

    /// So the call stood.
    pub fn stands(&mut self, at: AudioTime, situation: &Situation) {
        self.fold.stands(at, situation);
        self.keep(at);
    }

    fn keep(&mut self, at: AudioTime) {
        let drawn = self.fold.view().drawn();
        if self.pictures.last().is_none_or(|(_, last)| *last != drawn) {
            self.pictures.push((at, drawn));
        }
    }

    /// What is shown around the moments at which the overlay spoke up, each picture with how long it stands.
    pub fn around_moments(&self) -> Vec<(CallView, Duration)> {
        let mut excerpts: Vec<Stretch> = Vec::new();
        for at in &self.moments {
            let excerpt = Stretch::new(at.back(BEFORE), *at + AFTER);
            match excerpts.last_mut() {
                Some(last) if last.end >= excerpt.start => last.end = excerpt.end,
                _ => excerpts.push(excerpt),
            }
        }
        let mut shown = Vec::new();
        for excerpt in excerpts {
            let ends = self.pictures.iter().skip(1).map(|(at, _)| *at).chain([excerpt.end]);
            for ((from, picture), until) in self.pictures.iter().zip(ends) {
                let stands = Stretch::new(*from, until.max(*from)).overlap(excerpt).map(Stretch::len);
                if let Some(stands) = stands {
                    shown.push((picture.clone(), Duration::from_millis(stands.as_millis())));
                }
            }
        }
        shown
    }
}

/// Shows pictures one after the other, until the last has stood or the rep has seen enough.
pub fn play(pictures: &[(CallView, Duration)], screen: &Screen, asks: &Receiver<Ask>) {
    for (picture, stands) in pictures {
        screen.show(picture);
        match asks.recv_timeout(*stands) {
            Err(RecvTimeoutError::Timeout) | Ok(Ask::Mark | Ask::Hide | Ask::Drag) => {}
            Ok(Ask::End | Ask::Dismiss) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    screen.close();
}
