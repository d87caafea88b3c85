//! A query as a form: what a visual builder shows and edits, and its way to openCypher and back.
//!
//! In: a [`Search`] or the text of a query. Out: the text of the one, or the form of the other. A search asks for
//! things of some labels on which conditions hold and that are connected with further things, nested as deep as one
//! likes. A condition alone, as classifications and checks have it, is a [`Thing`] without labels around it.
//!
//! The form can say less than the language: a text that says more is refused with the place and the reason, never
//! shown as something else.
//!
//! INVARIANT: what is written from a search reads as its [normal](Search::normal) form.
//! INVARIANT: what is written from a form that was read asks for the same rows, each once.
//!
//! Not here: which labels, paths and edges exist (`Schema`), rows (`graph`).

mod normal;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::ast::{CompareOp, Direction, Length, QuantifierKind};

pub use self::read::{NotASearch, ReadError};

/// A question for things: the first column holds the thing itself, each connected thing that is
/// [shown](Presence::Shown) has a further one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// What is looked for.
    pub thing: Thing,
    /// Rows at most; `None` for all.
    pub limit: Option<u64>,
}

/// A node and what must hold of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thing {
    /// The name of its variable and column. Empty: one is found.
    pub variable: String,
    /// It has one of these labels; empty: any thing.
    pub labels: Vec<String>,
    /// All of these hold.
    pub items: Vec<Item>,
}

/// Something that must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A value is compared.
    Test(Test),
    /// Several, all or any of which hold.
    Group(Group),
    /// A further thing is connected.
    Connection(Connection),
    /// Elements of a list fulfil something.
    Elements(Elements),
}

/// A value of the thing, or of the element of a list, is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Keys from the thing to the value. Empty only in [`Elements`]: the element itself.
    pub path: Vec<String>,
    /// Stands in where there is no value (`coalesce`).
    pub otherwise: Option<Scalar>,
    /// What of the value is compared.
    pub of: Of,
    /// How.
    pub op: TestOp,
    /// With what: one, none for [`TestOp::IsNull`] and [`TestOp::IsNotNull`], any number for [`TestOp::In`].
    /// With too few the test is left out, as a row that is still being filled in.
    pub values: Vec<Scalar>,
    /// It must not hold.
    pub not: bool,
}

/// What of a value is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// The value itself.
    #[default]
    Value,
    /// Text in lower case (`toLower`).
    LowerCase,
    /// How many elements or characters (`size`).
    Size,
    /// Text as an instant (`datetime`).
    Instant,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestOp {
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`.
    Compare(CompareOp),
    /// It is one of several.
    In,
    /// It is a list that has this element.
    Has,
    /// It is text with this in it.
    Contains,
    /// It is text that starts with this.
    StartsWith,
    /// It is text that ends with this.
    EndsWith,
    /// It is text that fits this regular expression as a whole.
    Matches,
    /// There is none.
    IsNull,
    /// There is one.
    IsNotNull,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// The instant of the question, less so much (`P90D`, ISO 8601).
    Ago(String),
    /// The instant of the question and so much more.
    Ahead(String),
}

/// Several conditions as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// One of them is enough; else all must hold.
    pub is_any: bool,
    /// It must not hold.
    pub not: bool,
    /// The conditions. An empty group is left out.
    pub items: Vec<Item>,
}

/// A further thing that is connected by edges.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Types of the edges; empty: any.
    pub types: Vec<String>,
    /// Which way they point, from the thing that has this condition.
    pub direction: Direction,
    /// How many edges one behind the other; `None`: one.
    pub hops: Option<Length>,
    /// Whether it must be there.
    pub presence: Presence,
    /// The further thing.
    pub thing: Thing,
}

/// Whether a connected thing must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// There is one, and it is a column: one row for each. Below a group or another condition it is [`Self::Exists`].
    Shown,
    /// There is one, found by other edges than what is shown beside it (part of one pattern), but it is no column.
    Joined,
    /// There is one.
    Exists,
    /// There is none.
    Absent,
}

/// Elements of a list fulfil conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Elements {
    /// Keys from the thing to the list.
    pub path: Vec<String>,
    /// An absent list counts as an empty one (`coalesce`).
    pub or_empty: bool,
    /// How many elements must.
    pub quantifier: QuantifierKind,
    /// The name of the element. Empty: one is found.
    pub variable: String,
    /// All of these hold of the element; connections cannot. Without any it is left out.
    pub items: Vec<Item>,
    /// It must not hold.
    pub not: bool,
}

impl Search {
    /// The search that the text of a query is.
    ///
    /// # Errors
    /// The text is no query, or one that says more than a search can.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        read::search(text)
    }

    /// As openCypher, a line for each clause and condition.
    pub fn write(&self) -> String {
        write::search(&self.normal())
    }

    /// The question how many rows it has, whatever its limit: one row with `n`.
    pub fn write_count(&self) -> String {
        write::count(&self.normal())
    }

    /// The question for the paths on which its columns lie, for who wants to see the edges between them.
    pub fn write_paths(&self) -> String {
        write::paths(&self.normal())
    }

    /// The form that reading gives: without what is not filled in yet, groups no deeper than needed, with a name
    /// of its own for each variable, joined things behind other conditions.
    #[must_use]
    pub fn normal(&self) -> Self {
        Self { thing: normal::thing(&self.thing, true), limit: self.limit }
    }
}

impl Thing {
    /// The thing called `variable` of which the text of a condition (a predicate) speaks; it has no labels.
    ///
    /// # Errors
    /// The text is no expression, or one that says more than a search can.
    pub fn read_condition(text: &str, variable: &str) -> Result<Self, ReadError> {
        read::condition(text, variable)
    }

    /// Its conditions as openCypher, without its labels; `true` when there are none.
    pub fn write_condition(&self) -> String {
        write::condition(&self.normal_condition())
    }

    /// The form that reading the condition gives; see [`Search::normal`]. Nothing in it is shown.
    #[must_use]
    pub fn normal_condition(&self) -> Self {
        let mut thing = normal::thing(self, false);
        thing.labels.clear();
        thing
    }
}
