//! What was said in a call, read as a whole: cues, ledger, promises, and the overlaps as words show them.
//!
//! Reading waits until all words are there and in order, so that a call that was heard live comes to the same as its
//! recording, however late its words came.

use jiff::civil::Date;

use crate::cues::record::WordsRecord as Read;
use crate::cues::{Conversation, Preparation, Reader};
use crate::metrics::revise::revise;
use crate::speech::Utterance;
use crate::turns::{Class, Overlap};
use crate::units::{AudioTime, Party, Stretch};

/// What reads the words of a call.
#[derive(Clone, Debug)]
pub struct Understanding {
    reader: Reader,
    today: Option<Date>,
}

impl Understanding {
    /// `today` is the day of the call, where it is known: promises get their dates from it.
    pub fn new(reader: Reader, today: Option<Date>) -> Understanding {
        Understanding { reader, today }
    }

    /// The same for a call on another day.
    pub fn on(self, today: Option<Date>) -> Understanding {
        Understanding { today, ..self }
    }

    /// Reads all that was said, in order of time, until `end`.
    pub fn read(&self, said: &[Utterance], end: AudioTime) -> Read {
        let mut conversation = Conversation::new(self.reader.clone(), self.today, &Preparation::default());
        let mut concluded = Vec::new();
        for utterance in said {
            conversation.push(utterance, &mut concluded);
        }
        conversation.finish(end, &mut concluded);
        conversation.record()
    }

    /// Changes the overlaps that words show otherwise than timing did. Gives who was only listening, and when: that is no talk.
    pub fn revise(&self, overlaps: &mut [Overlap], said: &[Utterance]) -> Vec<(Party, Stretch)> {
        let mut listened = Vec::new();
        for overlap in overlaps {
            let Some(revised) = revise(overlap, said, self.reader.lexicon()) else { continue };
            if revised.class == Class::Backchannel {
                listened.push((overlap.by, overlap.said));
            }
            *overlap = revised;
        }
        listened
    }
}
