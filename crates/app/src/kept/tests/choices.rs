//! What is chosen of classifications: it counts at once, for checks that read marks too, and every moment has its own.

use posture::Choices;
use store::At;

use super::moments::imported;
use super::*;
use crate::classify::{self, Choose};
use crate::own_check::{self, Act};

const ID: &str = "own.all-accounts";
const CHECK: &str = "own.storage.weighty";
const TEXT: &str = "\
id: own.storage.weighty
title: A critical storage account
since: '1'
severity: high
kind: azure.storage-account
unhealthy: coalesce(r.merlon.criticalityRank, 0) >= 4
evidence: [name]
control: own-rules
own_control: { id: own-rules, title: Our rules, points: 2, description: What we hold ourselves to. }
why: It is.
blind_spots: none
fix: { steps: [Look.] }
references: [{ url: 'https://example.com/rule', read: '2026-11-22' }]
";
const RULE: &str = "\
id: own.all-accounts
title: Every storage account
description: All of them.
since: '1'
level: veryHigh
assets: cloudResource
kind: azure.storage-account
where: r.id IS NOT NULL
";

async fn chosen(
    rig: &Rig<'_>,
    tenant: &mut Tenant<'_>,
    deed: classify::Deed,
) -> anyhow::Result<classify::Done> {
    let choose = Choose { classification: ID.to_owned(), deed };
    let choices = classify::plan(&rig.kept, tenant, &choose, now()).await?;
    classify::act(&rig.kept, &rig.lease, tenant, (&choose, choices), (now(), None)).await
}

#[test]
fn a_choice_counts_at_once_and_every_moment_has_its_own() {
    let library = library::load(&[]).unwrap();
    let folder = Folder::new().unwrap();
    run(async {
        let rig = Rig::new(&library, folder.path()).await;
        let store = Store::open(&Location::Folder(folder.path().join("data")), now()).await?;
        let other = Kept { store, access: access(), cache: None };
        let mut tenant = rig.kept.load(&library).await?;
        imported(&rig, &mut tenant).await;
        let kept = &rig.kept;
        kept.store.add_custom(&kept.access, now(), 0, (CHECK, TEXT, "")).await?;
        let act = Act { check: CHECK.to_owned(), deed: own_check::Deed::Publish(1) };
        let plan = own_check::plan(kept, &tenant, &act).await?;
        own_check::act(kept, &rig.lease, &mut tenant, (&act, plan), (now(), None)).await?;
        let unhealthy = |tenant: &Tenant<'_>| tenant.ledger.counts(CHECK).raw.unhealthy;
        assert_eq!(unhealthy(&tenant), 0);
        let (before, before_at) = (state(&tenant.graph, &tenant.ledger), tenant.sequence());
        let mut follower = other.load(&library).await?;

        let rule = library.read_classification("rule", RULE.as_bytes()).unwrap();
        let wrong = content::Classification {
            predicate: "r.merlon.criticality = 'low'".to_owned(),
            ..rule.clone()
        };
        assert!(chosen(&rig, &mut tenant, classify::Deed::Write(Box::new(wrong))).await.is_err());
        assert_eq!(state(&tenant.graph, &tenant.ledger), before);

        let done = chosen(&rig, &mut tenant, classify::Deed::Write(Box::new(rule))).await?;
        let n_accounts = done.n_marked as u64;
        assert!(n_accounts > 1);
        assert_eq!(done.n_evaluated, n_accounts, "only what reads the marks is judged");
        assert_eq!(unhealthy(&tenant), n_accounts);
        let (marked, marked_at) = (state(&tenant.graph, &tenant.ledger), tenant.sequence());
        // after a start, from the file and without; for who follows; and for who looks back
        let started = rig.kept.load(&library).await?;
        assert!(started.filed.is_there);
        assert_eq!(state(&started.graph, &started.ledger), marked);
        let derived = rig.derived().await;
        assert_eq!(state(&derived.graph, &derived.ledger), marked);
        assert!(other.follow(&mut follower).await?);
        assert_eq!(state(&follower.graph, &follower.ledger), marked);
        assert_eq!(*follower.choices, *tenant.choices);

        let level = Some(model::Criticality::Medium);
        chosen(&rig, &mut tenant, classify::Deed::Set { on: true, level }).await?;
        assert_eq!(unhealthy(&tenant), 0);
        chosen(&rig, &mut tenant, classify::Deed::Set { on: false, level: None }).await?;
        chosen(&rig, &mut tenant, classify::Deed::Delete).await?;
        assert_eq!(state(&tenant.graph, &tenant.ledger), before);
        let left = Choices { changed: tenant.choices.changed.clone(), ..Choices::default() };
        assert_eq!(*tenant.choices, left);
        assert!(tenant.choices.chosen().iter().all(posture::Chosen::is_deleted));
        for (at, wanted) in [(before_at, before), (marked_at, marked)] {
            let past = other.load_at(&library, at).await?;
            assert_eq!(state(&past.graph, &past.ledger), wanted, "commit {at}");
        }
        assert_eq!(kept.choices(At::Seq(marked_at)).await?.own.len(), 1);
        Ok(())
    })
    .unwrap();
}
