//! A small estate with a tree of scopes, and random edits of it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use content::{ContentFile, Library};
use graph::{Delta as Changes, Graph, GraphBuilder, NodeMeta};
use jiff::Timestamp;
use lang::NodeId;
use model::doc::unread_marker;
use model::{Doc, GapId, Keys, Tags};
use posture::{
    Assessor, Base, Category, Classifier, Delta, Exemption, Exemptions, Ledger, Place, Setting,
    Target, assess,
};
use serde_json::{Value as Json, json};

use crate::{Parts, Sight, Touched};

/// Numbers that look random (`SplitMix64`).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }

    pub(super) fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.roll(list.len())]
    }
}

fn kind(id: &str, labels: &str) -> ContentFile {
    let (cloud, slug) = id.split_once('.').unwrap();
    let text = format!(
        "id: {id}\ntitle: {slug} of {cloud}\nnative: x/{slug}\nsince: '0.1'\nlabels: [{labels}]\nreferences: [{{url: 'https://example.com', read: 2026-11-21}}]\n"
    );
    ContentFile { path: format!("kinds/{cloud}/x/{slug}.kind.yaml"), bytes: text.into_bytes() }
}

fn classification(slug: &str, rest: &str) -> ContentFile {
    let id = format!("any.critical.{slug}");
    let text = format!(
        "id: {id}\ntitle: {slug}\ndescription: d\nsince: '0.1'\nassets: cloudResource\n{rest}\nreferences: [{{url: 'https://example.com', read: 2026-11-21}}]\n"
    );
    let path = format!("classifications/any/{slug}.classification.yaml");
    ContentFile { path, bytes: text.into_bytes() }
}

/// Ids of the checks, and what is special about each.
const CHECKS: [(&str, &str); 5] = [
    (
        "azure.disk.open",
        "severity: critical\nkind: azure.disk\nunhealthy: r.open = true\ncontrol: c1\nstandards: {s1: ['1']}",
    ),
    (
        "azure.disk.weak",
        "severity: low\nkind: azure.disk\napplies: r.sort <> 'none'\nunhealthy: r.weak = true\ncontrol: c1\nstandards: {s1: ['1', '2']}",
    ),
    (
        "azure.vault.open",
        "severity: high\nkind: azure.vault\nunhealthy: r.open = true\ncontrol: c2",
    ),
    (
        "aws.bucket.open",
        "severity: high\nkind: aws.bucket\nunhealthy: r.open = true\ncontrol: c2\nstandards: {s1: ['2']}",
    ),
    (
        "aws.bucket.weak",
        "severity: medium\nkind: aws.bucket\nunhealthy: any(x IN [(r)-[:USES]->(n) | n.open] WHERE x)\ncontrol: c1\nstatus: preview",
    ),
];

/// The text of a check.
pub(super) fn check_text(id: &str) -> String {
    let rest = CHECKS.iter().find(|it| it.0 == id).unwrap().1;
    format!(
        "id: {id}\ntitle: Title of {id}\nsince: '0.1'\n{rest}\nevidence: [open]\nwhy: x\nblind_spots: none\nfix: {{steps: [mend it]}}\nreferences: [{{url: 'https://example.com', read: 2026-11-21}}]\n"
    )
}

fn check(id: &str) -> ContentFile {
    let path = format!("checks/{}.check.yaml", id.replace('.', "/"));
    ContentFile { path, bytes: check_text(id).into_bytes() }
}

static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| {
    let standard = "id: s1\ntitle: S\nversion: '1'\npublisher: p\nurl: 'https://example.com'\nrequirements:\n  - {id: '1', title: one}\n  - {id: '2', title: two}\n  - {id: '3', title: three}\n";
    let controls = "- {id: c1, title: C1, points: 10, description: d}\n- {id: c2, title: C2, points: 4, description: d}\n- {id: c3, title: C3, points: 0, description: d}\n";
    let files = [
        ContentFile { path: "standards/s1.standard.yaml".into(), bytes: standard.into() },
        ContentFile { path: "controls.yaml".into(), bytes: controls.into() },
        kind("azure.group", "Scope"),
        kind("azure.subscription", "Scope"),
        kind("azure.resource-group", "Scope"),
        kind("azure.disk", ""),
        kind("azure.vault", ""),
        kind("aws.bucket", ""),
        classification("sort", "level: high\nkind: azure.disk\nwhere: r.sort = 'x'"),
        classification("open", "level: low\nkind: aws.bucket\nwhere: r.open = true"),
    ];
    let checks = CHECKS.iter().map(|(id, _)| check(id));
    let files: Vec<_> = files.into_iter().chain(checks).collect();
    let (library, problems) = Library::build(&files, false);
    assert_eq!(problems, []);
    Arc::new(library)
});

static ASSESSOR: LazyLock<Arc<Assessor>> = LazyLock::new(|| {
    let (assessor, problems) = Assessor::compile(&LIBRARY);
    assert_eq!(problems, []);
    Arc::new(assessor)
});

/// What a node should be.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) scope: String,
    pub(super) region: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) json: Json,
    pub(super) is_stub: bool,
    /// What it lies in.
    pub(super) parent: Option<NodeId>,
}

impl Node {
    pub(super) fn is_scope(&self) -> bool {
        ["azure.group", "azure.subscription", "azure.resource-group"].contains(&self.kind.as_str())
    }
}

/// An estate that changes.
pub(super) struct World {
    keys: Keys,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    pub(super) uses: Vec<(NodeId, NodeId)>,
    pub(super) graph: Graph,
    pub(super) ledger: Ledger,
    classifier: Classifier,
    exemptions: Vec<Exemption>,
    now: Timestamp,
    sequence: u64,
}

fn classifier() -> Classifier {
    let (classifier, problems) = Classifier::compile(&LIBRARY, &CHOICES, None);
    assert!(problems.is_empty(), "{problems:?}");
    classifier
}

static CHOICES: LazyLock<Arc<posture::Choices>> = LazyLock::new(Arc::default);

impl World {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let keys = Keys::default();
        let mut world = Self {
            graph: GraphBuilder::new(&keys).finish(),
            keys,
            nodes: BTreeMap::new(),
            uses: Vec::new(),
            ledger: Ledger::default(),
            classifier: classifier(),
            exemptions: Vec::new(),
            now: "2026-11-21T00:00:00Z".parse().unwrap(),
            sequence: 0,
        };
        let mut changes = Changes::new(&world.graph);
        let group = world.add_scope(&mut changes, "azure.group", "/groups/top", None);
        world.add_scope(&mut changes, "azure.group", "/groups/other", None);
        for number in 0..3 {
            let parent = (number < 2).then_some(group);
            let id = format!("/subscriptions/s{number}");
            let scope = world.add_scope(&mut changes, "azure.subscription", &id, parent);
            for at in 0..2 {
                let id = format!("{id}/resourcegroups/g{at}");
                world.add_scope(&mut changes, "azure.resource-group", &id, Some(scope));
            }
        }
        for _ in 0..8 + dice.roll(12) {
            world.add_resource(&mut changes, dice);
        }
        let _ = world.commit(changes);
        world
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        Parts {
            library: &LIBRARY,
            assessor: &ASSESSOR,
            graph: &self.graph,
            ledger: &self.ledger,
            gaps: &[],
            choices: &CHOICES,
        }
    }

    fn add_scope(
        &mut self,
        changes: &mut Changes,
        kind: &str,
        id: &str,
        parent: Option<NodeId>,
    ) -> NodeId {
        let mut above = parent.and_then(|it| self.nodes.get(&it));
        while let Some(node) = above.filter(|it| it.kind == "azure.resource-group") {
            above = node.parent.and_then(|it| self.nodes.get(&it));
        }
        let of_group = above.filter(|_| kind == "azure.resource-group").map(|it| it.id.clone());
        let scope = of_group.unwrap_or_else(|| id.to_owned());
        let node = Node {
            id: id.to_owned(),
            kind: kind.to_owned(),
            name: format!("name of {id}"),
            scope,
            region: None,
            tags: BTreeMap::new(),
            json: json!({}),
            is_stub: false,
            parent,
        };
        self.add(changes, node)
    }

    fn add_resource(&mut self, changes: &mut Changes, dice: &mut Dice) -> NodeId {
        let number = dice.roll(1_000_000);
        let is_aws = dice.roll(4) == 0;
        let scopes = ["azure.subscription", "azure.resource-group"];
        let all = self.nodes.iter().filter(|(_, it)| scopes.contains(&it.kind.as_str()));
        let inside: Vec<NodeId> = all.map(|(node, _)| *node).collect();
        let (parent, scope) = if is_aws {
            (None, ["aws:1", "aws:2", ""][dice.roll(3)].to_owned())
        } else if inside.is_empty() {
            (None, String::new())
        } else {
            let parent = *dice.pick(&inside);
            (Some(parent), self.nodes[&parent].scope.clone())
        };
        let mut node = Node {
            id: format!("{scope}/r/{}-{number}", ["Alpha", "beta", "gamma"][dice.roll(3)]),
            kind: if is_aws {
                "aws.bucket"
            } else {
                ["azure.disk", "azure.vault", "x/y"][dice.roll(3)]
            }
            .to_owned(),
            name: String::new(),
            scope,
            region: None,
            tags: BTreeMap::new(),
            json: json!({}),
            is_stub: dice.roll(8) == 0,
            parent,
        };
        facts(&mut node, dice);
        let node = self.add(changes, node);
        // something that lies in a resource, not in a scope directly
        if parent.is_some() && dice.roll(3) == 0 {
            let mut child = self.nodes[&node].clone();
            child.id = format!("{}/child", child.id);
            child.parent = Some(node);
            facts(&mut child, dice);
            self.add(changes, child);
        }
        node
    }

    fn add(&mut self, changes: &mut Changes, node: Node) -> NodeId {
        let (labels, doc, meta) = self.built(&node);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let added = changes.add_node(&labels, doc, Some(meta), 0);
        if let Some(parent) = node.parent {
            changes.add_edge(parent, "CONTAINS", added, None);
        }
        self.nodes.insert(added, node);
        added
    }

    fn built(&self, node: &Node) -> (Vec<String>, Doc, Doc) {
        let tags: Tags = node.tags.iter().collect();
        let meta = NodeMeta {
            id: &node.id,
            name: &node.name,
            kind: &node.kind,
            scope: &node.scope,
            region: node.region.as_deref(),
            tags: &tags,
            collected: !node.is_stub,
        };
        let labels = LIBRARY.kind(&node.kind).map_or_else(
            || vec![content::native_label(&node.kind), "Resource".to_owned()],
            content::Kind::all_labels,
        );
        (labels, Doc::build(&node.json, &self.keys), meta.doc(&self.keys))
    }

    fn commit(&mut self, mut changes: Changes) -> Touched {
        self.sequence += 1;
        let after = self.graph.apply(&changes);
        let marks = self.classifier.mark_changed(&self.graph, &after, &changes);
        let after = after.apply(&marks);
        changes.append(marks);
        let changes = &changes;
        let setting = Setting::at(self.now);
        let exemptions = Exemptions::new(self.exemptions.clone());
        let delta = Delta::changes(&after, changes, &ASSESSOR, &setting, self.sequence)
            .with_exemptions(&exemptions);
        let diff = assess(&Base::new(&self.graph, &self.ledger), &delta);
        let touched = Touched::of(&diff, Some(changes));
        self.ledger.apply(diff);
        self.graph = after;
        touched
    }

    fn resources(&self) -> Vec<NodeId> {
        self.nodes.iter().filter(|(_, it)| !it.is_scope()).map(|(node, _)| *node).collect()
    }

    /// Some random edits in one step.
    pub(super) fn edit(&mut self, dice: &mut Dice) -> Touched {
        let mut changes = Changes::new(&self.graph);
        for _ in 0..=dice.roll(3) {
            self.edit_once(&mut changes, dice);
        }
        self.commit(changes)
    }

    fn edit_once(&mut self, changes: &mut Changes, dice: &mut Dice) {
        let all = self.resources();
        match dice.roll(12) {
            0..=3 if !all.is_empty() => {
                let node = *dice.pick(&all);
                facts(self.nodes.get_mut(&node).unwrap(), dice);
                let (labels, doc, meta) = self.built(&self.nodes[&node]);
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                changes.replace_node(node, &labels, doc, Some(meta), 0);
            }
            4 if !all.is_empty() => {
                let node = *dice.pick(&all);
                let own: Vec<NodeId> = all
                    .into_iter()
                    .filter(|it| *it == node || self.nodes[it].parent == Some(node))
                    .collect();
                for it in own {
                    changes.remove_node(it);
                    self.nodes.remove(&it);
                    self.uses.retain(|(from, to)| *from != it && *to != it);
                }
            }
            5 | 6 => drop(self.add_resource(changes, dice)),
            7 if !all.is_empty() => {
                let (from, to) = (*dice.pick(&all), *dice.pick(&all));
                changes.add_edge(from, "USES", to, None);
                self.uses.push((from, to));
            }
            8 => self.move_subscription(changes, dice),
            9 => {
                let id = format!("/subscriptions/n{}", dice.roll(1_000_000));
                let parent = self.add_scope(changes, "azure.subscription", &id, None);
                let id = format!("{id}/resourcegroups/g");
                self.add_scope(changes, "azure.resource-group", &id, Some(parent));
            }
            _ => self.exempt(dice),
        }
    }

    /// Puts a subscription into another management group.
    fn move_subscription(&mut self, changes: &mut Changes, dice: &mut Dice) {
        let of_kind = |kind: &str| -> Vec<NodeId> {
            let all = self.nodes.iter().filter(|(_, it)| it.kind == kind);
            all.map(|(node, _)| *node).collect()
        };
        let (groups, scopes) = (of_kind("azure.group"), of_kind("azure.subscription"));
        let (group, scope) = (*dice.pick(&groups), *dice.pick(&scopes));
        if let Some(old) = self.nodes[&scope].parent {
            changes.remove_edges(old, "CONTAINS", scope);
        }
        changes.add_edge(group, "CONTAINS", scope, None);
        self.nodes.get_mut(&scope).unwrap().parent = Some(group);
    }

    fn exempt(&mut self, dice: &mut Dice) {
        if !self.exemptions.is_empty() && dice.roll(3) == 0 {
            self.exemptions.pop();
            return;
        }
        let exemption = self.exemption(dice);
        self.exemptions.push(exemption);
    }

    /// Makes a decision, and nothing else.
    pub(super) fn decide(&mut self, exemption: Exemption) -> Touched {
        self.exemptions.push(exemption);
        self.commit(Changes::new(&self.graph))
    }

    /// Some decision, later than all that are made.
    pub(super) fn exemption(&self, dice: &mut Dice) -> Exemption {
        let nodes: Vec<&Node> = self.nodes.values().collect();
        let node = *dice.pick(&nodes);
        let place = match dice.roll(4) {
            0 => Place::Everywhere,
            1 => Place::Scope(node.scope.clone()),
            _ => Place::Resource(node.id.clone()),
        };
        let target = match dice.roll(3) {
            0 => Target::Everything,
            1 => Target::Control("c1".to_owned()),
            _ => Target::Check("azure.disk.open".to_owned()),
        };
        Exemption {
            number: self.exemptions.iter().map(|it| it.number).max().unwrap_or_default() + 1,
            category: [Category::Mitigated, Category::Waiver][dice.roll(2)],
            target,
            place,
            reason: String::new(),
            evidence: Vec::new(),
            approver: String::new(),
            from: self.now,
            until: None,
        }
    }

    pub(super) fn all_sights(&self) -> Vec<Sight> {
        let scopes = self.nodes.values().filter(|it| it.is_scope()).map(|it| it.id.as_str());
        let one = scopes.chain(["aws:1", "aws:2", "/none"]).map(|id| Sight::scopes([id]));
        one.chain([Sight::Everything, Sight::scopes::<&str>([])]).collect()
    }

    pub(super) fn any_sight(&self, dice: &mut Dice) -> Sight {
        let all = self.all_sights();
        match (dice.pick(&all).clone(), dice.pick(&all).clone()) {
            (Sight::Scopes(a), Sight::Scopes(b)) => Sight::Scopes(a.into_iter().chain(b).collect()),
            (one, _) => one,
        }
    }
}

/// Gives a resource other facts.
fn facts(node: &mut Node, dice: &mut Dice) {
    let value = |dice: &mut Dice| match dice.roll(4) {
        0 => json!(true),
        1 => unread_marker(GapId::NOT_COLLECTED),
        2 => Json::Null,
        _ => json!(false),
    };
    node.name = ["Web-1", "web-2", "db-1", "DB-2", ""][dice.roll(5)].to_owned();
    node.region = [None, Some("north"), Some("south-1")][dice.roll(3)].map(str::to_owned);
    node.tags.clear();
    for key in ["env", "Owner"] {
        if dice.roll(2) == 0 {
            let value = ["prod", "Test two"][dice.roll(2)];
            node.tags.insert(key.to_owned(), value.to_owned());
        }
    }
    let sort = *dice.pick(&["none", "x"]);
    node.json = json!({ "open": value(dice), "weak": value(dice), "sort": sort });
    if dice.roll(6) == 0 {
        node.is_stub = !node.is_stub;
    }
}
