//! The functions that queries may call, each in a line, for whoever writes one.

use lang::functions::{self, aggregate};
use serde::Serialize;
use utoipa::ToSchema;

/// A function of queries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueryFunction)]
pub(super) struct Function {
    name: &'static str,
    /// How it is called; what stands in brackets may be left out.
    signature: String,
    /// What it gives.
    returns: &'static str,
    /// What it does.
    about: &'static str,
    /// Whether it takes many rows together.
    aggregates: bool,
}

/// Name, arguments, result, what it does.
type Line = (&'static str, &'static str, &'static str, &'static str);

/// All of them, by what they are about.
const LINES: [Line; 92] = [
    (
        "count",
        "value",
        "integer",
        "How many values there are that are not null; `count(*)` counts rows.",
    ),
    ("sum", "number", "number", "The sum of all numbers."),
    ("avg", "number", "number", "The mean of all numbers."),
    ("min", "value", "value", "The smallest value."),
    ("max", "value", "value", "The greatest value."),
    ("collect", "value", "list", "All values that are not null."),
    ("stDev", "number", "float", "The standard deviation of a sample."),
    ("stDevP", "number", "float", "The standard deviation of a whole population."),
    (
        "percentileCont",
        "number, share",
        "float",
        "The percentile, between two numbers where it lies between them.",
    ),
    (
        "percentileDisc",
        "number, share",
        "number",
        "The percentile as the nearest number that there is.",
    ),
    ("abs", "number", "number", "The number without its sign."),
    ("ceil", "number", "float", "The least whole number that is not smaller."),
    ("floor", "number", "float", "The greatest whole number that is not greater."),
    (
        "round",
        "number[, digits]",
        "float",
        "The nearest whole number, or with so many digits behind the point.",
    ),
    ("sign", "number", "integer", "-1, 0 or 1."),
    ("sqrt", "number", "float", "The square root."),
    ("exp", "number", "float", "e to the power of the number."),
    ("log", "number", "float", "The natural logarithm."),
    ("log10", "number", "float", "The logarithm to the base of ten."),
    ("sin", "angle", "float", "The sine of an angle in radians."),
    ("cos", "angle", "float", "The cosine of an angle in radians."),
    ("tan", "angle", "float", "The tangent of an angle in radians."),
    ("cot", "angle", "float", "The cotangent of an angle in radians."),
    ("asin", "number", "float", "The angle with this sine, in radians."),
    ("acos", "number", "float", "The angle with this cosine, in radians."),
    ("atan", "number", "float", "The angle with this tangent, in radians."),
    ("atan2", "y, x", "float", "The angle of a point, in radians."),
    ("degrees", "angle", "float", "Radians as degrees."),
    ("radians", "angle", "float", "Degrees as radians."),
    ("haversin", "angle", "float", "Half of 1 - cos of an angle in radians."),
    ("isNaN", "number", "boolean", "Whether it is not a number."),
    ("pi", "", "float", "The number pi."),
    ("e", "", "float", "The base of natural logarithms."),
    ("rand", "", "float", "A number from 0 and below 1; the same row of numbers in each run."),
    (
        "fromBase64",
        "text",
        "text",
        "The text that stands in base64; null where there is none, and beyond 1 MiB.",
    ),
    ("toLower", "text", "text", "The text in lower case."),
    ("lower", "text", "text", "The text in lower case."),
    ("toUpper", "text", "text", "The text in upper case."),
    ("upper", "text", "text", "The text in upper case."),
    (
        "trim",
        "text[, characters]",
        "text",
        "The text without blanks, or these characters, around it.",
    ),
    (
        "btrim",
        "text[, characters]",
        "text",
        "The text without blanks, or these characters, around it.",
    ),
    (
        "ltrim",
        "text[, characters]",
        "text",
        "The text without blanks, or these characters, before it.",
    ),
    (
        "rtrim",
        "text[, characters]",
        "text",
        "The text without blanks, or these characters, behind it.",
    ),
    ("replace", "text, from, to", "text", "The text with every `from` become `to`."),
    (
        "split",
        "text, by",
        "list of texts",
        "The parts of a text between one separator, or a list of them.",
    ),
    ("substring", "text, start[, length]", "text", "A part of a text; positions begin with 0."),
    ("left", "text, length", "text", "The first characters."),
    ("right", "text, length", "text", "The last characters."),
    ("char_length", "text", "integer", "How many characters it has."),
    ("character_length", "text", "integer", "How many characters it has."),
    ("head", "list", "value", "The first element."),
    ("last", "list", "value", "The last element."),
    ("tail", "list", "list", "All elements but the first."),
    ("reverse", "list or text", "list or text", "The other way round."),
    ("size", "list, text or map", "integer", "How many elements, characters or keys it has."),
    ("isEmpty", "list, text or map", "boolean", "Whether it has nothing in it."),
    ("range", "first, last[, step]", "list", "Whole numbers from the first to the last."),
    ("coalesce", "value, ...", "value", "The first value that is not null."),
    ("nullIf", "value, other", "value", "Null where both are equal, else the value."),
    ("exists", "value", "boolean", "Whether it is there."),
    ("toInteger", "value", "integer", "The value as a whole number; null where it is none."),
    ("toFloat", "value", "float", "The value as a number; null where it is none."),
    ("toBoolean", "value", "boolean", "The value as true or false; null where it is neither."),
    ("toString", "value", "text", "The value as text."),
    ("toIntegerOrNull", "value", "integer", "As `toInteger`; null for what has no such form, too."),
    ("toFloatOrNull", "value", "float", "As `toFloat`; null for what has no such form, too."),
    ("toBooleanOrNull", "value", "boolean", "As `toBoolean`; null for what has no such form, too."),
    ("toStringOrNull", "value", "text", "As `toString`; null for what has no such form, too."),
    ("toIntegerList", "list", "list", "Each element as a whole number."),
    ("toFloatList", "list", "list", "Each element as a number."),
    ("toBooleanList", "list", "list", "Each element as true or false."),
    ("toStringList", "list", "list of texts", "Each element as text."),
    ("labels", "node", "list of texts", "The labels of a node."),
    ("type", "edge", "text", "The type of an edge."),
    (
        "id",
        "node or edge",
        "integer",
        "Its number in this graph; the id of a resource is `r.merlon.id`.",
    ),
    ("elementId", "node or edge", "text", "Its number in this graph, as text."),
    ("properties", "node, edge or map", "map", "All properties."),
    ("keys", "node, edge or map", "list of texts", "The names of all properties."),
    ("startNode", "edge", "node", "The node that an edge leaves."),
    ("endNode", "edge", "node", "The node that an edge enters."),
    ("nodes", "path", "list of nodes", "The nodes of a path, in order."),
    ("relationships", "path", "list of edges", "The edges of a path, in order."),
    ("rels", "path", "list of edges", "The edges of a path, in order."),
    ("length", "path", "integer", "How many edges a path has."),
    ("datetime", "[text or map]", "instant", "An instant; now, without an argument."),
    (
        "date",
        "[text or map]",
        "instant",
        "The first instant of a day in UTC; today, without an argument.",
    ),
    ("timestamp", "", "integer", "Milliseconds since 1970."),
    ("duration", "text or map", "duration", "A length of time, such as `P30D` or `{days: 30}`."),
    ("duration.between", "from, to", "duration", "The time from one instant to another."),
    ("duration.inSeconds", "from, to", "duration", "The time between two instants in seconds."),
    ("duration.inDays", "from, to", "duration", "The time between two instants in whole days."),
    ("daysSince", "instant", "float", "Days from an instant until now."),
];

/// Those that clouds need, beside openCypher's.
const OWN: [Line; 5] = [
    (
        "ipInRange",
        "address, ranges",
        "boolean",
        "Whether an address or a range lies in a range, or in one of a list.",
    ),
    ("isPublicCidr", "range", "boolean", "Whether a range has addresses of the internet."),
    (
        "portIn",
        "ports, port",
        "boolean",
        "Whether a port is one of `22`, `20-30`, `*`, or of a list of such.",
    ),
    ("jsonParse", "text", "value", "JSON that stands in a text, read."),
    (
        "policyStatements",
        "document",
        "list",
        "The statements of a policy of AWS, with every list a list.",
    ),
];

/// All functions, in the order in which people look for them.
pub(super) fn all() -> Vec<Function> {
    let of = |&(name, args, returns, about): &Line| Function {
        name,
        signature: format!("{name}({args})"),
        returns,
        about,
        aggregates: aggregate::NAMES.contains(&name),
    };
    let known = |it: &&Line| functions::find(it.0).is_some() || aggregate::NAMES.contains(&it.0);
    LINES.iter().chain(&OWN).filter(known).map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lang::functions::{self, aggregate};

    use super::{LINES, OWN, all};

    #[test]
    fn every_function_has_its_line_and_no_other_has_one() {
        let told: BTreeSet<&str> = all().iter().map(|it| it.name).collect();
        let there: BTreeSet<&str> =
            functions::all().map(|it| it.name).chain(aggregate::NAMES).collect();
        assert_eq!(told, there);
        assert_eq!(
            all().len(),
            LINES.len() + OWN.len(),
            "a line for what there is not, or two for one"
        );
        for (name, args, ..) in LINES.iter().chain(&OWN) {
            let Some(function) = functions::find(name) else { continue };
            let (needed, optional) = args.split_once('[').unwrap_or((args, ""));
            let count = |it: &str| {
                it.split(", ").filter(|it| !it.trim_matches([',', ' ', ']']).is_empty()).count()
            };
            if *name != "coalesce" && !args.contains(" or ") {
                assert_eq!(count(needed), function.n_required, "{name}");
                assert_eq!(count(needed) + count(optional), function.args.len(), "{name}");
            }
        }
    }
}
