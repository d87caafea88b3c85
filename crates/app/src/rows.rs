//! Query results for people and tools.

use std::io::{self, Write};

use graph::{Graph, Rows};
use serde_json::{Map, Value as Json};

use crate::cli::RowFormat;
use crate::report::{csv_field, single_line};

/// Widest column of a table.
const MAX_WIDTH: usize = 60;

/// The values of rows, as they are written.
pub(crate) fn values(graph: &Graph, rows: &Rows<'_>) -> Vec<Vec<Json>> {
    let row =
        |row: &Vec<lang::Value<'_>>| row.iter().map(|it| posture::to_json(graph, it)).collect();
    rows.rows.iter().map(row).collect()
}

/// Writes a table in the form that was asked for.
pub(crate) fn write(
    columns: &[String],
    table: Vec<Vec<Json>>,
    format: RowFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    match format {
        RowFormat::Table => write_table(columns, &table, &mut out)?,
        RowFormat::Json => write_json(columns, table, &mut out)?,
        RowFormat::Ndjson => write_lines(columns, table, &mut out)?,
        RowFormat::Csv => write_csv(columns, &table, &mut out)?,
    }
    out.flush()
}

/// One line for people: of a node its name, of an edge its type, of a path the way it goes.
fn text(value: &Json) -> String {
    let field = |name| value.get(name).and_then(Json::as_str);
    if let (Some(Json::Array(nodes)), Some(Json::Array(edges))) =
        (value.get("nodes"), value.get("edges"))
    {
        let mut way = nodes.first().map(text).unwrap_or_default();
        for (edge, node) in edges.iter().zip(nodes.iter().skip(1)) {
            way.extend([" -", &text(edge), "- ", &text(node)]);
        }
        return way;
    }
    if let (Some(_), Some(name)) = (value.get("labels"), field("name")) {
        return single_line(name);
    }
    if let (Some(edge_type), Some(_)) = (field("type"), value.get("from")) {
        return edge_type.to_owned();
    }
    match value {
        Json::String(text) => single_line(text),
        Json::Null => "null".to_owned(),
        other => single_line(&other.to_string()),
    }
}

fn write_table(columns: &[String], table: &[Vec<Json>], out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<Vec<String>> = table.iter().map(|row| row.iter().map(text).collect()).collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let longest = cells.iter().filter_map(|row| row.get(i)).map(|it| it.chars().count());
            longest.chain([name.chars().count()]).max().unwrap_or(0).min(MAX_WIDTH)
        })
        .collect();
    let line = |cells: &[String]| -> String {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(text, width)| crate::report::cell(text, *width))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    writeln!(out, "{}", line(columns))?;
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    writeln!(out, "{}", rule.join("  "))?;
    for row in &cells {
        writeln!(out, "{}", line(row))?;
    }
    let rows = if cells.len() == 1 { "row" } else { "rows" };
    writeln!(out, "({} {rows})", cells.len())
}

fn write_json(columns: &[String], table: Vec<Vec<Json>>, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Json> = table
        .into_iter()
        .map(|row| Json::Object(columns.iter().cloned().zip(row).collect::<Map<_, _>>()))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rows)?;
    writeln!(out)
}

fn write_lines(columns: &[String], table: Vec<Vec<Json>>, out: &mut dyn Write) -> io::Result<()> {
    for row in table {
        let row = Json::Object(columns.iter().cloned().zip(row).collect::<Map<_, _>>());
        writeln!(out, "{row}")?;
    }
    Ok(())
}

fn write_csv(columns: &[String], table: &[Vec<Json>], out: &mut dyn Write) -> io::Result<()> {
    let line = |cells: Vec<String>| format!("{}\r\n", cells.join(","));
    out.write_all(line(columns.iter().map(|it| csv_field(it)).collect()).as_bytes())?;
    for row in table {
        let cells = row.iter().map(|value| match value {
            Json::Null => String::new(),
            Json::String(text) => csv_field(text),
            other => csv_field(&other.to_string()),
        });
        out.write_all(line(cells.collect()).as_bytes())?;
    }
    Ok(())
}
