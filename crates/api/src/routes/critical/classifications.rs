//! Classifications: all of them, switching and levels, those of one's own, and what one would find.

use std::sync::Arc;

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use content::case::Match;
use content::{Classification as Written, OWN_PREFIX, Reference};
use jiff::{SignedDuration, Timestamp};
use model::Criticality;
use posture::{Chosen, Instant, Rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::jobs;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Path};
use crate::state::Api;
use crate::time::Time;
use crate::words;
use crate::work::{Done, Work};

/// Matching resources that a preview lists.
const MOST_SHOWN: usize = 200;
/// Classifications that another Merlon may tell about at once.
const MOST_TOLD: usize = 1000;
/// So far ahead of ours the clock of another Merlon may be: what it chooses in the future would win for ever.
const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_classifications, add_classification))
        .routes(routes!(preview_classification))
        .routes(routes!(list_chosen_classifications, merge_chosen_classifications))
        .routes(routes!(change_classification, set_classification, delete_classification))
}

/// What sort of asset a classification finds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum AssetType {
    Device,
    Identity,
    CloudResource,
}

impl From<content::AssetType> for AssetType {
    fn from(it: content::AssetType) -> Self {
        match it {
            content::AssetType::Device => Self::Device,
            content::AssetType::Identity => Self::Identity,
            content::AssetType::CloudResource => Self::CloudResource,
        }
    }
}

impl From<AssetType> for content::AssetType {
    fn from(it: AssetType) -> Self {
        match it {
            AssetType::Device => Self::Device,
            AssetType::Identity => Self::Identity,
            AssetType::CloudResource => Self::CloudResource,
        }
    }
}

/// A rule that finds critical assets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Classification {
    id: String,
    title: String,
    description: String,
    /// The level that it gives here.
    #[schema(value_type = words::Criticality)]
    level: Criticality,
    /// The level that it gives by itself.
    #[schema(value_type = words::Criticality)]
    own_level: Criticality,
    assets: AssetType,
    /// The kinds that it looks at; empty where it names a label.
    kinds: Vec<String>,
    /// The label of the kinds that it looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Condition over the resource `r`, in openCypher.
    #[serde(rename = "where")]
    predicate: String,
    /// Whether its assets are only shown for review.
    review: bool,
    /// Whether it marks anything.
    on: bool,
    /// Whether somebody here wrote it.
    own: bool,
    /// Resources that the caller sees and for which it holds.
    matching: u64,
    /// Addresses of primary sources.
    references: Vec<String>,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl Classification {
    fn of(rule: &Rule, matching: u64, caller: &Caller) -> Self {
        let it = &rule.classification;
        let mut may = vec![Operation::ClassificationSet];
        if rule.is_own {
            may.push(Operation::ClassificationWrite);
        }
        Self {
            id: it.id.clone(),
            title: it.title.clone(),
            description: it.description.clone(),
            level: rule.level,
            own_level: it.level,
            assets: it.assets.into(),
            kinds: it.named_kinds().map(str::to_owned).collect(),
            label: it.label.clone(),
            predicate: it.predicate.clone(),
            review: it.review,
            on: rule.is_on,
            own: rule.is_own,
            matching,
            references: it.references.iter().map(|it: &Reference| it.url.clone()).collect(),
            can: caller.can(&may, &[]),
        }
    }
}

/// All classifications.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Classifications {
    items: Vec<Classification>,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// Every classification: those that come with Merlon, then those of one's own.
#[utoipa::path(
    get,
    path = "/classifications",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The classifications", body = Classifications), Problems)
)]
async fn list_classifications(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let rights = caller.clone();
    let answer = move |view: &Arc<view::View>, _: &_| {
        // counted is what the caller may see of resources, whatever they may see of content
        let counts = view.critical_counts(&rights.sight_for(Operation::ResourceRead, view));
        let rules = view.choices().rules(view.library());
        let items = rules
            .map(|it| {
                let matching = counts.get(it.classification.id.as_str()).copied();
                Classification::of(&it, matching.unwrap_or_default(), &rights)
            })
            .collect();
        let all = Classifications { items, as_of: view.sequence() };
        Ok(axum::Json(all).into_response())
    };
    api.read(&caller, answer).await
}

/// A classification of one's own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewClassification {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[serde(default)]
    #[schema(max_length = 4000)]
    description: String,
    #[schema(value_type = words::Criticality)]
    level: Criticality,
    assets: AssetType,
    /// The kinds that it looks at; or a label.
    #[serde(default)]
    kinds: Vec<String>,
    /// The label of the kinds that it looks at; or kinds.
    #[serde(default)]
    label: Option<String>,
    /// Condition over the resource `r`, in openCypher.
    #[serde(rename = "where")]
    #[schema(min_length = 1, max_length = 16000)]
    predicate: String,
    /// Whether its assets are only shown for review.
    #[serde(default)]
    #[schema(default = false)]
    review: bool,
}

impl NewClassification {
    fn of(it: Written) -> Self {
        Self {
            kinds: it.named_kinds().map(str::to_owned).collect(),
            title: it.title,
            description: it.description,
            level: it.level,
            assets: it.assets.into(),
            label: it.label,
            predicate: it.predicate,
            review: it.review,
        }
    }

    fn written(self, id: String) -> Written {
        Written {
            id,
            title: self.title,
            description: self.description,
            since: String::new(),
            level: self.level,
            assets: self.assets.into(),
            kind: None,
            kinds: self.kinds,
            label: self.label,
            predicate: self.predicate,
            review: self.review,
            references: Vec::new(),
            waived: indexmap::IndexMap::new(),
        }
    }
}

/// One that is added, with its id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddedClassification {
    /// Begins with `own.`, then a-z, 0-9 and `-`.
    #[schema(min_length = 5, max_length = 200, pattern = "^own\\.[a-z0-9-]+$")]
    id: String,
    classification: NewClassification,
}

/// Where a classification cannot be used: 422 with the reason, line and column.
fn must_be_sound(view: &view::View, rule: &Arc<Written>) -> Result<Vec<Matched>, Problem> {
    let problems = view.library().own_classification_problems(rule);
    if let Some(first) = problems.into_iter().next() {
        return Err(Problem::invalid("classification", first));
    }
    posture::try_rule(view.library(), view.graph(), rule)
        .map_err(|problem| Problem::invalid("where", problem.message))
}

type Matched = (lang::NodeId, Match);

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChosenClassification {
    /// The commit that made it count.
    sequence: u64,
    classification: String,
    /// Resources for which it holds.
    matching: u64,
    /// Assessments that were evaluated for it.
    evaluated: u64,
}

async fn choose(api: &Api, caller: &Caller, id: &str, deed: Json) -> Result<Response, Problem> {
    let payload = json!({ "classification": id, "deed": deed });
    let job = Work { kind: "classify", payload, priority: 3 };
    match api.do_work(caller, job).await? {
        Done::Yes(row) => Ok(axum::Json(row.result).into_response()),
        Done::NotYet(row) => Ok(jobs::accepted(row, caller)),
    }
}

async fn write(
    api: &Api,
    caller: &Caller,
    (id, new): (String, NewClassification),
    is_new: bool,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    let view = api.view()?;
    let is_there = view.choices().own.contains_key(&id);
    if is_new && is_there {
        return Err(Problem::invalid("id", "is that of another classification"));
    }
    if !is_new && !is_there {
        return Err(Problem::not_found("classification of your own"));
    }
    let rule = Arc::new(new.written(id.clone()));
    let tried = Arc::clone(&rule);
    api.compute(move || must_be_sound(&view, &tried)).await?;
    let text = serde_json::to_value(&*rule).map_err(|error| Problem::fault(&error))?;
    choose(api, caller, &id, json!({ "write": text })).await
}

/// Adds a classification of one's own. It counts at once.
#[utoipa::path(
    post,
    path = "/classifications",
    tag = "content",
    extensions(("x-operation" = json!("classification.write"))),
    request_body = AddedClassification,
    responses(
        (status = 200, description = "It counts", body = ChosenClassification),
        (status = 202, description = "It will: the job", body = jobs::Job),
        Problems
    )
)]
async fn add_classification(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(added): Body<AddedClassification>,
) -> Result<Response, Problem> {
    write(&api, &caller, (added.id, added.classification), true).await
}

/// Writes a classification of one's own anew. It counts at once.
#[utoipa::path(
    put,
    path = "/classifications/{id}",
    tag = "content",
    extensions(("x-operation" = json!("classification.write"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = NewClassification,
    responses(
        (status = 200, description = "It counts", body = ChosenClassification),
        (status = 202, description = "It will: the job", body = jobs::Job),
        Problems
    )
)]
async fn change_classification(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(new): Body<NewClassification>,
) -> Result<Response, Problem> {
    write(&api, &caller, (id, new), false).await
}

/// How a classification counts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClassificationChoice {
    /// Whether it marks anything.
    on: bool,
    /// The level that it gives; its own, when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<words::Criticality>)]
    level: Option<Criticality>,
}

/// Switches a classification on or off, and gives it a level. It counts at once.
#[utoipa::path(
    patch,
    path = "/classifications/{id}",
    tag = "content",
    extensions(("x-operation" = json!("classification.set"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = ClassificationChoice,
    responses(
        (status = 200, description = "It counts", body = ChosenClassification),
        (status = 202, description = "It will: the job", body = jobs::Job),
        Problems
    )
)]
async fn set_classification(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(wanted): Body<ClassificationChoice>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    let view = api.view()?;
    if view.choices().rule(view.library(), &id).is_none() {
        return Err(Problem::not_found("classification"));
    }
    let deed = json!({ "set": { "on": wanted.on, "level": wanted.level } });
    choose(&api, &caller, &id, deed).await
}

/// Deletes a classification of one's own.
#[utoipa::path(
    delete,
    path = "/classifications/{id}",
    tag = "content",
    extensions(("x-operation" = json!("classification.write"))),
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is deleted", body = ChosenClassification),
        (status = 202, description = "It will be: the job", body = jobs::Job),
        Problems
    )
)]
async fn delete_classification(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    if !api.view()?.choices().own.contains_key(&id) {
        return Err(Problem::not_found("classification of your own"));
    }
    choose(&api, &caller, &id, json!("delete")).await
}

/// What is chosen of one classification.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TakenChoice {
    id: String,
    /// When it was chosen.
    at: Time,
    /// What it says, of one that people wrote; missing: it comes with Merlon, or was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<NewClassification>,
    /// What differs from what it says itself; missing: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    choice: Option<ClassificationChoice>,
}

impl From<Chosen> for TakenChoice {
    fn from(it: Chosen) -> Self {
        let choice = |it: posture::Choice| ClassificationChoice { on: it.is_on, level: it.level };
        Self {
            at: Time(it.at.0),
            own: it.own.map(|own| NewClassification::of(*own)),
            choice: it.choice.map(choice),
            id: it.id,
        }
    }
}

impl From<TakenChoice> for Chosen {
    fn from(it: TakenChoice) -> Self {
        let choice = |it: ClassificationChoice| posture::Choice { is_on: it.on, level: it.level };
        Self {
            at: Instant(it.at.0),
            own: it.own.map(|own| Box::new(own.written(it.id.clone()))),
            choice: it.choice.map(choice),
            id: it.id,
        }
    }
}

/// Everything that was chosen of classifications here: what another Merlon takes to choose the same.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TakenChoices {
    #[schema(max_items = 1000)]
    items: Vec<TakenChoice>,
}

/// Everything that was chosen of classifications: those of one's own, deleted ones too, and what differs of others. It is the
/// body that the other Merlon takes.
#[utoipa::path(
    get,
    path = "/classifications/choices",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "What was chosen", body = TakenChoices), Problems)
)]
async fn list_chosen_classifications(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<TakenChoices>, Problem> {
    caller.must(&[], "tenant")?;
    let items = api.view()?.choices().chosen().into_iter().map(TakenChoice::from).collect();
    Ok(axum::Json(TakenChoices { items }))
}

/// What came of taking over what another Merlon chose.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MergedChoices {
    /// The commit that made it count.
    sequence: u64,
    /// How many classifications it told about.
    told: u64,
    /// Those of which what it told won over what was chosen here, by id. Of the others ours stays.
    taken: Vec<String>,
    /// Assessments that were evaluated for it.
    evaluated: u64,
}

/// Takes over what another Merlon chose. Of two that say otherwise of one classification counts what was chosen later; at the
/// same instant the higher level, then what is on. Merging again changes nothing; each taking what the other answers, both
/// come to the same. All of it is taken or, when one cannot be used here, nothing.
#[utoipa::path(
    post,
    path = "/classifications/choices",
    tag = "content",
    extensions(("x-operation" = json!("classification.write"))),
    request_body = TakenChoices,
    responses(
        (status = 200, description = "It counts", body = MergedChoices),
        (status = 202, description = "It will: the job", body = jobs::Job),
        Problems
    )
)]
async fn merge_chosen_classifications(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(told): Body<TakenChoices>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    if told.items.len() > MOST_TOLD {
        return Err(Problem::invalid("items", format!("holds at most {MOST_TOLD}")));
    }
    let (view, now) = (api.view()?, api.now());
    let theirs: Vec<Chosen> = told.items.into_iter().map(Chosen::from).collect();
    let deed = json!({ "merge": theirs });
    api.compute(move || theirs.iter().try_for_each(|it| must_be_usable(&view, it, now))).await?;
    choose(&api, &caller, "*", deed).await
}

/// Whether what another Merlon chose can be chosen here: 422 with the reason.
fn must_be_usable(view: &view::View, it: &Chosen, now: Timestamp) -> Result<(), Problem> {
    if it.at.0 > now.saturating_add(MOST_AHEAD).unwrap_or(now) {
        let why = format!("`{}` was chosen in the future: {}; look at the clocks", it.id, it.at.0);
        return Err(Problem::invalid("items", why));
    }
    let is_known = view.library().classifications().any(|own| own.id == it.id);
    match &it.own {
        Some(own) => must_be_sound(view, &Arc::new((**own).clone())).map(drop),
        None if is_known || it.is_deleted() => Ok(()),
        None => Err(Problem::invalid("items", format!("there is no classification `{}`", it.id))),
    }
}

/// What a classification would find.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ClassificationPreview {
    /// Resources for which it would hold.
    matching: u64,
    /// Resources of which something was not read that would have to be.
    unknown: u64,
    /// Resources that it looks at.
    looked_at: u64,
    /// The first of those for which it would hold, by id; at most 200.
    items: Vec<PreviewedAsset>,
}

/// A resource for which a classification would hold.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewedAsset {
    id: String,
    name: String,
    kind: String,
    scope: String,
}

/// What a classification would find, while it is written; nothing changes.
#[utoipa::path(
    post,
    path = "/classifications/preview",
    tag = "content",
    extensions(("x-operation" = json!("classification.write"))),
    request_body = NewClassification,
    responses((status = 200, description = "What it finds", body = ClassificationPreview), Problems)
)]
async fn preview_classification(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(mut new): Body<NewClassification>,
) -> Result<axum::Json<ClassificationPreview>, Problem> {
    caller.must(&[], "tenant")?;
    let view = api.view()?;
    if new.title.is_empty() {
        "preview".clone_into(&mut new.title);
    }
    let rule = Arc::new(new.written(format!("{OWN_PREFIX}preview")));
    let preview = api
        .compute(move || {
            let outcomes = must_be_sound(&view, &rule)?;
            let graph = view.graph();
            let meta = posture::MetaKeys::new(graph);
            let count = |wanted| outcomes.iter().filter(|it| it.1 == wanted).count() as u64;
            let matching = outcomes.iter().filter(|it| it.1 == Match::Match);
            let mut items: Vec<PreviewedAsset> = matching
                .map(|(node, _)| PreviewedAsset {
                    id: meta.id(graph, *node).to_owned(),
                    name: meta.name(graph, *node).to_owned(),
                    kind: meta.kind(graph, *node).to_owned(),
                    scope: meta.scope(graph, *node).to_owned(),
                })
                .collect();
            items.sort_by(|a, b| a.id.cmp(&b.id));
            items.truncate(MOST_SHOWN);
            Ok(ClassificationPreview {
                matching: count(Match::Match),
                unknown: count(Match::Unknown),
                looked_at: outcomes.len() as u64,
                items,
            })
        })
        .await?;
    Ok(axum::Json(preview))
}
