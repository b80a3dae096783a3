//! A call as it is shown: the one value that the overlay and the live page are drawn from.

use crate::coach::Kind;
use crate::units::{AudioTime, ByParty, Dbfs, Party, Share, Span};

/// A call at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallView {
    pub elapsed: Span,
    /// The rep's share of the talk of the last minutes; `None` until there is enough to say.
    pub share: Option<Share>,
    /// How long the rep has spoken without a pause, …
    pub run: Span,
    /// … and how long is long.
    pub run_limit: Span,
    pub speaking: ByParty<bool>,
    pub channels: ByParty<ChannelLight>,
    pub nudge: Option<NudgeView>,
    pub prepared: Vec<PreparedView>,
    /// The latest lines, oldest first; empty where words are not wanted.
    pub lines: Vec<LineView>,
    /// How the words are going, or why there are none: one line.
    pub words: String,
    /// Moments that the rep marked.
    pub marks: u32,
}

impl CallView {
    /// What the main window draws of it: levels come and go without it.
    pub fn without_levels(&self) -> CallView {
        let mut page = self.clone();
        for party in Party::BOTH {
            page.channels[party].level = None;
        }
        page
    }

    /// What the overlay draws of it: the rest may change without its being drawn again.
    pub fn drawn(&self) -> CallView {
        let mut drawn = self.without_levels();
        drawn.prepared.clear();
        drawn.lines.clear();
        drawn.words.clear();
        for party in Party::BOTH {
            drawn.channels[party].level = None;
        }
        drawn.share = self
            .share
            .and_then(|share| Share::of(Span::from_ticks(share.percent().into()), Span::from_ticks(100)));
        drawn
    }
}

/// Whether a channel delivers what it should.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelLight {
    pub light: Light,
    pub level: Option<Dbfs>,
    pub device: Option<String>,
    /// One sentence on what to do, if something should be done.
    pub advice: Option<String>,
}

/// A dot of the overlay. Each has a shape of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Light {
    /// Sound arrives.
    #[default]
    Fine,
    /// Sound arrives, but something is wrong with it.
    Doubtful,
    /// The device is gone.
    Lost,
    /// Nobody asked to hear it.
    Off,
}

/// The nudge that is shown now.
#[derive(Clone, Debug, PartialEq)]
pub struct NudgeView {
    pub kind: Kind,
    /// At most four words.
    pub text: String,
    /// The prepared question, or the words that it is about.
    pub detail: Option<String>,
}

/// Something that was prepared.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedView {
    pub text: String,
    pub said: bool,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq)]
pub struct LineView {
    pub party: Party,
    pub at: AudioTime,
    pub text: String,
}
