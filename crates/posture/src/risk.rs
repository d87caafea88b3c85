//! Risk: how urgent an unhealthy assessment is, from how easily it is exploited and what would be lost.
//!
//! In: the severity of a check and what is known of the resource ([`Insights`]). Out: a level, the factors that
//! made it, and a score over many assets. Pure: nothing here looks at a graph, a clock or a database.
//!
//! The function is published in `docs/explanation/risk.md`; [`VERSION`] grows when it changes.
//!
//! INVARIANT: no factor lowers a level that comes on top of what is known already.
//! INVARIANT: what is not known neither raises nor lowers: with nothing known, risk is severity.

use model::{Criticality, Severity};
use serde::{Deserialize, Serialize};

/// Which version of the function this is.
pub const VERSION: u32 = 1;

/// From how many addresses of the internet something can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Width {
    /// From none.
    None,
    /// From ranges that are trusted.
    Trusted,
    /// From some.
    Narrow,
    /// From all, or nearly all.
    Wide,
}

/// What is known of a resource that bears on risk. Everything may be unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Insights {
    /// How it is exposed to the internet; `None`: not known.
    pub exposed: Option<Width>,
    /// Whether what answers there asks nobody who they are.
    pub anonymous: bool,
    /// Attack paths that lead through it; `None`: not known.
    pub on_paths: Option<u32>,
    /// Whether it has a vulnerability that can be exploited.
    pub vulnerable: bool,
    /// How critical it is; `None`: by no classification.
    pub critical: Option<Criticality>,
    /// Whether it holds sensitive data.
    pub sensitive: bool,
    /// Whether who holds it can move on to other resources.
    pub moves_on: bool,
}

/// What bears on the risk of an assessment, as people are shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Factor {
    /// It lies on an attack path.
    AttackPath,
    /// It is exposed to the whole internet.
    ExposedWide,
    /// It is exposed to a part of the internet.
    ExposedNarrow,
    /// It is exposed to trusted ranges.
    ExposedTrusted,
    /// It cannot be reached from the internet.
    NotExposed,
    /// It answers whoever asks.
    AnonymousAccess,
    /// It has a vulnerability that can be exploited.
    Vulnerability,
    /// It is a critical asset.
    CriticalResource,
    /// It holds sensitive data.
    SensitiveData,
    /// Who holds it can move on.
    LateralMovement,
}

/// How urgent an unhealthy assessment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// The level: the same four as those of severity.
    pub level: Severity,
    /// What made it differ from the severity, or did not; in the order of [`Factor`].
    pub factors: Vec<Factor>,
    /// How easily it is exploited, 0 to 3.
    pub exploitability: u8,
    /// What would be lost, 0 to 2.
    pub impact: u8,
}

/// The levels in order.
const LEVELS: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

/// How many levels risk lies above severity: by exploitability (0 to 3), then by impact (0 to 2).
const SHIFT: [[i8; 3]; 4] = [[-1, -1, 0], [0, 0, 1], [0, 1, 1], [1, 1, 2]];

/// The risk of an unhealthy assessment by a check of this severity.
#[must_use]
pub fn risk(severity: Severity, known: &Insights) -> Risk {
    let level = level(severity, known);
    Risk {
        level,
        factors: factors(known),
        exploitability: exploitability(known),
        impact: impact(known),
    }
}

/// The level alone of the [`risk`] of an unhealthy assessment by a check of this severity.
#[must_use]
pub fn level(severity: Severity, known: &Insights) -> Severity {
    let (exploitability, impact) = (exploitability(known), impact(known));
    let row = SHIFT.get(usize::from(exploitability)).copied().unwrap_or_default();
    let shift = row.get(usize::from(impact)).copied().unwrap_or_default();
    let base = LEVELS.iter().position(|it| *it == severity).unwrap_or_default();
    let at = base.saturating_add_signed(isize::from(shift)).min(LEVELS.len() - 1);
    LEVELS.get(at).copied().unwrap_or(severity)
}

/// 0: it is known that nothing leads to it. 1: not known, or only for some. 2: for everybody, or with a
/// weakness to use. 3: an attack path leads through it.
fn exploitability(known: &Insights) -> u8 {
    let is_on_path = known.on_paths.is_some_and(|it| it > 0);
    let has_weakness = known.vulnerable || known.anonymous;
    match known.exposed {
        _ if is_on_path => 3,
        Some(Width::Wide) => 2,
        Some(Width::Narrow | Width::Trusted) => 1 + u8::from(has_weakness),
        Some(Width::None) => u8::from(has_weakness),
        None => 1,
    }
}

/// 0: nothing that is known. 1: an asset of low or medium criticality, or a way to others. 2: an asset of
/// high or very high criticality, or sensitive data.
fn impact(known: &Insights) -> u8 {
    match known.critical {
        Some(Criticality::High | Criticality::VeryHigh) => 2,
        _ if known.sensitive => 2,
        Some(Criticality::Low | Criticality::Medium) => 1,
        None => u8::from(known.moves_on),
    }
}

fn factors(known: &Insights) -> Vec<Factor> {
    let exposed = known.exposed.map(|width| match width {
        Width::None => Factor::NotExposed,
        Width::Trusted => Factor::ExposedTrusted,
        Width::Narrow => Factor::ExposedNarrow,
        Width::Wide => Factor::ExposedWide,
    });
    let others = [
        (known.anonymous, Factor::AnonymousAccess),
        (known.vulnerable, Factor::Vulnerability),
        (known.critical.is_some(), Factor::CriticalResource),
        (known.sensitive, Factor::SensitiveData),
        (known.moves_on, Factor::LateralMovement),
    ];
    let path = known.on_paths.is_some_and(|it| it > 0).then_some(Factor::AttackPath);
    let others = others.into_iter().filter(|it| it.0).map(|it| it.1);
    path.into_iter().chain(exposed).chain(others).collect()
}

/// The open recommendations of one asset, by level of risk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenByRisk {
    /// Of critical risk.
    pub critical: u32,
    /// Of high risk.
    pub high: u32,
    /// Of medium risk.
    pub medium: u32,
    /// Of low risk.
    pub low: u32,
}

impl OpenByRisk {
    /// Counts one more.
    pub fn add(&mut self, level: Severity) {
        let place = match level {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
        };
        *place = place.saturating_add(1);
    }

    /// How many there are at a level.
    #[must_use]
    pub fn at(&self, level: Severity) -> u32 {
        match level {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    /// The highest level at which there are any; `None`: nothing is open.
    #[must_use]
    pub fn highest(&self) -> Option<Severity> {
        LEVELS.into_iter().rev().find(|it| self.at(*it) > 0)
    }

    /// Counts those of another asset, too.
    pub fn add_all(&mut self, other: Self) {
        self.critical = self.critical.saturating_add(other.critical);
        self.high = self.high.saturating_add(other.high);
        self.medium = self.medium.saturating_add(other.medium);
        self.low = self.low.saturating_add(other.low);
    }

    /// The score of an asset with these, `0 ..= 1`: 1 when nothing is open.
    #[must_use]
    pub fn asset_score(self) -> f64 {
        let power = |base: f64, count: u32| base.powf(f64::from(count));
        power(0.1, self.critical)
            * power(0.5, self.high)
            * power(0.9, self.medium)
            * power(0.99, self.low)
    }
}

/// How much an asset weighs in the risk-based score.
#[must_use]
pub fn weight(critical: Option<Criticality>) -> f64 {
    match critical {
        Some(Criticality::VeryHigh) => 8.0,
        Some(Criticality::High) => 4.0,
        Some(Criticality::Medium) => 2.0,
        Some(Criticality::Low) | None => 1.0,
    }
}

/// The risk-based score of many assets, `0 ..= 100`; `None` when there are none.
#[must_use]
pub fn risk_score(assets: impl Iterator<Item = (Option<Criticality>, OpenByRisk)>) -> Option<f64> {
    let (mut earned, mut possible) = (0.0, 0.0);
    for (critical, open) in assets {
        let weight = weight(critical);
        earned += weight * open.asset_score();
        possible += weight;
    }
    (possible > 0.0).then(|| earned / possible * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide() -> Insights {
        Insights { exposed: Some(Width::Wide), ..Insights::default() }
    }

    #[test]
    fn risk_follows_from_what_is_known() {
        #[track_caller]
        fn check(severity: Severity, known: Insights, want: Severity) {
            assert_eq!(risk(severity, &known).level, want);
        }
        let isolated = Insights { exposed: Some(Width::None), ..Insights::default() };
        check(Severity::Medium, Insights::default(), Severity::Medium);
        // the worked example of the source: isolated, exposed, exposed with card data
        check(Severity::Medium, isolated, Severity::Low);
        check(Severity::Medium, wide(), Severity::Medium);
        check(Severity::Medium, Insights { sensitive: true, ..wide() }, Severity::High);
        check(Severity::Medium, Insights { on_paths: Some(2), ..wide() }, Severity::High);
        let jewel = Insights { critical: Some(Criticality::VeryHigh), ..Insights::default() };
        check(Severity::Medium, jewel, Severity::High);
        check(Severity::Medium, Insights { on_paths: Some(1), ..jewel }, Severity::Critical);
        check(Severity::Low, isolated, Severity::Low);
        check(Severity::Critical, Insights { on_paths: Some(1), ..jewel }, Severity::Critical);
        let narrow =
            Insights { exposed: Some(Width::Narrow), moves_on: true, ..Insights::default() };
        check(Severity::High, narrow, Severity::High);
        check(Severity::High, Insights { vulnerable: true, ..narrow }, Severity::Critical);
    }

    /// Everything that can be known, in every combination.
    fn all() -> Vec<Insights> {
        let mut all = vec![Insights::default()];
        let mut vary = |change: &dyn Fn(&Insights) -> Vec<Insights>| {
            all = all.iter().flat_map(change).collect();
        };
        let widths =
            [None, Some(Width::None), Some(Width::Trusted), Some(Width::Narrow), Some(Width::Wide)];
        vary(&|it| widths.map(|exposed| Insights { exposed, ..*it }).to_vec());
        vary(&|it| [None, Some(0), Some(3)].map(|on_paths| Insights { on_paths, ..*it }).to_vec());
        let levels = [
            None,
            Some(Criticality::Low),
            Some(Criticality::Medium),
            Some(Criticality::High),
            Some(Criticality::VeryHigh),
        ];
        vary(&|it| levels.map(|critical| Insights { critical, ..*it }).to_vec());
        vary(&|it| [false, true].map(|anonymous| Insights { anonymous, ..*it }).to_vec());
        vary(&|it| [false, true].map(|vulnerable| Insights { vulnerable, ..*it }).to_vec());
        vary(&|it| [false, true].map(|sensitive| Insights { sensitive, ..*it }).to_vec());
        vary(&|it| [false, true].map(|moves_on| Insights { moves_on, ..*it }).to_vec());
        all
    }

    #[test]
    fn nothing_that_is_worse_lowers_a_risk() {
        for known in all() {
            let mut worse = vec![
                Insights { anonymous: true, ..known },
                Insights { vulnerable: true, ..known },
                Insights { sensitive: true, ..known },
                Insights { moves_on: true, ..known },
                Insights { on_paths: Some(4), ..known },
            ];
            let higher = |level| Insights { critical: Some(level), ..known };
            worse.extend(
                Criticality::ALL.into_iter().filter(|it| Some(*it) > known.critical).map(higher),
            );
            if let Some(width) = known.exposed {
                let widths = [Width::Trusted, Width::Narrow, Width::Wide].into_iter();
                let wider = widths.filter(|it| *it > width);
                worse.extend(wider.map(|it| Insights { exposed: Some(it), ..known }));
            }
            for severity in LEVELS {
                for worse in &worse {
                    assert!(
                        risk(severity, worse).level >= risk(severity, &known).level,
                        "{known:?} {worse:?}"
                    );
                }
            }
            for pair in LEVELS.windows(2) {
                assert!(risk(pair[1], &known).level >= risk(pair[0], &known).level);
            }
        }
    }

    #[test]
    fn the_score_weighs_assets_by_criticality() {
        let open = |critical, high, medium, low| OpenByRisk { critical, high, medium, low };
        let check = |assets: &[(Option<Criticality>, OpenByRisk)], want: Option<f64>| {
            let found = risk_score(assets.iter().copied());
            assert_eq!(found.map(|it| (it * 1e6).round()), want.map(|it| (it * 1e6).round()));
        };
        check(&[], None);
        check(&[(None, OpenByRisk::default())], Some(100.0));
        check(&[(None, open(1, 0, 0, 0))], Some(10.0));
        check(&[(None, open(0, 1, 1, 1))], Some(44.55));
        // 8 of 9 parts rest on the crown jewel
        check(
            &[(Some(Criticality::VeryHigh), open(0, 1, 0, 0)), (None, OpenByRisk::default())],
            Some(500.0 / 9.0),
        );
        let mut counted = OpenByRisk::default();
        for level in LEVELS {
            counted.add(level);
        }
        assert_eq!(counted, open(1, 1, 1, 1));
    }
}
