//! Who holds a lease: a process by a name that tells others on the same machine whether it lives.

use std::fs;
use std::path::Path;

/// The name of this process: `<role> <pid>@<boot>/<pid namespace>`.
pub(crate) fn own(role: &str) -> String {
    format!("{role} {}@{}", std::process::id(), machine())
}

/// Whether `holder` is a process of this machine that has ended. `false` where that is not known.
pub(crate) fn is_dead(holder: &str) -> bool {
    let Some((pid, place)) = holder.split_once(' ').and_then(|(_, it)| it.split_once('@')) else {
        return false;
    };
    let is_here = place == machine() && !place.starts_with('?');
    is_here && pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists()
}

/// The machine since its last start, and the namespace in which numbers of processes mean something.
fn machine() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let namespace = fs::read_link("/proc/self/ns/pid");
    match (boot, namespace) {
        (Ok(boot), Ok(namespace)) => format!("{}/{}", boot.trim(), namespace.display()),
        _ => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_dead, own};

    #[test]
    fn only_an_ended_process_of_this_machine_is_dead() {
        let own = own("cli");
        assert!(!is_dead(&own), "this process lives");
        let (_, place) = own.split_once('@').unwrap();
        assert!(
            is_dead(&format!("cli 4194999@{place}")),
            "no process has a number above the limit"
        );
        assert!(!is_dead("cli 4194999@elsewhere/pid:[1]"), "nothing is known of another machine");
        assert!(!is_dead("serve"));
        assert!(!is_dead(""));
    }
}
