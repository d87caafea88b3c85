//! Statements in one line for people.

use super::condition::Condition;
use super::policy::Statement;

/// Patterns that are named before the others are counted.
const MOST: usize = 4;

/// `allows s3:Get* on * where aws:SourceIp IpAddress 192.0.2.0/24`.
pub(super) fn statement(statement: &Statement) -> String {
    let actions: Vec<&str> = statement.actions.patterns().collect();
    let but = if statement.actions.is_not { "everything but " } else { "" };
    let verb = if statement.is_allow { "allows" } else { "denies" };
    let mut says = format!("{verb} {but}{}", list(&actions));
    if let Some(resources) = &statement.resources {
        let patterns: Vec<&str> = resources.patterns.iter().map(|it| &*it.text).collect();
        let but = if resources.is_not { "everything but " } else { "" };
        says.extend([" on ", but, &list(&patterns)]);
    }
    if let Some(principals) = &statement.principals {
        let named: Vec<String> = principals.named.iter().map(ToString::to_string).collect();
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let but = if principals.is_not { "everybody but " } else { "" };
        says.extend([" to ", but, &list(&named)]);
    }
    for (number, condition) in statement.conditions.iter().enumerate() {
        says.push_str(if number == 0 { " where " } else { " and " });
        says.push_str(&self::condition(condition));
    }
    says
}

fn condition(condition: &Condition) -> String {
    let values: Vec<&str> = condition.values.iter().map(|it| &*it.text).collect();
    format!("{} {} {}", condition.name, condition.operator, list(&values))
}

fn list(items: &[&str]) -> String {
    let mut text = items.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = items.len().checked_sub(MOST) {
        text.extend([" and ", &more.to_string(), " more"]);
    }
    text
}
