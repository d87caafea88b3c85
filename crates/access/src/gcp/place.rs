//! Where a resource lies: what its name says, its project, folders and the organisation.

use hashbrown::HashMap;

use crate::read::Node;

const MANAGER: &str = "//cloudresourcemanager.googleapis.com/";

/// What lies in what.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Project or folder to what it lies in; `None` where it lies in nothing.
    parents: HashMap<String, Option<String>>,
    /// Project by its number, as full names.
    numbers: HashMap<String, String>,
    /// The same the other way.
    projects: HashMap<String, String>,
    /// Resources whose names do not say their project.
    scopes: HashMap<String, String>,
}

/// What a project or folder lies in, its number, and what a resource lies in.
pub(super) type One = (Option<Option<String>>, Option<String>, Option<String>);

/// The resources whose policies count for another, from it upward.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) ids: Vec<String>,
    /// Whether the last one lies in nothing.
    pub(super) is_whole: bool,
}

impl Places {
    pub(super) fn put_project(&mut self, id: &str, number: Option<&str>, node: Node<'_>) {
        if let Some(number) = number {
            self.numbers.insert(format!("{MANAGER}projects/{number}"), id.to_owned());
            self.projects.insert(id.to_owned(), number.to_owned());
        }
        self.put_parent(id, node);
    }

    /// `folders/5`, or `{type: folder, id: 5}`.
    pub(super) fn put_parent(&mut self, id: &str, node: Node<'_>) {
        let parent = node.at("parent");
        if parent.is_unread() {
            return;
        }
        let named = parent.text().map(str::to_owned).or_else(|| {
            let (kind, number) = (parent.at("type").text()?, parent.at("id").word()?);
            Some(format!("{kind}s/{number}"))
        });
        let named = named.map(|it| format!("{MANAGER}{}", it.trim_start_matches(MANAGER)));
        self.parents.insert(id.to_owned(), named);
    }

    pub(super) fn put_scope(&mut self, id: &str, scope: &str) {
        if !id.contains("/projects/") && id != scope {
            self.scopes.insert(id.to_owned(), scope.to_owned());
        }
    }

    /// What is said of where something lies: to be compared.
    pub(super) fn one(&self, id: &str) -> One {
        let parent = self.parents.get(id).cloned();
        (parent, self.projects.get(id).cloned(), self.scopes.get(id).cloned())
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.scopes.remove(id);
        self.parents.remove(id);
        if let Some(number) = self.projects.remove(id) {
            self.numbers.remove(&format!("{MANAGER}projects/{number}"));
        }
    }

    /// A project by its id, however it is named.
    pub(super) fn named<'a>(&'a self, id: &'a str) -> &'a str {
        self.numbers.get(id).map_or(id, String::as_str)
    }

    /// The number of a project.
    pub(super) fn number(&self, project: &str) -> Option<&str> {
        self.projects.get(project).map(String::as_str)
    }

    pub(super) fn chain(&self, on: &str) -> Chain {
        let mut ids = vec![on.to_owned()];
        let mut scope = self.scopes.get(on).cloned();
        let mut at = on;
        // names of objects have slashes of their own
        if let Some((bucket, _)) =
            on.split_once("/objects/").filter(|it| it.0.starts_with("//storage."))
        {
            ids.push(bucket.to_owned());
            scope = scope.or_else(|| self.scopes.get(bucket).cloned());
            at = bucket;
        }
        // an object lies in a bucket, a table in a dataset, a version in a secret
        while let Some((head, _)) = at.rsplit_once('/').and_then(|(it, _)| it.rsplit_once('/')) {
            if head.matches('/').count() < 3 {
                break;
            }
            scope = scope.or_else(|| self.scopes.get(head).cloned());
            if !head.ends_with("/projects") {
                ids.push(head.to_owned());
            }
            at = head;
        }
        let scope = scope.or_else(|| {
            let (_, rest) = on.split_once("/projects/")?;
            Some(format!("{MANAGER}projects/{}", rest.split('/').next()?))
        });
        let mut next = scope.or_else(|| on.starts_with(MANAGER).then(|| on.to_owned()));
        let mut is_whole = false;
        // a chain has at most ten folders; a wrong document may go in circles
        for _ in 0..16 {
            let Some(id) = next.take() else { break };
            let id = self.named(&id).to_owned();
            if !ids.contains(&id) {
                ids.push(id.clone());
            }
            is_whole = id.contains("/organizations/");
            match self.parents.get(&id) {
                Some(Some(parent)) => next = Some(parent.clone()),
                Some(None) => is_whole = true,
                None => {}
            }
        }
        Chain { ids, is_whole }
    }
}

/// Whether a place is a folder or an organisation.
pub(super) fn is_above_projects(id: &str) -> bool {
    id.contains("googleapis.com/folders/") || id.contains("googleapis.com/organizations/")
}

/// One spelling of what is asked about: `projects/_/buckets/b/objects/o` is an object of `b`.
pub(super) fn canonical(on: &str) -> String {
    on.replacen("//storage.googleapis.com/projects/_/buckets/", "//storage.googleapis.com/", 1)
}

/// The name in conditions: without the service; of buckets with the project `_`.
pub(super) fn name_in_conditions(on: &str) -> Option<String> {
    let (service, name) = on.strip_prefix("//")?.split_once('/')?;
    Some(match service {
        "storage.googleapis.com" if !name.starts_with("projects/") => {
            format!("projects/_/buckets/{name}")
        }
        _ => name.to_owned(),
    })
}

/// The type in conditions, from the last collection of the name.
pub(super) fn native(on: &str) -> Option<String> {
    let (service, name) = on.strip_prefix("//")?.split_once('/')?;
    if service == "storage.googleapis.com" {
        let word = if name.contains("/objects/") { "Object" } else { "Bucket" };
        return Some(format!("{service}/{word}"));
    }
    let collection = name.rsplit('/').nth(1)?;
    let singular = match collection.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => collection.strip_suffix('s').unwrap_or(collection).to_owned(),
    };
    let mut letters = singular.chars();
    let first = letters.next()?.to_ascii_uppercase();
    Some(format!("{service}/{first}{}", letters.as_str()))
}
