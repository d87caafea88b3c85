//! The rows of a step's pattern.

use std::sync::Arc;

use content::step::{Can, Hold, Need, Role, Step};
use graph::Query;
use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use lang::check::{Options, Variable};
use lang::types::Type;
use lang::value::Value;

use super::alike::Special;
use super::follow::asks_beyond;
use super::names::Names;
use super::places::{Narrow, narrows};
use super::{Estate, asks};

/// Nodes that a pattern binds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) actor: Option<NodeId>,
    pub(super) to: NodeId,
    pub(super) via: Option<NodeId>,
    /// Its condition depends on something that was not collected.
    pub(super) is_assumed: bool,
}

impl Row {
    /// The node that it binds so.
    pub(super) fn node(&self, role: Role) -> Option<NodeId> {
        match role {
            Role::To => Some(self.to),
            Role::Via => self.via,
            Role::Actor => self.actor,
        }
    }

    /// The nodes that it binds, each once.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let via = self.via.filter(|it| *it != self.to);
        let actor = self.actor.filter(|it| *it != self.to && Some(*it) != via);
        [Some(self.to), via, actor].into_iter().flatten()
    }
}

/// A step with the rows of its pattern.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) number: u32,
    pub(super) step: Arc<Step>,
    rows: Vec<Row>,
    /// Rows that are gone, once some are.
    gone: HashSet<u32>,
    pub(super) binds_actor: bool,
    pub(super) by_actor: HashMap<NodeId, Vec<u32>>,
    pub(super) gain: (Hold, Role),
    /// Rows by whom the resource's own policy names, `*` for anybody; `None` where such policies grant nothing
    /// that it needs, or where it depends on the actor what is asked.
    pub(super) named: Option<HashMap<String, Vec<u32>>>,
    /// Whether being administrator is what it needs.
    pub(super) asks_administrator: bool,
    /// Whether it asks what others than the actor may do.
    pub(super) asks_others: bool,
    /// Whether it asks who may take a role.
    pub(super) asks_trust: bool,
    /// Needs by which rows are found.
    pub(super) narrows: Vec<Narrow>,
    /// The rows at which actors are asked that somebody else stands in for; `None` where each is asked at all.
    pub(super) special: Option<Special>,
}

impl Plan {
    /// Runs the pattern. False beside it: something was not collected, there may be more rows.
    pub(super) fn of(
        number: u32,
        step: &Arc<Step>,
        estate: Estate<'_>,
    ) -> Result<(Self, bool), String> {
        let gain = step.gain.first().map(|(hold, role)| (*hold, *role));
        let gain = gain.ok_or_else(|| "it gains nothing".to_owned())?;
        let (rows, binds_actor, is_whole) = match &step.pattern {
            Some(pattern) => rows(pattern, None, estate)?,
            None => return Err("`match` is missing".to_owned()),
        };
        let mut by_actor: HashMap<NodeId, Vec<u32>> = HashMap::new();
        for (place, row) in (0_u32..).zip(&rows) {
            if let Some(actor) = row.actor {
                by_actor.entry(actor).or_default().push(place);
            }
        }
        let asks_administrator = step.needs.iter().any(|it| matches!(it, Need::Administrator));
        let named = named(step, gain, &rows, estate);
        let names = Names::of(estate.graph);
        let narrows = if asks_identity(step) {
            narrows(&step.needs, &rows, estate.access, names)
        } else {
            Vec::new()
        };
        let (asks_others, asks_trust) = asks_beyond(&step.needs);
        let is_open = !binds_actor && asks_identity(step) && step.holds != Hold::Internet;
        // what an actor gains for itself nobody can gain in its place
        let is_open = is_open && gain.1 != Role::Actor && gain.0 != Hold::Join;
        let special = is_open.then(|| Special::of(&step.needs, &rows, estate.access, names));
        let plan = Self {
            number,
            step: Arc::clone(step),
            rows,
            gone: HashSet::new(),
            binds_actor,
            by_actor,
            gain,
            named,
            asks_administrator,
            asks_others,
            asks_trust,
            narrows,
            special: special.flatten(),
        };
        if !binds_actor && !plan.asks_identity() {
            return Err("nothing says who the actor is: `match` binds no `actor`, and nothing is asked of it".to_owned());
        }
        Ok((plan, is_whole))
    }

    /// Whether it depends on what an identity, or anybody on the internet, may do.
    pub(super) fn asks_identity(&self) -> bool {
        asks_identity(&self.step)
    }

    /// A row; `None` for one that is gone.
    pub(super) fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(number as usize).filter(|_| !self.gone.contains(&number))
    }

    /// All rows, with their numbers.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0..).zip(&self.rows).filter(|(number, _)| !self.gone.contains(number))
    }

    /// Numbers of rows, of which some may be gone.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        0..self.rows.len() as u32
    }

    /// How many rows are gone.
    pub(super) fn n_gone(&self) -> usize {
        self.gone.len()
    }

    /// Takes a row away. Its number is not given again.
    pub(super) fn remove(&mut self, number: u32) {
        self.gone.insert(number);
    }

    /// The rows of its pattern as they are now; those that bind a node where it is given. False beside them: there may
    /// be more.
    pub(super) fn rows_now(
        &self,
        given: Option<(Role, NodeId)>,
        estate: Estate<'_>,
    ) -> Result<(Vec<Row>, bool), String> {
        let pattern = self.step.pattern.as_deref().unwrap_or_default();
        rows(pattern, given, estate).map(|(rows, _, is_whole)| (rows, is_whole))
    }

    /// Whom the own policies of the resources at a row name; `None` where that is not asked.
    pub(super) fn names_at(&self, row: &Row, estate: Estate<'_>) -> Option<Vec<String>> {
        self.named.as_ref()?;
        let mut asked = Vec::new();
        collect(&self.step.needs, &mut asked);
        Some(names_at(row, &asked, estate))
    }

    /// Adds a row; gives its number.
    pub(super) fn add(&mut self, row: Row, estate: Estate<'_>) -> u32 {
        let number = self.rows.len() as u32;
        self.rows.push(row);
        if let Some(actor) = row.actor {
            self.by_actor.entry(actor).or_default().push(number);
        }
        let names = self.names_at(&row, estate).into_iter().flatten();
        if let Some(named) = &mut self.named {
            for name in names {
                named.entry(name).or_default().push(number);
            }
        }
        let names = Names::of(estate.graph);
        self.narrows.retain_mut(|it| it.add(number, &row, estate.access, names));
        self.special = self
            .special
            .take()
            .and_then(|mut it| it.add(number, &row, estate.access, names).then_some(it));
        number
    }
}

fn asks_identity(step: &Step) -> bool {
    match step.holds {
        Hold::Internet => true,
        Hold::Control => step.needs.iter().any(asks),
        _ => false,
    }
}

/// All that the actor must be able to do, in whatever combination.
fn collect<'s>(needs: &'s [Need], found: &mut Vec<&'s Can>) {
    for need in needs {
        match need {
            Need::Can(can) if can.by == Role::Actor && !can.trusting => found.push(can),
            Need::Any(any) => collect(any, found),
            _ => {}
        }
    }
}

/// Whom the own policies of the resources at each row name.
fn named(
    step: &Step,
    gain: (Hold, Role),
    rows: &[Row],
    estate: Estate<'_>,
) -> Option<HashMap<String, Vec<u32>>> {
    // policies of resources of AWS grant whatever can be done to these
    let is_data = matches!(gain.0, Hold::Read | Hold::Write | Hold::Invoke);
    if step.holds != Hold::Internet && !is_data && !step.id.starts_with("aws.") {
        return None;
    }
    let mut asked: Vec<&Can> = Vec::new();
    collect(&step.needs, &mut asked);
    let mut found: HashMap<String, Vec<u32>> = HashMap::new();
    for (place, row) in (0_u32..).zip(rows) {
        for name in names_at(row, &asked, estate) {
            found.entry(name).or_default().push(place);
        }
    }
    Some(found)
}

/// Whom the own policies of the resources at one row name, each once.
fn names_at(row: &Row, asked: &[&Can], estate: Estate<'_>) -> Vec<String> {
    let id = |node: NodeId| estate.graph.id(node).unwrap_or_default();
    let (to, via) = (id(row.to), id(row.via.unwrap_or(row.to)));
    let mut names: Vec<String> = Vec::new();
    for can in asked {
        let on = match can.on.as_str() {
            "to" => to.to_owned(),
            "via" => via.to_owned(),
            text => text.replace("{to}", to).replace("{via}", via),
        };
        // What depends on the actor is no resource that has a policy yet.
        if on.contains('{') || on == "*" || on == Role::Actor.name() {
            continue;
        }
        for action in &can.actions {
            names.extend(estate.access.named_by(action, &on));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// The rows of a pattern, those that bind a node where it is given; whether it binds the actor; whether all that it
/// looks at was collected.
pub(super) fn rows(
    pattern: &str,
    given: Option<(Role, NodeId)>,
    estate: Estate<'_>,
) -> Result<(Vec<Row>, bool, bool), String> {
    let binds = |name: &str| {
        pattern.match_indices(name).any(|(at, _)| {
            let before = pattern.get(..at).and_then(|it| it.chars().next_back());
            let after = pattern.get(at + name.len()..).and_then(|it| it.chars().next());
            before == Some('(') && matches!(after, Some(')' | ':' | ' ' | '{'))
        })
    };
    let names: Vec<&str> = [Role::To, Role::Via, Role::Actor]
        .iter()
        .map(|it| it.name())
        .filter(|it| binds(it))
        .collect();
    if !names.contains(&"to") {
        return Err("`match` binds no `to`".to_owned());
    }
    let columns = names.join(", ");
    let found = run(&format!("MATCH {pattern} RETURN DISTINCT {columns}"), given, estate)?;
    let (mut rows, is_whole) = (nodes(&found, false), found.gaps.is_empty());
    // The condition may be what was not collected: then its rows count, as assumed.
    if let Some((shape, condition)) = split_condition(pattern).filter(|_| !is_whole) {
        let open = format!(
            "MATCH {shape} WITH {columns}, ({condition}) AS holds RETURN DISTINCT {columns}, holds"
        );
        let known: HashSet<Row> = rows.iter().copied().collect();
        for row in nodes(&run(&open, given, estate)?, true) {
            if !known.contains(&Row { is_assumed: false, ..row }) {
                rows.push(row);
            }
        }
    }
    Ok((rows, names.contains(&"actor"), is_whole))
}

/// The rows of a query, as nodes.
#[derive(Debug)]
struct Found {
    rows: Vec<(Row, Holds)>,
    gaps: Vec<lang::value::GapId>,
}

/// What a condition is worth at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// The condition was not asked for by itself: it holds.
    Yes,
    /// It does not hold, or is null.
    No,
    /// It was not collected.
    Unread,
}

fn nodes(found: &Found, is_assumed: bool) -> Vec<Row> {
    let want = if is_assumed { Holds::Unread } else { Holds::Yes };
    let rows = found.rows.iter().filter(|it| it.1 == want);
    rows.map(|(row, _)| Row { is_assumed, ..*row }).collect()
}

fn run(text: &str, given: Option<(Role, NodeId)>, estate: Estate<'_>) -> Result<Found, String> {
    let variables =
        given.iter().map(|(role, _)| Variable { name: role.name().into(), ty: Type::node() });
    let options = Options { variables: variables.collect(), ..Options::default() };
    let query = Query::compile_with(text, &options).map_err(|it| format!("{it}: {text}"))?;
    let bound = given.map(|(role, node)| (role.name(), Value::Node(node)));
    let found = query
        .run_with(estate.graph, estate.context, bound.as_slice())
        .map_err(|it| it.to_string())?;
    let column = |name: &str| found.columns.iter().position(|it| it == name);
    let (to, via, actor) = (column("to"), column("via"), column("actor"));
    let holds = column("holds");
    let node = |row: &[Value<'_>], at: Option<usize>| match at.and_then(|it| row.get(it)) {
        Some(Value::Node(node)) => Some(*node),
        _ => None,
    };
    let rows = found.rows.iter().filter_map(|row| {
        let worth = match holds.and_then(|it| row.get(it)) {
            None | Some(Value::Bool(true)) => Holds::Yes,
            Some(Value::Unread(_)) => Holds::Unread,
            Some(_) => Holds::No,
        };
        let (actor, via) = (node(row, actor), node(row, via));
        Some((Row { actor, to: node(row, to)?, via, is_assumed: false }, worth))
    });
    Ok(Found { rows: rows.collect(), gaps: found.gaps.iter().copied().collect() })
}

/// The shape of a pattern and its condition; `None` without one.
fn split_condition(pattern: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    for (at, character) in pattern.char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            'W' if depth == 0 => {
                let (shape, rest) = (pattern.get(..at)?, pattern.get(at..)?);
                if let Some(condition) = rest.strip_prefix("WHERE") {
                    return Some((shape, condition));
                }
            }
            _ => {}
        }
    }
    None
}
