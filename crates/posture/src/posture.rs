//! The posture of an estate: verdicts, scores, standards and ranked recommendations together.
//!
//! In: the [`Ledger`] of a graph. Out: what every report format and the API print. Evidence
//! is made on request, because a million unhealthy assessments need not be shown to be counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use content::{Check, Evidence, Library};
use graph::{Graph, Predicate, Query};
use lang::check::Variable;
use lang::{NodeId, Options, Type, Value};
use model::{Gap, GapId, Path, Severity, Verdict, View};
use serde_json::Value as Json;

use crate::assessor::{Assessor, MetaKeys};
use crate::json::to_json;
use crate::leaves::leaf_conditions;
use crate::ledger::Ledger;
use crate::score::{ScopeScore, Score};
use crate::setting::Setting;
use crate::standing::{Standing, standing};
use crate::verdicts::{CheckVerdicts, VerdictCounts, Why};

/// A judged estate.
pub struct Posture<'a> {
    library: &'a Library,
    graph: &'a Graph,
    assessor: &'a Assessor,
    setting: &'a Setting,
    /// By the position of the check.
    verdicts: Vec<CheckVerdicts>,
    meta: MetaKeys,
    /// One score per scope, by scope id.
    pub scopes: Vec<ScopeScore>,
    /// Over all scopes; `None` when nothing was judged.
    pub score: Option<Score>,
    /// One per standard of the library.
    pub standings: Vec<Standing>,
}

/// A check with what it found, as it is shown to a person.
#[derive(Debug, Clone, Copy)]
pub struct Recommendation<'a> {
    /// The check.
    pub check: &'a Check,
    /// Its verdicts.
    pub counts: VerdictCounts,
    /// The unhealthy resources.
    pub unhealthy: &'a [NodeId],
    /// The resources that could not be judged, and why.
    pub unknown: &'a [(NodeId, Why)],
    /// The resources whose assessment an exemption takes out of its count, with its verdict.
    pub exempt: &'a [(NodeId, Verdict)],
}

/// A resource as reports name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceName<'g> {
    /// Canonical id.
    pub id: &'g str,
    /// Name for people.
    pub name: &'g str,
    /// Kind id.
    pub kind: &'g str,
    /// Scope id.
    pub scope: &'g str,
    /// Region; empty when global or not known.
    pub region: &'g str,
}

/// One value that proves a verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceItem {
    /// The resource whose document holds it; `None` for the judged resource itself.
    pub resource: Option<String>,
    /// Path in that document.
    pub path: String,
    /// What stands there; null when it is absent.
    pub value: Json,
}

impl std::fmt::Debug for Posture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Posture({} scopes, {:?})", self.scopes.len(), self.score)
    }
}

impl<'a> Posture<'a> {
    /// Puts scores and standards to the verdicts of `ledger`, which are those of `graph`.
    pub fn new(
        library: &'a Library,
        graph: &'a Graph,
        assessor: &'a Assessor,
        setting: &'a Setting,
        ledger: &Ledger,
    ) -> Self {
        let mut lists = ledger.lists(graph);
        let numbers = assessor.checks().iter().map(|it| ledger.catalogue().number(&it.check.id));
        let verdicts: Vec<CheckVerdicts> = numbers
            .map(|it| it.and_then(|it| lists.get_mut(it.index())).map(std::mem::take))
            .map(Option::unwrap_or_default)
            .collect();
        let counts: BTreeMap<String, VerdictCounts> = assessor
            .checks()
            .iter()
            .zip(&verdicts)
            .map(|(check, verdicts)| (check.check.id.clone(), verdicts.counts))
            .collect();
        let standings =
            library.standards().map(|standard| standing(library, standard, &counts)).collect();
        let (scopes, score) = (ledger.scope_scores(), ledger.score());
        let meta = MetaKeys::new(graph);
        Self { library, graph, assessor, setting, verdicts, meta, scopes, score, standings }
    }

    /// The content that it was judged by.
    pub fn library(&self) -> &'a Library {
        self.library
    }

    /// All checks with at least one resource, most urgent first: unhealthy before the rest, then by
    /// severity, number of unhealthy resources and id.
    pub fn recommendations(&self) -> Vec<Recommendation<'_>> {
        let mut found: Vec<Recommendation<'_>> = self
            .assessor
            .checks()
            .iter()
            .zip(&self.verdicts)
            .map(|(compiled, verdicts)| Recommendation {
                check: &compiled.check,
                counts: verdicts.counts,
                unhealthy: &verdicts.unhealthy,
                unknown: &verdicts.unknown,
                exempt: &verdicts.exempt,
            })
            .filter(|it| it.counts != VerdictCounts::default() || !it.exempt.is_empty())
            .collect();
        found.sort_by(|a, b| {
            let key = |it: &Recommendation<'_>| (!it.unhealthy.is_empty(), it.check.severity);
            key(b)
                .cmp(&key(a))
                .then(b.unhealthy.len().cmp(&a.unhealthy.len()))
                .then(a.check.id.cmp(&b.check.id))
        });
        found
    }

    /// The worst severity among the unhealthy; `None` when all is well.
    pub fn worst(&self) -> Option<Severity> {
        let checks = self.assessor.checks().iter().zip(&self.verdicts);
        checks.filter(|(_, it)| !it.unhealthy.is_empty()).map(|(it, _)| it.check.severity).max()
    }

    /// How a resource is named.
    pub fn resource(&self, node: NodeId) -> ResourceName<'a> {
        ResourceName {
            id: self.meta.id(self.graph, node),
            name: self.meta.name(self.graph, node),
            kind: self.meta.kind(self.graph, node),
            scope: self.meta.scope(self.graph, node),
            region: self.meta.region(self.graph, node),
        }
    }

    /// Every verdict on one resource, by check, with the reason when it is unknown.
    pub fn verdicts_on(&self, node: NodeId) -> Vec<(&'a Check, Verdict, Option<Why>)> {
        let kind = self.meta.kind(self.graph, node);
        self.assessor
            .checks()
            .iter()
            .filter(|it| it.check.all_kinds().any(|it| it == kind))
            .filter_map(|it| {
                let (verdict, why) = it.bind(self.graph, self.setting)?.judge(node);
                Some((&*it.check, verdict, why))
            })
            .collect()
    }

    /// What proves the verdict of `check` on `node`: the values that the check names as evidence.
    ///
    /// Evidence that cannot be computed is left out; the content check refuses such checks.
    pub fn evidence(&self, check: &Check, node: NodeId) -> Vec<EvidenceItem> {
        evidence(self.graph, self.setting, check, node)
    }
}

/// What proves the verdict of `check` on `node` of `graph`: see [`Posture::evidence`].
pub fn evidence(
    graph: &Graph,
    setting: &Setting,
    check: &Check,
    node: NodeId,
) -> Vec<EvidenceItem> {
    evidence_items(graph, setting, check, node).unwrap_or_default()
}

/// The values that `check` names as evidence, read at `node`; an error when one cannot be computed.
pub(crate) fn evidence_items(
    graph: &Graph,
    setting: &Setting,
    check: &Check,
    node: NodeId,
) -> Result<Vec<EvidenceItem>, String> {
    let mut items = Vec::new();
    for evidence in &check.evidence {
        match evidence {
            Evidence::Path(path) => {
                for (at, view) in path.views(graph.doc(node), graph.keys()) {
                    let value = view.to_json(graph.keys());
                    items.push(EvidenceItem { resource: None, path: at, value });
                }
            }
            Evidence::Elements(it) => items.extend(elements(graph, setting, it, node)?),
            Evidence::Query(it) => items.extend(query_rows(graph, setting, &it.query, node)?),
        }
    }
    if items.is_empty() {
        items = conditions(graph, setting, check, node);
    }
    Ok(items)
}

/// Where there is nothing to show because something is missing: the conditions and what they are.
fn conditions(graph: &Graph, setting: &Setting, check: &Check, node: NodeId) -> Vec<EvidenceItem> {
    let context = setting.context();
    let mut items = Vec::new();
    for leaf in leaf_conditions(&check.unhealthy) {
        let Ok(predicate) = Predicate::compile(&leaf.text, "r", &[], None) else { continue };
        let Ok(mut bound) = predicate.bind(graph, &context) else { continue };
        if let Ok(value) = bound.eval(node) {
            let value = to_json(graph, &value);
            items.push(EvidenceItem { resource: None, path: leaf.text, value });
        }
    }
    items
}

/// The elements of a list that matter. The engine filters: positions come out, values are read
/// from the document.
fn elements(
    graph: &Graph,
    setting: &Setting,
    elements: &content::Elements,
    node: NodeId,
) -> Result<Vec<EvidenceItem>, String> {
    let all = elements.at.views(graph.doc(node), graph.keys());
    let mut items = Vec::new();
    for (at, view) in all {
        let View::List(values) = view else { continue };
        let wanted = match &elements.predicate {
            None => None,
            Some(condition) => Some(positions(graph, setting, elements, condition, node)?),
        };
        for (position, view) in values.iter().enumerate() {
            if wanted.as_ref().is_none_or(|it| it.contains(&position)) {
                let value = view.to_json(graph.keys());
                items.push(EvidenceItem {
                    resource: None,
                    path: format!("{at}[{position}]"),
                    value,
                });
            }
        }
    }
    Ok(items)
}

fn positions(
    graph: &Graph,
    setting: &Setting,
    elements: &content::Elements,
    condition: &str,
    node: NodeId,
) -> Result<Vec<usize>, String> {
    let list = elements.at.text();
    let text = format!(
        "[i IN range(0, size(coalesce(r.{list}, [])) - 1) WHERE any(x IN [r.{list}[i]] WHERE {condition})]"
    );
    let predicate =
        Predicate::compile_value(&text, "r", &[], None).map_err(|error| error.to_string())?;
    let context = setting.context();
    let mut bound = predicate.bind(graph, &context).map_err(|error| error.to_string())?;
    match bound.eval(node) {
        Ok(value) => Ok(value
            .as_list()
            .map(|list| {
                list.iter()
                    .filter_map(|it| match it {
                        Value::Int(position) => usize::try_from(position).ok(),
                        _ => None,
                    })
                    .collect()
            })
            .unwrap_or_default()),
        Err(error) => Err(error.to_string()),
    }
}

/// Rows of resource, path and value.
fn query_rows(
    graph: &Graph,
    setting: &Setting,
    text: &str,
    node: NodeId,
) -> Result<Vec<EvidenceItem>, String> {
    let options = Options {
        variables: vec![Variable { name: Arc::from("r"), ty: Type::node() }],
        ..Options::default()
    };
    let query = Query::compile_with(text, &options).map_err(|error| error.to_string())?;
    let bound = [("r", Value::Node(node))];
    let context = setting.context();
    let rows = query.run_with(graph, &context, &bound).map_err(|error| error.to_string())?;
    let column = |name| rows.columns.iter().position(|it| it == name);
    let (resource, path, value) = (column("resource"), column("path"), column("value"));
    let items = rows.rows.iter().map(|row| {
        let json = |idx: Option<usize>| {
            idx.and_then(|it| row.get(it)).map_or(Json::Null, |it| to_json(graph, it))
        };
        let text = |idx| match json(idx) {
            Json::String(text) => text,
            Json::Null => String::new(),
            other => other.to_string(),
        };
        let resource = Some(text(resource)).filter(|it| !it.is_empty());
        EvidenceItem { resource, path: text(path), value: json(value) }
    });
    Ok(items.collect())
}

/// Says for people why assessments of one check are unknown.
#[derive(Debug)]
pub struct Reasons<'a> {
    graph: &'a Graph,
    gaps: &'a [Gap],
    paths: Vec<Path>,
    /// Conditions over neighbours, for when all paths were read.
    neighbours: Vec<String>,
}

impl<'a> Posture<'a> {
    /// The reasons of `check`, with the gaps of the scan.
    pub fn reasons(&self, check: &Check, gaps: &'a [Gap]) -> Reasons<'a> {
        Reasons::of(self.graph, check, gaps)
    }
}

impl<'a> Reasons<'a> {
    /// The reasons of `check` on resources of `graph`, with the tenant's gaps.
    pub fn of(graph: &'a Graph, check: &Check, gaps: &'a [Gap]) -> Self {
        let mut paths = Vec::new();
        let mut neighbours = Vec::new();
        for leaf in
            check.applies.iter().chain([&check.unhealthy]).flat_map(|it| leaf_conditions(it))
        {
            if leaf.text.contains("]-") {
                neighbours.push(leaf.text);
            }
            paths.extend(leaf.paths);
        }
        Self { graph, gaps, paths, neighbours }
    }
}

impl Reasons<'_> {
    /// Why the assessment of `node` is unknown: names the part or the edges that were not read.
    pub fn describe(&self, node: NodeId, why: Why) -> String {
        match why {
            Why::Undecided => {
                let absent = self.first(node, |view| matches!(view, View::Null));
                let what = absent.unwrap_or_else(|| "a value".to_owned());
                format!("{what} is absent and has no documented default")
            }
            Why::Failed => "the check's condition does not fit this document".to_owned(),
            Why::Gap(gap) if gap == GapId::NOT_COLLECTED => {
                if let Some(part) = self.first(node, |view| matches!(view, View::Unread(_))) {
                    return format!("`{part}` was not collected");
                }
                match self.neighbours.first() {
                    Some(text) => format!("neighbours were not collected: {text}"),
                    None => "not collected".to_owned(),
                }
            }
            Why::Gap(GapId(number)) => match self.gaps.get(number as usize) {
                Some(gap) if gap.what.is_empty() => gap.reason.clone(),
                Some(gap) => format!("{}: {}", gap.what, gap.reason),
                None => "not collected".to_owned(),
            },
        }
    }

    /// The shortest beginning of a path that leads to a value of which `is_it` holds.
    fn first(&self, node: NodeId, is_it: impl Fn(View<'_>) -> bool) -> Option<String> {
        let root = self.graph.doc(node);
        self.paths.iter().find_map(|path| {
            (1..=path.steps().len()).find_map(|length| {
                let start = path.prefix(length);
                let found = start.views(root, self.graph.keys());
                found.into_iter().find(|(_, view)| is_it(*view)).map(|(at, _)| at)
            })
        })
    }
}
