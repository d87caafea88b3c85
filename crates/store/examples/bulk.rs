//! Measures the store: a big import, loading all of it, commits of one document.
//!
//! `cargo run --release -p store --example bulk -- FOLDER-OR-URL [RESOURCES]`

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement: it has a clock, it prints, and it may fail"
)]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::{Doc, Keys, Resource, Verdict};
use serde_json::{Value as Json, json};
use store::{
    Access, At, Change, DocumentNo, Location, Put, Standing, Store, TenantId, Verdicts, WRITER,
};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let place = arguments.get(1).map_or("bulk-data", String::as_str);
    let count = arguments.get(2).map_or(100_000, |it| it.parse().unwrap());
    let location = if place.starts_with("postgres") {
        Location::Postgres(place.to_owned())
    } else {
        Location::Folder(place.into())
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(&location, count));
}

/// About 2 KB, of which some is the same in all.
fn document(n: usize) -> Json {
    let rule = |k: usize| {
        json!({ "name": format!("rule-{k}"), "priority": 100 + k, "direction": if k.is_multiple_of(2) { "in" } else { "out" },
            "ports": [k * 7 % 65536, n % 1000], "source": format!("10.{}.{}.0/24", n % 256, k) })
    };
    json!({
        "id": format!("/subscriptions/{:032x}/resourcegroups/group-{}/storageaccounts/account{n}", n % 50, n % 3000),
        "location": (["westeurope", "northeurope", "eastus"][n % 3]),
        "sku": { "name": "Standard_LRS", "tier": "Standard" },
        "properties": {
            "createdTime": format!("2024-{:02}-{:02}T10:{:02}:00Z", n % 12 + 1, n % 28 + 1, n % 60),
            "supportsHttpsTrafficOnly": !n.is_multiple_of(7), "minimumTlsVersion": if n.is_multiple_of(5) { "TLS1_0" } else { "TLS1_2" },
            "networkAcls": { "defaultAction": "Allow", "rules": (0..8).map(rule).collect::<Vec<_>>() },
            "encryption": { "keySource": "Microsoft.Storage", "services": { "blob": { "enabled": true }, "file": { "enabled": true } } },
            "unique": format!("{:016x}{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n.wrapping_mul(0xbf58_476d_1ce4_e5b9)),
            "endpoints": { "blob": format!("https://account{n}.blob.core.windows.net/"), "file": format!("https://account{n}.file.core.windows.net/") }
        }
    })
}

fn resource(n: usize, doc: Doc) -> Resource {
    Resource {
        id: format!(
            "/subscriptions/{:032x}/resourcegroups/group-{}/providers/microsoft.storage/storageaccounts/account{n}",
            n % 50,
            n % 3000
        ),
        kind: "azure.storage-account".into(),
        name: format!("account{n}"),
        scope: format!("/subscriptions/{:032x}", n % 50).into(),
        region: Some("westeurope".into()),
        tags: [("owner", format!("team-{}", n % 40)), ("stage", "prod".to_owned())]
            .into_iter()
            .collect(),
        doc,
        collected: true,
        also: Vec::new(),
        affects: Box::default(),
        as_of: None,
    }
}

fn say(what: &str, watch: Instant, count: usize) {
    let seconds = watch.elapsed().as_secs_f64();
    println!("{what:<34} {seconds:>8.2} s {:>10.0} per s", count as f64 / seconds);
}

async fn measure(location: &Location, count: usize) {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let store = Store::open(location, now).await.unwrap();
    let access = Access::new(TenantId::FIRST, "bulk");
    let ttl = Duration::from_hours(1000);
    let lease = store.acquire(&access, WRITER, "bulk", now, ttl).await.unwrap();
    let keys = store.keys(&access).await.unwrap();
    let watch = Instant::now();
    let docs: Vec<Doc> = (0..count).map(|n| Doc::build(&document(n), &keys)).collect();
    let bytes: usize = docs.iter().map(Doc::size_bytes).sum();
    say("documents made", watch, count);
    println!("{:<34} {:>8} bytes each", "", bytes / count);

    let watch = Instant::now();
    let mut staged: Vec<DocumentNo> = Vec::new();
    for batch in docs.chunks(10_000) {
        let batch: Vec<&Doc> = batch.iter().collect();
        staged.extend(store.stage(&access, &lease, now, &batch).await.unwrap());
    }
    say("staged", watch, count);
    let resources: Vec<Resource> =
        docs.into_iter().enumerate().map(|(n, doc)| resource(n, doc)).collect();
    let words = store.words(&access).await.unwrap();
    let standing = |check: usize| Standing {
        check: words.intern(&format!("check-{check}")),
        verdict: Verdict::Unhealthy,
        why: store::Word::NONE,
        since: 0,
        first_seen: 0,
        reopened: 0,
    };
    let open = [standing(0), standing(1)];
    let packed = [7; 60];
    let mut change = Change::new("import", "bulk");
    change.puts = resources
        .iter()
        .zip(&staged)
        .map(|(it, number)| Put { staged: Some(*number), ..Put::new(it) })
        .collect();
    let is_open = |n: usize, check: usize| n.is_multiple_of([5, 7][check]);
    change.verdicts = resources
        .iter()
        .enumerate()
        .map(|(n, it)| Verdicts {
            resource: &it.id,
            packed: &packed,
            open: (0..2).filter(|check| is_open(n, *check)).map(|check| open[check]).collect(),
        })
        .collect();
    let watch = Instant::now();
    store.commit(&access, &lease, now, &change).await.unwrap();
    say("committed", watch, count);
    drop(change);
    load(&store, &access).await;
    tiny(&store, &access, &lease, &keys, &resources[count / 2]).await;
    store.close().await;
}

async fn load(store: &Store, access: &Access) {
    for round in ["loaded", "loaded again"] {
        let watch = Instant::now();
        let mut pages = store.resources(access, At::Now).await.unwrap();
        let mut loaded = 0;
        while let Some(page) = pages.next().await.unwrap() {
            loaded += page.len();
        }
        say(round, watch, loaded);
    }
    let watch = Instant::now();
    let mut pages = store.verdicts(access, At::Now).await.unwrap();
    let mut loaded = 0;
    while let Some(page) = pages.next().await.unwrap() {
        loaded += page.len();
    }
    say("verdicts loaded", watch, loaded);
}

async fn tiny(
    store: &Store,
    access: &Access,
    lease: &store::Lease,
    keys: &Keys,
    resource: &Resource,
) {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let mut times = Vec::new();
    for n in 0..300 {
        let doc = Doc::build(&json!({ "now": n, "x": document(n) }), keys);
        let resource = Resource { doc, ..resource.clone() };
        let mut change = Change::new("event", "one");
        change.puts.push(Put::new(&resource));
        change.verdicts.push(Verdicts { resource: &resource.id, packed: &[1, 2, 3], open: vec![] });
        let watch = Instant::now();
        store.commit(access, lease, now, &change).await.unwrap();
        times.push(watch.elapsed());
    }
    times.sort();
    println!("{:<34} p50 {:?}, p99 {:?}", "commits of one document", times[150], times[296]);
}
