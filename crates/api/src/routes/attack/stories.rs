//! Attack paths over time: what is told of each derived state, and what is kept of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use jiff::{Timestamp, ToSpan as _};
use paths::report::{Impact, Risk, Teller, likelihood, ways_of};
use paths::story::Way;
use paths::{Insight, What};
use serde_json::{Value as Json, json};
use store::{Stories, Story, StoryHead, StoryRow};
use tokio::sync::{Mutex, watch};
use view::View;

use super::types::StoryStatus;
use crate::problem::Problem;
use crate::state::Api;

/// A path that was found within so many hours is new.
const NEW_HOURS: i64 = 7 * 24;

/// What passes between who derives stories, who stores them and who shows them.
#[derive(Debug, Clone)]
pub struct StoryDesk {
    /// The stories of the newest state that was derived here, for whoever may store them.
    pub told: watch::Sender<Option<Arc<Stories>>>,
    /// The revision of what is stored, for those who follow it.
    pub stored: watch::Sender<u64>,
}

impl Default for StoryDesk {
    fn default() -> Self {
        Self { told: watch::Sender::new(None), stored: watch::Sender::new(0) }
    }
}

/// The stories of a derived state: from the internet to whatever is threatened.
pub(super) fn told(view: &View, insight: &Insight) -> Stories {
    let attack = &insight.attack;
    let context = insight.context();
    let estate = insight.estate(&context);
    let teller = Teller { attack, estate };
    let question = paths::ask(&insight.graph, attack, &[], &[]).question;
    let impacts: HashMap<_, _> = question.to.iter().map(|it| (it.node, it.impact)).collect();
    let step = |number: u32| estate.steps.get(number as usize).map(|it| it.id.clone());
    let step_of = |edge: &u32| match attack.taken(*edge)?.what {
        What::Step(number) | What::Tag { step: number, .. } => step(number),
        What::Contact(_) => Some("merlon.contact".to_owned()),
        What::Raised => Some("merlon.raised".to_owned()),
        What::Alike => Some("merlon.alike".to_owned()),
    };
    let story = |way: &Way, is_proven: bool| {
        let (entry, target) = (attack.held(way.entry)?, attack.held(way.target)?);
        let impact = impacts.get(&target.node).copied().unwrap_or(Impact::Low);
        let likelihood = likelihood(way);
        Some(Story {
            entry: teller.id(entry.node).to_owned(),
            target: teller.id(target.node).to_owned(),
            risk: Risk::of(likelihood, impact).name().to_owned(),
            likelihood: (likelihood * 1000.0).round() / 1000.0,
            is_proven,
            steps: way.edges.iter().filter_map(step_of).collect(),
            body: json!({ "entry": teller.held(way.entry), "target": teller.held(way.target) }),
        })
    };
    let ways = ways_of(attack, &question);
    let proven = ways.proven.iter().filter_map(|it| story(it, true));
    let unproven = ways.unproven.iter().filter_map(|it| story(it, false));
    let unread_steps: BTreeSet<String> =
        attack.unread_steps.iter().filter_map(|it| step(*it)).collect();
    Stories {
        seq: view.sequence(),
        stories: proven.chain(unproven).collect(),
        is_whole: attack.problems.is_empty(),
        unread_steps,
    }
}

/// All periods that are kept, by entry, target and time, and the state that they are as of.
#[derive(Debug, Clone)]
pub(crate) struct KeptStories {
    pub(super) head: StoryHead,
    pub(super) rows: Arc<[StoryRow]>,
}

impl KeptStories {
    /// What is open now, by entry and target.
    pub(super) fn open(&self) -> HashMap<(&str, &str), &StoryRow> {
        let open = self.rows.iter().filter(|it| it.gone.is_none());
        open.map(|it| ((it.story.entry.as_str(), it.story.target.as_str()), it)).collect()
    }

    /// Tells of each path of an answer since when it is there, where that is known.
    pub(super) fn mark(&self, answer: &mut Json, now: Timestamp) {
        let open = self.open();
        for list in ["paths", "unproven"] {
            let paths = answer.get_mut(list).and_then(Json::as_array_mut);
            for path in paths.into_iter().flatten() {
                let id = |end: &str| path.pointer(end).and_then(Json::as_str).unwrap_or_default();
                let Some(row) = open.get(&(id("/entry/id"), id("/target/id"))) else { continue };
                let (status, since) = (StoryStatus::of(row, now), row.found.at.to_string());
                if let Some(fields) = path.as_object_mut() {
                    fields.insert("status".to_owned(), status.word().into());
                    fields.insert("since".to_owned(), since.into());
                }
            }
        }
    }
}

impl StoryStatus {
    /// How a period stands at `now`.
    pub(super) fn of(row: &StoryRow, now: Timestamp) -> Self {
        let newest = now.saturating_sub(NEW_HOURS.hours()).unwrap_or(Timestamp::MIN);
        match row.gone {
            Some(_) => Self::Resolved,
            None if row.found.at >= newest => Self::New,
            None => Self::Open,
        }
    }
}

/// What was read last, by its revision.
pub(crate) type StoriesRead = Mutex<Option<KeptStories>>;

impl Api {
    /// What is kept of attack paths; `None` before anything was. It is read again where it has changed.
    pub(super) async fn stories(&self) -> Result<Option<KeptStories>, Problem> {
        let (store, access) = (self.store()?, self.access("merlon"));
        let mut read = self.stories_read.lock().await;
        let Some(head) = store.story_head(&access).await? else { return Ok(None) };
        match &mut *read {
            Some(known) if known.head.revision == head.revision => known.head = head,
            stale => {
                *stale = store
                    .stories(&access)
                    .await?
                    .map(|(head, rows)| KeptStories { head, rows: rows.into() });
            }
        }
        Ok(read.clone())
    }
}
