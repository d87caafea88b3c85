//! Counts of a list by the values of its properties.

use serde::Serialize;

/// Values of a facet that are given; the others are counted as `more`.
const MAX_VALUES: usize = 200;

/// How a list falls apart by one property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facet {
    /// The property, as the filter is called.
    pub name: &'static str,
    /// The most frequent values, at most 200.
    pub values: Vec<FacetValue>,
    /// How many further values there are.
    pub more: u64,
}

/// How many items have a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FacetValue {
    /// The value, as the filter takes it.
    pub value: String,
    /// Items with it.
    pub count: u64,
}

impl Facet {
    /// A facet of counts by value, the most frequent first; values without items are left out.
    pub fn new<'n>(name: &'static str, counts: impl Iterator<Item = (&'n str, u64)>) -> Self {
        let mut found: Vec<(&str, u64)> = counts.filter(|(_, n)| *n > 0).collect();
        found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let more = found.len().saturating_sub(MAX_VALUES) as u64;
        found.truncate(MAX_VALUES);
        let value =
            |(value, count): &(&str, u64)| FacetValue { value: (*value).into(), count: *count };
        Self { name, values: found.iter().map(value).collect(), more }
    }
}

/// Counts by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts(Vec<u64>);

impl Counts {
    pub(crate) fn of(n: usize) -> Self {
        Self(vec![0; n])
    }

    #[inline]
    pub(crate) fn add(&mut self, at: usize, n: u64) {
        if let Some(place) = self.0.get_mut(at) {
            *place += n;
        }
    }

    pub(crate) fn all(&self) -> &[u64] {
        &self.0
    }

    /// With the names of the numbers.
    pub(crate) fn named<'n>(
        &'n self,
        name: impl Fn(u32) -> &'n str + 'n,
    ) -> impl Iterator<Item = (&'n str, u64)> {
        (0..).zip(&self.0).map(move |(number, n)| (name(number), *n))
    }
}
