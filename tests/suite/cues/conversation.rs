//! Whole conversations: the ledger, promises with dates, the preparation, and positions said again.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use heard::cues::conversation::Conversation;
use heard::cues::preparation::{GiveAndGet, Preparation};
use heard::cues::{CueKind, Event, Reader};
use heard::speech::{Source, Utterance};
use heard::units::{AudioTime, Party, Span, Stretch};
use jiff::civil::date;

fn prepared() -> Preparation {
    Preparation {
        shared_goal: Some("We both want dates that hold".to_owned()),
        questions: vec!["What would success look like next year?".to_owned(), "Who else decides?".to_owned()],
        trades: vec![GiveAndGet {
            give: "waive the setup fee".to_owned(),
            get: "sign for two years".to_owned(),
        }],
    }
}

/// Every line takes two seconds and leaves one after it: "rep: …" or "client: …".
fn listen(script: &str) -> (Conversation, Vec<Event>) {
    let mut conversation =
        Conversation::new(Reader::english().expect("our own tables"), Some(date(2026, 11, 25)), &prepared());
    let mut events = Vec::new();
    let mut start = AudioTime::ZERO;
    for line in script.trim().lines() {
        let (who, text) = line.trim().split_once(": ").expect("a party and a text");
        let party = if who == "rep" { Party::Rep } else { Party::Client };
        let stretch = Stretch::new(start, start + Span::from_secs(2));
        let utterance = Utterance {
            party,
            stretch,
            text: text.to_owned(),
            words: Vec::new(),
            confidence: 1.0,
            source: Source::Transcript,
        };
        conversation.push(&utterance, &mut events);
        start += Span::from_secs(3);
    }
    conversation.finish(start, &mut events);
    (conversation, events)
}

/// Ledger, promises and what was ticked off, a line each.
fn check(script: &str, expected: Expect) {
    let (conversation, events) = listen(script);
    let mut told = String::new();
    for entry in conversation.ledger().entries() {
        let answer = entry.answer.map_or("open".to_owned(), |answer| format!("{answer:?}").to_lowercase());
        let latency =
            entry.latency.map_or(String::new(), |latency| format!(" after {:.1} s", latency.as_secs_f64()));
        let _ = writeln!(told, "{answer}{latency}: {}", entry.concern);
    }
    for promise in conversation.promises() {
        let due = promise.due.map_or("no date".to_owned(), |due| due.to_string());
        let _ = writeln!(told, "{} promises for {due}: {}", promise.party, promise.text);
    }
    for event in events {
        if let Event::Ticked { item, .. } = event {
            let _ = writeln!(told, "said: {item:?}");
        }
    }
    expected.assert_eq(&told);
}

#[test]
fn each_concern_gets_the_answer_of_the_next_turn() {
    check(
        "
        client: We're really frustrated with the delays.
        rep: mm-hm
        rep: I can see why you're frustrated about the delays.
        client: And honestly, it's too expensive.
        rep: What would be a fair price in your eyes?
        client: I'm worried that nobody picks up the phone.
        rep: So our office is in Leeds.
        client: My biggest concern is the data.
        rep: Come on, you're overreacting.
        client: We're still concerned about the date.
        ",
        expect![[r#"
            validated after 4.0 s: We're really frustrated with the delays.
            asked after 1.0 s: And honestly, it's too expensive.
            ignored after 1.0 s: I'm worried that nobody picks up the phone.
            dismissed after 1.0 s: My biggest concern is the data.
            open: We're still concerned about the date.
        "#]],
    );
}

#[test]
fn promises_are_kept_with_their_dates() {
    check(
        "
        rep: I'll send you the contract by Friday.
        client: I'll talk to my boss and get back to you next week.
        rep: I'll be honest, it was a hard year.
        rep: I'll check with our engineers and call you.
        ",
        expect![[r#"
            rep promises for 2026-11-27: I'll send you the contract by Friday.
            client promises for 2026-12-04: I'll talk to my boss and get back to you next week.
            rep promises for no date: I'll check with our engineers and call you.
        "#]],
    );
}

#[test]
fn what_was_prepared_is_ticked_off_as_it_is_said() {
    check(
        "
        rep: We both want a date that holds.
        client: Yes.
        rep: And what does a successful year look like to you?
        client: Fewer surprises.
        rep: If you signed for two years, I could waive the fee for the setup.
        ",
        expect![[r#"
            said: SharedGoal
            said: Question(0)
            said: Trade(0)
        "#]],
    );
}

#[test]
fn a_position_said_again_is_a_stalemate_but_a_figure_is_not() {
    let stalemates = |script: &str| {
        let (conversation, _) = listen(script);
        conversation
            .cues()
            .iter()
            .filter(|cue| cue.kind == CueKind::Stalemate)
            .map(|cue| cue.why.clone())
            .collect::<Vec<_>>()
    };
    let again = stalemates(
        "
        client: Our limit is forty thousand for the first year.
        rep: The package is fifty.
        client: Forty thousand for the first year is the limit.
        ",
    );
    assert_eq!(again, ["said before, at 0:00"]);
    let figures = stalemates(
        "
        client: Our budget is forty thousand.
        rep: The package is fifty.
        client: What does the small one cost?
        ",
    );
    assert_eq!(figures, Vec::<String>::new());
}

#[test]
fn a_sign_of_listening_does_not_end_a_turn_but_an_answer_does() {
    let (conversation, _) = listen(
        "
        client: The warehouse in Lille always starts late.
        rep: right
        client: And nobody tells us.
        rep: What makes the warehouse start late?
        ",
    );
    let last = conversation.cues().iter().filter(|cue| cue.kind == CueKind::FollowUp).count();
    assert_eq!(last, 1, "the question takes up the turn's beginning");
}

/// Whether the rep's last line of a script has a cue.
fn has(script: &str, kind: CueKind) -> bool {
    let (conversation, _) = listen(script);
    let last = script.trim().lines().count() - 1;
    let at = AudioTime::ZERO + Span::from_secs(3 * last as u64);
    conversation.cues().iter().any(|cue| cue.at >= at && cue.party == Party::Rep && cue.kind == kind)
}

#[test]
fn a_question_in_the_greeting_is_small_talk() {
    let question = "Hi Sandra, it's good to see you again. How was the trip to the lake?";
    assert!(!has(&format!("rep: {question}"), CueKind::OpenQuestion));
    let later = format!("client: Hello.\nrep: Good morning.\nclient: So, let's begin.\nrep: {question}");
    assert!(has(&later, CueKind::OpenQuestion));
}

#[test]
fn a_sentence_that_asks_nothing_is_no_question_for_what_stands_beside_it() {
    let call = |line: &str| format!("client: Go on.\nrep: Good.\nclient: Yes.\nrep: {line}");
    for line in [
        "Okay. Then let's look at that, because paying for fourteen people who only need a report doesn't make sense.",
        "I'll get to everything, don't worry. So, we were founded by two engineers who worked in freight and who were fed up.",
        "I've seen cases where they said no, because the numbers weren't there.",
    ] {
        assert!(!has(&call(line), CueKind::ClosedQuestion), "{line}");
    }
    let told = "So on Tuesday you have to stand in front of the board and explain it.";
    assert!(!has(&call(told), CueKind::OpenQuestion), "{told}");
    let asked = "Before I show you anything, what would success look like for you in the next year?";
    assert!(has(&call(asked), CueKind::OpenQuestion), "{asked}");
}

#[test]
fn brushing_something_aside_is_no_standstill() {
    let script = "client: And who pays for the extra day of the installers?\n\
                  rep: Come on, that's really a separate topic, don't mix it up now.";
    assert!(has(script, CueKind::Dismissive) && !has(script, CueKind::Stalemate));
}

#[test]
fn the_record_has_the_names_that_others_read() {
    let (conversation, _) = listen(
        "
        client: We're really worried about the date.
        rep: I'll send you a plan by Friday.
        ",
    );
    let record = serde_json::to_value(conversation.record()).unwrap();
    assert_eq!(record["cues"][0]["kind"], "concern");
    assert_eq!(record["cues"][0]["party"], "client");
    assert_eq!(record["ledger"][0]["answer"], "ignored");
    assert_eq!(record["ledger"][0]["latency_s"], 1.0);
    assert_eq!(record["promises"][0]["due"], "2026-11-27");
    assert_eq!(record["balance"][0]["rep"]["you"], 1);
}
