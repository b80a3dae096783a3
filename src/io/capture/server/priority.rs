//! Whether a device's thread comes before all others, as far as the system lets it.

use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// Of 0 to 99: above everything ordinary, and below what the sound servers themselves run at (5 to 88).
const PRIORITY: u8 = 4;

/// Asks for real-time priority for the calling thread; false if the system does not grant it, and all stays as it was.
pub fn real_time() -> bool {
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    ThreadPriorityValue::try_from(PRIORITY).is_ok_and(|value| {
        let priority = ThreadPriority::Crossplatform(value);
        set_thread_priority_and_policy(thread_native_id(), priority, policy).is_ok()
    })
}
