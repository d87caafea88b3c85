//! Attack paths, access and reachability of a server: the same that commands say of the same export.

use serde_json::Value as Json;

use crate::api::Team;
use crate::command::{checkout, folder, merlon};
use crate::server::{Server, wait_for};

/// Entry, target and steps of each path.
fn told(answer: &Json) -> Vec<(String, String, Vec<String>)> {
    let id = |it: &Json| it["id"].as_str().unwrap().to_owned();
    let steps = |path: &Json| {
        let steps = path["steps"].as_array().unwrap();
        steps.iter().map(|it| it["step"].as_str().unwrap().to_owned()).collect()
    };
    let paths = answer["paths"].as_array().unwrap();
    let mut told: Vec<_> =
        paths.iter().map(|it| (id(&it["entry"]), id(&it["target"]), steps(it))).collect();
    told.sort();
    told
}

#[test]
fn a_server_knows_the_attack_paths_that_the_command_line_finds() {
    let home = folder("attack-paths");
    let data = home.join("data").to_string_lossy().into_owned();
    let sample = checkout().join("examples/larkspur-freight").to_string_lossy().into_owned();
    let found = merlon(&["--quiet", "paths", &sample, "--format", "json"]);
    assert_eq!(found.code, 0, "{}", found.stderr);
    let ours: Json = serde_json::from_str(&found.stdout).unwrap();
    // The sample has a role that any workflow of the forge may take on, and goes on from there.
    let told_here = told(&ours);
    assert!(told_here.iter().all(|it| it.0 == "internet"), "{told_here:?}");
    assert!(
        told_here.iter().any(|it| it.1 == "aws:111122223333" && it.2.len() > 1),
        "{told_here:?}"
    );

    assert_eq!(merlon(&["import", &sample, "--data", &data]).code, 0);
    let server = Server::start(&["--data", &data]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let token = home.join("token");
    std::fs::write(&token, format!("{}\n", team.owner)).unwrap();
    let (url, token) = (format!("http://{}", team.server.address), token.to_string_lossy());
    let get = |path: &str| -> Json {
        let run = merlon(&["api", "GET", path, "--server", &url, "--token-file", &token]);
        assert_eq!(run.code, 0, "{path}: {}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let theirs = get("/attack-paths");
    assert_eq!(told(&theirs), told_here);

    // The plan cuts everything when it is made.
    let fixes: Vec<String> = theirs["fixPlan"]["fixes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("without={}", it["id"]))
        .collect();
    assert!(!fixes.is_empty());
    let left: Vec<Json> = theirs["fixPlan"]["left"].as_array().unwrap().clone();
    let after = get(&format!("/attack-paths?{}", fixes.join("&")));
    assert_eq!(told(&after).len(), left.len(), "{after}");

    let who = get("/access?what=arn:aws:s3:::tern-depot-uploads-111122223333&action=s3:GetObject");
    let decisions = who["decisions"].as_array().unwrap();
    assert!(decisions.iter().any(|it| it["answer"] == "allowed"), "{who}");
    assert!(decisions.iter().all(|it| it["reasons"].is_array()), "{who}");

    let open = get("/exposure");
    let machine = open["items"].as_array().unwrap().iter().find(|it| it["answer"] == "yes");
    let machine = machine.unwrap()["id"].as_str().unwrap();
    let passes = get(&format!("/reach?from=internet&to={machine}"));
    assert_eq!(passes["answer"], "yes", "{passes}");
    assert!(!passes["hops"].as_array().unwrap().is_empty(), "{passes}");

    let at = |port: u16| get(&format!("/reach?from=internet&to=vm-edi-gw-01&port={port}"));
    for port in [22, 3389] {
        let passes = at(port);
        assert_eq!(passes["ports"], format!("tcp/{port}"), "{passes}");
        assert!(passes["packet"].as_str().unwrap().ends_with(&format!(":{port}")), "{passes}");
    }
    assert_ne!(at(22)["hops"], at(3389)["hops"], "each port is proven by the rule that opens it");
    assert_eq!(at(81)["answer"], "no");
}

/// A small estate with a path from the internet to a role and by that to its account, as files of a folder.
struct Workflow {
    estate: Json,
    folder: std::path::PathBuf,
}

impl Workflow {
    const DETAILS: &str = "222233334444/iam/get-account-authorization-details.json";

    fn written(folder: std::path::PathBuf) -> Self {
        let file = checkout().join("crates/app/tests/estates/aws-anybodys-workflow.json");
        let estate: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let this = Self { estate, folder };
        for (path, document) in this.estate["files"].as_object().unwrap() {
            this.put(path, document);
        }
        this
    }

    fn put(&self, path: &str, document: &Json) {
        let file = self.folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, document.to_string()).unwrap();
    }

    /// Lets workflows of these places take on the role.
    fn trust(&self, subject: &str) {
        let mut details = self.estate["files"][Self::DETAILS].clone();
        let at = "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/0/Condition/StringLike";
        let condition = details.pointer_mut(at).unwrap();
        condition["token.actions.githubusercontent.com:sub"] = subject.into();
        self.put(Self::DETAILS, &details);
    }
}

/// A server with such an estate.
struct Rig {
    team: Team,
    export: Workflow,
    files: String,
    url: String,
    token: String,
}

impl Rig {
    fn begun() -> Self {
        let home = folder("path-history");
        let export = Workflow::written(home.join("export"));
        let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
        let (data, files) = (text(&home.join("data")), text(&export.folder));
        assert_eq!(merlon(&["import", &files, "--data", &data]).code, 0);
        let server = Server::start(&["--data", &data]);
        server.wait_until_ready();
        let team = Team::begun(server);
        let token = home.join("token");
        std::fs::write(&token, format!("{}\n", team.owner)).unwrap();
        let url = format!("http://{}", team.server.address);
        Self { team, export, files, url, token: text(&token) }
    }

    /// Runs a command that asks the server.
    fn remote(&self, arguments: &[&str]) -> String {
        let place = ["--server", &self.url, "--token-file", &self.token];
        let run = merlon(&[arguments, &place].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        run.stdout
    }

    fn get(&self, path: &str) -> Json {
        self.team.get(&self.team.owner, path)
    }

    fn history(&self, query: &str) -> Json {
        self.get(&format!("/attack-paths/history{query}"))
    }

    /// What is kept as of a commit: what is derived in the background lags behind the state for a moment.
    fn history_as_of(&self, commit: u64) -> Json {
        wait_for("attack paths to be kept", || {
            Some(self.history("")).filter(|it| it["asOf"].as_u64() >= Some(commit))
        })
    }
}

/// Target and status of each path of a list.
fn statuses(list: &Json) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    let line = |it: &Json| format!("{} {}", it["target"]["id"], it["status"]).replace('"', "");
    items.iter().map(line).collect()
}

/// The paths of the estate.
fn both(status: &str) -> [String; 2] {
    let targets = ["arn:aws:iam::222233334444:role/deployer", "aws:222233334444"];
    targets.map(|it| format!("{it} {status}"))
}

#[test]
fn a_path_that_a_fix_cuts_is_resolved_and_one_that_comes_back_is_open_again_with_its_history() {
    let rig = Rig::begun();
    let first = rig.history_as_of(1);
    assert_eq!(statuses(&first), both("new"), "{first}");
    let item = &first["items"][1];
    assert_eq!((&item["found"]["commit"], &item["risk"]), (&1.into(), &"critical".into()));
    assert_eq!(item["entry"]["id"], "internet");
    assert!(!item["steps"].as_array().unwrap().is_empty(), "{item}");
    // Today's answer says the same of the path.
    let today = rig.get("/attack-paths");
    for path in today["paths"].as_array().unwrap() {
        assert_eq!((&path["status"], &path["since"]), (&"new".into(), &item["found"]["at"]));
    }

    // Somebody imports something else: that says nothing about the path.
    let other = checkout().join("examples/larkspur-freight/azure/larkspur-corporate");
    rig.remote(&["import", &other.to_string_lossy()]);
    let second = rig.history_as_of(2);
    let here = statuses(&second);
    assert!(both("new").iter().all(|it| here.contains(it)), "{second}");

    rig.export.trust("repo:larkspur/depot:ref:refs/heads/main");
    rig.remote(&["import", &rig.files]);
    rig.history_as_of(3);
    let resolved = rig.history("?status=resolved&q=222233334444");
    assert_eq!(statuses(&resolved), both("resolved"), "{resolved}");
    let item = &resolved["items"][1];
    assert_eq!((&item["found"]["commit"], &item["resolved"]["commit"]), (&1.into(), &3.into()));
    assert_eq!(item["lastSeen"]["commit"], 2, "{item}");

    rig.export.trust("repo:*:ref:refs/heads/main");
    rig.remote(&["import", &rig.files]);
    rig.history_as_of(4);
    let again = rig.history("?target=aws:222233334444");
    assert_eq!(statuses(&again), both("new").get(1..).unwrap(), "{again}");
    let item = &again["items"][0];
    let spans: Vec<(&Json, &Json)> = item["periods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["found"]["commit"], &it["resolved"]["commit"]))
        .collect();
    assert_eq!(spans, [(&1.into(), &3.into()), (&4.into(), &Json::Null)]);
    assert_eq!(item["firstFound"]["commit"], 1);
    let trend = rig.get("/attack-paths/trend");
    let critical = |it: &Json| it["critical"].as_u64().unwrap();
    // A point is where any figure changed: what else was imported may have paths of another level, or none.
    let mut counts: Vec<u64> = trend.as_array().unwrap().iter().map(critical).collect();
    counts.dedup();
    assert_eq!(counts, [2, 0, 2], "{trend}");
    in_every_form(&rig, item);
}

/// Filtered, as lines, in a table, by the command line, page by page, and for whom it is not.
fn in_every_form(rig: &Rig, item: &Json) {
    let history = |query: &str| rig.history(query);
    assert_eq!(history("?risk=low&target=aws:222233334444")["total"], 0);
    let until = item["periods"][0]["found"]["at"].as_str().unwrap();
    assert_eq!(history(&format!("?to={until}"))["total"], 2);
    assert_eq!(history("?foundSince=2100-01-01T00:00:00Z")["total"], 0);
    let one = history("?target=aws:222233334444");
    let facets = one["facets"].as_array().unwrap();
    assert!(facets.iter().any(|it| it["name"] == "risk" && it["values"][0]["count"] == 1));
    let lines = rig.remote(&["list", "path-history", "-w", "status=new", "--format", "ndjson"]);
    assert!(lines.contains("aws:222233334444"), "{lines}");
    let server = &rig.team.server;
    let header = format!("authorization: Bearer {}\r\naccept: text/csv\r\n", rig.team.owner);
    let csv = server.get_with("/api/v1/attack-paths/history", &header);
    assert!(csv.body.contains("status,risk,proven,entry,target"), "{}", csv.body);
    assert!(csv.body.contains("new,critical,true,internet,aws:222233334444"), "{}", csv.body);

    // A page holds what it is asked for, and the next one goes on behind it.
    let all = statuses(&history(""));
    let (mut paged, mut query) = (Vec::new(), "?limit=1".to_owned());
    loop {
        let page = history(&query);
        paged.extend(statuses(&page));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=1&cursor={next}");
    }
    assert_eq!(paged, all);

    // Paths cross scopes: who sees one of them sees no path, in whatever form.
    let narrow = rig.team.with_role("narrow", "securityReader", "aws:222233334444");
    let header = format!("authorization: Bearer {narrow}\r\n");
    for path in ["/attack-paths/history", "/attack-paths/trend"] {
        let answer = server.get_with(&format!("/api/v1{path}"), &header);
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
    }
}
