//! The tree of a query: what the text says, nothing resolved.
//!
//! In: built by `parse`. Out: read by `check`, `eval`, `print` and by the planner in `graph`.
//! The tree is owned and knows nothing of a graph, a schema or a value at run time.
//!
//! Every node carries the [`Span`] of text it was read from. **Spans take no part in equality**: two
//! trees are equal when they say the same, wherever they stand. So `a == b` is the test that grouping
//! (`RETURN n.x, n.x + count(*)`) and the printer's round trip need.
//!
//! INVARIANT: the depth of a tree is bounded by the parser ([`crate::parse::MAX_DEPTH`]), so walking it
//! recursively is safe.
//!
//! Not here: scopes and column names (`check`), function names that exist (`functions`).

mod pattern;

use std::fmt;
use std::sync::Arc;

pub use self::pattern::{
    Direction, EdgePattern, LabelExpr, Length, NodePattern, PathKind, PathPattern,
};

/// A range of bytes in the text of the query. All spans are equal to each other, see the module.
#[derive(Clone, Copy, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` to before `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The smallest range that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text that it covers; empty when the text is not the one it was made from.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A name as written, without back-ticks: of a variable, label, edge type, key, function or parameter.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    /// The name itself.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// A name that stands at `span`.
    pub fn new(text: &str, span: Span) -> Self {
        Self { text: Arc::from(text), span }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

/// A whole query: single queries put together with `UNION`.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The first (mostly the only) one.
    pub first: SingleQuery,
    /// The others in order. The language does not allow to mix `UNION` and `UNION ALL`; `check` refuses it.
    pub unions: Vec<Union>,
    /// Where it stands.
    pub span: Span,
}

/// `UNION [ALL] <query>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// `UNION ALL`: rows that occur twice stay.
    pub all: bool,
    /// What is added.
    pub query: SingleQuery,
    /// Where it stands.
    pub span: Span,
}

/// Clauses in order. In a sub-query (`EXISTS`, `COUNT`) the last one need not be `RETURN`.
#[derive(Clone, Debug, PartialEq)]
pub struct SingleQuery {
    /// The clauses; never empty.
    pub clauses: Vec<Clause>,
    /// Where it stands.
    pub span: Span,
}

/// One clause.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// `[OPTIONAL] MATCH`.
    Match(Match),
    /// `UNWIND list AS variable`.
    Unwind(Unwind),
    /// `WITH ... [WHERE ...]`.
    With(With),
    /// `RETURN ...`.
    Return(Return),
    /// `CREATE patterns`. Parsed for test set-up only; `check` refuses it unless told otherwise.
    Create(Create),
}

/// `[OPTIONAL] MATCH pattern, pattern [WHERE condition]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// `OPTIONAL MATCH`: no match gives one row with nulls.
    pub optional: bool,
    /// The patterns; never empty. No edge is used twice over all of them.
    pub patterns: Vec<PathPattern>,
    /// `WHERE`.
    pub condition: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `UNWIND list AS variable`.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwind {
    /// The list; null gives no row.
    pub list: Expr,
    /// Bound to each element.
    pub variable: Name,
    /// Where it stands.
    pub span: Span,
}

/// `WITH projection [WHERE condition]`.
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// What goes on to the next clause.
    pub projection: Projection,
    /// `WHERE`: judged after `SKIP` and `LIMIT`. Like `ORDER BY` it sees the columns and also what was in scope
    /// before the projection; once rows are grouped (`DISTINCT`, aggregation), only what columns are made of.
    pub condition: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `RETURN projection`.
#[derive(Clone, Debug, PartialEq)]
pub struct Return {
    /// What the query answers.
    pub projection: Projection,
    /// Where it stands.
    pub span: Span,
}

/// `CREATE pattern, pattern`.
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    /// What is made; variables bound before stand for what exists.
    pub patterns: Vec<PathPattern>,
    /// Where it stands.
    pub span: Span,
}

/// `[DISTINCT] [*,] item, item [ORDER BY ...] [SKIP n] [LIMIT n]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// `DISTINCT`.
    pub distinct: bool,
    /// `*`: all variables in scope, before the items.
    pub star: bool,
    /// The items; empty only with `star`.
    pub items: Vec<ProjectionItem>,
    /// `ORDER BY`; empty when absent.
    pub order_by: Vec<SortItem>,
    /// `SKIP n`.
    pub skip: Option<Expr>,
    /// `LIMIT n`.
    pub limit: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `expression [AS alias]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectionItem {
    /// What is computed.
    pub expr: Expr,
    /// `AS alias`. Without one, the column is named by the exact text of the expression.
    pub alias: Option<Name>,
}

impl ProjectionItem {
    /// The name of the column: the alias, else the variable, else the expression as written in `source`.
    pub fn column<'a>(&'a self, source: &'a str) -> &'a str {
        match (&self.alias, &self.expr.kind) {
            (Some(alias), _) => alias.as_str(),
            (None, ExprKind::Variable(name)) => name.as_str(),
            (None, _) => self.expr.span.text(source),
        }
    }
}

/// `expression [ASC | DESC]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SortItem {
    /// What is sorted by.
    pub expr: Expr,
    /// `DESC`.
    pub descending: bool,
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, brackets around it included.
    pub span: Span,
}

/// All forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`, `true`, `1`, `1.5`, `'text'`.
    Literal(Literal),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{a: 1}`. A key written twice: the last one holds.
    Map(Vec<(Name, Expr)>),
    /// `$name`.
    Parameter(Name),
    /// `name`.
    Variable(Name),
    /// `expr.key`.
    Property(Box<Expr>, Name),
    /// `expr[index]`: element of a list, entry of a map, property of a node or edge.
    Index(Box<Expr>, Box<Expr>),
    /// `expr[from..to]`.
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// `expr:Label`; on an edge the name is a type.
    HasLabels(Box<Expr>, LabelExpr),
    /// `NOT a`, `-a`, `+a`, `a IS NULL`, `a IS NOT NULL`.
    Unary(UnaryOp, Box<Expr>),
    /// `a AND b`, `a + b`, `a IN b`, ...
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a < b`, and `a < b <= c` which is `a < b AND b <= c` with `b` computed once.
    Compare(Box<Expr>, Vec<(CompareOp, Expr)>),
    /// `name([DISTINCT] args)`, aggregating functions included.
    Call(Call),
    /// `count(*)`.
    CountStar,
    /// `CASE ... END`.
    Case(Box<Case>),
    /// `[x IN list WHERE condition | projection]`.
    ListComprehension(Box<ListComprehension>),
    /// `any(x IN list WHERE condition)`.
    Quantifier(Box<Quantifier>),
    /// `reduce(sum = 0, x IN list | sum + x)`.
    Reduce(Box<Reduce>),
    /// `n {.key, .*, other: 1, variable}`.
    MapProjection(Box<MapProjection>),
    /// `[p = (a)-->(b) WHERE condition | projection]`.
    PatternComprehension(Box<PatternComprehension>),
    /// `(a)-->(b)` as a condition: true when there is a match. All its variables are bound before.
    Pattern(Box<PathPattern>),
    /// `EXISTS { query }`; `EXISTS { (a)-->(b) WHERE c }` is stored as `EXISTS { MATCH (a)-->(b) WHERE c }`.
    Exists(Box<Query>),
    /// `COUNT { query }`, in the same forms as `EXISTS`: the number of rows.
    Count(Box<Query>),
}

/// A constant as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `1`, `0x1F`, `0o17`; a minus directly before the digits belongs to it.
    Int(i64),
    /// `1.5`, `1e9`, `.5`.
    Float(f64),
    /// `'text'` or `"text"`, escapes resolved.
    Str(Arc<str>),
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `NOT a`.
    Not,
    /// `-a`.
    Minus,
    /// `+a`.
    Plus,
    /// `a IS NULL`.
    IsNull,
    /// `a IS NOT NULL`.
    IsNotNull,
}

/// Operators with two operands that are not comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `OR`.
    Or,
    /// `XOR`.
    Xor,
    /// `AND`.
    And,
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `/`.
    Div,
    /// `%`.
    Mod,
    /// `^`.
    Pow,
    /// `IN`.
    In,
    /// `STARTS WITH`.
    StartsWith,
    /// `ENDS WITH`.
    EndsWith,
    /// `CONTAINS`.
    Contains,
    /// `=~`: the whole text fits the regular expression.
    Matches,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`.
    Eq,
    /// `<>`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
}

/// `name([DISTINCT] args)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name as written (`toInteger`, `duration.between`); functions are found without regard to case.
    pub function: Name,
    /// `DISTINCT` before the argument of an aggregating function.
    pub distinct: bool,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// `CASE [subject] WHEN .. THEN .. [ELSE ..] END`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// With a subject each `WHEN` is compared with it by `=`; without, each is a condition.
    pub subject: Option<Expr>,
    /// `WHEN a THEN b`; never empty.
    pub branches: Vec<(Expr, Expr)>,
    /// `ELSE`; absent: null.
    pub otherwise: Option<Expr>,
}

/// `[variable IN list WHERE condition | projection]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ListComprehension {
    /// Bound to each element.
    pub variable: Name,
    /// The list.
    pub list: Expr,
    /// `WHERE`.
    pub condition: Option<Expr>,
    /// `| projection`; absent: the element itself.
    pub projection: Option<Expr>,
}

/// `any(variable IN list WHERE condition)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantifier {
    /// How many elements must fulfil the condition.
    pub kind: QuantifierKind,
    /// Bound to each element.
    pub variable: Name,
    /// The list.
    pub list: Expr,
    /// The condition.
    pub condition: Expr,
}

/// How many elements must fulfil a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuantifierKind {
    /// Every one.
    All,
    /// At least one.
    Any,
    /// Not one.
    None,
    /// Exactly one.
    Single,
}

/// `reduce(accumulator = init, variable IN list | body)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduce {
    /// The running value.
    pub accumulator: Name,
    /// Its first value.
    pub init: Expr,
    /// Bound to each element.
    pub variable: Name,
    /// The list.
    pub list: Expr,
    /// The next running value.
    pub body: Expr,
}

/// `subject {items}`.
#[derive(Clone, Debug, PartialEq)]
pub struct MapProjection {
    /// A variable that holds a node, edge, map or null.
    pub subject: Name,
    /// The items, in order; a later one replaces an earlier one of the same key.
    pub items: Vec<MapItem>,
}

/// One item of a map projection.
#[derive(Clone, Debug, PartialEq)]
pub enum MapItem {
    /// `.*`: all properties.
    All(Span),
    /// `.key`.
    Property(Name),
    /// `key: expr`.
    Entry(Name, Expr),
    /// `variable`: short for `variable: variable`.
    Variable(Name),
}

/// `[variable = pattern WHERE condition | projection]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternComprehension {
    /// The pattern, its path variable included; variables not bound before are new.
    pub pattern: PathPattern,
    /// `WHERE`.
    pub condition: Option<Expr>,
    /// What each match gives.
    pub projection: Expr,
}

impl Clause {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Match(it) => it.span,
            Self::Unwind(it) => it.span,
            Self::With(it) => it.span,
            Self::Return(it) => it.span,
            Self::Create(it) => it.span,
        }
    }
}

impl Query {
    /// All single queries in order.
    pub fn parts(&self) -> impl Iterator<Item = &SingleQuery> {
        std::iter::once(&self.first).chain(self.unions.iter().map(|it| &it.query))
    }
}

impl Expr {
    /// An expression that stands at `span`.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// Calls `visit` with every direct sub-expression, in the order of the text.
    ///
    /// Does not enter patterns and sub-queries (`Pattern`, `PatternComprehension`, `Exists`, `Count`);
    /// does enter the parts of comprehensions, whose variables are visible only there.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        match &self.kind {
            ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::CountStar
            | ExprKind::Pattern(_)
            | ExprKind::PatternComprehension(_)
            | ExprKind::Exists(_)
            | ExprKind::Count(_) => {}
            ExprKind::List(items) => items.iter().for_each(visit),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, it)| visit(it)),
            ExprKind::Property(of, _) | ExprKind::HasLabels(of, _) | ExprKind::Unary(_, of) => {
                visit(of);
            }
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::Slice(of, from, to) => {
                visit(of);
                from.iter().chain(to).for_each(|it| visit(it));
            }
            ExprKind::Compare(first, rest) => {
                visit(first);
                for (_, it) in rest {
                    visit(it);
                }
            }
            ExprKind::Call(call) => call.args.iter().for_each(visit),
            ExprKind::Case(case) => {
                case.subject.iter().for_each(&mut *visit);
                for (when, then) in &case.branches {
                    visit(when);
                    visit(then);
                }
                case.otherwise.iter().for_each(visit);
            }
            ExprKind::ListComprehension(it) => {
                visit(&it.list);
                it.condition.iter().chain(&it.projection).for_each(visit);
            }
            ExprKind::Quantifier(it) => {
                visit(&it.list);
                visit(&it.condition);
            }
            ExprKind::Reduce(it) => {
                visit(&it.init);
                visit(&it.list);
                visit(&it.body);
            }
            ExprKind::MapProjection(it) => {
                for item in &it.items {
                    if let MapItem::Entry(_, value) = item {
                        visit(value);
                    }
                }
            }
        }
    }
}
