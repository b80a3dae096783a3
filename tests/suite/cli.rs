//! The program as its user runs it: output, exit codes, one sentence for everything that goes wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::expect_file;
use serde_json::Value;

fn heard(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heard"));
    // Nothing of the user's own settings, and no recogniser that this machine may have.
    command
        .env("HEARD_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/without_words.toml"))
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("HOME", "/nonexistent")
        // Windows are tested elsewhere.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    command.args(args).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is text")
}

fn bundled() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg").display().to_string()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// Writes a 16-bit WAV with as many channels as `frame` gives samples.
fn wav(path: &Path, rate_hz: u32, frames: impl Iterator<Item = Vec<f32>>) {
    let mut frames = frames.peekable();
    let channels = frames.peek().map_or(1, Vec::len) as u16;
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a writable folder");
    for sample in frames.flatten() {
        writer.write_sample((sample * 32_767.0) as i16).expect("space on the disk");
    }
    writer.finalize().expect("space on the disk");
}

/// The bundled call as interleaved samples at 16 kHz.
fn bundled_samples() -> Vec<f32> {
    let mut recording = heard::io::file::Recording::open(Path::new(&bundled())).expect("the bundled call");
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().expect("the bundled call") {
        samples.extend_from_slice(block);
    }
    samples
}

#[test]
fn the_demo_tells_what_happened() {
    let output = heard(&["demo"]);
    assert!(output.status.success(), "{}", stderr(&output));
    expect_file!["../golden/demo.txt"].assert_eq(&stdout(&output));
}

#[test]
fn the_demo_agrees_with_its_script() {
    let call = json(&heard(&["demo", "--json"]));
    let truth: Value = serde_json::from_str(include_str!("../../demo/truth.json")).expect("truth is JSON");
    let lines = truth["lines"].as_array().expect("lines");
    let talk = |who: &str| -> f64 {
        let spoken = lines.iter().filter(|line| line["who"] == who && line["kind"] != "backchannel");
        let spans = spoken.flat_map(|line| line["voiced"].as_array().expect("spans"));
        spans.map(|span| span[1].as_f64().expect("seconds") - span[0].as_f64().expect("seconds")).sum()
    };
    let share = call["talk"]["rep"]["share"].as_f64().expect("a share");
    assert!((share - talk("rep") / (talk("rep") + talk("other"))).abs() < 0.005, "share {share}");
    let overlaps = call["overlaps"].as_array().expect("overlaps");
    let starts = |class: &str, by: &str| -> Vec<f64> {
        let of = overlaps.iter().filter(|overlap| overlap["class"] == class && overlap["by"] == by);
        of.map(|overlap| overlap["start_s"].as_f64().expect("seconds")).collect()
    };
    for line in lines {
        let by = if line["who"] == "rep" { "rep" } else { "client" };
        let start = line["start"].as_f64().expect("seconds");
        let class = match line["kind"].as_str() {
            Some("interruption") => "interruption",
            Some("backchannel") => "backchannel",
            Some("overlap") => "terminal",
            _ => continue,
        };
        assert!(
            starts(class, by).iter().any(|at| (at - start).abs() < 0.15),
            "{class} by {by} at {start} s is missing"
        );
    }
    assert_eq!(starts("interruption", "client").len() + starts("interruption", "rep").len(), 1);
    let nudges: Vec<&str> = call["nudges"]
        .as_array()
        .expect("nudges")
        .iter()
        .filter_map(|nudge| nudge["kind"].as_str())
        .collect();
    assert_eq!(nudges, ["pause_and_ask", "let_them_finish"]);
}

#[test]
fn json_has_the_shape_that_others_measure_by() {
    let call = json(&heard(&[
        "analyze",
        &bundled(),
        "--json",
        "--layout",
        "stereo",
        "--rep",
        "left",
        "--model",
        "none",
    ]));
    assert_eq!(call["schema"], 1);
    assert!(call["duration_s"].as_f64().is_some_and(|secs| (secs - 234.8).abs() < 0.1));
    for (pointer, what) in [
        ("/channels/rep/health", "ok"),
        ("/channels/client/health", "ok"),
        ("/overlaps/0/evidence", "timing"),
        ("/nudges/0/text", "Pause. Ask one."),
    ] {
        assert_eq!(call.pointer(pointer).and_then(Value::as_str), Some(what), "{pointer}");
    }
    for pointer in [
        "/channels/rep/lost_s",
        "/channels/rep/echo_s",
        "/talk/rep/talk_s",
        "/talk/rep/share",
        "/talk/client/turns",
        "/talk/rep/longest_monologue_s",
        "/patience/median_s",
        "/patience/p10_s",
        "/patience/jump_ins",
        "/patience/after_long_turns_s",
        "/patience/extended_silences",
        "/ipus/0/start_s",
        "/ipus/0/end_s",
        "/turns/0/start_s",
        "/overlaps/0/confidence",
        "/nudges/0/at_s",
        "/findings/0/at_s",
        "/strength/at_s",
    ] {
        assert!(call.pointer(pointer).is_some_and(Value::is_number), "{pointer}");
    }
    assert!(call.pointer("/findings/0/try").is_some_and(Value::is_string));
    assert!(call.pointer("/nudges/0/acted").is_some_and(Value::is_boolean));
}

#[test]
fn events_are_lines_of_json_in_order() {
    let output = heard(&["analyze", &bundled(), "--events", "--json"]);
    let text = stdout(&output);
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let (record, events) = lines.split_last().expect("lines");
    assert_eq!(record["schema"], 1);
    let times: Vec<f64> = events.iter().map(|event| event["at_s"].as_f64().expect("a time")).collect();
    assert!(times.is_sorted());
    for kind in [
        "voice_on",
        "voice_off",
        "ipu",
        "floor_taken",
        "turn_ended",
        "floor_bid",
        "talking_over",
        "overlap",
        "nudge",
    ] {
        assert!(events.iter().any(|event| event["event"] == kind), "no {kind}");
    }
}

#[test]
fn what_was_said_is_an_event_too() {
    let transcript =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.vtt").to_str().expect("a name").to_owned();
    let output = heard(&[
        "analyze",
        &bundled(),
        "--events",
        "--json",
        "--transcript",
        &transcript,
        "--rep-name",
        "Martin",
    ]);
    let text = stdout(&output);
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let (record, events) = lines.split_last().expect("lines");
    let times: Vec<f64> = events.iter().map(|event| event["at_s"].as_f64().expect("a time")).collect();
    assert!(times.is_sorted());
    let mut said: Vec<Value> = events.iter().filter(|event| event["event"] == "utterance").cloned().collect();
    said.sort_by_key(|line| (line["start_s"].as_f64().expect("a time") * 1000.0) as u64);
    for line in &mut said {
        let line = line.as_object_mut().expect("an object");
        assert_eq!(line.remove("status"), Some("final".into()));
        let told = [line.remove("event"), line.remove("at_s")];
        assert!(told[1].as_ref().and_then(Value::as_f64) > line["end_s"].as_f64(), "told before it was said");
    }
    assert!(!said.is_empty());
    assert_eq!(Value::from(said), record["utterances"]);
}

#[test]
fn several_files_come_in_their_order_and_say_what_each_says_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let samples = bundled_samples();
    let (short, shorter) = (path("short.wav"), path("shorter.wav"));
    wav(Path::new(&short), 16_000, samples.chunks(2).take(16_000 * 40).map(<[f32]>::to_vec));
    wav(
        Path::new(&shorter),
        16_000,
        samples.chunks(2).skip(16_000 * 150).take(16_000 * 20).map(<[f32]>::to_vec),
    );
    let files = [bundled(), short, path("missing.wav"), shorter];
    let together = heard(&["analyze", "--json", &files[0], &files[1], &files[2], &files[3]]);
    assert_eq!(together.status.code(), Some(1), "one file is missing");
    assert!(stderr(&together).contains("missing.wav does not exist"), "{}", stderr(&together));
    let alone: String =
        [0, 1, 3].iter().map(|i| stdout(&heard(&["analyze", "--json", &files[*i]]))).collect();
    assert_eq!(stdout(&together), alone);
}

#[test]
fn one_channel_is_summed_up_without_a_guess() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mixed = folder.path().join("mixed.wav");
    let samples = bundled_samples();
    let mix =
        || samples.chunks(2).skip(16_000 * 130).take(16_000 * 30).map(|moment| (moment[0] + moment[1]) / 2.0);
    wav(&mixed, 16_000, mix().map(|sample| vec![sample]));
    let output = heard(&["analyze", &mixed.display().to_string()]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("speakers cannot be told apart"), "{}", stdout(&output));
    assert!(
        !stdout(&output).contains("interrupt")
            || stdout(&output).contains("no shares, turns or interruptions")
    );
    // The same mix on both sides of a stereo file is still one channel.
    let copied = folder.path().join("copied.wav");
    wav(&copied, 16_000, mix().map(|sample| vec![sample, sample]));
    let one = json(&heard(&["analyze", "--json", &mixed.display().to_string()]));
    let two = json(&heard(&["analyze", "--json", &copied.display().to_string()]));
    assert!(one["speech_s"].as_f64().is_some_and(|secs| secs > 15.0));
    assert_eq!(one["speech_s"], two["speech_s"]);
    assert!(one.get("talk").is_none());
}

#[test]
fn the_rep_may_be_on_the_right() {
    let left = json(&heard(&["analyze", "--json", &bundled()]));
    let right = json(&heard(&["analyze", "--json", "--rep", "right", &bundled()]));
    // To 50 ms: the rep's channel is searched for the client's echo, the client's is not.
    let talk = |call: &Value, party: &str| call["talk"][party]["talk_s"].as_f64().unwrap_or_default();
    assert!((talk(&left, "rep") - talk(&right, "client")).abs() < 0.05 && talk(&left, "rep") > 100.0);
    assert_eq!(left["talk"]["client"]["turns"], right["talk"]["rep"]["turns"]);
}

#[test]
fn a_silent_channel_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("alone.wav");
    let samples = bundled_samples();
    wav(&path, 16_000, samples.chunks(2).take(16_000 * 30).map(|moment| vec![moment[0], 0.0]));
    let output = heard(&["analyze", &path.display().to_string()]);
    assert!(stdout(&output).contains("The client's channel is silent"), "{}", stdout(&output));
    let record = json(&heard(&["analyze", "--json", &path.display().to_string()]));
    assert_eq!(record["channels"]["client"]["health"], "silent");
}

#[test]
fn a_short_call_gets_no_share() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("short.wav");
    let samples = bundled_samples();
    wav(&path, 16_000, samples.chunks(2).take(16_000 * 20).map(<[f32]>::to_vec));
    let text = stdout(&heard(&["analyze", &path.display().to_string()]));
    assert!(text.contains("too little for a share") && !text.contains('%'), "{text}");
}

#[test]
fn a_loud_channel_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("loud.wav");
    let samples = bundled_samples();
    wav(
        &path,
        16_000,
        samples.chunks(2).take(16_000 * 30).map(|m| vec![(m[0] * 30.0).clamp(-1.0, 1.0), m[1]]),
    );
    let record = json(&heard(&["analyze", "--json", &path.display().to_string()]));
    assert_eq!(record["channels"]["rep"]["health"], "clipping");
}

#[test]
fn bad_files_end_in_one_sentence_and_a_failure() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a writable folder");
        path
    };
    let tiny = folder.path().join("tiny.wav");
    wav(&tiny, 48_000, std::iter::once(vec![0.5, 0.5]));
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 16_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let broken = folder.path().join("broken.wav");
    let mut writer = hound::WavWriter::create(&broken, spec).expect("a writable folder");
    (0..32_000).for_each(|_| writer.write_sample(f32::NAN).expect("space on the disk"));
    writer.finalize().expect("space on the disk");
    let cases = [
        (folder.path().join("nowhere.wav"), "does not exist"),
        (folder.path().to_path_buf(), "is a folder"),
        (file("empty.wav", b""), "is empty"),
        (file("notes.wav", b"Meeting notes: nothing here is sound.\n"), "is not a recording"),
        (file("noise.mp3", &[0x5a; 4096]), "is not a recording"),
        (tiny, "too short"),
        (broken, "every sample is broken"),
    ];
    for (path, sentence) in cases {
        let output = heard(&["analyze", &path.display().to_string()]);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{}: {told}", path.display());
        assert!(told.contains(sentence), "{}: {told}", path.display());
        assert_eq!(told.trim_end().lines().count(), 1, "{told}");
        assert!(stdout(&output).is_empty());
    }
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    for args in [&["analyze"][..], &["analyse", "x"], &["analyze", "x", "--rep", "middle"]] {
        assert_eq!(heard(args).status.code(), Some(2), "{args:?}");
    }
    let output = heard(&["analyze", &bundled(), "--model", "base.en"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--model none"), "{}", stderr(&output));
}

#[test]
fn settings_are_read_and_mistakes_in_them_are_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = folder.path().join("heard.toml");
    let path = settings.display().to_string();
    fs::write(&settings, "[coach]\nenabled = false\n[speech]\nmodel = \"none\"\n")
        .expect("a writable folder");
    let record = json(&heard(&["analyze", "--json", "--config", &path, &bundled()]));
    assert_eq!(record["nudges"].as_array().map(Vec::len), Some(0));
    fs::write(&settings, "[coach]\nenabeld = false\n").expect("a writable folder");
    let output = heard(&["analyze", "--config", &path, &bundled()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("line 2: unknown setting `enabeld`; did you mean `enabled`?"),
        "{}",
        stderr(&output)
    );
    let printed = stdout(&heard(&["config"]));
    fs::write(&settings, printed.replace("\"auto\"", "\"none\"")).expect("a writable folder");
    assert!(heard(&["demo", "--config", &path]).status.success());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_heard"))
        .args(["analyze", &bundled(), "--events", "--model", "none"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert!(output.status.success(), "{}", stderr(&output));
}

/// The bundled call with its words, and what was prepared for it.
#[test]
fn what_was_prepared_is_ticked_off_with_the_meeting_s_own_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let prep = folder.path().join("prep.toml");
    fs::write(
        &prep,
        "shared_goal = \"We both want your vans out on time\"\n\
         questions = [\"How did that night go for your team?\", \"Who signs the contract?\"]\n\
         [[trades]]\ngive = \"ten percent off\"\nget = \"a two year contract\"\n",
    )
    .expect("a writable folder");
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.vtt").display().to_string();
    let prep = prep.display().to_string();
    let analyze = |more: &[&str]| {
        let call = bundled();
        let mut args = vec!["analyze", "--date", "2026-11-24", "--transcript", &words];
        args.extend(more);
        args.push(&call);
        heard(&args)
    };
    let call = json(&analyze(&["--json", "--rep-name", "martin", "--prep", &prep]));
    let said: Vec<bool> =
        call["prepared"].as_array().expect("items").iter().map(|item| !item["at_s"].is_null()).collect();
    assert_eq!(said[..3], [true, true, false]);
    assert_eq!(call["promises"][0]["due"], "2026-11-26");
    let answers = call["ledger"].as_array().expect("concerns").iter().map(|entry| &entry["answer"]);
    assert_eq!(answers.collect::<Vec<_>>(), ["ignored", "validated", "paraphrased"]);
    assert_eq!(call["utterances"][0]["source"], "transcript");
    // Without a name the voices tell who is who.
    let by_voice = json(&analyze(&["--json"]));
    assert_eq!(by_voice["utterances"], call["utterances"]);
    let text = stdout(&analyze(&["--prep", &prep])).to_owned();
    assert!(text.contains("Was the client heard?") && text.contains("  [x]") && text.contains("  [ ]"));
    let stranger = analyze(&["--rep-name", "Zoe"]);
    assert!(!stranger.status.success() && stderr(&stranger).contains("Elena, Martin"));
}
