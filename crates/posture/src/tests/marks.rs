//! After every edit, and every choice, the marks are those that a full pass would make.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use content::Library;
use graph::Graph;
use model::Criticality;

use super::world::{Dice, LIBRARY, World};
use crate::criticality::{Choice, Choices, Classifier};
use crate::marks_of;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| classifier(&Choices::default()));

fn classifier(choices: &Choices) -> Classifier {
    let (classifier, problems) = Classifier::compile(&LIBRARY, choices, None);
    assert_eq!(problems, []);
    classifier
}

fn said(graph: &Graph) -> BTreeMap<u32, String> {
    let told = |node| format!("{:?}", marks_of(graph, node));
    let marked = graph.nodes().filter(|node| !marks_of(graph, *node).is_empty());
    marked.map(|node| (node.0, told(node))).collect()
}

#[track_caller]
fn check(world: &World, marked: &Graph, classifier: &Classifier, log: &[String]) {
    let wanted = world.graph.apply(&classifier.mark_all(&world.graph));
    assert_eq!(said(marked), said(&wanted), "after\n{}", log.join("\n"));
}

#[test]
fn marks_after_edits_are_those_of_a_full_pass() {
    for seed in 0..3 {
        let mut world = World::of_classifications();
        let mut marked = world.graph.apply(&CLASSIFIER.mark_all(&world.graph));
        assert!(said(&marked).len() > 150, "hardly anything is marked");
        let (mut dice, mut log) = (Dice(seed), Vec::new());
        for _ in 0..20 {
            let mut changes = world.changes();
            for _ in 0..=dice.roll(3) {
                log.push(world.edit(&mut dice, &mut changes));
            }
            let after = marked.apply(&changes);
            let marks = CLASSIFIER.mark_changed(&marked, &after, &changes);
            marked = after.apply(&marks);
            world.graph = world.graph.apply(&changes);
            check(&world, &marked, &CLASSIFIER, &log);
        }
    }
}

#[test]
fn marks_after_choices_are_those_of_a_full_pass() {
    let world = World::of_classifications();
    let ids: Vec<&str> = LIBRARY.classifications().map(|it| it.id.as_str()).collect();
    let mut marked = world.graph.apply(&CLASSIFIER.mark_all(&world.graph));
    let (mut choices, mut before) = (Choices::default(), classifier(&Choices::default()));
    let (mut dice, mut log) = (Dice(7), Vec::new());
    for _ in 0..40 {
        let id = ids[dice.roll(ids.len())];
        let level = Criticality::ALL.get(dice.roll(6)).copied();
        let choice = Choice { is_on: dice.roll(2) == 0, level };
        log.push(format!("{id} {choice:?}"));
        choices.set.insert(id.to_owned(), choice);
        let (after, _) = Classifier::compile(&LIBRARY, &choices, Some(&before));
        marked = marked.apply(&after.mark_renewed(&marked, &before));
        check(&world, &marked, &after, &log);
        before = after;
    }
}

/// The level that `rules` give a machine with these tags.
fn level_of(choices: &Choices, tags: &[(&str, &str)]) -> (Option<Criticality>, usize) {
    let keys = model::Keys::default();
    let mut builder = graph::GraphBuilder::new(&keys);
    let meta = graph::NodeMeta {
        id: "vm",
        name: "vm",
        kind: "azure.virtual-machine",
        scope: "s",
        region: None,
        tags: &tags.iter().copied().collect(),
        collected: true,
    };
    let doc = model::Doc::build(&serde_json::json!({}), &keys);
    let node = builder.add_node(&["Resource"], doc, Some(meta.doc(&keys)), 0);
    let graph = builder.finish();
    let graph = graph.apply(&classifier(choices).mark_all(&graph));
    let marks = marks_of(&graph, node);
    (marks.level, marks.by.len())
}

#[test]
fn the_highest_level_wins_and_reverts() {
    let tags = [("criticality", "medium"), ("tier", "tier0")];
    let mut choices = Choices::default();
    assert_eq!(level_of(&choices, &tags), (Some(Criticality::VeryHigh), 2));
    assert_eq!(level_of(&choices, &tags[..1]), (Some(Criticality::Medium), 1));
    assert_eq!(level_of(&choices, &[]), (None, 0));
    let id = "any.critical.tagged-mission-critical";
    choices.set.insert(id.to_owned(), Choice { is_on: true, level: Some(Criticality::Low) });
    assert_eq!(level_of(&choices, &tags), (Some(Criticality::Medium), 2));
    choices.set.insert(id.to_owned(), Choice { is_on: false, level: None });
    assert_eq!(level_of(&choices, &tags), (Some(Criticality::Medium), 1));
}

#[test]
fn what_a_rule_must_not_read_is_refused() {
    #[track_caller]
    fn check(predicate: &str, want: &str) {
        let text = format!(
            "id: own.x\ntitle: T\ndescription: D\nsince: '0.3'\nlevel: high\nassets: device\n\
             kind: azure.virtual-machine\nwhere: {predicate:?}\n"
        );
        let library: &Library = &LIBRARY;
        let rule = library.read_classification("x", text.as_bytes()).unwrap();
        let graph = graph::GraphBuilder::new(&model::Keys::default()).finish();
        let problem = crate::try_rule(library, &graph, &std::sync::Arc::new(rule)).unwrap_err();
        assert!(problem.message.contains(want), "{}", problem.message);
    }
    check("r.merlon.criticality = 'high'", "which classifications give");
    check(
        "EXISTS { MATCH (r)-[:RUNS_AS]->(x) WHERE x.merlon.criticalityRank > 2 }",
        "which classifications give",
    );
    check("datetime(r.properties.timeCreated) < datetime()", "depends on the time");
    check("EXISTS { MATCH (r)-[:NOTHING]->() }", "NOTHING");
}

#[test]
fn choices_come_back_as_they_were() {
    let rule = LIBRARY.classifications().next().unwrap();
    let choices = Choices {
        own: BTreeMap::from([("own.x".to_owned(), std::sync::Arc::clone(rule))]),
        set: BTreeMap::from([("own.x".to_owned(), Choice { is_on: false, level: None })]),
        ..Choices::default()
    };
    let text = serde_json::to_string(&choices).unwrap();
    assert_eq!(serde_json::from_str::<Choices>(&text).unwrap(), choices);
}
