//! What the two articles teach, each of their examples in other words: as written, and as a recogniser gives it.

use heard::cues::{CueKind, Reader};
use heard::units::Party;

use super::{kinds, plain};

use CueKind::*;

const TAUGHT: [(&str, &[CueKind]); 34] = [
    ("We both want the rollout to succeed, so let's find a solution together.", &[SharedGoal, Partnership]),
    ("I need your people to give me two more weeks.", &[UsVsThem]),
    ("Let me show how that helps both of us.", &[SharedGoal]),
    ("We both want a calm go-live, so how can we get there together?", &[SharedGoal, OpenQuestion]),
    ("What would success look like for your team by summer?", &[OpenQuestion]),
    ("What concerns do you have about our draft?", &[OpenQuestion]),
    ("Can you help me understand your worry about the contract?", &[OpenQuestion]),
    ("Why is that date so important for you?", &[OpenQuestion]),
    ("So if I'm hearing you right, what worries you is the risk of an outage, is that right?", &[Paraphrase]),
    ("I can understand why keeping that date matters so much to you.", &[Validation]),
    ("It sounds like you felt our first proposal ignored what you had told us.", &[Validation]),
    ("Calm down, you're exaggerating.", &[Dismissive]),
    ("Oh, I see.", &[Acknowledgement]),
    ("I understand.", &[Acknowledgement]),
    ("Okay, that makes sense.", &[Acknowledgement]),
    (
        "If I hear you correctly, you're upset that the parts came late and it held up your line, right?",
        &[Paraphrase],
    ),
    ("I can see why you're annoyed about the wait, it put you in a difficult position.", &[Validation]),
    ("It sounds like you felt left out, and I understand why that hurt.", &[Validation]),
    ("That's really no big deal.", &[Dismissive]),
    ("You're overreacting a bit.", &[Dismissive]),
    ("What would help you move on from here?", &[OpenQuestion]),
    ("Let's figure out how to keep this from happening again.", &[Partnership]),
    ("I understand that this is really important to you because you gave your word.", &[Validation]),
    ("How was your holiday?", &[Rapport]),
    ("It sounds like certainty is really important to you.", &[Paraphrase]),
    ("Let's find a way together.", &[Partnership]),
    ("Can you tell me more about what matters to you?", &[OpenQuestion]),
    ("What challenges do you face with the tool you have now?", &[OpenQuestion]),
    ("Just to make sure I've got this right, what you need most is fewer outages, correct?", &[Paraphrase]),
    ("I understand why that week is critical for you, given the audit.", &[Validation]),
    ("If we lower the fee by five percent, would you be open to adding a year to the contract?", &[Trade]),
    (
        "We don't usually include training in this package, but we'll add it for you as a courtesy.",
        &[Concession],
    ),
    ("How is everything going with the new office?", &[Rapport]),
    (
        "I realize we missed the mark on the training, I'm sorry. Let's work together to fix it.",
        &[OwnMistake, Partnership],
    ),
];

#[test]
fn what_the_articles_teach_is_found() {
    let mut reader = Reader::english().unwrap();
    for (text, expected) in TAUGHT {
        for text in [text.to_owned(), plain(text)] {
            let found = kinds(&mut reader, Party::Rep, "", &text);
            for kind in expected {
                assert!(found.contains(kind), "{kind:?} not found in {text:?}: {found:?}");
            }
        }
    }
}
