//! What mending all that a check found would be worth: one pass over the cells for all checks.
//!
//! A resource that fails one check of a control alone becomes healthy in it when that is mended, or
//! nothing when another check of it is unknown. From how many there are in each scope follows the
//! score of the scope, and from that the score over all scopes.

use hashbrown::HashMap;
use posture::{ControlScore, ScopeScore, Tally, scope_score};

use crate::places::NOWHERE;
use crate::sight::Sight;
use crate::view::View;

/// What the checks of one control said about one resource, as they count.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// The check that failed, and how many did.
    failed: (u32, u32),
    has_unknown: bool,
}

/// Resources of a scope that one check alone keeps from being healthy in its control.
#[derive(Debug, Clone, Copy, Default)]
struct Mended {
    healthy: u32,
    undecided: u32,
}

impl View {
    /// By the number of the check: how many points of a hundred the score of what a caller sees
    /// would gain if all that it found were mended.
    pub(crate) fn gains(&self, sight: &Sight) -> Vec<f64> {
        let mut gains = vec![0.0; self.checks.bound()];
        let scopes = self.scope_scores(sight);
        // The score over all is the mean by weight: a few scopes change a sum of all.
        let parts = |it: &ScopeScore| {
            let weight = it.weight as f64;
            it.score.map_or((0.0, 0.0), |score| (score.percent * weight, weight))
        };
        let (percents, weights) =
            scopes.iter().map(parts).fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        if weights <= 0.0 {
            return gains;
        }
        // What names no scope is scored together.
        let place = |scope: &str| self.places.find(scope).unwrap_or(NOWHERE);
        let places: HashMap<u32, usize> =
            scopes.iter().enumerate().map(|(at, it)| (place(&it.scope), at)).collect();
        for (check, changes) in self.mended(sight, &places) {
            let Some(control) = self.checks.get(check).and_then(|it| it.control) else { continue };
            let (mut new_percents, mut new_weights) = (percents, weights);
            for (at, change) in changes {
                let Some(scope) = scopes.get(at) else { continue };
                let (old, new) = (parts(scope), parts(&with(scope, control as usize, change)));
                new_percents += new.0 - old.0;
                new_weights += new.1 - old.1;
            }
            if let Some(gain) = gains.get_mut(check as usize)
                && new_weights > 0.0
            {
                *gain = new_percents / new_weights - percents / weights;
            }
        }
        gains
    }

    /// By check: the scopes, by their place in a list, in which it alone keeps resources back.
    fn mended(
        &self,
        sight: &Sight,
        places: &HashMap<u32, usize>,
    ) -> Vec<(u32, Vec<(usize, Mended)>)> {
        let seen = self.seen(sight);
        let mut states = vec![State::default(); self.library.controls().count()];
        let mut touched: Vec<u32> = Vec::new();
        let mut sums: HashMap<(u32, usize), Mended> = HashMap::new();
        for entry in self.lines.listed().filter(|it| seen.sees(it.line.home)) {
            if entry.line.open == [0; 4] {
                continue;
            }
            let Some(scope) = places.get(&entry.line.scope) else { continue };
            for cell in entry.cells {
                let Some(facts) = self.checks.get(cell.check()) else { continue };
                let Some(control) = facts.control else { continue };
                let Some(state) = states.get_mut(control as usize) else { continue };
                if cell.is_open() {
                    state.failed = (cell.check(), state.failed.1 + 1);
                    touched.push(control);
                } else if cell.counts_as() == Some(model::Verdict::Unknown) {
                    state.has_unknown = true;
                    touched.push(control);
                }
            }
            for control in touched.drain(..) {
                let Some(state) = states.get_mut(control as usize) else { continue };
                if let State { failed: (check, 1), has_unknown } = *state {
                    let sum = sums.entry((check, *scope)).or_default();
                    sum.healthy += u32::from(!has_unknown);
                    sum.undecided += u32::from(has_unknown);
                }
                *state = State::default();
            }
        }
        let mut all: Vec<((u32, usize), Mended)> = sums.into_iter().collect();
        all.sort_unstable_by_key(|it| it.0);
        let mut by_check: Vec<(u32, Vec<(usize, Mended)>)> = Vec::new();
        for ((check, scope), sum) in all {
            match by_check.last_mut().filter(|it| it.0 == check) {
                Some((_, list)) => list.push((scope, sum)),
                None => by_check.push((check, vec![(scope, sum)])),
            }
        }
        by_check
    }
}

/// A scope after something was mended in one of its controls.
fn with(scope: &ScopeScore, control: usize, change: Mended) -> ScopeScore {
    let tally = |at: usize, it: &ControlScore| {
        if at != control {
            return it.tally;
        }
        Tally {
            healthy: it.tally.healthy.saturating_add(change.healthy),
            unhealthy: it.tally.unhealthy.saturating_sub(change.healthy + change.undecided),
        }
    };
    let controls: Vec<(String, f64, Tally)> = scope
        .controls
        .iter()
        .enumerate()
        .map(|(at, it)| (it.control.clone(), it.max, tally(at, it)))
        .collect();
    scope_score(&scope.scope, &controls, scope.assessed)
}
