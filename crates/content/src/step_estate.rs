//! The documents of a case of a step: those of the base, with what the file and the case put over them.

use base::nearest;
use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::step_case::{Files, Given, Slot, StepBase, StepCase, StepCases, StepWant};

/// Names by which items of a list in a document are told apart; the first that all of them have counts.
const NAMES: [&str; 19] = [
    "UserName",
    "RoleName",
    "GroupName",
    "PolicyName",
    "ReservationId",
    "InstanceProfileName",
    "Sid",
    "Key",
    "GroupId",
    "InstanceId",
    "NetworkInterfaceId",
    "VolumeId",
    "Arn",
    "id",
    "name",
    "Name",
    "role",
    "Id",
    "key",
];

/// The estate of one case before it is written: documents with `$name` in them, and what is given for each name.
#[derive(Debug, Clone)]
pub struct StepEstate<'l> {
    files: Files,
    given: Given,
    slots: IndexMap<&'l str, &'l Slot>,
}

/// One thing that a case file adds: left out, something should come out differently.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// An item that is given for a name.
    Given(String, Json),
    /// A document that the base has not.
    File(String),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(slot, Json::String(text)) => write!(f, "`{slot}: {text}`"),
            Self::Given(slot, item) => write!(f, "`{slot}: {item}`"),
            Self::File(path) => write!(f, "the file `{path}`"),
        }
    }
}

impl<'l> StepEstate<'l> {
    /// The estate of a case.
    ///
    /// # Errors
    /// It names what is not there, in words for the author of the file.
    pub fn new(bases: &[&'l StepBase], file: &StepCases, case: &StepCase) -> Result<Self, String> {
        let mut estate = Self { files: Files::new(), given: Given::new(), slots: IndexMap::new() };
        for base in bases {
            put_over(&mut estate.files, &base.files);
            estate.slots.extend(base.slots.iter().map(|(name, slot)| (name.as_str(), slot)));
        }
        put_over(&mut estate.files, &file.files);
        put_over(&mut estate.files, &case.files);
        for path in &case.gone {
            if estate.files.shift_remove(path).is_none() {
                let known = estate.files.keys().map(String::as_str);
                return Err(missing("file", path, known));
            }
        }
        estate.give(&file.given);
        for (slot, items) in &case.without {
            let given = estate.given.entry(slot.clone()).or_default();
            for item in items {
                let Some(at) = given.iter().position(|it| it == item) else {
                    return Err(format!("`without: {{ {slot}: {item} }}`: that is not given"));
                };
                given.remove(at);
            }
        }
        estate.give(&case.given);
        // A case may leave a place out that others fill in.
        let mut used = Vec::new();
        let all = bases.iter().map(|it| &it.files).chain([&file.files, &case.files]);
        all.flat_map(Files::values).for_each(|it| names_in(it, &mut used));
        if let Some(name) = estate.given.keys().find(|it| !used.contains(it)) {
            return Err(missing("place for", name, used.iter().map(String::as_str)));
        }
        Ok(estate)
    }

    fn give(&mut self, given: &Given) {
        for (slot, items) in given {
            self.given.entry(slot.clone()).or_default().extend(items.iter().cloned());
        }
    }

    /// The same without one thing; `None` where it has no such thing.
    pub fn without(&self, part: &Part) -> Option<Self> {
        let mut estate = self.clone();
        match part {
            Part::File(path) => {
                estate.files.shift_remove(path)?;
            }
            Part::Given(slot, item) => {
                let given = estate.given.get_mut(slot)?;
                given.remove(given.iter().position(|it| it == item)?);
            }
        }
        Some(estate)
    }

    /// The documents, with everything filled in.
    pub fn documents(&self) -> impl Iterator<Item = (&str, Json)> {
        self.files.iter().map(|(path, it)| (path.as_str(), self.fill(it)))
    }

    fn fill(&self, json: &Json) -> Json {
        match json {
            Json::Object(fields) => {
                fields.iter().map(|(key, it)| (key.clone(), self.fill(it))).collect()
            }
            Json::Array(items) => {
                let mut filled = Vec::new();
                for item in items {
                    match self.given_for(item) {
                        Some(given) => filled.extend(given),
                        None => filled.push(self.fill(item)),
                    }
                }
                Json::Array(filled)
            }
            other => self.given_for(other).map_or_else(|| other.clone(), Json::Array),
        }
    }

    /// What is given for a text that is `$name`.
    fn given_for(&self, json: &Json) -> Option<Vec<Json>> {
        let name = place(json)?;
        let template = self.slots.get(name).and_then(|it| it.text.as_ref());
        let items = self.given.get(name).map(Vec::as_slice).unwrap_or_default();
        Some(items.iter().map(|it| with_text(template, it)).collect())
    }
}

/// What a case file adds to its bases where the step is to be found, each once.
pub fn parts(bases: &[&StepBase], file: &StepCases) -> Vec<Part> {
    let mut parts = Vec::new();
    let all = [(&file.given, &file.files)];
    let cases = file.cases.iter().filter(|it| it.want != StepWant::None);
    let cases = cases.map(|it| (&it.given, &it.files));
    for (given, files) in all.into_iter().chain(cases) {
        for (slot, items) in given {
            parts.extend(items.iter().map(|it| Part::Given(slot.clone(), it.clone())));
        }
        let new = files.keys().filter(|path| !bases.iter().any(|it| it.files.contains_key(*path)));
        parts.extend(new.map(|path| Part::File(path.clone())));
    }
    let mut once: Vec<Part> = Vec::new();
    for part in parts {
        if !once.contains(&part) {
            once.push(part);
        }
    }
    once
}

/// The name in a text that is `$name` and nothing else.
fn place(json: &Json) -> Option<&str> {
    let name = json.as_str()?.strip_prefix('$')?;
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric());
    is_name.then_some(name)
}

fn names_in(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::Object(fields) => fields.values().for_each(|it| names_in(it, found)),
        Json::Array(items) => items.iter().for_each(|it| names_in(it, found)),
        other => found.extend(place(other).map(str::to_owned)),
    }
}

/// A text or a number as the template makes it; anything else as it is.
fn with_text(template: Option<&Json>, item: &Json) -> Json {
    match template {
        Some(template) if !item.is_object() => replaced(template, item),
        _ => item.clone(),
    }
}

fn replaced(template: &Json, item: &Json) -> Json {
    match template {
        Json::String(it) if it == "$it" => item.clone(),
        Json::String(it) => {
            let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            Json::String(it.replace("$it", &text))
        }
        Json::Array(items) => items.iter().map(|it| replaced(it, item)).collect(),
        Json::Object(fields) => {
            fields.iter().map(|(key, it)| (key.clone(), replaced(it, item))).collect()
        }
        other => other.clone(),
    }
}

fn put_over(files: &mut Files, over: &Files) {
    for (path, document) in over {
        match files.get_mut(path) {
            Some(known) => merge(known, document),
            None => {
                files.insert(path.clone(), document.clone());
            }
        }
    }
}

/// RFC 7396, but for lists whose items all have a name: those are merged item by item, and what is new is added.
fn merge(known: &mut Json, over: &Json) {
    match (known, over) {
        (Json::Object(known), Json::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    known.remove(key);
                } else {
                    merge(known.entry(key.clone()).or_insert(Json::Null), value);
                }
            }
        }
        (Json::Array(known), Json::Array(over)) if let Some(name) = name_of(known, over) => {
            for item in over {
                let same = known.iter_mut().find(|it| it.get(name) == item.get(name));
                match same {
                    Some(same) => merge(same, item),
                    None => known.push(item.clone()),
                }
            }
        }
        (known, over) => *known = over.clone(),
    }
}

/// By what the items of two lists are told apart; `None` where they are not.
fn name_of(known: &[Json], over: &[Json]) -> Option<&'static str> {
    if over.is_empty() || known.is_empty() {
        return None;
    }
    let all = || known.iter().filter(|it| place(it).is_none()).chain(over);
    NAMES.into_iter().find(|name| all().all(|it| it.get(name).is_some()))
}

fn missing<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Part, StepEstate, parts};
    use crate::step_case::{StepBase, StepCases};

    fn base() -> StepBase {
        let base = json!({
            "about": "A user.",
            "actor": "dev",
            "slots": { "dev": { "about": "Rights.", "text": { "Action": "$it", "Port": "$it" } } },
            "files": { "iam.json": { "Users": [{ "UserName": "dev", "Path": "/", "Policy": "$dev" }] } },
        });
        serde_json::from_value(base).unwrap()
    }

    fn file(given: &Json, files: &Json, case: &Json) -> StepCases {
        let mut case = case.clone();
        case["name"] = json!("A case.");
        case["want"] = json!("found");
        let file = json!({ "given": given, "files": files, "cases": [case] });
        serde_json::from_value(file).unwrap()
    }

    #[track_caller]
    fn check(given: &Json, files: &Json, case: &Json, want: &Json) {
        let (base, file) = (base(), file(given, files, case));
        let estate = StepEstate::new(&[&base], &file, &file.cases[0]);
        let documents = match estate {
            Ok(estate) => estate.documents().map(|(path, it)| (path.to_owned(), it)).collect(),
            Err(problem) => Json::String(problem),
        };
        assert_eq!(documents, *want);
    }

    #[test]
    fn what_is_given_stands_where_its_name_stood() {
        let user = |policy: Json| json!({ "iam.json": { "Users": [{ "UserName": "dev", "Path": "/", "Policy": policy }] } });
        check(&json!({}), &json!({}), &json!({}), &user(json!([])));
        check(
            &json!({ "dev": ["a", { "Effect": "Deny" }] }),
            &json!({}),
            &json!({ "given": { "dev": [22] }, "without": { "dev": ["a"] } }),
            &user(json!([{ "Effect": "Deny" }, { "Action": 22, "Port": 22 }])),
        );
    }

    #[test]
    fn lists_of_things_with_names_are_merged_one_by_one_and_others_replaced() {
        check(
            &json!({}),
            &json!({ "iam.json": { "Users": [{ "UserName": "dev", "Path": null, "Tags": ["a"] }, { "UserName": "boss" }] } }),
            &json!({ "files": { "iam.json": { "Users": [{ "UserName": "dev", "Tags": ["b"] }] } } }),
            &json!({ "iam.json": { "Users": [{ "UserName": "dev", "Policy": [], "Tags": ["b"] }, { "UserName": "boss" }] } }),
        );
    }

    #[test]
    fn what_is_named_and_not_there_is_said() {
        let wrong = |case: Json, want: &str| check(&json!({}), &json!({}), &case, &json!(want));
        wrong(
            json!({ "gone": ["iam.jso"] }),
            "there is no file `iam.jso`; did you mean `iam.json`?",
        );
        wrong(
            json!({ "given": { "devs": [] } }),
            "there is no place for `devs`; did you mean `dev`?",
        );
        wrong(
            json!({ "without": { "dev": ["a"] } }),
            "`without: { dev: \"a\" }`: that is not given",
        );
    }

    #[test]
    fn parts_are_what_the_file_adds() {
        let case = json!({ "given": { "dev": ["b"] } });
        let file =
            file(&json!({ "dev": ["a", "a"] }), &json!({ "x.json": {}, "iam.json": {} }), &case);
        let base = base();
        let found = parts(&[&base], &file);
        let item = |text: &str| Part::Given("dev".to_owned(), json!(text));
        assert_eq!(found, [item("a"), Part::File("x.json".to_owned()), item("b")]);
        let estate = StepEstate::new(&[&base], &file, &file.cases[0]).unwrap();
        let without = estate.without(&Part::File("x.json".to_owned())).unwrap();
        assert_eq!(without.documents().count(), 1);
        assert!(without.without(&Part::File("x.json".to_owned())).is_none());
    }
}
