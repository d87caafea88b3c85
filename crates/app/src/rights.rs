//! Effective access, held against labels of others and against what real services wrote.

mod clouds;
pub(crate) mod labels;
