//! The rows of a step's pattern.

use content::step::{Can, Hold, Need, Role, Step};
use graph::Query;
use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use lang::value::Value;

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

/// A step with the rows of its pattern.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) number: u32,
    pub(super) step: &'a Step,
    pub(super) rows: Vec<Row>,
    pub(super) binds_actor: bool,
    pub(super) by_actor: HashMap<NodeId, Vec<u32>>,
    pub(super) gain: (Hold, Role),
    /// Rows by whom the resource's own policy names, `*` for anybody; `None` where such policies grant nothing
    /// that it needs, or where it depends on the actor what is asked.
    pub(super) named: Option<HashMap<String, Vec<u32>>>,
    /// Whether being administrator is what it needs.
    pub(super) asks_administrator: bool,
    /// Needs by which rows are found.
    pub(super) narrows: Vec<Narrow<'a>>,
}

impl<'a> Plan<'a> {
    /// Runs the pattern. False beside it: something was not collected, there may be more rows.
    pub(super) fn of(
        number: u32,
        step: &'a Step,
        estate: Estate<'a>,
    ) -> Result<(Self, bool), String> {
        let gain = step.gain.first().map(|(hold, role)| (*hold, *role));
        let gain = gain.ok_or_else(|| "it gains nothing".to_owned())?;
        let (rows, binds_actor, is_whole) = match &step.pattern {
            Some(pattern) => rows(pattern, estate)?,
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
        let plan = Self {
            number,
            step,
            rows,
            binds_actor,
            by_actor,
            gain,
            named,
            asks_administrator,
            narrows,
        };
        if !binds_actor && !plan.asks_identity() {
            return Err("nothing says who the actor is: `match` binds no `actor`, and nothing is asked of it".to_owned());
        }
        Ok((plan, is_whole))
    }

    /// Whether it depends on what an identity, or anybody on the internet, may do.
    pub(super) fn asks_identity(&self) -> bool {
        asks_identity(self.step)
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
    let is_data = matches!(gain.0, Hold::Read | Hold::Write | Hold::Invoke);
    if step.holds != Hold::Internet && !is_data && !step.id.starts_with("aws.sts.") {
        return None;
    }
    let mut asked: Vec<&Can> = Vec::new();
    collect(&step.needs, &mut asked);
    let mut found: HashMap<String, Vec<u32>> = HashMap::new();
    for (place, row) in (0_u32..).zip(rows) {
        let id = |node: NodeId| estate.graph.id(node).unwrap_or_default();
        let (to, via) = (id(row.to), id(row.via.unwrap_or(row.to)));
        let mut names: Vec<String> = Vec::new();
        for can in &asked {
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
        for name in names {
            found.entry(name).or_default().push(place);
        }
    }
    Some(found)
}

fn rows(pattern: &str, estate: Estate<'_>) -> Result<(Vec<Row>, bool, bool), String> {
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
    let found = run(&format!("MATCH {pattern} RETURN DISTINCT {columns}"), estate)?;
    let (mut rows, is_whole) = (nodes(&found, false), found.gaps.is_empty());
    // The condition may be what was not collected: then its rows count, as assumed.
    if let Some((shape, condition)) = split_condition(pattern).filter(|_| !is_whole) {
        let open = format!(
            "MATCH {shape} WITH {columns}, ({condition}) AS holds RETURN DISTINCT {columns}, holds"
        );
        let known: HashSet<Row> = rows.iter().copied().collect();
        for row in nodes(&run(&open, estate)?, true) {
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

fn run(text: &str, estate: Estate<'_>) -> Result<Found, String> {
    let query = Query::compile(text, None).map_err(|it| format!("{it}: {text}"))?;
    let found = query.run(estate.graph, estate.context).map_err(|it| it.to_string())?;
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
