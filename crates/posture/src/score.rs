//! Secure score: how many of the possible points a scope has earned.
//!
//! In: the [`Tally`] of every control in every scope. Out: points per control, a [`Score`] per
//! scope, and one over many scopes. Nothing here reads a clock, a database or the network.
//!
//! A control is worth a fixed maximum. Its points are shared out equally over the resources that
//! were judged, so one unhealthy resource costs more in a small scope than in a large one.
//!
//! INVARIANT: `0 <= current <= max` for every control and scope; `0 <= percent <= 100`.
//! INVARIANT: a control that judged nothing adds neither points nor maximum (it is unknown, not 0).
//!
//! Not here: which verdicts count (`ledger::sums`), and rounding, which is the reports' affair.
//!
//! Source: Microsoft Learn, "Secure score in Defender for Cloud", sections "Security control" and
//! "Multiple subscriptions" (2025-11-17).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::sums::ScopeTallies;

/// Resources that a control has judged in one scope.
///
/// A resource is unhealthy when it fails any scored check of the control, healthy when it passes
/// all that apply, and in neither count when some are unknown and none is unhealthy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Resources that pass all checks of the control.
    pub healthy: u32,
    /// Resources that fail at least one.
    pub unhealthy: u32,
}

/// Points earned, points possible, and how much of the scope could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Points earned, `0 ..= max`, not rounded.
    pub current: f64,
    /// Points possible: the maxima of the controls that judged something.
    pub max: f64,
    /// `current / max * 100`.
    pub percent: f64,
    /// Share of assessments that reached a verdict, `healthy + unhealthy` against these and
    /// `unknown`, `0 ..= 100`. A score with a low share stands on little.
    pub assessed_percent: f64,
}

/// The score of one scope with the figures that it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeScore {
    /// The scope's id.
    pub scope: String,
    /// Its score; `None` when no scored control judged anything.
    pub score: Option<Score>,
    /// Weight among several scopes: resources judged, summed over the scored controls.
    pub weight: u64,
    /// Every control with its tally, in the order of the content.
    pub controls: Vec<ControlScore>,
    /// Assessments that reached a verdict and all that should have.
    pub assessed: Coverage,
}

/// One control in one scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlScore {
    /// The control's id.
    pub control: String,
    /// Points that it is worth.
    pub max: f64,
    /// Points earned; `None` when nothing was judged.
    pub current: Option<f64>,
    /// What it judged.
    #[serde(flatten)]
    pub tally: Tally,
}

/// How many assessments reached a verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Healthy and unhealthy ones.
    pub judged: u64,
    /// Unknown ones.
    pub unknown: u64,
}

impl Coverage {
    /// `judged / (judged + unknown) * 100`; 0 when there is neither.
    pub fn percent(self) -> f64 {
        let all = self.judged + self.unknown;
        if all == 0 { 0.0 } else { self.judged as f64 * 100.0 / all as f64 }
    }

    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { judged: self.judged + other.judged, unknown: self.unknown + other.unknown }
    }
}

/// Points that one control earns in one scope: `max / (healthy + unhealthy) * healthy`.
///
/// * `max`: points the control is worth (content: `points`), not a percentage.
/// * Result: `0 ..= max` points, not rounded. `None` when nothing was judged.
#[must_use]
pub fn control_points(max: f64, tally: Tally) -> Option<f64> {
    let judged = f64::from(tally.healthy) + f64::from(tally.unhealthy);
    (judged >= 1.0).then(|| max / judged * f64::from(tally.healthy))
}

/// The score of one scope: points of all controls that judged something, against their maxima.
#[must_use]
pub fn scope_score(
    scope: &str,
    controls: &[(String, f64, Tally)],
    assessed: Coverage,
) -> ScopeScore {
    let controls: Vec<ControlScore> = controls
        .iter()
        .map(|(control, max, tally)| ControlScore {
            control: control.clone(),
            max: *max,
            current: control_points(*max, *tally),
            tally: *tally,
        })
        .collect();
    let (score, weight) = add_up(controls.iter().map(|it| (it.max, it.tally)), assessed);
    ScopeScore { scope: scope.to_owned(), score, weight, controls, assessed }
}

/// The score and the weight of a scope, from the points and the tally of each control.
fn add_up(
    controls: impl Iterator<Item = (f64, Tally)>,
    assessed: Coverage,
) -> (Option<Score>, u64) {
    let (mut current, mut max, mut weight) = (0.0, 0.0, 0);
    for (points, tally) in controls.filter(|(points, _)| *points > 0.0) {
        weight += u64::from(tally.healthy) + u64::from(tally.unhealthy);
        if let Some(earned) = control_points(points, tally) {
            current += earned;
            max += points;
        }
    }
    let score = (max > 0.0).then(|| Score {
        current,
        max,
        percent: current / max * 100.0,
        assessed_percent: assessed.percent(),
    });
    (score, weight)
}

/// What the score over many scopes needs of one: figures only, no names.
#[derive(Debug, Clone)]
pub(crate) struct Summary<'t> {
    score: Option<Score>,
    weight: u64,
    tallies: &'t ScopeTallies,
}

impl<'t> Summary<'t> {
    pub(crate) fn new(controls: &[(Box<str>, f64)], tallies: &'t ScopeTallies) -> Self {
        let pairs =
            controls.iter().map(|(_, points)| *points).zip(tallies.controls.iter().copied());
        let (score, weight) = add_up(pairs, tallies.assessed);
        Self { score, weight, tallies }
    }
}

/// [`total_score`] without names.
pub(crate) fn total_of<'t>(
    controls: &[(Box<str>, f64)],
    scopes: impl Iterator<Item = Summary<'t>>,
) -> Option<Score> {
    let mut mean = Mean::default();
    let mut has_judged = vec![false; controls.len()];
    for it in scopes {
        mean.add(it.score, it.weight, it.tallies.assessed);
        for (has_judged, tally) in has_judged.iter_mut().zip(&it.tallies.controls) {
            *has_judged |= tally.healthy > 0 || tally.unhealthy > 0;
        }
    }
    let maxima = controls.iter().zip(has_judged).filter(|(_, has_judged)| *has_judged);
    mean.score(maxima.map(|((_, points), _)| points).sum())
}

/// The weighted mean of the scores of scopes.
#[derive(Debug, Default)]
struct Mean {
    weights: f64,
    percents: f64,
    assessed: Coverage,
}

impl Mean {
    fn add(&mut self, score: Option<Score>, weight: u64, assessed: Coverage) {
        self.assessed = self.assessed.plus(assessed);
        if let Some(score) = score {
            self.weights += weight as f64;
            self.percents += score.percent * weight as f64;
        }
    }

    fn score(self, max: f64) -> Option<Score> {
        (self.weights > 0.0).then(|| {
            let percent = self.percents / self.weights;
            let assessed_percent = self.assessed.percent();
            Score { current: percent * max / 100.0, max, percent, assessed_percent }
        })
    }
}

/// The score over many scopes: `Σ(percent × weight) / Σ weight`.
///
/// `max` is the sum of the maxima of all controls that judged something in any scope, `current`
/// the share of it that the percentage means, so that `percent = current / max * 100` holds for
/// one scope and for many. `None` when no scope has a score.
#[must_use]
pub fn total_score(scopes: &[ScopeScore]) -> Option<Score> {
    let mut mean = Mean::default();
    let mut maxima: BTreeMap<&str, f64> = BTreeMap::new();
    for scope in scopes {
        mean.add(scope.score, scope.weight, scope.assessed);
        let judged = scope.controls.iter().filter(|it| it.current.is_some());
        maxima.extend(judged.map(|it| (it.control.as_str(), it.max)));
    }
    mean.score(maxima.values().sum())
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Tally, control_points, scope_score, total_score};

    /// The only caller of [`control_points`]; the tests below are data.
    #[track_caller]
    fn check(max: f64, healthy: u32, unhealthy: u32, want: Option<&str>) {
        let got = control_points(max, Tally { healthy, unhealthy });
        assert_eq!(got.map(|it| format!("{it:.2}")).as_deref(), want);
    }

    #[test]
    fn worked_example_of_the_source() {
        check(6.0, 4, 74, Some("0.31"));
    }

    #[test]
    fn nothing_judged_is_unknown_rather_than_zero() {
        check(6.0, 0, 0, None);
    }

    #[test]
    fn largest_counts_do_not_overflow() {
        check(10.0, u32::MAX, u32::MAX, Some("5.00"));
    }

    #[track_caller]
    fn check_total(scopes: &[&[(&str, f64, u32, u32)]], want: Option<&str>) {
        let scopes: Vec<_> = scopes
            .iter()
            .map(|controls| {
                let controls: Vec<_> = controls
                    .iter()
                    .map(|(id, max, healthy, unhealthy)| {
                        let tally = Tally { healthy: *healthy, unhealthy: *unhealthy };
                        ((*id).to_owned(), *max, tally)
                    })
                    .collect();
                scope_score("s", &controls, Coverage { judged: 3, unknown: 1 })
            })
            .collect();
        let got = total_score(&scopes).map(|it| {
            format!(
                "{:.2} / {:.2} = {:.2} %, {:.0} %",
                it.current, it.max, it.percent, it.assessed_percent
            )
        });
        assert_eq!(got.as_deref(), want);
    }

    #[test]
    fn a_control_that_judged_nothing_leaves_numerator_and_denominator() {
        check_total(
            &[&[("a", 10.0, 1, 1), ("b", 8.0, 0, 0)]],
            Some("5.00 / 10.00 = 50.00 %, 75 %"),
        );
    }

    #[test]
    fn a_control_without_points_does_not_count() {
        check_total(&[&[("a", 4.0, 1, 0), ("b", 0.0, 0, 9)]], Some("4.00 / 4.00 = 100.00 %, 75 %"));
    }

    #[test]
    fn many_scopes_are_weighted_by_judged_resources() {
        check_total(
            &[&[("a", 4.0, 3, 0)], &[("a", 4.0, 0, 1)]],
            Some("3.00 / 4.00 = 75.00 %, 75 %"),
        );
    }

    #[test]
    fn nothing_judged_anywhere_has_no_score() {
        check_total(&[&[("a", 4.0, 0, 0)], &[]], None);
    }
}
