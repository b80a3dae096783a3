//! What the system holds the recogniser's process to, besides files and sockets.

/// Memory beyond the model itself: a decoder's state of the largest model that Heard knows takes 300 MB, and the rest is
/// address space that threads reserve.
const ROOM: u64 = 1 << 30;

/// A model is read once as bytes and once by the engine.
const COPIES: u64 = 2;

/// Ends this process when its parent ends, lets it take no more memory than a model of so many bytes needs, and lets no
/// core dump hold what people said. On systems other than Linux only the pipe's end ends it.
pub fn apply(model_bytes: u64) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
        let most = |bytes: u64| Rlimit { current: Some(bytes), maximum: Some(bytes) };
        // Each can only fail where the system has no such thing; the supervisor's watchdog is still there.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        let _ = setrlimit(Resource::Core, most(0));
        // A graphics card's driver maps more address space than there is memory.
        if !cfg!(any(feature = "cuda", feature = "vulkan")) {
            let _ = setrlimit(Resource::As, most(COPIES * model_bytes + ROOM));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = model_bytes + COPIES + ROOM;
}
