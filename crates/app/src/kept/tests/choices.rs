//! What is chosen of classifications: it counts at once, for checks that read marks too, and every moment has its own.

use lang::NodeId;
use posture::{Choices, DecisionState};
use store::At;

use super::moments::imported;
use super::*;
use crate::classify::{self, ALL, Choose, Decide, Deed, ToDecide};
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
    deed: Deed,
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
        assert!(chosen(&rig, &mut tenant, Deed::Write(Box::new(wrong))).await.is_err());
        assert_eq!(state(&tenant.graph, &tenant.ledger), before);

        let done = chosen(&rig, &mut tenant, Deed::Write(Box::new(rule))).await?;
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
        chosen(&rig, &mut tenant, Deed::Set { on: true, level }).await?;
        assert_eq!(unhealthy(&tenant), 0);
        chosen(&rig, &mut tenant, Deed::Set { on: false, level: None }).await?;
        chosen(&rig, &mut tenant, Deed::Delete).await?;
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

async fn decided(
    rig: &Rig<'_>,
    tenant: &mut Tenant<'_>,
    (asset, decision, level): (&str, DecisionState, Option<model::Criticality>),
) -> anyhow::Result<classify::Done> {
    let items = vec![ToDecide { asset: asset.to_owned(), classifications: Vec::new() }];
    let decide = Decide { items, decision, level, reason: "Payments rest on it".to_owned() };
    let choose = Choose { classification: ALL.to_owned(), deed: Deed::Decide(decide) };
    let choices = classify::plan(&rig.kept, tenant, &choose, now()).await?;
    classify::act(&rig.kept, &rig.lease, tenant, (&choose, choices), (now(), None)).await
}

#[test]
fn a_decision_on_an_asset_counts_at_once_and_is_kept() {
    let library = library::load(&[]).unwrap();
    let folder = Folder::new().unwrap();
    run(async {
        let rig = Rig::new(&library, folder.path()).await;
        let store = Store::open(&Location::Folder(folder.path().join("data")), now()).await?;
        let other = Kept { store, access: access(), cache: None };
        let mut tenant = rig.kept.load(&library).await?;
        imported(&rig, &mut tenant).await;
        let kept = &rig.kept;
        let rule = library.read_classification("rule", RULE.as_bytes()).unwrap();
        let likely = content::Classification { review: true, ..rule.clone() };
        chosen(&rig, &mut tenant, Deed::Write(Box::new(likely.clone()))).await?;
        let level = |tenant: &Tenant<'_>, id: &str| {
            let node = tenant.graph.node_by_id(id).unwrap();
            posture::marks_of(&tenant.graph, node).level
        };
        let all = posture::marked(&tenant.graph).into_iter();
        let to_review = |node: &NodeId| posture::marks_of(&tenant.graph, *node).to_review == [ID];
        let ids = all.filter(to_review).map(|it| tenant.graph.id(it).unwrap().to_owned());
        let [one, two] = <[String; 2]>::try_from(ids.take(2).collect::<Vec<_>>()).unwrap();
        let before = level(&tenant, &one);
        let mut follower = other.load(&library).await?;

        // What is not there, and what nobody asks about, is not decided on.
        let wrong = ("no-such-asset", DecisionState::Critical, None);
        assert!(decided(&rig, &mut tenant, wrong).await.is_err());
        let not_up = tenant.graph.nodes().find(|it| {
            tenant.graph.id(*it).is_some() && posture::marks_of(&tenant.graph, *it).is_empty()
        });
        let not_up = tenant.graph.id(not_up.unwrap()).unwrap().to_owned();
        assert!(
            decided(&rig, &mut tenant, (&not_up, DecisionState::Critical, None)).await.is_err()
        );

        let very_high = Some(model::Criticality::VeryHigh);
        decided(&rig, &mut tenant, (&one, DecisionState::Critical, very_high)).await?;
        decided(&rig, &mut tenant, (&two, DecisionState::NotCritical, None)).await?;
        assert_eq!(level(&tenant, &one), very_high);
        let marks = |tenant: &Tenant<'_>, id: &str| {
            let node = tenant.graph.node_by_id(id).unwrap();
            format!("{:?}", posture::marks_of(&tenant.graph, node))
        };
        let says = |tenant: &Tenant<'_>| [marks(tenant, &one), marks(tenant, &two)];
        let wanted = says(&tenant);
        let at = tenant.sequence();
        // After a start, from the file and without; for who follows.
        let started = kept.load(&library).await?;
        assert!(started.filed.is_there);
        assert_eq!(says(&started), wanted);
        assert_eq!(says(&rig.derived().await), wanted);
        assert!(other.follow(&mut follower).await?);
        assert_eq!(says(&follower), wanted);
        assert_eq!(*follower.choices, *tenant.choices);
        // Each asset has its line in the audit log.
        let log = kept.store.audit_log(&kept.access, 0, 1000).await?;
        let line = log.iter().find(|it| it.object == two).unwrap();
        assert_eq!(line.action, "asset.decide");

        // Another version of the rule that holds for neither: nothing is marked, the decisions stay and come back.
        let none = content::Classification {
            predicate: "r.merlon.name = 'nobody is called so'".to_owned(),
            ..likely.clone()
        };
        chosen(&rig, &mut tenant, Deed::Write(Box::new(none))).await?;
        assert_eq!(level(&tenant, &one), before);
        assert_eq!(tenant.choices.decided.n_decisions(), 2);
        chosen(&rig, &mut tenant, Deed::Write(Box::new(likely))).await?;
        assert_eq!(says(&tenant), wanted);

        decided(&rig, &mut tenant, (&one, DecisionState::Undecided, None)).await?;
        assert_eq!(level(&tenant, &one), before);
        // A rule that is deleted takes what was decided about it with it.
        chosen(&rig, &mut tenant, Deed::Delete).await?;
        assert!(kept.choices(At::Now).await?.decided.is_empty());
        let past = other.load_at(&library, at).await?;
        assert_eq!(says(&past), wanted);
        Ok(())
    })
    .unwrap();
}
