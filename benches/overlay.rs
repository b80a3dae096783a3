//! What the overlay costs: its first picture, from a change to its picture, at rest, in talk, and in memory.
//!
//! Needs a display: `make bench-overlay` brings one without a graphics card, which is the dearest case.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, and a person's pace is waited for"
)]

use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use heard::app::has_display;
use heard::app::overlay::{Options, run};
use heard::app::place::Places;
use heard::app::screen::Screen;
use heard::coach::Kind;
use heard::config::OverlaySettings;
use heard::units::{Party, Share, Span};
use heard::view::call::{CallView, NudgeView};

fn main() {
    if !has_display() {
        println!("NOT MEASURED: no display; make bench-overlay brings one");
        return;
    }
    let screen = Screen::default();
    let driver = thread::spawn({
        let screen = screen.clone();
        let began = Instant::now();
        move || drive(&screen, began)
    });
    let (asked, _asks) = bounded(1);
    let options =
        Options { settings: OverlaySettings::default(), click_through: true, places: Places::default() };
    run(screen, options, asked).expect("a window");
    driver.join().expect("the driver");
}

fn drive(screen: &Screen, began: Instant) {
    until(screen, 1);
    println!("first picture        {:6.1} ms after the start", began.elapsed().as_secs_f64() * 1e3);
    sleep(Duration::from_secs(1));

    let mut lags: Vec<f64> = (0..400u32)
        .map(|n| {
            let (frames, at) = (screen.frames(), Instant::now());
            screen.show(&talk(n));
            until(screen, frames + 1);
            let lag = at.elapsed().as_secs_f64() * 1e3;
            sleep(Duration::from_millis(23));
            lag
        })
        .collect();
    lags.sort_by(f64::total_cmp);
    println!("change to picture    {:6.1} ms median, {:.1} ms p99, of {}", lags[200], lags[395], lags.len());

    let calm = talk(0);
    screen.show(&calm);
    sleep(Duration::from_secs(1));
    let (frames, cpu) = (screen.frames(), cpu_secs());
    for _ in 0..50 {
        screen.show(&calm);
        sleep(Duration::from_millis(200));
    }
    println!(
        "at rest, 10 s        {:6} pictures, {:.2} % of a core",
        screen.frames() - frames,
        (cpu_secs() - cpu) * 10.0
    );

    let (frames, cpu) = (screen.frames(), cpu_secs());
    for n in 0..100 {
        let mut call = talk(n);
        // A nudge comes and goes in these 20 s.
        call.nudge = (30..53).contains(&n).then(|| NudgeView {
            kind: Kind::PauseAndAsk,
            text: "Pause. Ask one.".to_owned(),
            detail: Some("What would success look like for your team next year?".to_owned()),
        });
        screen.show(&call);
        sleep(Duration::from_millis(200));
    }
    println!(
        "in talk, 20 s        {:6} pictures, {:.2} % of a core",
        screen.frames() - frames,
        (cpu_secs() - cpu) * 5.0
    );
    println!("memory of its own    {:6.1} MB", anonymous_mb());
    screen.close();
}

/// A call in which something that is drawn changes with every `n`.
fn talk(n: u32) -> CallView {
    let mut call = CallView {
        share: Share::of(Span::from_millis(u64::from(40 + n % 30)), Span::from_millis(100)),
        run: Span::from_secs(u64::from(n % 100)),
        run_limit: Span::from_secs(120),
        ..CallView::default()
    };
    call.speaking[if n.is_multiple_of(2) { Party::Rep } else { Party::Client }] = true;
    call
}

fn until(screen: &Screen, frames: u64) {
    while screen.frames() < frames {
        sleep(Duration::from_micros(200));
    }
}

/// Processor time of this process.
fn cpu_secs() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // User and system time, in hundredths of a second.
    [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn anonymous_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}
