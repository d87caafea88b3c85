//! After every edit, and every choice, the marks are those that a full pass would make.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use content::Library;
use graph::Graph;
use model::Criticality;

use super::world::{Dice, LIBRARY, World};
use crate::criticality::{AssetDecision, Choice, Choices, Classifier, DecisionState, Instant};
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

fn decision(is_critical: bool, level: Option<Criticality>) -> AssetDecision {
    let (reason, by) = ("because".to_owned(), "ada".to_owned());
    AssetDecision { is_critical, level, reason, by, at: Instant::default() }
}

#[test]
fn marks_after_decisions_are_those_of_a_full_pass() {
    let mut world = World::of_classifications();
    let ids: Vec<&str> = LIBRARY.classifications().map(|it| it.id.as_str()).collect();
    let (mut choices, mut before) = (Choices::default(), classifier(&Choices::default()));
    let mut marked = world.graph.apply(&before.mark_all(&world.graph));
    let (mut dice, mut log) = (Dice(11), Vec::new());
    for _ in 0..40 {
        let mut decided = (*choices.decided).clone();
        for _ in 0..=dice.roll(4) {
            let nodes = crate::marked(&marked);
            let node = nodes[dice.roll(nodes.len())];
            let marks = marks_of(&marked, node);
            let holding = [marks.by, marks.to_review, marks.dismissed].concat();
            let classification = holding[dice.roll(holding.len())];
            let level = Criticality::ALL.get(dice.roll(6)).copied();
            let decision = (dice.roll(4) > 0).then(|| decision(dice.roll(2) == 0, level));
            let asset = marked.id(node).unwrap();
            log.push(format!("{asset} {classification} {decision:?}"));
            decided.set(asset, classification, decision);
        }
        choices.decided = std::sync::Arc::new(decided);
        if dice.roll(3) == 0 {
            let choice = Choice { is_on: dice.roll(2) == 0, level: None };
            choices.set.insert(ids[dice.roll(ids.len())].to_owned(), choice);
        }
        let (after, _) = Classifier::compile(&LIBRARY, &choices, Some(&before));
        marked = marked.apply(&after.mark_renewed(&marked, &before));
        check(&world, &marked, &after, &log);
        // and what changes in the estate finds the decisions that were made
        let mut changes = world.changes();
        log.push(world.edit(&mut dice, &mut changes));
        let changed = marked.apply(&changes);
        marked = changed.apply(&after.mark_changed(&marked, &changed, &changes));
        world.graph = world.graph.apply(&changes);
        check(&world, &marked, &after, &log);
        before = after;
    }
}

#[test]
fn a_decision_counts_while_its_classification_holds() {
    let id = "any.critical.tagged-mission-critical";
    let rule = LIBRARY.classifications().find(|it| it.id == id).unwrap();
    let of_review = content::Classification { review: true, ..(**rule).clone() };
    let own = "own.tagged";
    let of_review = content::Classification { id: own.to_owned(), ..of_review };
    let mut choices = Choices::default();
    choices.own.insert(own.to_owned(), std::sync::Arc::new(of_review));
    choices.set.insert(id.to_owned(), Choice { is_on: false, level: None });
    let tags = [("criticality", "mission-critical"), ("tier", "x")];
    let level = |choices: &Choices, tags: &[(&str, &str)]| level_of(choices, tags).0;
    assert_eq!(level(&choices, &tags), None, "it is only likely");
    let decide = |choices: &mut Choices, decision| {
        let mut decided = (*choices.decided).clone();
        decided.set("vm", own, decision);
        choices.decided = std::sync::Arc::new(decided);
    };
    decide(&mut choices, Some(decision(true, None)));
    assert_eq!(level(&choices, &tags), Some(rule.level), "the level is that of the rule");
    choices.set.insert(own.to_owned(), Choice { is_on: true, level: Some(Criticality::Low) });
    assert_eq!(level(&choices, &tags), Some(Criticality::Low), "also when it is another one later");
    decide(&mut choices, Some(decision(true, Some(Criticality::Medium))));
    assert_eq!(level(&choices, &tags), Some(Criticality::Medium), "unless one was chosen");
    assert_eq!(level(&choices, &tags[1..]), None, "it sleeps while the rule does not hold");
    assert_eq!(level(&choices, &tags), Some(Criticality::Medium));
    decide(&mut choices, Some(decision(false, None)));
    assert_eq!(level(&choices, &tags), None);
    assert_eq!(choices.decided.get("vm", own).unwrap().state(), DecisionState::NotCritical);
    decide(&mut choices, None);
    assert!(choices.decided.is_empty());
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
