//! What a caller may do where: the one place that decides.

use std::collections::BTreeSet;

use crate::matrix::{Asked, Operation, Permission, matrix};
use crate::role::Role;

/// A role, given on a scope and all below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Id of the scope; `None`: the whole tenant.
    pub scope: Option<String>,
}

impl Grant {
    /// `role` on a scope and all below.
    pub fn on(scope: &str, role: Role) -> Self {
        Self { role, scope: Some(scope.to_owned()) }
    }

    /// `role` on the whole tenant.
    pub fn on_tenant(role: Role) -> Self {
        Self { role, scope: None }
    }

    fn covers(&self, chain: &[&str]) -> bool {
        self.scope.as_deref().is_none_or(|scope| chain.contains(&scope))
    }
}

/// The answer to a question of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The caller may.
    Allowed,
    /// The caller sees the scope, but may not do this there.
    Forbidden,
    /// The caller may not even know that the scope is there.
    Hidden,
}

/// The scopes that a caller may see, or where they may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// All, and what lies in none.
    Everything,
    /// These, and all below them; empty: nothing. Ids that do not exist may be among them.
    Scopes(BTreeSet<String>),
}

/// What a caller may do: their own grants and those of their groups, narrowed by the token that they came
/// with. Nothing, unless a grant allows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    /// Each layer alone must allow.
    layers: Vec<Vec<Grant>>,
}

impl Rights {
    /// The rights that these grants give together. They hold for somebody who is signed in: with no grants
    /// they still allow what concerns the caller alone.
    pub fn of(grants: Vec<Grant>) -> Self {
        Self { layers: vec![grants] }
    }

    /// The rights of nobody: not even what concerns the caller alone.
    pub fn none() -> Self {
        Self::default()
    }

    /// What both these rights and `grants` allow: a token never may more than whom it belongs to.
    #[must_use]
    pub fn narrowed_to(mut self, grants: Vec<Grant>) -> Self {
        if !self.layers.is_empty() {
            self.layers.push(grants);
        }
        self
    }

    /// Whether the caller may do `operation` on the scope that `chain` begins with; the scopes above it
    /// follow in any order. An empty chain is the whole tenant. The chain does not matter
    /// for operations that are not asked on a scope.
    pub fn can(&self, operation: Operation, chain: &[&str]) -> Decision {
        let Some(permission) = matrix().get(&operation) else { return Decision::Forbidden };
        let is_allowed = !self.layers.is_empty()
            && self.layers.iter().all(|layer| allows(layer, permission, chain));
        if is_allowed {
            return Decision::Allowed;
        }
        let is_hidden =
            permission.asked == Asked::Scope && !chain.is_empty() && !self.may_see(chain);
        if is_hidden { Decision::Hidden } else { Decision::Forbidden }
    }

    /// What the caller may do on the scope that `chain` begins with, in the order of [`Operation::ALL`].
    pub fn operations(&self, chain: &[&str]) -> Vec<Operation> {
        let all = Operation::ALL.iter().copied();
        all.filter(|it| self.can(*it, chain) == Decision::Allowed).collect()
    }

    /// The scopes on which the caller may do `operation`. `chain_of` gives a scope with all above it; for a
    /// scope that it does not know, the scope alone.
    pub fn sight(&self, operation: Operation, chain_of: impl Fn(&str) -> Vec<String>) -> Sight {
        let Some(permission) = matrix().get(&operation) else {
            return Sight::Scopes(BTreeSet::new());
        };
        let mut layers = self.layers.iter();
        let Some(first) = layers.next() else { return Sight::Scopes(BTreeSet::new()) };
        layers.fold(seen_by(first, permission), |sight, layer| {
            sight.and(seen_by(layer, permission), &chain_of)
        })
    }

    fn may_see(&self, chain: &[&str]) -> bool {
        let Some(permission) = matrix().get(&Operation::ScopeRead) else { return false };
        !self.layers.is_empty() && self.layers.iter().all(|it| allows(it, permission, chain))
    }
}

fn allows(grants: &[Grant], permission: &Permission, chain: &[&str]) -> bool {
    let mut able = grants.iter().filter(|it| permission.allows(it.role));
    match permission.asked {
        Asked::Scope => able.any(|it| it.covers(chain)),
        Asked::Tenant => able.any(|it| it.scope.is_none()),
        Asked::Anywhere => able.next().is_some(),
        Asked::Caller => true,
    }
}

fn seen_by(grants: &[Grant], permission: &Permission) -> Sight {
    let mut scopes = BTreeSet::new();
    for grant in grants.iter().filter(|it| permission.allows(it.role)) {
        match &grant.scope {
            None => return Sight::Everything,
            Some(scope) if permission.asked != Asked::Tenant => {
                scopes.insert(scope.clone());
            }
            Some(_) => {}
        }
    }
    Sight::Scopes(scopes)
}

impl Sight {
    /// Whether the scope that `chain` begins with can be seen; the scopes above it follow. An empty chain is
    /// what lies in no scope.
    pub fn has(&self, chain: &[&str]) -> bool {
        match self {
            Self::Everything => true,
            Self::Scopes(scopes) => chain.iter().any(|it| scopes.contains(*it)),
        }
    }

    /// What both see. Of two scopes the lower one is left, where one lies in the other.
    fn and(self, other: Self, chain_of: impl Fn(&str) -> Vec<String>) -> Self {
        match (self, other) {
            (Self::Everything, it) | (it, Self::Everything) => it,
            (Self::Scopes(these), Self::Scopes(those)) => {
                let within = |scopes: &BTreeSet<String>, scope: &&String| {
                    scopes.contains(*scope) || chain_of(scope).iter().any(|it| scopes.contains(it))
                };
                let lower = these.iter().filter(|it| within(&those, it));
                let lower = lower.chain(those.iter().filter(|it| within(&these, it)));
                Self::Scopes(lower.cloned().collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn roles_are_inherited_downwards_only() {
        let rights = Rights::of(vec![Grant::on("b", Role::SecurityAdmin)]);
        let write = Operation::ExemptionWrite;
        assert_eq!(rights.can(write, &["c", "b", "a"]), Decision::Allowed);
        assert_eq!(rights.can(write, &["b", "a"]), Decision::Allowed);
        assert_eq!(rights.can(write, &["a"]), Decision::Hidden);
        assert_eq!(rights.can(write, &[]), Decision::Forbidden, "the tenant is no secret");
        assert_eq!(rights.can(Operation::AuditRead, &[]), Decision::Forbidden);
        assert_eq!(rights.can(Operation::ContentRead, &[]), Decision::Allowed);
    }

    #[test]
    fn nobody_may_nothing_and_somebody_what_is_theirs() {
        for operation in Operation::ALL {
            assert_ne!(Rights::none().can(*operation, &[]), Decision::Allowed);
            let narrowed = Rights::none().narrowed_to(vec![Grant::on_tenant(Role::Owner)]);
            assert_ne!(narrowed.can(*operation, &[]), Decision::Allowed);
        }
        assert_eq!(Rights::of(Vec::new()).operations(&[]), [Operation::TokenOwn]);
    }

    #[test]
    fn a_token_never_may_more_than_its_owner() {
        let owner = || Rights::of(vec![Grant::on("a", Role::Reader)]);
        let token = owner().narrowed_to(vec![Grant::on_tenant(Role::Owner)]);
        for operation in Operation::ALL {
            for chain in [&["a"][..], &["b", "a"], &["x"], &[]] {
                assert_eq!(token.can(*operation, chain), owner().can(*operation, chain));
            }
        }
        let token = owner().narrowed_to(vec![Grant::on("b", Role::Owner)]);
        assert_eq!(token.can(Operation::ResourceRead, &["b", "a"]), Decision::Allowed);
        assert_eq!(token.can(Operation::ResourceRead, &["a"]), Decision::Hidden);
        let tree = |scope: &str| match scope {
            "b" => vec!["b".to_owned(), "a".to_owned()],
            it => vec![it.to_owned()],
        };
        let sight = token.sight(Operation::ResourceRead, tree);
        assert_eq!(sight, Sight::Scopes(["b".to_owned()].into()));
    }

    /// A tree of scopes by the number of each one's parent; parents come before their children.
    #[derive(Debug, Clone)]
    struct Tree(Vec<Option<usize>>);

    impl Tree {
        fn chain(&self, scope: usize) -> Vec<String> {
            let above = std::iter::successors(Some(scope), |it| self.0[*it]);
            above.map(|it| format!("s{it}")).collect()
        }
    }

    fn trees() -> impl Strategy<Value = Tree> {
        prop::collection::vec(any::<prop::sample::Index>(), 1..8).prop_map(|picks| {
            let parents = picks.iter().enumerate().map(|(n, pick)| match pick.index(n + 1) {
                0 => None,
                it => Some(it - 1),
            });
            Tree(parents.collect())
        })
    }

    fn grants() -> impl Strategy<Value = Vec<Grant>> {
        let scope =
            prop::option::weighted(0.9, 0..9_usize).prop_map(|it| it.map(|n| format!("s{n}")));
        let grant = (prop::sample::select(&Role::ALL[..]), scope)
            .prop_map(|(role, scope)| Grant { role, scope });
        prop::collection::vec(grant, 0..4)
    }

    /// Says the same the slow way: writes out every scope on which every grant counts, and reads the table as
    /// text.
    fn oracle(
        layers: &[Vec<Grant>],
        tree: &Tree,
        operation: Operation,
        at: Option<usize>,
    ) -> Decision {
        let line = |word: &str| {
            let text = include_str!("../matrix.toml");
            let section = text.split(&format!("[{word}]\n")).nth(1).unwrap();
            let mut lines = section.lines();
            (lines.next().unwrap().to_owned(), lines.next().unwrap().to_owned())
        };
        let holds = |word: &str| {
            layers.iter().all(|grants| {
                let (on, roles) = line(word);
                if on.contains("self") {
                    return true;
                }
                let mut able = false;
                for grant in grants {
                    if !roles.contains(&format!("\"{}\"", grant.role.name())) {
                        continue;
                    }
                    let mut covered = BTreeSet::new(); // None is the tenant
                    for scope in 0..tree.0.len() {
                        let is_below =
                            tree.chain(scope).iter().any(|it| Some(it) == grant.scope.as_ref());
                        if grant.scope.is_none() || is_below {
                            covered.insert(Some(scope));
                        }
                    }
                    if grant.scope.is_none() {
                        covered.insert(None);
                    }
                    able |= match () {
                        () if on.contains("\"scope\"") => covered.contains(&at),
                        () if on.contains("\"tenant\"") => covered.contains(&None),
                        () => true,
                    };
                }
                able
            })
        };
        if holds(operation.word()) {
            Decision::Allowed
        } else if line(operation.word()).0.contains("\"scope\"")
            && at.is_some()
            && !holds("scope.read")
        {
            Decision::Hidden
        } else {
            Decision::Forbidden
        }
    }

    proptest! {
        #[test]
        fn rights_are_what_the_table_says(
            tree in trees(),
            own in grants(),
            token in prop::option::of(grants()),
        ) {
            let mut rights = Rights::of(own.clone());
            let mut layers = vec![own];
            if let Some(token) = token {
                rights = rights.narrowed_to(token.clone());
                layers.push(token);
            }
            for operation in Operation::ALL {
                let sight = rights.sight(*operation, |scope| {
                    let number: Option<usize> = scope.strip_prefix('s').and_then(|it| it.parse().ok());
                    match number.filter(|it| *it < tree.0.len()) {
                        Some(number) => tree.chain(number),
                        None => vec![scope.to_owned()],
                    }
                });
                for at in (0..tree.0.len()).map(Some).chain([None]) {
                    let chain = at.map(|it| tree.chain(it)).unwrap_or_default();
                    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
                    let wanted = oracle(&layers, &tree, *operation, at);
                    prop_assert_eq!(rights.can(*operation, &chain), wanted, "{:?} {:?}", operation, at);
                    if matrix()[operation].asked == Asked::Scope {
                        prop_assert_eq!(sight.has(&chain), wanted == Decision::Allowed);
                    }
                }
            }
        }
    }
}
