//! The walk through a condition that writes down what it looks at.
//!
//! A variable *denotes* nodes, edges or the inside of long steps: what is read on the variable is read
//! on them. Lists, comprehensions and aliases hand on what their parts denote. Where a node is used as
//! a value in a way not understood here, its whole document counts as read.

use std::collections::{BTreeMap, BTreeSet};

use lang::ast::{
    BinaryOp, Call, Clause, EdgePattern, Expr, ExprKind, MapItem, NodePattern, PathKind,
    PathPattern, Projection, Query, UnaryOp,
};

use super::{Footprint, FootprintNode, FootprintStep, MAX_HOPS, StepDirection};
use crate::compile::path_of;
use crate::error::Error;

/// What a variable may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Node(usize),
    /// A node between the ends of a step.
    Inside(usize),
    /// An edge of a step.
    Edge(usize),
}

type Things = BTreeSet<Thing>;
type Scope = BTreeMap<String, Things>;

/// Functions whose answer depends on which nodes they are given and on nothing that these hold.
const BY_IDENTITY: [&str; 7] = ["count", "labels", "id", "elementid", "type", "length", "size"];

/// Functions that hand on (some of) what they are given.
const HANDING_ON: [&str; 9] =
    ["collect", "nodes", "relationships", "rels", "head", "last", "tail", "reverse", "coalesce"];

#[derive(Default)]
pub(super) struct Walk {
    footprint: Footprint,
    scope: Scope,
}

impl Walk {
    pub(super) fn start(variable: &str) -> Self {
        let mut walk = Self::default();
        walk.footprint.nodes.push(FootprintNode::default());
        walk.scope.insert(variable.to_owned(), [Thing::Node(0)].into());
        walk
    }

    pub(super) fn finish(mut self, expr: &Expr) -> Result<Footprint, Error> {
        self.expr(expr)?;
        Ok(self.footprint)
    }

    /// What patterns look at that hang on the start, and what a condition says of their nodes.
    pub(super) fn part(
        mut self,
        patterns: &[PathPattern],
        condition: Option<&Expr>,
    ) -> Result<Footprint, Error> {
        self.patterns(patterns)?;
        condition.into_iter().try_for_each(|it| self.expr(it))?;
        Ok(self.footprint)
    }

    /// Notes that `path` is read on `things`.
    fn read(&mut self, things: &Things, path: &[&str]) {
        for thing in things {
            let paths = match thing {
                Thing::Node(node) => self.footprint.nodes.get_mut(*node).map(|it| &mut it.paths),
                Thing::Inside(step) => {
                    self.footprint.steps.get_mut(*step).map(|it| &mut it.inner_paths)
                }
                Thing::Edge(_) => None, // another edge document is another edge
            };
            if let Some(paths) = paths {
                paths.insert(path.iter().map(|key| (*key).to_owned()).collect());
            }
        }
    }

    fn of(&self, name: &str) -> Things {
        self.scope.get(name).cloned().unwrap_or_default()
    }

    /// Walks through an expression whose value may be looked into.
    fn expr(&mut self, expr: &Expr) -> Result<(), Error> {
        if let Some((name, keys)) = path_of(expr) {
            let things = self.of(name);
            self.read(&things, &keys);
            return Ok(());
        }
        match &expr.kind {
            ExprKind::Parameter(name) => self.footprint.reads_now |= name.as_str() == "now",
            ExprKind::Property(..) => {
                let (mut base, mut keys) = (expr, Vec::new());
                while let ExprKind::Property(of, key) = &base.kind {
                    keys.push(key.as_str());
                    base = of;
                }
                keys.reverse();
                let things = self.denoted(base)?;
                self.read(&things, &keys);
            }
            ExprKind::HasLabels(of, _)
            | ExprKind::Unary(UnaryOp::IsNull | UnaryOp::IsNotNull, of) => {
                self.denoted(of)?;
            }
            ExprKind::Compare(first, rest) => {
                self.denoted(first)?;
                rest.iter().try_for_each(|(_, it)| self.denoted(it).map(drop))?;
            }
            ExprKind::Binary(BinaryOp::In, left, right) => {
                self.denoted(left)?;
                self.denoted(right)?;
            }
            ExprKind::Call(call) => self.call(call)?,
            ExprKind::Quantifier(it) => {
                let things = self.denoted(&it.list)?;
                self.with(it.variable.as_str(), things, |walk| walk.expr(&it.condition))?;
            }
            ExprKind::Reduce(it) => {
                self.expr(&it.init)?;
                let things = self.denoted(&it.list)?;
                self.with(it.variable.as_str(), things, |walk| {
                    walk.with(it.accumulator.as_str(), Things::new(), |walk| walk.expr(&it.body))
                })?;
            }
            ExprKind::MapProjection(it) => {
                let subject = self.of(it.subject.as_str());
                for item in &it.items {
                    match item {
                        MapItem::All(_) => self.read(&subject, &[]),
                        MapItem::Property(key) => self.read(&subject, &[key.as_str()]),
                        MapItem::Entry(_, value) => self.expr(value)?,
                        MapItem::Variable(name) => {
                            let things = self.of(name.as_str());
                            self.read(&things, &[]);
                        }
                    }
                }
            }
            ExprKind::Pattern(pattern) => {
                self.nested(|walk| walk.patterns(std::slice::from_ref(&**pattern)))?;
            }
            ExprKind::Exists(query) | ExprKind::Count(query) => self.query(query)?,
            ExprKind::PatternComprehension(_)
            | ExprKind::ListComprehension(_)
            | ExprKind::Index(..)
            | ExprKind::Slice(..) => {
                let things = self.denoted(expr)?;
                self.read(&things, &[]);
            }
            _ => self.children(expr)?,
        }
        Ok(())
    }

    fn children(&mut self, expr: &Expr) -> Result<(), Error> {
        let mut result = Ok(());
        expr.for_each_child(&mut |child| {
            if result.is_ok() {
                result = self.expr(child);
            }
        });
        result
    }

    fn call(&mut self, call: &Call) -> Result<(), Error> {
        let name = call.function.as_str().to_ascii_lowercase();
        let is_clock = ["datetime", "date", "timestamp", "localdatetime", "time", "localtime"];
        self.footprint.reads_now |=
            name == "dayssince" || (is_clock.contains(&&*name) && call.args.is_empty());
        if BY_IDENTITY.contains(&&*name) {
            call.args.iter().try_for_each(|it| self.denoted(it).map(drop))
        } else {
            call.args.iter().try_for_each(|it| self.expr(it))
        }
    }

    /// Walks through an expression of which it matters only what it denotes, and says what.
    fn denoted(&mut self, expr: &Expr) -> Result<Things, Error> {
        Ok(match &expr.kind {
            ExprKind::Variable(name) => self.of(name.as_str()),
            ExprKind::List(items) => self.all_of(items.iter())?,
            ExprKind::Binary(BinaryOp::Add, left, right) => {
                self.all_of([&**left, &**right].into_iter())?
            }
            ExprKind::Index(of, index) => {
                self.expr(index)?;
                let things = self.denoted(of)?;
                if !matches!(index.kind, ExprKind::Literal(lang::ast::Literal::Int(_))) {
                    self.read(&things, &[]); // the index may be a key
                }
                things
            }
            ExprKind::Slice(of, from, to) => {
                from.iter().chain(to).try_for_each(|it| self.expr(it))?;
                self.denoted(of)?
            }
            ExprKind::Call(call) => {
                let name = call.function.as_str().to_ascii_lowercase();
                if HANDING_ON.contains(&&*name) {
                    self.all_of(call.args.iter())?
                } else if ["startnode", "endnode"].contains(&&*name) {
                    let edges = self.all_of(call.args.iter())?;
                    self.ends(&edges)
                } else {
                    self.expr(expr)?;
                    Things::new()
                }
            }
            ExprKind::Case(case) => {
                case.subject.iter().try_for_each(|it| self.expr(it))?;
                case.branches.iter().try_for_each(|(when, _)| self.expr(when))?;
                self.all_of(case.branches.iter().map(|(_, then)| then).chain(&case.otherwise))?
            }
            ExprKind::ListComprehension(it) => {
                let things = self.denoted(&it.list)?;
                self.with(it.variable.as_str(), things.clone(), |walk| {
                    it.condition.iter().try_for_each(|it| walk.expr(it))?;
                    it.projection.as_ref().map_or(Ok(things), |it| walk.denoted(it))
                })?
            }
            ExprKind::PatternComprehension(it) => self.nested(|walk| {
                walk.patterns(std::slice::from_ref(&it.pattern))?;
                it.condition.iter().try_for_each(|it| walk.expr(it))?;
                walk.denoted(&it.projection)
            })?,
            _ => {
                self.expr(expr)?;
                Things::new()
            }
        })
    }

    fn all_of<'a>(&mut self, exprs: impl Iterator<Item = &'a Expr>) -> Result<Things, Error> {
        let mut things = Things::new();
        for expr in exprs {
            things.append(&mut self.denoted(expr)?);
        }
        Ok(things)
    }

    /// The nodes between the ends of a step, when there can be any.
    fn inside(&self, step: usize) -> Option<Thing> {
        let is_long = self.footprint.steps.get(step).is_some_and(|step| step.length.1 > 1);
        is_long.then_some(Thing::Inside(step))
    }

    /// The nodes at the ends of edges.
    fn ends(&self, edges: &Things) -> Things {
        let mut things = edges.clone();
        for thing in edges {
            if let Thing::Edge(number) = thing
                && let Some(step) = self.footprint.steps.get(*number)
            {
                things.extend([Thing::Node(step.from), Thing::Node(step.to)]);
                things.extend(self.inside(*number));
            }
        }
        things
    }

    /// Runs `inner` with a variable in scope.
    fn with<T>(
        &mut self,
        name: &str,
        things: Things,
        inner: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let before = self.scope.insert(name.to_owned(), things);
        let result = inner(self);
        match before {
            Some(before) => self.scope.insert(name.to_owned(), before),
            None => self.scope.remove(name),
        };
        result
    }

    /// Runs `inner`; what it declares is visible only there.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let scope = self.scope.clone();
        let result = inner(self);
        self.scope = scope;
        result
    }

    fn query(&mut self, query: &Query) -> Result<(), Error> {
        for part in query.parts() {
            self.nested(|walk| {
                let outer = walk.scope.clone();
                part.clauses.iter().try_for_each(|clause| walk.clause(clause, &outer))
            })?;
        }
        Ok(())
    }

    fn clause(&mut self, clause: &Clause, outer: &Scope) -> Result<(), Error> {
        match clause {
            Clause::Match(it) => {
                self.patterns(&it.patterns)?;
                it.condition.iter().try_for_each(|expr| self.expr(expr))
            }
            Clause::Unwind(it) => {
                let things = self.denoted(&it.list)?;
                self.scope.insert(it.variable.as_str().to_owned(), things);
                Ok(())
            }
            Clause::With(it) => {
                let next = self.projection(&it.projection, outer)?;
                it.condition.iter().try_for_each(|expr| self.expr(expr))?;
                self.scope = next;
                Ok(())
            }
            Clause::Return(it) => self.projection(&it.projection, outer).map(drop),
            Clause::Create(_) => Ok(()),
        }
    }

    /// Gives the scope behind a projection. Leaves one that has both what was and what comes: sorting
    /// and `WHERE` see both.
    fn projection(&mut self, projection: &Projection, outer: &Scope) -> Result<Scope, Error> {
        let mut next = if projection.star { self.scope.clone() } else { outer.clone() };
        let mut given = Vec::new();
        for item in &projection.items {
            let things = self.denoted(&item.expr)?;
            let name = match (&item.alias, &item.expr.kind) {
                (Some(alias), _) => alias.as_str(),
                (None, ExprKind::Variable(name)) => name.as_str(),
                (None, _) => continue,
            };
            given.push((name.to_owned(), things));
        }
        for (name, things) in given {
            self.scope.entry(name.clone()).or_default().extend(things.iter().copied());
            next.insert(name, things);
        }
        projection.order_by.iter().try_for_each(|item| self.denoted(&item.expr).map(drop))?;
        projection.skip.iter().chain(&projection.limit).try_for_each(|it| self.expr(it))?;
        Ok(next)
    }

    /// Takes the steps of the patterns of a `MATCH`: the first in the order of the text that hangs on a
    /// known node, again and again. The planner takes those of a check in the same order.
    fn patterns(&mut self, patterns: &[PathPattern]) -> Result<(), Error> {
        if patterns.iter().any(|pattern| pattern.kind != PathKind::All) {
            let message = "a check may not look for shortest paths";
            return Err(Error::Profile(message.to_owned()));
        }
        let mut found: Vec<Found> = patterns.iter().map(Found::new).collect();
        loop {
            self.find_known(patterns, &mut found);
            let next = found.iter().enumerate().find_map(|(at, it)| Some((at, it.next_step()?)));
            let Some((at, (step, is_forward))) = next else { break };
            let (Some(pattern), Some(own)) = (patterns.get(at), found.get_mut(at)) else { break };
            self.pattern_step(pattern, own, step, is_forward)?;
        }
        if found.iter().any(|it| !it.is_done()) {
            let message = "a pattern of a check must hang on its resource";
            return Err(Error::Profile(message.to_owned()));
        }
        for (pattern, own) in patterns.iter().zip(found) {
            if let Some(name) = &pattern.variable {
                let nodes = own.places.iter().flatten().flatten().map(|node| Thing::Node(*node));
                let steps = own.steps.iter().flatten().flatten();
                let mut path: Things = nodes.collect();
                for step in steps {
                    path.insert(Thing::Edge(*step));
                    path.extend(self.inside(*step));
                }
                self.scope.insert(name.as_str().to_owned(), path);
            }
            for node in nodes_of(pattern) {
                let things = node.variable.as_ref().map(|name| self.of(name.as_str()));
                self.properties(node.properties.as_ref(), &things.unwrap_or_default())?;
            }
            for (edge, _) in &pattern.steps {
                self.properties(edge.properties.as_ref(), &Things::new())?;
            }
        }
        Ok(())
    }

    /// Gives numbers to the places whose variables are known by now.
    fn find_known(&mut self, patterns: &[PathPattern], found: &mut [Found]) {
        for (pattern, own) in patterns.iter().zip(found) {
            for (node, place) in nodes_of(pattern).into_iter().zip(&mut own.places) {
                if place.is_none() && self.known(node).is_some() {
                    *place = Some(self.numbers(node));
                }
            }
        }
    }

    /// What the variable of a node of a pattern denotes, when it is known and denotes nodes.
    fn known(&self, node: &NodePattern) -> Option<&Things> {
        let things = self.scope.get(node.variable.as_ref()?.as_str())?;
        let is_node = |thing: &Thing| !matches!(thing, Thing::Edge(_));
        things.iter().any(is_node).then_some(things)
    }

    fn pattern_step(
        &mut self,
        pattern: &PathPattern,
        own: &mut Found,
        at: usize,
        is_forward: bool,
    ) -> Result<(), Error> {
        let (start, end) = if is_forward { (at, at + 1) } else { (at + 1, at) };
        let nodes = nodes_of(pattern);
        let (Some((edge, _)), Some(node), Some(Some(from))) =
            (pattern.steps.get(at), nodes.get(end), own.places.get(start))
        else {
            return Ok(());
        };
        let direction = StepDirection::of(edge.direction, is_forward);
        let first_step = self.footprint.steps.len();
        let to = own.places.get(end).cloned().flatten();
        let to = self.step(from, edge, node, direction, to)?;
        let steps: Vec<usize> = (first_step..self.footprint.steps.len()).collect();
        if let Some(name) = &edge.variable {
            let edges = steps.iter().map(|step| Thing::Edge(*step));
            self.scope.entry(name.as_str().to_owned()).or_default().extend(edges);
        }
        if let (Some(place), Some(step)) = (own.places.get_mut(end), own.steps.get_mut(at)) {
            *place = Some(to);
            *step = Some(steps);
        }
        Ok(())
    }

    /// Reads what a map in a pattern compares. (The normal form has given names to nodes with maps.)
    fn properties(&mut self, map: Option<&Expr>, things: &Things) -> Result<(), Error> {
        let Some(map) = map else { return Ok(()) };
        if let ExprKind::Map(entries) = &map.kind {
            return entries.iter().try_for_each(|(key, value)| {
                self.read(things, &[key.as_str()]);
                self.expr(value)
            });
        }
        self.read(things, &[]);
        self.expr(map)
    }

    /// The numbers of the nodes that a known node of a pattern may be. The inside of a step becomes a
    /// node of its own.
    fn numbers(&mut self, node: &NodePattern) -> Vec<usize> {
        let things = self.known(node).cloned().unwrap_or_default();
        let mut numbers = Vec::new();
        for thing in things {
            match thing {
                Thing::Node(number) => numbers.push(number),
                Thing::Inside(step) => {
                    let Some(step) = self.footprint.steps.get(step).cloned() else { continue };
                    let hops = self.hops(step.to);
                    let to = self.new_node(hops);
                    let length = (0, step.length.1);
                    self.footprint.steps.push(FootprintStep { to, length, binds: true, ..step });
                    numbers.push(to);
                }
                Thing::Edge(_) => {}
            }
        }
        numbers
    }

    fn hops(&self, node: usize) -> u32 {
        self.footprint.nodes.get(node).map_or(0, |node| node.hops)
    }

    fn new_node(&mut self, hops: u32) -> usize {
        self.footprint.nodes.push(FootprintNode { hops, ..FootprintNode::default() });
        self.footprint.nodes.len() - 1
    }

    /// Adds the step from any of `from` over `edge` to `node`, which is one of `to` if it is known;
    /// gives the numbers of that node.
    fn step(
        &mut self,
        from: &[usize],
        edge: &EdgePattern,
        node: &NodePattern,
        direction: StepDirection,
        to: Option<Vec<usize>>,
    ) -> Result<Vec<usize>, Error> {
        let length = edge.length.map_or((1, 1), |it| (it.least(), it.most()));
        let nearest = from.iter().map(|node| self.hops(*node)).max().unwrap_or_default();
        let hops = nearest.saturating_add(length.1);
        if hops > MAX_HOPS {
            return Err(Error::Profile(format!(
                "a pattern of a check may go at most {MAX_HOPS} edges from its resource"
            )));
        }
        self.footprint.max_hops = self.footprint.max_hops.max(hops);
        let binds = to.is_none();
        let to = to.unwrap_or_else(|| {
            let number = self.new_node(hops);
            if let Some(own) = self.footprint.nodes.get_mut(number) {
                own.labels.extend(node.labels.clone());
            }
            if let Some(name) = &node.variable {
                self.scope.insert(name.as_str().to_owned(), [Thing::Node(number)].into());
            }
            vec![number]
        });
        for from in from {
            for to in &to {
                self.footprint.steps.push(FootprintStep {
                    from: *from,
                    to: *to,
                    edge_types: edge.types.iter().map(|it| it.as_str().to_owned()).collect(),
                    direction,
                    length,
                    binds,
                    inner_paths: super::Paths::new(),
                });
            }
        }
        Ok(to)
    }
}

/// What is known of a pattern while its steps are taken.
struct Found {
    /// By node: the numbers that it may be.
    places: Vec<Option<Vec<usize>>>,
    /// By step: its numbers, when it is taken.
    steps: Vec<Option<Vec<usize>>>,
}

impl Found {
    fn new(pattern: &PathPattern) -> Self {
        let n_steps = pattern.steps.len();
        Self { places: vec![None; n_steps + 1], steps: vec![None; n_steps] }
    }

    /// The first step that can be taken, and whether it is taken as written.
    fn next_step(&self) -> Option<(usize, bool)> {
        let is_known = |at: usize| self.places.get(at).is_some_and(Option::is_some);
        let is_open = |at: &usize| self.steps.get(*at).is_some_and(Option::is_none);
        let at =
            (0..self.steps.len()).filter(is_open).find(|at| is_known(*at) || is_known(*at + 1))?;
        Some((at, is_known(at)))
    }

    fn is_done(&self) -> bool {
        self.steps.iter().chain(&self.places).all(Option::is_some)
    }
}

/// The nodes of a pattern from left to right.
/// The variables of a pattern.
pub(super) fn variables(pattern: &PathPattern) -> impl Iterator<Item = &str> {
    let nodes = nodes_of(pattern).into_iter().filter_map(|it| it.variable.as_ref());
    let edges = pattern.steps.iter().filter_map(|(edge, _)| edge.variable.as_ref());
    nodes.chain(edges).chain(&pattern.variable).map(lang::ast::Name::as_str)
}

fn nodes_of(pattern: &PathPattern) -> Vec<&NodePattern> {
    std::iter::once(&pattern.start).chain(pattern.steps.iter().map(|(_, node)| node)).collect()
}
