//! Transcripts as platforms write them, invented line by line, with what must come of each; and texts that nobody writes.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// One line each: `start-end speaker: text`, then what was noted.
fn told(text: &str) -> String {
    let Ok(transcript) = parse(text) else { return "nothing\n".to_owned() };
    let mut out = String::new();
    for line in &transcript.lines {
        let (start, end) = (line.stretch.start.as_secs_f64(), line.stretch.end.as_secs_f64());
        let speaker = line.speaker.clone().or(line.party.map(|party| format!("<{party}>")));
        out += &format!("{start:.2}-{end:.2} {}: {}\n", speaker.unwrap_or_else(|| "?".into()), line.text);
    }
    let Notes { skipped, clock, estimated } = transcript.notes;
    for (noted, word) in [
        (skipped > 0, format!("{skipped} skipped")),
        (clock, "clock".into()),
        (estimated, "estimated".into()),
    ] {
        if noted {
            out += &format!("({word})\n");
        }
    }
    out
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&told(text));
    let other_line_ends = text.replace('\n', "\r\n");
    assert_eq!(told(text), told(&other_line_ends), "line ends of another system");
    assert_eq!(told(text), told(&format!("\u{feff}{text}")), "a byte order mark");
}

#[test]
fn webvtt_with_voices_settings_notes_and_styles() {
    check(
        "WEBVTT - Weekly\nKind: captions\n\nSTYLE\n::cue { color: lime }\n\nNOTE\nwritten --> by hand? no: a comment\n\nintro\n00:01.000 --> 00:03.500 align:start position:10%\n<v.loud Ann Lee>Good <i>morning</i>,\nBob &amp; all.</v>\n\n00:00:03.000 --> 00:00:05.000\n<v Bob>Hi!</v> <v Ann Lee>Shall we?</v>\n\n00:06.000 --> 00:07.000\n[Music]\n",
        expect![[r#"
            1.00-3.50 Ann Lee: Good morning, Bob & all.
            3.00-3.50 Bob: Hi!
            3.50-5.00 Ann Lee: Shall we?
            (1 skipped)
            (estimated)
        "#]],
    );
}

#[test]
fn srt_with_commas_numbers_and_dashes() {
    check(
        "1\n00:00:01,000 --> 00:00:02,000\nHow are you?\n2\n00:00:02,500 --> 00:00:04,500\n- Fine, thanks.\n- Good.\n\n3\n00:00:05,000 --> 00:00:05,000\n{\\an8}One two three\n",
        expect![[r#"
            1.00-2.00 ?: How are you?
            2.50-3.94 ?: Fine, thanks.
            3.94-4.50 ?: Good.
            5.00-6.20 ?: One two three
            (estimated)
        "#]],
    );
}

#[test]
fn zoom_webvtt_names_before_a_colon() {
    check(
        "WEBVTT\n\n1\n00:00:16.239 --> 00:00:27.079\nAnn Lee: So the plan is this: we wait.\n\n2\n00:00:27.079 --> 00:00:29.000\nand see.\n\n3\n00:00:30.000 --> 00:00:31.000\nBob (Acme): Sure\n",
        expect![[r#"
            16.24-27.08 Ann Lee: So the plan is this: we wait.
            27.08-29.00 ?: and see.
            30.00-31.00 Bob (Acme): Sure
        "#]],
    );
}

#[test]
fn a_colon_in_a_sentence_makes_no_speaker() {
    check(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nI said it\n\n00:02.000 --> 00:03.000\nRemember: no\n\n00:03.000 --> 00:04.000\nand again\n",
        expect![[r#"
            1.00-2.00 ?: I said it
            2.00-3.00 ?: Remember: no
            3.00-4.00 ?: and again
        "#]],
    );
}

#[test]
fn teams_webvtt_and_its_older_form_with_names_on_their_own_lines() {
    check(
        "WEBVTT\n\n4e1d0c3a-0000/12-0\n00:00:03.120 --> 00:00:05.870\n<v Lee, Ann>Can everybody hear me?</v>\n\n4e1d0c3a-0000/14-0\n00:00:06.000 --> 00:00:06.800\n<v Bob Ray>Yes.</v>\n",
        expect![[r#"
            3.12-5.87 Lee, Ann: Can everybody hear me?
            6.00-6.80 Bob Ray: Yes.
        "#]],
    );
    check(
        "0:0:0.0 --> 0:0:2.520\nAnn Lee\nGood morning.\n\n0:0:3.0 --> 0:0:4.5\nBob Ray\nMorning.\n\n0:0:5.0 --> 0:0:7.0\nAnn Lee\nLet's begin\nthen.\n\n0:0:8.0 --> 0:0:9.0\nBob Ray\nYes.\n",
        expect![[r#"
            0.00-2.52 Ann Lee: Good morning.
            3.00-4.50 Bob Ray: Morning.
            5.00-7.00 Ann Lee: Let's begin then.
            8.00-9.00 Bob Ray: Yes.
        "#]],
    );
}

#[test]
fn teams_text_has_the_time_after_the_name() {
    check(
        "Weekly\n24 November 2026, 10:00am\n\nAnn Lee   0:03\nGood morning.\nHow are you: well?\n\nBob Ray   0:07\nFine.\n",
        expect![[r#"
            3.00-5.40 Ann Lee: Good morning. How are you: well?
            7.00-7.40 Bob Ray: Fine.
            (estimated)
        "#]],
    );
}

#[test]
fn zoom_text_has_the_clock_on_the_wall() {
    check(
        "[Ann Lee] 10:01:23\nGood morning.\n\n[Bob Ray] 10:01:30\nMorning, Ann.\n",
        expect![[r#"
            0.00-0.80 Ann Lee: Good morning.
            7.00-7.80 Bob Ray: Morning, Ann.
            (clock)
            (estimated)
        "#]],
    );
    check(
        "Ann Lee\n10:01:23\nGood morning.\n\nBob Ray\n10:01:30\nMorning.\n",
        expect![[r#"
            0.00-0.80 Ann Lee: Good morning.
            7.00-7.40 Bob Ray: Morning.
            (clock)
            (estimated)
        "#]],
    );
}

#[test]
fn a_call_past_midnight_goes_on() {
    check(
        "[Ann] 23:59:58\nGood night.\n\n[Bob] 00:00:03\nGood morning.\n",
        expect![[r#"
            0.00-0.80 Ann: Good night.
            5.00-5.80 Bob: Good morning.
            (clock)
            (estimated)
        "#]],
    );
}

#[test]
fn meet_text_has_a_time_every_few_minutes() {
    check(
        "Weekly (2026-11-24 10:00 GMT) - Transcript\nAttendees\nAnn Lee, Bob Ray\nTranscript\n\n00:00:00\n\nAnn Lee: Good morning.\nBob Ray: Morning to you.\n\n00:05:00\n\nAnn Lee: Let's stop here.\nTranscription ended after 00:05:10\n",
        expect![[r#"
            0.00-139.28 Ann Lee: Good morning.
            139.28-300.00 Bob Ray: Morning to you.
            300.00-301.20 Ann Lee: Let's stop here.
            (estimated)
        "#]],
    );
}

#[test]
fn text_with_a_time_on_every_line() {
    check(
        "[00:01] Ann: Hello there\n(00:04) Bob: Hi\n00:06 nobody says who\nAnn (00:09): Bye\n",
        expect![[r#"
            1.00-1.80 Ann: Hello there
            4.00-4.40 Bob: Hi
            6.00-7.20 ?: nobody says who
            9.00-9.40 Ann: Bye
            (estimated)
        "#]],
    );
}

#[test]
fn our_own_json_whole_or_in_part() {
    let utterances = r#"[{"party":"rep","start_s":0.51,"end_s":4.0,"text":"Hello","source":"whisper"},{"party":"client","start_s":5,"text":"Hi you"},{"start_s":-1,"end_s":2,"text":"x"},{"speaker":"Ann","start_s":9,"end_s":8,"text":"x"},{"speaker":"Ann","start_s":8,"end_s":9,"text":"y"},7]"#;
    let expected = expect![[r#"
        0.51-4.00 <rep>: Hello
        5.00-5.80 <client>: Hi you
        8.00-9.00 Ann: y
        (3 skipped)
        (estimated)
    "#]];
    expected.assert_eq(&told(utterances));
    check(&format!("{{\"schema\":1,\"utterances\":{utterances}}}\n"), expected);
}

#[test]
fn broken_lines_are_skipped_and_counted() {
    check(
        "WEBVTT\n\n00:05.000 --> 00:01.000\nbackwards\n\nxx --> 00:02.000\nno start\n\n00:01.000 -->\nno end\n\n00:01.000 --> 00:02.000\nright\n\n00:03.000 --> 00:04.000\n\n00:99:00.000 --> 01:00:00.000\nno minute\n",
        expect![[r#"
            1.00-2.00 ?: right
            (4 skipped)
        "#]],
    );
    for text in
        ["", "WEBVTT\n\n", "{}", "[]", "[1,2]", "{\"utterances\":[]}", "no time at all", "-->", "[Ann] soon"]
    {
        assert_eq!(told(text), "nothing\n", "{text}");
    }
}

#[test]
fn times_of_day_become_times_of_the_call() {
    check(
        "WEBVTT\n\n10:00:00.000 --> 10:00:01.000\nFirst\n\n10:00:05.000 --> 10:00:06.000\nSecond\n",
        expect![[r#"
            0.00-1.00 ?: First
            5.00-6.00 ?: Second
            (clock)
        "#]],
    );
}

/// What a transcript is made of, in any order: more of it is nearly right than among random letters.
fn scraps() -> impl Strategy<Value = String> {
    let scraps = [
        "WEBVTT",
        "NOTE x",
        "STYLE",
        "1",
        "00:01.000 --> 00:02.000",
        "00:00:05,5 --> 00:00:04,0",
        "10:00:00 --> 10:00:01",
        "-->",
        "<v Ann>hi</v>",
        "<v ",
        "</v>",
        "<",
        "&amp;",
        "&#x110000;",
        "&",
        "{\\an8",
        "Ann: hello",
        "Ann:",
        ":",
        "- a",
        "– b",
        "[Ann] 10:00:00",
        "[Ann",
        "Ann   0:03",
        "00:05:00",
        "(0:01)",
        "[",
        "]",
        "{",
        "\"utterances\":[",
        "}",
        "\"text\":\"x\"",
        "é",
        "李雷: 你好",
        "\u{feff}",
        "\u{0}",
        " ",
        "\t",
        "99:59:59.999 --> 99:59:59.999",
        "Bob (0:04): yes",
    ];
    let ends = prop::sample::select(vec!["\n", "\r\n", "\n\n", " ", ""]);
    prop::collection::vec((prop::sample::select(scraps.to_vec()), ends), 0..40)
        .prop_map(|parts| parts.into_iter().flat_map(|(scrap, end)| [scrap, end]).collect())
}

/// What holds for every transcript, however odd the text.
fn law(text: &str) {
    let Ok(transcript) = parse(text) else { return };
    assert!(!transcript.lines.is_empty());
    let mut before = AudioTime::ZERO;
    for line in &transcript.lines {
        assert!(line.stretch.start >= before && line.stretch.start <= line.stretch.end, "{line:?}");
        assert!(
            !line.text.is_empty() && line.text == line.text.trim() && !line.text.contains('\n'),
            "{line:?}"
        );
        assert!(line.stretch.end <= AudioTime::from_millis(200 * 3_600_000), "{line:?}");
        before = line.stretch.start;
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in scraps()) {
        law(&text);
    }

    #[test]
    fn nor_do_letters_at_random(text in any::<String>()) {
        law(&text);
    }
}

#[test]
fn a_text_of_beginnings_alone_is_read_in_no_time() {
    for beginning in ["<", "<a", "<v ", "&", "&a", "{\\", "[", "(", "- ", "0:01 ", "A: ", "00:01 --> 00:02 "]
    {
        law(&format!("00:01.000 --> 00:02.000\n{}", beginning.repeat(200_000)));
        law(&format!("00:01 A\n{}", beginning.repeat(200_000)));
    }
}

#[test]
#[ignore = "takes ten seconds: a million texts"]
fn a_million_texts() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(1_000_000));
    runner
        .run(&scraps(), |text| {
            law(&text);
            Ok(())
        })
        .expect("every text is read or refused");
}
