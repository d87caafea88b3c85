//! Two servers that tell each other what was chosen of classifications.

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
