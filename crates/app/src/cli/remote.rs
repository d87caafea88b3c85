//! Arguments of the commands that only a server answers: list, api, login.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::RowFormat;
use crate::remote::ServerOptions;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list.
    pub(crate) what: What,
    /// Only those with this; may be repeated: any parameter of the list, such as `state=unhealthy` or `q=WORDS`.
    #[arg(long = "where", short = 'w', value_name = "NAME=VALUE")]
    pub(crate) filters: Vec<String>,
    /// At most so many; all of them when it is left out.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) first: Option<usize>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
    /// Form of the list; JSON and lines have every field.
    #[arg(long, short, value_enum, default_value_t = RowFormat::Table)]
    pub(crate) format: RowFormat,
}

/// What a server lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Resources (where: q, kind, cloud, scope, region, tag, state, severity, check, exempt, sort, reverse).
    Resources,
    /// Assessments (where: q, check, resource, verdict, severity, scope, cloud, kind, exempt, sort, reverse).
    Assessments,
    /// Recommendations (where: q, severity, cloud, control, category, state, standard, scope, sort, reverse).
    Recommendations,
    /// Attack paths over time (where: q, status, risk, entry, target, kind, from, to, foundSince, resolvedSince, reverse).
    PathHistory,
    /// Scopes: subscriptions, accounts, projects, clusters and what is above and in them.
    Scopes,
    /// Standards with how many requirements are in which state.
    Standards,
    /// Checks of the content.
    Checks,
    /// Controls of the content.
    Controls,
    /// Accounts.
    Users,
    /// Groups.
    Groups,
    /// Who has which role where.
    Grants,
    /// Tokens.
    Tokens,
    /// Settings that people change while the server runs.
    Settings,
}

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// GET, POST, PUT, PATCH or DELETE.
    pub(crate) method: String,
    /// Path and parameters, such as `/users` or `/resources?q=ledger`: see the OpenAPI document.
    pub(crate) path: String,
    /// Body in JSON; `-` reads it from standard input, `@FILE` from a file.
    #[arg(long, short, value_name = "JSON")]
    pub(crate) data: Option<String>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Its address, such as `https://merlon.example`.
    pub(crate) server: String,
    /// File with the token; standard input when it is left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// File with certificates (PEM) of a private authority that the server is known by.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}
