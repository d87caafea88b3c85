//! Between a form and its text, and what forms may offer.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use lang::search::{ReadError, Search, Thing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::form::SearchForm;
use super::vocabulary::Vocabulary;
use super::wrong_at;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Query};
use crate::state::Api;

/// Characters of the longest text.
const LONGEST: usize = 100_000;
/// Characters of the longest name of an anchor.
const LONGEST_NAME: usize = 200;

/// A query as text or as a form: exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SearchAsked {
    /// openCypher.
    #[schema(max_length = 100_000)]
    text: Option<String>,
    form: Option<SearchForm>,
    /// The text is the condition of a classification or check, which calls its resource so, and no whole query.
    #[schema(min_length = 1, max_length = 200)]
    anchor: Option<String>,
}

/// A query as text and as a form.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchTold {
    /// openCypher.
    text: String,
    /// The form; absent when the text says more than a form can.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<SearchForm>,
    /// The question how many rows it has, whatever its limit: one row with `n`. Of whole queries that have a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<String>,
    /// The question for the paths on which its columns lie. Of whole queries that have a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<String>,
    /// Why there is no form.
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<BeyondForm>,
}

impl SearchTold {
    fn of_search(search: &Search) -> Self {
        Self {
            text: search.write(),
            form: Some(search.normal().into()),
            count: Some(search.write_count()),
            paths: Some(search.write_paths()),
            beyond: None,
        }
    }

    fn of_condition(thing: &Thing) -> Self {
        let form = Some(SearchForm::of_thing(thing.normal_condition()));
        Self { text: thing.write_condition(), form, count: None, paths: None, beyond: None }
    }
}

/// What of a query no form can show.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BeyondForm {
    /// In words: lower case, no full stop.
    why: String,
    /// The line in the text, counted from 1.
    line: u32,
    /// The character in the line, counted from 1.
    column: u32,
}

/// Makes the form of a text, or the text of a form. Asks nothing.
#[utoipa::path(
    post,
    path = "/query/search",
    tag = "estate",
    extensions(("x-operation" = json!("query.run"))),
    request_body = SearchAsked,
    responses((status = 200, description = "Both", body = SearchTold), Problems)
)]
pub(super) async fn make_search(Body(asked): Body<SearchAsked>) -> Result<Response, Problem> {
    let anchor = asked.anchor.as_deref();
    let length = |text: Option<&str>| text.map(|it| it.chars().count());
    if length(asked.text.as_deref()).is_some_and(|it| it > LONGEST) {
        return Err(Problem::invalid("text", format!("has at most {LONGEST} characters")));
    }
    if length(anchor).is_some_and(|it| !(1..=LONGEST_NAME).contains(&it)) {
        return Err(Problem::invalid("anchor", format!("has 1 to {LONGEST_NAME} characters")));
    }
    let told = match (asked.text, asked.form) {
        (Some(text), None) => {
            let read = match anchor {
                Some(anchor) => {
                    Thing::read_condition(&text, anchor).map(|it| SearchTold::of_condition(&it))
                }
                None => Search::read(&text).map(|it| SearchTold::of_search(&it)),
            };
            match read {
                Ok(told) => SearchTold { text, ..told },
                Err(ReadError::Beyond(it)) => {
                    let beyond = BeyondForm { why: it.why, line: it.line, column: it.column };
                    SearchTold { text, form: None, count: None, paths: None, beyond: Some(beyond) }
                }
                Err(ReadError::Wrong(error)) => {
                    let length = error.span.text(&text).chars().count() as u64;
                    let at = (error.line.into(), error.column.into());
                    return Err(wrong_at("text", error.to_string(), Some(at), Some(length)));
                }
            }
        }
        (None, Some(form)) => match anchor {
            Some(anchor) => {
                let variable = anchor.to_owned();
                SearchTold::of_condition(&Thing { variable, ..form.into_thing() })
            }
            None => SearchTold::of_search(&form.into()),
        },
        _ => return Err(Problem::invalid("text", "is to be given, or `form`, and not both")),
    };
    Ok(axum::Json(told).into_response())
}

/// About what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VocabularyAsked {
    /// Things with one of these labels; without any, only the labels are told.
    #[serde(default)]
    #[param(max_items = 20)]
    label: Vec<String>,
}

/// Lists labels with the number of things that have them, and what things of some labels hold and are connected with.
/// Values and connections are those of a sample.
#[utoipa::path(
    get,
    path = "/query/vocabulary",
    tag = "estate",
    params(VocabularyAsked),
    extensions(("x-operation" = json!("query.run"))),
    responses((status = 200, description = "What there is", body = Vocabulary), Problems)
)]
pub(super) async fn show_vocabulary(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<VocabularyAsked>,
) -> Result<Response, Problem> {
    if asked.label.len() > 20 {
        return Err(Problem::invalid("label", "holds at most 20"));
    }
    let (turn, now) = (api.turn_to_ask().await?, api.now());
    api.read(&caller, move |view, sight| {
        let _turn = turn;
        if *sight != view::Sight::Everything {
            let detail = "what queries see crosses scopes: it takes a role on the whole tenant";
            return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
        }
        Ok(axum::Json(Vocabulary::of(view, &asked.label, now)).into_response())
    })
    .await
}
