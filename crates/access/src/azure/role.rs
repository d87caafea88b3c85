//! Role definitions: what they allow, and the table of those that Azure comes with.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use serde_json::Value as Json;

use super::condition::{Condition, Known};
use crate::glob;
use crate::read::Node;
use crate::truth::Truth;

/// A role: its permissions add up.
#[derive(Debug, Clone, Default)]
pub(super) struct Role {
    /// Name for people.
    pub(super) name: String,
    permissions: Vec<Permission>,
}

/// Actions and what is taken from them again. Of the data plane and of the control plane apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Permission {
    control: Actions,
    data: Actions,
    condition: Option<Condition>,
}

#[derive(Debug, Clone, Default)]
struct Actions {
    with: Vec<String>,
    without: Vec<String>,
}

/// Which plane an action belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plane {
    /// Management: `*` of an owner takes these.
    Control,
    /// Data: only data actions take these.
    Data,
}

impl Actions {
    /// The pattern that takes all of `action`, in lower case, unless something is taken from it.
    fn covering(&self, action: &str) -> Option<&str> {
        let found = self.with.iter().find(|it| glob::takes(it, action))?;
        let is_cut = self.without.iter().any(|it| glob::meet(it, action));
        (!is_cut).then_some(found)
    }

    /// Whether some of the actions that a pattern stands for are taken.
    fn touches(&self, action: &str) -> bool {
        self.with.iter().any(|it| glob::meet(it, action))
    }
}

impl Permission {
    /// From a document, with `actions` and the others.
    pub(super) fn read(node: Node<'_>) -> Self {
        let texts = |key| node.at(key).texts();
        let lower = |key| texts(key).into_iter().map(str::to_ascii_lowercase).collect();
        let condition = node.at("condition").text().filter(|it| !it.trim().is_empty());
        Self {
            control: Actions { with: lower("actions"), without: lower("notActions") },
            data: Actions { with: lower("dataActions"), without: lower("notDataActions") },
            condition: condition.map(Condition::parse),
        }
    }

    fn parse(json: &Json) -> Self {
        let lower = |key: &str| {
            let texts = json.get(key).and_then(Json::as_array).into_iter().flatten();
            texts.filter_map(Json::as_str).map(str::to_ascii_lowercase).collect()
        };
        Self {
            control: Actions { with: lower("actions"), without: lower("notActions") },
            data: Actions { with: lower("dataActions"), without: lower("notDataActions") },
            condition: json.get("condition").and_then(Json::as_str).map(Condition::parse),
        }
    }

    fn of(&self, plane: Plane) -> &Actions {
        match plane {
            Plane::Control => &self.control,
            Plane::Data => &self.data,
        }
    }

    /// The pattern by which the action is in, and whether it is.
    pub(super) fn holds(&self, plane: Plane, known: &Known<'_>) -> (Truth, &str) {
        let Some(pattern) = self.of(plane).covering(known.action) else { return (Truth::No, "") };
        let truth = match &self.condition {
            None => Truth::Yes,
            Some(condition) => condition.holds(known),
        };
        (truth, pattern)
    }

    /// Data actions that are written out, in lower case.
    fn data_actions(&self) -> impl Iterator<Item = &str> {
        let all = self.data.with.iter().chain(&self.data.without);
        all.map(String::as_str).filter(|it| !it.contains('*'))
    }
}

impl Role {
    pub(super) fn read(properties: Node<'_>) -> Option<Self> {
        let permissions = properties.at("permissions").list()?;
        let name = properties.at("roleName").text().unwrap_or_default().to_owned();
        Some(Self { name, permissions: permissions.map(Permission::read).collect() })
    }

    /// Whether an action is in, by which permission (its number) and pattern. The best of all.
    pub(super) fn holds(&self, plane: Plane, known: &Known<'_>) -> (Truth, usize, &str) {
        let mut best = (Truth::No, 0, "");
        for (at, permission) in self.permissions.iter().enumerate() {
            let (truth, pattern) = permission.holds(plane, known);
            if truth > best.0 {
                best = (truth, at, pattern);
            }
        }
        best
    }

    /// Whether it names the action at all, or some of those that a pattern stands for.
    pub(super) fn touches(&self, plane: Plane, action: &str) -> bool {
        self.permissions.iter().any(|it| it.of(plane).touches(action))
    }

    pub(super) fn data_actions(&self) -> impl Iterator<Item = &str> {
        self.permissions.iter().flat_map(Permission::data_actions)
    }
}

/// The roles that Azure comes with, and how actions of the data plane are told; copies share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct BuiltInRoles {
    roles: Arc<HashMap<String, Role>>,
    data: Arc<[String]>,
    data_patterns: Arc<[String]>,
    control: Arc<[String]>,
    /// Planes of actions that were asked for: hundreds of patterns, and ever the same few actions.
    known: Arc<RwLock<HashMap<Box<str>, Plane>>>,
}

/// Planes that are remembered; what people ask of their own is without bound.
const MOST_KNOWN: usize = 10_000;

impl BuiltInRoles {
    /// Reads `facts/roles-azure.json`.
    ///
    /// # Errors
    /// The text is not JSON; what is missing in it is left out.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let table: Json = serde_json::from_slice(json)?;
        let list = |key: &str| table.get(key).and_then(Json::as_array).into_iter().flatten();
        let texts = |key: &str| list(key).filter_map(Json::as_str).map(str::to_ascii_lowercase);
        let mut roles = HashMap::new();
        for row in list("roles") {
            let text = |key: &str| row.get(key).and_then(Json::as_str).unwrap_or_default();
            let permissions = row.get("permissions").and_then(Json::as_array).into_iter().flatten();
            let permissions = permissions.map(Permission::parse).collect();
            roles
                .insert(text("id").to_owned(), Role { name: text("name").to_owned(), permissions });
        }
        let (data_patterns, mut data): (Vec<_>, Vec<_>) =
            texts("dataActions").partition(|it| it.contains('*'));
        data.sort_unstable();
        let control = texts("controlActions").collect();
        Ok(Self {
            roles: Arc::new(roles),
            data: data.into(),
            data_patterns: data_patterns.into(),
            control,
            known: Arc::default(),
        })
    }

    /// The role with this identifier, in lower case.
    pub(super) fn get(&self, id: &str) -> Option<&Role> {
        self.roles.get(id)
    }

    /// The plane of an action in lower case, as far as roles tell.
    pub(super) fn plane(&self, action: &str) -> Plane {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plane) = known.get(action) {
            return *plane;
        }
        drop(known);
        let plane = self.find_plane(action);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_KNOWN {
            known.insert(action.into(), plane);
        }
        plane
    }

    fn find_plane(&self, action: &str) -> Plane {
        let is_data = !self.control.iter().any(|it| it == action)
            && (self.data.binary_search_by(|it| it.as_str().cmp(action)).is_ok()
                || (!gives_keys(action)
                    && self.data_patterns.iter().any(|it| glob::takes(it, action))));
        if is_data { Plane::Data } else { Plane::Control }
    }
}

/// Whether an action in lower case shows or makes the keys of a resource: these are never data, however wide the data
/// actions of a role are written (`configurationStores/*/action`).
fn gives_keys(action: &str) -> bool {
    let verb = action.strip_suffix("/action").and_then(|it| it.rsplit('/').next());
    matches!(
        verb,
        Some(
            "listkeys"
                | "regeneratekey"
                | "regeneratekeys"
                | "listconnectionstrings"
                | "listsecrets"
        )
    )
}
