//! The shape of a document: what may stand at which path.

use std::fmt;

use indexmap::IndexMap;
use model::Step;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// How many shapes a search for a misplaced name looks at.
const SEARCHED: usize = 20_000;

/// What may stand at a place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing is known.
    Any,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text.
    String,
    /// A time, printed as text.
    Time,
    /// One of a few texts; clouds add to them without notice, so others may occur.
    Enum(Enum),
    /// A list of elements of one shape.
    List(Box<Shape>),
    /// An object whose keys are data, and whose values have one shape.
    Map(Box<Shape>),
    /// An object with known keys.
    Fields(Fields),
}

/// The texts of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Sorted.
    values: Box<[Box<str>]>,
}

/// The keys of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    by_name: IndexMap<Box<str>, Shape>,
    /// Lower-cased key -> position, of keys that are not lower case already.
    by_lower: IndexMap<Box<str>, u32>,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The path exists, with this shape.
    Known(&'a Shape),
    /// The path leads through or to a place of which nothing is known.
    Any,
    /// The path does not exist.
    Unknown {
        /// How many steps of the path exist.
        known: usize,
        /// What the unknown step should be, or the full path where the name stands.
        nearest: Option<String>,
    },
}

/// A text, for paths that end at the keys of an object.
const TEXT: Shape = Shape::String;

impl Shape {
    /// An object with these keys, for instance one composed of the parts of a kind.
    pub fn fields(fields: impl IntoIterator<Item = (String, Shape)>) -> Self {
        let mut out = Fields::default();
        for (name, shape) in fields {
            out.insert(&name, shape);
        }
        Shape::Fields(out)
    }

    /// What a path leads to; no steps lead to the shape itself.
    pub fn lookup(&self, steps: &[Step]) -> Lookup<'_> {
        let mut at = self;
        for (known, step) in steps.iter().enumerate() {
            at = match (at, step) {
                (Shape::Any, _) => return Lookup::Any,
                (Shape::Fields(fields), Step::Key(key)) => {
                    let Some(shape) = fields.get(key) else {
                        let nearest = fields.nearest(key).or_else(|| self.place_of(key));
                        return Lookup::Unknown { known, nearest };
                    };
                    shape
                }
                (Shape::Map(value), Step::Key(_) | Step::Each) => value,
                (Shape::List(element), Step::Each) => element,
                (Shape::Fields(_), Step::Each) => return Lookup::Any,
                (Shape::Fields(_) | Shape::Map(_), Step::EachKey) => &TEXT,
                (Shape::List(element), Step::Key(key)) => {
                    let nearest = match element.as_ref() {
                        Shape::Fields(fields) => {
                            fields.exact_or_near(key).map(|name| format!("[*].{name}"))
                        }
                        _ => None,
                    };
                    return Lookup::Unknown { known, nearest };
                }
                (Shape::List(_), Step::EachKey)
                | (
                    Shape::Bool
                    | Shape::Int
                    | Shape::Float
                    | Shape::String
                    | Shape::Time
                    | Shape::Enum(_),
                    _,
                ) => return Lookup::Unknown { known, nearest: None },
            };
        }
        if *at == Shape::Any { Lookup::Any } else { Lookup::Known(at) }
    }

    /// The shape that a path leads to; `None` if it is unknown.
    pub fn at(&self, steps: &[Step]) -> Option<&Shape> {
        match self.lookup(steps) {
            Lookup::Known(shape) => Some(shape),
            Lookup::Any => Some(&Shape::Any),
            Lookup::Unknown { .. } => None,
        }
    }

    /// The shape of one element, of a list or of the values of a map; itself otherwise.
    pub fn element(&self) -> &Shape {
        match self {
            Shape::List(element) | Shape::Map(element) => element,
            Shape::Any
            | Shape::Bool
            | Shape::Int
            | Shape::Float
            | Shape::String
            | Shape::Time
            | Shape::Enum(_)
            | Shape::Fields(_) => self,
        }
    }

    /// Puts a shape at a path, making objects on the way; `.` steps through lists as `[*]` does.
    pub fn set(&mut self, steps: &[Step], shape: Shape) {
        let Some((step, rest)) = steps.split_first() else {
            *self = shape;
            return;
        };
        match (self, step) {
            (Shape::List(element), Step::Each) => element.set(rest, shape),
            (Shape::Map(value), Step::Each | Step::Key(_)) => value.set(rest, shape),
            (Shape::List(element), Step::Key(_)) => element.set(steps, shape),
            (Shape::Fields(fields), Step::Key(key)) => fields.entry(key).set(rest, shape),
            (Shape::Any, _) | (_, Step::EachKey) => {}
            (other, Step::Key(key)) => {
                let mut fields = Fields::default();
                fields.entry(key).set(rest, shape);
                *other = Shape::Fields(fields);
            }
            (other, Step::Each) => {
                let mut element = Shape::Fields(Fields::default());
                element.set(rest, shape);
                *other = Shape::List(Box::new(element));
            }
        }
    }

    /// The path of the first place, nearest to the root, where a key of this name stands.
    fn place_of(&self, key: &str) -> Option<String> {
        let mut level = vec![(String::new(), self)];
        let mut seen = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for (at, shape) in level {
                seen += 1;
                if seen > SEARCHED {
                    return None;
                }
                match shape {
                    Shape::Fields(fields) => {
                        let dot = if at.is_empty() { "" } else { "." };
                        if let Some(name) = fields.spelling(key) {
                            return Some(format!("{at}{dot}{name}"));
                        }
                        next.extend(
                            fields.iter().map(|(name, inner)| (format!("{at}{dot}{name}"), inner)),
                        );
                    }
                    Shape::List(inner) | Shape::Map(inner) => {
                        next.push((format!("{at}[*]"), inner));
                    }
                    Shape::Any
                    | Shape::Bool
                    | Shape::Int
                    | Shape::Float
                    | Shape::String
                    | Shape::Time
                    | Shape::Enum(_) => {}
                }
            }
            level = next;
        }
        None
    }
}

impl Enum {
    /// The texts, sorted.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(AsRef::as_ref)
    }

    /// Whether this very text is one of them.
    pub fn contains(&self, text: &str) -> bool {
        self.values.binary_search_by(|value| value.as_ref().cmp(text)).is_ok()
    }

    /// The documented spelling of a text; `None` if it is none of them.
    pub fn spelling(&self, text: &str) -> Option<&str> {
        match self.values.binary_search_by(|value| value.as_ref().cmp(text)) {
            Ok(at) => self.values.get(at).map(AsRef::as_ref),
            Err(_) => self.values().find(|value| value.eq_ignore_ascii_case(text)),
        }
    }
}

impl Fields {
    /// The shape under a key, spelled exactly so.
    pub fn get(&self, key: &str) -> Option<&Shape> {
        self.by_name.get(key)
    }

    /// The keys and their shapes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.by_name.iter().map(|(name, shape)| (name.as_ref(), shape))
    }

    /// The documented spelling of a key; `None` if it is none of them.
    pub fn spelling(&self, key: &str) -> Option<&str> {
        self.find_folded(key).map(|(name, _)| name)
    }

    pub(super) fn find_folded(&self, key: &str) -> Option<(&str, &Shape)> {
        let entry = self.by_name.get_key_value(key).or_else(|| {
            let lower = key.to_ascii_lowercase();
            match self.by_lower.get(lower.as_str()) {
                Some(at) => self.by_name.get_index(*at as usize),
                None => self.by_name.get_key_value(lower.as_str()),
            }
        });
        entry.map(|(name, shape)| (name.as_ref(), shape))
    }

    fn exact_or_near(&self, key: &str) -> Option<String> {
        self.spelling(key).map(str::to_owned).or_else(|| self.nearest(key))
    }

    fn nearest(&self, key: &str) -> Option<String> {
        base::nearest(key, self.by_name.keys().map(AsRef::as_ref)).map(str::to_owned)
    }

    fn entry(&mut self, name: &str) -> &mut Shape {
        if !self.by_name.contains_key(name) {
            self.insert(name, Shape::Fields(Self::default()));
        }
        self.by_name.entry(name.into()).or_insert(Shape::Any)
    }

    fn insert(&mut self, name: &str, shape: Shape) {
        let (at, _) = self.by_name.insert_full(name.into(), shape);
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.by_lower
                .entry(name.to_ascii_lowercase().into_boxed_str())
                .or_insert(u32::try_from(at).unwrap_or(u32::MAX));
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a shape: the name of a type, or an object with enum, list, map or fields")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Shape, E> {
        Ok(match name {
            "any" => Shape::Any,
            "bool" => Shape::Bool,
            "int" => Shape::Int,
            "float" => Shape::Float,
            "string" => Shape::String,
            "time" => Shape::Time,
            other => {
                let names = &["any", "bool", "int", "float", "string", "time"];
                return Err(E::unknown_variant(other, names));
            }
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let names = &["enum", "list", "map", "fields"];
        let Some(name) = map.next_key::<String>()? else {
            return Err(A::Error::custom("a shape is empty"));
        };
        let shape = match name.as_str() {
            "enum" => {
                let mut values: Vec<Box<str>> = map.next_value()?;
                values.sort();
                Shape::Enum(Enum { values: values.into_boxed_slice() })
            }
            "list" => Shape::List(map.next_value()?),
            "map" => Shape::Map(map.next_value()?),
            "fields" => Shape::Fields(map.next_value()?),
            other => return Err(A::Error::unknown_field(other, names)),
        };
        match map.next_key::<String>()? {
            None => Ok(shape),
            Some(_) => Err(A::Error::custom("a shape has more than one key")),
        }
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of keys and their shapes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut out = Fields::default();
                while let Some((name, shape)) = map.next_entry::<String, Shape>()? {
                    out.insert(&name, shape);
                }
                Ok(out)
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}
