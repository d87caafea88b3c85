//! States of requirements over time: only what changes is kept, and every moment reads as it was.

use store::{At, Change, RequirementState, Word};

use crate::harness::{Db, on_both};

async fn states(db: &Db, states: &[(&str, &str, &str)]) -> Vec<RequirementState> {
    let mut all = Vec::new();
    for (standard, requirement, state) in states {
        let (standard, requirement) = (db.word(standard).await, db.word(requirement).await);
        let state = if state.is_empty() { Word::NONE } else { db.word(state).await };
        all.push(RequirementState { standard, requirement, state });
    }
    all
}

async fn at(db: &Db, at: At) -> Vec<String> {
    let rows = db.store.standings(&db.access, at).await.unwrap();
    rows.iter()
        .map(|it| format!("{} {} {} {}", it.standard, it.requirement, it.state, it.since.seq))
        .collect()
}

#[test]
fn a_state_holds_from_its_commit_to_the_next_one() {
    on_both(async |db| {
        assert!(!db.store.has_standings(&db.access).await.unwrap());
        let first =
            [("cis", "1.1", "failed"), ("cis", "1.2", "passed"), ("nist", "AC-1", "passed")];
        let mut change = Change::new("import", "judged");
        change.requirements = states(&db, &first).await;
        change.all_requirements = true;
        db.commit(1, &change).await;
        assert!(db.store.has_standings(&db.access).await.unwrap());
        // What is said again is no new row; an empty state ends one.
        let second = [("cis", "1.1", "failed"), ("cis", "1.2", "failed"), ("nist", "AC-1", "")];
        change.requirements = states(&db, &second).await;
        change.all_requirements = false;
        db.commit(2, &change).await;
        assert_eq!(at(&db, At::Seq(0)).await, [""; 0]);
        let one = ["cis 1.1 failed 1", "cis 1.2 passed 1", "nist AC-1 passed 1"];
        assert_eq!(at(&db, At::Seq(1)).await, one);
        assert_eq!(at(&db, At::Now).await, ["cis 1.1 failed 1", "cis 1.2 failed 2"]);
        // All that there is: what is not named has none any more.
        change.requirements = states(&db, &[("cis", "1.2", "failed")]).await;
        change.all_requirements = true;
        db.commit(3, &change).await;
        assert_eq!(at(&db, At::Now).await, ["cis 1.2 failed 2"]);
        assert_eq!(at(&db, At::Seq(1)).await, one);
        let rows = db.store.standing_history(&db.access, "cis").await.unwrap();
        let span = |it: &store::RequirementRow| {
            (it.requirement.to_string(), it.since.seq, it.until.map(|it| it.seq))
        };
        let spans: Vec<_> = rows.iter().map(span).collect();
        let wanted = [("1.1", 1, Some(3)), ("1.2", 1, Some(2)), ("1.2", 2, None)];
        assert_eq!(spans, wanted.map(|(id, from, to)| (id.to_owned(), from, to)));
        assert!(db.store.standing_history(&db.access, "none").await.unwrap().is_empty());
    });
}
