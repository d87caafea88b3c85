//! Queries in a normal form, so that the planner meets each idea once.
//!
//! * Properties of nodes and of single edges in a pattern become conditions; what had no name gets one
//!   that cannot be written.
//! * A pattern as a condition becomes `EXISTS`.

use std::sync::Arc;

use lang::ast::{
    BinaryOp, Clause, CompareOp, Expr, ExprKind, MapItem, Match, Name, PathPattern, Query,
    SingleQuery, Span,
};

/// First character of names that the planner gives.
pub(crate) const HIDDEN: char = '\u{1}';

/// Brings a query into normal form.
pub(crate) fn query(query: &mut Query) {
    let mut namer = Namer::default();
    namer.query(query);
}

/// Brings an expression into normal form.
pub(crate) fn expr(expr: &mut Expr) {
    Namer::default().expr(expr);
}

#[derive(Default)]
struct Namer {
    n_names: u32,
}

impl Namer {
    fn name(&mut self) -> Name {
        self.n_names += 1;
        Name { text: Arc::from(format!("{HIDDEN}{}", self.n_names)), span: Span::default() }
    }

    fn query(&mut self, query: &mut Query) {
        self.single(&mut query.first);
        for union in &mut query.unions {
            self.single(&mut union.query);
        }
    }

    fn single(&mut self, query: &mut SingleQuery) {
        for clause in &mut query.clauses {
            match clause {
                Clause::Match(it) => {
                    self.patterns(&mut it.patterns, &mut it.condition);
                    it.condition.iter_mut().for_each(|expr| self.expr(expr));
                }
                Clause::Unwind(it) => self.expr(&mut it.list),
                Clause::With(it) => {
                    self.projection(&mut it.projection);
                    it.condition.iter_mut().for_each(|expr| self.expr(expr));
                }
                Clause::Return(it) => self.projection(&mut it.projection),
                Clause::Create(_) => {}
            }
        }
    }

    fn projection(&mut self, projection: &mut lang::ast::Projection) {
        projection.items.iter_mut().for_each(|item| self.expr(&mut item.expr));
        projection.order_by.iter_mut().for_each(|item| self.expr(&mut item.expr));
    }

    fn patterns(&mut self, patterns: &mut [PathPattern], condition: &mut Option<Expr>) {
        let mut conditions = Vec::new();
        for pattern in patterns {
            let mut nodes = vec![&mut pattern.start];
            for (edge, node) in &mut pattern.steps {
                if edge.length.is_none() {
                    self.lift(&mut edge.variable, &mut edge.properties, &mut conditions);
                }
                nodes.push(node);
            }
            for node in nodes {
                self.lift(&mut node.variable, &mut node.properties, &mut conditions);
            }
        }
        for lifted in conditions {
            *condition = Some(match condition.take() {
                None => lifted,
                Some(before) => {
                    let span = before.span;
                    let both = ExprKind::Binary(BinaryOp::And, Box::new(lifted), Box::new(before));
                    Expr::new(both, span)
                }
            });
        }
    }

    /// Turns a map of properties into conditions on the variable.
    fn lift(
        &mut self,
        variable: &mut Option<Name>,
        properties: &mut Option<Expr>,
        conditions: &mut Vec<Expr>,
    ) {
        let entries = match properties.take() {
            Some(Expr { kind: ExprKind::Map(entries), .. }) => entries,
            other => {
                *properties = other;
                return;
            }
        };
        if entries.is_empty() {
            return;
        }
        let name = variable.get_or_insert_with(|| self.name()).clone();
        for (key, value) in entries {
            let span = value.span;
            let of = Expr::new(ExprKind::Variable(name.clone()), span);
            let read = Expr::new(ExprKind::Property(Box::new(of), key), span);
            let equal = ExprKind::Compare(Box::new(read), vec![(CompareOp::Eq, value)]);
            conditions.push(Expr::new(equal, span));
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::CountStar => {}
            ExprKind::Pattern(pattern) => {
                let span = expr.span;
                let (mut patterns, mut condition) = (vec![(**pattern).clone()], None);
                self.patterns(&mut patterns, &mut condition);
                if let Some(condition) = &mut condition {
                    self.expr(condition);
                }
                let it = Match { optional: false, patterns, condition, span };
                let first = SingleQuery { clauses: vec![Clause::Match(it)], span };
                let query = Query { first, unions: Vec::new(), span };
                expr.kind = ExprKind::Exists(Box::new(query));
            }
            ExprKind::PatternComprehension(it) => {
                self.patterns(std::slice::from_mut(&mut it.pattern), &mut it.condition);
                it.condition.iter_mut().for_each(|expr| self.expr(expr));
                self.expr(&mut it.projection);
            }
            ExprKind::Exists(query) | ExprKind::Count(query) => self.query(query),
            ExprKind::List(items) => items.iter_mut().for_each(|it| self.expr(it)),
            ExprKind::Map(entries) => entries.iter_mut().for_each(|(_, it)| self.expr(it)),
            ExprKind::Property(of, _) | ExprKind::HasLabels(of, _) | ExprKind::Unary(_, of) => {
                self.expr(of);
            }
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Slice(of, from, to) => {
                self.expr(of);
                from.iter_mut().chain(to).for_each(|it| self.expr(it));
            }
            ExprKind::Compare(first, rest) => {
                self.expr(first);
                for (_, it) in rest {
                    self.expr(it);
                }
            }
            ExprKind::Call(call) => call.args.iter_mut().for_each(|it| self.expr(it)),
            ExprKind::Case(case) => {
                case.subject.iter_mut().for_each(|it| self.expr(it));
                for (when, then) in &mut case.branches {
                    self.expr(when);
                    self.expr(then);
                }
                case.otherwise.iter_mut().for_each(|it| self.expr(it));
            }
            ExprKind::ListComprehension(it) => {
                self.expr(&mut it.list);
                it.condition.iter_mut().chain(&mut it.projection).for_each(|it| self.expr(it));
            }
            ExprKind::Quantifier(it) => {
                self.expr(&mut it.list);
                self.expr(&mut it.condition);
            }
            ExprKind::Reduce(it) => {
                self.expr(&mut it.init);
                self.expr(&mut it.list);
                self.expr(&mut it.body);
            }
            ExprKind::MapProjection(it) => {
                for item in &mut it.items {
                    if let MapItem::Entry(_, value) = item {
                        self.expr(value);
                    }
                }
            }
        }
    }
}
