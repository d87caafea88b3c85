//! Log lines: one a message, on standard error, for people or for machines.
//!
//! JSON lines follow the log data model of OpenTelemetry. The attributes of the spans around a
//! message (`request.id`, `job.id`, ...) stand on each of its lines.
//!
//! INVARIANT: one message is one line: control characters are escaped, so that foreign text can
//! forge no second line and steer no terminal.

use std::fmt;
use std::io::{self, Write as _};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::config::{Config, LogFormat};

/// Starts logging for the rest of the process. Panics become error lines, too.
pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let lines = Lines { format: config.log.format }.with_filter(config.log.level.0.clone());
    tracing::subscriber::set_global_default(Registry::default().with(lines))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // The message of a panic may quote a value: it stays out.
        tracing::error!(code.location = place, "a bug: the code at `{place}` panicked");
    }));
    Ok(())
}

/// Writes each message as one line.
struct Lines {
    format: LogFormat,
}

/// The fields of a message or a span.
#[derive(Debug, Default, Clone)]
struct Fields {
    message: String,
    attributes: Map<String, Value>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            // Crates that log through `log` leave their own book-keeping behind.
            (name, _) if name.starts_with("log.") => {}
            (name, value) => {
                self.attributes.insert(name.to_owned(), value);
            }
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.attributes.extend(of_span.attributes.clone());
            }
        }
        event.record(&mut fields);
        let metadata = event.metadata();
        let now = Timestamp::now();
        let line = match self.format {
            LogFormat::Json => json(now, *metadata.level(), metadata.target(), &fields),
            LogFormat::Text => text(now, *metadata.level(), metadata.target(), &fields),
        };
        // A log that cannot be written must not stop the work.
        io::stderr().lock().write_all(line.as_bytes()).unwrap_or_default();
    }
}

/// The number of a level in the log data model.
fn severity(level: Level) -> u8 {
    match level {
        Level::TRACE => 1,
        Level::DEBUG => 5,
        Level::INFO => 9,
        Level::WARN => 13,
        Level::ERROR => 17,
    }
}

fn json(now: Timestamp, level: Level, target: &str, fields: &Fields) -> String {
    let line = serde_json::json!({
        "timestamp": format!("{now:.6}"),
        "severity_text": level.as_str(),
        "severity_number": severity(level),
        "scope": target,
        "body": fields.message,
        "attributes": fields.attributes,
    });
    format!("{line}\n")
}

fn text(now: Timestamp, level: Level, target: &str, fields: &Fields) -> String {
    let mut line = format!("{now:.3} {level:>5} {target}: ");
    push_safe(&mut line, &fields.message);
    for (name, value) in &fields.attributes {
        line.push(' ');
        push_safe(&mut line, name);
        line.push('=');
        match value {
            Value::String(text) if text.is_empty() || text.contains([' ', '"', '=']) => {
                push_safe(&mut line, &format!("{text:?}"));
            }
            Value::String(text) => push_safe(&mut line, text),
            other => push_safe(&mut line, &other.to_string()),
        }
    }
    line.push('\n');
    line
}

/// Adds text with its control characters escaped.
fn push_safe(line: &mut String, text: &str) {
    for it in text.chars() {
        let is_steering = it.is_control()
            || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if is_steering {
            line.extend(it.escape_default());
        } else {
            line.push(it);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Map, Value, json};
    use tracing::Level;

    use super::{Fields, json as json_line, text as text_line};

    fn fields(message: &str, attribute: &str) -> Fields {
        let attributes = Map::from_iter([("job.id".to_owned(), Value::from(attribute))]);
        Fields { message: message.to_owned(), attributes }
    }

    #[test]
    fn a_text_line_is_one_line_whatever_it_quotes() {
        let line = text_line(
            Timestamp::UNIX_EPOCH,
            Level::INFO,
            "merlon",
            &fields("a\nb\u{1b}[2J", "x y"),
        );
        assert_eq!(line, "1970-01-01T00:00:00.000Z  INFO merlon: a\\nb\\u{1b}[2J job.id=\"x y\"\n");
    }

    #[test]
    fn a_json_line_follows_the_log_data_model() {
        let line = json_line(Timestamp::UNIX_EPOCH, Level::WARN, "merlon", &fields("a\nb", "7"));
        assert_eq!(line.matches('\n').count(), 1);
        let want = json!({
            "timestamp": "1970-01-01T00:00:00.000000Z",
            "severity_text": "WARN",
            "severity_number": 13,
            "scope": "merlon",
            "body": "a\nb",
            "attributes": {"job.id": "7"},
        });
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), want);
    }
}
