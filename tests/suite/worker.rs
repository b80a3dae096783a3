//! The recogniser's process: whatever happens to it, clips and words go on, and nobody waits who must not.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use heard::io::worker::{Plan, Program, Speech, Told};
use heard::speech::status::{State, Status};
use heard::speech::{Clip, Cut, Source};
use heard::units::{AudioTime, Party, Span, Stretch};

/// Longer than anything here takes on a busy machine; nothing waits for it to pass.
const EVER: Duration = Duration::from_secs(120);

/// A clip of so many milliseconds.
pub fn cut(party: Party, start_ms: u64, length_ms: u64) -> Cut {
    let (start, length) = (AudioTime::from_millis(start_ms), Span::from_millis(length_ms));
    let samples = (0..length.ticks()).map(|n| (n as f32 * 0.3).sin() * 0.1).collect();
    let clip = Clip { party, start, samples, voiced: length };
    Cut { clip, speech: Stretch::new(start, start + length), partial: false }
}

/// How words are made by a recogniser that goes wrong; each time, or once where there is a place for the mark.
pub fn faulty(fault: &str, mark: Option<&Path>, patient: bool) -> Plan {
    let mut arguments = vec![fault.into()];
    arguments.extend(mark.map(|folder| folder.join("mark").into_os_string()));
    Plan {
        program: Program { path: env!("CARGO_BIN_EXE_faulty-recogniser").into(), arguments },
        model: "faulty".to_owned(),
        source: Source::Whisper,
        threads: 1,
        patient,
    }
}

fn texts(told: &[Told]) -> Vec<&str> {
    told.iter().map(|told| told.utterance.text.as_str()).collect()
}

/// Has a recogniser fail once, and returns what was told of two clips, and the state before the end.
fn fails_once(fault: &str) -> (Vec<Told>, Status) {
    let folder = tempfile::tempdir().expect("a folder");
    let speech = Speech::start(faulty(fault, Some(folder.path()), false)).expect("a thread");
    assert!(speech.push(cut(Party::Rep, 0, 400)));
    assert!(speech.push(cut(Party::Client, 600, 500)));
    let told: Vec<Told> = (0..2)
        .map(|_| speech.told().recv_timeout(EVER).unwrap_or_else(|_| panic!("{:?}", speech.status())))
        .collect();
    let status = speech.status();
    assert!(folder.path().join("mark").exists(), "{fault} has happened");
    assert_eq!(speech.finish(EVER).0, []);
    (told, status)
}

#[test]
fn a_recogniser_that_dies_is_started_anew_and_its_clip_tried_again() {
    for fault in ["abort", "panic", "segv", "grow", "garbage", "hang"] {
        let (told, status) = fails_once(fault);
        assert_eq!(texts(&told), ["heard 400 milliseconds", "heard 500 milliseconds"], "{fault}");
        assert_eq!(status.restarts, 1, "{fault}");
        assert_eq!((status.tally.failed, status.tally.dropped), (0, 0), "{fault}");
        assert_eq!(status.tally.coverage().map(|share| share.percent()), Some(100), "{fault}");
    }
}

#[test]
fn a_recogniser_that_is_killed_is_started_anew() {
    let speech = Speech::start(faulty("0", None, false)).expect("a thread");
    let hear = |start_ms| {
        assert!(speech.push(cut(Party::Rep, start_ms, 400)));
        speech.told().recv_timeout(EVER).unwrap_or_else(|_| panic!("{:?}", speech.status()))
    };
    hear(0);
    let first = speech.status().process.expect("it runs");
    let killed = Command::new("kill").args(["-9", &first.to_string()]).status().expect("kill runs");
    assert!(killed.success());
    hear(1000);
    let status = speech.status();
    assert_eq!(status.restarts, 1);
    // And one that has nothing to do is missed all the same.
    let second = status.process.expect("it runs");
    assert!(Command::new("kill").args(["-9", &second.to_string()]).status().expect("kill runs").success());
    while speech.status().restarts < 2 {
        std::thread::yield_now();
    }
    hear(2000);
    assert_ne!(second, first);
}

#[test]
fn a_clip_that_can_not_be_worked_on_is_counted_and_the_next_one_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let speech = Speech::start(faulty("refuse", Some(folder.path()), true)).expect("a thread");
    assert!(speech.push(cut(Party::Rep, 0, 400)));
    assert!(speech.push(cut(Party::Rep, 500, 600)));
    let (told, status) = speech.finish(EVER);
    assert_eq!(texts(&told), ["heard 600 milliseconds"]);
    assert_eq!((status.tally.failed, status.tally.lost), (1, Span::from_millis(400)));
    assert_eq!(status.line(), "60 % of speech, faulty; one piece left out");
}

#[test]
fn a_recogniser_that_always_dies_is_given_up_with_one_sentence() {
    for fault in ["abort", "stillborn"] {
        let speech = Speech::start(faulty(fault, None, true)).expect("a thread");
        for n in 0..8 {
            assert!(speech.push(cut(Party::Client, n * 1000, 400)));
        }
        let (told, status) = speech.finish(EVER);
        assert_eq!(told, []);
        assert_eq!(status.state, State::Failed);
        assert!(status.why.contains("failed 5 times in a minute"), "{}", status.why);
        assert_eq!(status.tally.lost, status.tally.offered, "{fault}: what has no words is counted");
        assert_eq!(status.tally.offered, Span::from_millis(8 * 400));
    }
}

#[test]
fn a_model_that_cannot_be_used_is_told_and_not_tried_again() {
    let speech = Speech::start(faulty("unusable", None, true)).expect("a thread");
    assert!(speech.push(cut(Party::Rep, 0, 400)));
    let (_, status) = speech.finish(EVER);
    assert_eq!((status.state.clone(), status.restarts), (State::Failed, 0));
    assert_eq!(status.line(), "0 % of speech, faulty; one piece left out; this model is made of cheese");
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let mut plan = faulty("0", None, true);
    plan.program.path = "/nonexistent/heard".into();
    let (_, status) = Speech::start(plan).expect("a thread").finish(EVER);
    assert!(status.why.starts_with("the recogniser cannot be started"), "{}", status.why);
}

#[test]
fn a_recording_waits_for_every_word() {
    let speech = Speech::start(faulty("0.05", None, true)).expect("a thread");
    for n in 0..40 {
        assert!(speech.push(cut(if n % 3 == 0 { Party::Rep } else { Party::Client }, n * 500, 300)));
    }
    let (told, status) = speech.finish(EVER);
    assert_eq!(told.len(), 40);
    assert_eq!(status.tally.coverage().map(|share| share.percent()), Some(100));
}

#[test]
fn a_call_never_waits_for_a_recogniser_that_hangs() {
    let speech = Speech::start(faulty("hang", None, false)).expect("a thread");
    // An hour of clips: were this to wait for one of them, it would not end.
    for n in 0..1000 {
        speech.push(cut(Party::Rep, n * 3600, 300));
    }
    let (told, status) = speech.finish(Duration::ZERO);
    assert_eq!(told, []);
    assert_eq!(status.tally.recognised, Span::ZERO);
    assert_eq!(status.tally.lost, status.tally.offered);
}

#[test]
fn words_that_nobody_fetches_do_not_keep_the_end_waiting() {
    let speech = Speech::start(faulty("0", None, true)).expect("a thread");
    // One more than there is room for on the way back. With more, a fast recogniser would keep `push` waiting for ever, and
    // rightly: a caller that waits for words fetches them.
    for n in 0..257 {
        assert!(speech.push(cut(Party::Rep, n * 500, 300)));
    }
    drop(speech);
}

#[test]
fn dropping_the_words_ends_the_process() {
    let speech = Speech::start(faulty("hang", None, false)).expect("a thread");
    assert!(speech.push(cut(Party::Rep, 0, 400)));
    let id = loop {
        if let Some(id) = speech.status().process {
            break id;
        }
    };
    drop(speech);
    let alive =
        Command::new("kill").args(["-0", &id.to_string()]).output().expect("kill runs").status.success();
    assert!(!alive, "{id} is still there");
}

#[cfg(target_os = "linux")]
#[test]
fn a_sealed_process_gets_at_no_file_no_program_and_no_network() {
    let says = |what: &str| Speech::start(faulty(what, None, true)).expect("a thread").finish(EVER).1.why;
    assert_eq!(says("sealed"), "sealed");
    assert_eq!(says("unsealed"), "can still read, write, run, connect", "the check can fail");
}
