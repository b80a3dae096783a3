//! What was promised, by whom, and for when.

use jiff::civil::Date;

use crate::units::{AudioTime, Party};

use super::due::due;

/// A promise that was made in a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    pub at: AudioTime,
    pub party: Party,
    /// The whole utterance: a promise is worth its conditions too.
    pub text: String,
    /// The day it is due, where one was said and the day of the call is known.
    pub due: Option<Date>,
    /// The words that say when, if any.
    pub due_words: Option<String>,
}

impl Promise {
    /// A promise said at `at` in a call on the day `today`.
    pub fn new(at: AudioTime, party: Party, text: &str, today: Option<Date>) -> Promise {
        // The words are found on any day; the date is right on the day of the call alone.
        let found = due(text, today.unwrap_or(Date::constant(2000, 1, 3)));
        let due_words = found.as_ref().and_then(|due| text.get(due.words.clone())).map(str::to_owned);
        let due = found.filter(|_| today.is_some()).map(|due| due.date);
        Promise { at, party, text: text.to_owned(), due, due_words }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn without_the_day_of_the_call_the_words_are_kept() {
        let said = "I'll send you the draft by Thursday.";
        let promise = Promise::new(AudioTime::ZERO, Party::Rep, said, None);
        assert_eq!((promise.due, promise.due_words.as_deref()), (None, Some("Thursday")));
        let promise = Promise::new(AudioTime::ZERO, Party::Rep, said, Some(date(2026, 11, 25)));
        assert_eq!(promise.due, Some(date(2026, 11, 26)));
        let promise =
            Promise::new(AudioTime::ZERO, Party::Rep, "I'll take care of it.", Some(date(2026, 11, 25)));
        assert_eq!((promise.due, promise.due_words), (None, None));
    }
}
