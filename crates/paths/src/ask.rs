//! From what people name to a question: ids, names, accounts, and words for many.

use content::step::Hold;
use graph::Graph;
use lang::NodeId;
use model::View;

use crate::derive::{Attack, INTERNET};
use crate::report::{Impact, Question, Target};

/// A question, with what was named and is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is asked about.
    pub question: Question,
    /// Why a name names nothing, one line each.
    pub missing: Vec<String>,
}

impl Asked {
    /// Whether names were given and none of them names anything.
    pub fn is_about_nothing(&self, from: &[String], to: &[String]) -> bool {
        (!from.is_empty() && self.question.from.is_empty())
            || (!to.is_empty() && self.question.to.is_empty() && !self.missing.is_empty())
    }
}

/// A question about an estate.
///
/// `from`: ids, names, `internet`, or `any-user` for every identity that people sign in with; the internet
/// when empty. `to`: ids, names, accounts, or `account-admin` for every administrator; administrators and
/// critical assets when empty.
pub fn ask(graph: &Graph, attack: &Attack, from: &[String], to: &[String]) -> Asked {
    let (mut question, mut missing) = (Question::default(), Vec::new());
    for text in from {
        match text.as_str() {
            "internet" | "public" => question.from.push(INTERNET),
            "any-user" => question.from.extend(users(graph)),
            text => match find(graph, text) {
                Ok(node) => question.from.push(node),
                Err(reason) => missing.push(reason),
            },
        }
    }
    if from.is_empty() {
        question.from.push(INTERNET);
    }
    for text in to {
        match text.as_str() {
            "account-admin" | "administrator" => question.to.extend(administrators(attack)),
            text => match find(graph, text) {
                Ok(node) => question.to.push(Target { node, impact: Impact::VeryHigh }),
                Err(reason) => missing.push(reason),
            },
        }
    }
    if to.is_empty() {
        question.to.extend(administrators(attack));
        question.to.extend(critical(graph));
    }
    question.to.sort_by_key(|it| (it.node, std::cmp::Reverse(it.impact)));
    question.to.dedup_by_key(|it| it.node);
    Asked { question, missing }
}

fn administrators(attack: &Attack) -> impl Iterator<Item = Target> + '_ {
    attack
        .positions()
        .filter(|(_, held)| held.hold == Hold::Administer)
        .map(|(_, held)| Target { node: held.node, impact: Impact::VeryHigh })
}

/// What classifications mark as critical.
fn critical(graph: &Graph) -> impl Iterator<Item = Target> + '_ {
    let key = graph.keys().find("criticality");
    graph.nodes().filter_map(move |node| {
        let impact = match graph.meta(node).get(key?) {
            Some(View::Str("veryHigh")) => Impact::VeryHigh,
            Some(View::Str("high")) => Impact::High,
            Some(View::Str("medium")) => Impact::Medium,
            Some(View::Str("low")) => Impact::Low,
            _ => return None,
        };
        Some(Target { node, impact })
    })
}

fn users(graph: &Graph) -> impl Iterator<Item = NodeId> + '_ {
    graph.nodes().filter(|it| graph.labels(*it).any(|label| label == "User"))
}

/// The node of an id, of an account, or of a name that only one has.
///
/// # Errors
/// Nothing has that id or name, or several have the name.
pub fn find(graph: &Graph, text: &str) -> Result<NodeId, String> {
    let account = text.strip_prefix("arn:aws:iam::").and_then(|it| it.strip_suffix(":root"));
    let account = account.or_else(|| text.strip_prefix("account-admin:")).unwrap_or(text);
    let by_id = graph
        .node_by_id(text)
        .or_else(|| graph.node_by_id(&text.to_ascii_lowercase()))
        .or_else(|| graph.node_by_id(&format!("aws:{account}")))
        .or_else(|| without_region(graph, text));
    if let Some(node) = by_id {
        return Ok(node);
    }
    let key = graph.keys().find("name");
    let has_name = |node: &NodeId| {
        let name = key.and_then(|key| graph.meta(*node).get(key));
        matches!(name, Some(View::Str(name)) if name == text)
    };
    let mut named = graph.nodes().filter(has_name);
    match (named.next(), named.next()) {
        (Some(node), None) => Ok(node),
        (Some(_), Some(_)) => Err(format!("several are called `{text}`: name the id")),
        (None, _) => Err(format!("there is no `{text}` in what was read")),
    }
}

/// The node of an ARN where the export did not say in which region it is.
fn without_region(graph: &Graph, text: &str) -> Option<NodeId> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, region, account, name] if !region.is_empty() => {
            graph.node_by_id(&format!("arn:{partition}:{service}::{account}:{name}"))
        }
        _ => None,
    }
}
