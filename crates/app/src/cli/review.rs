//! Arguments of `merlon review`: decisions on assets that may be critical.

use clap::{Args, Subcommand, ValueEnum};

use super::RowFormat;
use crate::remote::Somewhere;

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// List the assets that wait for a decision, or those that were decided on.
    List {
        /// Those that were decided on, with the reason, by whom and when.
        #[arg(long)]
        decided: bool,
        #[command(flatten)]
        place: Somewhere,
        /// Form of the result.
        #[arg(long, short, value_enum, default_value_t = RowFormat::Table)]
        format: RowFormat,
    },
    /// Decide that assets are critical.
    Critical {
        #[command(flatten)]
        assets: Assets,
        /// Their level [default: that of the classification].
        #[arg(long, value_enum)]
        level: Option<Level>,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Decide that assets are not critical: they leave the list.
    NotCritical {
        #[command(flatten)]
        assets: Assets,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Take back what was decided: the assets wait for a decision again.
    Undo {
        #[command(flatten)]
        assets: Assets,
        #[command(flatten)]
        place: Somewhere,
    },
}

impl ReviewCommand {
    /// Where to ask.
    pub(crate) fn place(&self) -> &Somewhere {
        match self {
            Self::List { place, .. }
            | Self::Critical { place, .. }
            | Self::NotCritical { place, .. }
            | Self::Undo { place, .. } => place,
        }
    }
}

/// Which assets, and about which classifications.
#[derive(Debug, Args)]
pub(crate) struct Assets {
    /// Ids of assets.
    #[arg(required = true, value_name = "ID")]
    pub(crate) assets: Vec<String>,
    /// Decide on this classification only, by id; several times for several.
    #[arg(long, value_name = "ID")]
    pub(crate) classification: Vec<String>,
}

/// Levels of critical assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Whoever has it has the business.
    VeryHigh,
    /// Its loss stops something that customers see.
    High,
    /// Its loss hurts a team for a time.
    Medium,
    /// Worth more than others of its kind.
    Low,
}
