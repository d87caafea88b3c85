//! What must hold for all content, beyond what `merlon content check` says of each file.

use std::path::Path;

use content::{ContentFile, Library};

use crate::command::checkout;

fn library() -> Library {
    let root = checkout().join("content");
    let mut files = Vec::new();
    for folder in ["checks", "kinds", "standards"] {
        walk(&root, &root.join(folder), &mut files);
    }
    let controls = std::fs::read(root.join("controls.yaml")).unwrap();
    files.push(ContentFile { path: "controls.yaml".to_owned(), bytes: controls });
    let (library, problems) = Library::build(&files, true);
    assert_eq!(problems, []);
    library
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<ContentFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            let below = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push(ContentFile { path: below, bytes: std::fs::read(&path).unwrap() });
        }
    }
}

#[test]
fn an_unread_part_never_decides_where_it_could_matter() {
    let library = library();
    let problems: Vec<String> = library
        .checks()
        .flat_map(|check| {
            let found = posture::unread_problems(&library, check);
            found.into_iter().map(|it| format!("{}: {it}", check.id))
        })
        .collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_control_and_cloud_has_checks() {
    let library = library();
    for control in library.controls() {
        assert!(library.checks().any(|it| it.control == control.id), "{}", control.id);
    }
    for (cloud, n_least) in [("azure", 70), ("aws", 60), ("gcp", 30), ("k8s", 12)] {
        let prefix = format!("{cloud}.");
        let n_checks = library.checks().filter(|it| it.id.starts_with(&prefix)).count();
        assert!(n_checks >= n_least, "{cloud}: {n_checks}");
    }
}
