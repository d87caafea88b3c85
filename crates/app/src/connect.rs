//! From a snapshot to the graph: kinds become labels, and what may be missing becomes marks.

use content::{Kind, Library};
use graph::{Graph, GraphBuilder, NodeMeta, Way};
use inventory::Snapshot;
use lang::NodeId;
use model::{GapId, Keys};

pub(crate) fn build_graph(library: &Library, snapshot: Snapshot, keys: &Keys) -> Graph {
    let mut builder = GraphBuilder::new(keys);
    let n_groups = snapshot.groups.iter().max().map_or(0, |it| it + 1);
    for (resource, group) in snapshot.resources.into_iter().zip(&snapshot.groups) {
        let labels = labels_of(library, &resource.kind);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let meta = NodeMeta {
            id: &resource.id,
            name: &resource.name,
            kind: &resource.kind,
            scope: &resource.scope,
            region: resource.region.as_deref(),
            tags: &resource.tags,
            collected: resource.collected,
        };
        let meta = meta.doc(keys);
        builder.add_node(&labels, resource.doc, Some(meta), *group);
    }
    let types: Vec<_> = snapshot.edge_types.iter().map(|name| builder.edge_type(name)).collect();
    for edge in &snapshot.edges {
        if let Some(edge_type) = types.get(edge.edge_type as usize) {
            builder.add_edge(NodeId(edge.from), *edge_type, NodeId(edge.to), None);
        }
    }
    for missing in &snapshot.missing {
        let Some(edge_type) = types.get(missing.edge_type as usize) else { continue };
        let way = if missing.is_outgoing { Way::Out } else { Way::In };
        if missing.kinds.is_empty() {
            builder.mark_incomplete(missing.group, *edge_type, way, &[], missing.gap);
        }
        for kind in &missing.kinds {
            let labels = labels_of(library, kind);
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            builder.mark_incomplete(missing.group, *edge_type, way, &labels, missing.gap);
        }
    }
    // No tool's findings are known to be all that there is to find. Other kinds may affect a
    // resource too, such as its agent; what is missing of those stands in the snapshot.
    let affects = builder.edge_type("AFFECTS");
    for group in 0..n_groups {
        for label in inventory::FINDING_LABELS {
            builder.mark_incomplete(group, affects, Way::In, &[label], GapId::NOT_COLLECTED);
        }
    }
    builder.finish()
}

/// The labels of a kind; of a finding its own; of a native type without a kind file its words and
/// `Resource`.
fn labels_of(library: &Library, kind: &str) -> Vec<String> {
    if let Some(label) = inventory::finding_label(kind) {
        return vec![label.to_owned()];
    }
    library
        .kind(kind)
        .map_or_else(|| vec![content::native_label(kind), "Resource".to_owned()], Kind::all_labels)
}
