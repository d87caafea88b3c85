//! Texts that repeat, by number.

use std::sync::Arc;

use hashbrown::HashMap;

/// Distinct texts in the order in which they came. Clones are for few changes on small tables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    list: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Names {
    /// The number of a text, which is added when it is new.
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.find(text) {
            return number;
        }
        let number = self.list.len() as u32;
        let text: Arc<str> = text.into();
        self.list.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a number; empty when there is none.
    pub(crate) fn name(&self, number: u32) -> &str {
        self.list.get(number as usize).map_or("", |it| it)
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Which of the texts `wanted` names, by number; `None` when it names nothing at all.
    pub(crate) fn wanted(&self, wanted: &[String]) -> Option<Vec<bool>> {
        if wanted.is_empty() {
            return None;
        }
        let mut is_wanted = vec![false; self.len()];
        for number in wanted.iter().filter_map(|it| self.find(it)) {
            if let Some(place) = is_wanted.get_mut(number as usize) {
                *place = true;
            }
        }
        Some(is_wanted)
    }
}

/// What lines refer to by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub(crate) kinds: Names,
    pub(crate) clouds: Names,
    pub(crate) regions: Names,
    pub(crate) tag_keys: Names,
    /// Sets of tag keys, sorted by number.
    sets: Vec<Arc<[u32]>>,
    set_numbers: HashMap<Arc<[u32]>, u32>,
}

impl Tables {
    /// The number of a set of tag keys, which are in no order.
    pub(crate) fn tag_set(this: &mut Arc<Self>, mut keys: Vec<u32>) -> u32 {
        keys.sort_unstable();
        if let Some(number) = this.set_numbers.get(keys.as_slice()) {
            return *number;
        }
        let this = Arc::make_mut(this);
        let (number, keys): (_, Arc<[u32]>) = (this.sets.len() as u32, keys.into());
        this.sets.push(Arc::clone(&keys));
        this.set_numbers.insert(keys, number);
        number
    }

    /// The number of a text in one of the tables, which is copied only when the text is new.
    pub(crate) fn number(
        this: &mut Arc<Self>,
        table: impl Fn(&Self) -> &Names,
        table_mut: impl Fn(&mut Self) -> &mut Names,
        text: &str,
    ) -> u32 {
        match table(this).find(text) {
            Some(number) => number,
            None => table_mut(Arc::make_mut(this)).number(text),
        }
    }

    /// All sets of tag keys, by number.
    pub(crate) fn tag_sets(&self) -> &[Arc<[u32]>] {
        &self.sets
    }
}
