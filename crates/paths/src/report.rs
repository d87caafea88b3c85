//! What people and programs are told: entry points, ways, fixes, in words and as JSON.

use access::{Answer, Effect};
use content::step::{Hold, Likelihood, Step};
use lang::NodeId;
use model::View;
use serde_json::{Value as Json, json};

use crate::attack::{EdgeNumber, Fact, Position};
use crate::derive::{Attack, Estate, Held, INTERNET, Precondition, State, What};
use crate::fact::{ASSUMED, FactKind, is_fixable};
use crate::plan::{FixPlan, fix_plan};
use crate::story::{ChokePoint, Way, Ways, choke_points, ways};

/// Choke points that are listed.
const MOST_CHOKE_POINTS: usize = 10;

/// From where to where ways are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Nodes that the attacker controls at first; [`INTERNET`] is anybody.
    pub from: Vec<NodeId>,
    /// What is threatened.
    pub to: Vec<Target>,
}

/// What is threatened, and how much that would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The node.
    pub node: NodeId,
    /// What it is worth.
    pub impact: Impact,
}

/// What the loss of something means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
    /// The account, the directory, the crown jewels.
    VeryHigh,
}

/// How bad it is that a way exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Look at it some time.
    Low,
    /// Mend it in the ordinary course.
    Medium,
    /// Mend it soon.
    High,
    /// Mend it today.
    Critical,
}

impl Risk {
    /// The risk of a way of this likelihood to something of this worth.
    ///
    /// A table, not a product: both are ordinal.
    pub fn of(likelihood: f64, impact: Impact) -> Self {
        let is_likely = likelihood >= 0.5;
        let is_possible = likelihood >= 0.2;
        match (impact, is_likely, is_possible) {
            (Impact::VeryHigh, true, _) => Self::Critical,
            (Impact::VeryHigh, false, true) | (Impact::High, true, _) => Self::High,
            (Impact::VeryHigh, false, false)
            | (Impact::High, false, true)
            | (Impact::Medium, true, _) => Self::Medium,
            _ => Self::Low,
        }
    }

    /// The name as it stands in API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The answer to a question.
#[derive(Debug)]
pub struct Answered {
    /// The ways.
    pub ways: Ways,
    /// Where most of them pass.
    pub choke_points: Vec<ChokePoint>,
    /// What cuts all of them.
    pub plan: FixPlan,
    /// What is threatened, by position.
    targets: Vec<(Position, Impact)>,
}

/// Looks for the ways.
pub fn answer(attack: &Attack, question: &Question) -> Answered {
    answer_without(attack, question, &[])
}

/// The ways alone: no choke points, no fix plan.
pub fn ways_of(attack: &Attack, question: &Question) -> Ways {
    let Asked { entries, everybody, lists, .. } = Asked::of(attack, question);
    ways(&attack.graph, &entries, everybody, &lists, &[])
}

/// A question in positions.
struct Asked {
    entries: Vec<Position>,
    /// Who holds anything has a connection to the internet as well.
    everybody: Option<Position>,
    /// What is threatened, by position.
    targets: Vec<(Position, Impact)>,
    /// The positions of each target.
    lists: Vec<Vec<Position>>,
}

impl Asked {
    fn of(attack: &Attack, question: &Question) -> Self {
        let mut entries: Vec<Position> = question
            .from
            .iter()
            .filter_map(|node| {
                let hold = if *node == INTERNET { Hold::Internet } else { Hold::Control };
                attack.position(Held::plain(*node, hold))
            })
            .collect();
        entries.sort_unstable();
        entries.dedup();
        let everybody = attack.position(Held::plain(INTERNET, Hold::Internet));
        let mut of_node: hashbrown::HashMap<NodeId, Vec<Position>> = hashbrown::HashMap::new();
        for target in &question.to {
            of_node.entry(target.node).or_default();
        }
        for (position, held) in attack.positions() {
            let counts = match held.hold {
                Hold::Control | Hold::Administer | Hold::Read | Hold::Write | Hold::Invoke => true,
                Hold::Internet
                | Hold::Contact
                | Hold::Raise
                | Hold::Unbind
                | Hold::Tag
                | Hold::Untag
                | Hold::Join => false,
            };
            if let Some(list) = of_node.get_mut(&held.node).filter(|_| counts) {
                list.push(position);
            }
        }
        let (mut targets, mut lists) = (Vec::new(), Vec::new());
        for target in &question.to {
            let list = of_node.remove(&target.node).unwrap_or_default();
            targets.extend(list.iter().map(|it| (*it, target.impact)));
            lists.push(list);
        }
        Self { entries, everybody, targets, lists }
    }
}

/// Looks for the ways that are left when these facts are taken away; numbers that are no facts say nothing.
pub fn answer_without(attack: &Attack, question: &Question, removed: &[Fact]) -> Answered {
    // a search has room for each number up to the highest: whoever asks must not choose how much
    let known = removed.iter().copied().filter(|it| attack.facts.get(*it).is_some());
    let removed: &[Fact] = &known.collect::<Vec<Fact>>();
    let Asked { entries, everybody, mut targets, lists } = Asked::of(attack, question);
    let all: Vec<Position> = entries.iter().copied().chain(everybody).collect();
    let found = ways(&attack.graph, &entries, everybody, &lists, removed);
    let choke_points = choke_points(&attack.graph, &all, &found.proven, removed, MOST_CHOKE_POINTS);
    let mut reached: Vec<Position> = found.proven.iter().map(|it| it.target).collect();
    for list in lists.iter().filter(|list| list.iter().any(|it| reached.contains(it))) {
        // A target that is cut off in one way must not be reached in another.
        targets.extend(
            list.iter()
                .map(|it| (*it, Impact::Low))
                .filter(|it| !targets.contains(it))
                .collect::<Vec<_>>(),
        );
    }
    reached = lists
        .iter()
        .filter(|list| list.iter().any(|it| reached.contains(it)))
        .flatten()
        .copied()
        .filter(|it| !all.contains(it))
        .collect();
    reached.sort_unstable();
    reached.dedup();
    let plan = fix_plan(&attack.graph, &all, &reached, removed);
    Answered { ways: found, choke_points, plan, targets }
}

/// Tells about the ways of an attack graph.
#[derive(Debug)]
pub struct Teller<'a> {
    /// Of what.
    pub attack: &'a Attack,
    /// The estate that it was made of.
    pub estate: Estate<'a>,
}

/// How likely it is to come along a way, from 0 to 1; ordinal.
pub fn likelihood(way: &Way) -> f64 {
    (-f64::from(way.cost) / 1000.0).exp()
}

/// The word for a likelihood.
pub fn likelihood_word(value: f64) -> &'static str {
    if value > 0.95 {
        Likelihood::Certain.name()
    } else if value >= 0.5 {
        Likelihood::High.name()
    } else if value >= 0.2 {
        Likelihood::Medium.name()
    } else {
        Likelihood::Low.name()
    }
}

impl<'a> Teller<'a> {
    fn text(&self, node: NodeId, key: &str) -> String {
        let key = self.estate.graph.keys().find(key);
        match key.and_then(|it| self.estate.graph.meta(node).get(it)) {
            Some(View::Str(text)) => text.to_owned(),
            _ => String::new(),
        }
    }

    /// The canonical id of a node; `internet` for anybody.
    pub fn id(&self, node: NodeId) -> &'a str {
        if node == INTERNET { "internet" } else { self.estate.graph.id(node).unwrap_or_default() }
    }

    /// The name of a node for people.
    pub fn name(&self, node: NodeId) -> String {
        if node == INTERNET {
            return "anybody on the internet".to_owned();
        }
        let name = self.text(node, "name");
        if name.is_empty() { self.id(node).to_owned() } else { name }
    }

    fn node(&self, node: NodeId) -> Json {
        if node == INTERNET {
            return json!({ "id": "internet", "name": "internet", "kind": "internet" });
        }
        let mut json = json!({
            "id": self.id(node), "name": self.name(node), "kind": self.text(node, "kind"),
            "scope": self.text(node, "scope"),
        });
        let criticality = self.text(node, "criticality");
        if let Some(fields) = json.as_object_mut().filter(|_| !criticality.is_empty()) {
            fields.insert("criticality".to_owned(), criticality.into());
        }
        json
    }

    /// A position as JSON: the node, and how it is held.
    pub fn held(&self, position: Position) -> Json {
        let Some(held) = self.attack.held(position) else { return Json::Null };
        let mut json = self.node(held.node);
        if let Some(fields) = json.as_object_mut() {
            fields.insert("hold".to_owned(), held.hold.name().into());
            match held.state {
                State::Plain => {}
                State::Port(port) => drop(fields.insert("port".to_owned(), port.into())),
                State::Raised => drop(fields.insert("state".to_owned(), "raised".into())),
                State::Tag(tag) => drop(fields.insert("state".to_owned(), self.tag(tag).into())),
                State::Unbounded => drop(fields.insert("state".to_owned(), "unbounded".into())),
                State::Free => drop(fields.insert("state".to_owned(), "raised, unbounded".into())),
                State::Member(group) => {
                    fields
                        .insert("state".to_owned(), format!("member of {}", self.id(group)).into());
                }
            }
        }
        json
    }

    /// A position in words.
    pub fn position(&self, position: Position) -> String {
        let Some(held) = self.attack.held(position) else { return String::new() };
        let name = self.name(held.node);
        let words = match held.hold {
            Hold::Internet => name,
            Hold::Control => name,
            Hold::Contact => format!("packets to {name}"),
            Hold::Read => format!("the data of {name}"),
            Hold::Write => format!("changes of the data of {name}"),
            Hold::Invoke => format!("calls of {name}"),
            Hold::Administer => format!("administrator of {name}"),
            Hold::Raise => format!("the rights of {name}"),
            Hold::Unbind => format!("the permissions boundary of {name}"),
            Hold::Tag | Hold::Untag => format!("the tags of {name}"),
            Hold::Join => format!("membership in {name}"),
        };
        match held.state {
            State::Plain => words,
            State::Port(port) => format!("{words}, TCP {port}"),
            State::Raised => format!("{words} with rights raised"),
            State::Tag(tag) => format!("{words}: {}", self.tag(tag)),
            State::Unbounded => format!("{words} without its permissions boundary"),
            State::Free => format!("{words} with rights raised and without its boundary"),
            State::Member(group) => format!("{words} as a member of {}", self.name(group)),
        }
    }

    /// A tag in words: what it is set to, or that it is taken away.
    fn tag(&self, number: u32) -> String {
        match self.attack.tag(number) {
            Some((name, Some(value))) if value.contains(char::is_control) => {
                format!("{name} to something else")
            }
            Some((name, Some(value))) => format!("{name} = {value}"),
            Some((name, None)) => format!("without {name}"),
            None => String::new(),
        }
    }

    fn content(&self, what: What) -> Option<&'a Step> {
        match what {
            What::Step(number) | What::Tag { step: number, .. } => {
                self.estate.steps.get(number as usize).map(|it| &**it)
            }
            What::Raised | What::Alike | What::Contact(_) => None,
        }
    }

    /// What is done in a step, in words.
    pub fn does(&self, edge: EdgeNumber) -> String {
        let Some(taken) = self.attack.taken(edge) else { return String::new() };
        let Some(step) = self.content(taken.what) else {
            let to = self.name(taken.to);
            return match taken.what {
                What::Contact(Some(port)) => format!("reaches {to} at TCP {port}"),
                What::Contact(None) => format!("reaches {to} over the network"),
                What::Alike => format!("can do whatever {to} can"),
                What::Raised | What::Step(_) | What::Tag { .. } => {
                    format!("acts as {to} with the rights that it now has")
                }
            };
        };
        let mut text = step.does.replace("{to}", &self.name(taken.to));
        text = text.replace("{actor}", &self.name(taken.actor));
        if let Some(via) = taken.via {
            text = text.replace("{via}", &self.name(via));
        }
        if let What::Tag { tag, .. } = taken.what {
            text = format!("{text} ({})", self.tag(tag));
        }
        text
    }

    /// What a step needs, and what that rests on.
    pub fn preconditions(&self, edge: EdgeNumber) -> Vec<Precondition> {
        self.attack.explain(self.estate, edge)
    }

    fn step(&self, edge: EdgeNumber) -> Json {
        let Some(taken) = self.attack.taken(edge) else { return Json::Null };
        let step = self.content(taken.what);
        let (id, title) = match taken.what {
            What::Contact(_) => ("merlon.contact", "Reach it over the network"),
            What::Alike => ("merlon.alike", "Do what anybody can who is not named"),
            What::Raised | What::Step(_) | What::Tag { .. } => {
                ("merlon.raised", "Use the rights that were changed")
            }
        };
        let asked = self.preconditions(edge);
        let evidence: Vec<Json> = asked
            .iter()
            .flat_map(|it| &it.reasons)
            .map(|it| json!({ "effect": effect(it.effect), "resource": it.resource, "path": it.path, "says": it.says }))
            .collect();
        let preconditions: Vec<Json> = asked
            .iter()
            .map(|it| {
                let unread: Vec<Json> =
                    it.unread.iter().map(|it| json!({ "what": it.what, "why": it.why })).collect();
                json!({ "says": it.says, "answer": answer_name(it.answer), "unread": unread })
            })
            .collect();
        let from: Vec<Json> =
            self.attack.graph.from(edge).iter().map(|it| self.held(*it)).collect();
        let facts: Vec<Fact> =
            self.attack.graph.facts(edge).iter().copied().filter(|it| is_fixable(*it)).collect();
        json!({
            "step": step.map_or(id, |it| it.id.as_str()),
            "title": step.map_or(title, |it| it.title.as_str()),
            "does": self.does(edge),
            "technique": step.and_then(|it| it.techniques.first()),
            "techniques": step.map(|it| it.techniques.clone()).unwrap_or_default(),
            "actor": self.node(taken.actor),
            "from": from,
            "to": self.held(self.attack.graph.to(edge)),
            "via": taken.via.map(|it| self.node(it)),
            "likelihood": step.map_or("certain", |it| it.likelihood.name()),
            "preconditions": preconditions,
            "evidence": evidence,
            "assumed": self.attack.graph.facts(edge).contains(&ASSUMED),
            "fixes": facts,
            "stop": step.map(|it| it.stop.clone()).unwrap_or_default(),
        })
    }

    /// What a fix takes away, in words.
    pub fn fix(&self, fact: Fact) -> String {
        match self.attack.facts.get(fact) {
            Some(FactKind::Grant { action, statements }) => {
                without(&format!("take {action} out of"), statements)
            }
            Some(FactKind::Administrator { statements }) => {
                without("do not allow everything in", statements)
            }
            Some(FactKind::Attached { policies }) => without("", policies),
            Some(FactKind::Trust { service, statements }) => {
                without(&format!("take {service} out of"), statements)
            }
            Some(FactKind::Contact { from, to }) => {
                format!("close the way of packets from {} to {}", self.name(*from), self.name(*to))
            }
            Some(FactKind::Row { step, actor, to, via }) => {
                let step = self.estate.steps.get(*step as usize);
                let stop = step.and_then(|it| it.stop.first()).map_or("", String::as_str);
                let via = via.map(|it| format!(" by {}", self.name(it))).unwrap_or_default();
                format!("{}{} to {}: {stop}", self.name(*actor), via, self.name(*to))
            }
            Some(FactKind::Unproven | FactKind::Assumed) | None => String::new(),
        }
    }

    fn fix_json(&self, fact: Fact) -> Json {
        let statements = match self.attack.facts.get(fact) {
            Some(
                FactKind::Grant { statements, .. }
                | FactKind::Attached { policies: statements }
                | FactKind::Administrator { statements }
                | FactKind::Trust { statements, .. },
            ) => statements.clone(),
            _ => Vec::new(),
        };
        let places: Vec<Json> = statements
            .iter()
            .map(|(resource, path)| json!({ "resource": resource, "path": path }))
            .collect();
        json!({ "id": fact, "says": self.fix(fact), "places": places })
    }

    fn impact(answered: &Answered, position: Position) -> Impact {
        let found = answered.targets.iter().find(|it| it.0 == position);
        found.map_or(Impact::Low, |it| it.1)
    }

    /// The risk of a way.
    pub fn risk(&self, answered: &Answered, way: &Way) -> Risk {
        Risk::of(likelihood(way), Self::impact(answered, way.target))
    }

    fn way(&self, answered: &Answered, way: &Way) -> Json {
        let mut fixes: Vec<Fact> = way
            .edges
            .iter()
            .flat_map(|it| self.attack.graph.facts(*it))
            .copied()
            .filter(|it| is_fixable(*it))
            .collect();
        fixes.sort_unstable();
        fixes.dedup();
        let value = likelihood(way);
        json!({
            "entry": self.held(way.entry),
            "target": self.held(way.target),
            "entries": way.n_entries,
            "steps": way.edges.iter().map(|it| self.step(*it)).collect::<Vec<_>>(),
            "likelihood": likelihood_word(value),
            "likelihoodValue": (value * 1000.0).round() / 1000.0,
            "risk": self.risk(answered, way).name(),
            "fixes": fixes.iter().map(|it| self.fix_json(*it)).collect::<Vec<_>>(),
        })
    }

    /// What could not be judged and may hide ways: (what, why).
    pub fn gaps(&self, answered: &Answered) -> Vec<(String, String)> {
        let mut gaps = Vec::new();
        for way in &answered.ways.unproven {
            for edge in &way.edges {
                for asked in self.preconditions(*edge) {
                    if asked.answer == Answer::Unknown {
                        gaps.extend(asked.unread.into_iter().map(|it| (it.what, it.why)));
                    }
                }
            }
        }
        for number in &self.attack.unread_steps {
            if let Some(step) = self.estate.steps.get(*number as usize) {
                gaps.push((
                    step.id.clone(),
                    "what this step looks at was not collected whole".to_owned(),
                ));
            }
        }
        for problem in &self.attack.problems {
            gaps.push((problem.step.clone(), problem.message.clone()));
        }
        gaps.sort();
        gaps.dedup();
        gaps
    }

    /// Everything as JSON.
    pub fn json(&self, answered: &Answered) -> Json {
        let mut proven: Vec<&Way> = answered.ways.proven.iter().collect();
        proven.sort_by_key(|it| std::cmp::Reverse(self.risk(answered, it)));
        let ways = |list: &[&Way]| list.iter().map(|it| self.way(answered, it)).collect::<Vec<_>>();
        let unproven: Vec<&Way> = answered.ways.unproven.iter().collect();
        let gaps: Vec<Json> = self
            .gaps(answered)
            .into_iter()
            .map(|(what, why)| json!({ "what": what, "why": why }))
            .collect();
        let choke_points: Vec<Json> = answered
            .choke_points
            .iter()
            .map(|it| json!({ "position": self.held(it.position), "passing": it.n_passing, "cuts": it.n_cut }))
            .collect();
        let plan = &answered.plan;
        json!({
            "complete": gaps.is_empty(),
            "gaps": gaps,
            "paths": ways(&proven),
            "unproven": ways(&unproven),
            "chokePoints": choke_points,
            "fixPlan": {
                "fixes": plan.fixes.iter().map(|it| self.fix_json(*it)).collect::<Vec<_>>(),
                "atLeast": plan.at_least,
                "exact": plan.at_least == plan.fixes.len(),
                "left": plan.left.iter().map(|it| self.held(*it)).collect::<Vec<_>>(),
            },
        })
    }
}

fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Denied => "denied",
        Answer::Unknown => "unknown",
        Answer::Allowed => "allowed",
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allows => "allows",
        Effect::Denies => "denies",
        Effect::Permits => "permits",
        Effect::Limits => "limits",
    }
}

/// What takes away what statements grant, in words: to edit those that can be edited (`edit` them), and to detach policies
/// of AWS.
fn without(edit: &str, statements: &[(String, String)]) -> String {
    let (mut edited, mut detached) = (Vec::new(), Vec::new());
    for (resource, path) in statements {
        match access::attached_of_aws(path) {
            Some(name) => detached.push(format!("detach {name} from {resource}")),
            None => edited.push(format!("{path} of {resource}")),
        }
    }
    let edited = (!edited.is_empty()).then(|| format!("{edit} {}", edited.join(" and ")));
    let all: Vec<String> = edited.into_iter().chain(detached).collect();
    all.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::without;

    #[track_caller]
    fn check(statements: &[(&str, &str)], want: &str) {
        let pair = |it: &(&str, &str)| (it.0.to_owned(), it.1.to_owned());
        let statements: Vec<(String, String)> = statements.iter().map(pair).collect();
        assert_eq!(without("take iam:PassRole out of", &statements), want);
    }

    #[test]
    fn a_statement_is_edited_and_a_policy_of_aws_is_detached() {
        let (own, attached) =
            (("role/a", "Inline[p].Statement[0]"), "AttachedManagedPolicies[Power]");
        check(&[own], "take iam:PassRole out of Inline[p].Statement[0] of role/a");
        check(&[("role/a", attached)], "detach Power from role/a");
        check(
            &[("group/g", attached), own],
            "take iam:PassRole out of Inline[p].Statement[0] of role/a and detach Power from group/g",
        );
    }
}
