//! A check that is not in the content yet, tried on what a caller sees.

use std::sync::Arc;

use content::ContentProblem;
use graph::Limits;
use model::Verdict;
use posture::{Reasons, Trial, VerdictCounts};
use serde::Serialize;

use crate::filter::says_yes;
use crate::sight::Sight;
use crate::view::View;

/// Resources that are judged: a bound on what one text may cost.
const MAX_JUDGED: usize = 100_000;
/// Resources that are listed of each sort.
const MAX_LINES: usize = 200;

/// What a check would say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// Its id.
    pub check: String,
    /// How often it would give each verdict.
    pub counts: VerdictCounts,
    /// Resources of its kinds that were not judged, because there are too many or it took too long.
    pub left: u64,
    /// How often the verdict is another one than the check of that id gives now; all, when there is no
    /// such check.
    pub changed: u64,
    /// The first resources that would be unhealthy, by id; at most 200.
    pub unhealthy: Vec<DryLine>,
    /// The first resources about which it would not know, by id; at most 200.
    pub unknown: Vec<DryLine>,
}

/// What it would say about one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryLine {
    /// The resource's id.
    pub resource: String,
    /// Its name.
    pub name: String,
    /// The verdict that the check of this id gives now; null when there is none.
    pub before: Option<Verdict>,
    /// Why it would not know; only then.
    pub why: Option<String>,
}

impl View {
    /// What the check in `text`, written as a file of content, would say about what a caller sees.
    /// Its predicates look at all of the graph, as those of every check do: who may ask this may see
    /// the whole tenant, or learns a little about it. Once `is_over`, the rest is left: a predicate may walk far from
    /// each resource, and nobody waits for hours.
    ///
    /// # Errors
    /// The text is no check, names what is not there, or has a predicate that cannot be compiled.
    pub fn dry_run(
        &self,
        sight: &Sight,
        text: &str,
        is_over: &Arc<dyn Fn() -> bool + Send + Sync>,
    ) -> Result<DryRun, Vec<ContentProblem>> {
        const FILE: &str = "check.yaml";
        let check = Arc::new(self.library.read_check(FILE, text.as_bytes())?);
        let problems =
            posture::check_text_problems(&self.library, Some(self.graph()), &check, text);
        if !problems.is_empty() {
            return Err(problems);
        }
        let limits = Limits { is_over: Some(Arc::clone(is_over)), ..Limits::default() };
        let setting = self.setting.clone().with_limits(limits);
        let trial = Trial::new(&self.library, &check, self.graph(), &setting);
        let trial = trial.map_err(|message| {
            let (file, line, column) = (FILE.to_owned(), None, None);
            vec![ContentProblem { file, line, column, message }]
        })?;
        let kinds: Vec<String> = check.all_kinds().map(str::to_owned).collect();
        let (seen, kinds) = (self.seen(sight), self.tables.kinds.wanted(&kinds));
        let is_it = |it: &crate::lines::Entry<'_>| {
            seen.sees(it.line.home) && says_yes(kinds.as_ref(), it.line.kind)
        };
        let mut nodes = self.lines.listed().filter(is_it).map(|it| it.node);
        let mut n_judged = 0;
        let judged = trial.judge(std::iter::from_fn(|| {
            if n_judged == MAX_JUDGED || is_over() {
                return None;
            }
            n_judged += 1;
            nodes.next()
        }));
        let left = nodes.count() as u64;
        let reasons = Reasons::of(self.graph(), &check, &self.gaps);
        let (mut counts, mut n_changed) = (VerdictCounts::default(), 0);
        let (mut unhealthy, mut unknown) = (Vec::new(), Vec::new());
        for (node, verdict, why) in judged {
            let before = self.ledger.assessment(node, &check.id).map(|it| it.verdict);
            n_changed += u64::from(before != Some(verdict));
            let line = || DryLine {
                resource: self.meta.id(&self.graph, node).to_owned(),
                name: self.meta.name(&self.graph, node).to_owned(),
                before,
                why: why.map(|why| reasons.describe(node, why)),
            };
            match verdict {
                Verdict::Healthy => counts.healthy += 1,
                Verdict::NotApplicable => counts.not_applicable += 1,
                Verdict::Unhealthy => {
                    counts.unhealthy += 1;
                    unhealthy.push(line());
                }
                Verdict::Unknown => {
                    counts.unknown += 1;
                    unknown.push(line());
                }
            }
        }
        for list in [&mut unhealthy, &mut unknown] {
            list.sort_by(|a, b| a.resource.cmp(&b.resource));
            list.truncate(MAX_LINES);
        }
        Ok(DryRun { check: check.id.clone(), counts, left, changed: n_changed, unhealthy, unknown })
    }
}
