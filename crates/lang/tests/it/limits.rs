//! The deepest trees that can be read can also be checked, printed and evaluated on a test's stack of 2 MiB.

use lang::eval::ConstantEnv;
use lang::{Options, check_expression, eval, parse_expression};

#[track_caller]
fn check(source: &str) {
    let expr = parse_expression(source).unwrap();
    check_expression(source, &expr, &Options::default()).unwrap();
    assert_eq!(parse_expression(&expr.to_string()).unwrap(), expr);
    eval(&expr, &ConstantEnv::new("2026-11-21T00:00:00Z".parse().unwrap())).unwrap();
}

/// Something as deep as it can be.
fn deepest(begin: &str, middle: &str, end: &str) -> String {
    let source = |n: usize| format!("{}{middle}{}", begin.repeat(n), end.repeat(n));
    let levels: Vec<usize> = (1..600).collect();
    let n = levels.partition_point(|it| parse_expression(&source(*it)).is_ok());
    assert!(n >= 20, "only {n} levels of {begin}");
    source(n)
}

#[test]
fn nested_brackets() {
    check(&deepest("(", "1", ")"));
    check(&deepest("[", "1", "]"));
    check(&deepest("{a: ", "1", "}"));
    check(&deepest("coalesce(", "1", ")"));
    check(&deepest("[x IN [", "1", "] | x]"));
    check(&deepest("CASE WHEN true THEN ", "1", " END"));
    check(&deepest("1 + 2 * (", "1", ")"));
    check(&deepest("reduce(a = 0, x IN [1] | ", "1", ")"));
}

#[test]
fn chains_of_operators() {
    check(&deepest("", "1", " + 1"));
    check(&deepest("", "true", " AND true"));
    check(&deepest("", "null", ".a"));
    check(&deepest("NOT ", "true", ""));
    check(&deepest("- ", "(1)", ""));
}
