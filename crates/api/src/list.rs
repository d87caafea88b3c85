//! What every list of the view has in common: a page as JSON, or the whole as a stream.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use view::{Facet, Listed, Sight, View};

use crate::cursor;
use crate::export::{self, Form, SHARE};
use crate::problem::Problem;

/// One page of a list of the view.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Faceted<T> {
    /// The items, in the order that was asked for.
    pub(crate) items: Vec<T>,
    /// The `cursor` of the next page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// How many items there are on all pages.
    pub(crate) total: u64,
    /// The number of the newest commit that this shows.
    pub(crate) as_of: u64,
    /// How the list falls apart by each property, each counted with all filters but its own.
    pub(crate) facets: Vec<FacetCounts>,
}

/// How a list falls apart by one property.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetCounts {
    /// The property, as the parameter is called.
    name: &'static str,
    /// Its most frequent values.
    values: Vec<ValueCount>,
    /// How many further values there are.
    more: u64,
}

/// How many items have a value.
#[derive(Debug, Serialize, ToSchema)]
struct ValueCount {
    value: String,
    count: u64,
}

impl From<Facet> for FacetCounts {
    fn from(facet: Facet) -> Self {
        let value = |it: view::FacetValue| ValueCount { value: it.value, count: it.count };
        let values = facet.values.into_iter().map(value).collect();
        Self { name: facet.name, values, more: facet.more }
    }
}

/// What a list is made of, and how an item is shown.
pub(crate) trait List: Send + 'static {
    /// An item of the view.
    type Item<'v>;
    /// An item as it is written.
    type Shown<'v>: Serialize;

    /// Columns of the table, with JSON pointers into an item.
    const COLUMNS: &'static [(&'static str, &'static str)];

    /// A page of the list.
    fn page<'v>(&self, view: &'v View, sight: &Sight, page: &view::Page) -> Listed<Self::Item<'v>>;

    /// An item as it is written.
    fn shown<'v>(&self, view: &'v View, item: Self::Item<'v>) -> Self::Shown<'v>;
}

/// Which page, in which direction and form.
#[derive(Debug)]
pub(crate) struct Asked {
    page: view::Page,
    form: Form,
}

impl Asked {
    /// What the parameters and `Accept` ask for.
    pub(crate) fn new(
        limit: Option<u32>,
        cursor: Option<&str>,
        is_reversed: bool,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let limit = crate::page::limit(limit)?;
        let after = cursor.map(cursor::read).transpose()?;
        Ok(Self { page: view::Page { limit, after, is_reversed }, form: Form::of(headers) })
    }
}

/// Answers with a page or a stream of `list`.
pub(crate) fn answer<L: List>(list: L, view: &Arc<View>, sight: &Sight, asked: Asked) -> Response {
    if asked.form == Form::Page {
        let Listed { items, total, next, facets } = list.page(view, sight, &asked.page);
        let page = Faceted {
            items: items.into_iter().map(|it| list.shown(view, it)).collect::<Vec<_>>(),
            next: next.map(|it| cursor::write(&it)),
            total,
            as_of: view.sequence(),
            facets: facets.into_iter().map(FacetCounts::from).collect(),
        };
        return axum::Json(page).into_response();
    }
    let (view, sight) = (Arc::clone(view), sight.clone());
    let mut page = Some(view::Page { limit: SHARE, ..asked.page });
    let next = move || {
        let Some(asked) = page.take() else { return Vec::new() };
        let Listed { items, next, .. } = list.page(&view, &sight, &asked);
        page = next.map(|it| view::Page { after: Some(it), ..asked });
        let shown = items.into_iter().map(|it| list.shown(&view, it));
        shown.map(|it| serde_json::to_value(&it).unwrap_or_default()).collect()
    };
    export::stream(asked.form, L::COLUMNS, Box::new(next))
}
