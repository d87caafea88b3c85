//! Values as they are written in the tables of the kit: `(:A {name: 'x'})`, `[:T]`, `<(:A)-[:T]->()>`.

use anyhow::{Result, bail, ensure};

/// A value of a table, in a form in which equal values are equal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
    Node {
        labels: Vec<String>,
        properties: Vec<(String, Self)>,
    },
    Edge {
        edge_type: String,
        properties: Vec<(String, Self)>,
    },
    /// Nodes, and between them edges with whether they point forwards.
    Path {
        nodes: Vec<Self>,
        edges: Vec<(Self, bool)>,
    },
}

/// Reads a cell.
pub(crate) fn parse(text: &str) -> Result<Literal> {
    let mut parser = Parser { rest: text.trim() };
    let value = parser.value()?;
    ensure!(parser.rest.trim().is_empty(), "`{text}`: `{}` is left over", parser.rest);
    Ok(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<Literal> {
        self.skip();
        let Some(first) = self.rest.chars().next() else { bail!("a value is missing") };
        match first {
            '\'' => self.text().map(Literal::Str),
            '[' if self.rest.get(1..).is_some_and(|rest| rest.trim_start().starts_with(':')) => {
                self.edge()
            }
            '[' => {
                self.eat("[");
                let mut items = Vec::new();
                while !self.eat("]") {
                    items.push(self.value()?);
                    self.eat(",");
                }
                Ok(Literal::List(items))
            }
            '{' => Ok(Literal::Map(self.map()?)),
            '(' => self.node(),
            '<' => self.path(),
            _ => self.word(),
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        ensure!(self.eat(token), "`{token}` was expected at `{}`", self.rest);
        Ok(())
    }

    fn text(&mut self) -> Result<String> {
        self.expect("'")?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '\'' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        bail!("a text is not closed")
    }

    /// A name: letters, digits, underscores, or anything in back-ticks.
    fn name(&mut self) -> Result<&'a str> {
        self.skip();
        if let Some(rest) = self.rest.strip_prefix('`')
            && let Some((name, rest)) = rest.split_once('`')
        {
            self.rest = rest;
            return Ok(name);
        }
        let end = self.rest.find(|char: char| !char.is_alphanumeric() && char != '_');
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        ensure!(!name.is_empty(), "a name was expected at `{}`", self.rest);
        self.rest = rest;
        Ok(name)
    }

    fn map(&mut self) -> Result<Vec<(String, Literal)>> {
        self.expect("{")?;
        let mut entries = Vec::new();
        while !self.eat("}") {
            let key = self.name()?.to_owned();
            self.expect(":")?;
            entries.push((key, self.value()?));
            self.eat(",");
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(entries)
    }

    fn properties(&mut self) -> Result<Vec<(String, Literal)>> {
        self.skip();
        if self.rest.starts_with('{') { self.map() } else { Ok(Vec::new()) }
    }

    fn node(&mut self) -> Result<Literal> {
        self.expect("(")?;
        let mut labels = Vec::new();
        while self.eat(":") {
            labels.push(self.name()?.to_owned());
        }
        labels.sort();
        let properties = self.properties()?;
        self.expect(")")?;
        Ok(Literal::Node { labels, properties })
    }

    fn edge(&mut self) -> Result<Literal> {
        self.expect("[")?;
        self.expect(":")?;
        let edge_type = self.name()?.to_owned();
        let properties = self.properties()?;
        self.expect("]")?;
        Ok(Literal::Edge { edge_type, properties })
    }

    fn path(&mut self) -> Result<Literal> {
        self.expect("<")?;
        let mut nodes = vec![self.node()?];
        let mut edges = Vec::new();
        while !self.eat(">") {
            let is_backward = self.eat("<-");
            if !is_backward {
                self.expect("-")?;
            }
            let edge = self.edge()?;
            self.expect(if is_backward { "-" } else { "->" })?;
            edges.push((edge, !is_backward));
            nodes.push(self.node()?);
        }
        Ok(Literal::Path { nodes, edges })
    }

    fn word(&mut self) -> Result<Literal> {
        let end = self.rest.find([',', ']', '}', ')']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let word = word.trim();
        Ok(match word {
            "null" => Literal::Null,
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "NaN" => Literal::Float(f64::NAN),
            "Inf" | "Infinity" => Literal::Float(f64::INFINITY),
            "-Inf" | "-Infinity" => Literal::Float(f64::NEG_INFINITY),
            _ => match (word.parse::<i64>(), word.parse::<f64>()) {
                (Ok(number), _) => Literal::Int(number),
                (Err(_), Ok(number)) => Literal::Float(number),
                _ => bail!("`{word}` is no value"),
            },
        })
    }
}

impl Literal {
    /// The value as text, in which equal values are equal. Lists are sorted when their order does
    /// not count.
    pub(crate) fn canonical(&self, ignores_order: bool) -> String {
        let all = |items: &[Self]| -> Vec<String> {
            items.iter().map(|item| item.canonical(ignores_order)).collect()
        };
        let map = |entries: &[(String, Self)]| {
            let entries = entries.iter();
            let texts: Vec<String> = entries
                .map(|(key, value)| format!("{key}: {}", value.canonical(ignores_order)))
                .collect();
            format!("{{{}}}", texts.join(", "))
        };
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(it) => it.to_string(),
            Self::Int(it) => it.to_string(),
            Self::Float(it) if *it == 0.0 => "0.0".to_owned(),
            Self::Float(it) => format!("{it:?}"),
            Self::Str(it) => format!("'{it}'"),
            Self::List(items) => {
                let mut texts = all(items);
                if ignores_order {
                    texts.sort();
                }
                format!("[{}]", texts.join(", "))
            }
            Self::Map(entries) => map(entries),
            Self::Node { labels, properties } => {
                let labels = labels.iter().flat_map(|label| [":", label]).collect::<String>();
                format!("({labels} {})", map(properties))
            }
            Self::Edge { edge_type, properties } => format!("[:{edge_type} {}]", map(properties)),
            Self::Path { nodes, edges } => {
                let mut text = String::from("<");
                for (idx, node) in nodes.iter().enumerate() {
                    text += &node.canonical(ignores_order);
                    if let Some((edge, is_forward)) = edges.get(idx) {
                        let edge = edge.canonical(ignores_order);
                        let (before, behind) = if *is_forward { ("-", "->") } else { ("<-", "-") };
                        text.extend([before, &edge, behind]);
                    }
                }
                text + ">"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(super::parse(text).unwrap().canonical(false), want);
    }

    #[test]
    fn every_form() {
        check("[1, 2.0, 'a', null]", "[1, 2.0, 'a', null]");
        check("(:B:A {b: 1, a: 'x'})", "(:A:B {a: 'x', b: 1})");
        check("[[:T {x: true}]]", "[[:T {x: true}]]");
        check("<(:A)<-[:T]-()-[:S]->({x: 1})>", "<(:A {})<-[:T {}]-( {})-[:S {}]->( {x: 1})>");
        check("{a: {}, b: []}", "{a: {}, b: []}");
    }
}
