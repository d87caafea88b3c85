//! A small estate for tests, drawn from the cases of the shipped checks, and random edits of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path as FilePath;
use std::sync::Arc;
use std::sync::LazyLock;

use content::case::{Case, CheckCase, Neighbour};
use content::{Check, ContentFile, Library};
use graph::{Delta as Changes, Graph, GraphBuilder, NodeMeta, Way};
use jiff::Timestamp;
use lang::NodeId;
use model::doc::unread_marker;
use model::{Doc, GapId, Keys, Path, Step, Tags};
use serde_json::{Value as Json, json};

use crate::cases::{mark_unread, parse_via};
use crate::exemption::{Category, Exemption, Exemptions, Place, Target};
use crate::leaves::leaf_conditions;
use crate::{Assessor, Base, Delta, Diff, Ledger, Setting, assess};

pub(super) static LIBRARY: LazyLock<Library> = LazyLock::new(|| library(&|_, bytes| Some(bytes)));
pub(super) static ASSESSOR: LazyLock<Assessor> = LazyLock::new(|| {
    let (assessor, problems) = Assessor::compile(&LIBRARY);
    assert_eq!(problems, []);
    assessor
});
/// By kind: paths that some check reads, each with values that stand there in some case.
static READ: LazyLock<BTreeMap<&'static str, Vec<ReadPath>>> = LazyLock::new(read_paths);
type ReadPath = (Path, Vec<Json>);

/// What a test makes of a file.
type Edit<'e> = &'e dyn Fn(&str, Vec<u8>) -> Option<Vec<u8>>;

/// The shipped content, each file as `edit` makes it of its path and bytes.
pub(super) fn library(edit: Edit<'_>) -> Library {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
    let mut files = Vec::new();
    for part in ["checks", "classifications", "kinds", "standards", "controls.yaml"] {
        collect(&root, &root.join(part), &mut files);
    }
    let edited = files.into_iter().filter_map(|it| {
        let bytes = edit(&it.path, it.bytes)?;
        Some(ContentFile { path: it.path, bytes })
    });
    Library::build(&edited.collect::<Vec<_>>(), true).0
}

fn collect(root: &FilePath, at: &FilePath, files: &mut Vec<ContentFile>) {
    if at.is_dir() {
        for entry in std::fs::read_dir(at).unwrap() {
            collect(root, &entry.unwrap().path(), files);
        }
    } else {
        let path = at.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        files.push(ContentFile { path, bytes: std::fs::read(at).unwrap() });
    }
}

fn read_paths() -> BTreeMap<&'static str, Vec<ReadPath>> {
    let mut found: BTreeMap<&str, BTreeMap<String, ReadPath>> = BTreeMap::new();
    for check in LIBRARY.checks() {
        let leaves =
            check.applies.iter().chain([&check.unhealthy]).flat_map(|it| leaf_conditions(it));
        for path in leaves.flat_map(|it| it.paths) {
            for kind in check.all_kinds() {
                let paths = found.entry(kind).or_default();
                let (_, values) = paths
                    .entry(path.text().to_owned())
                    .or_insert_with(|| (path.clone(), Vec::new()));
                for case in LIBRARY.check_cases(&check.id) {
                    values.extend(at(&case.resource, path.steps()).cloned());
                }
            }
        }
    }
    for rule in LIBRARY.classifications() {
        for path in leaf_conditions(&rule.predicate).into_iter().flat_map(|it| it.paths) {
            for kind in LIBRARY.kinds_of(rule) {
                let paths = found.entry(kind).or_default();
                let new = || (path.clone(), Vec::new());
                let (_, values) = paths.entry(path.text().to_owned()).or_insert_with(new);
                for case in LIBRARY.classification_cases(&rule.id) {
                    values.extend(at(&case.resource, path.steps()).cloned());
                }
            }
        }
    }
    found.into_iter().map(|(kind, paths)| (kind, paths.into_values().collect())).collect()
}

fn at<'j>(json: &'j Json, steps: &[Step]) -> Option<&'j Json> {
    steps.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => json.get(key.as_ref()),
        Step::Each | Step::EachKey => None,
    })
}

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

    fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        list.get(self.roll(list.len()))
    }
}

/// What a node should be.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: String,
    pub(super) json: Json,
    pub(super) scope: String,
    name: String,
    region: Option<String>,
    tags: Vec<(String, String)>,
    is_stub: bool,
}

/// An edge by the kinds of its ends.
type Link = (String, String, String);

/// An estate that changes, with a ledger that follows.
pub(super) struct World {
    keys: Keys,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    pub(super) graph: Graph,
    pub(super) ledger: Ledger,
    pub(super) now: Timestamp,
    pub(super) exemptions: Vec<Exemption>,
    pub(super) sequence: u64,
    /// The number of the node that is added next.
    next: u32,
    links: Vec<Link>,
    drawn: Vec<(u32, String, u32)>,
    marks: Vec<(u32, String, Way, Option<String>)>,
}

impl World {
    /// All cases of some checks, as one estate that is assessed.
    pub(super) fn of_cases<'c>(checks: impl Iterator<Item = &'c Arc<Check>>) -> Self {
        Self::of(checks.flat_map(|check| {
            let kind = check.all_kinds().next().unwrap_or_default();
            LIBRARY.check_cases(&check.id).iter().map(move |case| (kind, case))
        }))
    }

    /// All cases of all classifications, as one estate.
    pub(super) fn of_classifications() -> Self {
        Self::of(LIBRARY.classifications().flat_map(|rule| {
            let kind = LIBRARY.kinds_of(rule).first().copied().unwrap_or_default();
            LIBRARY.classification_cases(&rule.id).iter().map(move |case| (kind, case))
        }))
    }

    /// One case; its resource is the first node.
    pub(super) fn of_case(check: &Check, case: &CheckCase) -> Self {
        Self::of(std::iter::once((check.all_kinds().next().unwrap_or_default(), case)))
    }

    fn of<'c, W: 'c>(cases: impl Iterator<Item = (&'c str, &'c Case<W>)>) -> Self {
        let keys = Keys::default();
        let mut world = Self {
            graph: GraphBuilder::new(&keys).finish(),
            keys,
            nodes: BTreeMap::new(),
            ledger: Ledger::default(),
            now: "2026-11-21T00:00:00Z".parse().unwrap(),
            exemptions: Vec::new(),
            sequence: 0,
            next: 0,
            links: Vec::new(),
            drawn: Vec::new(),
            marks: Vec::new(),
        };
        for (kind, case) in cases {
            world.draw(kind, case);
        }
        let mut changes = Changes::new(&world.graph);
        for (number, node) in &world.nodes {
            let (labels, doc, meta) = parts(node, &world.keys, number.0);
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            changes.add_node(&labels, doc, Some(meta), number.0);
        }
        world.next = world.nodes.len() as u32;
        for (from, edge_type, to) in &world.drawn {
            changes.add_edge(NodeId(*from), edge_type, NodeId(*to), None);
        }
        for (group, edge_type, way, label) in world.marks.clone() {
            let labels: Vec<&str> = label.iter().map(String::as_str).collect();
            changes.set_incomplete(group, &edge_type, way, &[(&labels, GapId::NOT_COLLECTED)]);
        }
        world.graph = world.graph.apply(&changes);
        let _ = world.scan();
        world
    }

    fn draw<W>(&mut self, kind: &str, case: &Case<W>) {
        let kind = case.kind.as_deref().unwrap_or(kind);
        let node = self.node(kind, &case.resource, &case.unread, false);
        self.mark(node, &case.incomplete);
        let mut aliases = BTreeMap::new();
        for neighbour in &case.neighbours {
            self.neighbour(node, neighbour, &mut aliases);
        }
    }

    fn node(&mut self, kind: &str, json: &Json, unread: &[String], is_stub: bool) -> u32 {
        let mut json = if json.is_null() { json!({}) } else { json.clone() };
        for path in unread {
            mark_unread(&mut json, Path::parse(path).unwrap().steps());
        }
        let number = self.nodes.len() as u32;
        let node = Node {
            kind: kind.to_owned(),
            json,
            scope: format!("scope:{}", number % 3),
            name: format!("n{number}"),
            region: None,
            tags: Vec::new(),
            is_stub,
        };
        self.nodes.insert(NodeId(number), node);
        number
    }

    fn mark(&mut self, node: u32, incomplete: &[String]) {
        for text in incomplete {
            let via = parse_via(text).unwrap();
            self.marks.push((node, via.edge_type, via.way, via.label));
        }
    }

    fn neighbour<'c>(
        &mut self,
        from: u32,
        it: &'c Neighbour,
        aliases: &mut BTreeMap<&'c str, u32>,
    ) {
        let known = it.alias.as_deref().and_then(|alias| aliases.get(alias)).copied();
        let node = known.unwrap_or_else(|| self.node(&it.kind, &it.resource, &it.unread, it.stub));
        if let Some(alias) = &it.alias {
            aliases.insert(alias, node);
        }
        let via = parse_via(&it.via).unwrap();
        let (start, end) = if via.way == Way::Out { (from, node) } else { (node, from) };
        let kind = |number| self.nodes[&NodeId(number)].kind.clone();
        self.links.push((kind(start), via.edge_type.clone(), kind(end)));
        self.drawn.push((start, via.edge_type, end));
        self.mark(node, &it.incomplete);
        for next in &it.neighbours {
            self.neighbour(node, next, aliases);
        }
    }

    /// A full scan.
    pub(super) fn scan(&mut self) -> Diff {
        self.sequence += 1;
        let ledger = Ledger::default();
        let setting = Setting::at(self.now);
        let exemptions = Exemptions::new(self.exemptions.clone());
        let delta = Delta::everything(&self.graph, &ASSESSOR, &setting, self.sequence)
            .with_exemptions(&exemptions);
        let diff = assess(&Base::nothing(&ledger), &delta);
        self.ledger = ledger;
        self.ledger.apply(assess(&Base::nothing(&self.ledger), &delta));
        diff
    }

    /// No changes yet to its graph.
    pub(super) fn changes(&self) -> Changes {
        Changes::new(&self.graph)
    }

    /// Assesses changes and takes them in; gives how much was evaluated.
    pub(super) fn commit(&mut self, changes: &Changes, assessor: &Assessor) -> u64 {
        self.commit_whole(changes, assessor, &mut |_| {})
    }

    /// The same with a look at the diff.
    pub(super) fn commit_whole(
        &mut self,
        changes: &Changes,
        assessor: &Assessor,
        look: &mut dyn FnMut(&Diff),
    ) -> u64 {
        self.sequence += 1;
        let after = self.graph.apply(changes);
        let setting = Setting::at(self.now);
        let exemptions = Exemptions::new(self.exemptions.clone());
        let delta = Delta::changes(&after, changes, assessor, &setting, self.sequence)
            .with_exemptions(&exemptions);
        let diff = assess(&Base::new(&self.graph, &self.ledger), &delta);
        let n_evaluated = diff.n_evaluated;
        let score = diff.score.1;
        look(&diff);
        self.ledger.apply(diff);
        assert_eq!(score, self.ledger.score());
        self.graph = after;
        n_evaluated
    }

    /// Puts a node as it should be into `changes`.
    pub(super) fn put(&self, node: NodeId, changes: &mut Changes) {
        let (labels, doc, meta) = parts(&self.nodes[&node], &self.keys, node.0);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        changes.replace_node(node, &labels, doc, Some(meta), node.0);
    }

    /// The nodes that are so many edges away at most, without the node itself.
    pub(super) fn reach(&self, node: NodeId, hops: usize) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::from([node]);
        for _ in 0..hops {
            for near in found.clone() {
                for (edge_type, _) in self.graph.type_list() {
                    for way in [Way::Out, Way::In] {
                        found.extend(self.graph.neighbours(near, edge_type, way));
                    }
                }
            }
        }
        found.remove(&node);
        found
    }

    fn any_node(&self, dice: &mut Dice) -> Option<NodeId> {
        self.nodes.keys().nth(dice.roll(self.nodes.len())).copied()
    }

    fn any_of_kind(&self, kind: &str, dice: &mut Dice) -> Option<NodeId> {
        let fit: Vec<NodeId> =
            self.nodes.iter().filter(|(_, it)| it.kind == kind).map(|(node, _)| *node).collect();
        dice.pick(&fit).copied()
    }

    /// One random edit; says what it was.
    pub(super) fn edit(&mut self, dice: &mut Dice, changes: &mut Changes) -> String {
        let Some(node) = self.any_node(dice) else { return "nothing".to_owned() };
        let what = dice.roll(13);
        match what {
            0 | 1 => self.set_read_path(node, dice),
            2 => self.swap_document(node, dice),
            3 => {
                let own = self.nodes.get_mut(&node).unwrap();
                own.json["zz"] = json!({ "unread": { "by": dice.roll(9) } });
            }
            4 => return self.remove(node, changes),
            5 => return self.add(node, dice, changes),
            6 | 7 => return self.connect(dice, changes),
            8 => return self.disconnect(node, dice, changes),
            9 => return self.set_marks(node, dice, changes),
            10 => self.set_facts(node, dice),
            11 => {
                let own = self.nodes.get_mut(&node).unwrap();
                own.is_stub = !own.is_stub;
            }
            _ => return self.pass_time_or_exempt(dice),
        }
        self.put(node, changes);
        format!("edit {what} of {node:?}: {:?}", self.nodes[&node])
    }

    fn set_read_path(&mut self, node: NodeId, dice: &mut Dice) {
        let own = self.nodes.get_mut(&node).unwrap();
        let Some(paths) = READ.get(own.kind.as_str()) else { return };
        let Some((path, values)) = dice.pick(paths) else { return };
        let value = match dice.roll(8) {
            0 => Some(Json::Null),
            1 => Some(unread_marker(GapId(dice.roll(3) as u32))),
            2 => None,
            3 => Some(json!(format!("2026-{:02}-15T10:00:00Z", dice.roll(12) + 1))),
            _ => dice.pick(values).cloned(),
        };
        // at the end of the path, or somewhere on the way
        let length = if dice.roll(5) == 0 { dice.roll(path.steps().len()) + 1 } else { 99 };
        let steps = path.steps().get(..length).unwrap_or(path.steps());
        put(&mut own.json, steps, value);
    }

    fn swap_document(&mut self, node: NodeId, dice: &mut Dice) {
        let kind = self.nodes[&node].kind.clone();
        if let Some(other) = self.any_of_kind(&kind, dice) {
            let json = self.nodes[&other].json.clone();
            self.nodes.get_mut(&node).unwrap().json = json;
        }
    }

    fn set_facts(&mut self, node: NodeId, dice: &mut Dice) {
        let own = self.nodes.get_mut(&node).unwrap();
        match dice.roll(4) {
            0 => own.scope = format!("scope:{}", dice.roll(4)),
            1 => own.name = format!("other{}", dice.roll(3)),
            2 => own.region = Some(format!("region{}", dice.roll(3))),
            _ => own.tags = vec![("env".to_owned(), format!("{}", dice.roll(3)))],
        }
    }

    fn remove(&mut self, node: NodeId, changes: &mut Changes) -> String {
        changes.remove_node(node);
        self.nodes.remove(&node);
        format!("remove {node:?}")
    }

    fn add(&mut self, like: NodeId, dice: &mut Dice, changes: &mut Changes) -> String {
        let node = Node { is_stub: dice.roll(6) == 0, ..self.nodes[&like].clone() };
        let number = self.next;
        self.next += 1;
        let (labels, doc, meta) = parts(&node, &self.keys, number);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let added = changes.add_node(&labels, doc, Some(meta), number);
        assert_eq!(added.0, number);
        self.nodes.insert(added, node);
        self.connect(dice, changes);
        format!("add {added:?} like {like:?}")
    }

    fn connect(&mut self, dice: &mut Dice, changes: &mut Changes) -> String {
        let contains = ("", "CONTAINS", "");
        let link = dice.pick(&self.links);
        let (from, edge_type, to) = link.map_or(contains, |(a, b, c)| (a, b, c));
        let is_hierarchy = dice.roll(4) == 0 || from.is_empty();
        let (start, end, edge_type) = if is_hierarchy {
            (self.any_node(dice), self.any_node(dice), "CONTAINS")
        } else {
            (self.any_of_kind(from, dice), self.any_of_kind(to, dice), edge_type)
        };
        let (Some(start), Some(end)) = (start, end) else { return "nothing".to_owned() };
        changes.add_edge(start, edge_type, end, None);
        format!("connect {start:?} -{edge_type}-> {end:?}")
    }

    fn disconnect(&mut self, node: NodeId, dice: &mut Dice, changes: &mut Changes) -> String {
        let types: Vec<String> = self.graph.type_list().map(|(name, _)| name.to_owned()).collect();
        let start = dice.roll(types.len());
        for edge_type in types.iter().cycle().skip(start).take(types.len()) {
            let others = self.graph.neighbours(node, edge_type, Way::Out);
            if let Some(other) = dice.pick(&others) {
                changes.remove_edges(node, edge_type, *other);
                return format!("disconnect {node:?} -{edge_type}-> {other:?}");
            }
        }
        "nothing".to_owned()
    }

    fn set_marks(&mut self, node: NodeId, dice: &mut Dice, changes: &mut Changes) -> String {
        let Some((from, edge_type, to)) = dice.pick(&self.links).cloned() else {
            return "nothing".to_owned();
        };
        let way = if dice.roll(2) == 0 { Way::Out } else { Way::In };
        let kind = if way == Way::Out { &to } else { &from };
        let node =
            self.any_of_kind(if way == Way::Out { &from } else { &to }, dice).unwrap_or(node);
        let labels = LIBRARY.kind(kind).map(content::Kind::all_labels).unwrap_or_default();
        let labels: Vec<&str> = labels.iter().map(String::as_str).take(dice.roll(3)).collect();
        let gap = GapId(dice.roll(3) as u32);
        let is_set = dice.roll(3) > 0;
        let missing: &[(&[&str], GapId)] = if is_set { &[(&labels, gap)] } else { &[] };
        changes.set_incomplete(node.0, &edge_type, way, missing);
        format!("marks of {node:?} {edge_type} {way:?} {missing:?}")
    }

    fn pass_time_or_exempt(&mut self, dice: &mut Dice) -> String {
        match dice.roll(6) {
            0 | 1 => {
                let hours = [1, 23, 24, 24 * 31, 24 * 91, 24 * 400][dice.roll(6)];
                self.move_time(hours);
                format!("{hours} hours later")
            }
            2 => {
                self.move_time(-24 * 100);
                "100 days earlier".to_owned()
            }
            3 if !self.exemptions.is_empty() => {
                let at = dice.roll(self.exemptions.len());
                format!("without {:?}", self.exemptions.remove(at))
            }
            _ => {
                let exemption = self.any_exemption(dice);
                self.exemptions.push(exemption.clone());
                format!("with {exemption:?}")
            }
        }
    }

    fn move_time(&mut self, hours: i64) {
        self.now = self.now.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap();
    }

    fn any_exemption(&self, dice: &mut Dice) -> Exemption {
        let checks: Vec<&Check> = LIBRARY.checks().map(|it| &**it).collect();
        let node = self.any_node(dice).unwrap_or(NodeId(0));
        let check = self.ledger.row(node).and_then(|row| row.assessments().next());
        let check = check.map(|it| self.ledger.catalogue().id(it.check).to_owned());
        let check = check.unwrap_or_else(|| checks[dice.roll(checks.len())].id.clone());
        let day =
            |days: i64| self.now.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap();
        Exemption {
            number: self.sequence,
            category: if dice.roll(2) == 0 { Category::Mitigated } else { Category::Waiver },
            target: match dice.roll(3) {
                0 => Target::Control(LIBRARY.check(&check).unwrap().control.clone()),
                1 => Target::Check(check),
                _ => Target::Everything,
            },
            place: match dice.roll(4) {
                0 => Place::Resource(id(node.0)),
                1 => Place::Scope(id(node.0)),
                2 => Place::Scope(format!("scope:{}", dice.roll(3))),
                _ => Place::Everywhere,
            },
            reason: "a test".to_owned(),
            evidence: Vec::new(),
            approver: "nobody".to_owned(),
            from: day([-1, 0, 1][dice.roll(3)]),
            until: (dice.roll(3) > 0).then(|| day([0, 1, 7, 40][dice.roll(4)])),
        }
    }
}

fn id(number: u32) -> String {
    format!("case:{number}")
}

fn parts(node: &Node, keys: &Keys, number: u32) -> (Vec<String>, Doc, Doc) {
    let tags: Tags = node.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let meta = NodeMeta {
        id: &id(number),
        name: &node.name,
        kind: &node.kind,
        scope: &node.scope,
        region: node.region.as_deref(),
        tags: &tags,
        collected: !node.is_stub,
    };
    let doc = if node.is_stub { Doc::stub() } else { Doc::build(&node.json, keys) };
    let labels = LIBRARY.kind(&node.kind).map(content::Kind::all_labels).unwrap_or_default();
    (labels, doc, meta.doc(keys))
}

/// Puts a value at the end of a path, or takes it away, making objects on the way.
fn put(json: &mut Json, steps: &[Step], value: Option<Json>) {
    let Some((Step::Key(first), rest)) = steps.split_first() else { return };
    if !json.is_object() {
        *json = json!({});
    }
    let Json::Object(map) = json else { return };
    if !rest.is_empty() {
        return put(map.entry(first.as_ref()).or_insert(Json::Null), rest, value);
    }
    match value {
        Some(value) => map.insert(first.to_string(), value),
        None => map.remove(first.as_ref()),
    };
}
