//! The checks of the content by the number that assessments carry.

use std::sync::Arc;

use content::{Check, Library, Status};
use hashbrown::HashMap;
use model::Severity;
use posture::{Assessor, Catalogue, CheckNumber};

/// The severities, the worst first: the order of all that is counted by severity.
pub(crate) const SEVERITIES: [Severity; 4] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// The place of a severity in [`SEVERITIES`].
pub(crate) fn severity_index(severity: Severity) -> usize {
    match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
    }
}

/// One check.
#[derive(Debug, Clone)]
pub(crate) struct CheckFacts {
    pub(crate) check: Arc<Check>,
    /// Its place in the order of severity and id, the worst first.
    pub(crate) order: u32,
    /// The number of its control among those of the library, where it counts in scores.
    pub(crate) control: Option<u32>,
}

impl CheckFacts {
    /// Whether it counts in scores: not before it is stable.
    pub(crate) fn is_scored(&self) -> bool {
        self.check.status == Status::Stable
    }
}

/// All checks.
#[derive(Debug)]
pub(crate) struct Checks {
    by_number: Vec<Option<CheckFacts>>,
    numbers: HashMap<Box<str>, u32>,
    /// Numbers by severity and id.
    order: Vec<u32>,
    pub(crate) fingerprint: u64,
}

impl Checks {
    pub(crate) fn new(library: &Library, assessor: &Assessor, numbers: &Catalogue) -> Self {
        let controls: HashMap<&str, u32> =
            library.controls().zip(0..).map(|(it, number)| (it.id.as_str(), number)).collect();
        let known: HashMap<&str, &Arc<Check>> =
            assessor.checks().iter().map(|it| (it.check.id.as_str(), &it.check)).collect();
        let mut checks = Self {
            by_number: vec![None; numbers.entries().len()],
            numbers: HashMap::new(),
            order: Vec::new(),
            fingerprint: numbers.fingerprint(),
        };
        for ((number, entry), place) in
            (0..).zip(numbers.entries()).zip(checks.by_number.iter_mut())
        {
            let Some(check) = known.get(&*entry.id).copied() else { continue };
            let is_scored = check.status == Status::Stable;
            let control = controls.get(check.control.as_str()).copied().filter(|_| is_scored);
            *place = Some(CheckFacts { check: Arc::clone(check), order: 0, control });
            checks.numbers.insert(check.id.as_str().into(), number);
            checks.order.push(number);
        }
        let by_number = &mut checks.by_number;
        let key = |number: &u32| {
            let it = by_number.get(*number as usize).and_then(Option::as_ref);
            it.map(|it| (severity_index(it.check.severity), it.check.id.as_str()))
        };
        checks.order.sort_by(|a, b| key(a).cmp(&key(b)));
        for (order, number) in (0..).zip(&checks.order) {
            if let Some(Some(place)) = by_number.get_mut(*number as usize) {
                place.order = order;
            }
        }
        checks
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&CheckFacts> {
        self.by_number.get(number as usize)?.as_ref()
    }

    pub(crate) fn find(&self, id: &str) -> Option<(CheckNumber, &CheckFacts)> {
        let number = *self.numbers.get(id)?;
        Some((CheckNumber(number), self.get(number)?))
    }

    /// One more than the highest number.
    pub(crate) fn bound(&self) -> usize {
        self.by_number.len()
    }

    /// By severity and id, with their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &CheckFacts)> {
        self.order.iter().filter_map(|number| Some((*number, self.get(*number)?)))
    }

    /// The check at a place of the order.
    pub(crate) fn at_order(&self, order: u64) -> Option<CheckNumber> {
        self.order.get(usize::try_from(order).ok()?).copied().map(CheckNumber)
    }

    /// Twice the place in the order that a check of this severity and id has, one more when it is there.
    pub(crate) fn order_of(&self, severity: usize, id: &str) -> u64 {
        let key = |number: &u32| {
            self.get(*number).map(|it| (severity_index(it.check.severity), it.check.id.as_str()))
        };
        match self.order.binary_search_by(|it| key(it).cmp(&Some((severity, id)))) {
            Ok(at) => 2 * at as u64 + 1,
            Err(at) => 2 * at as u64,
        }
    }

    /// The cloud that a check is about: that of its first kind.
    pub(crate) fn cloud(check: &Check) -> &str {
        let kind = check.all_kinds().next().unwrap_or(&check.id);
        kind.split('.').next().unwrap_or_default()
    }

    /// What a check is about within its cloud: the second word of its id.
    pub(crate) fn category(check: &Check) -> &str {
        check.id.split('.').nth(1).unwrap_or_default()
    }
}
