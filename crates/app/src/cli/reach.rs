//! What `merlon reach` takes.

use clap::Args;

use super::{Import, Shape};

#[derive(Debug, Args)]
pub(crate) struct Reach {
    #[command(flatten)]
    pub(crate) import: Import,
    /// From where: an id, a name, or `internet`; the internet when absent.
    #[arg(long, value_name = "ID")]
    pub(crate) from: Option<String>,
    /// To what: an id or a name; then the answer is proved by a packet and every rule that it passes.
    #[arg(long, value_name = "ID")]
    pub(crate) to: Option<String>,
    /// Only what arrives at this port.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Public addresses that the organisation trusts, as a prefix or range; several times for several.
    #[arg(long, value_name = "CIDR")]
    pub(crate) trusted: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(crate) format: Shape,
}
