//! What assessments add up to: per scope and control, per scope, per check. Sums can be taken back,
//! so that a change costs what changed.

use hashbrown::HashMap;
use model::Verdict;
use serde::Serialize;

use super::row::{Assessment, CheckNumber};
use super::scheme::Scheme;
use crate::exemption::Category;
use crate::score::{Coverage, Tally};
use crate::verdicts::VerdictCounts;

/// How often one check gave each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckCounts {
    /// As judged.
    pub raw: VerdictCounts,
    /// As they count: exemptions are heeded.
    pub effective: VerdictCounts,
    /// Assessments that count otherwise than judged, or not at all, because of an exemption.
    pub exempt: u64,
}

/// What was counted in one scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ScopeTallies {
    pub(crate) controls: Box<[Tally]>,
    pub(crate) assessed: Coverage,
}

/// Additions to the counts of one check, or what is taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CountSums {
    raw: [i64; 4],
    effective: [i64; 4],
    exempt: i64,
}

/// Additions to what one scope counts, or what is taken back.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScopeSums {
    /// Healthy and unhealthy resources, by control.
    controls: Vec<[i64; 2]>,
    judged: i64,
    unknown: i64,
}

/// Additions and what is taken back, by scope and by check.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    scopes: Vec<(Box<str>, ScopeSums)>,
    numbers: HashMap<Box<str>, usize>,
    counts: Vec<CountSums>,
}

/// What the checks of one control said about one resource.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ControlState {
    has_healthy: bool,
    has_unhealthy: bool,
    has_unknown: bool,
}

fn index(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Healthy => 0,
        Verdict::Unhealthy => 1,
        Verdict::Unknown => 2,
        Verdict::NotApplicable => 3,
    }
}

fn bump(place: Option<&mut i64>, by: i64) {
    if let Some(place) = place {
        *place += by;
    }
}

impl Sums {
    /// Counts one resource, or takes it back when `sign` is -1: in a control it is unhealthy when
    /// any check fails, healthy when all pass, in neither count when some are unknown and none
    /// fails. `states` is scratch space.
    pub(crate) fn add(
        &mut self,
        sign: i64,
        scheme: &Scheme,
        scope: &str,
        assessments: &[Assessment],
        (effect, states): (&dyn Fn(CheckNumber) -> Option<Category>, &mut Vec<ControlState>),
    ) {
        states.clear();
        states.resize(scheme.controls.len(), ControlState::default());
        if self.counts.len() < scheme.checks.len() {
            self.counts.resize(scheme.checks.len(), CountSums::default());
        }
        let (mut judged, mut unknown) = (0, 0);
        for it in assessments {
            let effective = match effect(it.check) {
                None => Some(it.verdict),
                Some(category) => category.effective(it.verdict),
            };
            if let Some(counts) = self.counts.get_mut(it.check.index()) {
                bump(counts.raw.get_mut(index(it.verdict)), sign);
                counts.exempt += if effective == Some(it.verdict) { 0 } else { sign };
                if let Some(effective) = effective {
                    bump(counts.effective.get_mut(index(effective)), sign);
                }
            }
            let check = scheme.check(it.check);
            let state = check.control.and_then(|at| states.get_mut(at as usize));
            let (Some(state), Some(verdict), true) = (state, effective, check.is_scored) else {
                continue;
            };
            match verdict {
                Verdict::Healthy => state.has_healthy = true,
                Verdict::Unhealthy => state.has_unhealthy = true,
                Verdict::Unknown => state.has_unknown = true,
                Verdict::NotApplicable => {}
            }
            judged += i64::from(matches!(verdict, Verdict::Healthy | Verdict::Unhealthy));
            unknown += i64::from(verdict == Verdict::Unknown);
        }
        if judged == 0 && unknown == 0 {
            return;
        }
        let at = self.place(scope);
        let Some((_, sums)) = self.scopes.get_mut(at) else { return };
        sums.judged += sign * judged;
        sums.unknown += sign * unknown;
        sums.controls.resize(states.len().max(sums.controls.len()), [0, 0]);
        for ([healthy, unhealthy], state) in sums.controls.iter_mut().zip(states) {
            if state.has_unhealthy {
                *unhealthy += sign;
            } else if state.has_healthy && !state.has_unknown {
                *healthy += sign;
            }
        }
    }

    /// The place of a scope.
    fn place(&mut self, scope: &str) -> usize {
        if let Some(at) = self.numbers.get(scope) {
            return *at;
        }
        let at = self.scopes.len();
        self.numbers.insert(scope.into(), at);
        self.scopes.push((scope.into(), ScopeSums::default()));
        at
    }

    /// Takes over what another part has found.
    pub(crate) fn merge(&mut self, other: Self) {
        for (scope, theirs) in other.scopes {
            let at = self.place(&scope);
            let Some((_, mine)) = self.scopes.get_mut(at) else { continue };
            mine.judged += theirs.judged;
            mine.unknown += theirs.unknown;
            mine.controls.resize(theirs.controls.len().max(mine.controls.len()), [0, 0]);
            for (mine, theirs) in mine.controls.iter_mut().zip(theirs.controls) {
                for (mine, theirs) in mine.iter_mut().zip(theirs) {
                    *mine += theirs;
                }
            }
        }
        self.counts.resize(self.counts.len().max(other.counts.len()), CountSums::default());
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            let pairs = mine.raw.iter_mut().zip(theirs.raw);
            for (mine, theirs) in pairs.chain(mine.effective.iter_mut().zip(theirs.effective)) {
                *mine += theirs;
            }
            mine.exempt += theirs.exempt;
        }
    }

    /// The scopes that are touched, in no order.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = (&str, &ScopeSums)> {
        self.scopes.iter().map(|(scope, sums)| (&**scope, sums))
    }

    /// The new counts of the checks whose counts change.
    pub(crate) fn new_counts(&self, before: &[CheckCounts]) -> Vec<(CheckNumber, CheckCounts)> {
        let changed = self.counts.iter().enumerate().filter(|(_, it)| **it != CountSums::default());
        changed
            .map(|(at, sums)| {
                let before = before.get(at).copied().unwrap_or_default();
                (CheckNumber(at as u32), sums.on(before))
            })
            .collect()
    }
}

impl CountSums {
    fn on(&self, before: CheckCounts) -> CheckCounts {
        let counts = |before: VerdictCounts, sums: &[i64; 4]| {
            let [healthy, unhealthy, unknown, not_applicable] = *sums;
            VerdictCounts {
                healthy: before.healthy.saturating_add_signed(healthy),
                unhealthy: before.unhealthy.saturating_add_signed(unhealthy),
                unknown: before.unknown.saturating_add_signed(unknown),
                not_applicable: before.not_applicable.saturating_add_signed(not_applicable),
            }
        };
        CheckCounts {
            raw: counts(before.raw, &self.raw),
            effective: counts(before.effective, &self.effective),
            exempt: before.exempt.saturating_add_signed(self.exempt),
        }
    }
}

impl ScopeSums {
    /// What the scope counts now; `None` when nothing is left in it.
    pub(crate) fn on(&self, before: Option<&ScopeTallies>) -> Option<ScopeTallies> {
        let assessed = before.map(|it| it.assessed).unwrap_or_default();
        let assessed = Coverage {
            judged: assessed.judged.saturating_add_signed(self.judged),
            unknown: assessed.unknown.saturating_add_signed(self.unknown),
        };
        let old = before.map_or(&[][..], |it| &it.controls);
        let n_controls = self.controls.len().max(old.len());
        let controls = (0..n_controls).map(|at| {
            let Tally { healthy, unhealthy } = old.get(at).copied().unwrap_or_default();
            let [more_healthy, more_unhealthy] = self.controls.get(at).copied().unwrap_or_default();
            let sum = |count: u32, more: i64| {
                u32::try_from(i64::from(count).saturating_add(more).max(0)).unwrap_or(u32::MAX)
            };
            Tally { healthy: sum(healthy, more_healthy), unhealthy: sum(unhealthy, more_unhealthy) }
        });
        let controls = controls.collect();
        (assessed != Coverage::default()).then_some(ScopeTallies { controls, assessed })
    }
}
