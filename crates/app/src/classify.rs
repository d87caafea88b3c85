//! Changing what is chosen of classifications: switching one on or off, giving it another level, writing one; and what
//! is decided of assets to review.
//!
//! It is a commit like any other: the new choices, and all that they change in what checks say that read marks.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use content::case::Match;
use content::{Classification, OWN_PREFIX};
use jiff::{SignedDuration, Timestamp};
use model::Criticality;
use posture::{AssetDecision, Choice, Choices, Chosen, DecisionState, Decisions, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{At, AuditEntry, Committed, Lease};

use crate::kept::{ASSET_DECISIONS, About, CLASSIFICATIONS, Kept};
use crate::tenant::Tenant;

/// Classifications of its own that a tenant may have.
const MOST: usize = 500;
/// Decisions on assets that a tenant may have: they are kept as one text, which is written anew with each.
const MOST_DECISIONS: usize = 20_000;

/// What is to be done with a classification; also the payload of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Choose {
    /// Its id.
    pub(crate) classification: String,
    pub(crate) deed: Deed,
}

/// What is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Deed {
    /// It is written, or written anew.
    Write(Box<Classification>),
    /// It is on or off, and gives this level; no level: its own.
    Set { on: bool, level: Option<Criticality> },
    /// It is no more.
    Delete,
    /// What another Merlon chose is taken over where it wins; the id of the job's classification is [`ALL`].
    Merge(Vec<Chosen>),
    /// Assets to review are critical or not; the id of the job's classification is [`ALL`].
    Decide(Decide),
}

/// A decision on assets to review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Decide {
    pub(crate) items: Vec<ToDecide>,
    /// `Undecided` takes back what was decided.
    pub(crate) decision: DecisionState,
    /// The level of those that are critical; `None`: that of the classification.
    #[serde(default)]
    pub(crate) level: Option<Criticality>,
    /// Why.
    #[serde(default)]
    pub(crate) reason: String,
}

/// An asset, and which classifications are decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ToDecide {
    /// Its id.
    pub(crate) asset: String,
    /// By id; none: see [`Decisions::concerned`].
    #[serde(default)]
    pub(crate) classifications: Vec<String>,
}

impl Deed {
    fn word(&self) -> &'static str {
        match self {
            Self::Write(_) => "classification.write",
            Self::Set { .. } => "classification.set",
            Self::Delete => "classification.delete",
            Self::Merge(_) => "classification.merge",
            Self::Decide(_) => "asset.decide",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) committed: Committed,
    /// Assessments that were evaluated for it.
    pub(crate) n_evaluated: u64,
    /// Resources for which it holds.
    pub(crate) n_marked: usize,
    /// The ids of what was taken over from another Merlon.
    pub(crate) taken: Vec<String>,
    /// What was decided on.
    decided: Vec<ToDecide>,
}

/// Stands for all classifications.
pub(crate) const ALL: &str = "*";
/// So far ahead of ours another clock may be: what it chooses in the future would win for ever.
const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(5);

impl Done {
    /// As the result of a job.
    pub(crate) fn to_json(&self, choose: &Choose) -> Json {
        if let Deed::Merge(all) = &choose.deed {
            return json!({
                "sequence": self.committed.seq,
                "told": all.len(),
                "taken": self.taken,
                "evaluated": self.n_evaluated,
            });
        }
        if matches!(choose.deed, Deed::Decide(_)) {
            return json!({
                "sequence": self.committed.seq,
                "items": self.decided,
                "evaluated": self.n_evaluated,
            });
        }
        json!({
            "sequence": self.committed.seq,
            "classification": choose.classification,
            "matching": self.n_marked,
            "evaluated": self.n_evaluated,
        })
    }
}

/// What the choices will be. Looks whether it can be done; nothing changes.
pub(crate) async fn plan(
    kept: &Kept,
    tenant: &Tenant<'_>,
    choose: &Choose,
    now: Timestamp,
) -> anyhow::Result<Choices> {
    let id = choose.classification.as_str();
    let mut choices = kept.choices(At::Now).await?;
    match &choose.deed {
        Deed::Write(rule) => {
            ensure!(rule.id == id, "it is the classification `{}`", rule.id);
            choices.own.insert(id.to_owned(), sound(tenant, rule)?);
        }
        Deed::Set { on, level } => {
            choices.rule(&tenant.library, id).with_context(|| missing(id))?;
            choices.set.insert(id.to_owned(), Choice { is_on: *on, level: *level });
        }
        Deed::Delete => {
            ensure!(id.starts_with(OWN_PREFIX), "`{id}` comes with Merlon: switch it off instead");
            choices.own.remove(id).with_context(|| missing(id))?;
            choices.set.remove(id);
        }
        Deed::Merge(theirs) => {
            ensure!(id == ALL, "what is merged is not about one classification");
            let latest = now.saturating_add(MOST_AHEAD)?;
            for it in theirs {
                ensure!(it.at.0 <= latest, "`{}` was chosen in the future: {}", it.id, it.at.0);
                if let Some(rule) = &it.own {
                    ensure!(rule.id == it.id, "`{}` is the classification `{}`", it.id, rule.id);
                    sound(tenant, rule)?;
                }
                let is_of_library = tenant.library.classifications().any(|own| own.id == it.id);
                let is_of_people = it.id.starts_with(OWN_PREFIX);
                ensure!(is_of_library || is_of_people, "{}", missing(&it.id));
            }
            choices.merge(theirs);
        }
        Deed::Decide(decide) => {
            ensure!(id == ALL, "a decision on assets is not about one classification");
            let mut decided = (*choices.decided).clone();
            decide.record(tenant, &mut decided, (kept.access.actor(), now))?;
            choices.decided = Arc::new(decided);
        }
    }
    if id != ALL {
        choices.changed.insert(id.to_owned(), Instant(now));
    }
    forget(&mut choices);
    ensure!(choices.own.len() <= MOST, "there may be {MOST} classifications of your own");
    Ok(choices)
}

/// What was decided about a classification of the tenant's own goes with it: another of that id is another one.
fn forget(choices: &mut Choices) {
    let is_gone = |id: &str| id.starts_with(OWN_PREFIX) && !choices.own.contains_key(id);
    if choices.decided.iter().any(|(_, id, _)| is_gone(id)) {
        let mut decided = (*choices.decided).clone();
        decided.keep_of(|id| !is_gone(id));
        choices.decided = Arc::new(decided);
    }
}

impl Decide {
    /// Records it in `decided`, as decided by `actor` at `now`.
    fn record(
        &self,
        tenant: &Tenant<'_>,
        decided: &mut Decisions,
        (actor, now): (&str, Timestamp),
    ) -> anyhow::Result<()> {
        let is_taken_back = self.decision == DecisionState::Undecided;
        ensure!(is_taken_back || !self.reason.trim().is_empty(), "a decision needs a reason");
        let decision = (!is_taken_back).then(|| AssetDecision {
            is_critical: self.decision == DecisionState::Critical,
            level: self.level,
            reason: self.reason.trim().to_owned(),
            by: actor.to_owned(),
            at: Instant(now),
        });
        for it in self.named(tenant, decided)? {
            for id in &it.classifications {
                decided.set(&it.asset, id, decision.clone());
            }
        }
        ensure!(
            decided.n_decisions() <= MOST_DECISIONS,
            "there may be {MOST_DECISIONS} decisions on assets: a classification of your own says more at once"
        );
        Ok(())
    }

    /// The assets as they are spelled, with the classifications that are decided on.
    fn named(&self, tenant: &Tenant<'_>, decided: &Decisions) -> anyhow::Result<Vec<ToDecide>> {
        let named = |it: &ToDecide| {
            let node = tenant.find(&it.asset);
            let node = node.with_context(|| format!("there is no resource `{}`", it.asset))?;
            let asset = tenant.graph.id(node).unwrap_or_default().to_owned();
            let classifications = decided
                .concerned(&tenant.graph, node, &it.classifications, self.decision)
                .map_err(anyhow::Error::msg)?;
            Ok(ToDecide { asset, classifications })
        };
        self.items.iter().map(named).collect()
    }
}

/// A classification that people wrote, when it can be used.
fn sound(tenant: &Tenant<'_>, rule: &Classification) -> anyhow::Result<Arc<Classification>> {
    let (id, problems) = (&rule.id, tenant.library.own_classification_problems(rule));
    if !problems.is_empty() {
        bail!("`{id}` cannot be used: {}", problems.join("; "));
    }
    let rule: Arc<Classification> = Arc::new(rule.clone());
    posture::try_rule(&tenant.library, &tenant.graph, &rule)
        .map_err(|problem| anyhow::anyhow!("`{id}`: `where`: {}", problem.message))?;
    Ok(rule)
}

fn missing(id: &str) -> String {
    format!("there is no classification `{id}`")
}

/// Makes them count at once. A repeated `request` is the same commit. After an error the tenant is other than
/// what is stored: it is to be thrown away.
pub(crate) async fn act(
    kept: &Kept,
    lease: &Lease,
    tenant: &mut Tenant<'_>,
    (choose, choices): (&Choose, Choices),
    (now, request): (Timestamp, Option<String>),
) -> anyhow::Result<Done> {
    let id = choose.classification.as_str();
    let mut states = Vec::new();
    if !matches!(choose.deed, Deed::Decide(_)) {
        let state = serde_json::to_vec(&choices).context("what is chosen of classifications")?;
        states.push((CLASSIFICATIONS, Some(state)));
    }
    if choices.decided != tenant.choices.decided {
        let state = serde_json::to_vec(&*choices.decided).context("what is decided of assets")?;
        states.push((ASSET_DECISIONS, Some(state)));
    }
    let taken = taken(&tenant.choices, &choices, choose);
    let (summary, audit, decided) = told(tenant, choose)?;
    let step = tenant.reclassify(choices, now);
    let n_evaluated = step.diff.n_evaluated;
    let about = About {
        kind: "content",
        summary,
        problems: &[],
        request,
        exemptions: Vec::new(),
        audit,
        states,
    };
    let committed = kept.commit(lease, tenant, step, &about, now).await?;
    let outcomes = tenant.classifier.outcomes(&tenant.graph, id).unwrap_or_default();
    let n_marked = outcomes.iter().filter(|it| it.1 == Match::Match).count();
    Ok(Done { committed, n_evaluated, n_marked, taken, decided })
}

/// What the change log and the audit log say of it, and what is decided on. Each asset has its line in the audit log.
fn told(
    tenant: &Tenant<'_>,
    choose: &Choose,
) -> anyhow::Result<(String, Vec<AuditEntry>, Vec<ToDecide>)> {
    let (word, id) = (choose.deed.word(), choose.classification.as_str());
    let entry = |object: &str, detail| AuditEntry {
        action: word.to_owned(),
        object: object.to_owned(),
        detail,
    };
    let Deed::Decide(decide) = &choose.deed else {
        let before = tenant.choices.rule(&tenant.library, id);
        let before = before.map(|it| json!({ "on": it.is_on, "level": it.level }));
        let detail = json!({ "deed": choose.deed, "before": before });
        return Ok((format!("{word} {id}"), vec![entry(id, detail)], Vec::new()));
    };
    let items = decide.named(tenant, &tenant.choices.decided)?;
    let detail = |it: &ToDecide| {
        let known = |id: &String| tenant.choices.decided.get(&it.asset, id).map(|it| json!(it));
        json!({
            "classifications": it.classifications,
            "decision": decide.decision,
            "level": decide.level,
            "reason": decide.reason.trim(),
            "before": it.classifications.iter().map(known).collect::<Vec<_>>(),
        })
    };
    let audit = items.iter().map(|it| entry(&it.asset, detail(it))).collect();
    let summary = match items.as_slice() {
        [one] => format!("{word} {}: {}", one.asset, decide.decision.name()),
        all => format!("{word} {} assets: {}", all.len(), decide.decision.name()),
    };
    Ok((summary, audit, items))
}

/// The ids of which something else is chosen now, of what another Merlon told.
fn taken(before: &Choices, after: &Choices, choose: &Choose) -> Vec<String> {
    let Deed::Merge(told) = &choose.deed else { return Vec::new() };
    let (before, after) = (before.chosen(), after.chosen());
    let is_new = |id: &&str| {
        let of = |all: &[Chosen]| all.iter().find(|it| it.id == *id).cloned();
        of(&before) != of(&after)
    };
    told.iter().map(|it| it.id.as_str()).filter(is_new).map(str::to_owned).collect()
}
