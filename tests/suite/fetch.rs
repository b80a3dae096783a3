//! Downloading against a server of the test's own: broken connections, wrong files, full disks.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use heard::io::models::Digest;
use tempfile::TempDir;

use crate::miniature::Miniature;

/// What the server does with one request.
#[derive(Clone)]
enum Answer {
    /// Status line and headers, then the body, of which so many bytes are sent before the connection is cut.
    Send { head: String, body: Vec<u8>, cut: usize },
    /// The connection is closed without a word.
    Hang,
}

/// Everything, with a tag.
fn whole(body: &[u8]) -> Answer {
    cut(body, body.len())
}

fn cut(body: &[u8], cut: usize) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"one\"\r\n", body.len());
    Answer::Send { head, body: body.to_vec(), cut }
}

/// From a place on.
fn rest(body: &[u8], from: usize) -> Answer {
    let (last, total) = (body.len() - 1, body.len());
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {from}-{last}/{total}\r\n",
        total - from
    );
    Answer::Send { head, body: body[from..].to_vec(), cut: total - from }
}

fn status(line: &str) -> Answer {
    Answer::Send { head: format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n"), body: Vec::new(), cut: 0 }
}

/// A server on this computer that gives its answers in turn, the last one for ever.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: Vec<Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let serve = move || {
            let mut answers = answers.into_iter().peekable();
            for stream in listener.incoming().flatten() {
                let answer = match answers.peek().cloned() {
                    Some(answer) if answers.len() == 1 => answer,
                    _ => answers.next().expect("there is at least one answer"),
                };
                serve(stream, &answer, &seen);
            }
        };
        thread::Builder::new().name("server".into()).spawn(serve).expect("a thread");
        Server { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("nobody panicked").clone()
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, seen: &Mutex<Vec<String>>) {
    loop {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
            request.push(byte[0]);
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        // A proxy is asked for a tunnel first.
        let tunnel = request.starts_with("CONNECT");
        seen.lock().expect("nobody panicked").push(request);
        if !tunnel {
            break;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
    }
    if let Answer::Send { head, body, cut } = answer {
        // A client that has heard enough closes first.
        let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes());
        let _ = stream.write_all(&body[..*cut]);
    }
}

/// A user's data folder, and what is fetched into it.
struct Home {
    folder: TempDir,
    model: Vec<u8>,
}

impl Home {
    fn new() -> Home {
        Home { folder: tempfile::tempdir().expect("a temporary folder"), model: Miniature::empty().bytes() }
    }

    fn models(&self) -> PathBuf {
        self.folder.path().join("heard/models")
    }

    /// What lies in the models' folder.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.models()).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for variable in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            command.env_remove(variable).env_remove(variable.to_uppercase());
        }
        command.env_remove("HEARD_MIRROR").env("XDG_DATA_HOME", self.folder.path()).env("HEARD_CONFIG", "");
        command
    }

    /// `heard-fetch mini` from the server, for the file that ought to come.
    fn fetch(&self, server: &Server) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_heard-fetch"));
        command.args(["mini", "--from", &format!("{}/any.bin", server.url), "--sha256"]);
        command.arg(Digest::of(&self.model).to_string()).output().expect("the program starts")
    }
}

/// Succeeded, and said so in one line.
fn well(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
}

/// Failed with one sentence that holds these words.
fn refused(output: &Output, words: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains(words) && told.trim_end().lines().count() == 1, "{told}");
}

const HALF: usize = 300_000;

#[test]
fn a_model_arrives_whole_and_checked() {
    let home = Home::new();
    let server = Server::start(vec![whole(&home.model)]);
    well(&home.fetch(&server));
    assert_eq!(home.files(), ["mini.bin", "mini.sha256"]);
    assert!(fs::read(home.models().join("mini.bin")).is_ok_and(|bytes| bytes == home.model));
    // Once more: nothing is asked of the server.
    let asked = server.requests().len();
    well(&home.fetch(&server));
    assert_eq!(server.requests().len(), asked);
}

#[test]
fn a_broken_connection_goes_on_where_it_stopped() {
    let home = Home::new();
    let server = Server::start(vec![cut(&home.model, HALF), rest(&home.model, HALF)]);
    well(&home.fetch(&server));
    assert_eq!(home.files(), ["mini.bin", "mini.sha256"]);
    let second = server.requests()[1].to_lowercase();
    assert!(second.contains(&format!("range: bytes={HALF}-")), "{second}");
    assert!(second.contains("if-range: \"one\""), "{second}");
}

#[test]
fn so_does_the_next_run() {
    let home = Home::new();
    let server = Server::start(vec![cut(&home.model, HALF), Answer::Hang]);
    refused(&home.fetch(&server), "it goes on from there");
    assert_eq!(home.files(), [".mini.etag", ".mini.part"], "no model yet, only its beginning");
    let server = Server::start(vec![rest(&home.model, HALF)]);
    well(&home.fetch(&server));
    assert!(server.requests()[0].to_lowercase().contains(&format!("range: bytes={HALF}-")));
    assert_eq!(home.files(), ["mini.bin", "mini.sha256"]);
}

#[test]
fn a_server_that_knows_no_ranges_starts_again() {
    let home = Home::new();
    well(&home.fetch(&Server::start(vec![cut(&home.model, HALF), whole(&home.model)])));
    let home = Home::new();
    let answers = vec![cut(&home.model, HALF), status("416 Range Not Satisfiable"), whole(&home.model)];
    well(&home.fetch(&Server::start(answers)));
}

#[test]
fn a_file_that_changed_meanwhile_is_fetched_anew() {
    let home = Home::new();
    let mut other = home.model.clone();
    other[600] ^= 1;
    let answers = vec![cut(&other, HALF), rest(&home.model, HALF), whole(&home.model)];
    let server = Server::start(answers);
    well(&home.fetch(&server));
    assert!(!server.requests()[2].to_lowercase().contains("range:"), "nothing was left of the mixture");
}

#[test]
fn what_is_not_the_model_leaves_nothing_behind() {
    let home = Home::new();
    let mut other = home.model.clone();
    other[600] ^= 1;
    for (answers, words) in [
        (vec![whole(&other)], "is not what it should be"),
        (vec![whole(b"<html>Please sign in</html>")], "is no model"),
        (vec![status("404 Not Found")], "answers with 404 Not Found"),
        (vec![status("403 Forbidden")], "answers with 403 Forbidden"),
        (vec![Answer::Hang], "could not be reached"),
        (vec![status("302 Found\r\nLocation: /any.bin")], "could not be reached"),
    ] {
        refused(&home.fetch(&Server::start(answers)), words);
        assert_eq!(home.files(), [""; 0], "{words}");
    }
}

#[test]
fn a_wrong_size_is_refused_before_the_bytes() {
    let home = Home::new();
    let server = Server::start(vec![cut(&home.model, HALF)]);
    let mut command = home.command(env!("CARGO_BIN_EXE_heard-fetch"));
    let output = command.args(["base.en", "--from", &server.url]).output().expect("the program starts");
    refused(&output, "and should have 147964211");
    assert!(server.requests()[0].starts_with("GET /ggml-base.en.bin "), "{:?}", server.requests());
    assert_eq!(home.files(), [""; 0]);
}

#[test]
fn redirects_are_followed() {
    let home = Home::new();
    let server =
        Server::start(vec![status("302 Found\r\nLocation: /elsewhere/file.bin"), whole(&home.model)]);
    well(&home.fetch(&server));
    assert!(server.requests()[1].starts_with("GET /elsewhere/file.bin "));
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let home = Home::new();
    let proxy = Server::start(vec![whole(&home.model)]);
    let mut command = home.command(env!("CARGO_BIN_EXE_heard-fetch"));
    command.env("http_proxy", &proxy.url).env("HEARD_MIRROR", "http://models.example");
    let digest = Digest::of(&home.model).to_string();
    well(&command.args(["mini", "--sha256", &digest]).output().expect("the program starts"));
    assert!(proxy.requests()[0].contains("models.example"), "{:?}", proxy.requests());
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let home = Home::new();
    let server = Server::start(vec![whole(&home.model)]);
    let digest = Digest::of(&home.model).to_string();
    let file = home.folder.path().join("given.bin");
    fs::write(&file, &home.model).expect("a writable folder");
    // A file may not grow past some kilobytes: to the program that is a disk without space.
    let limited = |program: &str, args: &[&str]| {
        let mut command = home.command("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"", program]).args(args);
        command.output().expect("a shell")
    };
    let url = format!("{}/any.bin", server.url);
    let fetched = limited(env!("CARGO_BIN_EXE_heard-fetch"), &["mini", "--from", &url, "--sha256", &digest]);
    refused(&fetched, "free some disk space");
    assert_eq!(home.files(), [""; 0]);
    let imported =
        limited(env!("CARGO_BIN_EXE_heard"), &["models", "import", &file.display().to_string(), "--yes"]);
    refused(&imported, "free some disk space");
    assert_eq!(home.files(), [""; 0]);
}

#[test]
fn unknown_names_and_other_digests_are_refused_before_anything_is_asked() {
    let home = Home::new();
    let digest = Digest::of(b"x").to_string();
    for (args, words) in [
        (&["bse.en"][..], "did you mean base.en"),
        (&["base.en", "--sha256", &digest], "published with another digest"),
        (&["mini", "--from", "http://127.0.0.1:9/x.bin"], "--sha256"),
    ] {
        let mut command = home.command(env!("CARGO_BIN_EXE_heard-fetch"));
        refused(&command.args(args).output().expect("the program starts"), words);
    }
}

#[test]
fn heard_starts_the_program_beside_it_and_says_so_if_it_is_missing() {
    let home = Home::new();
    let server = Server::start(vec![whole(&home.model)]);
    let (url, digest) = (format!("{}/any.bin", server.url), Digest::of(&home.model).to_string());
    let args = ["models", "fetch", "mini", "--from", &url, "--sha256", &digest];
    let output = home.command(env!("CARGO_BIN_EXE_heard")).args(args).output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("mini is ready") && told.contains("times real time on this computer"), "{told}");
    assert_eq!(home.files(), ["mini.bin", "mini.sha256", "mini.speed"]);
    // A link, no copy: a file that was just written cannot be started while another test starts a program.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a writable folder");
    let alone = folder.path().join("heard-alone");
    fs::hard_link(Path::new(env!("CARGO_BIN_EXE_heard")), &alone).expect("a folder beside the programs");
    let output = home.command(&alone.display().to_string()).args(args).output().expect("the program starts");
    refused(&output, "heard models import FILE");
}
