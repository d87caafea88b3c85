//! Patterns: nodes, edges, paths, labels.

use super::token::TokenKind;
use super::{Parsed, Parser};
use crate::ast::{
    Direction, EdgePattern, Expr, LabelExpr, Length, Literal, NodePattern, PathKind, PathPattern,
};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// Patterns with commas between.
    pub(super) fn patterns(&mut self) -> Parsed<Vec<PathPattern>> {
        let mut patterns = vec![self.path_pattern()?];
        while self.eat_symbol(",") {
            patterns.push(self.path_pattern()?);
        }
        Ok(patterns)
    }

    /// `[variable =] (a)-->(b)` or `[variable =] shortestPath((a)-[*]->(b))`.
    pub(super) fn path_pattern(&mut self) -> Parsed<PathPattern> {
        let start = self.here();
        let mut variable = None;
        if self.is_name_at(self.at) && self.is_symbol_at(self.at + 1, "=") {
            variable = Some(self.variable()?);
            self.at += 1;
        }
        let kind = match self.word().to_ascii_lowercase().as_str() {
            "shortestpath" => PathKind::Shortest,
            "allshortestpaths" => PathKind::AllShortest,
            _ => PathKind::All,
        };
        let pattern = if kind == PathKind::All {
            self.chain()?
        } else {
            self.at += 1;
            self.expect_symbol("(")?;
            let inner = self.chain()?;
            self.expect_symbol(")")?;
            if inner.steps.len() != 1 {
                let message = "a shortest path needs exactly one edge between two nodes";
                return Err(self.error(ErrorKind::UnexpectedSyntax, inner.span, message));
            }
            inner
        };
        Ok(PathPattern { variable, kind, span: self.since(start), ..pattern })
    }

    /// `(a)-->(b)<--(c)`, without variable.
    fn chain(&mut self) -> Parsed<PathPattern> {
        let span = self.here();
        let start = self.node_pattern()?;
        let mut steps = Vec::new();
        while self.is_symbol("-") || self.is_symbol("<") {
            let edge = self.edge_pattern()?;
            steps.push((edge, self.node_pattern()?));
        }
        Ok(PathPattern {
            variable: None,
            kind: PathKind::All,
            start,
            steps,
            span: self.since(span),
        })
    }

    fn node_pattern(&mut self) -> Parsed<NodePattern> {
        let start = self.here();
        if !self.eat_symbol("(") {
            return Err(self.unexpected("a node in round brackets"));
        }
        let variable = self.eat_variable();
        let labels = if self.eat_symbol(":") { Some(self.label_expr(true)?) } else { None };
        let properties = self.properties()?;
        if !self.eat_symbol(")") {
            return Err(self.unexpected("`)` at the end of the node"));
        }
        Ok(NodePattern { variable, labels, properties, span: self.since(start) })
    }

    /// A map literal or a parameter, when one comes next.
    fn properties(&mut self) -> Parsed<Option<Expr>> {
        let is_parameter = matches!(self.kind_at(self.at), TokenKind::Parameter(_));
        if !is_parameter && !self.is_symbol("{") {
            return Ok(None);
        }
        self.operand().map(Some)
    }

    /// `-[...]->`, `<-[...]-`, `-->`, `--` and so on.
    fn edge_pattern(&mut self) -> Parsed<EdgePattern> {
        let start = self.here();
        let points_left = self.eat_symbol("<");
        self.expect_symbol("-")?;
        let mut edge = EdgePattern {
            variable: None,
            types: Vec::new(),
            direction: Direction::Either,
            length: None,
            properties: None,
            span: start,
        };
        if self.eat_symbol("[") {
            edge.variable = self.eat_variable();
            edge.types = self.edge_types()?;
            edge.length = self.length()?;
            edge.properties = self.properties()?;
            if !self.eat_symbol("]") {
                let mut error = self.unexpected("`]` at the end of the edge");
                error.0.kind = ErrorKind::InvalidRelationshipPattern;
                return Err(error);
            }
        }
        self.expect_symbol("-")?;
        let points_right = self.eat_symbol(">");
        edge.direction = match (points_left, points_right) {
            (true, false) => Direction::In,
            (false, true) => Direction::Out,
            (true, true) | (false, false) => Direction::Either,
        };
        edge.span = self.since(start);
        Ok(edge)
    }

    /// `:A|B|:C`, when it comes next.
    fn edge_types(&mut self) -> Parsed<Vec<crate::ast::Name>> {
        let mut types = Vec::new();
        if !self.eat_symbol(":") {
            return Ok(types);
        }
        loop {
            if self.is_symbol("!") || self.is_symbol("(") {
                let message = "an edge has one type, so write the types with `|` between";
                return Err(self.error(ErrorKind::UnsupportedSyntax, self.here(), message));
            }
            types.push(self.name("an edge type")?);
            if !self.eat_symbol("|") {
                return Ok(types);
            }
            self.eat_symbol(":");
        }
    }

    /// `*`, `*2`, `*1..3`, `*..3`, `*2..`, when it comes next.
    fn length(&mut self) -> Parsed<Option<Length>> {
        if !self.eat_symbol("*") {
            return Ok(None);
        }
        let min = self.length_bound()?;
        if !self.eat_symbol("..") {
            return Ok(Some(Length { min, max: min }));
        }
        let max = self.length_bound()?;
        Ok(Some(Length { min, max }))
    }

    fn length_bound(&mut self) -> Parsed<Option<u32>> {
        if *self.kind_at(self.at) != TokenKind::Number {
            return Ok(None);
        }
        let span = self.here();
        match self.number(false)? {
            Literal::Int(number) if number <= i64::from(u32::MAX) => Ok(u32::try_from(number).ok()),
            _ => {
                let message = "the length of a path must be a whole number below 2^32";
                Err(self.error(ErrorKind::InvalidRelationshipPattern, span, message))
            }
        }
    }

    /// `A:B|!C&(D)`, the colon before it read. `|` binds weaker than `&` and `:`.
    pub(super) fn label_expr(&mut self, with_or: bool) -> Parsed<LabelExpr> {
        let mut left = self.label_and()?;
        let mut n_labels = 1;
        while with_or && self.eat_symbol("|") {
            self.eat_symbol(":");
            let right = self.label_and()?;
            left = LabelExpr::Or(Box::new(left), Box::new(right));
            n_labels = self.count_label(n_labels)?;
        }
        Ok(left)
    }

    fn label_and(&mut self) -> Parsed<LabelExpr> {
        let mut left = self.label_not()?;
        let mut n_labels = 1;
        while self.eat_symbol("&") || self.eat_symbol(":") {
            let right = self.label_not()?;
            left = LabelExpr::And(Box::new(left), Box::new(right));
            n_labels = self.count_label(n_labels)?;
        }
        Ok(left)
    }

    /// Bounds a chain of labels, which is as deep as it is long.
    fn count_label(&self, n_labels: u32) -> Parsed<u32> {
        if n_labels < super::MAX_DEPTH {
            return Ok(n_labels + 1);
        }
        let message = format!("more than {} labels in a row", super::MAX_DEPTH);
        Err(self.error(ErrorKind::LimitExceeded, self.here(), message))
    }

    fn label_not(&mut self) -> Parsed<LabelExpr> {
        self.enter()?;
        let label = if self.eat_symbol("!") {
            LabelExpr::Not(Box::new(self.label_not()?))
        } else if self.eat_symbol("(") {
            let inner = self.label_expr(true)?;
            self.expect_symbol(")")?;
            inner
        } else {
            LabelExpr::Label(self.name("a label")?)
        };
        self.leave();
        Ok(label)
    }

    /// Whether the round bracket at `idx` begins a pattern with an edge, and not an expression in brackets.
    pub(super) fn is_pattern_at(&self, idx: usize) -> bool {
        if !self.is_symbol_at(idx, "(") {
            return false;
        }
        let Some(end) = self.closing.get(idx).copied().filter(|it| *it != usize::MAX) else {
            return false;
        };
        let after_name = if self.is_name_at(idx + 1) { idx + 2 } else { idx + 1 };
        let is_node = after_name == end
            || self.is_symbol_at(after_name, ":")
            || self.is_symbol_at(after_name, "{")
            || matches!(self.kind_at(after_name), TokenKind::Parameter(_));
        is_node && self.is_edge_at(end + 1)
    }

    /// Whether an edge and a node begin at `idx`.
    fn is_edge_at(&self, idx: usize) -> bool {
        self.node_behind_edge(idx).is_some()
    }

    /// When an edge begins at `idx`, where the node behind it begins.
    fn node_behind_edge(&self, idx: usize) -> Option<usize> {
        let dash = if self.is_symbol_at(idx, "<") { idx + 1 } else { idx };
        let end = if self.is_symbol_at(dash + 1, "[") {
            self.closing.get(dash + 1).copied().filter(|it| *it != usize::MAX)? + 1
        } else {
            dash + 1
        };
        let node = if self.is_symbol_at(end + 1, ">") { end + 2 } else { end + 1 };
        let has_dashes = self.is_symbol_at(dash, "-") && self.is_symbol_at(end, "-");
        (has_dashes && self.is_symbol_at(node, "(")).then_some(node)
    }

    /// When a pattern begins at `idx`, where it ends.
    pub(super) fn pattern_end(&self, idx: usize) -> Option<usize> {
        let mut node = idx;
        if !self.is_pattern_at(idx) {
            return None;
        }
        loop {
            let end = self.closing.get(node).copied().filter(|it| *it != usize::MAX)? + 1;
            match self.node_behind_edge(end) {
                Some(next) => node = next,
                None => return Some(end),
            }
        }
    }
}
