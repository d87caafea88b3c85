//! The form that reading gives, from any form.

use hashbrown::HashSet;

use super::{Connection, Elements, Group, Item, Presence, Test, TestOp, Thing};

/// `thing` in normal form. Things can be joined to it and shown when `has_pattern`.
pub(super) fn thing(thing: &Thing, has_pattern: bool) -> Thing {
    let place = Place { can_show: has_pattern, can_join: has_pattern, is_element: false };
    let mut normal = whole(thing, place);
    let mut names = Names::default();
    names.taken.insert(normal.variable.clone());
    if normal.variable.is_empty() {
        normal.variable = names.free("r");
    }
    names.name(&mut normal.items);
    normal
}

/// What may stand in a list of conditions.
#[derive(Clone, Copy)]
struct Place {
    can_show: bool,
    can_join: bool,
    /// It is about an element of a list, which has a value of its own and no connections.
    is_element: bool,
}

impl Place {
    /// Inside a group nothing is joined: only one of them may hold.
    fn apart(self) -> Self {
        Self { can_show: false, can_join: false, ..self }
    }
}

fn whole(thing: &Thing, place: Place) -> Thing {
    let items = list(&thing.items, false, place);
    let (joined, others): (Vec<_>, Vec<_>) = items.into_iter().partition(is_joined);
    Thing {
        variable: thing.variable.clone(),
        labels: thing.labels.clone(),
        items: others.into_iter().chain(joined).collect(),
    }
}

fn is_joined(item: &Item) -> bool {
    matches!(item, Item::Connection(it) if matches!(it.presence, Presence::Shown | Presence::Joined))
}

/// Items in normal form; groups of the same mode become part of the list.
fn list(items: &[Item], is_any: bool, place: Place) -> Vec<Item> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Test(it) => found.extend(test(it, place).map(Item::Test)),
            Item::Connection(_) if place.is_element => {}
            Item::Connection(it) => found.push(Item::Connection(connection(it, place))),
            Item::Elements(it) => {
                let inner = Place { is_element: true, ..place.apart() };
                let items = list(&it.items, false, inner);
                if !items.is_empty() && !it.path.is_empty() {
                    found.push(Item::Elements(Elements { items, ..it.clone() }));
                }
            }
            Item::Group(it) => {
                let mut items = list(&it.items, it.is_any, place.apart());
                if !it.not && (it.is_any == is_any || items.len() == 1) {
                    // A group of one may hold a group of the mode around it.
                    found.extend(splice(items, is_any));
                } else if items.len() > 1 {
                    found.push(Item::Group(Group { items, ..it.clone() }));
                } else if let Some(only) = items.pop() {
                    found.extend(splice(vec![negated(only)], is_any));
                }
            }
        }
    }
    found
}

/// The items, with those of groups that say the same as the list in their place.
fn splice(items: Vec<Item>, is_any: bool) -> Vec<Item> {
    items
        .into_iter()
        .flat_map(|item| match item {
            Item::Group(it) if !it.not && it.is_any == is_any => it.items,
            item => vec![item],
        })
        .collect()
}

/// The contrary of an item.
pub(super) fn negated(item: Item) -> Item {
    match item {
        Item::Test(it) => Item::Test(Test { not: !it.not, ..it }),
        Item::Group(it) => Item::Group(Group { not: !it.not, ..it }),
        Item::Elements(it) => Item::Elements(Elements { not: !it.not, ..it }),
        Item::Connection(it) => {
            let presence = match it.presence {
                Presence::Absent => Presence::Exists,
                Presence::Shown | Presence::Joined | Presence::Exists => Presence::Absent,
            };
            Item::Connection(Connection { presence, ..it })
        }
    }
}

/// A test with as many values as it takes; `None` when something is still to be filled in.
fn test(test: &Test, place: Place) -> Option<Test> {
    let n = match test.op {
        TestOp::IsNull | TestOp::IsNotNull => 0,
        TestOp::In => test.values.len(),
        _ => 1,
    };
    let is_filled = test.values.len() >= n && (place.is_element || !test.path.is_empty());
    let values = test.values.iter().take(n).cloned().collect();
    is_filled.then(|| Test { values, ..test.clone() })
}

fn connection(it: &Connection, place: Place) -> Connection {
    let presence = match it.presence {
        Presence::Shown if place.can_show => Presence::Shown,
        Presence::Joined if place.can_join => Presence::Joined,
        Presence::Absent => Presence::Absent,
        Presence::Shown | Presence::Joined | Presence::Exists => Presence::Exists,
    };
    let is_apart = matches!(presence, Presence::Exists | Presence::Absent);
    let can_show = place.can_show && !is_apart;
    let below = Place { can_show, can_join: true, is_element: false };
    Connection { presence, thing: whole(&it.thing, below), ..it.clone() }
}

/// Names for variables; no two are equal, since inside another condition a name that is known means the same thing.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
}

impl Names {
    fn name(&mut self, items: &mut [Item]) {
        for item in items {
            match item {
                Item::Test(_) => {}
                Item::Group(it) => self.name(&mut it.items),
                Item::Connection(it) => {
                    let wanted = word_of(it.thing.labels.first().map_or("other", String::as_str));
                    self.own(&mut it.thing.variable, &wanted);
                    self.name(&mut it.thing.items);
                }
                Item::Elements(it) => {
                    self.own(&mut it.variable, "it");
                    self.name(&mut it.items);
                }
            }
        }
    }

    fn own(&mut self, variable: &mut String, wanted: &str) {
        if variable.is_empty() || self.taken.contains(variable.as_str()) {
            let base = if variable.is_empty() { wanted } else { variable.as_str() };
            *variable = self.free(base);
        } else {
            self.taken.insert(variable.clone());
        }
    }

    /// `base`, or that with the first number that makes it new.
    fn free(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        let mut n = 2_u32;
        while name.is_empty() || !self.taken.insert(name.clone()) {
            name = format!("{base}{n}");
            n = n.saturating_add(1);
        }
        name
    }
}

/// The last word of a label: `role` of `AwsIamRole`.
fn word_of(label: &str) -> String {
    let start = label.rfind(char::is_uppercase).unwrap_or(0);
    let word = label.get(start..).unwrap_or_default();
    let is_plain = word.len() > 1 && word.chars().all(|it| it.is_ascii_alphanumeric());
    if is_plain { word.to_ascii_lowercase() } else { "other".to_owned() }
}
