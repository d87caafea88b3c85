//! `merlon access`: its options.

use clap::Args;

use super::{Import, Shape};

#[derive(Debug, Args)]
pub(crate) struct Access {
    #[command(flatten)]
    pub(crate) import: Import,
    /// Who: the id of an identity, a name that only one has, `*` for anybody, a service such as
    /// `lambda.amazonaws.com`. Everybody who may when absent.
    #[arg(long, value_name = "ID", required_unless_present = "what")]
    pub(crate) who: Option<String>,
    /// What it is done to: the id of a resource, a name that only one has, an id with `*`. Everything
    /// that was read when absent.
    #[arg(long, value_name = "ID")]
    pub(crate) what: Option<String>,
    /// What is done, in the words of the cloud: `s3:GetObject`. What tells most about that kind of
    /// resource when absent.
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// What is known of the request: a condition key and its value; several times for several.
    #[arg(long = "context", value_name = "KEY=VALUE")]
    pub(crate) context: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(crate) format: Shape,
}
