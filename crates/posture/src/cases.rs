//! Runs the cases of checks and measures what they cover.
//!
//! A case draws a resource and its neighbours; the graph is built from the drawing and the check
//! judges it as it would judge a real one. Coverage asks more: every leaf condition of the
//! predicate must have come out true, false and unread in some case, and must have met an absent
//! value, or the check says in `waived` why it cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use content::case::{Case, CheckCase, ClassificationCase, Neighbour};
use content::{Check, Classification, Library};
use graph::{Graph, GraphBuilder, NodeMeta, Predicate, Way};
use indexmap::IndexMap;
use lang::{NodeId, Value};
use model::doc::unread_marker;
use model::{Doc, GapId, Keys, Path, Step, Tags, Verdict};
use serde_json::Value as Json;

use crate::assessor::CompiledCheck;
use crate::criticality::CompiledRule;
use crate::leaves::{LeafCondition, leaf_conditions};
use crate::own::compile_on_trial;
use crate::posture::evidence_items;
use crate::schema::LibrarySchema;
use crate::setting::Setting;

/// The day on which cases are judged unless they say otherwise.
const NOW: &str = "2026-11-21T00:00:00Z";
const SCOPE: &str = "case:scope";

/// What the cases of a check show of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseReport {
    /// What keeps the check from being run at all, or a condition from being looked at.
    pub problems: Vec<String>,
    /// Its cases, in their order.
    pub cases: Vec<CaseOutcome>,
    /// The conditions that AND, OR, XOR and NOT join in its predicates.
    pub conditions: Vec<Condition>,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseOutcome {
    /// The name of the case.
    pub name: String,
    /// The verdict; `None` when the case cannot be drawn.
    pub verdict: Option<Verdict>,
    /// What is not as it is wanted.
    pub problems: Vec<String>,
}

/// A condition, and what the cases have made of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// The condition as text.
    pub text: String,
    /// Whether it held in some case.
    pub was_true: bool,
    /// Whether it did not hold in some case.
    pub was_false: bool,
    /// Whether what it needs was not read in some case.
    pub was_unread: bool,
    /// Whether a value that it reads was absent in some case; true as well where it reads none of the document.
    pub met_absent: bool,
    /// Why no case can show the rest, where the check says so.
    pub waived: Option<String>,
}

impl Condition {
    /// What no case has made of it, in words; empty when there is nothing.
    pub fn missing(&self) -> Vec<&'static str> {
        let states = [
            ("true", self.was_true),
            ("false", self.was_false),
            ("unread", self.was_unread),
            ("absent", self.met_absent),
        ];
        states.into_iter().filter(|(_, is_met)| !is_met).map(|(state, _)| state).collect()
    }
}

/// Everything that is wrong with the cases of `check`, each with the name of its case.
pub fn check_case_problems(
    library: &Library,
    schema: &LibrarySchema<'_>,
    check: &Arc<Check>,
) -> Vec<String> {
    let report = case_report(library, schema, check, library.check_cases(&check.id));
    let mut problems = report.problems;
    for case in report.cases {
        let name = case.name;
        problems.extend(case.problems.into_iter().map(|it| format!("case `{name}`: {it}")));
    }
    problems.extend(uncovered(&report.conditions));
    problems
}

/// What no case shows, and no waiver explains.
fn uncovered(conditions: &[Condition]) -> Vec<String> {
    let mut problems = Vec::new();
    for it in conditions.iter().filter(|it| it.waived.is_none()) {
        let missing = it.missing();
        if !missing.is_empty() {
            problems.push(format!("no case makes `{}` {}", it.text, missing.join(", ")));
        }
    }
    problems
}

/// Runs `cases` of a check, which need not be in the library, and says what they cover.
pub fn case_report(
    library: &Library,
    schema: &LibrarySchema<'_>,
    check: &Arc<Check>,
    cases: &[CheckCase],
) -> CaseReport {
    let keys = Keys::default();
    let mut report = CaseReport::default();
    let compiled = compile_on_trial(library, schema, check);
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(problem) => {
            report.problems.push(format!("`{}`: {}", problem.field, problem.message));
            return report;
        }
    };
    let predicates = check.applies.iter().chain([&check.unhealthy]).map(String::as_str);
    let mut leaves = Leaves::new(predicates, &mut report.problems);
    for case in cases {
        let mut outcome =
            CaseOutcome { name: case.name.clone(), verdict: None, problems: Vec::new() };
        match draw(library, check.all_kinds().next(), case, &keys) {
            Ok(drawn) => {
                (outcome.verdict, outcome.problems) = run(&compiled, case, &drawn);
                leaves.observe(&drawn);
            }
            Err(message) => outcome.problems.push(message),
        }
        report.cases.push(outcome);
    }
    report.conditions = leaves.conditions(&check.waived);
    report
}

/// Everything that is wrong with a classification and its cases, each with the name of its case.
pub fn classification_case_problems(
    library: &Library,
    schema: &LibrarySchema<'_>,
    classification: &Arc<Classification>,
    cases: &[ClassificationCase],
) -> Vec<String> {
    let level = classification.level;
    let compiled =
        match CompiledRule::compile(library, Arc::clone(classification), level, Some(schema)) {
            Ok(compiled) => compiled,
            Err(problem) => return vec![format!("`where`: {}", problem.message)],
        };
    let mut problems = Vec::new();
    let predicate = [classification.predicate.as_str()];
    let mut leaves = Leaves::new(predicate.into_iter(), &mut problems);
    let keys = Keys::default();
    let kinds = library.kinds_of(classification);
    for case in cases {
        let problem = match draw(library, kinds.first().copied(), case, &keys) {
            Ok(drawn) => {
                leaves.observe(&drawn);
                wrong_match(&compiled, &kinds, case, &drawn)
            }
            Err(message) => Some(message),
        };
        problems.extend(problem.map(|it| format!("case `{}`: {it}", case.name)));
    }
    problems.extend(uncovered(&leaves.conditions(&classification.waived)));
    problems
}

fn wrong_match(
    compiled: &CompiledRule,
    kinds: &[&str],
    case: &ClassificationCase,
    drawn: &Drawn,
) -> Option<String> {
    if let Some(kind) = case.kind.as_deref().filter(|kind| !kinds.contains(kind)) {
        return Some(format!("it is about `{kind}`, which the classification does not look at"));
    }
    let Some(mut bound) = compiled.bind(&drawn.graph, &drawn.setting) else {
        return Some("the predicate cannot be run: it uses a parameter".to_owned());
    };
    let found = bound.holds(drawn.node);
    (found != case.want).then(|| format!("it is {}, wanted is {}", found.name(), case.want.name()))
}

/// The verdict of a check on a case; `None` when the case cannot be drawn.
pub(crate) fn verdict_of(
    library: &Library,
    compiled: &CompiledCheck,
    case: &CheckCase,
) -> Option<Verdict> {
    let kind = compiled.check.all_kinds().next();
    let drawn = draw(library, kind, case, &Keys::default()).ok()?;
    let mut bound = compiled.bind(&drawn.graph, &drawn.setting)?;
    Some(bound.judge(drawn.node).0)
}

/// A case as a graph.
struct Drawn {
    graph: Graph,
    node: NodeId,
    setting: Setting,
}

fn run(
    compiled: &CompiledCheck,
    case: &CheckCase,
    drawn: &Drawn,
) -> (Option<Verdict>, Vec<String>) {
    let mut problems = Vec::new();
    let Some(mut bound) = compiled.bind(&drawn.graph, &drawn.setting) else {
        return (None, vec!["the check cannot be run: it uses a parameter".to_owned()]);
    };
    let (verdict, _) = bound.judge(drawn.node);
    if verdict != case.want.verdict {
        problems.push(format!("it is {}, wanted is {}", verdict.name(), case.want.verdict.name()));
    }
    let evidence = match evidence_items(&drawn.graph, &drawn.setting, &compiled.check, drawn.node) {
        Ok(evidence) => evidence,
        Err(message) => {
            problems.push(format!("evidence: {message}"));
            return (Some(verdict), problems);
        }
    };
    if let Some(wanted) = &case.want.evidence {
        let found: BTreeMap<&str, &Json> =
            evidence.iter().map(|it| (it.path.as_str(), &it.value)).collect();
        for (path, value) in wanted {
            match found.get(path.as_str()) {
                Some(it) if *it == value => {}
                Some(it) => problems.push(format!("evidence `{path}` is {it}, wanted is {value}")),
                None => problems.push(format!("evidence `{path}` is not shown")),
            }
        }
    }
    if verdict == Verdict::Unhealthy && evidence.is_empty() {
        problems.push("it is unhealthy, but no evidence is shown".to_owned());
    }
    (Some(verdict), problems)
}

fn draw<W>(
    library: &Library,
    kind: Option<&str>,
    case: &Case<W>,
    keys: &Keys,
) -> Result<Drawn, String> {
    let kind = case.kind.as_deref().or(kind).unwrap_or_default();
    let mut drawing = Drawing {
        library,
        keys,
        builder: GraphBuilder::new(keys),
        n_nodes: 0,
        aliases: BTreeMap::new(),
    };
    let node = drawing.add_node(kind, &case.resource, &case.unread, false)?;
    drawing.mark(node, &case.incomplete)?;
    for neighbour in &case.neighbours {
        drawing.add_neighbour(node, neighbour)?;
    }
    let now = case.now.as_deref().unwrap_or(NOW);
    let now = now.parse().map_err(|error| format!("`now`: {error}"))?;
    Ok(Drawn { graph: drawing.builder.finish(), node, setting: Setting::at(now) })
}

struct Drawing<'a> {
    library: &'a Library,
    keys: &'a Keys,
    builder: GraphBuilder,
    n_nodes: u32,
    aliases: BTreeMap<&'a str, NodeId>,
}

impl<'a> Drawing<'a> {
    fn add_node(
        &mut self,
        kind: &str,
        resource: &Json,
        unread: &[String],
        is_stub: bool,
    ) -> Result<NodeId, String> {
        let known = self.library.kind(kind).ok_or_else(|| format!("there is no kind `{kind}`"))?;
        let mut document =
            if resource.is_null() { serde_json::json!({}) } else { resource.clone() };
        for path in unread {
            let path = Path::parse(path).map_err(|error| error.to_string())?;
            mark_unread(&mut document, path.steps());
        }
        let doc = if is_stub { Doc::stub() } else { Doc::build(&document, self.keys) };
        let text = |path: &str| document.get(path).and_then(Json::as_str).unwrap_or_default();
        let tags: Tags = document
            .get("tags")
            .or_else(|| document.get("labels"))
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key, value.as_str()?)))
            .collect();
        let id = if text("id").is_empty() {
            format!("case:{}", self.n_nodes)
        } else {
            text("id").to_lowercase()
        };
        let name = text("name");
        let meta = NodeMeta {
            id: &id,
            name: if name.is_empty() { &id } else { name },
            kind,
            scope: SCOPE,
            region: None,
            tags: &tags,
            collected: !is_stub,
        };
        let labels = known.all_labels();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let meta = meta.doc(self.keys);
        // Every node is a group of its own, so that a case may mark edges of one node.
        let node = self.builder.add_node(&labels, doc, Some(meta), self.n_nodes);
        self.n_nodes += 1;
        Ok(node)
    }

    fn add_neighbour(&mut self, from: NodeId, neighbour: &'a Neighbour) -> Result<(), String> {
        let drawn = parse_via(&neighbour.via)?;
        let known = neighbour.alias.as_deref().and_then(|it| self.aliases.get(it)).copied();
        let node = match known {
            Some(node) => node,
            None => self.add_node(
                &neighbour.kind,
                &neighbour.resource,
                &neighbour.unread,
                neighbour.stub,
            )?,
        };
        if let Some(alias) = &neighbour.alias {
            self.aliases.insert(alias, node);
        }
        let edge_type = self.builder.edge_type(&drawn.edge_type);
        match drawn.way {
            Way::Out => self.builder.add_edge(from, edge_type, node, None),
            Way::In => self.builder.add_edge(node, edge_type, from, None),
        }
        self.mark(node, &neighbour.incomplete)?;
        for next in &neighbour.neighbours {
            self.add_neighbour(node, next)?;
        }
        Ok(())
    }

    fn mark(&mut self, node: NodeId, incomplete: &[String]) -> Result<(), String> {
        for text in incomplete {
            let drawn = parse_via(text)?;
            let edge_type = self.builder.edge_type(&drawn.edge_type);
            let labels: Vec<&str> = drawn.label.iter().map(String::as_str).collect();
            self.builder.mark_incomplete(
                node.0,
                edge_type,
                drawn.way,
                &labels,
                GapId::NOT_COLLECTED,
            );
        }
        Ok(())
    }
}

/// An edge as cases draw it.
pub(crate) struct Via {
    pub(crate) way: Way,
    pub(crate) edge_type: String,
    pub(crate) label: Option<String>,
}

/// Parses `-[:TYPE]->` or `<-[:TYPE]-`, with `(:Label)` after it or without.
pub(crate) fn parse_via(text: &str) -> Result<Via, String> {
    let fail = || format!("`{text}` is not drawn as `-[:TYPE]->` or `<-[:TYPE]-`");
    let (arrow, label) = match text.split_once('(') {
        Some((arrow, label)) => {
            let label = label.trim().trim_end_matches(')').trim_start_matches(':');
            (arrow.trim(), Some(label.to_owned()).filter(|it| !it.is_empty()))
        }
        None => (text.trim(), None),
    };
    let (way, inner) = if let Some(rest) = arrow.strip_prefix("<-[:") {
        (Way::In, rest.strip_suffix("]-").ok_or_else(fail)?)
    } else {
        let rest = arrow.strip_prefix("-[:").ok_or_else(fail)?;
        (Way::Out, rest.strip_suffix("]->").ok_or_else(fail)?)
    };
    Ok(Via { way, edge_type: inner.to_owned(), label })
}

/// Puts the unread marker at the end of the path, making objects on the way.
pub(crate) fn mark_unread(document: &mut Json, steps: &[Step]) {
    let Some((first, rest)) = steps.split_first() else {
        *document = unread_marker(GapId::NOT_COLLECTED);
        return;
    };
    match first {
        Step::Key(key) => {
            if !document.is_object() {
                *document = serde_json::json!({});
            }
            if let Json::Object(map) = document {
                mark_unread(map.entry(key.as_ref()).or_insert(Json::Null), rest);
            }
        }
        Step::Each | Step::EachKey => match document {
            Json::Array(items) => items.iter_mut().for_each(|it| mark_unread(it, rest)),
            Json::Object(map) => map.values_mut().for_each(|it| mark_unread(it, rest)),
            _ => {}
        },
    }
}

/// The leaf conditions of a check's predicates, with what they have been in some case.
struct Leaves {
    leaves: Vec<Leaf>,
}

struct Leaf {
    predicate: Predicate,
    paths: Vec<Path>,
    seen: Condition,
}

impl Leaves {
    fn new<'p>(predicates: impl Iterator<Item = &'p str>, problems: &mut Vec<String>) -> Self {
        let mut leaves = Vec::new();
        for text in predicates {
            for LeafCondition { text, paths } in leaf_conditions(text) {
                match Predicate::compile(&text, "r", &[], None) {
                    Ok(predicate) => {
                        let met_absent = paths.is_empty();
                        let seen = Condition { text, met_absent, ..Condition::default() };
                        leaves.push(Leaf { predicate, paths, seen });
                    }
                    Err(error) => problems.push(format!("leaf `{text}`: {error}")),
                }
            }
        }
        Self { leaves }
    }

    fn observe(&mut self, drawn: &Drawn) {
        for leaf in &mut self.leaves {
            let context = drawn.setting.context();
            if let Ok(mut bound) = leaf.predicate.bind(&drawn.graph, &context) {
                match bound.eval(drawn.node) {
                    Ok(Value::Bool(true)) => leaf.seen.was_true = true,
                    Ok(Value::Bool(false)) => leaf.seen.was_false = true,
                    Ok(Value::Unread(_)) => leaf.seen.was_unread = true,
                    _ => {}
                }
            }
            let root = drawn.graph.doc(drawn.node);
            leaf.seen.met_absent |= leaf.paths.iter().any(|path| {
                let found = path.views(root, drawn.graph.keys());
                found.is_empty() || found.iter().any(|(_, view)| matches!(view, model::View::Null))
            });
        }
    }

    fn conditions(self, waivers: &IndexMap<String, String>) -> Vec<Condition> {
        let with_waiver = |leaf: Leaf| {
            let waived = waivers.get(&leaf.seen.text).cloned();
            Condition { waived, ..leaf.seen }
        };
        self.leaves.into_iter().map(with_waiver).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{mark_unread, parse_via};
    use graph::Way;
    use model::Path;
    use serde_json::json;

    #[test]
    fn edges_are_drawn_in_both_directions() {
        let out = parse_via("-[:IN_SUBNET]->").unwrap();
        assert_eq!((out.way, out.edge_type.as_str()), (Way::Out, "IN_SUBNET"));
        let incoming = parse_via("<-[:APPLIES_TO]-(:AzureFlowLog)").unwrap();
        assert_eq!(incoming.way, Way::In);
        assert_eq!(incoming.label.as_deref(), Some("AzureFlowLog"));
        assert!(parse_via("IN_SUBNET").is_err());
    }

    #[test]
    fn unread_is_put_where_the_path_ends() {
        let mut document = json!({ "a": [{ "b": 1 }, {}] });
        mark_unread(&mut document, Path::parse("a[*].b").unwrap().steps());
        let keys = model::Keys::default();
        let shown = model::Doc::build(&document, &keys).view().to_json(&keys);
        assert_eq!(shown, json!({ "a": [{ "b": "<not collected>" }, { "b": "<not collected>" }] }));
    }
}
