//! `merlon list` and `merlon api`: what only a server has, in the forms of a query result.

use std::io::{Read as _, Write};

use anyhow::{Context as _, ensure};
use serde_json::Value as Json;

use crate::cli::RowFormat;
use crate::cli::remote::{List, Request, What};
use crate::remote::{Server, ServerOptions, anything};
use crate::{config, kept, rows};

/// Columns of a table, with JSON pointers into an item.
type Columns = &'static [(&'static str, &'static str)];

const PATH_HISTORY: Columns = &[
    ("status", "/status"),
    ("risk", "/risk"),
    ("entry", "/entry/name"),
    ("target", "/target/name"),
    ("found", "/found/at"),
    ("resolved", "/resolved/at"),
    ("id", "/target/id"),
];

impl What {
    /// The path of the list.
    fn path(self) -> &'static [&'static str] {
        match self {
            Self::Resources => &["resources"],
            Self::Assessments => &["assessments"],
            Self::Recommendations => &["recommendations"],
            Self::PathHistory => &["attack-paths", "history"],
            Self::Scopes => &["scopes"],
            Self::Standards => &["standards"],
            Self::Checks => &["content", "checks"],
            Self::Controls => &["controls"],
            Self::Users => &["users"],
            Self::Groups => &["groups"],
            Self::Grants => &["grants"],
            Self::Tokens => &["tokens"],
            Self::Settings => &["settings"],
        }
    }

    /// What a table shows.
    fn columns(self) -> Columns {
        match self {
            Self::Resources => &[
                ("name", "/name"),
                ("kind", "/kind"),
                ("state", "/state"),
                ("critical", "/open/critical"),
                ("high", "/open/high"),
                ("scope", "/scope"),
                ("id", "/id"),
            ],
            Self::Assessments => &[
                ("severity", "/severity"),
                ("verdict", "/verdict"),
                ("check", "/check"),
                ("resource", "/resource/name"),
                ("since", "/since"),
                ("id", "/resource/id"),
            ],
            Self::Recommendations => &[
                ("severity", "/severity"),
                ("unhealthy", "/counted/unhealthy"),
                ("unknown", "/counted/unknown"),
                ("gain", "/gain"),
                ("check", "/id"),
                ("title", "/title"),
            ],
            Self::PathHistory => PATH_HISTORY,
            Self::Scopes => &[
                ("name", "/name"),
                ("kind", "/kind"),
                ("resources", "/resources"),
                ("unhealthy", "/unhealthy"),
                ("percent", "/score/percent"),
                ("id", "/id"),
            ],
            Self::Standards => &[
                ("standard", "/id"),
                ("passed", "/passed"),
                ("failed", "/failed"),
                ("unknown", "/unknown"),
                ("notAssessed", "/notAssessed"),
                ("manual", "/manual"),
                ("title", "/title"),
            ],
            Self::Checks => &[("severity", "/severity"), ("check", "/id"), ("title", "/title")],
            Self::Controls => &[("points", "/points"), ("control", "/id"), ("title", "/title")],
            Self::Users => &[
                ("number", "/number"),
                ("name", "/name"),
                ("displayName", "/displayName"),
                ("kind", "/kind"),
                ("active", "/active"),
                ("signedIn", "/signedIn"),
            ],
            Self::Groups => &[("number", "/number"), ("name", "/name"), ("claim", "/claim")],
            Self::Grants => &[
                ("number", "/number"),
                ("role", "/role"),
                ("account", "/account"),
                ("group", "/group"),
                ("scope", "/scope"),
            ],
            Self::Tokens => &[
                ("number", "/number"),
                ("account", "/account"),
                ("name", "/name"),
                ("role", "/role"),
                ("scope", "/scope"),
                ("expires", "/expires"),
                ("used", "/used"),
            ],
            Self::Settings => &[("name", "/name"), ("value", "/value"), ("default", "/default")],
        }
    }
}

pub(crate) fn list(arguments: &List, out: &mut dyn Write) -> anyhow::Result<u8> {
    let server = must_be_named(&arguments.server)?;
    let mut query = Vec::new();
    for filter in &arguments.filters {
        let pair =
            filter.split_once('=').with_context(|| format!("`{filter}` is not `name=value`"))?;
        query.push(pair);
    }
    let most = arguments.first.unwrap_or(usize::MAX);
    let limit = most.clamp(1, 1000).to_string();
    let is_paged = !matches!(
        arguments.what,
        What::Scopes | What::Standards | What::Checks | What::Controls | What::Settings
    );
    if is_paged {
        query.push(("limit", &limit));
    }
    let mut items = kept::run(async { server.items(arguments.what.path(), &query, most).await })?;
    items.truncate(most);
    match arguments.format {
        RowFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &items)?;
            writeln!(out)?;
        }
        RowFormat::Ndjson => {
            for item in &items {
                writeln!(out, "{item}")?;
            }
        }
        RowFormat::Table | RowFormat::Csv => {
            let columns = arguments.what.columns();
            let names: Vec<String> = columns.iter().map(|it| it.0.to_owned()).collect();
            let cell = |item: &Json, at: &str| match item.pointer(at).cloned().unwrap_or_default() {
                Json::Null => Json::String(String::new()),
                value => value,
            };
            let row = |item: &Json| columns.iter().map(|it| cell(item, it.1)).collect();
            rows::write(&names, items.iter().map(row).collect(), arguments.format, out)?;
        }
    }
    Ok(0)
}

pub(crate) fn request(arguments: &Request, out: &mut dyn Write) -> anyhow::Result<u8> {
    let server = must_be_named(&arguments.server)?;
    let body = arguments.data.as_deref().map(body_of).transpose()?;
    let (method, path) = (&arguments.method, &arguments.path);
    let answer = kept::run(async { anything(&server, method, path, body.as_ref()).await })?;
    if !answer.is_null() {
        serde_json::to_writer_pretty(&mut *out, &answer)?;
        writeln!(out)?;
    }
    Ok(0)
}

fn body_of(data: &str) -> anyhow::Result<Json> {
    let text = match data.strip_prefix('@') {
        Some(path) => {
            let path = std::path::Path::new(path);
            std::fs::read_to_string(path).map_err(|error| config::unreadable(path, &error))?
        }
        None if data == "-" => {
            let mut text = String::new();
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.context("standard input cannot be read")?;
            text
        }
        None => data.to_owned(),
    };
    serde_json::from_str(&text).context("the body is no JSON")
}

fn must_be_named(options: &ServerOptions) -> anyhow::Result<Server> {
    let server = Server::named(options)?;
    ensure!(server.is_some(), "this is asked of a server: name it with `--server`");
    server.context("there is no server")
}
