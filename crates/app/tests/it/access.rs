//! `merlon access`: who may do what in an export, and why.

use serde_json::{Value as Json, json};

use crate::command::{Run, folder, merlon};

/// An account with a reader, somebody whom a policy stops, and a bucket that another account may read.
fn export(name: &str) -> String {
    let root = folder(name);
    let write = |path: &str, json: &Json| {
        let path = root.join("111122223333").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, json.to_string()).unwrap();
    };
    let policy = |statements: Json| json!({ "Version": "2012-10-17", "Statement": statements });
    let user = |name: &str, statements: Json| {
        json!({
            "UserName": name, "UserId": format!("AIDA{}", name.to_uppercase()), "Path": "/",
            "Arn": format!("arn:aws:iam::111122223333:user/{name}"), "GroupList": [],
            "AttachedManagedPolicies": [],
            "UserPolicyList": [{ "PolicyName": "own", "PolicyDocument": policy(statements) }],
        })
    };
    let all = json!({ "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" });
    let stop = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::claims/*" });
    let users = [user("reader", json!([all])), user("stopped", json!([all, stop]))];
    write(
        "iam/get-account-authorization-details.json",
        &json!({ "UserDetailList": users, "RoleDetailList": [], "GroupDetailList": [], "Policies": [] }),
    );
    write("s3api/list-buckets.json", &json!({ "Buckets": [{ "Name": "claims" }] }));
    let partner = policy(json!([{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::444455556666:root" },
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::claims/*",
    }]));
    let bucket_policy = json!({ "Policy": partner.to_string() });
    write("s3api/get-bucket-policy/claims.json", &bucket_policy);
    root.to_string_lossy().into_owned()
}

fn ask(export: &str, arguments: &[&str]) -> Run {
    let mut all = vec!["access", export, "--quiet", "--now", "2026-11-21T00:00:00Z"];
    all.extend(arguments);
    merlon(&all)
}

fn decisions(export: &str, arguments: &[&str]) -> Vec<Json> {
    let run = ask(export, &[arguments, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let answer: Json = serde_json::from_str(&run.stdout).unwrap();
    answer["decisions"].as_array().unwrap().clone()
}

#[test]
fn one_question_is_answered_with_its_reasons() {
    let export = export("access-one");
    let asked = ["--who", "stopped", "--what", "claims", "--action", "s3:GetObject"];
    let [decision] = decisions(&export, &asked).try_into().unwrap();
    assert_eq!(decision["who"], "arn:aws:iam::111122223333:user/stopped");
    assert_eq!(decision["on"], "arn:aws:s3:::claims");
    assert_eq!(decision["answer"], "denied");
    let denies: Vec<&Json> = decision["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["effect"] == "denies")
        .collect();
    assert_eq!(denies[0]["path"], "GetUserPolicy.own.PolicyDocument.Statement[1]");
    assert_eq!(denies[0]["says"], "denies s3:* on arn:aws:s3:::claims/*");
    let run = ask(&export, &asked);
    assert!(run.stdout.starts_with("DENIED"), "{}", run.stdout);
}

#[test]
fn who_can_names_outsiders_and_leaves_out_whom_a_deny_stops() {
    let export = export("access-who");
    let found = decisions(&export, &["--what", "claims", "--action", "s3:GetObject"]);
    let who: Vec<&str> = found.iter().map(|it| it["who"].as_str().unwrap()).collect();
    assert_eq!(who, ["arn:aws:iam::111122223333:user/reader", "arn:aws:iam::444455556666:root"]);
    assert!(found.iter().all(|it| it["answer"] == "allowed"), "{found:?}");
}

#[test]
fn what_somebody_may_do_at_all() {
    let export = export("access-all");
    let found = decisions(&export, &["--who", "reader"]);
    assert_eq!((&found[0]["action"], &found[0]["answer"]), (&json!("*"), &json!("denied")));
    let read: Vec<(&Json, &Json)> =
        found.iter().skip(1).map(|it| (&it["verb"], &it["on"])).collect();
    assert_eq!(read, [(&json!("read"), &json!("arn:aws:s3:::claims"))]);
}

#[test]
fn a_wrong_name_says_which_is_near() {
    let export = export("access-name");
    let run = ask(&export, &["--who", "raeder", "--what", "claims"]);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("there is no identity `raeder`"), "{}", run.stderr);
}
