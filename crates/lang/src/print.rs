//! A tree back into text, on one line, with as few brackets as it needs.
//!
//! INVARIANT: reading the text gives the same tree, for every tree that was read from text.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::ast::{
    BinaryOp, Clause, CompareOp, Direction, EdgePattern, Expr, ExprKind, LabelExpr, Literal,
    MapItem, Match, Name, NodePattern, PathKind, PathPattern, Projection, QuantifierKind, Query,
    SingleQuery, UnaryOp,
};
use crate::parse::is_reserved;
use crate::value::display::{write_float, write_name, write_quoted};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        for union in &self.unions {
            write!(f, " UNION {}{}", if union.all { "ALL " } else { "" }, union.query)?;
        }
        Ok(())
    }
}

impl Display for SingleQuery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        separated(f, " ", &self.clauses)
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Match(it) => write!(f, "{it}"),
            Self::Unwind(it) => write!(f, "UNWIND {} AS {}", it.list, Variable(&it.variable)),
            Self::With(it) => {
                write!(f, "WITH {}", it.projection)?;
                condition(f, it.condition.as_ref())
            }
            Self::Return(it) => write!(f, "RETURN {}", it.projection),
            Self::Create(it) => {
                f.write_str("CREATE ")?;
                separated(f, ", ", &it.patterns)
            }
        }
    }
}

impl Display for Match {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.optional { "OPTIONAL MATCH " } else { "MATCH " })?;
        separated(f, ", ", &self.patterns)?;
        condition(f, self.condition.as_ref())
    }
}

impl Display for Projection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.distinct { "DISTINCT " } else { "" })?;
        f.write_str(if self.star { "*" } else { "" })?;
        for (idx, item) in self.items.iter().enumerate() {
            f.write_str(if self.star || idx > 0 { ", " } else { "" })?;
            write!(f, "{}", item.expr)?;
            if let Some(alias) = &item.alias {
                write!(f, " AS {}", Variable(alias))?;
            }
        }
        for (idx, item) in self.order_by.iter().enumerate() {
            f.write_str(if idx > 0 { ", " } else { " ORDER BY " })?;
            write!(f, "{}{}", item.expr, if item.descending { " DESC" } else { "" })?;
        }
        self.skip.iter().try_for_each(|it| write!(f, " SKIP {it}"))?;
        self.limit.iter().try_for_each(|it| write!(f, " LIMIT {it}"))
    }
}

impl Display for PathPattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(variable) = &self.variable {
            write!(f, "{} = ", Variable(variable))?;
        }
        let (open, close) = match self.kind {
            PathKind::All => ("", ""),
            PathKind::Shortest => ("shortestPath(", ")"),
            PathKind::AllShortest => ("allShortestPaths(", ")"),
        };
        write!(f, "{open}{}", self.start)?;
        self.steps.iter().try_for_each(|(edge, node)| write!(f, "{edge}{node}"))?;
        f.write_str(close)
    }
}

impl Display for NodePattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('(')?;
        self.variable.iter().try_for_each(|it| Variable(it).fmt(f))?;
        self.labels.iter().try_for_each(|it| write!(f, ":{it}"))?;
        properties(f, self.properties.as_ref())?;
        f.write_char(')')
    }
}

impl Display for EdgePattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.direction == Direction::In { "<-[" } else { "-[" })?;
        self.variable.iter().try_for_each(|it| Variable(it).fmt(f))?;
        for (idx, name) in self.types.iter().enumerate() {
            f.write_char(if idx > 0 { '|' } else { ':' })?;
            write_name(f, name.as_str())?;
        }
        if let Some(length) = self.length {
            f.write_char('*')?;
            length.min.iter().try_for_each(|it| write!(f, "{it}"))?;
            if length.min != length.max || length.min.is_none() {
                f.write_str("..")?;
                length.max.iter().try_for_each(|it| write!(f, "{it}"))?;
            }
        }
        properties(f, self.properties.as_ref())?;
        f.write_str(if self.direction == Direction::Out { "]->" } else { "]-" })
    }
}

impl Display for LabelExpr {
    /// Without the colon before it; everything but names and `!` is in brackets where it is not outermost.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(name) => write_name(f, name.as_str()),
            Self::Not(inner) => write!(f, "!{}", LabelAtom(inner)),
            // A chain of one operator is read from the left.
            Self::And(left, right) if matches!(**left, Self::And(..)) => {
                write!(f, "{left}&{}", LabelAtom(right))
            }
            Self::Or(left, right) if matches!(**left, Self::Or(..)) => {
                write!(f, "{left}|{}", LabelAtom(right))
            }
            Self::And(left, right) => write!(f, "{}&{}", LabelAtom(left), LabelAtom(right)),
            Self::Or(left, right) => write!(f, "{}|{}", LabelAtom(left), LabelAtom(right)),
        }
    }
}

/// A part of a label expression.
struct LabelAtom<'a>(&'a LabelExpr);

impl Display for LabelAtom<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            LabelExpr::Label(_) | LabelExpr::Not(_) => write!(f, "{}", self.0),
            LabelExpr::And(..) | LabelExpr::Or(..) => write!(f, "({})", self.0),
        }
    }
}

/// The name of a variable, in back-ticks also when it is a keyword.
struct Variable<'a>(&'a Name);

impl Display for Variable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.0.as_str();
        if is_reserved(name) { write!(f, "`{name}`") } else { write_name(f, name) }
    }
}

fn separated<T: Display>(f: &mut Formatter<'_>, separator: &str, items: &[T]) -> fmt::Result {
    for (idx, item) in items.iter().enumerate() {
        f.write_str(if idx > 0 { separator } else { "" })?;
        write!(f, "{item}")?;
    }
    Ok(())
}

fn condition(f: &mut Formatter<'_>, condition: Option<&Expr>) -> fmt::Result {
    condition.iter().try_for_each(|it| write!(f, " WHERE {it}"))
}

fn properties(f: &mut Formatter<'_>, properties: Option<&Expr>) -> fmt::Result {
    properties.iter().try_for_each(|it| write!(f, " {it}"))
}

/// How strong an expression holds together; see the table of operators in `parse::expr`.
fn strength(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Binary(op, ..) => binary_strength(*op),
        // an operator behind a pattern could be taken for an edge
        ExprKind::Unary(UnaryOp::Not, _) | ExprKind::Pattern(_) => 3,
        ExprKind::Compare(..) => 4,
        ExprKind::Unary(UnaryOp::IsNull | UnaryOp::IsNotNull, _) => 5,
        ExprKind::Unary(UnaryOp::Minus | UnaryOp::Plus, _) => 9,
        ExprKind::Literal(Literal::Int(number)) if *number < 0 => 9,
        ExprKind::Literal(Literal::Float(number)) if number.is_sign_negative() => 9,
        _ => ATOM,
    }
}

const ATOM: u8 = 10;

fn binary_strength(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 0,
        BinaryOp::Xor => 1,
        BinaryOp::And => 2,
        BinaryOp::In
        | BinaryOp::StartsWith
        | BinaryOp::EndsWith
        | BinaryOp::Contains
        | BinaryOp::Matches => 5,
        BinaryOp::Add | BinaryOp::Sub => 6,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod => 7,
        BinaryOp::Pow => 8,
    }
}

/// An operand, in brackets when it holds together less than `min`.
struct Operand<'a>(&'a Expr, u8);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if strength(self.0) < self.1 { write!(f, "({})", self.0) } else { write!(f, "{}", self.0) }
    }
}

/// What access (`.key`, `[0]`, `:Label`) is written behind. A number would swallow the dot.
fn accessed(expr: &Expr) -> Operand<'_> {
    let is_number = matches!(expr.kind, ExprKind::Literal(Literal::Int(_) | Literal::Float(_)));
    Operand(expr, if is_number { ATOM + 1 } else { ATOM })
}

impl Display for BinaryOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Or => "OR",
            Self::Xor => "XOR",
            Self::And => "AND",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
            Self::In => "IN",
            Self::StartsWith => "STARTS WITH",
            Self::EndsWith => "ENDS WITH",
            Self::Contains => "CONTAINS",
            Self::Matches => "=~",
        })
    }
}

impl Display for CompareOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        })
    }
}

impl Display for QuantifierKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Any => "any",
            Self::None => "none",
            Self::Single => "single",
        })
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write_float(f, *value),
            Self::Str(text) => write_quoted(f, text),
        }
    }
}

impl Display for MapItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(_) => f.write_str(".*"),
            Self::Property(name) => {
                f.write_char('.')?;
                write_name(f, name.as_str())
            }
            Self::Entry(name, value) => entry(f, name, value),
            Self::Variable(name) => write!(f, "{}", Variable(name)),
        }
    }
}

fn entry(f: &mut Formatter<'_>, name: &Name, value: &Expr) -> fmt::Result {
    write_name(f, name.as_str())?;
    write!(f, ": {value}")
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Literal(literal) => write!(f, "{literal}"),
            ExprKind::Parameter(name) => {
                f.write_char('$')?;
                write_name(f, name.as_str())
            }
            ExprKind::Variable(name) => write!(f, "{}", Variable(name)),
            ExprKind::CountStar => f.write_str("count(*)"),
            ExprKind::Unary(op, operand) => unary(f, *op, operand),
            ExprKind::Binary(op, left, right) => {
                let min = binary_strength(*op);
                write!(f, "{} {op} {}", Operand(left, min), Operand(right, min + 1))
            }
            ExprKind::Compare(first, rest) => {
                write!(f, "{}", Operand(first, 5))?;
                rest.iter().try_for_each(|(op, it)| write!(f, " {op} {}", Operand(it, 5)))
            }
            ExprKind::Property(of, name) => {
                write!(f, "{}.", accessed(of))?;
                write_name(f, name.as_str())
            }
            ExprKind::Index(of, index) => write!(f, "{}[{index}]", accessed(of)),
            ExprKind::Slice(of, from, to) => {
                write!(f, "{}[", accessed(of))?;
                from.iter().try_for_each(|it| write!(f, "{it}"))?;
                f.write_str(" .. ")?;
                to.iter().try_for_each(|it| write!(f, "{it}"))?;
                f.write_char(']')
            }
            ExprKind::HasLabels(of, labels) if matches!(of.kind, ExprKind::HasLabels(..)) => {
                write!(f, "({of}):{}", LabelAtom(labels)) // `a:B:C` is both labels at once
            }
            ExprKind::HasLabels(of, labels) => write!(f, "{}:{}", accessed(of), LabelAtom(labels)),
            ExprKind::Pattern(pattern) => write!(f, "{pattern}"),
            ExprKind::Exists(query) => write!(f, "EXISTS {{ {query} }}"),
            ExprKind::Count(query) => write!(f, "COUNT {{ {query} }}"),
            _ => composed(f, &self.kind),
        }
    }
}

fn unary(f: &mut Formatter<'_>, op: UnaryOp, operand: &Expr) -> fmt::Result {
    match op {
        UnaryOp::Not => write!(f, "NOT {}", Operand(operand, 3)),
        UnaryOp::IsNull => write!(f, "{} IS NULL", Operand(operand, 5)),
        UnaryOp::IsNotNull => write!(f, "{} IS NOT NULL", Operand(operand, 5)),
        UnaryOp::Plus => write!(f, "+{}", Operand(operand, 9)),
        UnaryOp::Minus => match &operand.kind {
            // No parentheses where the source had none: they count as a level of depth.
            ExprKind::Unary(UnaryOp::Minus, _) => write!(f, "- {operand}"),
            ExprKind::Literal(Literal::Int(number)) if *number < 0 => write!(f, "- {operand}"),
            ExprKind::Literal(Literal::Float(number)) if number.is_sign_negative() => {
                write!(f, "- {operand}")
            }
            // a minus before digits belongs to the number
            ExprKind::Literal(Literal::Int(_) | Literal::Float(_)) => write!(f, "-({operand})"),
            _ => write!(f, "-{}", Operand(operand, 9)),
        },
    }
}

/// Whether the text of an expression may begin with `variable IN`.
fn begins_with_in(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Binary(op, left, _) => {
            let is_in = *op == BinaryOp::In && matches!(left.kind, ExprKind::Variable(_));
            is_in || begins_with_in(left)
        }
        ExprKind::Compare(left, _) | ExprKind::Unary(_, left) => begins_with_in(left),
        _ => false,
    }
}

/// Calls, collections and comprehensions.
fn composed(f: &mut Formatter<'_>, kind: &ExprKind) -> fmt::Result {
    match kind {
        ExprKind::List(items) => {
            f.write_char('[')?;
            match items.split_first() {
                // `[x IN list]` is a comprehension
                Some((first, rest)) if begins_with_in(first) => {
                    write!(f, "({first})")?;
                    rest.iter().try_for_each(|it| write!(f, ", {it}"))?;
                }
                _ => separated(f, ", ", items)?,
            }
            f.write_char(']')
        }
        ExprKind::Map(entries) => {
            f.write_char('{')?;
            for (idx, (name, value)) in entries.iter().enumerate() {
                f.write_str(if idx > 0 { ", " } else { "" })?;
                entry(f, name, value)?;
            }
            f.write_char('}')
        }
        ExprKind::Call(call) => {
            for (idx, part) in call.function.as_str().split('.').enumerate() {
                f.write_str(if idx > 0 { "." } else { "" })?;
                write_name(f, part)?;
            }
            f.write_str(if call.distinct { "(DISTINCT " } else { "(" })?;
            separated(f, ", ", &call.args)?;
            f.write_char(')')
        }
        ExprKind::Case(it) => {
            f.write_str("CASE")?;
            it.subject.iter().try_for_each(|it| write!(f, " {it}"))?;
            for (when, then) in &it.branches {
                write!(f, " WHEN {when} THEN {then}")?;
            }
            it.otherwise.iter().try_for_each(|it| write!(f, " ELSE {it}"))?;
            f.write_str(" END")
        }
        ExprKind::ListComprehension(it) => {
            write!(f, "[{} IN {}", Variable(&it.variable), it.list)?;
            condition(f, it.condition.as_ref())?;
            it.projection.iter().try_for_each(|it| write!(f, " | {it}"))?;
            f.write_char(']')
        }
        ExprKind::PatternComprehension(it) => {
            write!(f, "[{}", it.pattern)?;
            condition(f, it.condition.as_ref())?;
            write!(f, " | {}]", it.projection)
        }
        ExprKind::Quantifier(it) => {
            let variable = Variable(&it.variable);
            write!(f, "{}({variable} IN {} WHERE {})", it.kind, it.list, it.condition)
        }
        ExprKind::Reduce(it) => {
            write!(f, "reduce({} = {}, ", Variable(&it.accumulator), it.init)?;
            write!(f, "{} IN {} | {})", Variable(&it.variable), it.list, it.body)
        }
        ExprKind::MapProjection(it) => {
            let subject = it.subject.as_str();
            let is_subquery = ["count", "exists"].iter().any(|it| it.eq_ignore_ascii_case(subject));
            if is_subquery {
                write!(f, "`{subject}` {{")?;
            } else {
                write!(f, "{} {{", Variable(&it.subject))?;
            }
            separated(f, ", ", &it.items)?;
            f.write_char('}')
        }
        _ => Ok(()),
    }
}
