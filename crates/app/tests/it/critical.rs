//! Two servers that tell each other what was chosen of classifications; decisions on assets to review.

use serde_json::{Value as Json, json};

use crate::api::Team;
use crate::command::{checkout, folder, merlon};
use crate::server::Server;

/// A server with the sample, asked with the token of its owner.
struct Side {
    team: Team,
    url: String,
    token: String,
}

impl Side {
    fn start(name: &str) -> Self {
        let home = folder(name);
        let data = home.join("data").to_string_lossy().into_owned();
        let sample = checkout().join("examples/larkspur-freight").to_string_lossy().into_owned();
        assert_eq!(merlon(&["import", &sample, "--data", &data]).code, 0);
        let server = Server::start(&["--data", &data]);
        server.wait_until_ready();
        let team = Team::begun(server);
        let token = home.join("token");
        std::fs::write(&token, format!("{}\n", team.owner)).unwrap();
        let url = format!("http://{}", team.server.address);
        Self { team, url, token: token.to_string_lossy().into_owned() }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Json>) -> Result<Json, String> {
        let text = body.map(Json::to_string);
        let mut arguments = vec!["api", method, path, "--server", &self.url];
        arguments.extend(["--token-file", &self.token]);
        arguments.extend(text.iter().flat_map(|it| ["--data", it]));
        let run = merlon(&arguments);
        let answer = serde_json::from_str(&run.stdout).unwrap_or(Json::Null);
        if run.code == 0 { Ok(answer) } else { Err(format!("{}{}", run.stdout, run.stderr)) }
    }

    fn add(&self, id: &str, level: &str, predicate: &str) {
        let rule = json!({
            "title": id, "level": level, "assets": "cloudResource", "kinds": ["aws.s3-bucket"],
            "where": predicate,
        });
        let body = json!({ "id": id, "classification": rule });
        self.ask("POST", "/classifications", Some(&body)).unwrap();
    }

    fn choices(&self) -> Json {
        self.ask("GET", "/classifications/choices", None).unwrap()
    }

    /// Takes over what the other side chose: the ids of what won.
    fn take(&self, other: &Self) -> Json {
        let merged = self.ask("POST", "/classifications/choices", Some(&other.choices()));
        merged.unwrap()["taken"].clone()
    }

    /// The ids of the assets that a classification makes critical.
    fn critical(&self, id: &str) -> Vec<String> {
        let path = format!("/critical-assets?classification={id}");
        let found = self.ask("GET", &path, None).unwrap();
        let items = found["items"].as_array().unwrap().iter();
        items.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn two_servers_come_to_the_same_choices_of_classifications() {
    let (a, b) = (Side::start("critical-a"), Side::start("critical-b"));
    a.add("own.labels", "high", "r.merlon.name CONTAINS 'labels'");
    b.add("own.uploads", "veryHigh", "r.merlon.name CONTAINS 'uploads'");
    let off = json!({ "on": false });
    b.ask("PATCH", "/classifications/aws.critical.audit-log-bucket", Some(&off)).unwrap();

    assert_eq!(a.take(&b), json!(["aws.critical.audit-log-bucket", "own.uploads"]));
    assert_eq!(b.take(&a), json!(["own.labels"]));
    assert_eq!(a.choices(), b.choices());
    assert_eq!(a.take(&b), json!([]), "again changes nothing");
    for id in ["own.labels", "own.uploads"] {
        assert_eq!(a.critical(id).len(), 1, "{id}");
        assert_eq!(a.critical(id), b.critical(id));
    }
    assert_eq!(a.critical("aws.critical.audit-log-bucket"), Vec::<String>::new());

    // Both change one: the later change counts on both sides, a deletion too.
    let low = json!({ "on": true, "level": "low" });
    a.ask("PATCH", "/classifications/own.labels", Some(&low)).unwrap();
    b.ask("DELETE", "/classifications/own.labels", None).unwrap();
    b.ask("PATCH", "/classifications/own.uploads", Some(&off)).unwrap();
    a.ask("PATCH", "/classifications/own.uploads", Some(&low)).unwrap();
    assert_eq!(b.take(&a), json!(["own.uploads"]));
    assert_eq!(a.take(&b), json!(["own.labels"]));
    assert_eq!(a.choices(), b.choices());
    assert_eq!(b.critical("own.labels"), Vec::<String>::new());
    assert_eq!(b.critical("own.uploads").len(), 1);

    // What cannot be used here is refused as a whole.
    let before = a.choices();
    let bad = |item: Json| {
        let refused = a.ask("POST", "/classifications/choices", Some(&json!({ "items": [item] })));
        assert!(refused.unwrap_err().contains("422"));
        assert_eq!(a.choices(), before);
    };
    bad(json!({ "id": "aws.critical.no-such", "at": "2026-11-22T00:00:00Z" }));
    bad(json!({ "id": "own.labels", "at": "2226-11-22T00:00:00Z" }));
    let rule = json!({
        "title": "x", "level": "low", "assets": "device", "kinds": ["no.kind"], "where": "true",
    });
    bad(json!({ "id": "own.x", "at": "2026-11-22T00:00:00Z", "own": rule }));
    drop((a.team, b.team));
}

/// Buckets of the sample, found by a rule that is only likely to be right.
const LIKELY: &str = "own.likely";

impl Side {
    fn add_likely(&self) {
        let rule = json!({
            "title": "Any bucket", "level": "medium", "assets": "cloudResource",
            "kinds": ["aws.s3-bucket"], "where": "r.merlon.id IS NOT NULL", "review": true,
        });
        let body = json!({ "id": LIKELY, "classification": rule });
        self.ask("POST", "/classifications", Some(&body)).unwrap();
    }

    /// The ids of assets to review by the rule, decided on in this way.
    fn review(&self, decision: &str) -> Vec<String> {
        let path = format!("/critical-assets/review?classification={LIKELY}&decision={decision}");
        let found = self.ask("GET", &path, None).unwrap();
        let items = found["items"].as_array().unwrap().iter();
        items.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }

    fn decide(&self, body: &Json) -> Result<Json, String> {
        self.ask("POST", "/critical-assets/decisions", Some(body))
    }

    fn run(&self, arguments: &[&str]) -> crate::command::Run {
        let mut all = vec!["review"];
        all.extend(arguments);
        all.extend(["--server", &self.url, "--token-file", &self.token]);
        merlon(&all)
    }
}

#[test]
fn somebody_decides_on_assets_to_review() {
    let side = Side::start("critical-review");
    side.add_likely();
    let open = side.review("undecided");
    let [one, two, three, ..] = open.as_slice() else { panic!("{open:?}") };

    // Several at once; what was decided on leaves the list and can be listed.
    let only = |asset: &str| json!({ "asset": asset, "classifications": [LIKELY] });
    let items = json!([only(one), only(two)]);
    let yes = json!({
        "items": items, "decision": "critical", "level": "veryHigh", "reason": "Customs needs it.",
    });
    let done = side.decide(&yes).unwrap();
    assert_eq!(done["items"], items);
    let no = json!({ "items": [only(three)], "decision": "notCritical", "reason": "A copy." });
    side.decide(&no).unwrap();
    assert_eq!(side.review("undecided").len(), open.len() - 3);
    assert_eq!(side.review("notCritical"), std::slice::from_ref(three));
    assert_eq!(side.review("critical").len(), 2);
    assert_eq!(side.critical(LIKELY).len(), 2);
    let critical = side.ask("GET", "/critical-assets?decision=critical", None).unwrap();
    let decision = &critical["items"][0]["decisions"][0];
    assert_eq!(critical["items"][0]["level"], "veryHigh");
    assert_eq!(critical["items"][0]["can"], json!(["asset.decide"]));
    assert_eq!(
        (&decision["reason"], &decision["by"]),
        (&"Customs needs it.".into(), &"owner".into())
    );
    let path = "/critical-assets/review?decision=critical&decision=undecided";
    let found = side.ask("GET", path, None).unwrap();
    let facet = found["facets"].as_array().unwrap().iter().find(|it| it["name"] == "decision");
    let of = |state: &str| {
        let values = facet.unwrap()["values"].as_array().unwrap().iter();
        values.clone().find(|it| it["value"] == state).map_or(0, |it| it["count"].as_u64().unwrap())
    };
    assert!(of("critical") == 2 && of("notCritical") == 1 && of("undecided") > 0);

    // The asset says it, and so does what reads marks.
    let detail = side.ask("GET", &format!("/resources/{}", one.replace('/', "%2F")), None).unwrap();
    assert_eq!(detail["decisions"][0]["classification"], LIKELY);
    assert_eq!(detail["criticality"], "veryHigh");
    let query = json!({ "query": "MATCH (r) WHERE 'own.likely' IN r.merlon.notCriticalBy RETURN r.merlon.id" });
    let rows = side.ask("POST", "/query", Some(&query)).unwrap();
    assert!(rows.to_string().contains(three.as_str()), "{rows}");

    // What cannot be decided is refused, with the reason.
    let refused = |body: Json, want: &str| {
        let why = side.decide(&body).unwrap_err();
        assert!(why.contains(want), "{why}");
    };
    refused(json!({ "items": [], "decision": "critical", "reason": "x" }), "422");
    refused(json!({ "items": [{ "asset": one }], "decision": "critical", "reason": " " }), "422");
    refused(
        json!({ "items": [{ "asset": "no-such" }], "decision": "critical", "reason": "x" }),
        "404",
    );
    let other = json!({ "asset": one, "classifications": ["aws.critical.audit-log-bucket"] });
    refused(json!({ "items": [other], "decision": "critical", "reason": "x" }), "for review");
    let level = json!({ "items": [{ "asset": one }], "decision": "notCritical", "level": "low", "reason": "x" });
    refused(level, "422");

    // The command line asks the server the same.
    let listed = side.run(&["list", "--decided", "--format", "json"]);
    let listed: Json = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
    assert_eq!(side.run(&["undo", one, two]).code, 0);
    assert_eq!(side.critical(LIKELY), Vec::<String>::new());
    let run = side.run(&[
        "not-critical",
        one,
        "--classification",
        LIKELY,
        "--reason",
        "Nobody misses it",
    ]);
    assert!(run.stdout.contains("1 asset is not critical"), "{}{}", run.stdout, run.stderr);
    assert_eq!(side.review("notCritical").len(), 2);
    drop(side.team);
}

#[test]
fn who_may_decide_on_assets_may_do_so_where_they_may() {
    let team = Team::with_sample("critical-roles");
    let list = "/critical-assets/review?limit=1000";
    let all = team.get(&team.owner, list);
    let items = all["items"].as_array().unwrap();
    let asset = &items[0];
    let (id, scope) = (asset["id"].as_str().unwrap(), asset["scope"].as_str().unwrap());
    let reader = team.with_role("rita", "securityReader", scope);
    let operator = team.with_role("olaf", "securityOperator", scope);
    let body = json!({ "items": [{ "asset": id }], "decision": "critical", "reason": "It is." });
    let ask = |token: &str, body: &Json| {
        let headers = format!("authorization: Bearer {token}\r\n");
        team.server.send("POST", "/api/v1/critical-assets/decisions", &headers, Some(body)).status
    };
    assert_eq!(team.get(&reader, list)["items"][0]["can"], json!([]));
    assert_eq!(team.get(&operator, list)["items"][0]["can"], json!(["asset.decide"]));
    assert_eq!(ask(&reader, &body), 403);
    if let Some(elsewhere) = items.iter().find(|it| it["scope"] != asset["scope"]) {
        let body = json!({ "items": [{ "asset": elsewhere["id"] }], "decision": "critical", "reason": "x" });
        assert_eq!(ask(&operator, &body), 404, "what they do not see is not there");
    }
    assert_eq!(ask(&operator, &body), 200);
}

#[test]
fn the_command_line_decides_on_what_is_kept_here() {
    let data = folder("critical-local").join("data").to_string_lossy().into_owned();
    let sample = checkout().join("examples/larkspur-freight").to_string_lossy().into_owned();
    assert_eq!(merlon(&["import", &sample, "--data", &data]).code, 0);
    let list = |decided: bool| {
        let mut arguments = vec!["review", "list", "--data", &data, "--format", "json"];
        arguments.extend(decided.then_some("--decided"));
        let run = merlon(&arguments);
        serde_json::from_str::<Vec<Json>>(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
    };
    let open = list(false);
    let id = open[0]["id"].as_str().unwrap();
    let run = merlon(&[
        "review",
        "critical",
        id,
        "--level",
        "very-high",
        "--reason",
        "It is",
        "--data",
        &data,
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(list(false).iter().all(|it| it["id"] != id));
    let decided = list(true);
    assert_eq!(
        (&decided[0]["level"], &decided[0]["reason"]),
        (&"veryHigh".into(), &"It is".into())
    );
    let critical = merlon(&["critical", "--data", &data, "--format", "json"]);
    assert!(critical.stdout.contains("decided by cli: It is"), "{}", critical.stdout);
    assert_eq!(merlon(&["review", "undo", id, "--data", &data]).code, 0);
    assert_eq!(list(false).len(), open.len());
    assert_eq!(merlon(&["review", "undo", id, "--data", &data]).code, 2, "nothing is left of it");
}
