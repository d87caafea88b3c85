//! What the things in a graph hold and are connected with, for forms that offer it.

use std::collections::BTreeMap;

use graph::{Graph, Way};
use jiff::Timestamp;
use lang::{NodeId, Value};
use posture::Setting;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use view::View;

/// Things that are looked at for their values.
const SAMPLE: usize = 1000;
/// Things that are looked at for their connections.
const EDGE_SAMPLE: usize = 300;
/// Values of one path that are told.
const VALUES: usize = 15;
/// Values of one path that are counted: beyond, it is no word of a list.
const COUNTED: usize = 60;
/// Longer texts are no words to choose from.
const LONGEST_VALUE: usize = 80;
/// Paths that are told.
const PATHS: usize = 1500;
/// Keys of the longest path.
const DEPTH: usize = 9;
/// Elements of one list that are looked at.
const ELEMENTS: usize = 20;

/// What may stand in a query about some things.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vocabulary {
    /// Labels that things have, the most frequent first.
    labels: Vec<LabelCount>,
    /// Where things of the labels asked for hold values, by path.
    paths: Vec<PathSeen>,
    /// What they are connected with, the most frequent first.
    edges: Vec<EdgeSeen>,
    /// Things that were looked at for `paths`.
    looked_at: u32,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// A label and how many things have it.
#[derive(Debug, Serialize, ToSchema)]
struct LabelCount {
    label: String,
    things: u64,
}

/// Where things hold values.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PathSeen {
    /// Keys from the thing to the value; `*` stands for every element of a list.
    path: Vec<String>,
    /// `text`, `number`, `boolean`, `instant`, `list` or `map`, the most frequent first.
    types: Vec<&'static str>,
    /// Values, the most frequent first.
    #[schema(value_type = Vec<Value>)]
    values: Vec<Json>,
    /// Whether there are further values.
    more: bool,
    /// Things of those looked at that have something there.
    things: u32,
}

/// An edge to things of a label.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EdgeSeen {
    #[serde(rename = "type")]
    edge: String,
    /// Whether it leads away from the thing.
    is_outgoing: bool,
    /// The label at its other end.
    label: String,
    /// Such edges of the things looked at.
    edges: u64,
}

impl Vocabulary {
    pub(super) fn of(view: &View, labels: &[String], now: Timestamp) -> Self {
        let graph = view.graph();
        let mut told =
            Self { labels: label_counts(graph), as_of: view.sequence(), ..Self::default() };
        if labels.is_empty() {
            return told;
        }
        let sample = sample(graph, labels, now);
        let mut seen = Seen::default();
        for node in &sample {
            seen.look(&graph.doc(*node).to_json(graph.keys()), &mut Vec::new());
            let meta = graph.meta(*node).to_json(graph.keys());
            seen.look(&meta, &mut vec!["merlon".to_owned()]);
            seen.end();
        }
        told.looked_at = sample.len() as u32;
        told.paths = seen.told();
        told.edges = edges(graph, &sample);
        told
    }
}

fn label_counts(graph: &Graph) -> Vec<LabelCount> {
    let count = |label: &str| LabelCount {
        label: label.to_owned(),
        things: graph.n_with_label(label) as u64,
    };
    let mut found: Vec<LabelCount> = graph.label_list().map(count).collect();
    found.retain(|it| it.things > 0);
    found.sort_by(|a, b| b.things.cmp(&a.things).then_with(|| a.label.cmp(&b.label)));
    found
}

/// Things with one of these labels, from all over the graph. A label that nothing has gives none.
fn sample(graph: &Graph, labels: &[String], now: Timestamp) -> Vec<NodeId> {
    let mut found = Vec::new();
    let share = SAMPLE / labels.len().max(1);
    for label in labels {
        let search = lang::Search {
            thing: lang::search::Thing {
                variable: "n".to_owned(),
                labels: vec![label.clone()],
                items: Vec::new(),
            },
            limit: None,
        };
        let setting = Setting::at(now);
        // A label that nothing has is an error of the query, and no thing to show.
        let Ok(query) = graph::Query::compile(&search.write(), None) else { continue };
        let Ok(rows) = query.run(graph, &setting.context()) else { continue };
        let step = (rows.rows.len() / share.max(1)).max(1);
        let nodes = rows.rows.iter().step_by(step).filter_map(|row| match row.first() {
            Some(Value::Node(node)) => Some(*node),
            _ => None,
        });
        found.extend(nodes.take(share));
    }
    found.sort_unstable_by_key(|it| it.0);
    found.dedup();
    found
}

/// What is seen at one path.
#[derive(Default)]
struct PathStats {
    types: BTreeMap<&'static str, u32>,
    values: BTreeMap<String, (Json, u32)>,
    has_more: bool,
    things: u32,
    /// Whether the thing that is looked at has been counted.
    is_counted: bool,
}

#[derive(Default)]
struct Seen {
    paths: BTreeMap<Vec<String>, PathStats>,
}

impl Seen {
    fn look(&mut self, value: &Json, path: &mut Vec<String>) {
        if path.len() > DEPTH || *value == Json::Null {
            return;
        }
        if !path.is_empty() {
            if self.paths.len() >= PATHS && !self.paths.contains_key(path) {
                return;
            }
            self.paths.entry(path.clone()).or_default().add(value);
        }
        match value {
            Json::Object(fields) => {
                for (key, field) in fields {
                    path.push(key.clone());
                    self.look(field, path);
                    path.pop();
                }
            }
            Json::Array(elements) => {
                path.push("*".to_owned());
                for element in elements.iter().take(ELEMENTS) {
                    self.look(element, path);
                }
                path.pop();
            }
            _ => {}
        }
    }

    /// The next thing begins.
    fn end(&mut self) {
        for stats in self.paths.values_mut() {
            stats.is_counted = false;
        }
    }

    fn told(self) -> Vec<PathSeen> {
        self.paths.into_iter().map(|(path, stats)| stats.told(path)).collect()
    }
}

impl PathStats {
    fn add(&mut self, value: &Json) {
        if !self.is_counted {
            self.is_counted = true;
            self.things += 1;
        }
        *self.types.entry(type_of(value)).or_default() += 1;
        let is_word = match value {
            Json::String(text) => text.len() <= LONGEST_VALUE,
            Json::Bool(_) | Json::Number(_) => true,
            _ => false,
        };
        if !is_word {
            self.has_more |= value.is_string();
            return;
        }
        let text = value.to_string();
        if let Some((_, n)) = self.values.get_mut(&text) {
            *n += 1;
        } else if self.values.len() < COUNTED {
            self.values.insert(text, (value.clone(), 1));
        } else {
            self.has_more = true;
        }
    }

    fn told(self, path: Vec<String>) -> PathSeen {
        let mut types: Vec<_> = self.types.into_iter().collect();
        types.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let mut values: Vec<(Json, u32)> = self.values.into_values().collect();
        let more = self.has_more || values.len() > VALUES;
        values.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        values.truncate(VALUES);
        PathSeen {
            path,
            types: types.into_iter().map(|(name, _)| name).collect(),
            values: values.into_iter().map(|(value, _)| value).collect(),
            more,
            things: self.things,
        }
    }
}

fn type_of(value: &Json) -> &'static str {
    match value {
        Json::String(text) if text.parse::<Timestamp>().is_ok() => "instant",
        Json::String(_) | Json::Null => "text",
        Json::Number(_) => "number",
        Json::Bool(_) => "boolean",
        Json::Array(_) => "list",
        Json::Object(_) => "map",
    }
}

fn edges(graph: &Graph, sample: &[NodeId]) -> Vec<EdgeSeen> {
    let mut counts: BTreeMap<(&str, bool, &str), u64> = BTreeMap::new();
    let step = (sample.len() / EDGE_SAMPLE).max(1);
    for node in sample.iter().step_by(step) {
        for (edge, _) in graph.type_list() {
            for way in [Way::Out, Way::In] {
                for other in graph.neighbours(*node, edge, way) {
                    for label in graph.labels(other).filter(|it| *it != "Resource") {
                        *counts.entry((edge, way == Way::Out, label)).or_default() += 1;
                    }
                }
            }
        }
    }
    let mut found: Vec<EdgeSeen> = counts
        .into_iter()
        .map(|((edge, is_outgoing, label), edges)| EdgeSeen {
            edge: edge.to_owned(),
            is_outgoing,
            label: label.to_owned(),
            edges,
        })
        .collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.edges));
    found
}
