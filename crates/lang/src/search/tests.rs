//! Forms to text and back, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::{Options, check_query, parse_query};

/// What a text that a form can show becomes.
#[track_caller]
fn check(text: &str, written: &str) {
    let search = Search::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(search.write(), written);
    assert_eq!(Search::read(written).as_ref(), Ok(&search));
}

#[track_caller]
fn check_condition(text: &str, written: &str) {
    let thing = Thing::read_condition(text, "r").unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(thing.write_condition(), written);
    assert_eq!(Thing::read_condition(written, "r").as_ref(), Ok(&thing));
}

#[track_caller]
fn refused(text: &str, at: &str, why: &str) {
    match Search::read(text) {
        Err(ReadError::Beyond(it)) => {
            assert_eq!(it.why, why);
            assert!(it.span.text(text).starts_with(at), "{:?}", it.span.text(text));
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_question_becomes_lines() {
    check(
        "match (m:VirtualMachine {name: 'a'})-[:RUNS_AS]->(i:Identity) where m.size > 3 and i.x return m, i limit 5",
        "MATCH (m:VirtualMachine)-[:RUNS_AS]->(i:Identity)\nWHERE m.name = 'a'\n  AND m.size > 3\n  AND i.x = true\nRETURN DISTINCT m, i LIMIT 5",
    );
    check("MATCH (d:A|B|(C|D)) RETURN d", "MATCH (d:A|B|C|D)\nRETURN d");
    check(
        "MATCH (d:A) WHERE (d.x = 1 OR d.y IS NULL) AND NOT d.z IN [1, 'a'] RETURN d",
        "MATCH (d:A)\nWHERE (d.x = 1 OR d.y IS NULL)\n  AND NOT d.z IN [1, 'a']\nRETURN d",
    );
}

#[test]
fn columns_name_what_they_show_and_the_first_is_looked_for() {
    check(
        "MATCH (a)<-[:TO]-(b:B)-[:OF*1..3]->(c) RETURN c AS `match`, a",
        "MATCH (`match`)<-[:OF*1..3]-(b:B)-[:TO]->(a)\nRETURN DISTINCT `match`, a",
    );
    check(
        "MATCH (a:A), (a)--(b), (a)-->(:C) RETURN a, b",
        "MATCH (a:A)-[]-(b),\n      (a)-[]->(other)\nRETURN DISTINCT a, b"
            .replace("(other)", "(other:C)")
            .as_str(),
    );
}

#[test]
fn rows_are_counted_and_paths_are_shown() {
    let search =
        Search::read("MATCH (a:A)-->(b), (a)--(c) WHERE a.x = 1 RETURN a, b LIMIT 5").unwrap();
    assert_eq!(
        search.write_count(),
        "MATCH (a:A)-[]->(b),\n      (a)-[]-(c)\nWHERE a.x = 1\nWITH DISTINCT a, b\nRETURN count(*) AS n"
    );
    assert_eq!(
        search.write_paths(),
        "MATCH ` path 1` = (a:A)-[]->(b),\n      ` path 2` = (a)-[]-(c)\nWHERE a.x = 1\nRETURN DISTINCT ` path 1`, ` path 2` LIMIT 5"
    );
    for text in [search.write_count(), search.write_paths()] {
        assert!(check_query(&text, &parse_query(&text).unwrap(), &Options::default()).is_ok());
    }
}

#[test]
fn conditions_stand_alone() {
    check_condition("true", "true");
    check_condition(
        "r.encryption.enabled AND EXISTS { (r)-[:USES]->(k:Key)<-[:OWNS]-(:AwsKmsOwner) WHERE k.age > 1 } AND NOT (r)<-[:X]-()",
        "r.encryption.enabled = true\nAND EXISTS { MATCH (r)-[:USES]->(k:Key)<-[:OWNS]-(owner:AwsKmsOwner) WHERE k.age > 1 }\nAND NOT EXISTS { MATCH (r)<-[:X]-(other) }",
    );
    check_condition(
        "any(s IN coalesce(r.policy.Statement, []) WHERE '*' IN s.Action AND s.Effect = 'Allow') OR toLower(coalesce(r.name, '')) =~ '.*prod.*'",
        "(any(s IN coalesce(r.policy.Statement, []) WHERE '*' IN s.Action AND s.Effect = 'Allow') OR toLower(coalesce(r.name, '')) =~ '.*prod.*')",
    );
    check_condition(
        "datetime(r.LastUsed) < datetime() - duration('P90D') AND 3 < size(r.rules) AND r.tags['a-b'] = -1.5",
        "datetime(r.LastUsed) < $now - duration('P90D')\nAND size(r.rules) > 3\nAND r.tags.`a-b` = -1.5",
    );
}

#[test]
fn what_a_form_cannot_say_is_named() {
    refused(
        "MATCH (a) RETURN a.name",
        "a.name",
        "a column is computed: only whole nodes are shown",
    );
    refused("MATCH (a) WITH a RETURN a", "WITH a", "WITH computes something in between");
    refused("MATCH (a) MATCH (b) RETURN a", "MATCH (b)", "more than one MATCH");
    refused("MATCH (a), (b) RETURN a", "(b)", "it is not connected with what is looked for");
    refused("MATCH (a)-->(b)-->(a) RETURN a", "-->", "the pattern comes back to where it was");
    refused(
        "MATCH (a)-->(b) WHERE a.x = b.x RETURN a",
        "b.x",
        "it is compared with something that is computed",
    );
    refused(
        "MATCH (a)-->(b) WHERE a.x = 1 OR b.x = 2 RETURN a",
        "a.x",
        "a group of conditions is about both `a` and `b`",
    );
    refused(
        "MATCH (a) WHERE EXISTS { (a)-->(b) WHERE a.x = 1 } RETURN a",
        "a",
        "`a` is compared where it is not at hand",
    );
    refused("MATCH (a) RETURN a ORDER BY a.name", "a.name", "the rows are ordered");
    refused("MATCH (a) WHERE a.list[0] = 1 RETURN a", "0", "an element is taken by its number");
    refused("MATCH (a)-[e]->(b) RETURN a", "e", "an edge has a name");
    assert!(matches!(Search::read("MATCH (a"), Err(ReadError::Wrong(_))));
}

#[test]
fn what_is_not_filled_in_is_left_out() {
    let test = |path: &[&str], values: Vec<Scalar>| {
        let path = path.iter().map(ToString::to_string).collect();
        let op = TestOp::Compare(CompareOp::Eq);
        Item::Test(Test { path, otherwise: None, of: Of::Value, op, values, not: false })
    };
    let group = Group { is_any: true, not: true, items: vec![test(&["a"], Vec::new())] };
    let items = vec![
        test(&[], vec![Scalar::Int(1)]),
        Item::Group(group),
        test(&["b"], vec![Scalar::Int(2), Scalar::Int(3)]),
    ];
    let thing = Thing { variable: String::new(), labels: vec!["A".to_owned()], items };
    let search = Search { thing, limit: None };
    assert_eq!(search.write(), "MATCH (r:A)\nWHERE r.b = 2\nRETURN r");
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z]{1,3}",
        Just("match".to_owned()),
        Just("a b`".to_owned())
    ]
}

fn scalars() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        "\\PC{0,6}".prop_map(Scalar::Text),
        any::<i64>().prop_map(Scalar::Int),
        (-1e9..1e9_f64).prop_map(Scalar::Float),
        any::<bool>().prop_map(Scalar::Bool),
        Just(Scalar::Ago("P9D".to_owned())),
        Just(Scalar::Ahead("PT1H".to_owned())),
    ]
}

fn tests() -> impl Strategy<Value = Item> {
    let ops = prop_oneof![
        prop::sample::select(vec![
            CompareOp::Eq,
            CompareOp::Ne,
            CompareOp::Lt,
            CompareOp::Le,
            CompareOp::Gt,
            CompareOp::Ge
        ])
        .prop_map(TestOp::Compare),
        prop::sample::select(vec![
            TestOp::In,
            TestOp::Has,
            TestOp::Contains,
            TestOp::StartsWith,
            TestOp::EndsWith,
            TestOp::Matches,
            TestOp::IsNull,
            TestOp::IsNotNull
        ]),
    ];
    let of = prop::sample::select(vec![Of::Value, Of::LowerCase, Of::Size, Of::Instant]);
    let path = prop::collection::vec("[a-zA-Z][a-z-]{0,3}", 0..3);
    let values = prop::collection::vec(scalars(), 0..3);
    (path, prop::option::of(scalars()), of, ops, values, any::<bool>()).prop_map(
        |(path, otherwise, of, op, values, not)| {
            Item::Test(Test { path, otherwise, of, op, values, not })
        },
    )
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let deeper = tests().prop_recursive(4, 30, 4, |inner| {
        let inner = prop::collection::vec(inner, 0..4).boxed();
        let quantifiers = vec![
            QuantifierKind::Any,
            QuantifierKind::All,
            QuantifierKind::None,
            QuantifierKind::Single,
        ];
        let path = prop::collection::vec("[a-z]{1,2}", 1..3);
        prop_oneof![
            (any::<bool>(), any::<bool>(), inner.clone())
                .prop_map(|(is_any, not, items)| Item::Group(Group { is_any, not, items })),
            (
                path,
                any::<bool>(),
                prop::sample::select(quantifiers),
                names(),
                inner.clone(),
                any::<bool>()
            )
                .prop_map(|(path, or_empty, quantifier, variable, items, not)| {
                    Item::Elements(Elements { path, or_empty, quantifier, variable, items, not })
                }),
            connections(inner),
        ]
    });
    prop::collection::vec(deeper, 0..5)
}

fn connections(items: BoxedStrategy<Vec<Item>>) -> impl Strategy<Value = Item> {
    let directions = vec![Direction::In, Direction::Out, Direction::Either];
    let presences = vec![Presence::Shown, Presence::Joined, Presence::Exists, Presence::Absent];
    let hops = (prop::option::of(0..3_u32), prop::option::of(3..5_u32));
    let hops = prop::option::of(hops.prop_map(|(min, max)| Length { min, max }));
    let types = prop::collection::vec("[A-Z]{1,3}", 0..3);
    (types, prop::sample::select(directions), hops, prop::sample::select(presences), things(items))
        .prop_map(|(types, direction, hops, presence, thing)| {
            Item::Connection(Connection { types, direction, hops, presence, thing })
        })
}

fn things(items: BoxedStrategy<Vec<Item>>) -> impl Strategy<Value = Thing> {
    let labels = prop::collection::vec("[A-Z][a-z]{1,3}", 0..3);
    (names(), labels, items).prop_map(|(variable, labels, items)| Thing { variable, labels, items })
}

proptest! {
    #[test]
    fn what_is_written_reads_as_its_normal_form(
        thing in things(items().boxed()),
        limit in prop::option::of(0..9_u64),
    ) {
        let search = Search { thing, limit };
        let normal = search.normal();
        prop_assert_eq!(&normal.normal(), &normal);
        let text = search.write();
        prop_assert_eq!(Search::read(&text), Ok(normal), "{}", text);
        let query = parse_query(&text).unwrap();
        let checked = check_query(&text, &query, &Options::default());
        // What can never work (the size of a number, say) is for the check to tell.
        if let Err(error) = checked {
            prop_assert!(!error.message.contains("variable"), "{}: {}", text, error.message);
        }
    }

    #[test]
    fn conditions_read_as_their_normal_form(thing in things(items().boxed())) {
        let thing = Thing { variable: "r".to_owned(), ..thing };
        let text = thing.write_condition();
        prop_assert_eq!(Thing::read_condition(&text, "r"), Ok(thing.normal_condition()), "{}", text);
    }
}
