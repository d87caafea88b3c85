//! Which conditions join a place with what is bound before it by an equal value.
//!
//! Looked for in a condition: equations of which one side speaks of the place alone and the other of what is
//! bound, alone or in `IN`, `OR`, `AND` and `any(...)`. What is found need not say all that the condition says;
//! it must not rule out a pair for which the condition is true or unread.

use lang::ast::{BinaryOp, CompareOp, Expr, ExprKind, Name, QuantifierKind};

use super::emit::Emitter;
use super::{conjuncts, has_query};
use crate::compile::Compiler;
use crate::error::Error;
use crate::exec::{Join, JoinWay, KeySource, Keys};
use crate::names::{self, NameSet};

/// Conditions by which one place is looked up; each costs a table.
const MOST_JOINS: usize = 3;

/// Ways in which one condition can hold.
const MOST_WAYS: usize = 16;

/// Of which node an expression speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The node that is looked up.
    Node,
    /// What is bound before.
    Row,
}

/// How to get from a row or a node to its values, from the outside in.
#[derive(Clone, Copy)]
enum Layer<'g> {
    /// Each element of a list.
    Each(&'g Name, &'g Expr),
    /// Only when this is not false.
    If(&'g Expr),
}

/// One side of an equation.
#[derive(Clone, Copy)]
enum Term<'g> {
    Value(&'g Expr),
    Elements(&'g Expr),
}

/// Where a part of a condition stands.
#[derive(Clone, Default)]
struct Around<'g> {
    of_node: Vec<Layer<'g>>,
    of_row: Vec<Layer<'g>>,
    /// Variables of `any(...)`, the innermost last, and of which side their elements are.
    loops: Vec<(&'g str, Side)>,
    /// Something that speaks of both sides must hold as well.
    is_null_open: bool,
}

/// Two terms that must be equal.
struct Equation<'g> {
    around: Around<'g>,
    of_node: Term<'g>,
    of_row: Term<'g>,
}

/// Where the best place to look up is, and its joins.
pub(super) struct Found<'g> {
    pub(super) place: usize,
    joins: Vec<Vec<Equation<'g>>>,
}

impl<'g> Emitter<'_, 'g> {
    /// The cheapest place that conditions join with what is bound.
    pub(super) fn best_lookup(&self) -> Option<Found<'g>> {
        if self.compiler.is_predicate {
            return None; // the cost of a table does not pay, and what a check looks at must not depend on it
        }
        let mut best: Option<(f64, Found<'g>)> = None;
        for place in 0..self.pattern.places.len() {
            if !self.pattern.is_open(place) {
                continue;
            }
            let joins = self.joins(place);
            let Some(prospect) = self.prospects.get(place) else { continue };
            if joins.is_empty() {
                continue;
            }
            // How many nodes share a value is not known before: between one and all.
            let rows = (prospect.count * prospect.selectivity).max(0.01).sqrt();
            let cost = self.cost_of_rows(place, rows);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, Found { place, joins }));
            }
        }
        best.map(|(_, found)| found)
    }

    /// Conditions on the node at a place alone, which it takes no row to judge.
    pub(super) fn own_conditions(&self, place: usize) -> Vec<&'g Expr> {
        let Some(name) = self.pattern.places.get(place).and_then(|it| it.name.as_ref()) else {
            return Vec::new();
        };
        let finder = Finder { emitter: self, name };
        let open = self.conjuncts.iter().filter(|it| !it.is_done && !it.is_costly);
        let is_own =
            |expr: &'g Expr| finder.side(expr, &Around::default()) == Speaks::Of(Side::Node);
        open.map(|it| it.expr).filter(|it| is_own(it)).collect()
    }

    /// The conditions that join a place with what is bound.
    fn joins(&self, place: usize) -> Vec<Vec<Equation<'g>>> {
        let Some(name) = self.pattern.places.get(place).and_then(|it| it.name.as_ref()) else {
            return Vec::new();
        };
        let finder = Finder { emitter: self, name };
        let mut joins = Vec::new();
        for conjunct in &self.conjuncts {
            if conjunct.is_done || conjunct.is_costly || !conjunct.needs.contains(&**name) {
                continue;
            }
            let mut equations = Vec::new();
            if finder.side(conjunct.expr, &Around::default()) == Speaks::OfBoth
                && finder.find(conjunct.expr, &Around::default(), &mut equations)
                && equations.len() <= MOST_WAYS
            {
                joins.push(equations);
            }
        }
        joins.truncate(MOST_JOINS);
        joins
    }
}

impl<'g> Found<'g> {
    /// Compiles the terms.
    pub(super) fn compile(&self, compiler: &mut Compiler<'g>) -> Result<Vec<Join<'g>>, Error> {
        let mut joins = Vec::with_capacity(self.joins.len());
        for equations in &self.joins {
            let mut ways = Vec::with_capacity(equations.len());
            for equation in equations {
                let is_null_open = equation.around.is_null_open;
                let mut keys =
                    |layers: &[Layer<'g>], term| compile(compiler, layers, term, is_null_open);
                let of_node = keys(&equation.around.of_node, equation.of_node)?;
                let of_row = keys(&equation.around.of_row, equation.of_row)?;
                ways.push(JoinWay { of_node, of_row });
            }
            joins.push(Join { ways });
        }
        Ok(joins)
    }
}

fn compile<'g>(
    compiler: &mut Compiler<'g>,
    layers: &[Layer<'g>],
    term: Term<'g>,
    is_null_open: bool,
) -> Result<Keys<'g>, Error> {
    let source = match (layers.split_first(), term) {
        (Some((Layer::Each(name, list), rest)), _) => {
            let list = compiler.eval(list)?;
            let (slot, of) = compiler.with_variable(&name.text, |compiler, slot| {
                (slot, compile(compiler, rest, term, is_null_open))
            });
            KeySource::Each { list, slot, of: Box::new(of?) }
        }
        (Some((Layer::If(condition), rest)), _) => {
            let test = compiler.test(condition)?;
            KeySource::If { test, of: Box::new(compile(compiler, rest, term, is_null_open)?) }
        }
        (None, Term::Value(expr)) => KeySource::Value(compiler.eval(expr)?),
        (None, Term::Elements(expr)) => KeySource::Elements(compiler.eval(expr)?),
    };
    Ok(Keys { source, is_null_open })
}

/// Of which sides an expression speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
    OfNeither,
    Of(Side),
    OfBoth,
    /// Of something that is not bound yet, or it cannot be computed beforehand.
    Otherwise,
}

struct Finder<'e, 'c, 'g> {
    emitter: &'e Emitter<'c, 'g>,
    /// The place that is looked up.
    name: &'e str,
}

impl<'g> Finder<'_, '_, 'g> {
    fn side(&self, expr: &'g Expr, around: &Around<'g>) -> Speaks {
        let mut all = NameSet::new();
        names::in_expr(expr, &mut all);
        let mut speaks = Speaks::OfNeither;
        for name in all {
            let of_loop = around.loops.iter().rev().find(|(it, _)| *it == name);
            let side = if let Some((_, side)) = of_loop {
                *side
            } else if name == self.name {
                Side::Node
            } else if self.emitter.is_bound_name(name) {
                Side::Row
            } else if self.emitter.pattern.introduces(name) {
                return Speaks::Otherwise;
            } else {
                continue; // bound inside
            };
            speaks = match speaks {
                Speaks::OfNeither => Speaks::Of(side),
                Speaks::Of(other) if other == side => speaks,
                _ => Speaks::OfBoth,
            };
        }
        if has_query(expr) || is_volatile(expr) { Speaks::Otherwise } else { speaks }
    }

    /// Adds equations of which one holds wherever the condition is true or unread; false when there are none
    /// such.
    fn find(&self, expr: &'g Expr, around: &Around<'g>, found: &mut Vec<Equation<'g>>) -> bool {
        match &expr.kind {
            ExprKind::Compare(left, rest) => match &**rest {
                [(CompareOp::Eq, right)] => {
                    self.equate(Term::Value(left), Term::Value(right), around, found)
                }
                _ => false,
            },
            ExprKind::Binary(BinaryOp::In, left, right) => match &right.kind {
                ExprKind::List(items) => items
                    .iter()
                    .all(|item| self.equate(Term::Value(left), Term::Value(item), around, found)),
                _ => self.equate(Term::Value(left), Term::Elements(right), around, found),
            },
            ExprKind::Binary(BinaryOp::Or, left, right) => {
                self.find(left, around, found) && self.find(right, around, found)
            }
            ExprKind::Binary(BinaryOp::And, ..) => self.find_in_all(expr, around, found),
            ExprKind::Quantifier(it) if it.kind == QuantifierKind::Any => {
                let side = match self.side(&it.list, around) {
                    Speaks::Of(side) => side,
                    Speaks::OfNeither => Side::Row,
                    Speaks::OfBoth | Speaks::Otherwise => return false,
                };
                let mut inside = around.clone();
                inside.push(side, Layer::Each(&it.variable, &it.list));
                inside.loops.push((it.variable.as_str(), side));
                self.find(&it.condition, &inside, found)
            }
            _ => false,
        }
    }

    /// The same for `a AND b`: of one part. The others, as far as they speak of one side, are conditions on
    /// what values there are.
    fn find_in_all(
        &self,
        expr: &'g Expr,
        around: &Around<'g>,
        found: &mut Vec<Equation<'g>>,
    ) -> bool {
        let mut parts = Vec::new();
        conjuncts(expr, &mut parts);
        let mut inside = around.clone();
        let mut joining = Vec::new();
        for part in parts {
            match self.side(part, around) {
                Speaks::Of(side) => inside.push(side, Layer::If(part)),
                Speaks::OfNeither => inside.push(Side::Row, Layer::If(part)),
                Speaks::OfBoth => joining.push(part),
                Speaks::Otherwise => inside.is_null_open = true,
            }
        }
        inside.is_null_open |= joining.len() > 1;
        let mut least: Option<Vec<Equation<'g>>> = None;
        for part in joining {
            let mut equations = Vec::new();
            if self.find(part, &inside, &mut equations)
                && least.as_ref().is_none_or(|it| equations.len() < it.len())
            {
                least = Some(equations);
            }
        }
        let is_found = least.is_some();
        found.extend(least.unwrap_or_default());
        is_found
    }

    fn equate(
        &self,
        left: Term<'g>,
        right: Term<'g>,
        around: &Around<'g>,
        found: &mut Vec<Equation<'g>>,
    ) -> bool {
        let speaks = |term: Term<'g>| match term {
            Term::Value(expr) | Term::Elements(expr) => self.side(expr, around),
        };
        let (of_node, of_row) = match (speaks(left), speaks(right)) {
            (Speaks::Of(Side::Node), Speaks::Of(Side::Row) | Speaks::OfNeither)
            | (Speaks::OfNeither, Speaks::Of(Side::Row)) => (left, right),
            (Speaks::Of(Side::Row) | Speaks::OfNeither, Speaks::Of(Side::Node))
            | (Speaks::Of(Side::Row), Speaks::OfNeither) => (right, left),
            _ => return false,
        };
        found.push(Equation { around: around.clone(), of_node, of_row });
        true
    }
}

impl<'g> Around<'g> {
    fn push(&mut self, side: Side, layer: Layer<'g>) {
        match side {
            Side::Node => self.of_node.push(layer),
            Side::Row => self.of_row.push(layer),
        }
    }
}

/// Whether an expression may have another value each time.
fn is_volatile(expr: &Expr) -> bool {
    let mut found = match &expr.kind {
        ExprKind::Call(call) => crate::compile::is_volatile(call.function.as_str()),
        _ => false,
    };
    expr.for_each_child(&mut |child| found |= is_volatile(child));
    found
}
