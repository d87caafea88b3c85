//! `merlon-export.yaml`: what an export says about its own completeness.
//!
//! `{ complete: true }` for every scope below its folder, or
//! `collected: [ { scope: /subscriptions/..., kinds: [azure.lock] } ]` (`kinds: all` for all).

use serde::Deserialize;

use crate::batch::Declared;
use crate::shape::Work;
use crate::yaml;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Export {
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    collected: Vec<Collected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Collected {
    scope: String,
    kinds: Kinds,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Kinds {
    Word(String),
    List(Vec<String>),
}

/// Whether a file is such a declaration.
pub(crate) fn is_declaration(name: &str) -> bool {
    matches!(name.rsplit('/').next(), Some("merlon-export.yaml" | "merlon-export.yml"))
}

/// Reads the declaration.
pub(crate) fn read(work: &mut Work<'_, '_>, text: &str) {
    let document = yaml::documents(text).into_iter().next();
    let parsed = match document {
        Some((_, Ok(json))) => serde_json::from_value::<Export>(json).map_err(|it| it.to_string()),
        Some((_, Err(reason))) => Err(reason),
        None => Err("it is empty".to_owned()),
    };
    let export = match parsed {
        Ok(export) => export,
        Err(reason) => return work.remark(format!("the declaration was not understood: {reason}")),
    };
    let path = work.file.path;
    let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    if export.complete {
        work.batch.declared.push(Declared { folder: folder.clone(), scope: None, kinds: None });
    }
    for entry in export.collected {
        let kinds = match entry.kinds {
            Kinds::Word(word) if word == "all" => None,
            Kinds::Word(word) => Some([word].into()),
            Kinds::List(list) => Some(list.into_iter().collect()),
        };
        let scope = if entry.scope.starts_with('/') && !entry.scope.starts_with("//") {
            entry.scope.to_ascii_lowercase()
        } else {
            entry.scope
        };
        work.batch.declared.push(Declared { folder: folder.clone(), scope: Some(scope), kinds });
    }
}
