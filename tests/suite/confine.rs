//! The program cannot reach the internet, and the check that says so can fail.

use std::path::Path;
use std::process::Command;

use heard::io::confine::has_internet_sockets;

const HEARD: &str = env!("CARGO_BIN_EXE_heard");

#[test]
fn the_planted_socket_turns_the_check_red_where_nothing_is_refused() {
    assert!(has_internet_sockets(), "this test is not confined, and the check must say so");
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_is_refused_every_internet_socket() {
    let output = Command::new(HEARD).arg("privacy").output().expect("heard runs");
    let said = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("refuses this program the internet"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_network_the_same_comes_out() {
    let call = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg");
    let run = |program: &str, before: &[&str]| {
        let output = Command::new(program)
            .args(before)
            .args(["analyze", "--json", "--model", "none"])
            .arg(&call)
            .output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert_eq!(run("unshare", &["-rn", HEARD]), run(HEARD, &[]));
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_not_asked_for_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let call = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg");
    let trace = folder.path().join("trace");
    let status = Command::new(HEARD)
        .args(["analyze", "--json", "--model", "none"])
        .arg(&call)
        .current_dir(folder.path())
        .stdout(std::fs::File::create(&trace).expect("a file"))
        .status()
        .expect("heard runs");
    assert!(status.success(), "a file that is open may still be written to");
    let files = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files, 1, "nothing but what the shell made");
}
