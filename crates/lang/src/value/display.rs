//! Values as text, in the notation of the language: `[1, 2.0, 'text', {key: null}]`.

use std::fmt::{self, Debug, Display, Write as _};

use super::{ListView, MapView, Value};

impl Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Unread(gap) => write!(f, "unread({})", gap.0),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write_float(f, *value),
            Self::Str(text) => write_quoted(f, text.as_str()),
            Self::List(_) | Self::DocList(_) => write_list(f, self),
            Self::Map(_) | Self::DocMap(_) => write_map(f, self),
            Self::Node(id) => write!(f, "node({})", id.0),
            Self::Edge(id) => write!(f, "edge({})", id.0),
            Self::Path(path) => write_path(f, path),
            Self::DateTime(instant) => write!(f, "datetime('{instant}')"),
            Self::Duration(period) => write!(f, "duration('{period}')"),
        }
    }
}

impl Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// A float that reads back as a float: `1.0`, `1e-7`, `NaN`, `Infinity`.
pub(crate) fn write_float(f: &mut dyn fmt::Write, value: f64) -> fmt::Result {
    if value.is_nan() {
        return f.write_str("NaN");
    }
    if value.is_infinite() {
        return f.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-3..1e15).contains(&magnitude) {
        let text = format!("{value:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !digits.contains('.') => write!(f, "{digits}.0E{exponent}"),
            Some((digits, exponent)) => write!(f, "{digits}E{exponent}"),
            None => f.write_str(&text),
        };
    }
    write!(f, "{value:?}")
}

/// Text in single quotes, with escapes.
pub(crate) fn write_quoted(f: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    f.write_char('\'')?;
    for char in text.chars() {
        match char {
            '\'' => f.write_str("\\'")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            char if char.is_control() => write!(f, "\\u{:04X}", u32::from(char))?,
            char => f.write_char(char)?,
        }
    }
    f.write_char('\'')
}

/// A name, in back-ticks where it needs them.
pub(crate) fn write_name(f: &mut dyn fmt::Write, name: &str) -> fmt::Result {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|it| it.is_alphabetic() || it == '_')
        && chars.all(|it| it.is_alphanumeric() || it == '_');
    if plain {
        return f.write_str(name);
    }
    write!(f, "`{}`", name.replace('`', "``"))
}

fn write_list(f: &mut fmt::Formatter<'_>, list: &Value<'_>) -> fmt::Result {
    f.write_char('[')?;
    for (idx, item) in list.as_list().into_iter().flat_map(ListView::iter).enumerate() {
        f.write_str(if idx > 0 { ", " } else { "" })?;
        write!(f, "{item}")?;
    }
    f.write_char(']')
}

fn write_map(f: &mut fmt::Formatter<'_>, map: &Value<'_>) -> fmt::Result {
    f.write_char('{')?;
    let entries = map.as_map().map(MapView::entries).unwrap_or_default();
    for (idx, (key, value)) in entries.iter().enumerate() {
        f.write_str(if idx > 0 { ", " } else { "" })?;
        write_name(f, key.as_str())?;
        write!(f, ": {value}")?;
    }
    f.write_char('}')
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &super::PathValue) -> fmt::Result {
    f.write_char('<')?;
    for (idx, node) in path.nodes.iter().enumerate() {
        write!(f, "node({})", node.0)?;
        if let Some(edge) = path.edges.get(idx) {
            write!(f, ", edge({}), ", edge.0)?;
        }
    }
    f.write_char('>')
}

#[cfg(test)]
mod tests {
    use crate::value::{Text, Value};

    #[track_caller]
    fn check(value: &Value<'_>, want: &str) {
        assert_eq!(value.to_string(), want);
    }

    #[test]
    fn floats_look_like_floats() {
        check(&Value::Float(1.0), "1.0");
        check(&Value::Float(-0.0), "-0.0");
        check(&Value::Float(1e-9), "1.0E-9");
        check(&Value::Float(1.5e300), "1.5E300");
        check(&Value::Float(f64::NAN), "NaN");
        check(&Value::Float(f64::NEG_INFINITY), "-Infinity");
    }

    #[test]
    fn text_is_quoted_and_nests() {
        let list = Value::list(vec![Value::str("it's"), Value::Null, Value::Bool(true)]);
        check(&Value::map(vec![(Text::from("a b"), list)]), r"{`a b`: ['it\'s', null, true]}");
    }
}
