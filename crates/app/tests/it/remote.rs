//! `--server`: what a server answers is what the command line says of the same estate.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::api::Team;
use crate::command::{Run, checkout, folder, merlon, merlon_with};
use crate::kept::export;
use crate::server::Server;

const KINDS: &str =
    "MATCH (n:Resource) RETURN n.merlon.kind AS kind, count(n) AS n ORDER BY n DESC, kind";
const WAYS: &str =
    "MATCH p = (a)-[e]->(b) RETURN a, type(e), p ORDER BY a.merlon.id, b.merlon.id LIMIT 5";

/// A command against a server, with a token in a file.
struct Remote {
    url: String,
    token: String,
}

impl Remote {
    fn new(team: &Team, home: &Path) -> Self {
        let file = home.join("token");
        std::fs::write(&file, format!("{}\n", team.owner)).unwrap();
        let url = format!("http://{}", team.server.address);
        Self { url, token: file.to_string_lossy().into_owned() }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut all = arguments.to_vec();
        all.extend(["--server", &self.url, "--token-file", &self.token]);
        merlon(&all)
    }

    fn json(&self, arguments: &[&str]) -> Json {
        let mut all = arguments.to_vec();
        all.extend(["--format", "json"]);
        let run = self.run(&all);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }
}

#[test]
fn a_server_says_what_the_command_line_says_of_the_same_estate() {
    let home = folder("remote-same");
    let data = home.join("data").to_string_lossy().into_owned();
    let sample = checkout().join("examples/larkspur-freight").to_string_lossy().into_owned();
    assert_eq!(merlon(&["import", &sample, "--data", &data]).code, 0);
    let server = Server::start(&["--data", &data]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let remote = Remote::new(&team, &home);

    let worst =
        &remote.json(&["list", "recommendations", "-w", "state=unhealthy", "--first", "1"])[0];
    let check = worst["id"].as_str().unwrap();
    let open =
        &remote.json(&["list", "assessments", "-w", &format!("check={check}"), "--first", "1"])[0];
    let resource = open["resource"]["id"].as_str().unwrap();
    let exempt = remote.run(&[
        "exempt",
        "add",
        "--check",
        check,
        "--kind",
        "waiver",
        "--reason",
        "until the release",
        "--approver",
        "Ada",
        "--until",
        "2999-01-01",
    ]);
    assert!(
        exempt.stdout.starts_with("commit 2: exemption 1, "),
        "{} {}",
        exempt.stdout,
        exempt.stderr
    );
    let add = [
        "exempt",
        "add",
        "--resource",
        resource,
        "--kind",
        "mitigated",
        "--reason",
        "x",
        "--approver",
        "Ada",
    ];
    assert_eq!(remote.run(&add).code, 0);
    let ended = remote.run(&["exempt", "end", "2"]);
    assert!(ended.stdout.starts_with("commit 4: exemption 2, "), "{}", ended.stderr);
    assert_eq!(remote.run(&["exempt", "end", "2"]).code, 2, "it has ended");
    assert_eq!(remote.run(&["job", "add", "prune"]).code, 0);

    must_agree(&remote, &data, resource);
}

fn parsed(run: &Run) -> Json {
    serde_json::from_str(&run.stdout).unwrap()
}

/// The same data; fractions may differ in the last digit, which reading them from text costs.
#[track_caller]
fn must_be_same(theirs: &Json, ours: &Json, at: &str) {
    match (theirs, ours) {
        (Json::Object(a), Json::Object(b)) => {
            assert!(a.keys().eq(b.keys()), "{at}: {theirs} {ours}");
            a.iter().for_each(|(name, it)| must_be_same(it, &b[name], &format!("{at} {name}")));
        }
        (Json::Array(a), Json::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}: {theirs} {ours}");
            a.iter().zip(b).for_each(|(a, b)| must_be_same(a, b, at));
        }
        (Json::Number(a), Json::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{at}: {a} {b}");
        }
        _ => assert_eq!(theirs, ours, "{at}"),
    }
}

/// What both say of an estate must be the same, tables to the letter.
fn must_agree(remote: &Remote, data: &str, resource: &str) {
    let verbs: &[&[&str]] = &[
        &["score"],
        &["score", "--at", "1"],
        &["score", "--history"],
        &["score", "--standard", "mcsb-v1"],
        &["score", "--standard", "mcsb-v1", "--at", "1"],
        &["score", "--standard", "mcsb-v1", "--history"],
        &["diff", "0"],
        &["diff", "1", "2"],
        &["changes"],
        &["changes", "--after", "1"],
        &["audit", "list"],
        &["exempt", "list"],
        &["exempt", "list", "--all"],
        &["what-if", "--fixed", "azure.storage.secure-transfer"],
        &["show", resource],
        &["show", resource, "--at", "1"],
        &["show", resource, "--history"],
        &["coverage"],
        &["coverage", "--at", "1"],
        &["query", KINDS],
        &["query", KINDS, "--at", "1"],
        &["query", WAYS],
    ];
    for verb in verbs {
        for format in ["table", "json"] {
            let mut all = verb.to_vec();
            all.extend(["--format", format]);
            let theirs = remote.run(&all);
            all.extend(["--data", data]);
            let ours = merlon(&all);
            assert_eq!((theirs.code, &theirs.stderr), (ours.code, &ours.stderr), "{verb:?}");
            if format == "table" {
                assert_eq!(theirs.stdout, ours.stdout, "{verb:?}");
            } else {
                must_be_same(&parsed(&theirs), &parsed(&ours), &format!("{verb:?}"));
            }
            assert!(!ours.stdout.trim().is_empty(), "{verb:?}");
        }
    }
    for format in ["csv", "ndjson"] {
        let theirs = remote.run(&["query", KINDS, "--format", format]);
        let ours = merlon(&["query", KINDS, "--format", format, "--data", data]);
        assert_eq!(theirs.stdout, ours.stdout, "{format}");
    }
    let standard = ["report", "mcsb-v1", "--format", "csv"];
    must_print_the_same(
        remote,
        data,
        &[
            &["report", "posture", "--format", "csv"],
            &standard,
            &[&standard[..], &["--at", "1"]].concat(),
            &["content", "list"],
            &["content", "list", "kinds"],
            &["content", "list", "standards"],
            &["content", "list", "controls"],
            &["content", "show", "azure.storage.secure-transfer"],
            &["content", "show", "azure.storage-account"],
            &["content", "show", "mcsb-v1"],
            &["schema"],
            &["schema", "--json"],
            &["schema", "AzureStorageAccount"],
        ],
    );
    let page = remote.run(&["report", "posture"]).stdout;
    assert!(page.starts_with("<!doctype html>"), "{page:.100}");
    let why = remote.run(&["explain", resource]).stdout;
    assert!(why.contains("\nunhealthy     ") && why.contains("\n              fix: "), "{why}");
    assert!(remote.run(&["explain", "score"]).stdout.starts_with("Score "));
    let check = remote.run(&["explain", "azure.storage.secure-transfer"]).stdout;
    assert!(check.contains(" healthy, "), "{check}");
    let verdict = remote.run(&["audit", "verify"]);
    assert!(verdict.stdout.starts_with("the audit log is whole: "), "{}", verdict.stderr);
    assert_eq!(verdict.stdout, merlon(&["audit", "verify", "--data", data]).stdout);
    for state in ["ready", "done"] {
        let theirs = remote.run(&["job", "list", "--state", state]);
        let ours = merlon(&["job", "list", "--state", state, "--data", data]);
        assert_eq!(theirs.stdout, ours.stdout, "{state}");
    }
}

#[test]
fn an_export_that_is_sent_is_the_export_that_is_read_here() {
    let home = folder("remote-import");
    let [here, there] = ["here", "there"].map(|it| home.join(it).to_string_lossy().into_owned());
    let sample = checkout().join("examples/larkspur-freight").to_string_lossy().into_owned();
    let server = Server::start(&["--data", &there]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let remote = Remote::new(&team, &home);
    let ours = merlon(&["import", &sample, "--data", &here]);
    let theirs = remote.run(&["import", &sample]);
    assert_eq!((theirs.code, &theirs.stdout), (0, &ours.stdout), "{}", theirs.stderr);
    // Again, and one file alone: what it is called by its folders is the same there.
    let file = format!("{sample}/kubernetes/tracking-prod/services.yaml");
    for path in [&sample, &file] {
        let ours = merlon(&["import", path, "--data", &here]);
        let theirs = remote.run(&["import", path]);
        assert_eq!((theirs.code, &theirs.stdout), (0, &ours.stdout), "{}", theirs.stderr);
    }
    let ids = "MATCH (n:Resource) RETURN n.merlon.id AS id ORDER BY id";
    assert_eq!(remote.json(&["query", ids]), {
        let run = merlon(&["query", ids, "--format", "json", "--data", &here]);
        serde_json::from_str::<Json>(&run.stdout).unwrap()
    });
    let summary = remote.json(&["changes"])[0]["summary"].clone();
    assert_eq!(summary, "import of larkspur-freight");
    let queued = remote.run(&["import", &file, "--queue"]);
    assert!(queued.stdout.starts_with("job "), "{}", queued.stderr);
    let nothing = home.join("nothing.json");
    std::fs::write(&nothing, "[]").unwrap();
    let nothing = nothing.to_string_lossy().into_owned();
    assert_eq!(
        remote.run(&["import", &nothing]).code,
        merlon(&["import", &nothing, "--data", &here]).code
    );
}

#[track_caller]
fn check(run: &Run, why: &str) {
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains(why) && run.stderr.lines().count() == 1, "{}", run.stderr);
}

#[test]
fn what_a_server_refuses_is_one_sentence() {
    let home = folder("remote-refused");
    let data = home.join("data").to_string_lossy().into_owned();
    let server = Server::start(&["--data", &data]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let remote = Remote::new(&team, &home);
    let config = home.join("config").to_string_lossy().into_owned();
    let variables = [("XDG_CONFIG_HOME", config.as_str()), ("MERLON_TOKEN", "")];
    let url = remote.url.as_str();
    check(&merlon_with(&["changes", "--server", url], &variables[..1]), "there is no token for");
    let bad = [variables[0], ("MERLON_TOKEN", "merlon_1_no")];
    check(&merlon_with(&["changes", "--server", url], &bad), "(request ");
    check(&merlon_with(&["changes", "--server", "http://192.0.2.1"], &bad), "https://");
    check(&remote.run(&["list", "resources", "-w", "colour=blue"]), "colour");
    check(&remote.run(&["exempt", "end", "9"]), "there is no such exemption");

    // A token that was kept is found, and nobody else can read it.
    assert_eq!(merlon_with(&["login", url, "--token-file", "/none"], &variables[..1]).code, 2);
    let kept = merlon_with(&["login", url, "--token-file", &remote.token], &variables[..1]);
    assert!(kept.stdout.contains("takes the token of `owner`"), "{}", kept.stderr);
    assert!(!kept.stdout.contains(&team.owner));
    let file = Path::new(&config).join("merlon/servers.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let me = merlon_with(&["api", "GET", "/me", "--server", url], &variables[..1]);
    assert_eq!(serde_json::from_str::<Json>(&me.stdout).unwrap()["account"]["name"], "owner");
    let made = merlon_with(
        &["api", "POST", "/groups", "--data", "{\"name\":\"auditors\"}", "--server", url],
        &variables[..1],
    );
    assert_eq!(serde_json::from_str::<Json>(&made.stdout).unwrap()["name"], json!("auditors"));
    let groups = merlon_with(&["list", "groups", "-f", "csv", "--server", url], &variables[..1]);
    assert!(groups.stdout.starts_with("number,name,claim\r\n1,auditors,"), "{}", groups.stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        check(&merlon_with(&["changes", "--server", url], &variables[..1]), "others may read");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(merlon_with(&["logout", url], &variables[..1]).code, 0);
    check(&merlon_with(&["changes", "--server", url], &variables[..1]), "there is no token for");
}

/// What has no `--format` must be the same to the letter, too.
fn must_print_the_same(remote: &Remote, data: &str, verbs: &[&[&str]]) {
    for verb in verbs {
        let theirs = remote.run(verb);
        let mut all = verb.to_vec();
        if !matches!(verb[0], "content" | "schema") {
            all.extend(["--data", data]);
        }
        let ours = merlon(&all);
        assert_eq!((theirs.code, &theirs.stderr), (ours.code, &ours.stderr), "{verb:?}");
        assert_eq!(theirs.stdout, ours.stdout, "{verb:?}");
        assert!(!ours.stdout.trim().is_empty(), "{verb:?}");
    }
}

/// A check of one's own that finds each pod.
pub(crate) const OWN: &str = "\
id: own.pod.any
title: There is a pod
since: '1'
severity: low
kind: k8s.pod
unhealthy: r.kind IS NOT NULL OR true
evidence: [kind]
control: own-rules
own_control: { id: own-rules, title: Our rules, points: 0, description: Ours. }
why: To see that it counts.
blind_spots: none
fix: { steps: [None.] }
references: [{ url: 'https://example.com/rule', read: '2026-11-22' }]
";

#[test]
fn a_check_is_written_published_and_taken_back_from_afar_as_here() {
    let home = folder("remote-check");
    let [here, there] = ["here", "there"].map(|it| home.join(it).to_string_lossy().into_owned());
    let pods = checkout().join("examples/larkspur-freight/kubernetes");
    let pods = pods.to_string_lossy().into_owned();
    for data in [&here, &there] {
        assert_eq!(merlon(&["import", &pods, "--data", data]).code, 0);
    }
    let server = Server::start(&["--data", &there]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let remote = Remote::new(&team, &home);
    let files = ["good", "more", "bad"].map(|it| home.join(it).to_string_lossy().into_owned());
    let more = OWN.replace("OR true", "OR 1 = 1");
    let bad = OWN.replace("severity: low", "severity: lowish");
    for (file, text) in files.iter().zip([OWN, &more, &bad]) {
        std::fs::write(file, text).unwrap();
    }
    let [good, more, bad] = files.each_ref().map(String::as_str);
    let same = |verb: &[&str], code: i32| {
        let theirs = remote.run(verb);
        let mut all = verb.to_vec();
        all.extend(["--data", &here]);
        let ours = merlon(&all);
        assert_eq!((theirs.code, ours.code), (code, code), "{verb:?} {}", theirs.stderr);
        assert_eq!(theirs.stdout, ours.stdout, "{verb:?}");
        ours.stdout
    };
    same(&["check", "list"], 0);
    assert!(same(&["check", "validate", good], 0).contains("0 of 0 cases hold"));
    assert!(same(&["check", "validate", bad], 2).contains("lowish"));
    assert_eq!(remote.run(&["check", "add", bad]).code, 2);
    assert!(same(&["check", "try", good], 0).contains("\"check\": \"own.pod.any\""));
    same(&["check", "add", good], 0);
    assert!(same(&["check", "add", more], 0).starts_with("version 2 of own.pod.any"));
    assert_eq!(same(&["check", "show", "own.pod.any"], 0), std::fs::read_to_string(more).unwrap());
    assert_eq!(same(&["check", "show", "own.pod.any", "--version", "1"], 0), OWN);
    assert!(same(&["check", "compare", "own.pod.any", "1", "2"], 0).contains("\n- unhealthy: "));
    assert!(same(&["check", "publish", "own.pod.any"], 0).starts_with("commit 2: "));
    let rolled = same(&["check", "publish", "own.pod.any", "--version", "1"], 0);
    assert!(rolled.starts_with("commit 3: "), "{rolled}");
    assert!(same(&["check", "list"], 0).contains("changed"));
    same(&["check", "disable", "own.pod.any"], 0);
    assert!(same(&["check", "delete", "own.pod.any"], 0).starts_with("commit 5: "));
    let versions = remote.run(&["check", "versions", "own.pod.any"]).stdout;
    assert_eq!(versions.lines().count(), 3, "{versions}");
    assert!(versions.trim_end().ends_with("deleted"), "{versions}");
    assert_eq!(remote.run(&["check", "publish", "own.pod.any"]).code, 2);
}

#[test]
fn documents_are_asked_about_and_nothing_of_them_is_kept() {
    let home = folder("remote-what-if");
    let [here, there] = ["here", "there"].map(|it| home.join(it).to_string_lossy().into_owned());
    let before = export(&home.join("a"), true, "hot");
    for data in [&here, &there] {
        assert_eq!(merlon(&["import", &before, "--data", data]).code, 0);
    }
    let server = Server::start(&["--data", &there]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let remote = Remote::new(&team, &home);
    let worse = export(&home.join("b"), false, "cold");
    for options in [&["--now", "2026-11-22"][..], &["--now", "2026-11-22", "--complete"]] {
        let verb = [&["what-if", &worse][..], options].concat();
        let ours = [&verb[..], &["--data", &here]].concat();
        assert_eq!(remote.run(&verb).stdout, merlon(&ours).stdout, "{options:?}");
        let ours = parsed(&merlon(&[&ours[..], &["--format", "json"]].concat()));
        must_be_same(&remote.json(&verb), &ours, "what-if");
        assert_eq!(ours["broken"][0]["check"], "azure.storage.secure-transfer");
    }
    let nothing = home.join("nothing.json");
    std::fs::write(&nothing, "[]").unwrap();
    assert_eq!(remote.run(&["what-if", &nothing.to_string_lossy()]).code, 3);
    assert_eq!(remote.json(&["changes"]).as_array().unwrap().len(), 1, "nothing was committed");
    let done = remote.run(&["job", "list", "--state", "done"]).stdout;
    assert_eq!(done.matches("what-if").count(), 5, "{done}");
    // Whoever may read the whole tenant may ask, and nobody who sees a part of it.
    let whole = team.post("/me/tokens", &json!({ "name": "r", "role": "reader" }))["token"].clone();
    let scope = "/subscriptions/00000000-0000-0000-0000-00000000000a";
    let part = team.with_role("ada", "reader", scope);
    for (token, code) in [(whole.as_str().unwrap(), 0), (part.as_str(), 2)] {
        let file = home.join("reader");
        std::fs::write(&file, token).unwrap();
        let by = ["--server", &remote.url, "--token-file", &file.to_string_lossy()];
        let run = merlon(&[&["what-if", &worse][..], &by].concat());
        assert_eq!(run.code, code, "{}", run.stderr);
    }
}

#[test]
fn what_is_not_asked_of_a_server_says_so_in_one_line() {
    let file = folder("remote-not").join("x").to_string_lossy().into_owned();
    let url = "http://127.0.0.1:9";
    for verb in [
        &["backup", &file][..],
        &["restore", &file],
        &["scan", &file],
        &["serve"],
        &["config", "check"],
        &["key", "new", &file],
        &["content", "check"],
        &["content", "installed"],
        &["generate", "--out", &file],
        &["health"],
    ] {
        // Before the command and after it.
        check(&merlon(&[&["--server", url], verb].concat()), "no server is asked for this: ");
        check(&merlon(&[verb, &["--server", url]].concat()), "no server is asked for this: ");
    }
    assert!(!Path::new(&file).exists());
    check(&merlon(&["changes", "--ca", &file]), "name it with `--server`");
}
