//! Values as they were given, layer upon layer: file, environment, command line.
//!
//! INVARIANT: every value that was given is either a known setting or a problem with its place;
//! problems are collected, so that one run tells all of them.

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key, SECTIONS};
use super::value::{Raw, Value};

/// Variables of the environment that are settings begin so.
const PREFIX: &str = "MERLON__";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// The file, with line and column.
    File(String),
    /// A variable of the environment.
    Environment(String),
    /// An option of the command line.
    CommandLine(String),
}

impl Origin {
    /// The place to name in a message; empty for a default.
    pub(crate) fn place(self) -> String {
        match self {
            Self::Default => String::new(),
            Self::File(place) | Self::Environment(place) | Self::CommandLine(place) => place,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => f.write_str(place),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::CommandLine(option) => write!(f, "command line {option}"),
        }
    }
}

/// Something that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where: a place in the file, a variable, an option; empty when it is about the whole.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

/// All values that were given; a later layer wins.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    given: BTreeMap<(&'static str, &'static str), (Raw, Origin)>,
    problems: Vec<Problem>,
}

impl Settings {
    /// Takes over the values of a TOML file that the user calls `name`.
    pub(crate) fn add_file(&mut self, name: &str, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            self.note(place(name, text, at), error.message().to_owned());
        }
        let mut sections: Vec<_> = table.get_ref().iter().collect();
        sections.sort_by_key(|(section, _)| section.span().start);
        for (section, value) in sections {
            let at = place(name, text, section.span().start);
            let Some(known) =
                SECTIONS.iter().map(|(it, _)| *it).find(|it| *it == section.get_ref())
            else {
                self.note(at, unknown_section(section.get_ref()));
                continue;
            };
            let DeValue::Table(keys) = value.get_ref() else {
                self.note(at, format!("`{known}` is a section: write `[{known}]`"));
                continue;
            };
            for (key, value) in keys {
                let at = place(name, text, key.span().start);
                match find(known, key.get_ref()) {
                    Ok(key) => self.give(key, raw(value), Origin::File(at)),
                    Err(message) => self.note(at, message),
                }
            }
        }
    }

    /// Takes over the variables that are settings.
    pub(crate) fn add_environment<'a>(
        &mut self,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if let Some(key) = KEYS.iter().find(|key| key.variable() == name) {
                let origin = Origin::Environment(name.to_owned());
                self.give(key, Raw::Word(value.to_owned()), origin);
            } else {
                let known: Vec<String> = KEYS.iter().map(Key::variable).collect();
                let names = known.iter().filter_map(|it| it.strip_prefix(PREFIX));
                let near = base::nearest(rest, names).map(|it| format!("{PREFIX}{it}"));
                self.note(name.to_owned(), unknown("variable", name, near.as_deref()));
            }
        }
    }

    /// Takes over one option of the command line for the setting `section.name`.
    pub(crate) fn add_option(&mut self, section: &str, name: &str, option: &str, value: String) {
        match find(section, name) {
            Ok(key) => self.give(key, Raw::Word(value), Origin::CommandLine(option.to_owned())),
            Err(message) => self.note(option.to_owned(), message),
        }
    }

    /// Drops what the layers so far gave for a setting.
    pub(crate) fn forget(&mut self, section: &str, name: &str) {
        self.given.retain(|key, _| *key != (section, name));
    }

    fn give(&mut self, key: &Key, raw: Raw, origin: Origin) {
        self.given.insert((key.section, key.name), (raw, origin));
    }

    /// Notes a problem at a place.
    pub(crate) fn note(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { place: place.into(), message: message.into() });
    }

    /// What was noted; empties the list.
    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Where the value of a setting comes from.
    pub(crate) fn origin(&self, section: &str, name: &str) -> Origin {
        self.given
            .iter()
            .find(|((s, n), _)| *s == section && *n == name)
            .map_or(Origin::Default, |(_, (_, origin))| origin.clone())
    }

    /// The value of a setting as it was given, as text for people.
    pub(crate) fn shown(&self, key: &Key) -> String {
        let text = match self.given.get(&(key.section, key.name)) {
            None => return key.default.to_owned(),
            Some((Raw::Word(text) | Raw::Text(text), _)) => text.clone(),
            Some((Raw::Integer(number), _)) => number.to_string(),
            Some((Raw::List(words), _)) => words.join(","),
            Some((Raw::Other(_), _)) => String::new(),
        };
        if key.is_secret && !text.is_empty() { "[redacted]".to_owned() } else { text }
    }

    /// The value of a setting, read and within its range; problems are noted.
    pub(super) fn read<T: Value>(
        &mut self,
        section: &'static str,
        name: &'static str,
    ) -> Option<T> {
        let key = KEYS.iter().find(|it| it.section == section && it.name == name)?;
        let (raw, origin) = match self.given.get(&(section, name)) {
            Some((raw, origin)) => (raw.clone(), origin.clone()),
            None => (Raw::Word(key.default.to_owned()), Origin::Default),
        };
        let value = T::read(&raw).and_then(|value| {
            let Some((low, high)) = key.range else { return Ok(value) };
            let bound = |text: &str| T::read(&Raw::Word(text.to_owned()));
            if value.is_within(&bound(low)?, &bound(high)?) {
                Ok(value)
            } else {
                Err(format!("must be from {low} to {high}"))
            }
        });
        match value {
            Ok(value) => Some(value),
            Err(message) => {
                let place = origin.place();
                self.note(place, format!("`{section}.{name}`: {message}"));
                None
            }
        }
    }
}

/// The setting of this name.
fn find(section: &str, name: &str) -> Result<&'static Key, String> {
    KEYS.iter().find(|it| it.section == section && it.name == name).ok_or_else(|| {
        let names = KEYS.iter().filter(|it| it.section == section).map(|it| it.name);
        let full = format!("{section}.{name}");
        // A setting that stands in the wrong section is found by its name alone.
        let elsewhere = KEYS.iter().find(|it| it.name == name).map(Key::path);
        let near = base::nearest(name, names).map(ToOwned::to_owned).or(elsewhere);
        unknown("setting", &full, near.as_deref())
    })
}

fn unknown_section(name: &str) -> String {
    unknown("section", name, base::nearest(name, SECTIONS.iter().map(|(it, _)| *it)))
}

fn unknown(what: &str, name: &str, near: Option<&str>) -> String {
    let hint = near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    format!("there is no {what} `{name}`{hint}")
}

/// A value of the file.
fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Raw::Integer(number),
            Err(_) => Raw::Other("a number that is too large"),
        },
        DeValue::Array(items) => items
            .iter()
            .map(|it| it.get_ref().as_str().map(ToOwned::to_owned))
            .collect::<Option<_>>()
            .map_or(Raw::Other("a list of something else than texts"), Raw::List),
        DeValue::Float(_) => Raw::Other("a fraction"),
        DeValue::Boolean(_) => Raw::Other("true or false"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}

/// `file:line:column` of an offset.
fn place(name: &str, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |it| it.chars().count()) + 1;
    format!("{name}:{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::super::keys::Config;
    use super::{Origin, Settings};

    #[track_caller]
    fn check(text: &str, want: &[&str]) {
        let mut settings = Settings::default();
        settings.add_file("merlon.toml", text);
        let config = Config::read(&mut settings);
        let problems: Vec<String> =
            settings.take_problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, want);
        assert!(config.is_some() || !problems.is_empty());
    }

    #[test]
    fn every_default_lies_within_its_range() {
        check("", &[]);
    }

    #[test]
    fn unknown_names_have_a_place_and_a_near_name() {
        check(
            "[server]\nlisten = \"127.0.0.1:1\"\nconections = 4\n\n[logg]\nlevel = \"info\"\n",
            &[
                "merlon.toml:3:1: there is no setting `server.conections`; did you mean `connections`?",
                "merlon.toml:5:2: there is no section `logg`; did you mean `log`?",
            ],
        );
        check(
            "[server]\nlevel = 'info'\n",
            &["merlon.toml:2:1: there is no setting `server.level`; did you mean `log.level`?"],
        );
    }

    #[test]
    fn all_problems_are_told_at_once() {
        check(
            "[server]\nconnections = 0\nheader_timeout = 10\n[log]\nformat = \"xml\"\n",
            &[
                "merlon.toml:2:1: `server.connections`: must be from 1 to 65536",
                "merlon.toml:3:1: `server.header_timeout`: expected a time with its unit, such as \
                 `500ms`, `30s`, `5m`, `2h` or `400d`, found the number 10",
                "merlon.toml:5:1: `log.format`: expected `text` or `json`, found `xml`",
            ],
        );
    }

    #[test]
    fn a_broken_file_has_a_place() {
        let mut settings = Settings::default();
        settings.add_file("merlon.toml", "[server]\nlisten = \n");
        let problems = settings.take_problems();
        assert_eq!(problems.first().unwrap().place, "merlon.toml:2:10");
    }

    #[test]
    fn a_variable_is_refused_when_it_is_mistyped() {
        let mut settings = Settings::default();
        settings.add_environment([("MERLON__SERVER__LISTEM", "x"), ("MERLON_TEST_DATA", "y")]);
        let told: Vec<String> = settings.take_problems().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["MERLON__SERVER__LISTEM: there is no variable `MERLON__SERVER__LISTEM`; \
              did you mean `MERLON__SERVER__LISTEN`?"]
        );
    }

    #[test]
    fn the_later_layer_wins() {
        let mut settings = Settings::default();
        settings.add_file("f.toml", "[worker]\nconcurrency = 3\n[server]\nlisten = '[::1]:1'\n");
        settings.add_environment([("MERLON__WORKER__CONCURRENCY", "4")]);
        settings.add_option("server", "listen", "--listen", "127.0.0.1:9".to_owned());
        let config = Config::read(&mut settings).unwrap();
        assert_eq!(config.worker.concurrency, 4);
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:9");
        assert_eq!(
            settings.origin("worker", "concurrency"),
            Origin::Environment("MERLON__WORKER__CONCURRENCY".into())
        );
        assert_eq!(settings.origin("log", "level"), Origin::Default);
    }
}
