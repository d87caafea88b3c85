//! The same of a server.

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::own_check::Deed;
use crate::remote::{Server, array, number, renamed, text};

pub(super) async fn list(server: &Server) -> anyhow::Result<Vec<Json>> {
    let fields = ["id", "state", "latest", "published", "actor", "at"].map(|it| (it, it));
    let items = server.items(&["checks"], &[], usize::MAX).await?;
    Ok(items.iter().map(|it| renamed(it, &fields)).collect())
}

pub(super) async fn shown(
    server: &Server,
    id: &str,
    version: Option<u64>,
) -> anyhow::Result<String> {
    let found = match version {
        None => server.get(&["checks", id], &[]).await?,
        Some(it) => server.get(&["checks", id, "versions", &it.to_string()], &[]).await?,
    };
    Ok(text(&found, "text").to_owned())
}

pub(super) async fn validated(server: &Server, text: &str, cases: &str) -> anyhow::Result<Json> {
    server.post(&["checks", "validate"], &json!({ "text": text, "cases": cases })).await
}

pub(super) async fn add(
    server: &Server,
    text_: &str,
    cases: &str,
) -> anyhow::Result<(String, u64)> {
    let body = json!({ "text": text_, "cases": cases });
    let read = validated(server, text_, cases).await?;
    let id = read.pointer("/check/id").and_then(Json::as_str).map(str::to_owned);
    let known = match &id {
        Some(id) => server.find(&["checks", id], &[]).await?.is_some(),
        // What is wrong with it, the server says when it is to be kept.
        None => false,
    };
    let kept = match &id {
        Some(id) if known => server.change(Method::PUT, &["checks", id], Some(&body)).await?,
        _ => server.post(&["checks"], &body).await?,
    };
    Ok((text(&kept, "id").to_owned(), number(&kept, "latest")))
}

pub(super) async fn tried(server: &Server, text_: &str) -> anyhow::Result<Json> {
    let found = server.post(&["checks", "dry-run"], &json!({ "text": text_ })).await?;
    let fields = ["resource", "name", "before", "why"].map(|it| (it, it));
    let lines =
        |name: &str| array(&found, name).iter().map(|it| renamed(it, &fields)).collect::<Vec<_>>();
    let counts = ["healthy", "unhealthy", "unknown", "notApplicable"].map(|it| (it, it));
    Ok(json!({
        "check": text(&found, "check"),
        "counts": renamed(&found, &counts),
        "left": number(&found, "left"),
        "changed": number(&found, "changed"),
        "unhealthy": lines("unhealthyResources"),
        "unknown": lines("unknownResources"),
    }))
}

/// Asks for a deed; publishing, where none is named. Gives what came of it, or its job.
pub(super) async fn act(
    server: &Server,
    id: &str,
    version: Option<u64>,
    deed: Option<Deed>,
) -> anyhow::Result<Json> {
    match deed {
        None | Some(Deed::Publish(_)) => {
            let body = version.map_or_else(|| json!({}), |it| json!({ "version": it }));
            server.post(&["checks", id, "publish"], &body).await
        }
        Some(Deed::Disable) => server.post(&["checks", id, "disable"], &json!({})).await,
        Some(Deed::Delete) => server.change(Method::DELETE, &["checks", id], None).await,
    }
}

pub(super) async fn versions(server: &Server, id: &str) -> anyhow::Result<Vec<Json>> {
    let found = server.get(&["checks", id, "versions"], &[]).await?;
    let mut rows = array(&found, "items").to_vec();
    rows.reverse();
    Ok(rows)
}

pub(super) async fn compared(
    server: &Server,
    id: &str,
    (from, to): (u64, u64),
) -> anyhow::Result<Vec<Json>> {
    let (from, to) = (from.to_string(), to.to_string());
    let query = [("from", from.as_str()), ("to", to.as_str())];
    let found = server.get(&["checks", id, "compare"], &query).await?;
    let lines = found.get("lines").and_then(Json::as_array);
    Ok(lines.context("the server did not say what differs")?.clone())
}
