//! What holds for the OpenAPI document as a whole.

use std::collections::BTreeMap;
use std::path::Path;

/// The names under which the types of a source file stand in the document: each with the file.
fn names(folder: &Path, found: &mut BTreeMap<String, Vec<String>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for after in text.split("ToSchema)]\n").skip(1) {
            let head: Vec<&str> = after.lines().take(8).collect();
            let given = head.iter().find_map(|it| it.strip_prefix("#[schema(as = "));
            let given = given.map(|it| it.trim_end_matches(")]"));
            let own = head.iter().find_map(|it| {
                let words: Vec<&str> =
                    it.split(' ').skip_while(|it| it.starts_with("pub")).collect();
                let is_type = matches!(words.first(), Some(&("struct" | "enum")));
                is_type.then(|| words[1].split(['<', '(', ';']).next().unwrap())
            });
            let name = given.or(own).unwrap().to_owned();
            found.entry(name).or_default().push(path.display().to_string());
        }
    }
}

#[test]
fn no_two_types_have_one_name() {
    // The document would silently show one of them in the place of the other.
    let mut found = BTreeMap::new();
    names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 80, "{}", found.len());
    found.retain(|_, files| files.len() > 1);
    assert_eq!(found, BTreeMap::new());
}

#[test]
fn no_two_routes_have_one_name() {
    let document = serde_json::to_value(api::document()).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let mut ids: Vec<&str> = items
        .flat_map(|it| it.as_object().unwrap().values())
        .filter_map(|it| it["operationId"].as_str())
        .collect();
    let n_all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(n_all > 80 && ids.len() == n_all, "{} of {n_all}", ids.len());
}

#[test]
fn what_is_referred_to_is_there() {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut left = vec![&document];
    let mut n_found = 0;
    while let Some(value) = left.pop() {
        if let Some(name) = value["$ref"].as_str() {
            let place = name.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{name}");
            n_found += 1;
        }
        left.extend(value.as_object().into_iter().flat_map(|it| it.values()));
        left.extend(value.as_array().into_iter().flatten());
    }
    assert!(n_found > 200, "{n_found}");
}
