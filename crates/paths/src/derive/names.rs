//! How nodes are called in questions about access.

use std::borrow::Cow;

use graph::Graph;
use lang::NodeId;

use super::INTERNET;
use super::rows::Row;

/// What Merlon says about nodes, as far as questions need it.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    graph: &'a Graph,
    scope: Option<model::Key>,
    name: Option<model::Key>,
}

impl<'a> Names<'a> {
    pub(super) fn of(graph: &'a Graph) -> Self {
        let keys = graph.keys();
        Self { graph, scope: keys.find("scope"), name: keys.find("name") }
    }

    fn text(&self, node: NodeId, key: Option<model::Key>) -> &'a str {
        match key.and_then(|it| self.graph.meta(node).get(it)) {
            Some(model::View::Str(text)) => text,
            _ => "",
        }
    }

    /// The account, subscription or project; empty for everybody on the internet.
    pub(super) fn scope(&self, node: NodeId) -> &'a str {
        if node == INTERNET { "" } else { self.text(node, self.scope) }
    }

    /// The id under which it acts and is asked about.
    pub(super) fn id(&self, node: NodeId) -> Cow<'a, str> {
        if node == INTERNET {
            return "*".into();
        }
        let id = self.graph.id(node).unwrap_or_default();
        // Whoever administers an account acts with the rights of its root.
        match id.strip_prefix("aws:") {
            Some(account) => format!("arn:aws:iam::{account}:root").into(),
            None => id.into(),
        }
    }

    /// A text with names filled in; the name of a node alone is its id. `None` where it names the actor,
    /// or what is its own, and nobody says who that is.
    pub(super) fn fill(
        &self,
        text: &str,
        actor: Option<NodeId>,
        row: &Row,
    ) -> Option<Cow<'a, str>> {
        match text {
            "to" => return Some(self.id(row.to)),
            "via" => return Some(self.id(row.via.unwrap_or(row.to))),
            "actor" => return actor.map(|it| self.id(it)),
            _ => {}
        }
        let (mut filled, mut rest) = (String::with_capacity(text.len() + 64), text);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            match name {
                "to" => filled.push_str(&self.id(row.to)),
                "via" => filled.push_str(&self.id(row.via.unwrap_or(row.to))),
                "actor" => filled.push_str(&self.id(actor?)),
                "name" => filled.push_str(self.text(row.to, self.name)),
                "account" => {
                    let scope = self.scope(actor?);
                    filled.push_str(scope.split_once(':').map_or("*", |it| it.1));
                }
                "partition" => {
                    let id = self.id(actor?);
                    let partition = id.strip_prefix("arn:").and_then(|it| it.split(':').next());
                    filled.push_str(partition.unwrap_or("aws"));
                }
                other => {
                    filled.push('{');
                    filled.push_str(other);
                    filled.push('}');
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        Some(filled.into())
    }
}
