//! Reading feature files: scenarios with their steps, outlines multiplied out.

use anyhow::{Context as _, Result, bail};

/// A scenario, the steps of the background first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// A step: what it says, and the text or the table below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    /// Without `Given`, `When`, `Then`, `And`, `But`, and without a colon at the end.
    pub(crate) text: String,
    pub(crate) doc: Option<String>,
    pub(crate) table: Vec<Vec<String>>,
}

/// A scenario as written, with the tables of examples of an outline.
#[derive(Debug, Default)]
struct Block {
    scenario: Scenario,
    examples: Vec<Vec<Vec<String>>>,
}

/// Reads the scenarios of a feature file.
pub(crate) fn parse(text: &str) -> Result<Vec<Scenario>> {
    let mut background: Vec<Step> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut place = Place::Nowhere;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('@') {
            continue;
        }
        let fail = || format!("line {}: `{trimmed}`", number + 1);
        if let Some((keyword, name)) = heading(trimmed) {
            place = match keyword {
                "Feature" | "Rule" => Place::Nowhere,
                "Background" => Place::Background,
                "Examples" | "Scenarios" => {
                    let block = blocks.last_mut().with_context(fail)?;
                    block.examples.push(Vec::new());
                    Place::Examples
                }
                _ => {
                    let scenario = Scenario { name: name.to_owned(), steps: background.clone() };
                    blocks.push(Block { scenario, examples: Vec::new() });
                    Place::Scenario
                }
            };
            continue;
        }
        let steps = match place {
            Place::Nowhere => continue, // prose below the heading of the feature
            Place::Background => &mut background,
            Place::Scenario => &mut blocks.last_mut().with_context(fail)?.scenario.steps,
            Place::Examples => {
                let examples = blocks.last_mut().and_then(|it| it.examples.last_mut());
                if trimmed.starts_with('|') {
                    examples.with_context(fail)?.push(cells(trimmed));
                }
                continue;
            }
        };
        if trimmed.starts_with('|') {
            steps.last_mut().with_context(fail)?.table.push(cells(trimmed));
        } else if let Some(quotes) =
            ["\"\"\"", "```"].into_iter().find(|quotes| trimmed.starts_with(quotes))
        {
            let indent = line.len() - line.trim_start().len();
            let mut doc = String::new();
            loop {
                let Some((_, line)) = lines.next() else { bail!("{}: not closed", fail()) };
                if line.trim() == quotes {
                    break;
                }
                let margin = line.len() - line.trim_start().len();
                doc.push_str(line.get(indent.min(margin)..).unwrap_or_default());
                doc.push('\n');
            }
            doc.pop();
            steps.last_mut().with_context(fail)?.doc = Some(doc);
        } else if let Some(text) = step_text(trimmed) {
            steps.push(Step { text: text.to_owned(), ..Step::default() });
        } else if !steps.is_empty() {
            bail!("{}: neither a step nor a table", fail());
        }
    }
    Ok(blocks.iter().flat_map(multiply).collect())
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Nowhere,
    Background,
    Scenario,
    Examples,
}

/// `Scenario: name` and the like.
fn heading(line: &str) -> Option<(&'static str, &str)> {
    const KEYWORDS: [&str; 9] = [
        "Feature",
        "Rule",
        "Background",
        "Scenario Outline",
        "Scenario Template",
        "Scenarios",
        "Scenario",
        "Examples",
        "Example",
    ];
    KEYWORDS.into_iter().find_map(|keyword| {
        let name = line.strip_prefix(keyword)?.strip_prefix(':')?;
        Some((keyword, name.trim()))
    })
}

fn step_text(line: &str) -> Option<&str> {
    ["Given", "When", "Then", "And", "But", "*"].into_iter().find_map(|keyword| {
        let text = line.strip_prefix(keyword)?.strip_prefix(' ')?.trim();
        Some(text.strip_suffix(':').unwrap_or(text))
    })
}

/// The cells of a row `| a | b \| c |`.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut chars = line.trim().chars().skip(1);
    while let Some(char) = chars.next() {
        match char {
            '|' => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            '\\' => match chars.next() {
                Some('|') => cell.push('|'),
                Some('n') => cell.push('\n'),
                Some('\\') => cell.push('\\'),
                Some(other) => {
                    cell.push('\\');
                    cell.push(other);
                }
                None => cell.push('\\'),
            },
            other => cell.push(other),
        }
    }
    cells
}

/// The scenarios that an outline stands for; a scenario without examples stands for itself.
fn multiply(block: &Block) -> Vec<Scenario> {
    if block.examples.is_empty() {
        return vec![block.scenario.clone()];
    }
    let mut scenarios = Vec::new();
    for table in &block.examples {
        let Some((header, rows)) = table.split_first() else { continue };
        for row in rows {
            let fill = |text: &str| {
                header.iter().zip(row).fold(text.to_owned(), |text, (name, value)| {
                    text.replace(&format!("<{name}>"), value)
                })
            };
            let steps = block.scenario.steps.iter().map(|step| Step {
                text: fill(&step.text),
                doc: step.doc.as_deref().map(fill),
                table: step
                    .table
                    .iter()
                    .map(|row| row.iter().map(|it| fill(it)).collect())
                    .collect(),
            });
            let name = format!("{} ({})", block.scenario.name, row.join(", "));
            scenarios.push(Scenario { name, steps: steps.collect() });
        }
    }
    scenarios
}

#[cfg(test)]
mod tests {
    #[test]
    fn outlines_backgrounds_and_tables() {
        let text = r#"
            Feature: F
              Some prose: with a colon.

              Background:
                Given an empty graph

              @tag
              Scenario Outline: [1] Adds <a>
                When executing query:
                  """
                  RETURN <a>
                    + 1 AS x
                  """
                Then the result should be, in any order:
                  | x   |
                  | <b> |

                Examples:
                  | a | b      |
                  | 1 | 'x\|y' |
                  | 2 | 3      |
        "#;
        let scenarios = super::parse(text).unwrap();
        assert_eq!(scenarios.len(), 2);
        let steps = &scenarios[0].steps;
        assert_eq!(steps[0].text, "an empty graph");
        assert_eq!(steps[1].doc.as_deref(), Some("RETURN 1\n  + 1 AS x"));
        assert_eq!(steps[2].text, "the result should be, in any order");
        assert_eq!(steps[2].table, [["x"], ["'x|y'"]]);
    }
}
