//! Which actors are alike: most are named by no policy, and all of these may do the same.

use super::Estate;
use super::people::Who;

impl Estate {
    /// All that policies can tell of an actor: those of its names that one of them has.
    pub(super) fn kin_of(&self, who: &Who) -> String {
        let has_denies = !self.denies.is_empty();
        let is_named = |member: &str| self.named.get(member).is_some_and(|it| !it.is_empty());
        // a set of a pool means members that no policy names
        let counts = |it: &&String| has_denies || is_named(it) || it.starts_with("principal");
        let mut words: Vec<&str> = who.members.iter().filter(counts).map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        let account = who.of_cluster.as_deref();
        let is_known = |it: &&str| has_denies || self.wide.names_account(it);
        words.push(if account.is_some() { "in a cluster" } else { "" });
        words.push(account.filter(is_known).unwrap_or_default());
        words.push(who.disabled.as_deref().unwrap_or_default());
        words.push(if who.is_anybody { "*" } else { "" });
        words.push(if who.scopes.is_some() { "scopes" } else { "" });
        words.extend(who.scopes.iter().flatten().map(String::as_str));
        words.join("\n")
    }
}
