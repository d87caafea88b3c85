//! When the ground gives way: a full disk, a folder that cannot be written, pages that are not what was
//! written, a clock that goes back. Each is said, nothing is made up, and what can goes on by itself.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use serde_json::{Value as Json, json};
use testkit::Disk;

use crate::command::{Run, folder, merlon, merlon_on};
use crate::server::{Server, wait_for};

const SCOPE: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a";
/// Room for an empty database and little more.
const SMALL: u32 = 3 * 1024;
const COUNT: &str = "MATCH (n:AzureStorageAccount) RETURN count(n) AS n";

/// An export of so many storage accounts, each with a text that does not get smaller.
fn export(at: &Path, n: u64, size: usize) -> String {
    fs::create_dir_all(at).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut text = |size: usize| {
        let mut text = String::with_capacity(size + 16);
        while text.len() < size {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            text.extend(state.to_le_bytes().map(|it| char::from(b' ' + it % 90)));
        }
        text
    };
    let accounts = (0..n).map(|it| {
        let name = format!("st{it}");
        json!({
            "id": format!("{SCOPE}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/{name}"),
            "name": name, "type": "Microsoft.Storage/storageAccounts", "location": "westeurope",
            "tags": { "note": text(size) },
            "properties": { "supportsHttpsTrafficOnly": it % 2 == 0, "minimumTlsVersion": "TLS1_2" },
        })
    });
    let accounts: Vec<Json> = accounts.collect();
    fs::write(at.join("accounts.json"), Json::from(accounts).to_string()).unwrap();
    at.to_str().unwrap().to_owned()
}

/// Runs a command that must end well.
#[track_caller]
fn well(run: Run) -> String {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.stdout
}

/// A command that must fail with these words, and not with a panic.
#[track_caller]
fn fails(run: &Run, code: i32, words: &str) {
    assert!(run.stderr.contains(words), "`{words}` is not in: {}{}", run.stdout, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(run.code, code, "{}", run.stderr);
}

/// Runs `merlon` on the store in `data`, which lies on `disk`.
fn on(disk: &Disk, data: &str, arguments: &[&str]) -> Run {
    merlon_on(disk, &[arguments, &["--data", data, "--quiet"]].concat())
}

fn n_accounts(out: &str) -> u64 {
    let rows: Json = serde_json::from_str(out).unwrap();
    rows[0]["n"].as_u64().unwrap()
}

#[test]
fn a_full_disk_costs_the_import_and_nothing_that_was_kept() {
    let Some(disk) = Disk::or_skip(SMALL).unwrap() else { return };
    let exports = folder("faults-full");
    let (small, large) =
        (export(&exports.join("a"), 3, 10), export(&exports.join("b"), 1000, 2000));
    let data = disk.path().join("data").to_string_lossy().into_owned();
    well(on(&disk, &data, &["import", &small]));
    for _ in 0..2 {
        fails(&on(&disk, &data, &["import", &large]), 2, "the disk of the database is full");
        // SQLite needs a little room to read: it answers what is kept, or says why not.
        let count = on(&disk, &data, &["query", COUNT, "--format", "json"]);
        if count.code == 0 {
            assert_eq!(n_accounts(&count.stdout), 3);
        } else {
            fails(&count, 2, "the disk of the database is full");
        }
    }
    disk.remount("size=256m").unwrap();
    let count = well(on(&disk, &data, &["query", COUNT, "--format", "json"]));
    assert_eq!(n_accounts(&count), 3);
    assert_eq!(well(on(&disk, &data, &["changes"])).lines().count(), 1);
    well(on(&disk, &data, &["audit", "verify"]));
    let done = well(on(&disk, &data, &["import", &large]));
    assert!(done.starts_with("commit 2\n"), "{done}");
    let count = well(on(&disk, &data, &["query", COUNT, "--format", "json"]));
    assert_eq!(n_accounts(&count), 1000);
}

#[test]
fn a_job_waits_for_room_on_the_disk_and_loses_no_attempt() {
    let Some(disk) = Disk::or_skip(SMALL).unwrap() else { return };
    let large = export(&folder("faults-full-serve").join("a"), 1000, 2000);
    let data = disk.path().join("data").to_string_lossy().into_owned();
    let quick = [("MERLON__WORKER__POLL", "20ms")];
    let server = Server::start_on(&disk, &["--data", &data], &quick);
    server.wait_until_ready();
    well(on(&disk, &data, &["import", "--queue", &large]));
    wait_for("the job to wait", || {
        server.log().contains("the disk of the database is full").then_some(())
    });
    wait_for("the second time", || {
        (server.log().matches("the job `import` waits").count() > 1).then_some(())
    });
    assert_eq!(server.get("/healthz").status, 200);
    disk.remount("size=256m").unwrap();
    wait_for("the job to be done", || {
        server.log().contains("the job `import` is done").then_some(())
    });
    let done = well(on(&disk, &data, &["job", "list", "--state", "done"]));
    assert!(done.contains("attempts 1"), "{done}");
    assert_eq!(well(on(&disk, &data, &["changes"])).lines().count(), 1);
}

#[test]
fn a_folder_that_became_read_only_is_said() {
    let Some(disk) = Disk::or_skip(SMALL).unwrap() else { return };
    let small = export(&folder("faults-read-only").join("a"), 3, 10);
    let data = disk.path().join("data").to_string_lossy().into_owned();
    well(on(&disk, &data, &["import", &small]));
    disk.remount("ro").unwrap();
    fails(&on(&disk, &data, &["import", &small]), 2, "Read-only file system");
    let serve = on(&disk, &data, &["serve", "--listen", "127.0.0.1:0"]);
    fails(&serve, 4, &format!("the data folder `{data}` is read-only"));
    disk.remount("rw").unwrap();
    well(on(&disk, &data, &["import", &small]));
}

#[test]
fn a_database_that_became_read_only_is_said() {
    let Ok(server) = testkit::Server::start() else { return };
    let url = server.database().unwrap();
    let small = export(&folder("faults-read-only-database").join("a"), 3, 10);
    let import = || merlon(&["import", &small, "--database", &url, "--quiet"]);
    well(import());
    let (_, rest) = url.split_once("localhost/").unwrap();
    let (name, _) = rest.split_once('?').unwrap();
    let set = |word: &str| {
        let statement = format!("ALTER DATABASE {name} SET default_transaction_read_only = {word}");
        let other = server.database().unwrap();
        server.run(&other, &statement).unwrap();
    };
    set("on");
    fails(&import(), 2, "the database is read-only");
    set("off");
    well(import());
}

/// What a person asks: all that is known now, and how it came about.
fn answers(data: &str) -> Vec<Run> {
    let all = "MATCH (n:AzureStorageAccount) RETURN n.merlon.id AS id, n.tags.note AS note \
               ORDER BY id";
    [
        &["query", all, "--format", "json"][..],
        &["diff", "0", "--format", "json"],
        &["score", "--format", "json"],
        &["changes", "--format", "json"],
    ]
    .into_iter()
    .map(|it| merlon(&[it, &["--data", data, "--quiet"]].concat()))
    .collect()
}

#[test]
fn a_page_that_is_not_what_was_written_is_said_and_never_read_as_something_else() {
    let folder = folder("faults-page");
    let data = folder.join("data").to_string_lossy().into_owned();
    let place = ["--data", data.as_str(), "--quiet"];
    well(merlon(&[&["import", &export(&folder.join("a"), 60, 3000)], &place[..]].concat()));
    let wanted = answers(&data);
    let file = Path::new(&data).join("merlon.db");
    let whole = fs::read(&file).unwrap();
    let n_pages = whole.len() / 8192;
    let mut n_found = 0;
    for page in (0..n_pages).step_by(n_pages / 20) {
        fs::write(&file, &whole).unwrap();
        let database = fs::OpenOptions::new().write(true).open(&file).unwrap();
        database.write_all_at(&[0; 8192], (page * 8192) as u64).unwrap();
        drop(database);
        for (at, (found, wanted)) in answers(&data).iter().zip(&wanted).enumerate() {
            if found.code == 0 {
                assert!(found.stdout == wanted.stdout, "page {page}, answer {at}");
            } else {
                n_found += 1;
                fails(found, 2, "the database is damaged");
            }
        }
        if page == 0 {
            let serve = merlon(&["serve", "--listen", "127.0.0.1:0", "--data", &data]);
            fails(&serve, 4, "the database is damaged");
        }
    }
    assert!(n_found > 5, "the pages say nothing: {n_found}");
    fs::write(&file, &whole).unwrap();
    assert_eq!(answers(&data)[0].stdout, wanted[0].stdout);
}

#[test]
fn a_clock_that_goes_back_is_said_and_holds_the_order() {
    let folder = folder("faults-clock");
    let data = folder.join("data").to_string_lossy().into_owned();
    let import = |name: &str, n: u64, now: &str| {
        let export = export(&folder.join(name), n, 10);
        merlon(&["import", &export, "--data", &data, "--quiet", "--now", now])
    };
    let first = well(import("a", 1, "2026-06-01T00:00:00Z"));
    assert!(!first.contains("the clock is behind"), "{first}");
    let second = well(import("b", 2, "2026-05-01T00:00:00Z"));
    assert!(second.contains("the clock is behind"), "{second}");
    let changes = well(merlon(&["changes", "--data", &data, "--format", "json"]));
    let changes: Json = serde_json::from_str(&changes).unwrap();
    let held: Vec<_> =
        (0..2).map(|it| (&changes[it]["at"], &changes[it]["clockWasBehind"])).collect();
    let instant = json!("2026-06-01T00:00:00Z");
    assert_eq!(held, [(&instant, &json!(false)), (&instant, &json!(true))]);
    // What was known at that instant is what was known after both.
    let query = ["query", COUNT, "--at", "2026-06-01T00:00:00Z", "--format", "json"];
    let count = well(merlon(&[&query[..], &["--data", &data]].concat()));
    assert_eq!(n_accounts(&count), 2);
    well(merlon(&["audit", "verify", "--data", &data]));
    let future = import("c", 3, "2999-01-01T00:00:00Z");
    fails(&future, 2, "`--now` is in the future");
}
