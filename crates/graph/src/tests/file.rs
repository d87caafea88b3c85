//! A graph comes back from its file as it was, and a bad file is refused.

use lang::value::{GapId, NodeId};
use model::{Doc, Keys};

use crate::{Delta, FileError, Graph, GraphBuilder, NodeMeta, Stamp, Way};

const STAMP: Stamp = Stamp { tenant: 3, sequence: 77, fingerprint: [9; 32] };

fn graph(n_nodes: u32) -> Graph {
    let keys = Keys::default();
    let mut builder = GraphBuilder::new(&keys);
    for number in 0..n_nodes {
        let labels: &[&str] = [&["A"][..], &["B", "A"], &[]][number as usize % 3];
        let id = format!("id-{number}");
        let meta = NodeMeta {
            id: &id,
            name: "a",
            kind: "kind",
            scope: "scope",
            region: None,
            tags: &model::Tags::default(),
            collected: number % 5 > 0,
        };
        let json = serde_json::json!({ "v": number, "w": { "x": ["text", number] } });
        let meta = (number % 7 > 0).then(|| meta.doc(&keys));
        builder.add_node(labels, Doc::build(&json, &keys), meta, number % 4);
    }
    let (t, s) = (builder.edge_type("T"), builder.edge_type("S"));
    builder.edge_type("NONE");
    for number in 0..n_nodes * 2 {
        let (from, to) = (NodeId(number % n_nodes), NodeId(number * 5 % n_nodes));
        let doc = Doc::build(&serde_json::json!({ "since": number }), &keys);
        builder.add_edge(
            from,
            if number % 3 == 0 { s } else { t },
            to,
            (number % 3 == 1).then_some(doc),
        );
    }
    builder.mark_incomplete(1, t, Way::Out, &["A"], GapId(4));
    builder.mark_incomplete(1, t, Way::Out, &[], GapId(5));
    builder.mark_incomplete(2, s, Way::In, &["B", "A"], GapId(0));
    builder.finish()
}

fn bytes(graph: &Graph) -> Vec<u8> {
    let mut bytes = Vec::new();
    graph.write(&STAMP, &mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8], keys: &Keys) -> Result<(Graph, Stamp), FileError> {
    Graph::read(&mut &*bytes, keys)
}

/// All that a graph says.
fn told(graph: &Graph) -> Vec<String> {
    let mut lines = Vec::new();
    let text = |view: model::View<'_>| view.to_json(graph.keys()).to_string();
    for node in graph.nodes() {
        let labels: Vec<&str> = graph.labels(node).collect();
        let (doc, meta) = (text(graph.doc(node)), text(graph.meta(node)));
        lines.push(format!("{node:?} {labels:?} {} {doc} {meta}", graph.group(node)));
        if let Some(model::View::Str(id)) = graph.meta(node).get(graph.keys().intern("id")) {
            assert_eq!(graph.node_by_id(id), Some(node));
        }
        for edge_type in 0..graph.n_types() {
            for way in [Way::Out, Way::In] {
                let adjacent = graph.adjacent(edge_type, way, node.0);
                for at in 0..adjacent.others.len() {
                    let edge = graph.edge(adjacent.edge(at)).unwrap();
                    let doc = edge.doc.map(|doc| text(doc.view()));
                    lines.push(format!(
                        "{way:?} {} {:?} {:?} {doc:?}",
                        edge.edge_type, edge.from, edge.to
                    ));
                }
                for group in 0..5 {
                    lines.push(format!("{:?}", graph.missing(group, edge_type, way)));
                }
            }
        }
    }
    lines
}

#[test]
fn a_graph_comes_back_as_it_was() {
    for n_nodes in [1, 40] {
        let graph = graph(n_nodes);
        let file = bytes(&graph);
        let (again, stamp) = read(&file, &Keys::default()).unwrap();
        assert_eq!(stamp, STAMP);
        assert_eq!(Stamp::read(&mut &*file).unwrap(), STAMP);
        assert_eq!(bytes(&again), file);
        assert_eq!(told(&again), told(&graph));
        assert!(again.n_with_label("A") == graph.n_with_label("A"));
    }
    let empty = GraphBuilder::new(&Keys::default()).finish();
    assert_eq!(read(&bytes(&empty), &Keys::default()).unwrap().0.n_nodes(), 0);
}

#[test]
fn a_changed_graph_is_written_compacted() {
    let graph = graph(40);
    let mut delta = Delta::new(&graph);
    delta.remove_node(NodeId(3));
    delta.add_node(&["New"], Doc::stub(), None, 9);
    delta.add_edge(NodeId(1), "LATER", NodeId(40), None);
    let changed = graph.apply(&delta);
    let (again, _) = read(&bytes(&changed), &Keys::default()).unwrap();
    assert_eq!(told(&again), told(&changed.compact().0));
    assert!(again.is_compact());
}

#[test]
fn documents_from_a_file_stay_compressed_until_they_are_read() {
    let graph = graph(9000);
    let (again, _) = read(&bytes(&graph), &Keys::default()).unwrap();
    assert_eq!((graph.n_thawed_bytes(), again.n_thawed_bytes()), (0, 0));
    let size = |graph: &Graph, nodes: std::ops::Range<u32>| -> usize {
        nodes.map(|node| graph.document(NodeId(node)).unwrap().size_bytes()).sum()
    };
    again.doc(NodeId(1)).to_json(again.keys());
    let some = again.n_thawed_bytes();
    assert!(some > 0 && some < size(&again, 0..9000), "{some}");
    let written = bytes(&again); // reads them all, and keeps none
    assert_eq!(again.n_thawed_bytes(), some);
    let cooled = again.cooled();
    assert_eq!((cooled.n_thawed_bytes(), again.n_thawed_bytes()), (0, some));
    assert_eq!(told(&cooled), told(&graph));
    assert_eq!(cooled.n_thawed_bytes(), size(&cooled, 0..9000));
    assert_eq!(bytes(&cooled.cooled()), written);
}

#[test]
fn keys_are_those_of_the_table_or_the_file_is_refused() {
    let graph = graph(4);
    let file = bytes(&graph);
    let more = Keys::default();
    for name in graph.keys().names_from(0) {
        more.intern(&name);
    }
    more.intern("later");
    assert_eq!(told(&read(&file, &more).unwrap().0), told(&graph));
    let other = Keys::default();
    other.intern("other");
    assert!(matches!(read(&file, &other), Err(FileError::Keys)));
}

#[test]
fn no_cut_and_no_flipped_bit_gives_a_graph() {
    let file = bytes(&graph(40));
    for cut in 0..file.len() {
        assert!(read(&file[..cut], &Keys::default()).is_err(), "cut at {cut}");
    }
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut bad = file.clone();
            bad[at] ^= 1 << bit;
            assert!(read(&bad, &Keys::default()).is_err(), "bit {bit} of byte {at}");
        }
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(matches!(read(&longer, &Keys::default()), Err(FileError::Damaged(_))));
    let mut foreign = file;
    foreign[8] = 9;
    assert!(matches!(read(&foreign, &Keys::default()), Err(FileError::Version(9))));
    assert!(matches!(read(b"PK", &Keys::default()), Err(FileError::Foreign)));
}

/// A file whose checksums fit and whose content lies: every number in it is set to others in turn.
#[test]
fn what_lies_behind_a_good_checksum_is_checked_too() {
    let file = bytes(&graph(12));
    let mut blocks = Vec::new();
    let mut at = 12;
    while at < file.len() {
        let length = u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        blocks.push(file[at + 8..at + 8 + length].to_vec());
        at += 8 + length;
    }
    let join = |blocks: &[Vec<u8>]| {
        let mut file = file[..12].to_vec();
        for (number, block) in (0_u64..).zip(blocks) {
            let mut sum = crc32fast::Hasher::new();
            sum.update(&number.to_le_bytes());
            sum.update(&(block.len() as u64).to_le_bytes());
            sum.update(block);
            file.extend((block.len() as u32).to_le_bytes());
            file.extend(sum.finalize().to_le_bytes());
            file.extend(block);
        }
        file
    };
    assert_eq!(join(&blocks), file);
    for block in 1..blocks.len() {
        for at in 0..blocks[block].len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = blocks.clone();
                bad[block][at] = value;
                // it may be read as another graph; whatever that is, it holds together
                if let Ok((graph, _)) = read(&join(&bad), &Keys::default()) {
                    let n_lines = told_roughly(&graph);
                    assert!(n_lines < 10_000);
                }
            }
        }
        let mut bad = blocks.clone();
        let half = bad[block].len() / 2;
        bad[block].truncate(half);
        assert!(read(&join(&bad), &Keys::default()).is_err() || half == 0);
        bad.remove(block);
        assert!(read(&join(&bad), &Keys::default()).is_err());
    }
}

/// Looks at all of a graph whose ids may stand twice.
fn told_roughly(graph: &Graph) -> usize {
    let mut n_lines = 0;
    for node in graph.nodes() {
        n_lines +=
            graph.labels(node).count() + graph.doc(node).to_json(graph.keys()).to_string().len();
        n_lines += graph.meta(node).to_json(graph.keys()).to_string().len() / 100;
        for edge_type in 0..graph.n_types() {
            for way in [Way::Out, Way::In] {
                let adjacent = graph.adjacent(edge_type, way, node.0);
                let edges =
                    (0..adjacent.others.len()).map(|at| graph.edge(adjacent.edge(at)).unwrap());
                n_lines += edges.filter(|edge| edge.from == node || edge.to == node).count();
            }
        }
    }
    n_lines
}
