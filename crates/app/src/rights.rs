//! Effective access of what was read: resources and the tables of the content put together.

#[cfg(test)]
mod clouds;
#[cfg(test)]
pub(crate) mod labels;

use access::{Access, Facts};
use anyhow::Context as _;
use content::Library;
use jiff::Timestamp;
use model::{Keys, Resource};

/// Who may do what among these resources.
///
/// # Errors
/// A table of the content is not what it should be.
pub(crate) fn access(
    library: &Library,
    resources: &[Resource],
    keys: &Keys,
    now: Timestamp,
) -> anyhow::Result<Access> {
    let mut facts = Facts::default();
    for file in library.other_files() {
        facts
            .add(&file.path, &file.bytes)
            .with_context(|| format!("`{}` is no table of access", file.path))?;
    }
    let mut access = Access::new(keys, facts, now);
    access.update(resources.iter(), std::iter::empty());
    Ok(access)
}
