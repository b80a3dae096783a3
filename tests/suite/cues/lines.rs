//! `heard cues`: JSON lines in, the same lines with their cues out.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn heard_cues(args: &[&str], lines: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heard"));
    command.env("HEARD_CONFIG", "").env("XDG_CONFIG_HOME", "/nonexistent").env("HOME", "/nonexistent");
    command.arg("cues").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(lines).expect("the program reads");
    child.wait_with_output().expect("the program ends")
}

fn answers(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_line_comes_back_with_all_its_fields_and_its_cues() {
    let output = heard_cues(
        &[],
        b"{\"speaker\":\"rep\",\"prev\":\"\",\"text\":\"What worries you?\",\"id\":[7]}\n\n{\"speaker\":\"client\",\"text\":\"\"}\n",
    );
    assert!(output.status.success());
    let lines = answers(&output);
    assert_eq!(lines.len(), 2, "an empty line is no line");
    assert_eq!((&lines[0]["id"][0], &lines[0]["speaker"]), (&Value::from(7), &Value::from("rep")));
    let cue = &lines[0]["cues"][0];
    assert_eq!(cue["kind"], "open_question");
    assert!(
        cue["confidence"].as_f64().is_some_and(|sure| sure > 0.5)
            && cue["why"].as_str().is_some_and(|why| !why.is_empty())
    );
    assert_eq!(lines[1]["cues"], Value::Array(Vec::new()));
}

#[test]
fn a_malformed_line_is_one_sentence_with_its_number_after_the_answers_before_it() {
    for (bad, sentence) in [
        (&b"not json"[..], "heard: line 2: not a line of JSON"),
        (b"{\"speaker\":\"boss\",\"text\":\"hi\"}", "heard: line 2: `speaker` must be"),
        (b"{\"speaker\":\"rep\"}", "heard: line 2: `speaker` must be"),
        (b"\xff\xfe", "heard: line 2: not UTF-8"),
    ] {
        let mut lines = b"{\"speaker\":\"rep\",\"prev\":\"\",\"text\":\"I see.\"}\n".to_vec();
        lines.extend_from_slice(bad);
        lines.extend_from_slice(b"\n{\"speaker\":\"rep\",\"prev\":\"\",\"text\":\"I see.\"}\n");
        let output = heard_cues(&[], &lines);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(answers(&output).len(), 1);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.starts_with(sentence) && told.trim_end().lines().count() == 1, "{told}");
    }
}

#[test]
fn phrases_of_ones_own_come_from_a_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let table =
        "[[phrase]]\nkind = \"rapport\"\nwhy = \"our greeting\"\nsure = 0.95\nsay = [\"glueck auf\"]\n";
    std::fs::write(folder.path().join("mine.toml"), table).expect("a writable folder");
    let args = ["--phrases", folder.path().to_str().expect("a plain path")];
    let line = b"{\"speaker\":\"rep\",\"text\":\"Glueck auf\"}\n";
    let output = heard_cues(&args, line);
    assert_eq!(answers(&output)[0]["cues"][0]["why"], "our greeting");
    std::fs::write(folder.path().join("mine.toml"), "[[phrase]]\nkind = \"hello\"\n")
        .expect("a writable folder");
    let output = heard_cues(&args, line);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("mine.toml, line 2: unknown kind `hello`"));
}
