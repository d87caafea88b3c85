//! Data that is reached beside roles: by an access policy of the vault, with the keys of an account, by anybody.

use super::data::{AccessPolicy, Vault};
use super::role::Plane;
use super::{Estate, Known, Question};
use crate::notes::Notes;
use crate::truth::Truth;
use crate::{Effect, Given};

/// Who may do one of these has the keys of a storage account, and with them all its data: whoever makes a new key is
/// shown it. <https://learn.microsoft.com/rest/api/storagerp/storage-accounts/regenerate-key>
pub(super) const GIVE_KEYS: [&str; 2] = [
    "microsoft.storage/storageaccounts/listkeys/action",
    "microsoft.storage/storageaccounts/regeneratekey/action",
];
pub(super) const READ_BLOB: &str =
    "microsoft.storage/storageaccounts/blobservices/containers/blobs/read";

impl Estate {
    /// What is granted when roles grant so much: roles do not count in a vault that goes by access policies.
    pub(super) fn beside_roles(
        &self,
        question: &Question<'_>,
        by_roles: Truth,
        mut notes: Notes<'_>,
    ) -> Truth {
        if question.known.action.starts_with("microsoft.keyvault/vaults/") {
            return self.in_vaults(question, by_roles, notes);
        }
        if question.known.action.starts_with("microsoft.storage/storageaccounts/") {
            let open = self.by_anybody(question, notes.again());
            return by_roles.or(open).or(self.by_keys(question, notes));
        }
        by_roles
    }

    fn in_vaults(&self, question: &Question<'_>, by_roles: Truth, mut notes: Notes<'_>) -> Truth {
        let vaults = self.doors.vaults(question.known.on);
        if vaults.is_empty() {
            return by_roles;
        }
        let mut best = Truth::No;
        for (id, vault) in vaults {
            let Some(vault) = vault else {
                notes.unread(|| {
                    (id.to_owned(), "whether roles or access policies decide".to_owned())
                });
                best = best.or(if by_roles == Truth::Yes { Truth::Yes } else { Truth::Unknown });
                continue;
            };
            let truth = match vault.uses_roles {
                Some(true) => by_roles,
                Some(false) => {
                    if by_roles != Truth::No {
                        notes.reason(Effect::Limits, || {
                            let path = "properties.enableRbacAuthorization".to_owned();
                            (
                                id.to_owned(),
                                path,
                                "roles do not count, access policies do".to_owned(),
                            )
                        });
                    }
                    self.by_policies(id, vault, question, notes.again())
                }
                None => {
                    notes.unread(|| {
                        let what = format!("{id} properties.enableRbacAuthorization");
                        (what, "whether roles or access policies decide".to_owned())
                    });
                    let either = by_roles.or(self.by_policies(id, vault, question, notes.again()));
                    either.and(Truth::Unknown)
                }
            };
            best = best.or(truth);
        }
        best
    }

    fn by_policies(
        &self,
        id: &str,
        vault: &Vault,
        question: &Question<'_>,
        mut notes: Notes<'_>,
    ) -> Truth {
        if question.given == Given::Trusting {
            return Truth::Yes;
        }
        let Some(policies) = &vault.policies else {
            notes.unread(|| {
                (format!("{id} properties.accessPolicies"), "one could allow it".to_owned())
            });
            return Truth::Unknown;
        };
        let mut best = Truth::No;
        for (at, policy) in policies.iter().enumerate() {
            let Some(permission) = policy.allowing(question.known.action) else { continue };
            let truth = self.is_meant(policy, question);
            if truth == Truth::No {
                continue;
            }
            notes.reason(Effect::Allows, || {
                let path = format!("properties.accessPolicies[{at}]");
                (id.to_owned(), path, format!("an access policy allows {permission}"))
            });
            if truth == Truth::Unknown {
                notes.unread(|| {
                    (
                        policy.principal.clone(),
                        "members, or the application that is needed".to_owned(),
                    )
                });
            }
            best = best.or(truth);
        }
        best
    }

    fn is_meant(&self, policy: &AccessPolicy, question: &Question<'_>) -> Truth {
        let is_meant = if question.who.contains(&policy.principal) {
            Truth::Yes
        } else if self.people.open().contains(&policy.principal) && !question.who.is_empty() {
            Truth::Unknown
        } else {
            Truth::No
        };
        if policy.is_compound { is_meant.and(Truth::Unknown) } else { is_meant }
    }

    /// Who gets the keys of an account has its data, unless the account takes no keys.
    fn by_keys(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let mut best = Truth::No;
        for (id, account) in self.doors.accounts(question.known.on) {
            let takes_keys = account.map_or(Some(true), |it| it.takes_keys);
            if takes_keys == Some(false) {
                continue;
            }
            let mut truth = Truth::No;
            for action in GIVE_KEYS {
                let known = Known { action, on: id, ..question.known };
                let asked = Question { plane: Plane::Control, known, ..*question };
                let one = self.weigh(&asked, Notes(None));
                if one != Truth::No && notes.are_kept() {
                    self.weigh(&asked, notes.again());
                }
                truth = truth.or(one);
                if truth == Truth::Yes && !notes.are_kept() {
                    break;
                }
            }
            if truth == Truth::No {
                continue;
            }
            notes.reason(Effect::Allows, || {
                let path = "properties.allowSharedKeyAccess".to_owned();
                (id.to_owned(), path, "who has the keys of the account has its data".to_owned())
            });
            if account.is_none() || takes_keys.is_none() {
                notes.unread(|| {
                    let what = format!("{id} properties.allowSharedKeyAccess");
                    (what, "keys may be refused".to_owned())
                });
            }
            best = best.or(truth);
        }
        best
    }

    /// Containers that are open to anybody.
    fn by_anybody(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        if question.known.action != READ_BLOB {
            return Truth::No;
        }
        let mut best = Truth::No;
        for container in self.doors.open_containers(question.known.on) {
            let account = self.doors.accounts(container).into_iter().find_map(|(_, it)| it);
            match account.map(|it| it.may_be_open) {
                Some(Some(false)) => continue,
                Some(Some(true)) => {}
                Some(None) | None => notes.unread(|| {
                    let what = format!("{container} allowBlobPublicAccess of its account");
                    (what, "the account may forbid what the container allows".to_owned())
                }),
            }
            notes.reason(Effect::Allows, || {
                let says = "allows anybody to read blobs".to_owned();
                (container.to_owned(), "properties.publicAccess".to_owned(), says)
            });
            best = Truth::Yes;
        }
        best
    }
}
