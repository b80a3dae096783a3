//! What a device's callback costs: ten million blocks of 10 ms into the ring, timed one by one, while somebody reads.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark times, and prints what it finds"
)]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use heard::io::capture::{Format, ring};

const CALLBACKS: usize = 10_000_000;
/// Nanoseconds that are told apart.
const FINE: usize = 1 << 16;

fn main() {
    let (mut inlet, mut outlet) = ring(Format { rate_hz: 48_000, channels: 1 });
    let block = [0.25f32; 480];
    let done = AtomicBool::new(false);
    let mut counts = vec![0u64; FINE];
    let mut longest = Duration::ZERO;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut out = Vec::new();
            while !done.load(Relaxed) {
                while outlet.take(&mut out).is_some() {}
                std::hint::spin_loop();
            }
        });
        for n in 0..CALLBACKS {
            let started = Instant::now();
            inlet.push(&block, Duration::from_millis(10 * n as u64));
            let took = started.elapsed();
            counts[(took.as_nanos() as usize).min(FINE - 1)] += 1;
            longest = longest.max(took);
        }
        done.store(true, Relaxed);
    });
    let at = |part: f64| {
        let mut left = (part * CALLBACKS as f64) as u64;
        counts.iter().position(|count| {
            let here = left < *count;
            left = left.saturating_sub(*count);
            here
        })
    };
    let nanos = |part| at(part).map_or_else(|| "over 65 µs".to_owned(), |nanos| format!("{nanos} ns"));
    println!(
        "{CALLBACKS} callbacks of 480 samples: p50 {}, p99 {}, p99.99 {}, longest {longest:?}",
        nanos(0.5),
        nanos(0.99),
        nanos(0.9999)
    );
}
