//! Linux's two doors: seccomp for sockets, Landlock for files.

use std::path::Path;

use landlock::{ABI, AccessFs, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus, path_beneath_rules};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use super::Guard;

/// Devices are written to as well: terminals, and sound cards where there is no sound server.
const DEVICES: &str = "/dev";

/// Rights of Landlock up to its third version: truncating included, ioctl of devices not.
const RIGHTS: ABI = ABI::V3;

/// Lets `socket` make local and kernel sockets only, and io_uring, which could make others, nothing at all.
pub(super) fn deny_sockets() -> Guard {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return Guard::NotOffered };
    let program = || -> Result<BpfProgram, seccompiler::BackendError> {
        let is_not = |family: libc::c_int| {
            SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family.unsigned_abs().into())
        };
        let foreign = SeccompRule::new(vec![is_not(libc::AF_UNIX)?, is_not(libc::AF_NETLINK)?])?;
        let rules = [(libc::SYS_socket, vec![foreign]), (libc::SYS_io_uring_setup, vec![])];
        let refuse = SeccompAction::Errno(libc::EACCES.unsigned_abs());
        SeccompFilter::new(rules.into_iter().collect(), SeccompAction::Allow, refuse, arch)?.try_into()
    };
    match program().map(|program| seccompiler::apply_filter_all_threads(&program)) {
        Ok(Ok(())) => Guard::Denied,
        _ => Guard::Failed,
    }
}

/// Refuses to write, make, move or remove anything outside `writable` and the devices.
pub(super) fn deny_writing(writable: &[&Path]) -> Guard {
    let rights = AccessFs::from_write(RIGHTS);
    let allowed = writable.iter().copied().chain([Path::new(DEVICES)]);
    let restricted = Ruleset::default()
        .handle_access(rights)
        .and_then(Ruleset::create)
        .and_then(|rules| rules.add_rules(path_beneath_rules(allowed, rights)))
        .and_then(|rules| rules.restrict_self());
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Guard::Denied,
        Ok(RulesetStatus::NotEnforced) => Guard::NotOffered,
        Err(_) => Guard::Failed,
    }
}
