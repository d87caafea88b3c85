//! What is known about a value before the query runs.
//!
//! Types are a help, not a promise: [`Type::Any`] fits everywhere, and only what can never work is refused.

use std::sync::Arc;

/// What is known about a value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Type {
    /// Nothing.
    #[default]
    Any,
    /// It is null.
    Null,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// A floating point number.
    Float,
    /// Text.
    Str,
    /// A list of such elements.
    List(Arc<Self>),
    /// A map.
    Map,
    /// A node that has at least these labels, sorted.
    Node(Labels),
    /// An edge.
    Edge,
    /// A path.
    Path,
    /// An instant.
    DateTime,
    /// A length of time.
    Duration,
    /// What lies in the document of a node.
    Document(Arc<Place>),
}

/// Labels that a node is known to have.
pub type Labels = Arc<[Arc<str>]>;

/// A place in the document of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Labels that the node is known to have.
    pub labels: Labels,
    /// The keys from the node to the place; `*` stands for every element of a list.
    pub path: Vec<Arc<str>>,
}

impl Type {
    /// A list of such elements.
    pub fn list_of(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// A node of which no label is known.
    pub fn node() -> Self {
        Self::Node(Arc::from([]))
    }

    /// The list of edges that a variable of a pattern with length stands for.
    pub fn edges() -> Self {
        Self::list_of(Self::Edge)
    }

    /// The set that holds the type alone; all for what is not known.
    pub fn mask(&self) -> TypeSet {
        match self {
            Self::Any | Self::Null | Self::Document(_) => TypeSet::ANY,
            Self::Bool => TypeSet::BOOL,
            Self::Int => TypeSet::INT,
            Self::Float => TypeSet::FLOAT,
            Self::Str => TypeSet::STR,
            Self::List(_) => TypeSet::LIST,
            Self::Map => TypeSet::MAP,
            Self::Node(_) => TypeSet::NODE,
            Self::Edge => TypeSet::EDGE,
            Self::Path => TypeSet::PATH,
            Self::DateTime => TypeSet::DATETIME,
            Self::Duration => TypeSet::DURATION,
        }
    }

    /// What each element is, when it is a list.
    #[must_use]
    pub fn element(&self) -> Self {
        match self {
            Self::List(element) => element.as_ref().clone(),
            Self::Document(place) => Self::Document(Arc::new(place.join("*"))),
            _ => Self::Any,
        }
    }

    /// What is known when it is one or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Null, known) | (known, Self::Null) => known,
            (Self::Node(_), Self::Node(_)) => Self::node(),
            (Self::List(one), Self::List(other)) => {
                Self::list_of(one.as_ref().clone().or(other.as_ref().clone()))
            }
            _ => Self::Any,
        }
    }

    /// What to call such a value in a message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Int => "an integer",
            Self::Float => "a float",
            Self::Str => "a string",
            Self::List(_) => "a list",
            Self::Map => "a map",
            Self::Node(_) => "a node",
            Self::Edge => "an edge",
            Self::Path => "a path",
            Self::DateTime => "a datetime",
            Self::Duration => "a duration",
            Self::Document(_) => "a part of a document",
        }
    }
}

impl Place {
    /// The place one key further.
    #[must_use]
    pub fn join(&self, key: &str) -> Self {
        let mut path = self.path.clone();
        path.push(Arc::from(key));
        Self { labels: Arc::clone(&self.labels), path }
    }
}

/// A set of types, for the arguments of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeSet(u16);

impl TypeSet {
    /// All types.
    pub const ANY: Self = Self(u16::MAX);
    /// Truth values.
    pub const BOOL: Self = Self(1);
    /// Whole numbers.
    pub const INT: Self = Self(1 << 1);
    /// Floating point numbers.
    pub const FLOAT: Self = Self(1 << 2);
    /// Texts.
    pub const STR: Self = Self(1 << 3);
    /// Lists.
    pub const LIST: Self = Self(1 << 4);
    /// Maps.
    pub const MAP: Self = Self(1 << 5);
    /// Nodes.
    pub const NODE: Self = Self(1 << 6);
    /// Edges.
    pub const EDGE: Self = Self(1 << 7);
    /// Paths.
    pub const PATH: Self = Self(1 << 8);
    /// Instants.
    pub const DATETIME: Self = Self(1 << 9);
    /// Lengths of time.
    pub const DURATION: Self = Self(1 << 10);
    /// Numbers.
    pub const NUMBER: Self = Self::INT.or(Self::FLOAT);

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a type is in both sets.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The names of the types for a message: `a string or a list`.
    pub fn names(self) -> String {
        const NAMES: [(TypeSet, &str); 10] = [
            (TypeSet::BOOL, "a boolean"),
            (TypeSet::NUMBER, "a number"),
            (TypeSet::STR, "a string"),
            (TypeSet::LIST, "a list"),
            (TypeSet::MAP, "a map"),
            (TypeSet::NODE, "a node"),
            (TypeSet::EDGE, "an edge"),
            (TypeSet::PATH, "a path"),
            (TypeSet::DATETIME, "a datetime"),
            (TypeSet::DURATION, "a duration"),
        ];
        let names: Vec<&str> = NAMES.iter().filter(|it| it.0.meets(self)).map(|it| it.1).collect();
        names.join(" or ")
    }
}
