//! Moments of the past, who follows, and checks of people's own: all say what the commits say.

use store::At;
use view::Sight;

use super::*;
use crate::decision::{NewExemption, Wish, decide};
use crate::own_check::{self, Act, Deed};
use crate::tenant::oracle::shown;

const TEXT: &str = "\
id: own.storage.plain-http
title: A storage account answers without encryption
since: '1'
severity: high
kind: azure.storage-account
unhealthy: coalesce(r.properties.supportsHttpsTrafficOnly, true) = false
evidence: [properties.supportsHttpsTrafficOnly]
control: own-rules
own_control: { id: own-rules, title: Our rules, points: 2, description: What we hold ourselves to. }
why: Anybody on the way can read it.
blind_spots: none
fix: { steps: [Ask for HTTPS.] }
references: [{ url: 'https://example.com/rule', read: '2026-11-22' }]
";

/// Takes a check through `deed`; gives how many assessments were evaluated.
async fn done(rig: &Rig<'_>, tenant: &mut Tenant<'_>, deed: Deed) -> anyhow::Result<u64> {
    let act = Act { check: "own.storage.plain-http".to_owned(), deed };
    let plan = own_check::plan(&rig.kept, tenant, &act).await?;
    let what = (&act, plan);
    Ok(own_check::act(&rig.kept, &rig.lease, tenant, what, (now(), None)).await?.n_evaluated)
}

pub(super) async fn imported(rig: &Rig<'_>, tenant: &mut Tenant<'_>) {
    let import = estate::read_import(&tenant.reader, &sample(), &Progress::new(true));
    let step = tenant.update(import, now());
    let about = About {
        kind: "import",
        summary: String::new(),
        problems: &[],
        request: None,
        exemptions: Vec::new(),
        audit: Vec::new(),
        states: Vec::new(),
    };
    rig.kept.commit(&rig.lease, tenant, step, &about, now()).await.unwrap();
}

#[test]
fn a_published_check_counts_at_once_and_only_it_is_judged() {
    let library = library::load(&[]).unwrap();
    let folder = Folder::new().unwrap();
    run(async {
        let rig = Rig::new(&library, folder.path()).await;
        let mut tenant = rig.kept.load(&library).await?;
        imported(&rig, &mut tenant).await;
        let before = state(&tenant.graph, &tenant.ledger);
        let n_accounts = tenant
            .inventory
            .resources()
            .filter(|(_, it)| it.collected && it.kind.as_ref() == "azure.storage-account")
            .count() as u64;
        assert!(n_accounts > 1);
        let (kept, id) = (&rig.kept, "own.storage.plain-http");
        let add = async |base, text: &str| {
            kept.store.add_custom(&kept.access, now(), base, (id, text, "")).await.unwrap()
        };
        // A draft counts for nothing; one that cannot be run is refused and changes nothing.
        add(0, "id: own.storage.plain-http\n").await;
        assert!(done(&rig, &mut tenant, Deed::Publish(1)).await.is_err());
        assert_eq!(state(&tenant.graph, &tenant.ledger), before);
        add(1, TEXT).await;
        let content = Arc::downgrade(&tenant.library);
        tenant.view();
        let n_evaluated = done(&rig, &mut tenant, Deed::Publish(2)).await?;
        tenant.view();
        // `library` itself is the content that comes with the program.
        assert_eq!(
            content.strong_count(),
            1,
            "views and tenants let go of what they were judged by"
        );
        assert_eq!(n_evaluated, n_accounts, "only the new check is judged");
        let published = state(&tenant.graph, &tenant.ledger);
        assert_eq!(published.0.len() as u64, before.0.len() as u64 + n_accounts);
        assert!(tenant.library.controls().any(|it| it.id == "own-rules"));
        // It is there after a start, from the file and without.
        let started = rig.kept.load(&library).await?;
        assert!(started.filed.is_there, "own checks do not make the state file useless");
        assert_eq!(state(&started.graph, &started.ledger), published);
        let derived = rig.derived().await;
        assert_eq!(state(&derived.graph, &derived.ledger), published);
        // Words alone judge nothing; another condition judges this check only.
        add(2, &TEXT.replace("without encryption", "in the clear")).await;
        let content = Arc::downgrade(&tenant.library);
        assert_eq!(done(&rig, &mut tenant, Deed::Publish(3)).await?, 0);
        tenant.view();
        assert_eq!(content.strong_count(), 0, "nothing is leaked");
        assert_eq!(state(&tenant.graph, &tenant.ledger), published);
        add(3, &TEXT.replace("= false", "= true")).await;
        assert_eq!(done(&rig, &mut tenant, Deed::Publish(4)).await?, n_accounts);
        assert_ne!(state(&tenant.graph, &tenant.ledger), published);
        // Back to the version before, then off, then gone: nothing is left of it.
        assert_eq!(done(&rig, &mut tenant, Deed::Publish(2)).await?, n_accounts);
        assert_eq!(state(&tenant.graph, &tenant.ledger), published);
        done(&rig, &mut tenant, Deed::Disable).await?;
        assert_eq!(state(&tenant.graph, &tenant.ledger), before);
        done(&rig, &mut tenant, Deed::Delete).await?;
        let last = kept.store.custom_versions(&kept.access, id).await?.pop().unwrap();
        assert_eq!((last.version, &*last.text), (5, ""));
        Ok(())
    })
    .unwrap();
}

#[test]
fn who_follows_and_who_looks_back_see_what_was_committed() {
    let library = library::load(&[]).unwrap();
    let folder = Folder::new().unwrap();
    run(async {
        let rig = Rig::new(&library, folder.path()).await;
        let location = Location::Folder(folder.path().join("data"));
        let store = Store::open(&location, now()).await?;
        // Another process: its own connections, its own numbers of words and keys.
        let other = Kept { store, access: access(), cache: None };
        let mut follower = other.load(&library).await?;
        let mut tenant = rig.kept.load(&library).await?;
        imported(&rig, &mut tenant).await;
        // All of it is new: that is loaded.
        if !other.follow(&mut follower).await? {
            follower = other.load(&library).await?;
        }
        let mut moments = vec![(tenant.sequence(), shown(&tenant.view()))];
        follower.view();
        let mut random = Random::new(5);
        rig.kept
            .store
            .add_custom(&rig.kept.access, now(), 0, ("own.storage.plain-http", TEXT, ""))
            .await?;
        for turn in 0..8_u64 {
            match turn {
                3 => drop(done(&rig, &mut tenant, Deed::Publish(1)).await?),
                5 => {
                    let wish = Wish::Add(NewExemption {
                        category: posture::Category::Mitigated,
                        target: posture::Target::Check("own.storage.plain-http".to_owned()),
                        place: posture::Place::Everywhere,
                        reason: "a wall".to_owned(),
                        evidence: Vec::new(),
                        approver: "Ada".to_owned(),
                        until: None,
                    });
                    let when = (now(), None);
                    decide(&rig.kept, &rig.lease, &mut tenant, &wish, when).await?;
                }
                _ => {
                    let import = read(&tenant.reader, &edited(&tenant, &mut random), false);
                    rig.commit(&mut tenant, import).await;
                }
            }
            moments.push((tenant.sequence(), shown(&tenant.view())));
            // Sometimes it follows several commits at once.
            if turn % 3 != 1 {
                assert!(other.follow(&mut follower).await?, "turn {turn}");
                assert_eq!(shown(&follower.view()), shown(&tenant.view()), "turn {turn}");
                assert_eq!(follower.sequence(), tenant.sequence());
            }
        }
        for (sequence, wanted) in &moments {
            let mut past = other.load_at(&library, *sequence).await?;
            assert_eq!(shown(&past.view()), *wanted, "commit {sequence}");
        }
        assert!(other.store.moment(&other.access, At::Now).await?.seq == tenant.sequence());
        let view = follower.view();
        let seen = view.resources(
            &Sight::Everything,
            &view::ResourceFilter::default(),
            view::ResourceSort::Id,
            &view::Page::first(1),
        );
        assert!(seen.total > 0);
        Ok(())
    })
    .unwrap();
}
