//! What following a pattern costs, in rows, as far as it can be told before: which edge comes next, and
//! where to start.

use lang::ast::PathKind;

use super::emit::Emitter;

impl Emitter<'_, '_> {
    /// The next edge to follow: of those with a bound end the one that leads to the fewest rows.
    ///
    /// In a check the first one, whatever the graph: then the order in which a check looks at things,
    /// and so what it says when some were not read, depends on nothing that its footprint does not name.
    pub(super) fn next_step(&self) -> Option<(usize, bool)> {
        let is_bound = |place: usize| self.pattern.is_bound(place);
        if self.compiler.is_predicate {
            let steps = self.pattern.steps.iter().enumerate();
            let mut open = steps.filter(|(_, step)| !step.is_done);
            let next = open.find(|(_, step)| is_bound(step.left) || is_bound(step.right));
            return next.map(|(at, step)| (at, is_bound(step.left)));
        }
        let is_done = |at: usize| self.pattern.steps.get(at).is_none_or(|step| step.is_done);
        self.cheapest(&is_done, &is_bound).map(|(_, step, from_left)| (step, from_left))
    }

    /// Of the edges with a bound end the one that leads to the fewest rows: how many come of one, which
    /// edge, and whether it is followed from its left end.
    fn cheapest(
        &self,
        is_done: &dyn Fn(usize) -> bool,
        is_bound: &dyn Fn(usize) -> bool,
    ) -> Option<(f64, usize, bool)> {
        let mut best: Option<(f64, usize, bool)> = None;
        for (idx, step) in self.pattern.steps.iter().enumerate() {
            if is_done(idx) {
                continue;
            }
            for (start, from_left) in [(step.left, true), (step.right, false)] {
                if !is_bound(start) {
                    continue;
                }
                let growth = self.growth_when(idx, from_left, is_bound);
                if best.is_none_or(|(least, ..)| growth < least) {
                    best = Some((growth, idx, from_left));
                }
            }
        }
        best
    }

    /// How many rows come of one, given the places bound now.
    pub(super) fn growth(&self, step: usize, from_left: bool) -> f64 {
        self.growth_when(step, from_left, &|place| self.pattern.is_bound(place))
    }

    fn growth_when(&self, step: usize, from_left: bool, is_bound: &dyn Fn(usize) -> bool) -> f64 {
        let Some(step) = self.pattern.steps.get(step) else { return 1.0 };
        let graph = self.compiler.graph;
        let other = if from_left { step.right } else { step.left };
        let mut fan = 0.0;
        for edge_type in step.types.iter() {
            for way in step.ways {
                let way = if from_left { *way } else { way.reversed() };
                fan += match graph.provider(*edge_type) {
                    None => graph.fan_out(*edge_type, way),
                    Some(provider) => f64::from(provider.estimate()),
                };
            }
        }
        let n_nodes = graph.n_nodes().max(1) as f64;
        let prospect = self.prospects.get(other);
        let count = prospect.map_or(n_nodes, |it| it.count).max(1.0);
        let mut selectivity = prospect.map_or(1.0, |it| it.selectivity);
        if step.pattern.types.is_empty() {
            selectivity *= count / n_nodes;
        }
        if let Some(length) = step.length {
            let times = f64::from(length.most().min(6));
            fan = fan.max(1.1).powf(times).min(n_nodes);
        }
        if is_bound(other) { (fan / count).min(0.9) } else { fan * selectivity }
    }

    /// The cheapest place to start from, when none of the rest has a bound neighbour.
    pub(super) fn best_start(&self) -> Option<usize> {
        let places = (0..self.pattern.places.len()).filter(|place| self.pattern.is_open(*place));
        let costs = places.map(|place| (self.cost_from(place), place));
        costs.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, place)| place)
    }

    /// Rows looked at when the rest of the connected pattern is followed from `start`.
    fn cost_from(&self, start: usize) -> f64 {
        let Some(prospect) = self.prospects.get(start) else { return f64::MAX };
        let rows = (prospect.count * prospect.selectivity).max(0.01);
        self.cost_of_rows(start, rows) + prospect.scan_cost
    }

    /// The same when `start` is bound to so many nodes.
    pub(super) fn cost_of_rows(&self, start: usize, mut rows: f64) -> f64 {
        let mut bound: Vec<bool> = self.pattern.places.iter().map(|it| it.is_bound).collect();
        let mut done: Vec<bool> = self.pattern.steps.iter().map(|it| it.is_done).collect();
        let mut cost = rows;
        if let Some(place) = bound.get_mut(start) {
            *place = true;
        }
        loop {
            let is_bound = |place: usize| bound.get(place).copied().unwrap_or(false);
            let is_done = |step: usize| done.get(step).copied().unwrap_or(true);
            let Some((growth, idx, from_left)) = self.cheapest(&is_done, &is_bound) else {
                return cost;
            };
            let Some(step) = self.pattern.steps.get(idx) else { return cost };
            let to = if from_left { step.right } else { step.left };
            cost += self.search_cost(idx, to, start, rows);
            rows *= growth.max(1e-6);
            cost += rows.max(0.01);
            if let (Some(done), Some(bound)) = (done.get_mut(idx), bound.get_mut(to)) {
                *done = true;
                *bound = true;
            }
        }
    }

    /// What it costs, in rows, to search the graph from each row: for shortest paths, and for paths of
    /// which only the reachable ends count. Those are found at once when nobody asks where they start.
    fn search_cost(&self, step: usize, to: usize, start: usize, rows: f64) -> f64 {
        let Some(own) = self.pattern.steps.get(step) else { return 0.0 };
        if own.length.is_none_or(|length| length.most() < 3) {
            return 0.0;
        }
        let is_search = own.kind != PathKind::All || self.downstream.is_distinct;
        let from = if own.left == to { own.right } else { own.left };
        let is_merged = own.kind == PathKind::All
            && from == start
            && self.pattern.places.iter().all(|place| !place.is_bound)
            && self.is_dead(from, step);
        match (is_search, is_merged) {
            (false, _) => 0.0,
            (true, true) => self.compiler.graph.n_nodes() as f64,
            (true, false) => self.compiler.graph.n_nodes() as f64 * rows.max(1.0),
        }
    }
}
