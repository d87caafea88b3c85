//! `merlon access`: who may do what, and why.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use access::{Access, Actor, Answer, Decision, Effect, Given, Plus, Request, telling};
use anyhow::Context as _;
use graph::Graph;
use model::View;
use serde_json::{Value as Json, json};

use crate::cli::access::Access as Arguments;
use crate::cli::{Cli, Shape};
use crate::progress::Progress;
use crate::report::single_line;
use crate::{estate, library, scan};

/// Decisions that the table shows of one question; JSON has all.
const MOST_SHOWN: usize = 200;

/// What is known of a resource to name it.
struct Named {
    id: String,
    name: String,
    kind: Arc<str>,
}

/// One decided question.
struct Decided {
    who: String,
    action: String,
    on: String,
    /// `read`, `write`, `administer`, where nobody named the action.
    verb: Option<&'static str>,
    decision: Decision,
}

/// What was read, to ask.
struct Asker<'a> {
    access: &'a Access,
    resources: &'a [Named],
    context: Vec<(&'a str, &'a str)>,
}

pub(crate) fn run(arguments: &Arguments, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    let now = scan::instant(arguments.import.now.as_deref())?;
    let progress = Progress::new(cli.quiet);
    let options = scan::import_options(&arguments.import)?;
    let loaded = estate::load(&library, &options, &now, &progress);
    anyhow::ensure!(
        loaded.facts.n_resources > 0,
        "nothing could be read; `merlon scan` lists the problems"
    );
    let access = paths::access(&loaded.graph, &library, now.parse()?)?;
    let resources = named(&loaded.graph);
    drop(progress);
    let context: Vec<(&str, &str)> = arguments
        .context
        .iter()
        .map(|it| it.split_once('=').with_context(|| format!("`{it}` is not `key=value`")))
        .collect::<anyhow::Result<_>>()?;
    let asker = Asker { access: &access, resources: &resources, context };
    let decided = asker.ask(arguments)?;
    match arguments.format {
        Shape::Json => {
            let decisions: Vec<Json> = decided.iter().map(json_of).collect();
            serde_json::to_writer_pretty(&mut *out, &json!({ "decisions": decisions }))?;
            writeln!(out)?;
        }
        Shape::Table => table(&decided, out)?,
    }
    Ok(0)
}

/// Everything that was read itself, not only named by others.
fn named(graph: &Graph) -> Vec<Named> {
    let [name, kind] = ["name", "kind"].map(|it| graph.keys().intern(it));
    let named = |node| {
        let View::Object(meta) = graph.meta(node) else { return None };
        let text = |key| match meta.get(key) {
            View::Str(text) => text,
            _ => "",
        };
        let id = graph.id(node).filter(|_| !meta.is_open())?.to_owned();
        Some(Named { id, name: text(name).to_owned(), kind: text(kind).into() })
    };
    graph.nodes().filter_map(named).collect()
}

impl Asker<'_> {
    fn ask(&self, arguments: &Arguments) -> anyhow::Result<Vec<Decided>> {
        let who = arguments.who.as_deref().map(|it| self.who(it)).transpose()?;
        let what = arguments.what.as_deref().map(|it| self.what(it)).transpose()?;
        let action = arguments.action.as_deref();
        match (who, what, action) {
            (Some(who), Some((on, _)), Some(action)) => Ok(vec![self.decide(&who, action, &on)]),
            (Some(who), None, Some(action)) => Ok(vec![self.decide(&who, action, "*")]),
            (Some(who), Some((on, kind)), None) => {
                let telling = telling_of(&kind, &on)?;
                Ok(telling
                    .map(|(verb, action)| self.decide(&who, action, &on).with(verb))
                    .collect())
            }
            (None, Some((on, _)), Some(action)) => Ok(self.who_can(action, &on)),
            (None, Some((on, kind)), None) => Ok(telling_of(&kind, &on)?
                .flat_map(|(verb, action)| {
                    self.who_can(action, &on).into_iter().map(move |it| it.with(verb))
                })
                .collect()),
            (Some(who), None, None) => Ok(self.everything(&who)),
            (None, None, _) => anyhow::bail!("name who (`--who`), what (`--what`), or both"),
        }
    }

    fn decide(&self, who: &str, action: &str, on: &str) -> Decided {
        let decision = self.access.decide(&self.request(who, action, on));
        Decided { who: who.into(), action: action.into(), on: on.into(), verb: None, decision }
    }

    fn request<'r>(&'r self, who: &'r str, action: &'r str, on: &'r str) -> Request<'r> {
        Request {
            actor: Actor { id: who, plus: Plus::Nothing },
            action,
            on,
            context: &self.context,
            given: Given::AsRead,
        }
    }

    fn who_can(&self, action: &str, on: &str) -> Vec<Decided> {
        let decided = |(who, decision)| Decided {
            who,
            action: action.into(),
            on: on.into(),
            verb: None,
            decision,
        };
        self.access.who_can(action, on, &self.context).into_iter().map(decided).collect()
    }

    /// What somebody may do at all: whether everything, then each resource.
    fn everything(&self, who: &str) -> Vec<Decided> {
        let decision = self.access.administrator(Actor { id: who, plus: Plus::Nothing });
        let (action, on) = ("*".to_owned(), "*".to_owned());
        let mut found =
            vec![Decided { who: who.into(), action, on, verb: Some("everything"), decision }];
        for resource in self.resources {
            for (verb, action) in telling(&resource.kind) {
                let request = self.request(who, action, &resource.id);
                if resource.id != who && self.access.answer(&request) != Answer::Denied {
                    found.push(self.decide(who, action, &resource.id).with(*verb));
                }
            }
        }
        found
    }

    /// The id of an identity that was read, or what may be one.
    fn who(&self, text: &str) -> anyhow::Result<String> {
        let known: std::collections::BTreeSet<&str> = self.access.identities().collect();
        if known.contains(text) {
            return Ok(text.to_owned());
        }
        let mut named =
            self.resources.iter().filter(|it| it.name == text && known.contains(&*it.id));
        match (named.next(), named.next()) {
            (Some(one), None) => Ok(one.id.clone()),
            (Some(one), Some(other)) => {
                anyhow::bail!("several are called `{text}`: `{}`, `{}`", one.id, other.id)
            }
            (None, _) if text == "*" || text.contains([':', '/', '.']) => Ok(text.to_owned()),
            (None, _) => Err(unknown("identity", text, known.into_iter())),
        }
    }

    /// The id of a resource with its kind; the kind is empty for what was not read.
    fn what(&self, text: &str) -> anyhow::Result<(String, Arc<str>)> {
        let found = |it: &Named| (it.id.clone(), Arc::clone(&it.kind));
        if let Some(known) = self.resources.iter().find(|it| it.id == text) {
            return Ok(found(known));
        }
        let mut named = self.resources.iter().filter(|it| it.name == text);
        match (named.next(), named.next()) {
            (Some(one), None) => Ok(found(one)),
            (Some(one), Some(other)) => {
                anyhow::bail!("several are called `{text}`: `{}`, `{}`", one.id, other.id)
            }
            (None, _) if text == "*" || text.contains([':', '/']) => {
                Ok((text.to_owned(), Arc::from("")))
            }
            (None, _) => {
                Err(unknown("resource", text, self.resources.iter().map(|it| it.name.as_str())))
            }
        }
    }
}

impl Decided {
    fn with(mut self, verb: access::Verb) -> Self {
        self.verb = Some(verb.word());
        self
    }
}

type Telling = std::iter::Copied<std::slice::Iter<'static, (access::Verb, &'static str)>>;

fn telling_of(kind: &str, on: &str) -> anyhow::Result<Telling> {
    let telling = telling(kind);
    anyhow::ensure!(
        !telling.is_empty(),
        "name the action (`--action`): nothing tells what matters on `{on}`"
    );
    Ok(telling.iter().copied())
}

fn unknown<'a>(what: &str, text: &str, known: impl Iterator<Item = &'a str>) -> anyhow::Error {
    match base::nearest(text, known) {
        Some(near) => anyhow::anyhow!("there is no {what} `{text}`; did you mean `{near}`?"),
        None => anyhow::anyhow!("there is no {what} `{text}` in what was read"),
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Allowed => "allowed",
        Answer::Denied => "denied",
        Answer::Unknown => "unknown",
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allows => "allows",
        Effect::Denies => "denies",
        Effect::Permits => "permits",
        Effect::Limits => "limits",
    }
}

fn json_of(decided: &Decided) -> Json {
    let reasons: Vec<Json> = decided
        .decision
        .reasons
        .iter()
        .map(|it| {
            json!({
                "effect": effect(it.effect), "resource": it.resource, "path": it.path, "says": it.says,
            })
        })
        .collect();
    let unread: Vec<Json> = decided
        .decision
        .unread
        .iter()
        .map(|it| json!({ "what": it.what, "why": it.why }))
        .collect();
    let mut json = json!({
        "who": decided.who, "action": decided.action, "on": decided.on,
        "answer": word(decided.decision.answer), "reasons": reasons, "unread": unread,
    });
    if let (Some(verb), Some(fields)) = (decided.verb, json.as_object_mut()) {
        fields.insert("verb".to_owned(), verb.into());
    }
    json
}

/// For people: each decision with its reasons, and what was not read once at the end.
fn table(decided: &[Decided], out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    if decided.is_empty() {
        writeln!(out, "Nobody that was read may do that.")?;
    }
    let mut unread: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for it in decided.iter().take(MOST_SHOWN) {
        let answer = word(it.decision.answer).to_uppercase();
        let verb = it.verb.map_or_else(String::new, |verb| format!(" ({verb})"));
        let line = format!("{answer:<8} {}: {} on {}{verb}", it.who, it.action, it.on);
        writeln!(out, "{}", single_line(&line))?;
        for reason in &it.decision.reasons {
            let line = format!("  {:<8} {}", effect(reason.effect), reason.says);
            writeln!(out, "{}", single_line(&line))?;
            let line = format!("           {} {}", reason.resource, reason.path);
            writeln!(out, "{}", single_line(&line))?;
        }
        if it.decision.reasons.is_empty() && it.decision.answer == Answer::Denied {
            writeln!(out, "  nothing that was read allows it")?;
        }
        for part in &it.decision.unread {
            *unread.entry((&part.what, &part.why)).or_default() += 1;
        }
    }
    if let Some(more @ 1..) = decided.len().checked_sub(MOST_SHOWN) {
        writeln!(out, "... and {more} more; `--format json` has all")?;
    }
    if !unread.is_empty() {
        writeln!(out, "\nNot read, and it could change the answer:")?;
    }
    for (what, why) in unread.keys() {
        writeln!(out, "  {}", single_line(&format!("{what}: {why}")))?;
    }
    out.flush()
}
