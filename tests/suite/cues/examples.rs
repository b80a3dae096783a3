//! One sentence for each kind: it is found, as written and without punctuation, and it is no other kind.

use heard::cues::{CueKind, Reader};
use heard::units::Party;

use super::{kinds, plain};

/// Who says it, what the other said before, the sentence, and the kinds that it may be beside its own.
type Example = (Party, &'static str, &'static str, &'static [CueKind]);

/// A kind without an example does not compile.
fn example(kind: CueKind) -> Example {
    use CueKind::*;
    use Party::*;
    match kind {
        OpenQuestion => (Rep, "", "What worries you most about the move?", &[]),
        ClosedQuestion => (Rep, "", "Do you have a contract with somebody else?", &[]),
        FollowUp => (
            Rep,
            "The warehouse in Lille is the difficult one.",
            "What makes the warehouse so difficult?",
            &[OpenQuestion],
        ),
        Paraphrase => (
            Rep,
            "Every Monday my people start with a list that is wrong.",
            "So if I understand you right, the list your people start with on Mondays is wrong.",
            &[],
        ),
        Validation => (
            Rep,
            "We lost the whole weekend.",
            "I can understand why you're upset about the delay.",
            &[Paraphrase],
        ),
        Acknowledgement => (Rep, "It has to be there by May.", "I see.", &[]),
        Dismissive => {
            (Rep, "The pages load slowly.", "You're overreacting, it's not a big deal.", &[UsVsThem])
        }
        Partnership => (Rep, "", "Let's work out a plan together.", &[]),
        SharedGoal => (Rep, "", "We both want the opening to go well.", &[Partnership]),
        UsVsThem => (Rep, "", "That's your problem, not ours.", &[Dismissive]),
        Rapport => (Rep, "", "Good morning, how was your weekend?", &[OpenQuestion]),
        Trade => (Rep, "", "If you sign for two years, we can drop the setup fee.", &[]),
        Concession => (Rep, "", "We normally charge for that, but I'll waive it for you.", &[Promise]),
        Stalemate => (Client, "", "That's our final offer, we can't go any lower.", &[Concern]),
        OwnMistake => (Rep, "", "That was our mistake, we sent you the wrong file.", &[]),
        Promise => (Rep, "", "I'll send you the draft by Friday.", &[]),
        Concern => (Client, "", "We're really worried about the delays.", &[]),
    }
}

#[test]
fn every_kind_is_found_by_its_example_and_by_no_other() {
    let mut reader = Reader::english().unwrap();
    for kind in CueKind::ALL {
        let (party, before, text, beside) = example(kind);
        for text in [text.to_owned(), plain(text)] {
            let found = kinds(&mut reader, party, before, &text);
            assert!(found.contains(&kind), "{kind:?} not found in {text:?}: {found:?}");
            let others: Vec<_> =
                found.iter().filter(|other| **other != kind && !beside.contains(other)).collect();
            assert!(others.is_empty(), "{text:?} is {kind:?}, and was taken for {others:?} too");
        }
    }
}

/// What the definitions say a kind is not.
#[test]
fn near_misses_stay_silent() {
    use CueKind::*;
    use Party::*;
    let mut reader = Reader::english().unwrap();
    for (party, before, text, not) in [
        (Rep, "", "I see two problems with that.", Acknowledgement),
        (Rep, "Is the report ready?", "Yes.", Acknowledgement),
        (Rep, "We lost the weekend.", "I understand, but rules are rules.", Validation),
        (Rep, "", "It's no trouble at all.", Dismissive),
        (Rep, "", "We charge five percent for that.", Partnership),
        (Rep, "", "Sorry, go ahead.", OwnMistake),
        (Rep, "", "I'll be honest with you.", Promise),
        (Rep, "", "Will you call me back tomorrow?", Promise),
        (Rep, "", "The small package is forty a month.", Concession),
        (Rep, "", "If you have any questions, just call me.", Trade),
        (Rep, "", "If you extend the term to two years, I can take ten percent off.", Concession),
        (Client, "", "Our budget is forty thousand.", Concern),
        (Client, "", "Our budget is forty thousand.", Stalemate),
        (Rep, "", "We're really worried about the delays.", Concern),
        (Rep, "The warehouse in Lille is difficult.", "How many people work for you?", FollowUp),
        (Rep, "", "So what we do is we import your data first.", OpenQuestion),
        (Rep, "", "I don't know how they do it.", OpenQuestion),
        (Rep, "", "How many seats do you need?", OpenQuestion),
        (Rep, "It was raining all day.", "Right.", ClosedQuestion),
    ] {
        for text in [text.to_owned(), plain(text)] {
            let found = kinds(&mut reader, party, before, &text);
            assert!(!found.contains(&not), "{text:?} was taken for {not:?}");
        }
    }
}

/// A recogniser writes no question marks.
#[test]
fn what_one_would_like_to_know_is_asked_in_other_words_too() {
    use CueKind::*;
    let mut reader = Reader::english().unwrap();
    for (text, kind) in [
        ("i don't know if you've seen the new forms", ClosedQuestion),
        ("i'm not sure whether you use forklifts", ClosedQuestion),
        ("well i was wondering if you had an hour on monday", ClosedQuestion),
        ("so you mean the second warehouse", ClosedQuestion),
        ("i guess your drivers load it themselves", ClosedQuestion),
        ("any pallets left over", ClosedQuestion),
        ("so do people come over from the other site", ClosedQuestion),
        ("you do it by hand or what", ClosedQuestion),
        ("how deep", ClosedQuestion),
        ("anything else", OpenQuestion),
        ("so what feels like the right order to you", OpenQuestion),
        ("and a good week would be what", OpenQuestion),
    ] {
        let found = kinds(&mut reader, Party::Rep, "", text);
        assert!(found.contains(&kind), "{text}: {found:?}");
    }
    for text in [
        "i don't know if it will rain",
        "let's see what else we have here",
        "let us know if you're coming",
        "any time",
        "you mean a lot to us",
        "i guess you could say so",
        "the people who load it come from the other site",
        "that's what it feels like",
    ] {
        let found = kinds(&mut reader, Party::Rep, "", text);
        assert!(!found.contains(&OpenQuestion) && !found.contains(&ClosedQuestion), "{text}: {found:?}");
    }
}
