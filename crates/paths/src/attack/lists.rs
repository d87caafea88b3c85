//! Lists of numbers, one behind the other in memory.

/// Lists by number, to which lists can be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { starts: vec![0], items: Vec::new() }
    }
}

impl Lists {
    pub(super) fn push(&mut self, items: &[u32]) {
        self.items.extend_from_slice(items);
        self.starts.push(self.items.len() as u32);
    }

    /// Makes room for so many more lists, of as many numbers as those that are there have.
    pub(super) fn make_room(&mut self, n: usize) {
        let n_lists = self.starts.len().max(1);
        self.starts.reserve_exact(n);
        self.items.reserve_exact(n * self.items.len().div_ceil(n_lists));
    }

    /// Empty where there is no such list.
    pub(super) fn get(&self, number: usize) -> &[u32] {
        let from = self.starts.get(number).copied().unwrap_or_default() as usize;
        let to = self.starts.get(number + 1).copied().unwrap_or_default() as usize;
        self.items.get(from..to).unwrap_or_default()
    }

    /// These lists in another order.
    pub(super) fn picked(&self, order: &[u32]) -> Self {
        let mut picked = Self::default();
        picked.items.reserve_exact(self.items.len());
        picked.starts.reserve_exact(order.len());
        for number in order {
            picked.push(self.get(*number as usize));
        }
        picked
    }
}

/// Numbers by a place below `n`: those of the same place side by side, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByPlace {
    /// Where each place begins; one more than there are places.
    pub(crate) first: Vec<u32>,
    /// The numbers.
    pub(crate) order: Vec<u32>,
}

impl ByPlace {
    /// Puts pairs of a place and a number together; places are below `n`.
    pub(crate) fn of(n: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut first = vec![0_u32; n + 1];
        for (place, _) in pairs.clone() {
            if let Some(count) = first.get_mut(place as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let (mut next, mut order) = (first.clone(), vec![0_u32; sum as usize]);
        for (place, number) in pairs {
            let Some(at) = next.get_mut(place as usize) else { continue };
            if let Some(slot) = order.get_mut(*at as usize) {
                *slot = number;
            }
            *at += 1;
        }
        Self { first, order }
    }

    /// Where the numbers of a place stand.
    pub(crate) fn range(&self, place: u32) -> std::ops::Range<usize> {
        let from = self.first.get(place as usize).copied().unwrap_or_default();
        let to = self.first.get(place as usize + 1).copied().unwrap_or(from);
        from as usize..to as usize
    }

    /// All places with their numbers.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let n_places = self.first.len().saturating_sub(1) as u32;
        (0..n_places).flat_map(|place| self.get(place).iter().map(move |it| (place, *it)))
    }

    /// The numbers of a place.
    pub(crate) fn get(&self, place: u32) -> &[u32] {
        self.order.get(self.range(place)).unwrap_or_default()
    }
}

/// Numbers by a place, one after the other: those that came after the places were laid out.
#[derive(Debug, Clone, Default)]
pub(super) struct Chains {
    /// The last that came for each place, as an index into `links`.
    last: Vec<u32>,
    links: Vec<(u32, u32)>,
}

/// No link.
const END: u32 = u32::MAX;

impl Chains {
    /// Makes room for places below `n`.
    pub(super) fn hold(&mut self, n: u32) {
        if self.last.len() < n as usize {
            self.last.resize(n as usize, END);
        }
    }

    pub(super) fn push(&mut self, place: u32, number: u32) {
        self.hold(place + 1);
        if let Some(last) = self.last.get_mut(place as usize) {
            let link = self.links.len() as u32;
            self.links.push((number, *last));
            *last = link;
        }
    }

    /// Where the numbers of a place begin, for [`Self::at`].
    pub(super) fn start(&self, place: u32) -> u32 {
        self.last.get(place as usize).copied().unwrap_or(END)
    }

    /// A number, and where the next of the same place is; `None` behind the last.
    pub(super) fn at(&self, link: u32) -> Option<(u32, u32)> {
        self.links.get(link as usize).copied()
    }

    /// The numbers of a place, the last first.
    pub(super) fn get(&self, place: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.start(place);
        std::iter::from_fn(move || {
            let (number, next) = self.at(at)?;
            at = next;
            Some(number)
        })
    }
}
