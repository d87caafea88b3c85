//! What is kept: imports, history, what-if, exemptions, moments, faults, as a user runs them.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::command::{Run, folder, merlon, sample, scan_json};

const ACCOUNT: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg\
                       /providers/Microsoft.Storage/storageAccounts/stparcels";

/// Runs a command on the store in `data`; it must end well.
#[track_caller]
fn run(data: &Path, arguments: &[&str]) -> Run {
    let run = try_run(data, arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    run
}

fn try_run(data: &Path, arguments: &[&str]) -> Run {
    let mut all = arguments.to_vec();
    all.extend(["--quiet", "--data", data.to_str().unwrap()]);
    merlon(&all)
}

#[track_caller]
fn json_of(data: &Path, arguments: &[&str]) -> Json {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    serde_json::from_str(&run(data, &all).stdout).unwrap()
}

/// An export with one storage account.
pub(crate) fn export(at: &Path, https_only: bool, tier: &str) -> String {
    std::fs::create_dir_all(at).unwrap();
    let account = json!([{
        "id": ACCOUNT, "name": "stparcels", "type": "Microsoft.Storage/storageAccounts",
        "location": "westeurope", "tags": { "tier": tier },
        "properties": { "supportsHttpsTrafficOnly": https_only, "minimumTlsVersion": "TLS1_2",
                        "allowBlobPublicAccess": false },
    }]);
    std::fs::write(at.join("accounts.json"), account.to_string()).unwrap();
    at.to_str().unwrap().to_owned()
}

/// The score over all scopes.
fn percent(data: &Path) -> f64 {
    let rows = json_of(data, &["score"]);
    let total = rows.as_array().unwrap().iter().find(|it| it["scope"] == "").unwrap();
    total["percent"].as_f64().unwrap()
}

#[test]
fn an_import_says_what_a_scan_says_and_a_second_one_nothing_new() {
    let data = folder("kept-sample");
    let first = json_of(&data, &["import", &sample()]);
    assert_eq!(first["sequence"], 1);
    let scanned = scan_json(&[&sample()]);
    let scan_percent = scanned["score"]["percent"].as_f64().unwrap();
    assert!((percent(&data) - scan_percent).abs() < 1e-9, "{} {scan_percent}", percent(&data));
    let second = json_of(&data, &["import", &sample()]);
    let resources = &second["difference"]["resources"];
    let numbers = ["added", "changed", "gone"].map(|it| resources[it].as_u64().unwrap());
    assert_eq!(numbers, [0, 0, 0]);
    assert_eq!(second["difference"]["evaluated"], 0);
    let clouds = ["azure", "aws", "gcp", "kubernetes", "findings"];
    let pieces = folder("kept-pieces");
    for cloud in clouds {
        let piece = Path::new(&sample()).join(cloud);
        if piece.exists() {
            run(&pieces, &["import", piece.to_str().unwrap()]);
        }
    }
    let unhealthy = |data: &Path| json_of(data, &["diff", "0"])["broke"].clone();
    assert_eq!(unhealthy(&pieces), unhealthy(&data), "piece by piece it is the same estate");
}

#[test]
fn a_change_has_a_history_and_the_past_can_be_asked() {
    let data = folder("kept-history");
    run(&data, &["import", &export(&data.join("a"), true, "hot")]);
    run(&data, &["import", &export(&data.join("b"), false, "hot")]);
    let diff = json_of(&data, &["diff", "1"]);
    assert_eq!(diff["changed"], json!([ACCOUNT.to_lowercase()]));
    assert_eq!(diff["broke"][0]["check"], "azure.storage.secure-transfer");
    let back = json_of(&data, &["diff", "2", "1"]);
    assert_eq!(back["mended"], diff["broke"], "read backwards, what broke is mended");
    let steps = json_of(&data, &["show", "stparcels", "--history"]);
    assert_eq!(steps[0]["change"], "appeared");
    let value = &steps[1]["values"][0];
    assert_eq!(value["path"], "document.properties.supportsHttpsTrafficOnly");
    assert_eq!((&value["before"], &value["after"]), (&json!(true), &json!(false)));
    let query = "MATCH (n:StorageAccount) RETURN n.properties.supportsHttpsTrafficOnly AS https";
    let query = query.replace("StorageAccount", "AzureStorageAccount");
    let rows = |at: &str| json_of(&data, &["query", &query, "--at", at])[0]["https"].clone();
    assert_eq!((rows("1"), rows("now")), (json!(true), json!(false)));
    let shown = json_of(&data, &["show", ACCOUNT, "--at", "1"]);
    assert_eq!(shown["document"]["properties"]["supportsHttpsTrafficOnly"], true);
}

#[test]
fn what_if_shows_and_keeps_nothing() {
    let data = folder("kept-what-if");
    run(&data, &["import", &export(&data.join("a"), true, "hot")]);
    let answer = json_of(&data, &["what-if", &export(&data.join("b"), false, "hot")]);
    assert_eq!(answer["broken"].as_array().unwrap().len(), 1);
    assert_eq!(answer["broken"][0]["check"], "azure.storage.secure-transfer");
    assert!(answer["after"]["percent"].as_f64() < answer["before"]["percent"].as_f64());
    assert_eq!(json_of(&data, &["changes"]).as_array().unwrap().len(), 1);
    let tag = json_of(&data, &["what-if", &export(&data.join("c"), true, "cold")]);
    assert_eq!(tag["resources"]["changed"], 1);
    assert_eq!(tag["evaluated"], 0, "no check reads this tag");
}

#[test]
fn what_if_fixed_says_what_it_is_worth_and_keeps_nothing() {
    let data = folder("kept-fixed");
    run(&data, &["import", &export(&data.join("a"), false, "hot")]);
    let before = percent(&data);
    let check = "azure.storage.secure-transfer";
    let on_one = format!("{check}@{ACCOUNT}");
    let answer = json_of(&data, &["what-if", "--fixed", &on_one]);
    assert_eq!(answer["fixed"], 1);
    assert!((answer["before"]["percent"].as_f64().unwrap() - before).abs() < 1e-9);
    let after = answer["after"]["percent"].as_f64().unwrap();
    assert!(after > before, "{before} {after}");
    let control = &answer["scopes"][0]["controls"][0];
    assert_eq!(control["control"], "encrypt-data-in-transit");
    assert!(control["after"].as_f64() > control["before"].as_f64(), "{control}");
    assert_eq!(json_of(&data, &["what-if", "--fixed", check]), answer, "it is the only one");
    let by_control = json_of(&data, &["what-if", "--fixed", "encrypt-data-in-transit"]);
    assert_eq!(by_control["after"], answer["after"]);
    // Done in earnest, the score is the one that was foretold.
    assert!((percent(&data) - before).abs() < 1e-9, "nothing was kept");
    run(&data, &["import", &export(&data.join("b"), true, "hot")]);
    assert!((percent(&data) - after).abs() < 1e-9, "{after} {}", percent(&data));
    assert_eq!(json_of(&data, &["what-if", "--fixed", &on_one])["fixed"], 0, "it is healthy");
    for (what, words) in [
        ("no.such.check", "there is no check or control"),
        (&format!("{check}@x"), "there is no resource"),
    ] {
        let run = try_run(&data, &["what-if", "--fixed", what]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

#[test]
fn what_a_waiver_takes_out_stays_out_when_fixed() {
    let data = folder("kept-fixed-waiver");
    run(&data, &["import", &export(&data.join("a"), false, "hot")]);
    let why = ["--reason", "not ours", "--approver", "m.reyes@larkspur.example"];
    let add = ["exempt", "add", "--resource", ACCOUNT, "--kind", "waiver"];
    run(&data, &[&add[..], &why[..]].concat());
    let answer = json_of(&data, &["what-if", "--fixed", "azure.storage.secure-transfer"]);
    assert_eq!((&answer["fixed"], &answer["before"]), (&json!(0), &answer["after"]));
}

#[test]
fn standings_are_kept_over_time() {
    let data = folder("kept-standing");
    run(&data, &["import", &sample()]);
    // What is kept is what a scan says.
    let scanned = scan_json(&[&sample()]);
    let standards = scanned["standards"].as_array().unwrap();
    assert!(standards.len() > 3);
    for standard in standards {
        let kept = json_of(&data, &["score", "--standard", standard["standard"].as_str().unwrap()]);
        let kept: Vec<(&str, &str)> = kept
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["requirement"].as_str().unwrap(), it["state"].as_str().unwrap()))
            .collect();
        let mut wanted: Vec<(&str, &str)> = standard["requirements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["id"].as_str().unwrap(), it["state"].as_str().unwrap()))
            .filter(|it| !["manual", "notAssessed"].contains(&it.1))
            .collect();
        wanted.sort_unstable();
        assert_eq!(kept, wanted, "{}", standard["standard"]);
    }
    let unknown = try_run(&data, &["score", "--standard", "none"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("nist-800-53-r5"), "{}", unknown.stderr);
}

#[test]
fn the_risk_of_what_is_kept_is_that_of_a_scan() {
    let data = folder("kept-risk");
    run(&data, &["import", &sample()]);
    let scanned = &scan_json(&[&sample(), "--risk", "always"])["riskScore"];
    let total = |arguments: &[&str]| {
        let rows = json_of(&data, arguments);
        let mut totals = rows.as_array().unwrap().iter().filter(|it| it["scope"] == json!(""));
        totals.next().unwrap()["riskBased"].clone()
    };
    let risk = total(&["score", "--risk"]);
    assert_eq!((&risk["percent"], &risk["knownAsOf"]), (&scanned["percent"], &json!(1)));
    assert_eq!(total(&["score", "--risk", "--at", "1"])["percent"], risk["percent"]);
    let plain = json_of(&data, &["score"]);
    assert!(plain.as_array().unwrap().iter().all(|it| it.get("riskBased").is_none()));
    let text = run(&data, &["score", "--risk"]).stdout;
    assert!(text.contains("by risk; open: "), "{text}");
}

#[test]
fn a_standing_changes_when_a_requirement_does() {
    let data = folder("kept-standing-history");
    for (name, https_only) in [("a", true), ("b", true), ("c", false), ("d", true)] {
        run(&data, &["import", &export(&data.join(name), https_only, name)]);
    }
    let history = json_of(&data, &["score", "--standard", "mcsb-v1", "--history"]);
    let commits: Vec<u64> =
        history.as_array().unwrap().iter().map(|it| it["commit"].as_u64().unwrap()).collect();
    assert_eq!(commits, [1, 3, 4], "the second import changed a tag that nobody reads");
    assert_eq!(history[0]["states"], history[2]["states"]);
    assert_ne!(history[0]["states"], history[1]["states"]);
    let of = |at: &str| json_of(&data, &["score", "--standard", "mcsb-v1", "--at", at]);
    let states = |all: Json| -> Vec<String> {
        let all = all.as_array().unwrap().iter();
        all.map(|it| format!("{} {}", it["requirement"], it["state"])).collect()
    };
    assert_eq!(states(of("1")), states(of("4")));
    assert_ne!(states(of("1")), states(of("3")));
    assert!(run(&data, &["score", "--standard", "mcsb-v1"]).stdout.contains("since commit"));
}

#[test]
fn an_exemption_counts_at_once_ends_and_is_recalled_by_a_change() {
    let data = folder("kept-exempt");
    run(&data, &["import", &export(&data.join("a"), false, "hot"), "--complete"]);
    let before = percent(&data);
    let add = |kind: &str| {
        let text = ["exempt", "add", "--resource", ACCOUNT, "--kind", kind];
        let why = ["--reason", "a gateway ends TLS", "--approver", "m.reyes@larkspur.example"];
        run(&data, &[&text[..], &why[..]].concat());
    };
    add("mitigated");
    let mitigated = percent(&data);
    assert!(mitigated > before, "{before} {mitigated}");
    let changed = json_of(&data, &["import", &export(&data.join("b"), true, "hot"), "--complete"]);
    let under = changed["difference"]["changedUnder"].as_array().unwrap();
    let is_it = |it: &Json| it["exemption"] == 1 && it["check"] == "azure.storage.secure-transfer";
    assert!(under.iter().any(is_it), "{under:?}");
    run(&data, &["import", &export(&data.join("a"), false, "hot"), "--complete"]);
    run(&data, &["exempt", "end", "1"]);
    assert!((percent(&data) - before).abs() < 1e-9);
    let list = json_of(&data, &["exempt", "list", "--all"]);
    assert_eq!((&list[0]["isActive"], &list[0]["category"]), (&json!(false), &json!("mitigated")));
    let audit = json_of(&data, &["audit", "list"]);
    let actions: Vec<&str> =
        audit.as_array().unwrap().iter().filter_map(|it| it["action"].as_str()).collect();
    assert!(
        actions.contains(&"exemption.add") && actions.contains(&"exemption.end"),
        "{actions:?}"
    );
    run(&data, &["audit", "verify"]);
}

#[test]
fn only_what_was_read_completely_goes() {
    let data = folder("kept-gone");
    run(&data, &["import", &export(&data.join("a"), true, "hot")]);
    let empty = data.join("b");
    std::fs::create_dir_all(&empty).unwrap();
    let other = json!([{
        "id": ACCOUNT.replace("stparcels", "stother"), "name": "stother", "location": "westeurope",
        "type": "Microsoft.Storage/storageAccounts", "properties": {},
    }]);
    std::fs::write(empty.join("accounts.json"), other.to_string()).unwrap();
    let kept = json_of(&data, &["import", empty.to_str().unwrap()]);
    assert_eq!(kept["difference"]["resources"]["gone"], 0, "the export may be a part");
    let gone = json_of(&data, &["import", empty.to_str().unwrap(), "--complete"]);
    assert_eq!(gone["difference"]["resources"]["gone"], 1);
    assert_eq!(json_of(&data, &["diff", "2"])["vanished"], json!([ACCOUNT.to_lowercase()]));
}

#[test]
fn a_damaged_store_says_so() {
    let data = folder("kept-damaged");
    run(&data, &["import", &export(&data.join("a"), true, "hot")]);
    let file = data.join("merlon.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..64].fill(0x55);
    std::fs::write(&file, bytes).unwrap();
    let run = try_run(&data, &["score"]);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("damaged"), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn a_back_up_is_whole_and_restores_elsewhere() {
    let data = folder("kept-backup");
    run(&data, &["import", &export(&data.join("a"), true, "hot")]);
    run(&data, &["import", &export(&data.join("b"), false, "hot")]);
    let file = data.join("all.merlon");
    run(&data, &["backup", file.to_str().unwrap()]);
    let other = folder("kept-restored");
    run(&other, &["restore", file.to_str().unwrap()]);
    assert_eq!(json_of(&other, &["diff", "1"]), json_of(&data, &["diff", "1"]));
    assert_eq!(json_of(&other, &["score"]), json_of(&data, &["score"]));
    run(&other, &["audit", "verify"]);
    let again = try_run(&other, &["restore", file.to_str().unwrap()]);
    assert_ne!(again.code, 0, "what is kept there would be lost");
    // It goes on from there.
    let next = json_of(&other, &["import", &export(&other.join("c"), true, "hot")]);
    assert_eq!(next["sequence"], 3);
    assert_eq!(next["difference"]["mended"].as_array().unwrap().len(), 1);
}
