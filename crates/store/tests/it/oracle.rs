//! Random sequences of commits against an oracle that keeps every state whole: every reader at every moment
//! says what the oracle says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU16, Ordering};

use jiff::Timestamp;
use model::{Doc, Resource, Verdict};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use store::{
    Access, At, Change, Diff, Location, Put, Score, Standing, Store, Tally, TenantId, Verdicts,
    WRITER, Words,
};

use crate::harness::{LONG, block_on, on_each_location, second};

/// Of a resource by check: whether it is bad rather than unknown, and why.
type Open = BTreeMap<u8, (bool, u8)>;

/// One step of a random commit, over few names so that they meet.
#[derive(Debug, Clone)]
enum Step {
    Put { id: u8, doc: u8, scope: u8, staged: bool },
    Gone { id: u8 },
    Judge { id: u8, packed: u8, open: Open },
    Score { scope: u8, value: u8 },
    Tally { check: u8, scope: u8, count: u8 },
    State { name: u8, content: Option<u8> },
}

fn step() -> impl Strategy<Value = Step> {
    let open = prop::collection::btree_map(0..3_u8, (any::<bool>(), 0..2_u8), 0..3);
    prop_oneof![
        4 => (0..6_u8, 0..4_u8, 0..2_u8, any::<bool>())
            .prop_map(|(id, doc, scope, staged)| Step::Put { id, doc, scope, staged }),
        2 => (0..6_u8).prop_map(|id| Step::Gone { id }),
        3 => (0..6_u8, 0..3_u8, open).prop_map(|(id, packed, open)| Step::Judge { id, packed, open }),
        1 => (0..2_u8, 0..9_u8).prop_map(|(scope, value)| Step::Score { scope, value }),
        1 => (0..2_u8, 0..2_u8, 0..9_u8)
            .prop_map(|(check, scope, count)| Step::Tally { check, scope, count }),
        1 => (0..2_u8, prop::option::of(0..9_u8))
            .prop_map(|(name, content)| Step::State { name, content }),
    ]
}

/// Commits: how many seconds after the one before (before it, where negative), and steps.
fn commits() -> impl Strategy<Value = Vec<(i64, Vec<Step>)>> {
    prop::collection::vec((-2..5_i64, prop::collection::vec(step(), 0..8)), 1..7)
}

/// All of a tenant at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
struct State {
    at: Option<Timestamp>,
    resources: BTreeMap<String, (u8, u8, u64)>,
    packed: BTreeMap<String, u8>,
    open: BTreeMap<(String, String), (bool, u8, u64)>,
    scores: BTreeMap<u8, u8>,
    tallies: BTreeMap<(u8, u8), u8>,
    states: BTreeMap<u8, u8>,
}

/// A commit that is allowed, made of random steps, and what the oracle says comes of it.
#[derive(Debug, Default)]
struct Plan {
    puts: Vec<(u8, u8, u8, bool)>,
    gone: Vec<String>,
    judged: Vec<(String, Vec<u8>, Open)>,
    scores: BTreeMap<u8, u8>,
    tallies: BTreeMap<(u8, u8), u8>,
    states: BTreeMap<u8, Option<u8>>,
    after: State,
}

impl Plan {
    fn new(steps: &[Step], old: &State, seq: u64, now: Timestamp) -> Self {
        let mut plan = Self { after: old.clone(), ..Self::default() };
        plan.after.at = Some(old.at.map_or(now, |it| it.max(now)));
        let mut named: BTreeSet<u8> = BTreeSet::new();
        for step in steps {
            match step.clone() {
                Step::Put { id, doc, scope, staged } if named.insert(id) => {
                    plan.puts.push((id, doc, scope, staged));
                    plan.after.resources.insert(format!("id{id}"), (doc, scope, seq));
                }
                Step::Gone { id }
                    if old.resources.contains_key(&format!("id{id}")) && named.insert(id) =>
                {
                    plan.gone.push(format!("id{id}"));
                    plan.after.forget(&format!("id{id}"));
                }
                Step::Score { scope, value } => {
                    plan.scores.insert(scope, value);
                }
                Step::Tally { check, scope, count } => {
                    plan.tallies.insert((check, scope), count);
                }
                Step::State { name, content } => {
                    plan.states.insert(name, content);
                }
                _ => {}
            }
        }
        plan.judge(steps, seq);
        plan.after.scores.extend(&plan.scores);
        plan.after.tallies.extend(&plan.tallies);
        for (name, content) in &plan.states {
            match content {
                Some(content) => plan.after.states.insert(*name, *content),
                None => plan.after.states.remove(name),
            };
        }
        plan
    }

    /// Verdicts of what is there after the commit.
    fn judge(&mut self, steps: &[Step], seq: u64) {
        let mut judged: BTreeSet<u8> = BTreeSet::new();
        for step in steps {
            let Step::Judge { id, packed, open } = step else { continue };
            let name = format!("id{id}");
            if !self.after.resources.contains_key(&name) || !judged.insert(*id) {
                continue;
            }
            self.after.packed.insert(name.clone(), *packed);
            self.after.open.retain(|key, _| key.0 != name);
            for (check, (is_bad, why)) in open {
                let key = (name.clone(), format!("c{check}"));
                self.after.open.insert(key, (*is_bad, *why, seq));
            }
            self.judged.push((name, vec![*packed], open.clone()));
        }
    }
}

impl State {
    fn forget(&mut self, id: &str) {
        self.resources.remove(id);
        self.packed.remove(id);
        self.open.retain(|key, _| key.0 != id);
    }
}

fn standing(words: &Words, (check, (is_bad, why)): (&u8, &(bool, u8))) -> Standing {
    Standing {
        check: words.intern(&format!("c{check}")),
        verdict: if *is_bad { Verdict::Unhealthy } else { Verdict::Unknown },
        why: words.intern(&format!("why{why}")),
        since: 0,
        first_seen: 1,
        reopened: u32::from(*why),
    }
}

struct Case {
    store: Store,
    access: Access,
    keys: model::Keys,
}

impl Case {
    fn resource(&self, id: u8, doc: u8, scope: u8) -> Resource {
        let json = json!({ "doc": doc, "deep": [{ "x": format!("value {doc}") }] });
        Resource {
            id: format!("id{id}"),
            kind: format!("kind{}", id % 2).into(),
            name: format!("name {doc}"),
            scope: format!("scope{scope}").into(),
            region: (doc == 0).then(|| "r".into()),
            tags: [("doc", doc.to_string())].into_iter().collect(),
            doc: Doc::build(&json, &self.keys),
            collected: true,
            also: vec![("arn".into(), format!("arn:{id}"))],
            affects: Box::default(),
            as_of: None,
        }
    }

    /// Commits what is planned.
    async fn commit(&self, now: Timestamp, plan: &Plan, seq: u64, last: Option<Timestamp>) {
        let words = self.store.words(&self.access).await.unwrap();
        let lease = self.store.acquire(&self.access, WRITER, "w", now, LONG).await.unwrap();
        let resources: Vec<(Resource, bool)> = plan
            .puts
            .iter()
            .map(|(id, doc, scope, staged)| (self.resource(*id, *doc, *scope), *staged))
            .collect();
        let docs: Vec<&Doc> = resources.iter().filter(|it| it.1).map(|it| &it.0.doc).collect();
        let staged = self.store.stage(&self.access, &lease, now, &docs).await.unwrap();
        let mut staged = staged.into_iter();
        let mut change = Change::new("test", "random");
        let puts = resources.iter();
        change.puts = puts
            .map(|it| Put { staged: if it.1 { staged.next() } else { None }, ..Put::new(&it.0) })
            .collect();
        change.gone = plan.gone.iter().map(String::as_str).collect();
        let judged = plan.judged.iter();
        change.verdicts = judged
            .map(|(resource, packed, open)| Verdicts {
                resource,
                packed,
                open: open.iter().map(|it| standing(&words, it)).collect(),
            })
            .collect();
        let scope = |scope: u8| words.intern(&format!("scope{scope}"));
        change.scores.extend(plan.scores.iter().map(|it| Score {
            measure: words.intern("m"),
            scope: scope(*it.0),
            value: f64::from(*it.1) / 3.0,
            possible: 10.0,
            assessed: 0.5,
            detail: json!({ "v": it.1 }),
        }));
        change.tallies.extend(plan.tallies.iter().map(|((check, place), count)| Tally {
            check: words.intern(&format!("c{check}")),
            scope: scope(*place),
            healthy: u64::from(*count),
            unhealthy: 1,
            not_applicable: 2,
            unknown: 3,
        }));
        let names = plan.states.iter().map(|it| format!("state {}", it.0)).collect::<Vec<_>>();
        let contents = plan.states.values().map(|it| it.map(|it| vec![it]));
        change.states = names.iter().map(String::as_str).zip(contents).collect();
        let committed = self.store.commit(&self.access, &lease, now, &change).await.unwrap();
        assert_eq!(committed.seq, seq);
        assert_eq!(committed.held, last.is_some_and(|it| it > now));
        assert_eq!(Some(committed.at), plan.after.at);
    }

    /// What the store says about a moment, in the oracle's form.
    async fn state(&self, at: At) -> State {
        let mut state = self.resources(at).await;
        self.judged(at, &mut state).await;
        let (store, access) = (&self.store, &self.access);
        let words = store.words(access).await.unwrap();
        let number = |word, prefix: &str| -> u8 {
            words.text(word).strip_prefix(prefix).unwrap().parse().unwrap()
        };
        for it in store.scores(access, at).await.unwrap() {
            let value = it.score.detail["v"].as_u64().unwrap() as u8;
            assert!((it.score.value - f64::from(value) / 3.0).abs() < f64::EPSILON);
            state.scores.insert(number(it.score.scope, "scope"), value);
        }
        for it in store.tallies(access, at).await.unwrap() {
            let key = (number(it.check, "c"), number(it.scope, "scope"));
            state.tallies.insert(key, it.healthy as u8);
        }
        for index in 0..2 {
            if let Some(content) = store.state(access, &format!("state {index}"), at).await.unwrap()
            {
                state.states.insert(index, content[0]);
            }
        }
        state
    }

    async fn resources(&self, at: At) -> State {
        let mut state = State::default();
        let (store, access) = (&self.store, &self.access);
        let moment = store.moment(access, at).await.unwrap();
        state.at = (moment.seq > 0).then_some(moment.at);
        let mut pages = store.resources(access, at).await.unwrap();
        while let Some(page) = pages.next().await.unwrap() {
            for it in page {
                let doc: u8 = it.resource.tags.get("doc").unwrap().parse().unwrap();
                let scope: u8 = it.resource.scope.strip_prefix("scope").unwrap().parse().unwrap();
                let id: u8 = it.resource.id.strip_prefix("id").unwrap().parse().unwrap();
                assert_eq!(it.resource, self.resource(id, doc, scope));
                let one = store.resource(access, &it.resource.id, at).await.unwrap().unwrap();
                assert_eq!((&one.resource, one.number), (&it.resource, it.number));
                state.resources.insert(it.resource.id, (doc, scope, it.since));
            }
        }
        state
    }

    async fn judged(&self, at: At, state: &mut State) {
        let (store, access) = (&self.store, &self.access);
        let mut pages = store.verdicts(access, at).await.unwrap();
        while let Some(page) = pages.next().await.unwrap() {
            for it in page {
                state.packed.insert(it.resource, it.packed[0]);
            }
        }
        let mut by_check = Vec::new();
        for check in ["c0", "c1", "c2"] {
            let mut after = 0;
            loop {
                let page = store.assessments_of_check(access, check, at, after, 2).await.unwrap();
                let Some(last) = page.last() else { break };
                after = last.number;
                by_check.extend(page);
            }
        }
        for it in by_check {
            let why: u8 = it.why.strip_prefix("why").unwrap().parse().unwrap();
            let is_bad = it.verdict == Verdict::Unhealthy;
            let of_resource =
                store.assessments_of_resource(access, &it.resource, at).await.unwrap();
            assert!(of_resource.contains(&it));
            state.open.insert((it.resource, it.check.to_string()), (is_bad, why, it.since));
        }
    }
}

/// What lies between two states, the slow way.
fn diff(from: &State, to: &State) -> Diff {
    let ids = |a: &State, b: &State| -> Vec<String> {
        a.resources.keys().filter(|id| !b.resources.contains_key(*id)).cloned().collect()
    };
    let changed = from
        .resources
        .iter()
        .filter(|(id, it)| to.resources.get(*id).is_some_and(|new| new != *it));
    let mut diff = Diff {
        appeared: ids(to, from),
        vanished: ids(from, to),
        changed: changed.map(|it| it.0.clone()).collect(),
        ..Diff::default()
    };
    let keys: BTreeSet<&(String, String)> = from.open.keys().chain(to.open.keys()).collect();
    for key in keys {
        let pair = (key.1.as_str().into(), key.0.clone());
        let (was, is) = (from.open.get(key).map(|it| it.0), to.open.get(key).map(|it| it.0));
        let was_there = from.resources.contains_key(&key.0);
        let is_there = to.resources.contains_key(&key.0);
        if is == Some(true) && was != Some(true) {
            diff.broke.push(pair);
        } else if is == Some(false) && was != Some(false) && was_there {
            diff.lost_sight.push(pair);
        } else if was == Some(true) && is != Some(true) && is_there {
            diff.mended.push(pair);
        }
    }
    for list in [&mut diff.broke, &mut diff.mended, &mut diff.lost_sight] {
        list.sort();
    }
    diff
}

static TENANTS: AtomicU16 = AtomicU16::new(1);

async fn check(store: &Store, commits: &[(i64, Vec<Step>)]) {
    // A tenant of its own for each case; what others hold must not matter.
    let number = TENANTS.fetch_add(1, Ordering::Relaxed);
    let access = Access::new(TenantId(number), "tester");
    store.add_tenant(&access, &format!("tenant {number}"), second(0)).await.unwrap();
    let keys = store.keys(&access).await.unwrap();
    let case = Case { store: store.clone(), access, keys };
    let mut states = vec![State::default()];
    let mut now = 100;
    for (index, (step, steps)) in commits.iter().enumerate() {
        now += step;
        let (seq, old) = (index as u64 + 1, states.last().unwrap());
        let plan = Plan::new(steps, old, seq, second(now));
        case.commit(second(now), &plan, seq, old.at).await;
        states.push(plan.after);
    }
    for (seq, want) in states.iter().enumerate() {
        assert_eq!(&case.state(At::Seq(seq as u64)).await, want, "at {seq}");
        for (other, until) in states.iter().enumerate() {
            let found = case.store.diff(&case.access, seq as u64, other as u64).await.unwrap();
            assert_eq!(found, diff(want, until), "from {seq} to {other}");
        }
    }
    assert_eq!(&case.state(At::Now).await, states.last().unwrap());
    for time in (98..116).step_by(3) {
        let time = second(time);
        let want = states.iter().rev().find(|it| it.at.is_none_or(|at| at <= time)).unwrap();
        assert_eq!(&case.state(At::Time(time)).await, want, "at {time}");
    }
    // Another process, which knows nothing yet, reads the same.
    case.store.check(&case.access, false).await.unwrap();
}

fn run(location: &Location, cases: u32) {
    let store = block_on(Store::open(location, second(0))).unwrap();
    block_on(store.close());
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let result = runner.run(&commits(), |commits| {
        block_on(async {
            let store = Store::open(location, second(0)).await.unwrap();
            check(&store, &commits).await;
            store.close().await;
        });
        Ok(())
    });
    result.unwrap();
}

#[test]
fn every_moment_reads_as_the_oracle_says() {
    let places = std::sync::Mutex::new(Vec::new());
    let folders = std::sync::Mutex::new(Vec::new());
    on_each_location(async |location| {
        // Only the places: the runner has a runtime of its own for each case.
        let location = match location {
            Location::Folder(_) => {
                let folder = testkit::Folder::new().unwrap();
                let location = Location::Folder(folder.path().join("data"));
                folders.lock().unwrap().push(folder);
                location
            }
            Location::Postgres(_) => location,
        };
        places.lock().unwrap().push(location);
    });
    for location in places.into_inner().unwrap() {
        run(&location, 16);
    }
}
