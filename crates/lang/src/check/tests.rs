//! Queries and what is wrong with them.

use std::sync::Arc;

use super::{Options, Schema, Variable, check_condition, check_query};
use crate::parse::{parse_expression, parse_query};
use crate::types::Type;

/// The kind of the error of a query, or its columns.
fn outcome(source: &str, options: &Options<'_>) -> String {
    let query = parse_query(source).unwrap();
    match check_query(source, &query, options) {
        Ok(checked) => {
            let names: Vec<String> = checked.columns.into_iter().map(|it| it.name).collect();
            names.join(" | ")
        }
        Err(error) => error.kind.name(),
    }
}

#[track_caller]
fn check(source: &str, want: &str) {
    assert_eq!(outcome(source, &Options::default()), want, "{source}");
}

#[test]
fn columns_are_named_by_alias_or_exact_text() {
    check("MATCH (n)-[r]->() RETURN n, r.x AS x, count( * )", "n | x | count( * )");
    check("MATCH (a), (b) RETURN *", "a | b");
    check("RETURN (1 + 2) * 3", "(1 + 2) * 3");
}

#[test]
fn names() {
    check("MATCH (n) RETURN m", "UndefinedVariable");
    check("MATCH (n) WITH n.x AS x RETURN n", "UndefinedVariable");
    check("MATCH (n) WHERE (n)-->(m) RETURN n", "UndefinedVariable");
    check("MATCH (n) WHERE EXISTS { (n)-->(m) } RETURN m", "UndefinedVariable");
    check("MATCH (n) WHERE EXISTS { (n)-->(m) WHERE m.x = n.x } RETURN n", "n");
    check("MATCH (n) RETURN [x IN [1] | x] AS l, x", "UndefinedVariable");
    check("MATCH (n) UNWIND [1] AS n RETURN n", "VariableAlreadyBound");
    check("MATCH (p) MATCH p = ()-->() RETURN p", "VariableAlreadyBound");
    check("MATCH ()-[r]->(r) RETURN r", "VariableTypeConflict");
    check("WITH 1 AS n MATCH (n) RETURN n", "VariableTypeConflict");
    check("MATCH ()-[r]->()-[r]->() RETURN r", "RelationshipUniquenessViolation");
}

#[test]
fn projections() {
    check("RETURN 1 AS a, 2 AS a", "ColumnNameConflict");
    check("WITH 1 + 1 RETURN 1", "NoExpressionAlias");
    check("RETURN *", "NoVariablesInScope");
    check("RETURN 1 AS a UNION RETURN 2 AS b", "DifferentColumnsInUnion");
    check("RETURN 1 AS a UNION RETURN 2 AS a UNION ALL RETURN 3 AS a", "InvalidClauseComposition");
    check("MATCH (n)", "InvalidClauseComposition");
    check("RETURN 1 AS a MATCH (n) RETURN n", "InvalidClauseComposition");
    check("CREATE (n)", "UnsupportedClause");
}

#[test]
fn aggregation() {
    check("MATCH (n) WHERE count(n) > 1 RETURN n", "InvalidAggregation");
    check("MATCH (n) RETURN count(count(*))", "NestedAggregation");
    check("MATCH (n) RETURN n.x + count(*)", "AmbiguousAggregationExpression");
    check("MATCH (n) RETURN n.x, n.x + count(*)", "n.x | n.x + count(*)");
    check("MATCH (n) RETURN [x IN [1] | count(x)]", "InvalidAggregation");
    check("MATCH (n) RETURN [x IN collect(n) | x.y] AS l", "l");
    check("MATCH (n) RETURN toLower(DISTINCT n.x)", "InvalidArgumentPassingMode");
}

#[test]
fn order_and_bounds() {
    check("MATCH (n) RETURN n.x AS x ORDER BY n.y", "x");
    check("MATCH (n) RETURN DISTINCT n.x AS x ORDER BY n.y", "UndefinedVariable");
    check("MATCH (n) RETURN DISTINCT n.x ORDER BY n.x", "n.x");
    check("MATCH (n) RETURN n.x AS x ORDER BY count(*)", "InvalidAggregation");
    check("MATCH (n) RETURN n.x AS x, count(*) AS c ORDER BY count(*) + x", "x | c");
    check("MATCH (n) RETURN n LIMIT n.x", "NonConstantExpression");
    check("MATCH (n) RETURN n LIMIT -1", "NegativeIntegerArgument");
    check("MATCH (n) RETURN n SKIP 1.5", "InvalidArgumentType");
    check("MATCH (n) RETURN n SKIP $skip LIMIT 1 + 1", "n");
    check("MATCH (n) WITH n.x AS x WHERE n.y = 1 RETURN x", "x");
}

#[test]
fn types() {
    check("RETURN 1 AND true", "InvalidArgumentType");
    check("RETURN NOT 'a'", "InvalidArgumentType");
    check("RETURN 1 IN 2", "InvalidArgumentType");
    check("MATCH p = ()-->() RETURN size(p)", "InvalidArgumentType");
    check("MATCH p = ()-->() RETURN p.x", "InvalidArgumentType");
    check("MATCH (n) WHERE n RETURN n", "InvalidArgumentType");
    check("RETURN any(x IN ['a'] WHERE x % 2 = 0) AS x", "InvalidArgumentType");
    check("MATCH (n) WHERE n.a + 1 > 2 RETURN n.a", "n.a");
    check("MATCH (n) RETURN (n)-->()", "UnexpectedSyntax");
    check("MATCH (n $map) RETURN n", "InvalidParameterUse");
}

#[test]
fn functions() {
    check("RETURN toLowr('a')", "UnknownFunction");
    check("RETURN toLower()", "InvalidNumberOfArguments");
    check("RETURN count(1, 2)", "InvalidNumberOfArguments");
    let options = Options { parameters: Some(&["scope"]), ..Options::default() };
    assert_eq!(outcome("RETURN $scop AS s", &options), "MissingParameter");
    assert_eq!(outcome("RETURN $now AS now, $scope AS s", &options), "now | s");
}

#[test]
fn scopes_are_told_for_each_clause() {
    let source = "MATCH p = (a:A)-[r*]->(b) WITH a, count(b) AS n MATCH (a:B) RETURN a";
    let query = parse_query(source).unwrap();
    let checked = check_query(source, &query, &Options::default()).unwrap();
    let shown: Vec<String> = query
        .first
        .clauses
        .iter()
        .map(|clause| {
            let scope = checked.scope_behind(clause.span()).iter();
            scope.map(|it| format!("{} {}", it.name, it.ty.name())).collect::<Vec<_>>().join(", ")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "a a node, r a list, b a node, p a path",
            "a a node, n an integer",
            "a a node, n an integer",
            "a a node",
        ]
    );
}

/// A schema with one label `Disk`, one edge type `USES` and the paths `size.gb` and `tags.*.key`.
struct OneLabel;

impl Schema for OneLabel {
    fn has_label(&self, label: &str) -> bool {
        label == "Disk"
    }

    fn has_edge_type(&self, edge_type: &str) -> bool {
        edge_type == "USES"
    }

    fn has_path(&self, labels: &[Arc<str>], path: &[Arc<str>]) -> bool {
        let known = ["size", "size.gb", "tags", "tags.*", "tags.*.key"];
        labels.is_empty() || known.contains(&path.join(".").as_str())
    }

    fn nearest_label(&self, label: &str) -> Option<String> {
        base::nearest(label, ["Disk"]).map(str::to_owned)
    }

    fn nearest_edge_type(&self, edge_type: &str) -> Option<String> {
        base::nearest(edge_type, ["USES"]).map(str::to_owned)
    }

    fn nearest_path(&self, _: &[Arc<str>], path: &[Arc<str>]) -> Option<String> {
        base::nearest(&path.join("."), ["size", "size.gb", "tags.*.key"]).map(str::to_owned)
    }
}

/// The error of a condition over `r`, a node with the label `Disk`.
#[track_caller]
fn check_with_schema(source: &str, want: &str) {
    let ty = Type::Node(Arc::from([Arc::from("Disk")]));
    let variables = vec![Variable { name: Arc::from("r"), ty }];
    let options = Options { schema: Some(&OneLabel), variables, ..Options::default() };
    let expr = parse_expression(source).unwrap();
    let outcome = check_condition(source, &expr, &options);
    assert_eq!(outcome.map_or_else(|it| it.to_string(), |()| "fine".to_owned()), want);
}

#[test]
fn names_of_the_schema() {
    check_with_schema("r.size.gb > 1", "fine");
    check_with_schema("any(t IN coalesce(r.tags, []) WHERE t.key = 'a')", "fine");
    check_with_schema("EXISTS { (r)-[:USES]->(other) WHERE other.whatever = 1 }", "fine");
    check_with_schema(
        "r.size.bg > 1",
        "line 1, column 8: there is no `size.bg` (did you mean `size.gb`?)",
    );
    check_with_schema(
        "any(t IN r.tags WHERE t.kye = 'a')",
        "line 1, column 25: there is no `tags.*.kye` (did you mean `tags.*.key`?)",
    );
    check_with_schema(
        "EXISTS { (r)-[:USE]->() }",
        "line 1, column 16: there is no edge type `USE` (did you mean `USES`?)",
    );
    check_with_schema(
        "EXISTS { (r)-[:USES]->(:Disc) }",
        "line 1, column 25: there is no label `Disc` (did you mean `Disk`?)",
    );
}
