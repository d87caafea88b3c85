//! Queries as forms: what a visual builder edits, as JSON.

use lang::ast::{CompareOp, Direction, Length, QuantifierKind};
use lang::search::{
    Connection, Elements, Group, Item, Of, Presence, Scalar, Search, Test, TestOp, Thing,
};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

use crate::query::whole;

/// A question for things, as a form.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = SearchForm)]
pub(super) struct SearchForm {
    /// What is looked for: the first column.
    thing: ThingForm,
    /// Rows at most; all of them when absent.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
}

/// A thing and what must hold of it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ThingForm {
    /// Its name in the text, and of its column. One is found when it is empty.
    #[serde(default)]
    variable: String,
    /// It has one of these labels; any thing when empty.
    #[serde(default)]
    labels: Vec<String>,
    /// All of these hold.
    #[serde(default)]
    items: Vec<ItemForm>,
}

/// A condition.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "camelCase")]
pub(super) enum ItemForm {
    Test(TestForm),
    Group(GroupForm),
    Connection(ConnectionForm),
    Elements(ElementsForm),
}

/// A value is compared. With too few values it is left out of the text.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestForm {
    /// Keys to the value.
    path: Vec<String>,
    /// Stands in where there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    otherwise: Option<ScalarForm>,
    /// What of the value is compared.
    #[serde(default)]
    of: OfForm,
    op: OpForm,
    /// With what: one, none for `isNull` and `isNotNull`, any number for `in`.
    #[serde(default)]
    values: Vec<ScalarForm>,
    /// It must not hold.
    #[serde(default)]
    not: bool,
}

/// What of a value is compared: itself, text in lower case, the number of elements, text as an instant.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum OfForm {
    #[default]
    Value,
    LowerCase,
    Size,
    Instant,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum OpForm {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Has,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    IsNull,
    IsNotNull,
}

/// A constant: text, number, truth, or an instant so long before or after the question (`P90D`).
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ScalarForm {
    Bool(bool),
    #[schema(value_type = f64)]
    Number(Number),
    Text(String),
    Ago(AgoForm),
    Ahead(AheadForm),
}

/// So long before the question.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgoForm {
    ago: String,
}

/// So long after the question.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AheadForm {
    ahead: String,
}

/// Several conditions as one.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupForm {
    /// One of them is enough.
    is_any: bool,
    /// It must not hold.
    #[serde(default)]
    not: bool,
    #[schema(no_recursion)]
    items: Vec<ItemForm>,
}

/// A further thing is connected.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectionForm {
    /// Types of the edges; any when empty.
    #[serde(default)]
    types: Vec<String>,
    direction: DirectionForm,
    /// How many edges one behind the other; one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hops: Option<HopsForm>,
    presence: PresenceForm,
    #[schema(no_recursion)]
    thing: ThingForm,
}

/// Which way edges point, seen from the thing that has the condition.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum DirectionForm {
    Out,
    In,
    Either,
}

/// How many edges one behind the other.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HopsForm {
    /// 1 when absent.
    #[serde(default, deserialize_with = "whole_inside", skip_serializing_if = "Option::is_none")]
    least: Option<u32>,
    /// Unbounded when absent.
    #[serde(default, deserialize_with = "whole_inside", skip_serializing_if = "Option::is_none")]
    most: Option<u32>,
}

/// A whole number, `3.0` too, inside what is told apart by `is`: there is no text of it any more to look at.
fn whole_inside<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    let whole = u32::try_from(number as i64).ok().filter(|_| number.fract() == 0.0);
    whole.map(Some).ok_or_else(|| D::Error::custom("must be a whole number"))
}

/// Whether a connected thing must be there: `shown` has a column, `joined` has none but is found by other edges than
/// what is shown beside it, `exists` asks only whether there is one, `absent` that there is none.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum PresenceForm {
    Shown,
    Joined,
    Exists,
    Absent,
}

/// Elements of a list fulfil conditions.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ElementsForm {
    /// Keys to the list.
    path: Vec<String>,
    /// An absent list counts as an empty one.
    #[serde(default)]
    or_empty: bool,
    quantifier: QuantifierForm,
    /// The name of the element in the text. One is found when it is empty.
    #[serde(default)]
    variable: String,
    /// All of these hold of the element.
    #[schema(no_recursion)]
    items: Vec<ItemForm>,
    /// It must not hold.
    #[serde(default)]
    not: bool,
}

/// How many elements must.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum QuantifierForm {
    Any,
    All,
    None,
    Single,
}

/// Each word of the interface with its value in the language, both ways.
macro_rules! words {
    ($($form:ident = $own:ty { $($word:ident = ($($value:tt)+)),+ $(,)? })+) => {$(
        impl From<$form> for $own {
            fn from(it: $form) -> Self {
                match it { $($form::$word => $($value)+,)+ }
            }
        }

        impl From<$own> for $form {
            fn from(it: $own) -> Self {
                match it { $($($value)+ => Self::$word,)+ }
            }
        }
    )+};
}

words! {
    OfForm = Of {
        Value = (Of::Value),
        LowerCase = (Of::LowerCase),
        Size = (Of::Size),
        Instant = (Of::Instant),
    }
    OpForm = TestOp {
        Eq = (TestOp::Compare(CompareOp::Eq)),
        Ne = (TestOp::Compare(CompareOp::Ne)),
        Lt = (TestOp::Compare(CompareOp::Lt)),
        Le = (TestOp::Compare(CompareOp::Le)),
        Gt = (TestOp::Compare(CompareOp::Gt)),
        Ge = (TestOp::Compare(CompareOp::Ge)),
        In = (TestOp::In),
        Has = (TestOp::Has),
        Contains = (TestOp::Contains),
        StartsWith = (TestOp::StartsWith),
        EndsWith = (TestOp::EndsWith),
        Matches = (TestOp::Matches),
        IsNull = (TestOp::IsNull),
        IsNotNull = (TestOp::IsNotNull),
    }
    DirectionForm = Direction {
        Out = (Direction::Out),
        In = (Direction::In),
        Either = (Direction::Either),
    }
    PresenceForm = Presence {
        Shown = (Presence::Shown),
        Joined = (Presence::Joined),
        Exists = (Presence::Exists),
        Absent = (Presence::Absent),
    }
    QuantifierForm = QuantifierKind {
        Any = (QuantifierKind::Any),
        All = (QuantifierKind::All),
        None = (QuantifierKind::None),
        Single = (QuantifierKind::Single),
    }
}

impl SearchForm {
    /// A form of a thing alone.
    pub(super) fn of_thing(thing: Thing) -> Self {
        Self { thing: thing.into(), limit: None }
    }

    /// The thing that it looks for.
    pub(super) fn into_thing(self) -> Thing {
        self.thing.into()
    }
}

impl From<SearchForm> for Search {
    fn from(it: SearchForm) -> Self {
        Self { thing: it.thing.into(), limit: it.limit.map(u64::from) }
    }
}

impl From<Search> for SearchForm {
    fn from(it: Search) -> Self {
        let limit = it.limit.map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        Self { thing: it.thing.into(), limit }
    }
}

fn all<A, B: From<A>>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(B::from).collect()
}

impl From<ThingForm> for Thing {
    fn from(it: ThingForm) -> Self {
        Self { variable: it.variable, labels: it.labels, items: all(it.items) }
    }
}

impl From<Thing> for ThingForm {
    fn from(it: Thing) -> Self {
        Self { variable: it.variable, labels: it.labels, items: all(it.items) }
    }
}

impl From<ItemForm> for Item {
    fn from(it: ItemForm) -> Self {
        match it {
            ItemForm::Test(it) => Self::Test(Test {
                path: it.path,
                otherwise: it.otherwise.map(Scalar::from),
                of: it.of.into(),
                op: it.op.into(),
                values: all(it.values),
                not: it.not,
            }),
            ItemForm::Group(it) => {
                Self::Group(Group { is_any: it.is_any, not: it.not, items: all(it.items) })
            }
            ItemForm::Connection(it) => Self::Connection(Connection {
                types: it.types,
                direction: it.direction.into(),
                hops: it.hops.map(|it| Length { min: it.least, max: it.most }),
                presence: it.presence.into(),
                thing: it.thing.into(),
            }),
            ItemForm::Elements(it) => Self::Elements(Elements {
                path: it.path,
                or_empty: it.or_empty,
                quantifier: it.quantifier.into(),
                variable: it.variable,
                items: all(it.items),
                not: it.not,
            }),
        }
    }
}

impl From<Item> for ItemForm {
    fn from(it: Item) -> Self {
        match it {
            Item::Test(it) => Self::Test(TestForm {
                path: it.path,
                otherwise: it.otherwise.map(ScalarForm::from),
                of: it.of.into(),
                op: it.op.into(),
                values: all(it.values),
                not: it.not,
            }),
            Item::Group(it) => {
                Self::Group(GroupForm { is_any: it.is_any, not: it.not, items: all(it.items) })
            }
            Item::Connection(it) => Self::Connection(ConnectionForm {
                types: it.types,
                direction: it.direction.into(),
                hops: it.hops.map(|it| HopsForm { least: it.min, most: it.max }),
                presence: it.presence.into(),
                thing: it.thing.into(),
            }),
            Item::Elements(it) => Self::Elements(ElementsForm {
                path: it.path,
                or_empty: it.or_empty,
                quantifier: it.quantifier.into(),
                variable: it.variable,
                items: all(it.items),
                not: it.not,
            }),
        }
    }
}

impl From<ScalarForm> for Scalar {
    fn from(it: ScalarForm) -> Self {
        match it {
            ScalarForm::Bool(value) => Self::Bool(value),
            ScalarForm::Number(number) => match number.as_i64() {
                Some(int) => Self::Int(int),
                None => Self::Float(number.as_f64().unwrap_or(f64::MAX)),
            },
            ScalarForm::Text(text) => Self::Text(text),
            ScalarForm::Ago(it) => Self::Ago(it.ago),
            ScalarForm::Ahead(it) => Self::Ahead(it.ahead),
        }
    }
}

impl From<Scalar> for ScalarForm {
    fn from(it: Scalar) -> Self {
        match it {
            Scalar::Bool(value) => Self::Bool(value),
            Scalar::Int(number) => Self::Number(number.into()),
            // The language reads what is too large as infinite, which JSON has not.
            Scalar::Float(number) => Number::from_f64(number)
                .map_or_else(|| Self::Text(number.to_string()), Self::Number),
            Scalar::Text(text) => Self::Text(text),
            Scalar::Ago(ago) => Self::Ago(AgoForm { ago }),
            Scalar::Ahead(ahead) => Self::Ahead(AheadForm { ahead }),
        }
    }
}
