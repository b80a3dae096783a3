//! What was said in a call, read as a whole: cues, ledger, promises, and the overlaps as words show them.
//!
//! Reading waits until all words are there and in order, so that a call that was heard live comes to the same as its
//! recording, however late its words came.

use jiff::civil::Date;
use serde::Serialize;

use crate::cues::record::WordsRecord as Read;
use crate::cues::{Conversation, Event, Item, Preparation, Reader};
use crate::metrics::revise::revise;
use crate::speech::Utterance;
use crate::turns::{Class, Overlap};
use crate::units::{AudioTime, Party, Stretch};

/// What reads the words of a call.
#[derive(Clone, Debug)]
pub struct Understanding {
    reader: Reader,
    today: Option<Date>,
    preparation: Preparation,
}

/// Something that was prepared, and when it was said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreparedRecord {
    /// `shared_goal`, `question` or `trade`.
    pub kind: &'static str,
    pub text: String,
    /// `null` if it was not said.
    pub at_s: Option<AudioTime>,
}

impl Understanding {
    /// `today` is the day of the call, where it is known: promises get their dates from it.
    pub fn new(reader: Reader, today: Option<Date>) -> Understanding {
        Understanding { reader, today, preparation: Preparation::default() }
    }

    /// The same for a call that was prepared.
    pub fn prepared(self, preparation: Preparation) -> Understanding {
        Understanding { preparation, ..self }
    }

    /// The same for a call on another day.
    pub fn on(self, today: Option<Date>) -> Understanding {
        Understanding { today, ..self }
    }

    /// What was prepared for the call.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// A call of which nothing has been said yet.
    pub fn conversation(&self) -> Conversation {
        Conversation::new(self.reader.clone(), self.today, &self.preparation)
    }

    /// Reads all that was said, in order of time, until `end`.
    pub fn read(&self, said: &[Utterance], end: AudioTime) -> (Read, Vec<PreparedRecord>) {
        let mut conversation = self.conversation();
        let mut concluded = Vec::new();
        for utterance in said {
            conversation.push(utterance, &mut concluded);
        }
        conversation.finish(end, &mut concluded);
        let said_at = |item: Item| {
            concluded.iter().find_map(|event| match event {
                Event::Ticked { at, item: ticked } if *ticked == item => Some(*at),
                _ => None,
            })
        };
        (conversation.record(), self.prepared_items(said_at))
    }

    fn prepared_items(&self, said_at: impl Fn(Item) -> Option<AudioTime>) -> Vec<PreparedRecord> {
        let record =
            |(item, text): (Item, String)| PreparedRecord { kind: item.name(), text, at_s: said_at(item) };
        self.preparation.items().into_iter().map(record).collect()
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
