//! Whether now is the time: few nudges, far apart, never at the start, and fewer of what the rep waves away.

use std::collections::VecDeque;

use crate::coach::reason::Kind;
use crate::config::CoachSettings;
use crate::units::{AudioTime, Span};

/// The budget is counted over this time.
const BUDGET_WINDOW: Span = Span::from_secs(30 * 60);

/// A kind that was dismissed so often is not shown again in this call.
const MUTES: u32 = 2;

#[derive(Debug)]
pub struct Policy {
    quiet_start: Span,
    min_gap: Span,
    same_kind_gap: Span,
    max_in_window: usize,
    /// What was shown within the longest time that is looked back, oldest first.
    shown: VecDeque<(AudioTime, Kind)>,
    /// How often each kind was dismissed.
    dismissed: Vec<Kind>,
}

impl Policy {
    pub fn new(settings: &CoachSettings) -> Policy {
        Policy {
            quiet_start: settings.quiet_start,
            min_gap: settings.min_gap,
            same_kind_gap: settings.same_kind_gap,
            max_in_window: settings.max_per_30_min as usize,
            shown: VecDeque::new(),
            dismissed: Vec::new(),
        }
    }

    /// Whether a nudge of this kind may be shown at `now`.
    pub fn allows(&self, now: AudioTime, kind: Kind) -> bool {
        let last_within = |gap: Span, of: Option<Kind>| {
            self.shown.iter().any(|&(at, shown)| now.since(at) < gap && of.is_none_or(|of| of == shown))
        };
        let in_window = self.shown.iter().filter(|&&(at, _)| now.since(at) < BUDGET_WINDOW).count();
        now.since(AudioTime::ZERO) >= self.quiet_start
            && !last_within(self.min_gap, None)
            && self.dismissals(kind) < MUTES
            && !last_within(self.gap(kind), Some(kind))
            && in_window < self.max_in_window
    }

    pub fn shown(&mut self, now: AudioTime, kind: Kind) {
        let kept = BUDGET_WINDOW.max(self.gap(kind)).max(self.min_gap);
        while self.shown.front().is_some_and(|&(at, _)| now.since(at) >= kept) {
            self.shown.pop_front();
        }
        self.shown.push_back((now, kind));
    }

    pub fn dismissed(&mut self, kind: Kind) {
        self.dismissed.push(kind);
    }

    fn dismissals(&self, kind: Kind) -> u32 {
        self.dismissed.iter().filter(|dismissed| **dismissed == kind).count() as u32
    }

    /// Least time between two of a kind: each dismissal doubles it.
    fn gap(&self, kind: Kind) -> Span {
        Span::from_ticks(self.same_kind_gap.ticks() << self.dismissals(kind).min(MUTES))
    }
}
