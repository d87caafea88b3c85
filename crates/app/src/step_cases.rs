//! Runs the cases of steps: each estate goes the way of an export, and the step is derived alone.
//!
//! What a case file adds is left out again, one thing after the other: each must matter. So it is the smallest
//! estate in which the step is found, and each need of the step is seen to fail by itself.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use access::Facts;
use base::nearest;
use content::Library;
use content::step::Step;
use content::step_case::{StepBase, StepCase, StepCases, StepWant};
use content::step_estate::{Part, StepEstate, parts};
use graph::Graph;
use inventory::{Assembler, Reader, SourceFile};
use jiff::Timestamp;
use model::{Keys, View};
use paths::trial::{Sureness, Trial, TriedRow, Way};
use paths::{INTERNET, Insight, find, leaves};

use crate::connect;

/// The instant at which conditions are judged.
const NOW: &str = "2026-11-21T12:00:00Z";

/// Runs many cases: kinds and facts are prepared once.
pub(crate) struct StepChecker<'l> {
    library: &'l Library,
    keys: Keys,
    reader: Reader<'l>,
    facts: Facts,
    now: Timestamp,
}

/// What came of one estate.
struct Tried {
    want: StepWant,
    /// Whom or what it names is not there.
    is_about_nothing: bool,
    /// The needs at each row that the case is about.
    rows: Vec<TriedRow>,
    /// Why it is not as wanted, for people; empty when nothing was wanted.
    seen: String,
    /// What the import did not understand.
    problems: Vec<String>,
}

/// A step with its cases and all that they name.
struct Checking<'c> {
    file: &'c StepCases,
    bases: Vec<&'c StepBase>,
    steps: Vec<Arc<Step>>,
    /// For each need, whether it held where the step was found, and whether it alone failed somewhere.
    held: Vec<bool>,
    failed: Vec<bool>,
}

impl<'l> StepChecker<'l> {
    /// For the cases of the steps in `library`, which was built with cases.
    pub(crate) fn new(library: &'l Library) -> anyhow::Result<Self> {
        let keys = Keys::default();
        let reader = Reader::new(library, &keys);
        Ok(Self { library, keys, reader, facts: paths::facts(library)?, now: NOW.parse()? })
    }

    /// Everything that is wrong with the cases of a step, each with the name of its case.
    pub(crate) fn check(&self, step: &Arc<Step>, file: &StepCases) -> Vec<String> {
        let mut checking = match self.checking(step, file) {
            Ok(it) => it,
            Err(problem) => return vec![problem],
        };
        let mut problems = missing_cases(file);
        let mut estates = Vec::new();
        for case in &file.cases {
            let in_case = |it: String| format!("case `{}`: {it}", case.name);
            match StepEstate::new(&checking.bases, file, case) {
                Ok(estate) => {
                    let tried = self.run(&checking, case, &estate);
                    problems.extend(tried.problems.iter().map(|it| in_case(it.clone())));
                    if tried.is_about_nothing {
                        problems.push(in_case(tried.seen));
                    } else if tried.want == case.want {
                        checking.observe(&tried);
                    } else {
                        let (want, is) = (case.want.name(), tried.want.name());
                        problems.push(in_case(format!(
                            "wanted is `{want}`, it is `{is}`; {}",
                            tried.seen
                        )));
                    }
                    estates.push((case, estate));
                }
                Err(problem) => problems.push(in_case(problem)),
            }
        }
        if problems.is_empty() {
            for part in parts(&checking.bases, file) {
                if !self.matters(&mut checking, &estates, &part) {
                    problems.push(format!("{part} makes no difference: leave it out"));
                }
            }
        }
        if problems.is_empty() {
            problems.extend(checking.uncovered(step));
        }
        problems
    }

    fn checking<'c>(
        &'c self,
        step: &Arc<Step>,
        file: &'c StepCases,
    ) -> Result<Checking<'c>, String> {
        let cloud = step.id.split('.').next().unwrap_or_default().to_owned();
        let names = if file.base.0.is_empty() { vec![cloud] } else { file.base.0.clone() };
        let mut bases = Vec::new();
        for name in &names {
            let base = self.library.step_base(name);
            bases.push(base.ok_or_else(|| format!("there is no `steps/{name}/base.yaml`"))?);
        }
        let mut steps = vec![Arc::clone(step)];
        for id in &file.with {
            let known = self.library.steps().map(|it| it.id.as_str());
            let near = || {
                nearest(id, known).map_or_else(String::new, |it| format!("; did you mean `{it}`?"))
            };
            let other = self.library.step(id);
            steps.push(Arc::clone(
                other.ok_or_else(|| format!("there is no step `{id}`{}", near()))?,
            ));
        }
        let n_leaves = leaves(step).len();
        let (held, failed) = (vec![false; n_leaves], vec![false; n_leaves]);
        Ok(Checking { file, bases, steps, held, failed })
    }

    /// Whether some case comes out otherwise without a part. What each need was seen to be is noted on the way.
    fn matters(
        &self,
        checking: &mut Checking<'_>,
        estates: &[(&StepCase, StepEstate<'_>)],
        part: &Part,
    ) -> bool {
        let found_first = estates.iter().filter(|it| it.0.want != StepWant::None);
        let none_last = estates.iter().filter(|it| it.0.want == StepWant::None);
        for (case, estate) in found_first.chain(none_last) {
            let Some(estate) = estate.without(part) else { continue };
            let tried = self.run(checking, case, &estate);
            checking.observe(&tried);
            if tried.want != case.want {
                return true;
            }
        }
        false
    }

    fn run(&self, checking: &Checking<'_>, case: &StepCase, estate: &StepEstate<'_>) -> Tried {
        let (graph, problems) = self.graph(estate);
        let steps = checking.steps.clone();
        let insight = Insight::with_steps(&graph, self.facts.clone(), steps, self.now, None);
        let context = insight.context();
        let trial = Trial::new(&insight.attack, insight.estate(&context));
        let mut problems: Vec<String> = problems;
        problems.extend(
            insight.attack.problems.iter().map(|it| format!("{}: {}", it.step, it.message)),
        );
        let way = match checking.way(case, &insight.graph) {
            Ok(way) => way,
            Err(seen) => {
                return Tried {
                    want: StepWant::None,
                    is_about_nothing: true,
                    rows: Vec::new(),
                    seen,
                    problems,
                };
            }
        };
        let want = match trial.sureness(way) {
            None => StepWant::None,
            Some(Sureness::Unproven) => StepWant::Unproven,
            Some(Sureness::Assumed) => StepWant::Assumed,
            Some(Sureness::Proven) => StepWant::Found,
        };
        let rows = trial.rows(way);
        let seen = if want == case.want {
            String::new()
        } else {
            seen(&insight.graph, &trial, way, &rows, want)
        };
        Tried { want, is_about_nothing: false, rows, seen, problems }
    }

    fn graph(&self, estate: &StepEstate<'_>) -> (Graph, Vec<String>) {
        let mut assembler = Assembler::new(&self.reader);
        for (path, document) in estate.documents() {
            // One document a line, as asset inventories export them.
            let lines = document.as_array().filter(|_| path.ends_with(".ndjson"));
            let text = match (lines, &document) {
                (Some(lines), _) => {
                    lines.iter().map(ToString::to_string).collect::<Vec<String>>().join("\n")
                }
                (None, serde_json::Value::String(text)) => text.clone(),
                (None, other) => other.to_string(),
            };
            let mut file = SourceFile::whole(path, path, text.as_bytes());
            file.is_lines = lines.is_some();
            assembler.absorb(self.reader.parse(&file));
        }
        let snapshot = assembler.finish();
        let problems =
            snapshot.problems.iter().map(|it| format!("{}: {}", it.file, it.reason)).collect();
        (connect::build_graph(self.library, snapshot, &self.keys), problems)
    }
}

impl Checking<'_> {
    /// Whom and what a case is about; else why there is no such thing.
    fn way(&self, case: &StepCase, graph: &Graph) -> Result<Way, String> {
        let base = self.bases.iter();
        let actor = case.actor.as_ref().or(self.file.actor.as_ref());
        let actor = actor.or_else(|| self.bases.first().map(|it| &it.actor));
        let to = case.to.as_ref().or(self.file.to.as_ref());
        let to = to.or_else(|| base.rev().find_map(|it| it.to.as_ref()));
        let via = case.via.as_ref().or(self.file.via.as_ref());
        let named = |text: &String| find(graph, text);
        let actor = match actor.map(String::as_str) {
            None | Some("internet") => INTERNET,
            Some(text) => find(graph, text)?,
        };
        let to = to.map(named).transpose()?.ok_or("`to` is missing")?;
        Ok(Way { actor, to, via: via.map(named).transpose()? })
    }

    fn observe(&mut self, tried: &Tried) {
        for row in &tried.rows {
            if tried.want == StepWant::None {
                let needs = self.steps.first().map(|it| it.needs.as_slice()).unwrap_or_default();
                for number in row.sole_failing(needs) {
                    if let Some(failed) = self.failed.get_mut(number) {
                        *failed = true;
                    }
                }
            } else {
                for (held, leaf) in self.held.iter_mut().zip(&row.leaves) {
                    *held |= leaf.holds;
                }
            }
        }
    }

    /// Needs that no case shows.
    fn uncovered(&self, step: &Step) -> Vec<String> {
        let all = leaves(step);
        let mut problems = Vec::new();
        for ((says, held), failed) in all.iter().zip(&self.held).zip(&self.failed) {
            let is_waived = self.file.waived.contains_key(says);
            match (held, failed) {
                (true, true) if is_waived => {
                    problems.push(format!("`waived` names `{says}`, which cases show"));
                }
                (true, true) => {}
                _ if is_waived => {}
                (false, _) => problems.push(format!("no case finds the step by `{says}`")),
                (true, false) => problems.push(format!("`{says}` is never all that is missing")),
            }
        }
        for says in self.file.waived.keys().filter(|it| !all.contains(it)) {
            problems.push(format!(
                "`waived` names `{says}`, which the step does not need; it needs {}",
                all.join(", ")
            ));
        }
        problems
    }
}

/// Which sorts of cases a file lacks.
fn missing_cases(file: &StepCases) -> Vec<String> {
    let is_none = |it: &&StepCase| it.want == StepWant::None;
    let mut problems = Vec::new();
    if file.cases.iter().all(|it| is_none(&it)) {
        problems.push("no case finds the step".to_owned());
    }
    if !file.cases.iter().any(|it| is_none(&it)) {
        problems.push("no case wants `none`: show what stops it".to_owned());
    }
    problems
}

/// What there is instead, for the author of a case.
fn seen(graph: &Graph, trial: &Trial<'_>, way: Way, rows: &[TriedRow], is: StepWant) -> String {
    let id = |node| if node == INTERNET { "internet" } else { graph.id(node).unwrap_or_default() };
    let mut says = Vec::new();
    if rows.is_empty() {
        says.push(format!("`match` gives no row from {} to {}", id(way.actor), id(way.to)));
    }
    for row in rows {
        let via = row.via.map_or_else(String::new, |it| format!(" via {}", id(it)));
        let list = |holds: bool| {
            let leaves = row.leaves.iter().filter(|it| it.holds == holds);
            leaves.map(|it| it.says.as_str()).collect::<Vec<&str>>().join(", ")
        };
        let (held, failed) = (list(true), list(false));
        let held = if held.is_empty() { "nothing".to_owned() } else { held };
        match (failed.is_empty(), is) {
            (false, _) => says.push(format!("at the row{via} {held} holds, not {failed}")),
            (true, StepWant::None) => says.push(format!(
                "at the row{via} all needs hold, but it gives nothing that {} has not (an administrator's steps at home are not listed)",
                id(way.actor)
            )),
            (true, _) => says.push(format!("at the row{via} {held} holds")),
        }
    }
    for it in trial.unread(way).into_iter().take(5) {
        says.push(format!("{} was not read: {}", it.what, it.why));
    }
    let others: Vec<String> = trial
        .ways()
        .iter()
        .filter(|it| it.actor != way.actor || it.to != way.to)
        .take(5)
        .map(|it| {
            let via = it.via.map_or_else(String::new, |it| format!(" via {}", id(it)));
            format!("{} -> {}{via}", id(it.actor), id(it.to))
        })
        .collect();
    if others.is_empty() {
        if rows.is_empty() {
            says.push(format!("there are {}", kinds(graph)));
        }
    } else {
        says.push(format!("the step is found for {}", others.join("; ")));
    }
    says.join("; ")
}

/// How many there are of each kind that was read, for somebody whose documents became something else.
fn kinds(graph: &Graph) -> String {
    let key = graph.keys().find("kind");
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for node in graph.nodes() {
        if let Some(View::Str(kind)) = key.and_then(|it| graph.meta(node).get(it)) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    let all: Vec<String> = counts.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    all.join(", ")
}
