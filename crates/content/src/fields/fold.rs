//! Folding: keys and enum values in another case get the documented spelling.

use serde_json::{Map, Value as Json};

use super::shape::{Fields, Shape};

impl Shape {
    /// Folds a document in place; the number of keys and values changed.
    ///
    /// A key is left alone if the documented spelling stands beside it. A document that is spelled
    /// as documented costs one look-up per key and allocates nothing.
    pub fn fold(&self, value: &mut Json) -> usize {
        match (self, value) {
            (Shape::Fields(fields), Json::Object(object)) => fold_object(fields, object),
            (Shape::Map(inner), Json::Object(object)) => {
                object.values_mut().map(|value| inner.fold(value)).sum()
            }
            (Shape::List(inner), Json::Array(items)) => {
                items.iter_mut().map(|item| inner.fold(item)).sum()
            }
            (Shape::Enum(values), Json::String(text)) => match values.spelling(text) {
                Some(spelling) if spelling != text => {
                    spelling.clone_into(text);
                    1
                }
                Some(_) | None => 0,
            },
            _ => 0,
        }
    }
}

fn fold_object(fields: &Fields, object: &mut Map<String, Json>) -> usize {
    let mut folds = 0;
    let mut misspelled = false;
    for (key, value) in object.iter_mut() {
        if let Some(shape) = fields.get(key) {
            folds += shape.fold(value);
        } else if let Some((_, shape)) = fields.find_folded(key) {
            misspelled = true;
            folds += shape.fold(value);
        }
    }
    if misspelled {
        folds += rename(fields, object);
    }
    folds
}

/// Gives the keys their documented spelling, keeping the order of the object.
fn rename(fields: &Fields, object: &mut Map<String, Json>) -> usize {
    let mut folds = 0;
    let old = std::mem::take(object);
    let taken: Vec<String> = old.keys().filter(|key| fields.get(key).is_some()).cloned().collect();
    for (key, value) in old {
        let spelling = match fields.spelling(&key) {
            Some(name) if name != key && !taken.iter().any(|k| k == name) => name,
            Some(_) | None => key.as_str(),
        };
        if spelling == key || object.contains_key(spelling) {
            object.insert(key, value);
        } else {
            folds += 1;
            object.insert(spelling.to_owned(), value);
        }
    }
    folds
}
