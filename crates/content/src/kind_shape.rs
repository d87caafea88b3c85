//! The shape of a kind's whole document: its own answer and one key for each part.

use model::{Path, Step};

use crate::fields::{FieldTables, Shape};
use crate::kind::Kind;

/// Levels that [`properties`] lists; deeper ones are reached, but not listed.
const MAX_DEPTH: usize = 8;

/// The shape of documents of `kind`; [`Shape::Any`] where the tables know nothing.
pub(crate) fn kind_shape(tables: &FieldTables, kind: &Kind) -> Shape {
    let mut shape = match &kind.collect {
        Some(collect) => {
            let item = list_item(tables, &collect.list.operation, &collect.list.items);
            match &collect.list.as_field {
                Some(field) => Shape::fields([(field.clone(), Shape::String)]),
                None => item,
            }
        }
        None => tables.shape(&kind.native).cloned().unwrap_or(Shape::Any),
    };
    for detail in kind.collect.iter().flat_map(|it| &it.details) {
        let answer = tables.shape(&detail.operation).cloned().unwrap_or(Shape::Any);
        let part = match &detail.each {
            Some(each) => answer.at(each.steps()).map_or(Shape::Any, |it| it.element().clone()),
            None => answer,
        };
        let part = if detail.by.is_some() { Shape::Map(Box::new(part)) } else { part };
        set(&mut shape, &detail.document_key(), part);
    }
    for (key, part) in &kind.parts {
        let child = tables.shape(&part.native).cloned().unwrap_or(Shape::Any);
        let child = if part.many { Shape::List(Box::new(child)) } else { child };
        set(&mut shape, key, child);
    }
    // What forms set is part of the canonical document, whether a table names it or not.
    for path in kind.forms.iter().flat_map(|it| it.set.keys()).filter_map(|it| Path::parse(it).ok())
    {
        if shape.at(path.steps()).is_none() {
            shape.set(path.steps(), Shape::Any);
        }
    }
    for path in kind.decode.iter().chain(&kind.fields) {
        shape.set(path.steps(), Shape::Any);
    }
    if kind.cloud() == "gcp" {
        set(&mut shape, "iamPolicy", iam_policy());
    }
    shape
}

fn set(shape: &mut Shape, key: &str, part: Shape) {
    if !matches!(shape, Shape::Any) {
        shape.set(&[Step::Key(key.into())], part);
    }
}

/// The shape of one item of a list answer.
fn list_item(tables: &FieldTables, operation: &str, items: &Path) -> Shape {
    let Some(answer) = tables.shape(operation) else { return Shape::Any };
    if items.steps().is_empty() {
        return answer.clone();
    }
    answer.at(items.steps()).map_or(Shape::Any, |it| it.element().clone())
}

/// `google.iam.v1.Policy`, which every resource of Google Cloud has.
fn iam_policy() -> Shape {
    let text = || Shape::String;
    let condition = Shape::fields([
        ("title".to_owned(), text()),
        ("description".to_owned(), text()),
        ("expression".to_owned(), text()),
        ("location".to_owned(), text()),
    ]);
    let binding = Shape::fields([
        ("role".to_owned(), text()),
        ("members".to_owned(), Shape::List(Box::new(text()))),
        ("condition".to_owned(), condition),
    ]);
    Shape::fields([
        ("bindings".to_owned(), Shape::List(Box::new(binding))),
        ("auditConfigs".to_owned(), Shape::Any),
        ("etag".to_owned(), text()),
        ("version".to_owned(), Shape::Int),
    ])
}

/// Every path of `shape` with the name of its type, for people.
pub(crate) fn properties(shape: &Shape) -> Vec<(String, String)> {
    let mut found = Vec::new();
    list(shape, String::new(), 0, &mut found);
    found
}

fn list(shape: &Shape, at: String, depth: usize, found: &mut Vec<(String, String)>) {
    let leaf = match shape {
        Shape::Fields(fields) if depth < MAX_DEPTH => {
            let dot = if at.is_empty() { "" } else { "." };
            for (name, inner) in fields.iter() {
                list(inner, format!("{at}{dot}{name}"), depth + 1, found);
            }
            return;
        }
        Shape::List(inner) | Shape::Map(inner) if depth < MAX_DEPTH => {
            return list(inner, format!("{at}[*]"), depth + 1, found);
        }
        Shape::Fields(_) => "object".to_owned(),
        Shape::List(_) => "list".to_owned(),
        Shape::Map(_) => "map".to_owned(),
        Shape::Any => "any".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Int => "integer".to_owned(),
        Shape::Float => "float".to_owned(),
        Shape::String => "string".to_owned(),
        Shape::Time => "time".to_owned(),
        Shape::Enum(values) => values.values().collect::<Vec<_>>().join(" | "),
    };
    found.push((at, leaf));
}
