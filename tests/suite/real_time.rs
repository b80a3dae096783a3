//! What a device's thread does: copy and count. An allocation there is a click in somebody's call.

use std::time::Duration;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, violation_count};
use heard::io::capture::{Format, ring};

#[global_allocator]
static TRAP: AllocDisabler = AllocDisabler;

/// How often the trap was sprung by what `f` does in this thread.
fn allocations(f: impl FnOnce()) -> u32 {
    let before = violation_count();
    assert_no_alloc(f);
    violation_count() - before
}

#[test]
fn the_trap_works() {
    assert!(allocations(|| drop(std::hint::black_box(vec![0u8; 64]))) > 0);
}

#[test]
fn the_callback_never_allocates_be_the_ring_empty_wrapping_or_full() {
    let (mut inlet, mut outlet) = ring(Format { rate_hz: 48_000, channels: 2 });
    let (block, bytes) = ([0.25f32; 2 * 480], [0u8; 4 * 2 * 480]);
    let mut out = Vec::new();
    // Empty, then around the ring's end again and again.
    for n in 0..2_000 {
        assert_eq!(allocations(|| inlet.push(&block, Duration::from_millis(10 * n))), 0, "block {n}");
        assert_eq!(allocations(|| inlet.push_bytes(&bytes, Duration::from_millis(10 * n))), 0, "block {n}");
        while outlet.take(&mut out).is_some() {}
    }
    assert_eq!(outlet.dropped(), 0);
    // Full.
    assert_eq!(allocations(|| (0..1_000).for_each(|_| inlet.push(&block, Duration::ZERO))), 0);
    assert!(outlet.dropped() > 0);
}
