//! Scores and standings for the scopes that a caller sees.

use std::collections::BTreeMap;

use posture::total_score;
use posture::{ControlScore, ScopeScore, Score, Standing, Tally, VerdictCounts, standing};
use serde::Serialize;

use crate::places::NOWHERE;
use crate::sight::Sight;
use crate::view::View;

/// The score of all that a caller sees, with what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScoreItem {
    /// Over all; `None` when nothing was judged.
    pub score: Option<Score>,
    /// Of each subscription, account, project and cluster, by id.
    #[serde(skip)]
    pub scopes: Vec<ScopeScore>,
    /// The controls over all scopes, in the order of the content; points are of the total.
    pub controls: Vec<ControlScore>,
}

impl View {
    /// The score of what a caller sees. Of a scope that is seen in part, that part alone counts.
    pub fn score(&self, sight: &Sight) -> ScoreItem {
        let scopes = self.scope_scores(sight);
        let score = total_score(&scopes);
        let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
        for control in scopes.iter().flat_map(|it| &it.controls) {
            let sum = tallies.entry(&control.control).or_default();
            sum.healthy = sum.healthy.saturating_add(control.tally.healthy);
            sum.unhealthy = sum.unhealthy.saturating_add(control.tally.unhealthy);
        }
        let controls = self.library.controls().map(|control| {
            let tally = tallies.get(control.id.as_str()).copied().unwrap_or_default();
            ControlScore {
                control: control.id.clone(),
                max: control.points,
                current: posture::control_points(control.points, tally),
                tally,
            }
        });
        let controls = controls.collect();
        ScoreItem { score, scopes, controls }
    }

    /// The score of every scope that a caller sees, in whole or in part, by id.
    pub(crate) fn scope_scores(&self, sight: &Sight) -> Vec<ScopeScore> {
        let seen = self.seen(sight);
        let all = self.ledger.scope_scores();
        if seen.is_all() {
            return all;
        }
        let is_whole = |id: &str| self.places.find(id).is_some_and(|it| seen.sees(it));
        // Who sees a scope sees all that is judged in it; of the others some resources may be seen.
        let is_in_part = |line: &crate::lines::Line| {
            seen.sees(line.home) && (line.scope == NOWHERE || !seen.sees(line.scope))
        };
        let parts = self.lines.listed().filter(|it| is_in_part(it.line)).map(|it| it.node);
        let mut found: Vec<ScopeScore> = all.into_iter().filter(|it| is_whole(&it.scope)).collect();
        found.extend(self.ledger.scores_of(&self.graph, parts));
        found.sort_by(|a, b| a.scope.cmp(&b.scope));
        found
    }

    /// Where what a caller sees stands against every standard, by requirement and with the checks
    /// behind each.
    pub fn standards(&self, sight: &Sight) -> Vec<Standing> {
        let counts = self.counts_by_id(sight);
        self.library.standards().map(|it| standing(&self.library, it, &counts)).collect()
    }

    /// Where what a caller sees stands against one standard; `None` when there is none with this id.
    pub fn standard(&self, sight: &Sight, id: &str) -> Option<Standing> {
        let found = self.library.standards().find(|it| it.id == id)?;
        Some(standing(&self.library, found, &self.counts_by_id(sight)))
    }

    /// How the assessments of each check count, by its id.
    fn counts_by_id(&self, sight: &Sight) -> BTreeMap<String, VerdictCounts> {
        let counts = self.check_counts(sight, None);
        let of = |number: u32| counts.get(number as usize).map(|it| it.effective);
        self.checks
            .iter()
            .filter_map(|(number, it)| Some((it.check.id.clone(), of(number)?)))
            .collect()
    }
}
