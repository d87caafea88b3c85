//! Which cluster the Kubernetes objects of a folder belong to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::batch::{Folder, Identity};
use crate::k8s;

/// The cluster name of each folder with objects.
///
/// A folder belongs to the nearest folder above it, or itself, that holds objects of the cluster as
/// a whole (nodes, namespaces, cluster roles). The name is the uid of its `kube-system`, else the
/// name of that folder.
pub(crate) fn names(folders: &BTreeMap<Arc<str>, Folder>) -> BTreeMap<Arc<str>, String> {
    let mut names = BTreeMap::new();
    for (path, folder) in folders {
        let root = root_of(path, folders).unwrap_or(path);
        let uid = folders.get(root).and_then(|it| it.uid.clone()).or_else(|| folder.uid.clone());
        let name = uid.unwrap_or_else(|| shown(root));
        names.insert(Arc::clone(path), name);
    }
    names
}

fn root_of<'a>(path: &'a str, folders: &BTreeMap<Arc<str>, Folder>) -> Option<&'a str> {
    let mut at = path;
    loop {
        if folders.get(at).is_some_and(|it| it.is_root) {
            return Some(at);
        }
        at = at.rsplit_once('/')?.0;
    }
}

/// The name of a folder without its path.
fn shown(folder: &str) -> String {
    match folder.rsplit('/').find(|it| !matches!(*it, "" | "." | "..")) {
        Some(name) => name.to_owned(),
        None => "cluster".to_owned(),
    }
}

/// The scope with the cluster's name, when it stands for one.
pub(crate) fn scope(scope: &Arc<str>, names: &BTreeMap<Arc<str>, String>) -> Arc<str> {
    match k8s::folder_of(scope) {
        Some((folder, _)) => format!("k8s:{}", name(folder, names)).into(),
        None => Arc::clone(scope),
    }
}

/// The identity with the cluster's name in id and scope.
pub(crate) fn renamed(identity: Identity, names: &BTreeMap<Arc<str>, String>) -> Identity {
    let Some((folder, rest)) = k8s::folder_of(&identity.id) else { return identity };
    let cluster = format!("k8s:{}", name(folder, names));
    Identity { id: format!("{cluster}{rest}"), scope: cluster.into(), kind: identity.kind }
}

fn name<'a>(folder: &'a str, names: &'a BTreeMap<Arc<str>, String>) -> &'a str {
    names.get(folder).map_or(folder, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::names;
    use crate::batch::Folder;
    use std::collections::BTreeMap;

    #[track_caller]
    fn check(folders: &[(&str, Option<&str>, bool)], want: &[&str]) {
        let folders: BTreeMap<_, _> = folders
            .iter()
            .map(|(path, uid, is_root)| {
                ((*path).into(), Folder { uid: uid.map(str::to_owned), is_root: *is_root })
            })
            .collect();
        let names = names(&folders);
        let found: Vec<&str> = names.values().map(String::as_str).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn a_folder_names_its_cluster() {
        check(&[("dump/prod", None, true), ("dump/test", None, false)], &["prod", "test"]);
        check(&[("", None, false)], &["cluster"]);
    }

    #[test]
    fn folders_below_a_root_belong_to_it() {
        check(&[("prod", Some("u-1"), true), ("prod/default", None, false)], &["u-1", "u-1"]);
    }
}
