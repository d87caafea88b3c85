//! Sets of packets: unions of boxes in five dimensions, with exact algebra.
//!
//! A packet has a source address and port, a destination address and port, and a protocol. A box
//! takes an interval of each. ICMP has no ports: type and code stand in the destination port as
//! `type * 256 + code`.

use crate::spans::{Span, Spans};

/// How many dimensions there are.
const N: usize = 5;

/// What of a packet is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The address that it comes from.
    From = 0,
    /// The port that it comes from.
    FromPort = 1,
    /// The address that it goes to.
    To = 2,
    /// The port that it goes to.
    ToPort = 3,
    /// The number of its protocol.
    Protocol = 4,
}

/// The highest port.
pub const LAST_PORT: u128 = 65_535;
/// The number of ICMP among protocols.
pub const ICMP: u128 = 1;
/// The number of TCP among protocols.
pub const TCP: u128 = 6;
/// The number of UDP among protocols.
pub const UDP: u128 = 17;
/// The number of ICMP for IPv6 among protocols.
pub const ICMP6: u128 = 58;

/// One packet, by the numbers of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point(pub(crate) [u128; N]);

impl Point {
    /// One field.
    pub fn get(&self, field: Field) -> u128 {
        self.0.get(field as usize).copied().unwrap_or_default()
    }

    /// This packet with another value in one field.
    #[must_use]
    pub fn with(mut self, field: Field, value: u128) -> Self {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = value;
        }
        self
    }
}

/// A box: an interval of each field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cube([Span; N]);

impl Cube {
    /// Every packet.
    pub const ALL: Self = Self([
        Span::ALL,
        Span { first: 0, last: LAST_PORT },
        Span::ALL,
        Span { first: 0, last: LAST_PORT },
        Span { first: 0, last: 255 },
    ]);

    /// This box with another interval of one field.
    #[must_use]
    pub fn with(mut self, field: Field, span: Span) -> Self {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = span;
        }
        self
    }

    /// The interval of one field.
    pub fn get(&self, field: Field) -> Span {
        self.0.get(field as usize).copied().unwrap_or(Span::ALL)
    }

    /// What both hold.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let mut both = *self;
        for (mine, others) in both.0.iter_mut().zip(&other.0) {
            *mine = mine.intersect(*others)?;
        }
        Some(both)
    }

    /// Whether `other` lies in it.
    fn covers(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, others)| mine.covers(*others))
    }

    fn contains(&self, point: &Point) -> bool {
        self.0.iter().zip(&point.0).all(|(span, number)| span.contains(*number))
    }

    /// What is left without `other`, as disjoint boxes: along each dimension in turn what lies below
    /// and above is cut off.
    fn subtract(&self, other: &Self, left: &mut Vec<Self>) {
        let Some(common) = self.intersect(other) else {
            left.push(*self);
            return;
        };
        let mut rest = *self;
        for at in 0..N {
            let (Some(place), Some(cut)) = (rest.0.get(at).copied(), common.0.get(at)) else {
                continue;
            };
            for side in place.around(*cut).into_iter().flatten() {
                let mut piece = rest;
                if let Some(it) = piece.0.get_mut(at) {
                    *it = side;
                }
                left.push(piece);
            }
            if let Some(it) = rest.0.get_mut(at) {
                *it = *cut;
            }
        }
    }

    fn swapped(self) -> Self {
        let [from, from_port, to, to_port, protocol] = self.0;
        Self([to, to_port, from, from_port, protocol])
    }
}

/// A set of packets. Its boxes may overlap.
#[derive(Debug, Clone, Default)]
pub struct PacketSet {
    cubes: Vec<Cube>,
}

impl PacketSet {
    /// Every packet.
    pub fn all() -> Self {
        Self { cubes: vec![Cube::ALL] }
    }

    /// What arrives at one port, whatever carries it.
    pub fn at_port(port: u16) -> Self {
        Cube::ALL.with(Field::ToPort, Span::one(u128::from(port))).into()
    }

    /// The boxes.
    pub fn cubes(&self) -> &[Cube] {
        &self.cubes
    }

    /// Whether no packet is in it.
    pub fn is_empty(&self) -> bool {
        self.cubes.is_empty()
    }

    /// Whether the packet is in it.
    pub fn contains(&self, point: &Point) -> bool {
        self.cubes.iter().any(|it| it.contains(point))
    }

    /// Adds a box.
    pub fn add(&mut self, cube: Cube) {
        if !self.cubes.iter().any(|it| it.covers(&cube)) {
            self.cubes.retain(|it| !cube.covers(it));
            self.cubes.push(cube);
        }
    }

    /// Adds all of `other`.
    pub fn add_all(&mut self, other: &Self) {
        for cube in &other.cubes {
            self.add(*cube);
        }
    }

    /// What any of both holds.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.add_all(other);
        self
    }

    /// What both hold.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for mine in &self.cubes {
            for others in &other.cubes {
                if let Some(cube) = mine.intersect(others) {
                    both.add(cube);
                }
            }
        }
        both
    }

    /// What this holds and `other` does not.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let mut left = self.cubes.clone();
        for cut in &other.cubes {
            let mut next = Vec::with_capacity(left.len());
            for cube in &left {
                cube.subtract(cut, &mut next);
            }
            left = next;
        }
        let mut found = Self::default();
        for cube in left {
            found.add(cube);
        }
        found
    }

    /// What this holds with `field` in `spans`.
    #[must_use]
    pub fn within(&self, field: Field, spans: &Spans) -> Self {
        if let [cube] = self.cubes.as_slice() {
            // Pieces of one box are disjoint: none holds another.
            let both = |it: &Span| Some(cube.with(field, cube.get(field).intersect(*it)?));
            return Self { cubes: spans.as_slice().iter().filter_map(both).collect() };
        }
        let mut found = Self::default();
        for cube in &self.cubes {
            for span in spans.as_slice() {
                if let Some(both) = cube.get(field).intersect(*span) {
                    found.add(cube.with(field, both));
                }
            }
        }
        found
    }

    /// This set with every value of `field` made `spans`.
    #[must_use]
    pub fn replaced(&self, field: Field, spans: &Spans) -> Self {
        let mut found = Self::default();
        for cube in &self.cubes {
            for span in spans.as_slice() {
                found.add(cube.with(field, *span));
            }
        }
        found
    }

    /// The answers to these packets: source and destination change places.
    #[must_use]
    pub fn answers(&self) -> Self {
        Self { cubes: self.cubes.iter().map(|it| it.swapped()).collect() }
    }

    /// The values that `field` takes.
    pub fn values(&self, field: Field) -> Spans {
        self.cubes.iter().map(|it| it.get(field)).collect()
    }

    /// A packet of it that is easy to understand: TCP rather than anything else, from a port that a
    /// client would choose, of the lowest addresses and ports; `None` when it is empty.
    pub fn example(&self) -> Option<Point> {
        let rank = |protocol: u128| match protocol {
            TCP => 0,
            UDP => 1,
            ICMP | ICMP6 => 2,
            _ => 3,
        };
        let prefer = |span: Span, wish: u128| if span.contains(wish) { wish } else { span.first };
        self.cubes
            .iter()
            .map(|cube| {
                let span = cube.get(Field::Protocol);
                let protocol = [TCP, UDP, ICMP, ICMP6]
                    .into_iter()
                    .find(|it| span.contains(*it))
                    .unwrap_or(span.first);
                let mut point = Point(cube.0.map(|it| it.first)).with(Field::Protocol, protocol);
                let clients = prefer(cube.get(Field::FromPort), 49_152);
                point = point.with(Field::FromPort, clients);
                if protocol == TCP {
                    let door =
                        [443, 22].into_iter().find(|it| cube.get(Field::ToPort).contains(*it));
                    point = point.with(Field::ToPort, door.unwrap_or(point.get(Field::ToPort)));
                }
                point
            })
            .min_by_key(|it| (rank(it.get(Field::Protocol)), *it))
    }
}

impl From<Cube> for PacketSet {
    fn from(cube: Cube) -> Self {
        Self { cubes: vec![cube] }
    }
}

impl FromIterator<Cube> for PacketSet {
    fn from_iter<I: IntoIterator<Item = Cube>>(cubes: I) -> Self {
        let mut found = Self::default();
        for cube in cubes {
            found.add(cube);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fields from 0 to 2: 243 packets, so a set is a list of truth values.
    const SIZE: u128 = 3;

    fn every_point() -> impl Iterator<Item = Point> {
        (0..SIZE.pow(5)).map(|number| {
            let mut rest = number;
            Point(std::array::from_fn(|_| {
                let digit = rest % SIZE;
                rest /= SIZE;
                digit
            }))
        })
    }

    fn cube() -> impl Strategy<Value = Cube> {
        prop::array::uniform5((0..SIZE, 0..SIZE))
            .prop_map(|it| Cube(it.map(|(a, b)| Span::new(a, b))))
    }

    fn set() -> impl Strategy<Value = PacketSet> {
        prop::collection::vec(cube(), 0..5).prop_map(|it| it.into_iter().collect())
    }

    fn bits(set: &PacketSet) -> Vec<bool> {
        every_point().map(|it| set.contains(&it)).collect()
    }

    fn zip(a: &[bool], b: &[bool], f: impl Fn(bool, bool) -> bool) -> Vec<bool> {
        a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
    }

    proptest! {
        #[test]
        fn sets_of_packets_are_what_a_bitmap_says(a in set(), b in set()) {
            let (x, y) = (bits(&a), bits(&b));
            prop_assert_eq!(bits(&a.intersect(&b)), zip(&x, &y, |x, y| x && y));
            prop_assert_eq!(bits(&a.subtract(&b)), zip(&x, &y, |x, y| x && !y));
            prop_assert_eq!(bits(&a.clone().union(&b)), zip(&x, &y, |x, y| x || y));
            prop_assert_eq!(a.is_empty(), x.iter().all(|it| !it));
            prop_assert_eq!(a.subtract(&a).is_empty(), true);
            for point in every_point() {
                let [from, from_port, to, to_port, protocol] = point.0;
                let answer = Point([to, to_port, from, from_port, protocol]);
                prop_assert_eq!(a.contains(&point), a.answers().contains(&answer));
            }
            if let Some(example) = a.example() {
                prop_assert!(a.contains(&example));
            }
        }

        #[test]
        fn sets_of_numbers_are_what_a_bitmap_says(
            a in prop::collection::vec((0_u128..20, 0_u128..20), 0..6),
            b in prop::collection::vec((0_u128..20, 0_u128..20), 0..6),
        ) {
            let spans = |it: Vec<(u128, u128)>| -> Spans {
                it.into_iter().map(|(a, b)| Span::new(a, b)).collect()
            };
            let (a, b) = (spans(a), spans(b));
            let (both, any, left) = (a.intersect(&b), a.union(&b), a.subtract(&b));
            for it in 0..20 {
                let (x, y) = (a.contains(it), b.contains(it));
                prop_assert_eq!(both.contains(it), x && y);
                prop_assert_eq!(any.contains(it), x || y);
                prop_assert_eq!(left.contains(it), x && !y);
            }
            prop_assert_eq!(a.count(), (0..20).filter(|it| a.contains(*it)).count() as u128);
        }
    }
}
