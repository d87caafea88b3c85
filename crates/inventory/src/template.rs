//! Templates of ids: `arn:aws:s3:::{Name}`.

use model::Path;
use serde_json::Value as Json;

/// A parsed template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Variable(String),
    Path(Path),
    /// What comes after the last slash of the value.
    LastOf(Path),
}

/// Behind a path: only what comes after the last slash of its value counts.
const LAST: &str = "|last";

/// What a template may name beside the document.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Variables<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) partition: &'a str,
    pub(crate) argument: &'a str,
}

impl Template {
    /// Parses `text`; braces hold paths into the document or `account`, `region`, `partition`,
    /// `argument`. `{QueueUrl|last}` is what comes after the last slash of a value.
    pub(crate) fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, tail)) = rest.split_once('{') {
            let (name, after) = tail.split_once('}').unwrap_or((tail, ""));
            pieces.push(Piece::Text(before.to_owned()));
            let last_of = name.strip_suffix(LAST);
            pieces.push(match (name, Path::parse(last_of.unwrap_or(name))) {
                ("account" | "region" | "partition" | "argument", _) | (_, Err(_)) => {
                    Piece::Variable(name.to_owned())
                }
                (_, Ok(path)) if last_of.is_some() => Piece::LastOf(path),
                (_, Ok(path)) => Piece::Path(path),
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Self { pieces }
    }

    /// The id, or the name of what is missing for it.
    pub(crate) fn fill(&self, json: &Json, variables: Variables<'_>) -> Result<String, String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(fixed) => text.push_str(fixed),
                Piece::Variable(name) => text.push_str(match name.as_str() {
                    "account" => variables.account,
                    "region" => variables.region,
                    "partition" => variables.partition,
                    "argument" if !variables.argument.is_empty() => variables.argument,
                    _ => return Err(name.clone()),
                }),
                Piece::Path(path) | Piece::LastOf(path) => match path.find_text(json) {
                    Some(value) if !value.is_empty() => push(&mut text, piece.part_of(&value)),
                    _ => return Err(path.text().to_owned()),
                },
            }
        }
        Ok(text)
    }

    /// The paths that it names.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Path(path) | Piece::LastOf(path) => Some(path),
            Piece::Text(_) | Piece::Variable(_) => None,
        })
    }

    /// The id when every path in it means `value`: for a resource known by one name only.
    /// `None` when the template names more than one path.
    pub(crate) fn fill_with(&self, value: &str, variables: Variables<'_>) -> Option<String> {
        if self.paths().count() != 1 {
            return None;
        }
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Path(_) | Piece::LastOf(_) => push(&mut text, piece.part_of(value)),
                Piece::Text(fixed) => text.push_str(fixed),
                Piece::Variable(name) => text.push_str(match name.as_str() {
                    "account" => variables.account,
                    "region" => variables.region,
                    "partition" => variables.partition,
                    _ => variables.argument,
                }),
            }
        }
        Some(text)
    }
}

impl Piece {
    /// The part of a value that it takes.
    fn part_of<'v>(&self, value: &'v str) -> &'v str {
        match self {
            Self::LastOf(_) => value.rsplit('/').next().unwrap_or(value),
            Self::Text(_) | Self::Variable(_) | Self::Path(_) => value,
        }
    }
}

/// A name that is a path itself shares its first slash with the id: the parameter `/a/b` is `parameter/a/b`.
fn push(text: &mut String, value: &str) {
    let is_shared = text.ends_with('/') && value.starts_with('/');
    text.push_str(value.strip_prefix('/').filter(|_| is_shared).unwrap_or(value));
}

#[cfg(test)]
mod tests {
    use super::{Template, Variables};
    use serde_json::json;

    const VARIABLES: Variables<'_> =
        Variables { account: "111122223333", region: "eu-west-1", partition: "aws", argument: "" };

    #[track_caller]
    fn check(template: &str, want: Result<&str, &str>) {
        let json =
            json!({ "Name": "n", "Table": { "Arn": "arn:x" }, "Empty": "", "Slashed": "/a/b" });
        let found = Template::parse(template).fill(&json, VARIABLES);
        assert_eq!(found.as_deref().map_err(String::as_str), want);
    }

    #[test]
    fn paths_and_variables_are_filled_in() {
        check("arn:{partition}:s3:::{Name}", Ok("arn:aws:s3:::n"));
        check("{Table.Arn}", Ok("arn:x"));
        check("parameter/{Slashed}", Ok("parameter/a/b"));
        check("x{Slashed}", Ok("x/a/b"));
        check("x:{Slashed|last}", Ok("x:b"));
        check("x:{Name|last}", Ok("x:n"));
        check("x:{region}:{account}", Ok("x:eu-west-1:111122223333"));
    }

    #[test]
    fn what_is_missing_is_named() {
        check("{Gone.Arn}", Err("Gone.Arn"));
        check("{Empty}", Err("Empty"));
        check("{Gone|last}", Err("Gone"));
    }

    #[test]
    fn one_name_fills_a_template_with_one_path() {
        let template = Template::parse("arn:aws:sqs:{region}:{account}:{QueueName}");
        let id = template.fill_with("q", VARIABLES);
        assert_eq!(id.as_deref(), Some("arn:aws:sqs:eu-west-1:111122223333:q"));
    }
}
