//! Linux's two doors: seccomp for sockets, Landlock for files.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, make_bitflags, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use super::Guard;

/// Devices are written to as well: terminals, and sound cards where there is no sound server.
const DEVICES: &str = "/dev";

/// Rights of Landlock up to its third version: truncating included, ioctl of devices not.
const RIGHTS: ABI = ABI::V3;

/// Programs of the x32 kind make their system calls on x86_64 with this bit set, and any program may.
const X32: libc::c_long = 0x4000_0000;

/// Which sockets a process may still make.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sockets {
    /// Those between programs of this computer, which is how sound servers are reached.
    Local,
    None,
}

/// Lets only these sockets be made, and io_uring, which could make others without a system call, not at all.
pub(super) fn deny_sockets(left: Sockets) -> Guard {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return Guard::NotOffered };
    let program = || -> Result<BpfProgram, seccompiler::BackendError> {
        let local = libc::AF_UNIX.unsigned_abs().into();
        let foreign = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, local)?;
        let foreign = SeccompRule::new(vec![foreign])?;
        // No condition at all means always.
        let refused = if left == Sockets::Local { vec![foreign] } else { vec![] };
        let mut rules = BTreeMap::from([
            (libc::SYS_socket, refused.clone()),
            (libc::SYS_socketpair, refused),
            (libc::SYS_io_uring_setup, vec![]),
        ]);
        if cfg!(target_arch = "x86_64") {
            let calls: Vec<_> = rules.keys().map(|call| call | X32).collect();
            rules.extend(calls.into_iter().map(|call| (call, vec![])));
        }
        let refuse = SeccompAction::Errno(libc::EACCES.unsigned_abs());
        SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?.try_into()
    };
    match program().map(|program| seccompiler::apply_filter_all_threads(&program)) {
        Ok(Ok(())) => Guard::Denied,
        _ => Guard::Failed,
    }
}

/// Refuses to write, make, move or remove anything outside `writable`; devices may be written to, and none made beside them.
/// A second lock on TCP comes with it where the kernel has it.
pub(super) fn deny_writing(writable: &[&Path]) -> Guard {
    let rights = AccessFs::from_write(RIGHTS);
    let to_devices = make_bitflags!(AccessFs::{WriteFile | Truncate});
    let restricted = Ruleset::default()
        .handle_access(rights)
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V4)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.add_rules(path_beneath_rules(writable, rights)))
        .and_then(|rules| rules.add_rules(path_beneath_rules([DEVICES], to_devices)))
        .and_then(|rules| rules.restrict_self());
    guard(restricted)
}

/// Refuses to open, make, run, move or remove any file at all; what is open stays open.
pub(super) fn deny_files() -> Guard {
    let restricted = Ruleset::default()
        .handle_access(AccessFs::from_all(RIGHTS))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V4)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.restrict_self());
    guard(restricted)
}

fn guard(restricted: Result<RestrictionStatus, RulesetError>) -> Guard {
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Guard::Denied,
        Ok(RulesetStatus::NotEnforced) => Guard::NotOffered,
        Err(_) => Guard::Failed,
    }
}
