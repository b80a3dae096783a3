//! Real windows on a screen of their own (Xvfb, openbox, xcompmgr): a call from a recording is followed from its start to its
//! summary, and what is on the screen is looked at.
//!
//! `make windows` runs these where the programs are installed. Pictures are left in `HEARD_PICTURES`, if that is set.

#![expect(clippy::disallowed_methods, reason = "windows of other programs are waited for by the clock")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Pointer and keys belong to one screen, and screens share two cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Whatever has not happened by then does not happen.
const PATIENCE: Duration = Duration::from_secs(40);

/// A screen with a window manager and a compositor.
struct Screen {
    name: String,
    /// The server last, since the others end with it.
    programs: Vec<Killed>,
    _alone: MutexGuard<'static, ()>,
}

impl Screen {
    fn start() -> Screen {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "+extension",
                "GLX",
                "+extension",
                "Composite",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb, which make windows installs");
        let mut number = String::new();
        let told = server.stdout.take().expect("a pipe");
        BufReader::new(told).read_line(&mut number).expect("Xvfb tells its number");
        let mut screen =
            Screen { name: format!(":{}", number.trim()), programs: vec![Killed(server)], _alone: alone };
        for program in ["openbox", "xcompmgr"] {
            let started = screen.command(program).stderr(Stdio::null()).stdout(Stdio::null()).spawn();
            screen.programs.insert(0, Killed(started.unwrap_or_else(|error| panic!("{program}: {error}"))));
        }
        wait("the window manager", || {
            screen.ask("xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"]).contains("window id").then_some(())
        });
        screen
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
        command
    }

    fn ask(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn key(&self, key: &str) {
        self.ask("xdotool", &["key", key]);
    }

    /// The window with that title that can be seen, if there is one.
    fn window(&self, title: &str) -> Option<String> {
        let found = self.ask("xdotool", &["search", "--onlyvisible", "--name", title]);
        found.lines().next().map(str::to_owned)
    }

    fn place(&self, window: &str) -> (i32, i32) {
        let told = self.ask("xwininfo", &["-id", window]);
        let number = |name: &str| {
            let line = told.lines().find_map(|line| line.trim().strip_prefix(name));
            line.and_then(|number| number.trim().parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {told}"))
        };
        (number("Absolute upper-left X:"), number("Absolute upper-left Y:"))
    }

    /// Colour of a point, as `#RRGGBB`.
    fn colour(&self, (x, y): (i32, i32)) -> String {
        let crop = format!("1x1+{x}+{y}");
        let told =
            self.ask("import", &["-silent", "-window", "root", "-crop", &crop, "-depth", "8", "txt:-"]);
        let hex = told.split_whitespace().find(|word| word.starts_with('#') && word.len() >= 7);
        hex.unwrap_or_else(|| panic!("no colour in {told}"))[..7].to_owned()
    }

    fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("HEARD_PICTURES") {
            let path = Path::new(&folder).join(format!("{name}.png"));
            self.ask("import", &["-silent", "-window", "root", &path.display().to_string()]);
        }
    }
}

/// A program that ends with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait<T>(what: &str, mut until: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = until() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not happen");
        sleep(Duration::from_millis(20));
    }
}

/// `heard live` on the bundled call.
struct Call {
    program: Child,
    events: BufReader<ChildStdout>,
    errors: ChildStderr,
}

impl Call {
    /// Nudges come soon: after 20 s of speech, and from the start on.
    fn begin(screen: &Screen, home: &TempDir) -> Call {
        let settings = home.path().join("soon.toml");
        std::fs::write(&settings, "[coach]\nquiet_start_s = 0\nmonologue_s = 20\n").expect("written");
        let bundled = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg");
        let mut program = screen
            .command(env!("CARGO_BIN_EXE_heard"))
            .env("XDG_CONFIG_HOME", home.path())
            .arg("--config")
            .arg(&settings)
            .args(["live", "--model", "none", "--events", "--from"])
            .arg(bundled)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("heard");
        let events = BufReader::new(program.stdout.take().expect("a pipe"));
        let errors = program.stderr.take().expect("a pipe");
        Call { program, events, errors }
    }

    /// Reads on until this event.
    fn until(&mut self, event: &str) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.events.read_line(&mut line).expect("text") > 0, "ended without {event}");
            if let Ok(value) = serde_json::from_str::<Value>(&line)
                && value["event"] == event
            {
                return value;
            }
        }
    }

    /// Waits for the end: the summary, and what was said on standard error.
    fn summary(mut self) -> (String, String) {
        let (mut summary, mut errors) = (String::new(), String::new());
        self.events.read_to_string(&mut summary).expect("text");
        self.errors.read_to_string(&mut errors).expect("text");
        let status = self.program.wait().expect("an end");
        assert!(status.success(), "{status}: {errors}");
        (summary, errors)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

const OVERLAY: &str = "Heard overlay";

/// The card's colour in the dark look.
const CARD: &str = "#1D2129";

/// A point near the upper edge of the lower card, where nothing is written.
fn lower_card((x, y): (i32, i32)) -> (i32, i32) {
    (x + 160, y + 72)
}

/// As near as a nearly opaque card is to its colour.
fn is_card(colour: &str) -> bool {
    let parts = |hex: &str| [1, 3, 5].map(|at| i32::from_str_radix(&hex[at..at + 2], 16).expect("hex"));
    parts(colour).iter().zip(parts(CARD)).all(|(seen, card)| (seen - card).abs() <= 16)
}

#[test]
#[ignore = "needs Xvfb: make windows"]
fn a_call_is_followed_from_its_start_to_its_summary() {
    let (screen, home) = (Screen::start(), tempfile::tempdir().expect("a folder"));
    // Somebody is typing in another window.
    let mut other = screen.command("xmessage");
    let _meeting = Killed(other.args(["-geometry", "1200x760+0+0", "meeting"]).spawn().expect("xmessage"));
    let meeting_window = wait("the other window", || screen.window("xmessage"));
    screen.ask("xdotool", &["windowfocus", "--sync", &meeting_window]);
    let focused = screen.ask("xdotool", &["getwindowfocus"]);

    let mut call = Call::begin(&screen, &home);
    let overlay = wait("the overlay", || screen.window(OVERLAY));
    wait("the first picture", || {
        is_card(&screen.colour({
            let (x, y) = screen.place(&overlay);
            (x + 160, y + 12)
        }))
        .then_some(())
    });
    assert_eq!(screen.ask("xdotool", &["getwindowfocus"]), focused, "the overlay took the keyboard");
    let place = wait("its corner", || Some(screen.place(&overlay)).filter(|place| *place == (936, 40)));
    assert!(!is_card(&screen.colour(lower_card(place))), "nothing to say yet");
    // Whoever brings the other window up does not cover it.
    screen.ask("xdotool", &["windowraise", &meeting_window]);
    screen.picture("overlay-compact");

    let nudge = call.until("nudge");
    assert_eq!(nudge["text"], "Pause. Ask one.");
    wait("the nudge on the screen", || is_card(&screen.colour(lower_card(place))).then_some(()));
    screen.picture("overlay-nudge");
    call.until("nudge_gone");
    wait("the nudge gone from the screen", || (!is_card(&screen.colour(lower_card(place)))).then_some(()));

    screen.key("ctrl+alt+m");
    call.until("marked");
    screen.key("ctrl+alt+o");
    wait("what can be done", || is_card(&screen.colour(lower_card(place))).then_some(()));
    screen.picture("overlay-held");
    let kept = home.path().join("heard/overlay.toml");
    // The system may take the window for click-through a moment longer: whoever misses it takes hold of it again. A hand moves a
    // few points at a time.
    let moved = wait("its new place kept", || {
        let (x, y) = screen.place(&overlay);
        let to = |x: i32, y: i32| screen.ask("xdotool", &["mousemove", &x.to_string(), &y.to_string()]);
        to(x + 64, y + 20);
        screen.ask("xdotool", &["mousedown", "1"]);
        for step in 1..=20 {
            to(x + 64 - 15 * step, y + 20 + 12 * step);
            sleep(Duration::from_millis(25));
        }
        screen.ask("xdotool", &["mouseup", "1"]);
        sleep(Duration::from_millis(300));
        kept.exists().then(|| screen.place(&overlay))
    });
    assert_ne!(moved, place);
    screen.key("ctrl+alt+h");
    wait("the overlay hidden", || screen.window(OVERLAY).is_none().then_some(()));
    screen.key("ctrl+alt+h");
    wait("the overlay back in its place", || (screen.place(&screen.window(OVERLAY)?) == moved).then_some(()));
    // The third of three buttons ends the call.
    screen.ask("xdotool", &["mousemove", &(moved.0 + 265).to_string(), &(moved.1 + 92).to_string()]);
    screen.ask("xdotool", &["click", "1"]);
    let (summary, errors) = call.summary();
    assert!(summary.contains("You marked"), "{summary}");
    assert!(!errors.contains("No overlay") && !errors.contains("Keys:"), "{errors}");

    let again = Call::begin(&screen, &home);
    wait("the same place again", || (screen.place(&screen.window(OVERLAY)?) == moved).then_some(()));
    drop(again);
}

#[test]
#[ignore = "needs Xvfb: make windows"]
fn the_main_window_begins_a_call_and_sums_it_up() {
    let (screen, home) = (Screen::start(), tempfile::tempdir().expect("a folder"));
    let settings = home.path().join("heard/heard.toml");
    std::fs::create_dir_all(settings.parent().expect("a folder")).expect("made");
    std::fs::write(&settings, "[coach]\nquiet_start_s = 0\nmonologue_s = 20\n").expect("written");
    let _program = Killed(
        screen
            .command(env!("CARGO_BIN_EXE_heard"))
            .env("XDG_CONFIG_HOME", home.path())
            .arg("--recording")
            .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg"))
            .stderr(Stdio::null())
            .spawn()
            .expect("heard"),
    );
    let window = wait("the window", || screen.window("^Heard$"));
    screen.ask("xdotool", &["windowfocus", "--sync", &window]);
    screen.ask("xdotool", &["windowmove", "--sync", &window, "20", "40"]);
    // A level comes from the recording before the call begins.
    let (x, y) = screen.place(&window);
    wait("a level", || (screen.colour((x + 180, y + 154)) == "#7FA8FF").then_some(()));
    screen.picture("main-start");
    let begin = || {
        screen.ask("xdotool", &["mousemove", &(x + 240).to_string(), &(y + 677).to_string(), "click", "1"]);
        sleep(Duration::from_millis(300));
    };
    let overlay = wait("the overlay beside it", || {
        begin();
        screen.window(OVERLAY)
    });
    let place = wait("its corner", || Some(screen.place(&overlay)).filter(|place| *place == (936, 40)));
    assert_eq!(screen.ask("xdotool", &["getwindowfocus"]).trim(), window, "the overlay took the keyboard");
    wait("a nudge", || is_card(&screen.colour(lower_card(place))).then_some(()));
    screen.picture("main-live");
    // Closing the window ends the call; its summary is shown, and the overlay is gone.
    screen.key("alt+F4");
    wait("the overlay gone", || screen.window(OVERLAY).is_none().then_some(()));
    assert!(screen.window("^Heard$").is_some(), "the summary is there to be read");
    sleep(Duration::from_millis(500));
    screen.picture("main-summary");
}

#[test]
#[ignore = "needs Xvfb: make windows"]
fn without_a_display_the_terminal_shows_the_call() {
    let screen = Screen::start();
    let home = tempfile::tempdir().expect("a folder");
    let bundled = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("demo/call.ogg");
    for display in [None, Some(":9999")] {
        let mut command = screen.command(env!("CARGO_BIN_EXE_heard"));
        command.env("XDG_CONFIG_HOME", home.path()).env_remove("DISPLAY");
        if let Some(display) = display {
            command.env("DISPLAY", display);
        }
        let mut program = command
            .args(["live", "--model", "none", "--events", "--from"])
            .arg(&bundled)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("heard");
        let mut line = String::new();
        let mut events = BufReader::new(program.stdout.take().expect("a pipe"));
        events.read_line(&mut line).expect("text");
        assert!(line.contains("voice_on"), "{display:?}: {line}");
        Command::new("kill").args(["-INT", &program.id().to_string()]).status().expect("kill");
        let mut said = String::new();
        program.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        assert!(program.wait().expect("an end").success(), "{said}");
        assert_eq!(said.matches("No overlay: ").count(), 1, "{said}");
    }
}
