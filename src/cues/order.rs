//! The order of words in a question: an auxiliary before its subject, or a question word and what follows it.
//!
//! A recogniser writes no question marks, so a question must be known by its order: "does Dallas have one", "what would it take".
//! The same words in another order ask nothing: "what it takes is time", "the one that does". The rules are those of English
//! grammars (subject-auxiliary inversion, embedded interrogatives); which words are auxiliaries, subjects, determiners and
//! question words stands in `words.toml`.

use super::classes::{Class, Classes};
use super::lexicon::Lexicon;
use super::pattern::starts;
use super::tokens::Token;

/// What a word begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Nothing of the kind.
    #[default]
    Plain,
    /// An auxiliary before its subject: "do you", "is the report".
    YesNo,
    /// The same at the end of a statement: "…, isn't it".
    Tag,
    /// A question word, an auxiliary and its subject: "what would it take".
    Asking,
    /// A question word at the beginning that is the subject, or stands before what may be one: "what happened", "who is John".
    Fronted,
    /// The same further inside, where nothing shows whether it asks: "the scale what is next".
    Inside,
    /// A question word that leads into a part of a statement: "what it takes", "I know why".
    Embedded,
}

impl Order {
    /// The name in phrase tables; a plain order has none.
    pub const NAMED: [(&'static str, Order); 6] = [
        ("yes_no", Order::YesNo),
        ("tag", Order::Tag),
        ("asking", Order::Asking),
        ("fronted", Order::Fronted),
        ("inside", Order::Inside),
        ("embedded", Order::Embedded),
    ];
}

/// Words between a question word and its auxiliary: "how many of your people are".
const LONGEST_QUESTION_PHRASE: usize = 4;

/// Fills `orders` with what each token begins.
pub fn read(raw: &str, tokens: &[Token], lexicon: &Lexicon, orders: &mut Vec<Order>) {
    orders.clear();
    // Up to here the auxiliaries belong to a question word.
    let mut taken = 0;
    for at in 0..tokens.len() {
        let place = Place { raw, tokens, at, lexicon };
        orders.push(if place.is(0, lexicon.named.question_word) {
            let (order, end) = place.question_word(place.describes(orders));
            taken = taken.max(end);
            order
        } else if at >= taken && place.is(0, lexicon.named.auxiliary) {
            place.auxiliary()
        } else {
            Order::Plain
        });
    }
}

/// A token and what stands around it in its sentence.
#[derive(Clone, Copy)]
struct Place<'a> {
    raw: &'a str,
    tokens: &'a [Token],
    at: usize,
    lexicon: &'a Lexicon,
}

impl Place<'_> {
    /// The token so many places on, if it is in the same sentence.
    fn next(&self, places: usize) -> Option<&Token> {
        self.tokens.get(self.at + places).filter(|token| token.sentence == self.tokens[self.at].sentence)
    }

    fn before(&self) -> Option<&Token> {
        let token = &self.tokens[self.at.checked_sub(1)?];
        (token.sentence == self.tokens[self.at].sentence).then_some(token)
    }

    fn is(&self, places: usize, class: Class) -> bool {
        self.next(places).is_some_and(|token| token.classes.has(class))
    }

    fn follows(&self, classes: &[Class]) -> bool {
        self.before().is_some_and(|token| classes.iter().any(|class| token.classes.has(*class)))
    }

    fn starts(&self) -> bool {
        starts(self.tokens, self.at, Classes::from(self.lexicon.named.lead))
    }

    /// A comma stands before it.
    fn after_comma(&self) -> bool {
        self.before().is_some_and(|before| {
            let between = before.end as usize..self.tokens[self.at].start as usize;
            self.raw.get(between).is_some_and(|between| between.contains(','))
        })
    }

    /// "Who" or "which" says more of the word before it: "the people who sign", "and who pay" after that. `orders` are those of the
    /// tokens before.
    fn describes(&self, orders: &[Order]) -> bool {
        let lexicon = self.lexicon;
        if !self.is(0, lexicon.named.binds) || self.after_comma() {
            return false;
        }
        let sentence = self.tokens[self.at].sentence;
        let again = || {
            let earlier = self.tokens[..self.at].iter().zip(orders).rev();
            let mut here = earlier.take_while(|(token, _)| token.sentence == sentence);
            here.any(|(token, order)| {
                *order == Order::Embedded && token.classes.has(lexicon.named.question_word)
            })
        };
        self.before().is_some_and(|before| !before.classes.has(lexicon.named.lead) || again())
    }

    /// What a question word begins, and one past the auxiliary that it takes with it; `describes` as the function of that name says.
    fn question_word(&self, describes: bool) -> (Order, usize) {
        let lexicon = self.lexicon;
        let led = describes || self.follows(&[lexicon.named.leads_in, lexicon.named.be]);
        let bare = match (led, self.starts() || self.after_comma()) {
            (true, _) => Order::Embedded,
            (false, true) => Order::Fronted,
            (false, false) => Order::Inside,
        };
        if [lexicon.named.nominative, lexicon.named.pointer, lexicon.named.determiner]
            .iter()
            .any(|class| self.is(1, *class))
        {
            // "What you need is": the subject comes first.
            return (Order::Embedded, self.at + 1);
        }
        for places in 1..=LONGEST_QUESTION_PHRASE + 1 {
            if [lexicon.named.nominative, lexicon.named.question_word, lexicon.named.binds]
                .iter()
                .any(|class| self.is(places, *class))
            {
                break;
            }
            if !self.is(places, lexicon.named.auxiliary) {
                continue;
            }
            let subject = places + 1 + usize::from(self.is(places + 1, lexicon.named.negation));
            let short = self.is(subject, lexicon.named.pointer) || self.is(subject, lexicon.named.determiner);
            let does = self.is(places, lexicon.named.does) && self.next(subject).is_some();
            let asks = self.is(subject, lexicon.named.nominative)
                || !describes && does && short
                || (does || short) && !led;
            return (if asks { Order::Asking } else { bare }, self.at + places + 1);
        }
        (bare, self.at + 1)
    }

    /// The auxiliary may have this subject: "is you" is a start made again.
    fn agrees(&self, subject: usize) -> bool {
        let lexicon = self.lexicon;
        let singular = self.is(subject, lexicon.named.singular);
        if self.is(0, lexicon.named.singular) {
            singular
        } else {
            !self.is(0, lexicon.named.plural) || !singular || self.is(subject, lexicon.named.plural)
        }
    }

    /// "There" at the end is a place unless the sentence told of what there is: "there's a fee, isn't there".
    fn answers_nothing(&self, subject: usize) -> bool {
        let earlier = self.tokens[..self.at].iter().rev();
        let told = |token: &Token| token.classes.has(self.lexicon.named.existential);
        self.next(subject).is_some_and(told)
            && !earlier.take_while(|token| token.sentence == self.tokens[self.at].sentence).any(told)
    }

    /// The auxiliary before this one began the sentence and was given up: "did um do you".
    fn made_again(&self) -> bool {
        self.at.checked_sub(1).is_some_and(|at| Place { at, ..*self }.starts())
    }

    /// The word may be a noun. After a form of "be" it may as well be what something is: "was really nice", "is going".
    fn names(&self, token: &Token, be: bool) -> bool {
        let lexicon = self.lexicon;
        if token.classes.has(lexicon.named.plain) {
            return false;
        }
        let word = self.raw.get(token.start as usize..token.end as usize).unwrap_or_default();
        let described = ["ing", "ed", "ly", "ful", "able", "ous", "ive"]
            .iter()
            .any(|ending| word.ends_with(ending))
            || [lexicon.named.quality, lexicon.named.feeling].iter().any(|class| token.classes.has(*class));
        !be || !described
    }

    /// What an auxiliary begins that belongs to no question word.
    fn auxiliary(&self) -> Order {
        let lexicon = self.lexicon;
        let negated = self.is(1, lexicon.named.negation);
        let subject = 1 + usize::from(negated);
        let [nominative, pointer] =
            [lexicon.named.nominative, lexicon.named.pointer].map(|class| self.is(subject, class));
        let [you, own, _] = lexicon.named.persons;
        let [does, has, be] =
            [lexicon.named.does, lexicon.named.has, lexicon.named.be].map(|class| self.is(0, class));
        // "I do", "to do that", "than do you": what comes before has the auxiliary already; but "ask you would you" begins again.
        let again = !negated && self.is(subject, you) && self.follows(&[you]);
        let bound = !again
            && (self.follows(&[lexicon.named.nominative, lexicon.named.negation, lexicon.named.binds])
                || self.follows(&[lexicon.named.auxiliary]) && !self.made_again()
                || (be || pointer) && self.follows(&[lexicon.named.pointer]));
        let starts = self.starts();
        let more = self.next(subject + 1).is_some();
        if (nominative || pointer) && !more && !starts {
            return if bound || self.answers_nothing(subject) { Order::Plain } else { Order::Tag };
        }
        let asks = if nominative {
            !bound
                && self.agrees(subject)
                && (starts || self.is(subject, you) || !has && !self.is(subject, own))
        } else if pointer {
            // "Have it" is an order, and so is "do that"; "the point is that" is none, but "doesn't that" is.
            let here = starts && !has && (!does || more);
            let inside = more && (negated || !has && !be && !self.is(0, lexicon.named.orders));
            !bound && self.agrees(subject) && (here || inside)
        } else if !starts || bound || negated {
            false
        } else if self.is(subject, lexicon.named.determiner) {
            // "Was a nice day", "have a seat", "do the dishes": the subject was left out; but "do people" asks.
            !self.is(subject, lexicon.named.article)
                && (!self.is(0, lexicon.named.orders)
                    || self.is(subject, you)
                    || self.is(subject, lexicon.named.indefinite))
        } else {
            // "Does Dallas have one"; but "was really nice" and "have fun".
            self.next(subject).is_some_and(|token| self.names(token, be))
                && more
                && !has
                && !self.is(0, lexicon.named.orders)
        };
        if asks { Order::YesNo } else { Order::Plain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cues::tokens::Text;

    /// What every word of `raw` begins that begins something.
    fn orders(raw: &str) -> Vec<(String, Order)> {
        let lexicon = Lexicon::english().unwrap();
        let mut text = Text::default();
        text.read(raw, &lexicon);
        text.read_orders(raw, &lexicon);
        let found = text.tokens.iter().zip(&text.orders).filter(|(_, order)| **order != Order::Plain);
        found.map(|(token, order)| (lexicon.spelling(token, raw).to_owned(), *order)).collect()
    }

    #[test]
    fn questions_are_known_without_a_question_mark() {
        for (raw, word, order) in [
            ("do you use it every day", "do", Order::YesNo),
            ("so does dallas have a recycling program yet", "does", Order::YesNo),
            ("okay and do you know where to apply", "do", Order::YesNo),
            ("uh did um do you have a recipe", "do", Order::YesNo),
            ("i would like to ask you would you be willing to try", "would", Order::YesNo),
            ("behavior like this could get you suspended doesn't that concern you", "does", Order::YesNo),
            ("is the report accurate", "is", Order::YesNo),
            ("is traction much of an issue up there", "is", Order::YesNo),
            ("that's hard isn't it", "is", Order::Tag),
            ("well what would it take for you to sign", "what", Order::Asking),
            ("how many of your people are there on a saturday", "how", Order::Asking),
            ("you know why do the drivers leave", "why", Order::Asking),
            ("so what happened then", "what", Order::Fronted),
            ("what's different this time", "what", Order::Fronted),
            ("in the house what is going on", "what", Order::Inside),
            ("Before we begin, what would success look like", "what", Order::Fronted),
            ("okay and who signs in the end", "who", Order::Fronted),
            ("there is a setup fee isn't there", "is", Order::Tag),
        ] {
            assert!(orders(raw).contains(&(word.to_owned(), order)), "{raw}: {:?}", orders(raw));
        }
    }

    #[test]
    fn the_same_words_in_another_order_ask_nothing() {
        for raw in [
            "i don't i don't know them",
            "we've we had the dog first",
            "the nice thing about the bicycle is you just sit",
            "it would be better to do that first",
            "was a nice day",
            "have a good weekend",
            "do the dishes before you go",
            "they can see that it was hard",
            "it was i thought it was too much",
            "two engineers who worked there and who were fed up",
            "the people who only need a report do not pay",
            "they said no because the numbers weren't there",
        ] {
            let asks = |(_, order): &(String, Order)| {
                matches!(order, Order::YesNo | Order::Tag | Order::Asking | Order::Fronted)
            };
            assert!(!orders(raw).iter().any(asks), "{raw}: {:?}", orders(raw));
        }
        for raw in
            ["what you need is a plan", "i know why they left", "that is what happened", "see how it goes"]
        {
            let embedded = |(_, order): &(String, Order)| *order == Order::Embedded;
            assert!(orders(raw).iter().all(embedded), "{raw}: {:?}", orders(raw));
        }
    }
}
