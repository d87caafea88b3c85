//! Runs the specification: every line of a `cypher` block in `spec/` is an expression and what it is worth.

use std::fs;
use std::path::Path;

use lang::eval::ConstantEnv;
use lang::{Value, eval, parse_expression};
use model::{Doc, Keys};
use serde_json::Value as Json;

/// What a document of the specification writes for "unread", and as the value of `...` for an open object.
const NOT_COLLECTED: &str = "<not collected>";

/// A document with the marks of the specification made real.
fn with_markers(json: Json) -> Json {
    match json {
        Json::String(text) if text == NOT_COLLECTED => {
            model::doc::unread_marker(model::GapId::NOT_COLLECTED)
        }
        Json::Array(items) => items.into_iter().map(with_markers).collect(),
        Json::Object(mut map) => {
            let is_open = map.remove("...").is_some();
            let entries = map.into_iter().map(|(key, value)| (key, with_markers(value)));
            let mut object = Json::Object(entries.collect());
            if is_open {
                model::doc::open_marker(&mut object);
            }
            object
        }
        scalar => scalar,
    }
}

/// The worth of an expression, or the name of its error.
fn worth(source: &str, r: Value<'_>) -> String {
    let mut env = ConstantEnv::new("2026-11-21T00:00:00Z".parse().unwrap());
    env.variables.insert("r".to_owned(), r);
    let expr = parse_expression(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    match eval(&expr, &env) {
        Ok(value) => value.to_string().replace("unread(0)", "unread"),
        Err(error) => error.kind.name(),
    }
}

/// Checks all lines of one page; says how many there are.
fn check_page(page: &str) -> usize {
    let keys = Keys::default();
    let mut doc = Doc::build(&Json::Null, &keys);
    let mut n_lines = 0;
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, body) = block.split_once('\n').unwrap();
        match language {
            "json" => doc = Doc::build(&with_markers(serde_json::from_str(body).unwrap()), &keys),
            "cypher" => {
                for line in body.lines() {
                    let (source, want) = line.rsplit_once(" // ").unwrap();
                    let r = Value::from_view(doc.view(), &keys);
                    assert_eq!(worth(source, r), want, "{source}");
                    n_lines += 1;
                }
            }
            other => panic!("block of unknown language `{other}`"),
        }
    }
    n_lines
}

#[test]
fn every_line_is_worth_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec");
    let mut n_lines = 0;
    for entry in fs::read_dir(folder).unwrap() {
        n_lines += check_page(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert!(n_lines > 100, "only {n_lines} lines were found");
}
