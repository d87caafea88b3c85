//! Attack paths over time: what opens and ends a period, and what must not.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use store::{
    Access, Retention, Store, StoreError, Stories, StoriesKept, Story, StoryTally, TenantId, WRITER,
};
use testkit::Folder;

use crate::harness::{Db, LONG, on_both, second};

const DAY: i64 = 86_400;

fn story(target: &str, risk: &str, steps: &[&str]) -> Story {
    Story {
        entry: "internet".to_owned(),
        target: target.to_owned(),
        risk: risk.to_owned(),
        likelihood: 0.5,
        is_proven: true,
        steps: steps.iter().map(|it| (*it).to_owned()).collect(),
        body: json!({ "target": { "name": target } }),
    }
}

fn told(seq: u64, stories: &[Story]) -> Stories {
    Stories { seq, stories: stories.to_vec(), is_whole: true, unread_steps: BTreeSet::new() }
}

fn kept(opened: u64, resolved: u64, open: u64) -> StoriesKept {
    StoriesKept { opened, resolved, open }
}

async fn keep(db: &Db, at: i64, told: &Stories) -> Option<StoriesKept> {
    db.store.keep_stories(&db.access, &db.lease, second(at), told).await.unwrap()
}

/// A line for each period: target, from, to, where it was found last.
async fn periods(db: &Db) -> Vec<String> {
    let (_, rows) = db.store.stories(&db.access).await.unwrap().unwrap();
    let seq = |it: Option<store::Moment>| it.map_or("-".to_owned(), |it| it.seq.to_string());
    rows.iter()
        .map(|it| {
            let (gone, last) = (seq(it.gone), seq(it.last));
            format!("{} {} {gone} {last}", it.story.target, it.found.seq)
        })
        .collect()
}

async fn commits(db: &Db, n: i64) {
    for at in 1..=n {
        db.put(at * DAY, &[("a", Some(json!(at)))]).await;
    }
}

#[test]
fn a_story_has_a_period_each_time_that_it_is_there() {
    on_both(async |db| {
        commits(&db, 5).await;
        assert!(db.store.stories(&db.access).await.unwrap().is_none());
        let (a, b) = (story("a", "high", &["x", "y"]), story("b", "low", &["x"]));
        let both = told(1, &[a.clone(), b.clone()]);
        assert_eq!(keep(&db, 9 * DAY, &both).await, Some(kept(2, 0, 2)));
        let revision = db.store.story_head(&db.access).await.unwrap().unwrap().revision;
        // the same again changes nothing
        assert_eq!(keep(&db, 9 * DAY, &both).await, Some(kept(0, 0, 2)));
        let again = db.store.story_head(&db.access).await.unwrap().unwrap();
        assert_eq!(again.revision, revision);
        // one is mended, the other is worse
        let worse = story("a", "critical", &["z"]);
        assert_eq!(
            keep(&db, 9 * DAY, &told(2, std::slice::from_ref(&worse))).await,
            Some(kept(0, 1, 1))
        );
        assert_eq!(periods(&db).await, ["a 1 - -", "b 1 2 1"]);
        let (head, rows) = db.store.stories(&db.access).await.unwrap().unwrap();
        assert_eq!((head.moment.seq, head.moment.at, head.is_whole), (2, second(2 * DAY), true));
        assert_eq!(rows[0].story, worse);
        // instants are those of the commits
        assert_eq!(rows[1].found.at, second(DAY));
        assert_eq!(rows[1].gone.unwrap().at, second(2 * DAY));
        assert_eq!(rows[1].last.unwrap().at, second(DAY));
        // it comes back, and what was stays known
        assert_eq!(keep(&db, 9 * DAY, &told(4, &[worse, b])).await, Some(kept(1, 0, 2)));
        assert_eq!(periods(&db).await, ["a 1 - -", "b 1 2 1", "b 4 - -"]);
        // who comes late with an older state is not heard
        assert_eq!(keep(&db, 9 * DAY, &told(3, &[])).await, None);
        assert_eq!(periods(&db).await, ["a 1 - -", "b 1 2 1", "b 4 - -"]);
        let trend = db.store.story_trend(&db.access).await.unwrap();
        let tally = |it: &StoryTally| {
            let counts: Vec<_> = it.counts.iter().map(|it| format!("{} {}", it.0, it.1)).collect();
            (it.since.seq, counts.join(", "), it.unproven)
        };
        let told: Vec<_> = trend.iter().map(tally).collect();
        let want = [(1, "high 1, low 1", 0), (2, "critical 1", 0), (4, "critical 1, low 1", 0)];
        assert_eq!(told, want.map(|(seq, counts, n)| (seq, counts.to_owned(), n)));
    });
}

#[test]
fn what_was_not_derived_is_not_gone() {
    on_both(async |db| {
        commits(&db, 6).await;
        let (a, b) = (story("a", "high", &["x", "y"]), story("b", "low", &["w", "z"]));
        let unread_steps: BTreeSet<String> = ["z".to_owned()].into();
        let first = Stories { unread_steps, ..told(1, &[a.clone(), b.clone()]) };
        keep(&db, 0, &first).await;
        // time was over: what is found counts, what is not found is left alone
        let c = story("c", "medium", &["x"]);
        let cut = Stories { is_whole: false, ..told(2, std::slice::from_ref(&c)) };
        assert_eq!(keep(&db, 0, &cut).await, Some(kept(1, 0, 3)));
        assert!(!db.store.story_head(&db.access).await.unwrap().unwrap().is_whole);
        assert_eq!(periods(&db).await, ["a 1 - 1", "b 1 - 1", "c 2 - -"]);
        assert_eq!(keep(&db, 0, &told(3, &[a, c.clone()])).await, Some(kept(0, 1, 2)));
        assert_eq!(periods(&db).await, ["a 1 - -", "b 1 3 1", "c 2 - -"]);
        // a step that sees less than it did may hide what was there, which is told with its end
        let unread_steps: BTreeSet<String> = ["y".to_owned(), "z".to_owned()].into();
        let blind = Stories { unread_steps, ..told(4, std::slice::from_ref(&c)) };
        assert_eq!(keep(&db, 0, &blind).await, Some(kept(0, 1, 1)));
        assert_eq!(periods(&db).await, ["a 1 4 3", "b 1 3 1", "c 2 - -"]);
        let (_, rows) = db.store.stories(&db.access).await.unwrap().unwrap();
        let blind: Vec<&[String]> = rows.iter().map(|it| &*it.blind).collect();
        assert_eq!(blind, [&["y".to_owned()][..], &[], &[]]);
    });
}

#[test]
fn time_alone_ends_a_story_and_brings_it_back() {
    on_both(async |db| {
        commits(&db, 1).await;
        let a = story("a", "high", &["x"]);
        keep(&db, DAY, &told(1, std::slice::from_ref(&a))).await;
        assert_eq!(keep(&db, 3 * DAY, &told(1, &[])).await, Some(kept(0, 1, 0)));
        let (_, rows) = db.store.stories(&db.access).await.unwrap().unwrap();
        assert_eq!(rows[0].gone.unwrap().at, second(3 * DAY));
        assert_eq!(keep(&db, 4 * DAY, &told(1, &[a])).await, Some(kept(1, 0, 1)));
        assert_eq!(periods(&db).await, ["a 1 - -"]);
        let trend = db.store.story_trend(&db.access).await.unwrap();
        assert_eq!(trend.len(), 1);
        assert_eq!(trend[0].counts.get("high"), Some(&1));
    });
}

#[test]
fn only_the_holder_of_the_lease_tells_of_what_was_committed() {
    on_both(async |db| {
        commits(&db, 1).await;
        let a = told(1, &[story("a", "high", &["x"])]);
        let early = told(2, &[]);
        let refused = db.store.keep_stories(&db.access, &db.lease, second(0), &early).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        let other = db.store.acquire(&db.access, WRITER, "test", second(0), LONG).await.unwrap();
        let refused = db.store.keep_stories(&db.access, &db.lease, second(0), &a).await;
        assert!(matches!(refused, Err(StoreError::LeaseLost(_))), "{refused:?}");
        assert!(db.store.stories(&db.access).await.unwrap().is_none());
        let done = db.store.keep_stories(&db.access, &other, second(0), &a).await.unwrap();
        assert_eq!(done, Some(kept(1, 0, 1)));
        // another tenant has none of it
        let stranger = Access::new(TenantId(7), "tester");
        db.store.add_tenant(&stranger, "other", second(0)).await.unwrap();
        assert!(db.store.stories(&stranger).await.unwrap().is_none());
        assert!(db.store.story_head(&stranger).await.unwrap().is_none());
        assert!(db.store.story_trend(&stranger).await.unwrap().is_empty());
        let refused = db.store.keep_stories(&stranger, &other, second(0), &a).await;
        assert!(matches!(refused, Err(StoreError::LeaseLost(_))), "{refused:?}");
    });
}

#[test]
fn stories_are_backed_up_and_those_long_gone_go() {
    on_both(async |db| {
        commits(&db, 3).await;
        let long = "arn:".to_owned() + &"x".repeat(4000);
        let (a, b) = (story("a", "high", &["x"]), story(&long, "low", &["x"]));
        keep(&db, 0, &told(1, &[a.clone(), b])).await;
        keep(&db, 0, &told(2, &[a])).await;
        let folder = Folder::new().unwrap();
        let file = folder.path().join("a.backup");
        db.store.backup(&db.access, &file, second(4 * DAY)).await.unwrap();
        let place = store::Location::Folder(folder.path().join("data"));
        let now = second(5 * DAY);
        let restored = Store::restore(&place, &db.access, &file, now, false).await.unwrap();
        let ours = db.store.stories(&db.access).await.unwrap();
        assert_eq!(restored.stories(&db.access).await.unwrap(), ours);
        let trend = db.store.story_trend(&db.access).await.unwrap();
        assert_eq!(restored.story_trend(&db.access).await.unwrap(), trend);
        restored.close().await;

        let scores = Duration::from_hours(240);
        let policy = Retention { scores, ..Retention::default() };
        db.store.prune(&db.access, second(11 * DAY), &policy).await.unwrap();
        assert_eq!(periods(&db).await.len(), 2);
        db.store.prune(&db.access, second(13 * DAY), &policy).await.unwrap();
        assert_eq!(periods(&db).await, ["a 1 - -"]);
        assert_eq!(db.store.story_trend(&db.access).await.unwrap().len(), 1);
    });
}
