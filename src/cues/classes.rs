//! Classes of words: what `words.toml` puts together, and those among them that the code itself goes by.
//!
//! A class is one bit, so that a word knows all of its classes and asking costs nothing.

use std::collections::HashMap;

/// One class of words, such as the feelings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(u8);

impl Class {
    /// The class at a place of the table, below [`MOST_CLASSES`].
    pub fn of(place: usize) -> Class {
        Class(place as u8)
    }

    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u64);

impl Classes {
    pub fn has(self, class: Class) -> bool {
        self.0 >> class.0 & 1 == 1
    }

    pub fn meets(self, other: Classes) -> bool {
        self.0 & other.0 != 0
    }

    pub fn add(&mut self, class: Class) {
        self.0 |= 1 << class.0;
    }
}

impl From<Class> for Classes {
    fn from(class: Class) -> Classes {
        Classes(1 << class.0)
    }
}

/// Most classes that a language may have: they are bits of one number.
pub const MOST_CLASSES: usize = 64;

/// The struct of all classes that the code knows by name, and how it is read.
macro_rules! named {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The classes that a language must have.
        #[derive(Clone, Debug)]
        pub struct Named {
            $($(#[$doc])* pub $name: Class,)*
            /// "You", "I" and "we", each with what belongs to it.
            pub persons: [Class; 3],
        }

        impl Named {
            /// # Errors
            /// The name of the first one that is not there.
            pub fn among(classes: &HashMap<Box<str>, Class>) -> Result<Named, &'static str> {
                let class = |name: &'static str| classes.get(name).copied().ok_or(name);
                Ok(Named {
                    $($name: class(stringify!($name))?,)*
                    persons: [class("you")?, class("own")?, class("we")?],
                })
            }
        }
    };
}

named! {
    /// Words that people say twice and mean it: "very very".
    doubled,
    /// Words that carry no content of their own: "the", "so", "going".
    plain,
    /// Words that lead into a sentence: "so", "well", "okay".
    lead,
    /// Words that a turn begins with that asks: those of `question_word` and `auxiliary` but "might", which begins more guesses.
    asking,
    /// Words that say yes or no, and no more.
    assent,
    /// Words of feeling and of hardship.
    feeling,
    /// "Mm-hm", "right", "I see".
    backchannel,
    /// "Yes", "exactly".
    agreement,
    laughter,
    /// Words that no sentence ends with.
    dangling,
    /// Words that refuse: "not", "final".
    refusal,
    /// Of these, those that also deny what is nobody's position: "not", "only".
    denial,
    /// Words of a reproach: "again", "never", "promised".
    reproach,
    /// Words that take in both sides: "we", "together", "mutual".
    joint,
    /// Words that take leave: "bye".
    parting,
    /// Words that make a condition: "if", "exchange".
    condition,
    /// Words that say what a give is worth: "normally", "worth".
    worth,
    /// "What", "how", "who".
    question_word,
    /// "Do", "is", "could".
    auxiliary,
    /// Of these, "do" and its like.
    does,
    /// And "have" and its like.
    has,
    /// And "be" and its like.
    be,
    /// Words that are a subject whenever an auxiliary stands before them: "you", "they".
    nominative,
    /// Words that may be one: "it", "that".
    pointer,
    /// Of these, those that stand for what is there: "there".
    existential,
    /// Words that begin a subject: "the", "your".
    determiner,
    /// Of these, those that nobody is ordered about with: "any", "people".
    indefinite,
    /// And those that as often begin something else: "a".
    article,
    /// "Not".
    negation,
    /// Words that a part of a statement follows: "know", "about".
    leads_in,
    /// Words that take an auxiliary to themselves: "to", "than".
    binds,
    /// Auxiliaries and subjects of one: "is", "she".
    singular,
    /// Auxiliaries of more than one: "are".
    plural,
    /// Auxiliaries that are as often an order: "do".
    orders,
    /// What something is said to be: "hard", "late".
    quality,
}
