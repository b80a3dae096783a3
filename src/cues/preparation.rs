//! What the rep prepared, ticked off as it is said: in other words too, as long as what carries the meaning is there.

use super::CueKind;
use super::context::is_content;
use super::lexicon::Lexicon;
use super::tokens::{Text, Token};

/// Most questions that can be prepared.
pub const MOST_QUESTIONS: usize = 5;
/// Share of an item's content words that must be said, in one utterance and the same speaker's one before.
const SAID: f64 = 0.6;
/// A question may be put in fewer of its words, if it is a question.
const ASKED: f64 = 0.5;
/// Without a question's form nearly all of it must be there.
const UNASKED: f64 = 0.9;

/// So many words of a shared goal are the goal; with fewer it must also be said as one that both sides share.
const ALONE: usize = 3;

/// Words of an item lie this close together, or they were said about something else: two sentences' length.
const TOGETHER: usize = 20;

/// What was prepared before a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preparation {
    /// The goal that both sides share, as one sentence.
    pub shared_goal: Option<String>,
    /// Up to [`MOST_QUESTIONS`].
    pub questions: Vec<String>,
    /// What can be given, and what is asked for it.
    pub trades: Vec<GiveAndGet>,
}

impl Preparation {
    /// Everything in it, in order, as one line each.
    pub fn items(&self) -> Vec<(Item, String)> {
        let goal = self.shared_goal.iter().map(|goal| (Item::SharedGoal, goal.clone()));
        let questions = self.questions.iter().enumerate();
        let questions = questions.map(|(n, question)| (Item::Question(n), question.clone()));
        let trades = self.trades.iter().enumerate();
        let trades = trades.map(|(n, trade)| (Item::Trade(n), format!("{} for {}", trade.give, trade.get)));
        goal.chain(questions).chain(trades).collect()
    }
}

/// One give-and-take.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveAndGet {
    pub give: String,
    pub get: String,
}

/// One thing that was prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    SharedGoal,
    /// Index of the question.
    Question(usize),
    /// Index of the pair; ticked off when both halves were said.
    Trade(usize),
}

impl Item {
    /// The name of its kind in records.
    pub fn name(self) -> &'static str {
        match self {
            Item::SharedGoal => "shared_goal",
            Item::Question(_) => "question",
            Item::Trade(_) => "trade",
        }
    }

    /// Which of its kind, from 0.
    pub fn index(self) -> usize {
        match self {
            Item::SharedGoal => 0,
            Item::Question(index) | Item::Trade(index) => index,
        }
    }
}

/// The items of a preparation, and which of them were said.
#[derive(Clone, Debug, Default)]
pub struct Checklist {
    items: Vec<(Item, Vec<Wanted>)>,
    said: Vec<Item>,
    /// The last words of the rep's utterance before this one.
    before: Vec<Option<u64>>,
}

/// One half of a trade, or the whole of anything else.
#[derive(Clone, Debug)]
struct Wanted {
    senses: Vec<u64>,
    heard: bool,
}

impl Checklist {
    pub fn new(preparation: &Preparation, lexicon: &Lexicon) -> Checklist {
        let mut items = Vec::new();
        let mut add = |item: Item, sentences: &[&str]| {
            let wanted: Vec<Wanted> = sentences
                .iter()
                .map(|sentence| Wanted { senses: senses(sentence, lexicon), heard: false })
                .collect();
            // A sentence without a word of content can never be told from others.
            if wanted.iter().all(|wanted| !wanted.senses.is_empty()) {
                items.push((item, wanted));
            }
        };
        if let Some(goal) = &preparation.shared_goal {
            add(Item::SharedGoal, &[goal]);
        }
        for (index, question) in preparation.questions.iter().take(MOST_QUESTIONS).enumerate() {
            add(Item::Question(index), &[question]);
        }
        for (index, trade) in preparation.trades.iter().enumerate() {
            add(Item::Trade(index), &[&trade.give, &trade.get]);
        }
        Checklist { items, said: Vec::new(), before: Vec::new() }
    }

    /// The rep said something, with these cues in it: what it ticks off.
    pub fn hear(&mut self, text: &str, kinds: &[CueKind], lexicon: &Lexicon) -> Vec<Item> {
        let mut words = std::mem::take(&mut self.before);
        let fresh = words.len();
        words.extend(senses_in_order(text, lexicon));
        let asks = kinds.contains(&CueKind::OpenQuestion) || kinds.contains(&CueKind::ClosedQuestion);
        let joint = kinds.contains(&CueKind::SharedGoal) || kinds.contains(&CueKind::Partnership);
        let mut ticked = Vec::new();
        for (item, wanted) in &mut self.items {
            if self.said.contains(item) {
                continue;
            }
            let needed = match (&item, asks) {
                (Item::Question(_), true) => ASKED,
                (Item::Question(_), false) => UNASKED,
                _ => SAID,
            };
            for half in wanted.iter_mut().filter(|half| !half.heard) {
                let heard = most_together(&half.senses, &words, fresh);
                let enough = heard as f64 >= needed * half.senses.len() as f64;
                half.heard = enough && (*item != Item::SharedGoal || joint || heard >= ALONE);
            }
            if wanted.iter().all(|half| half.heard) {
                ticked.push(*item);
            }
        }
        self.said.extend(&ticked);
        words.drain(..words.len().saturating_sub(TOGETHER));
        self.before = words;
        ticked
    }

    pub fn is_said(&self, item: Item) -> bool {
        self.said.contains(&item)
    }

    /// The first prepared question that was not asked yet.
    pub fn next_question(&self) -> Option<usize> {
        self.items.iter().find_map(|(item, _)| match item {
            Item::Question(index) if !self.said.contains(item) => Some(*index),
            _ => None,
        })
    }
}

/// How many of the wanted senses occur close together, counting what ends in the new words, from `fresh` on: the utterance
/// before alone was not enough.
fn most_together(wanted: &[u64], words: &[Option<u64>], fresh: usize) -> usize {
    (fresh..words.len())
        .map(|last| {
            let near = &words[(last + 1).saturating_sub(TOGETHER)..=last];
            let said = |sense: &&u64| near.contains(&Some(**sense));
            if words[last].is_some_and(|sense| wanted.contains(&sense)) {
                wanted.iter().filter(said).count()
            } else {
                0
            }
        })
        .max()
        .unwrap_or(0)
}

/// What each word of a text stands for; `None` for words without content.
fn senses_in_order(text: &str, lexicon: &Lexicon) -> Vec<Option<u64>> {
    let mut parts = Text::default();
    parts.read(text, lexicon);
    let sense = |token: &Token| is_content(token, lexicon).then(|| lexicon.sense(token.stem));
    parts.tokens.iter().map(sense).collect()
}

/// What the content words of a text stand for, each once.
fn senses(text: &str, lexicon: &Lexicon) -> Vec<u64> {
    let mut senses: Vec<u64> = senses_in_order(text, lexicon).into_iter().flatten().collect();
    senses.sort_unstable();
    senses.dedup();
    senses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared() -> Preparation {
        Preparation {
            shared_goal: Some("We both want a launch date your team can trust".to_owned()),
            questions: vec![
                "What would success look like next year?".to_owned(),
                "Who decides on the budget?".to_owned(),
            ],
            trades: vec![GiveAndGet {
                give: "ten percent discount".to_owned(),
                get: "two year contract".to_owned(),
            }],
        }
    }

    #[test]
    fn items_are_ticked_off_in_other_words_too() {
        let lexicon = Lexicon::english().unwrap();
        let ask = [CueKind::OpenQuestion];
        for (said, kinds, expected) in [
            ("what does a successful year look like for you", &ask[..], Some(Item::Question(0))),
            ("and who makes the decision about the budget", &ask[..], Some(Item::Question(1))),
            ("so we both want a date for the launch that people can trust", &[][..], Some(Item::SharedGoal)),
            ("a ten percent reduction if you go for a two year agreement", &[][..], Some(Item::Trade(0))),
            ("last year was a success", &[][..], None),
            ("our discount is ten percent for everybody", &[][..], None),
            ("the budget is tight", &[][..], None),
            ("", &[][..], None),
        ] {
            let mut list = Checklist::new(&prepared(), &lexicon);
            assert_eq!(list.hear(said, kinds, &lexicon).first().copied(), expected, "{said}");
        }
    }

    #[test]
    fn words_far_apart_were_said_about_something_else() {
        let lexicon = Lexicon::english().unwrap();
        let goal = Some("We both want your vans out on time".to_owned());
        let mut list = Checklist::new(&Preparation { shared_goal: goal, ..Preparation::default() }, &lexicon);
        let far = "It loads in half the time, you can zoom from a month down to a single hour, and when a job runs over, \
                   everything behind it slides along. Then there's route matching: it knows where every van is.";
        assert_eq!(list.hear(far, &[], &lexicon), []);
        let joint = [CueKind::SharedGoal];
        assert_eq!(list.hear("We both want your vans out on time.", &joint, &lexicon), [Item::SharedGoal]);
    }

    #[test]
    fn an_item_may_take_two_utterances_and_is_ticked_off_once() {
        let lexicon = Lexicon::english().unwrap();
        let mut list = Checklist::new(&prepared(), &lexicon);
        assert_eq!(list.next_question(), Some(0));
        assert_eq!(list.hear("if I could do ten percent off as a discount", &[], &lexicon), []);
        assert_eq!(list.hear("would two years as the contract be possible", &[], &lexicon), [Item::Trade(0)]);
        assert_eq!(list.hear("ten percent discount for a two year contract", &[], &lexicon), []);
        assert!(list.is_said(Item::Trade(0)));
    }

    #[test]
    fn a_question_without_content_is_never_ticked_off() {
        let lexicon = Lexicon::english().unwrap();
        let empty = Preparation { questions: vec!["what is it".to_owned()], ..Preparation::default() };
        let mut list = Checklist::new(&empty, &lexicon);
        assert_eq!(list.hear("what is it", &[CueKind::OpenQuestion], &lexicon), []);
    }
}
