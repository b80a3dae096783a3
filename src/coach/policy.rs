//! Whether now is the time: few nudges, far apart, never at the start.

use std::collections::VecDeque;

use crate::coach::{Kind, Nudge};
use crate::config::CoachSettings;
use crate::units::{AudioTime, Span};

/// The budget is counted over this time.
const BUDGET_WINDOW: Span = Span::from_secs(30 * 60);

#[derive(Debug)]
pub struct Policy {
    quiet_start: Span,
    min_gap: Span,
    same_kind_gap: Span,
    max_in_window: usize,
    /// What was shown within the budget's window, oldest first.
    shown: VecDeque<(AudioTime, Kind)>,
}

impl Policy {
    pub fn new(settings: &CoachSettings) -> Policy {
        Policy {
            quiet_start: settings.quiet_start,
            min_gap: settings.min_gap,
            same_kind_gap: settings.same_kind_gap,
            max_in_window: settings.max_per_30_min as usize,
            shown: VecDeque::new(),
        }
    }

    pub fn allows(&self, nudge: &Nudge) -> bool {
        let recent = |gap: Span, kind: Option<Kind>| {
            self.shown
                .iter()
                .any(|&(at, shown)| nudge.at.since(at) < gap && kind.is_none_or(|kind| kind == shown))
        };
        let in_window = self.shown.iter().filter(|&&(at, _)| nudge.at.since(at) < BUDGET_WINDOW).count();
        nudge.at.since(AudioTime::ZERO) >= self.quiet_start
            && !recent(self.min_gap, None)
            && !recent(self.same_kind_gap, Some(nudge.kind))
            && in_window < self.max_in_window
    }

    pub fn shown(&mut self, nudge: &Nudge) {
        while self.shown.front().is_some_and(|&(at, _)| nudge.at.since(at) >= BUDGET_WINDOW) {
            self.shown.pop_front();
        }
        self.shown.push_back((nudge.at, nudge.kind));
    }
}
