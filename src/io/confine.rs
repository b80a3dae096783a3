//! The program cuts itself off: no socket but local ones, no writing but where the user asked for it.
//!
//! On Linux by the kernel (seccomp and Landlock), before any other thread runs, so that every thread inherits it and none
//! can take it back. Elsewhere nothing of the kind is offered, and the program says so.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::path::Path;

#[cfg(target_os = "linux")]
mod linux;

/// Whether the system holds the program to a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    Denied,
    /// This system has no such thing.
    NotOffered,
    /// It has, and it did not work.
    Failed,
}

/// What the program can no longer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confinement {
    pub internet: Guard,
    pub writing: Guard,
}

/// Gives up the internet, and writing anywhere but in the folders `writable`. Files that are open stay as they are.
///
/// To be called before the first thread is started. What is promised about the internet has been tried.
pub fn confine(writable: &[&Path]) -> Confinement {
    #[cfg(target_os = "linux")]
    let confinement = Confinement {
        internet: linux::deny_sockets(linux::Sockets::Local),
        writing: linux::deny_writing(writable),
    };
    #[cfg(not(target_os = "linux"))]
    let confinement = {
        let _ = writable;
        Confinement { internet: Guard::NotOffered, writing: Guard::NotOffered }
    };
    match confinement.internet {
        Guard::Denied if has_internet_sockets() => Confinement { internet: Guard::Failed, ..confinement },
        _ => confinement,
    }
}

/// Gives up every socket and every file that is not open yet, for a process that needs only its pipes. What cannot be refused
/// on this system is left.
pub fn seal() -> Confinement {
    #[cfg(target_os = "linux")]
    return Confinement { internet: linux::deny_sockets(linux::Sockets::None), writing: linux::deny_files() };
    #[cfg(not(target_os = "linux"))]
    return Confinement { internet: Guard::NotOffered, writing: Guard::NotOffered };
}

/// Whether this process can make a socket that could reach the internet: it tries, with both kinds of address.
pub fn has_internet_sockets() -> bool {
    let refused = |tried: std::io::Result<UdpSocket>| {
        tried.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    };
    !(refused(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))
        && refused(UdpSocket::bind((Ipv6Addr::LOCALHOST, 0))))
}

impl Confinement {
    /// One line for the user.
    pub fn sentence(&self) -> &'static str {
        match (self.internet, self.writing) {
            (Guard::Denied, Guard::Denied) => {
                "Private: the system now refuses this program the internet, and writing anywhere you did not ask for."
            }
            (Guard::Denied, _) => "Private: the system now refuses this program the internet.",
            (Guard::NotOffered, _) => {
                "Private: nothing in this program uses the network; this system has no way to enforce that."
            }
            (Guard::Failed, _) => {
                "Nothing in this program uses the network, but the system failed to enforce it: run it with unshare -rn to be sure."
            }
        }
    }
}
