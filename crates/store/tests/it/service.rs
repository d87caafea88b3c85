//! Uploads, settings, attestations, own checks.

use std::time::Duration;

use serde_json::json;
use store::{EvidenceFile, NewAttestation, StoreError};

use crate::harness::{on_both, second};

#[test]
fn an_upload_is_read_when_it_is_whole() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let upload = store.begin_upload(access, second(0), "export.json").await.unwrap();
        store.put_part(access, upload, 0, b"one ").await.unwrap();
        store.put_part(access, upload, 1, b"two").await.unwrap();
        store.put_part(access, upload, 1, b"two").await.unwrap();
        assert!(matches!(store.upload(access, upload).await, Err(StoreError::NotFound(_))));
        store.finish_upload(access, upload).await.unwrap();
        store.put_part(access, upload, 2, b"late").await.unwrap();
        let whole = store.upload(access, upload).await.unwrap();
        assert_eq!((&*whole.name, whole.size, whole.n_parts), ("export.json", 7, 2));
        assert_eq!(store.part(access, upload, 1).await.unwrap(), b"two");
        let hour = Duration::from_hours(1);
        assert!(store.old_uploads(access, second(3599), hour).await.unwrap().is_empty());
        assert_eq!(store.old_uploads(access, second(3601), hour).await.unwrap(), [upload]);
        store.drop_upload(access, upload).await.unwrap();
        assert!(store.upload(access, upload).await.is_err());
        assert!(store.part(access, upload, 0).await.is_err());
    });
}

#[test]
fn a_setting_changes_and_goes_back() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        store.set(access, second(1), "idle", Some(&json!(30))).await.unwrap();
        store.set(access, second(2), "idle", Some(&json!(60))).await.unwrap();
        let all = store.settings(access).await.unwrap();
        assert_eq!((all.len(), &*all[0].name, &all[0].value), (1, "idle", &json!(60)));
        store.set(access, second(3), "idle", None).await.unwrap();
        assert!(store.settings(access).await.unwrap().is_empty());
        let log = store.audit_log(access, 0, 9).await.unwrap();
        let last = log.last().unwrap();
        assert_eq!(last.detail, json!({ "before": 60, "after": null }));
    });
}

#[test]
fn attestations_add_up_and_keep_their_evidence() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let evidence = [EvidenceFile {
            name: "minutes.pdf".into(),
            media_type: "application/pdf".into(),
            bytes: vec![0, 1],
        }];
        let mut new = NewAttestation {
            standard: "s",
            requirement: "1.1",
            state: "compliant",
            comment: "reviewed",
            ends: Some(second(100)),
            evidence: &evidence,
        };
        let first = store.attest(access, second(1), &new).await.unwrap();
        (new.state, new.evidence) = ("withdrawn", &[]);
        let second_one = store.attest(access, second(2), &new).await.unwrap();
        let all = store.attestations(access, "s").await.unwrap();
        assert_eq!(all.iter().map(|it| it.number).collect::<Vec<_>>(), [first, second_one]);
        assert_eq!((all[0].evidence.len(), all[1].evidence.len()), (1, 0));
        assert_eq!((all[0].ends, &*all[1].state), (Some(second(100)), "withdrawn"));
        let file = store.evidence(access, all[0].evidence[0].0).await.unwrap();
        assert_eq!(file, evidence[0]);
        assert!(store.attestations(access, "other").await.unwrap().is_empty());
    });
}

#[test]
fn own_checks_have_versions_and_the_faster_one_wins() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let publish =
            async |base, text| store.add_custom(access, second(1), base, ("own.a", text, "")).await;
        assert_eq!(publish(0, "one").await.unwrap(), 1);
        assert!(matches!(publish(0, "other").await, Err(StoreError::Conflict(_))));
        assert_eq!(publish(1, "two").await.unwrap(), 2);
        assert_eq!(publish(2, "").await.unwrap(), 3);
        let last = store.custom_checks(access).await.unwrap();
        assert_eq!((last.len(), last[0].version, &*last[0].text), (1, 3, ""));
        let versions = store.custom_versions(access, "own.a").await.unwrap();
        let texts: Vec<&str> = versions.iter().map(|it| &*it.text).collect();
        assert_eq!(texts, ["one", "two", ""]);
        assert_eq!(store.custom_version(access, "own.a", 2).await.unwrap().text, "two");
        let missing = store.custom_version(access, "own.a", 9).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
        let published = store.published_checks(access, store::At::Now).await.unwrap();
        assert!(published.0.is_empty(), "a draft counts for nothing");
    });
}
