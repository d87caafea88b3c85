//! Everything that is derived from a graph for attack paths, in one place.

use std::sync::Arc;

use access::{Access, Facts};
use content::Library;
use content::step::Step;
use graph::{Context, Delta, Graph, Limits, NodeMeta, Params, Touched};
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use lang::NodeId;
use model::{Doc, Key, Keys, Resource, Tags, View};
use network::Network;
use network::spans::Spans;

use crate::derive::{Attack, Changed, Estate, Followed, IsOver, Unfollowed};

/// Who may do what, what may pass, and what attackers make of it, of one graph.
#[derive(Debug)]
pub struct Insight {
    /// What it was made of, and a node for everybody whom grants name and no document describes. Nodes that were
    /// there have their numbers.
    pub graph: Graph,
    /// Who may do what.
    pub access: Access,
    /// What may pass from where to where.
    pub network: Network,
    /// What leads where.
    pub attack: Attack,
    /// What it was made of.
    base: Graph,
    /// The first number of a node for whom grants name.
    first_named: u32,
    /// Their nodes, by id.
    named: HashMap<String, NodeId>,
    steps: Vec<Arc<Step>>,
    params: Params,
    limits: Limits,
    now: Timestamp,
}

impl Insight {
    /// Derives everything of a graph, as of `now`; when `is_over` says so, what was derived by then, which
    /// is told as a problem.
    ///
    /// # Errors
    /// A fact table of the content is not what it should be.
    pub fn of(
        graph: &Graph,
        library: &Library,
        now: Timestamp,
        is_over: Option<&IsOver>,
    ) -> Result<Self, serde_json::Error> {
        let steps = library.steps().cloned().collect();
        Ok(Self::with_steps(graph, facts(library)?, steps, now, is_over))
    }

    /// The same with some steps, and facts that were read before.
    pub fn with_steps(
        graph: &Graph,
        facts: Facts,
        steps: Vec<Arc<Step>>,
        now: Timestamp,
        is_over: Option<&IsOver>,
    ) -> Self {
        let (access, network) = access_and_network(graph, facts, now);
        let (base, first_named) = (graph.clone(), graph.node_bound() + MORE_NODES);
        let (mut changes, mut named) = (Delta::new(graph), HashMap::new());
        name_all(&mut changes, &mut named, graph, &access, first_named);
        let graph = if changes.is_empty() { graph.clone() } else { graph.apply(&changes) };
        let (params, bounded) = (Params::new(), bounds(is_over));
        let context = Context { now, params: &params, limits: &bounded };
        let attack = Attack::derive(Estate {
            graph: &graph,
            access: &access,
            network: &network,
            steps: &steps,
            context: &context,
            is_over,
        });
        let (params, limits) = (Params::new(), Limits::default());
        Self {
            graph,
            access,
            network,
            attack,
            base,
            first_named,
            named,
            steps,
            params,
            limits,
            now,
        }
    }

    /// Follows what changed to a newer graph, at a cost of what changed. The instant at which conditions are
    /// judged stays the one that all was derived at.
    ///
    /// # Errors
    /// The change cannot be followed: this is of no use any more, all is to be derived again.
    pub fn follow(
        &mut self,
        graph: &Graph,
        is_over: Option<&IsOver>,
    ) -> Result<Followed, Unfollowed> {
        if graph.node_bound() > self.first_named || self.graph.keys().has_strayed() {
            return Err(Unfollowed::Worn);
        }
        let touched = graph.since(&self.base).ok_or(Unfollowed::Worn)?;
        let (mut put, mut removed) = (Vec::new(), Vec::new());
        let names = Names::of(graph.keys());
        for it in &touched {
            let (Touched::Put(node) | Touched::Removed(node)) = *it else { continue };
            // a number may have become that of another resource, or of one of another kind
            let is_same = graph.id(node) == self.base.id(node)
                && names.kind_of(graph, node) == names.kind_of(&self.base, node);
            removed.extend(self.base.id(node).filter(|_| !is_same).map(str::to_owned));
            put.extend(names.resource(graph, node));
        }
        let gone = removed.iter().map(String::as_str);
        let access = self.access.update(put.iter(), gone.clone());
        let endpoints = self.network.update(put.iter(), gone);
        let mut changes = Delta::leading_to(graph, &touched);
        let is_other = |it: &Touched<'_>| match *it {
            Touched::Put(node) | Touched::Removed(node) => {
                self.base.id(node) != graph.id(node) || !self.base.has_node(node)
            }
            Touched::Edge(..) | Touched::Marks(..) => false,
        };
        if !access.actors.is_empty() || touched.iter().any(is_other) {
            let is_larger = self.graph.node_bound() > graph.node_bound();
            let mut more = Delta::new(if is_larger { &self.graph } else { graph });
            name_all(&mut more, &mut self.named, graph, &self.access, self.first_named);
            changes.append(more);
        }
        let after = self.graph.apply(&changes);
        let touched = after.since(&self.graph).ok_or(Unfollowed::Worn)?;
        let before = std::mem::replace(&mut self.graph, after.clone());
        self.base = graph.clone();
        let bounded = bounds(is_over);
        let params = self.params.clone();
        let context = Context { now: self.now, params: &params, limits: &bounded };
        let changed =
            Changed { before: &before, touched: &touched, access: &access, endpoints: &endpoints };
        let estate = Estate {
            graph: &self.graph,
            access: &self.access,
            network: &self.network,
            steps: &self.steps,
            context: &context,
            is_over,
        };
        self.attack.follow(estate, &changed)
    }

    /// The instant at which conditions were judged.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The steps that attackers were taken to know.
    pub fn steps(&self) -> &[Arc<Step>] {
        &self.steps
    }

    /// What queries of steps are given.
    pub fn context(&self) -> Context<'_> {
        Context { now: self.now, params: &self.params, limits: &self.limits }
    }

    /// What the attack graph was made of.
    pub fn estate<'a>(&'a self, context: &'a Context<'a>) -> Estate<'a> {
        Estate {
            graph: &self.graph,
            access: &self.access,
            network: &self.network,
            steps: &self.steps,
            context,
            is_over: None,
        }
    }
}

/// Nodes that may be added before whom grants name has to get other numbers.
const MORE_NODES: u32 = 1 << 10;

/// Nodes and edges that the pattern of one step may look at where time is bounded: none is to use up the time of all.
const MOST_STEPS: u64 = 100_000_000;

/// The bounds of patterns of steps; what goes beyond is told as a problem of that step.
fn bounds(is_over: Option<&IsOver>) -> Limits {
    match is_over {
        None => Limits::default(),
        Some(it) => {
            Limits { steps: MOST_STEPS, is_over: Some(Arc::clone(it)), ..Limits::default() }
        }
    }
}

/// A node for everybody whom grants name and who is no node of `graph` yet: an attacker may be any of them. They get
/// numbers from `first` on, so that nodes can be added, and keep them; `named` are those that there are.
fn name_all(
    changes: &mut Delta,
    named: &mut HashMap<String, NodeId>,
    graph: &Graph,
    access: &Access,
    first: u32,
) {
    let mut all = access.named();
    all.retain(|id| graph.node_by_id(id).is_none());
    let now: HashSet<&str> = all.iter().map(String::as_str).collect();
    named.retain(|id, node| {
        let stays = now.contains(id.as_str());
        if !stays {
            changes.remove_node(*node);
        }
        stays
    });
    let mut is_room_left = !named.is_empty();
    for id in all.iter().filter(|id| !named.contains_key(*id)).collect::<Vec<_>>() {
        if !std::mem::replace(&mut is_room_left, true) {
            changes.leave_free(first.saturating_sub(changes.next_node().0));
        }
        let is_group = id.starts_with("group:") || id.contains("//group/");
        let is_person = id.starts_with("user:") || id.contains("//user/");
        let labels: &[&str] = match (is_person, is_group) {
            (true, _) => &["Identity", "User"],
            (false, true) => &["Identity", "Group"],
            (false, false) => &["Identity"],
        };
        let name = id.rsplit(['/', ':']).next().unwrap_or(id);
        let kind = if is_group { "group" } else { "identity" };
        let (scope, tags) = ("", Tags::default());
        let meta = NodeMeta { id, name, kind, scope, region: None, tags: &tags, collected: false };
        let node = changes.add_node(labels, Doc::stub(), Some(meta.doc(graph.keys())), 0);
        named.insert(id.clone(), node);
    }
}

/// Who may do what, and what may pass, among the resources of a graph, in one pass over them.
fn access_and_network(graph: &Graph, facts: Facts, now: Timestamp) -> (Access, Network) {
    let mut access = Access::new(graph.keys(), facts, now);
    let mut network = Network::new(graph.keys());
    for_pieces(graph, |resources| {
        access.update(resources.iter(), std::iter::empty());
        network.take(resources, []);
    });
    network.settle();
    (access, network)
}

/// Who may do what among the resources of a graph.
///
/// # Errors
/// A fact table of the content is not what it should be.
pub fn access(
    graph: &Graph,
    library: &Library,
    now: Timestamp,
) -> Result<Access, serde_json::Error> {
    let mut access = Access::new(graph.keys(), facts(library)?, now);
    for_pieces(graph, |resources| drop(access.update(resources.iter(), std::iter::empty())));
    Ok(access)
}

/// What clouds publish about themselves, out of the content.
///
/// # Errors
/// A fact table of the content is not what it should be.
pub fn facts(library: &Library) -> Result<Facts, serde_json::Error> {
    let mut facts = Facts::default();
    for file in library.other_files() {
        facts.add(&file.path, &file.bytes)?;
    }
    Ok(facts)
}

/// What may pass among the resources of a graph.
pub fn network(graph: &Graph, trusted: Spans) -> Network {
    let mut network = Network::new(graph.keys()).with_trusted(trusted);
    for_pieces(graph, |resources| network.take(resources, []));
    network.settle();
    network
}

/// The resources of a graph in pieces: documents of the engines are needed only while they are taken in.
fn for_pieces(graph: &Graph, mut look: impl FnMut(&[Resource])) {
    let names = Names::of(graph.keys());
    let nodes: Vec<NodeId> = graph.nodes().collect();
    for piece in nodes.chunks(PIECE) {
        let resources: Vec<Resource> =
            piece.iter().filter_map(|it| names.resource(graph, *it)).collect();
        look(&resources);
    }
}

/// Resources that are put together at a time.
const PIECE: usize = 1 << 16;

/// Keys of what Merlon adds to each node.
struct Names {
    kind: Key,
    name: Key,
    scope: Key,
    region: Key,
    tags: Key,
    keys: Keys,
}

impl Names {
    fn of(keys: &Keys) -> Self {
        let key = |name: &str| keys.intern(name);
        let (kind, name, scope) = (key("kind"), key("name"), key("scope"));
        Self { kind, name, scope, region: key("region"), tags: key("tags"), keys: keys.clone() }
    }

    fn kind_of<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        match graph.meta(node).get(self.kind) {
            Some(View::Str(text)) => text,
            _ => "",
        }
    }

    /// The resource that a node was made of, without what only readers of files need.
    fn resource(&self, graph: &Graph, node: NodeId) -> Option<Resource> {
        let meta = graph.meta(node);
        let text = |key: Key| match meta.get(key) {
            Some(View::Str(text)) => text,
            _ => "",
        };
        let tags = match meta.get(self.tags) {
            Some(View::Object(tags)) => tags
                .iter()
                .filter_map(|(key, value)| match value {
                    View::Str(value) => Some((self.keys.name(key), Arc::<str>::from(value))),
                    _ => None,
                })
                .collect(),
            _ => Tags::default(),
        };
        let region = text(self.region);
        Some(Resource {
            id: graph.id(node)?.to_owned(),
            kind: text(self.kind).into(),
            name: text(self.name).to_owned(),
            scope: text(self.scope).into(),
            region: (!region.is_empty()).then(|| region.into()),
            tags,
            doc: graph.document(node)?.clone(),
            collected: !matches!(meta, View::Object(meta) if meta.is_open()),
            also: Vec::new(),
            affects: Box::default(),
            as_of: None,
        })
    }
}
