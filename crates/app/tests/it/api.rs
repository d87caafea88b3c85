//! The interface as a team meets it: the first account, tokens, what who sees, decisions that count.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};

use serde_json::{Value as Json, json};

use crate::command::{checkout, folder, merlon};
use crate::server::{Answer, Server, wait_for};

/// One export of the sample estate.
const EXPORT: &str = "examples/larkspur-freight/kubernetes/tracking-prod/services.yaml";
pub(crate) const PASSWORD: &str = "nine blue lamps at sea";

/// A server with its owner.
pub(crate) struct Team {
    pub(crate) server: Server,
    /// A token of the owner.
    pub(crate) owner: String,
    /// Header lines of the owner's session: tokens cannot make tokens.
    session: String,
}

impl Team {
    pub(crate) fn with_sample(name: &str) -> Self {
        let data = folder(name).join("data").to_string_lossy().into_owned();
        let sample = checkout().join("examples/larkspur-freight");
        let sample = sample.to_string_lossy().into_owned();
        assert_eq!(merlon(&["import", &sample, "--data", &data]).code, 0);
        let server = Server::start(&["--data", &data]);
        server.wait_until_ready();
        Self::begun(server)
    }

    pub(crate) fn begun(server: Server) -> Self {
        let session = first_account(&server);
        let token = json!({ "name": "test", "role": "owner" });
        let fresh = server.send("POST", "/api/v1/me/tokens", &session, Some(&token));
        assert_eq!(fresh.status, 201, "{}", fresh.body);
        let fresh: Json = serde_json::from_str(&fresh.body).unwrap();
        let owner = fresh["token"].as_str().unwrap().to_owned();
        Self { server, owner, session }
    }

    fn ask(&self, token: &str, method: &str, path: &str, body: Option<&Json>) -> Answer {
        let headers = format!("authorization: Bearer {token}\r\n");
        self.server.send(method, &format!("/api/v1{path}"), &headers, body)
    }

    pub(crate) fn get(&self, token: &str, path: &str) -> Json {
        let answer = self.ask(token, "GET", path, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Json {
        let path = format!("/api/v1{path}");
        let answer = self.server.send("POST", &path, &self.session, Some(body));
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// A token of somebody new with a role on one scope.
    pub(crate) fn with_role(&self, name: &str, role: &str, scope: &str) -> String {
        let user =
            self.post("/users", &json!({ "name": name, "displayName": name, "kind": "service" }));
        let number = user["number"].as_u64().unwrap();
        self.post("/grants", &json!({ "account": number, "role": role, "scope": scope }));
        let token = json!({ "name": "test", "role": role });
        let fresh = self.post(&format!("/users/{number}/tokens"), &token);
        fresh["token"].as_str().unwrap().to_owned()
    }
}

/// Follows the link that the server printed; gives header lines of the owner's session.
pub(crate) fn first_account(server: &Server) -> String {
    let secret = wait_for("the link for the first account", || {
        let text = server.output();
        let (_, rest) = text.split_once("/set-up#")?;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    let body = json!({
        "secret": secret, "name": "owner", "displayName": "The Owner", "password": PASSWORD,
    });
    let origin = format!("origin: http://{}\r\n", server.address);
    let made = server.send("POST", "/api/v1/set-up", &origin, Some(&body));
    assert_eq!(made.status, 201, "{}", made.body);
    let again = server.send("POST", "/api/v1/set-up", &origin, Some(&body));
    assert_eq!(again.status, 403, "a link counts once: {}", again.body);
    let line = made.head.lines().find(|it| it.starts_with("set-cookie: ")).unwrap();
    let cookie = line.strip_prefix("set-cookie: ").unwrap().split(';').next().unwrap();
    format!("cookie: {cookie}\r\nsec-fetch-site: same-origin\r\n")
}

fn encoded(id: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    id.bytes().map(escape).collect()
}

#[test]
fn a_decision_counts_when_it_is_answered() {
    let team = Team::with_sample("api-decision");
    let list = team.get(&team.owner, "/recommendations?state=unhealthy&limit=1");
    let check = list["items"][0]["id"].as_str().unwrap().to_owned();
    let before = team.get(&team.owner, &format!("/recommendations/{check}"));
    assert!(before["counted"]["unhealthy"].as_u64().unwrap() > 0);

    let exemption = json!({
        "category": "mitigated", "target": { "check": check }, "place": "everywhere",
        "reason": "a wall stands before it", "approver": "Ada",
    });
    let decided = team.post("/exemptions", &exemption);
    let after = team.get(&team.owner, &format!("/recommendations/{check}"));
    assert_eq!(after["counted"]["unhealthy"], 0, "{after}");
    assert_eq!(after["judged"], before["judged"], "a decision changes no verdict");
    let number = decided["exemption"].as_u64().unwrap();

    let stale = "if-match: \"other\"\r\n";
    let headers = format!("authorization: Bearer {}\r\n{stale}", team.owner);
    let path = format!("/api/v1/exemptions/{number}/end");
    assert_eq!(team.server.send("POST", &path, &headers, None).status, 412);
    let ended = team.ask(&team.owner, "POST", &format!("/exemptions/{number}/end"), None);
    assert_eq!(ended.status, 200, "{}", ended.body);
    let again = team.get(&team.owner, &format!("/recommendations/{check}"));
    assert_eq!(again["counted"], before["counted"]);

    let log = team.get(&team.owner, "/audit");
    let actions: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert!(
        actions.contains(&"exemption.add") && actions.contains(&"exemption.end"),
        "{actions:?}"
    );
}

/// A scope with something in it that is judged, below others where there is one.
fn some_scope(team: &Team) -> String {
    let scopes = team.get(&team.owner, "/scopes");
    let all = scopes["items"].as_array().unwrap();
    let scored: Vec<&Json> = all.iter().filter(|it| it["score"].is_object()).collect();
    let inner = scored.iter().find(|it| it["depth"] != 0);
    inner.unwrap_or(&scored[0])["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_preview_tells_nothing_of_what_is_not_seen() {
    let team = Team::with_sample("api-preview");
    let token = team.with_role("admin", "securityAdmin", &some_scope(&team));
    let seen = ids(&lines(&team, &token, "/resources"));
    let all = ids(&lines(&team, &team.owner, "/resources"));
    let hidden = all.iter().find(|it| !seen.contains(*it)).unwrap();
    let wish = |id: &str| {
        json!({
            "category": "waiver", "target": "everything", "place": { "resource": id },
            "reason": "x", "approver": "x",
        })
    };
    for path in ["/exemptions/preview", "/exemptions"] {
        let ask = |id: &str| {
            let answer = team.ask(&token, "POST", path, Some(&wish(id)));
            let mut body: Json = serde_json::from_str(&answer.body).unwrap();
            body.as_object_mut().unwrap().remove("requestId");
            (answer.status, body)
        };
        assert_eq!(ask(hidden), ask("there-is-no-such-resource"), "{path}");
        assert_eq!(ask(hidden).0, 404, "{path}");
    }
    let own = seen.first().unwrap();
    let preview = team.ask(&token, "POST", "/exemptions/preview", Some(&wish(own)));
    assert_eq!(preview.status, 200, "{}", preview.body);
    let decided = team.ask(&token, "POST", "/exemptions", Some(&wish(own)));
    assert_eq!(decided.status, 201, "{}", decided.body);
    let decided: Json = serde_json::from_str(&decided.body).unwrap();
    assert!(decided["exemption"].is_u64() && decided["score"].is_null(), "{decided}");
    let jobs = team.get(&team.owner, "/jobs?kind=decide");
    assert!(jobs["items"][0]["result"]["score"].is_object(), "{jobs}");
    let job = team.get(&token, &format!("/jobs/{}", jobs["items"][0]["number"]));
    assert!(job["result"]["score"].is_null(), "the score of the tenant is not theirs: {job}");
}

#[test]
fn what_is_refused_is_logged() {
    let team = Team::with_sample("api-refused");
    let token = team.with_role("curious", "reader", &some_scope(&team));
    assert_eq!(team.ask(&token, "GET", "/audit", None).status, 403);
    team.server.wait_for_words("`audit.read` was refused to curious: forbidden");
    let question = json!({ "query": "MATCH (n) RETURN n" });
    assert_eq!(team.ask(&token, "POST", "/query", Some(&question)).status, 403);
    team.server.wait_for_words("`query.run` was refused to curious: forbidden");
    let grant = json!({ "account": 1, "role": "owner", "scope": "elsewhere" });
    assert_eq!(team.ask(&token, "POST", "/grants", Some(&grant)).status, 403);
    assert_eq!(team.ask("merlon_1_ab", "GET", "/me", None).status, 401);
    team.server.wait_for_words("`token.own` was refused to nobody: signed-out");
    let hidden = team.ask(&token, "GET", "/resources/elsewhere/versions", None);
    assert_eq!(hidden.status, 404, "{}", hidden.body);
    assert!(!team.server.log().contains(&token), "and no secret with it");
}

#[test]
fn nobody_sees_beyond_their_scopes() {
    let team = Team::with_sample("api-sight");
    let own = &*some_scope(&team);
    let token = team.with_role("reader", "reader", own);
    let all: Vec<Json> = lines(&team, &team.owner, "/resources");
    let seen: BTreeSet<String> = ids(&lines(&team, &token, "/resources"));
    assert!(!seen.is_empty() && seen.len() < all.len(), "{} of {}", seen.len(), all.len());
    let hidden: Vec<String> = ids(&all).into_iter().filter(|it| !seen.contains(it)).collect();

    for path in [
        "/resources",
        "/assessments",
        "/recommendations",
        "/scopes",
        "/score",
        "/standards",
        "/exemptions",
        "/content/checks",
    ] {
        let body = team.get(&token, path).to_string();
        for id in &hidden {
            let quoted = Json::from(id.as_str()).to_string();
            assert!(!body.contains(&quoted), "{path} names {id}");
        }
    }
    for id in hidden.iter().take(5) {
        let answer = team.ask(&token, "GET", &format!("/resources/{}", encoded(id)), None);
        assert_eq!(answer.status, 404, "{id}: {}", answer.body);
        let answer = team.ask(&token, "GET", &format!("/resources/{}/versions", encoded(id)), None);
        assert_eq!(answer.status, 404, "{id}: {}", answer.body);
        let exemption = json!({
            "category": "waiver", "target": "everything", "place": { "resource": id },
            "reason": "x", "approver": "x",
        });
        assert_ne!(team.ask(&token, "POST", "/exemptions", Some(&exemption)).status, 201);
    }
    for id in seen.iter().take(5) {
        team.get(&token, &format!("/resources/{}", encoded(id)));
    }
    // What concerns the tenant as a whole is refused, and so is a question of the whole graph.
    for path in ["/audit", "/changes", "/users", "/settings", "/jobs"] {
        assert_eq!(team.ask(&token, "GET", path, None).status, 403, "{path}");
    }
    let question = json!({ "query": "MATCH (n) RETURN n.merlon.id" });
    assert_eq!(team.ask(&token, "POST", "/query", Some(&question)).status, 403);
    let rows = team.post("/query", &json!({ "query": "MATCH (n:Resource) RETURN count(n) AS n" }));
    assert!(rows["rows"][0][0].as_u64().unwrap() > 0);
}

#[test]
fn a_stream_tells_what_changes_and_does_not_hold_the_server_back() {
    let mut team = Team::with_sample("api-events");
    let headers = format!("authorization: Bearer {}\r\nlast-event-id: 0\r\n", team.owner);
    let mut stream = team.server.open("/api/v1/events", &headers);
    let mut lines = BufReader::new(&mut stream).lines().map_while(Result::ok);
    let event = lines.find(|it| it.starts_with("data: ")).unwrap();
    assert_eq!(event, "data: {\"sequence\":1}");
    team.server.signal("TERM");
    assert!(lines.any(|it| it == "0"), "the last chunk: the stream ended in order");
    assert_eq!(team.server.ended().code(), Some(0));
}

/// All items of a list, as lines.
fn lines(team: &Team, token: &str, path: &str) -> Vec<Json> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = team.get(token, &format!("{path}?limit=100{cursor}"));
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else {
            assert_eq!(items.len() as u64, page["total"].as_u64().unwrap());
            return items;
        };
        cursor = format!("&cursor={next}");
    }
}

fn ids(items: &[Json]) -> BTreeSet<String> {
    items.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_upload_becomes_a_commit() {
    let data = folder("api-upload").join("data").to_string_lossy().into_owned();
    let server = Server::start(&["--data", &data]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let file = checkout().join(EXPORT);
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = std::fs::read_to_string(&file).unwrap();
    let headers = format!(
        "authorization: Bearer {}\r\ncontent-type: application/octet-stream\r\n",
        team.owner
    );
    let path = format!("/api/v1/imports?name={}", encoded(&name));
    let answer = team.server.send_text("POST", &path, &headers, &bytes);
    assert_eq!(answer.status, 202, "{}", answer.body);
    let job: Json = serde_json::from_str(&answer.body).unwrap();
    let number = job["number"].as_u64().unwrap();
    let done = wait_for("the job", || {
        let job = team.get(&team.owner, &format!("/jobs/{number}"));
        (job["state"] == "done" || job["error"].is_string()).then_some(job)
    });
    assert_eq!(done["state"], "done", "{done}");
    let sequence = done["result"]["sequence"].as_u64().unwrap();
    let list = team.get(&team.owner, &format!("/resources?wait={sequence}"));
    assert!(list["total"].as_u64().unwrap() > 0, "{list}");
    let csv = format!("authorization: Bearer {}\r\naccept: text/csv\r\n", team.owner);
    let table = team.server.get_with("/api/v1/resources", &csv);
    assert!(table.head.contains("text/csv"), "{}", table.head);
    assert!(table.body.contains("id,name,kind,cloud"), "{}", table.body);
}

#[test]
fn lists_say_when_evidence_what_would_do_and_previews_take_several_places() {
    let team = Team::with_sample("api-asks");
    let get = |path: &str| team.get(&team.owner, path);
    let functions = get("/schema")["functions"].clone();
    let about = |name: &str| {
        let all = functions.as_array().unwrap();
        all.iter().find(|it| it["name"] == name).unwrap()["signature"].clone()
    };
    assert_eq!(about("round"), "round(number[, digits])");
    assert_eq!(about("daysSince"), "daysSince(instant)");

    let check = "azure.storage.secure-transfer";
    let open = get(&format!("/assessments?check={check}&verdict=unhealthy"));
    let found = open["items"].as_array().unwrap();
    let commit = &get("/changes")["items"][0];
    assert_eq!(
        (&found[0]["since"], &found[0]["sinceAt"], &found[0]["firstSeenAt"]),
        (&json!(1), &commit["at"], &commit["at"])
    );
    let id = found[0]["resource"]["id"].as_str().unwrap();
    let detail = get(&format!("/resources/{}/assessments/{check}", encoded(id)));
    let evidence = &detail["evidence"][0];
    assert_eq!(
        (&evidence["path"], &evidence["value"], &evidence["wanted"]),
        (&json!("properties.supportsHttpsTrafficOnly"), &json!(false), &json!("= true"))
    );
    assert_eq!(detail["sinceAt"], commit["at"]);

    // Two places together.
    let scope = found[0]["resource"]["scope"].as_str().unwrap();
    let all = get("/assessments?verdict=unhealthy&limit=1000");
    let elsewhere = |it: &&Json| it["resource"]["scope"] != scope;
    let other = all["items"].as_array().unwrap().iter().find(elsewhere).unwrap();
    let other = other["resource"]["id"].as_str().unwrap();
    let fixed = |place: &str, more: &[&str]| {
        let places: Vec<Json> = more.iter().map(|it| json!({ "resource": it })).collect();
        let body = json!({
            "category": "mitigated", "target": "everything", "place": { "resource": place },
            "places": places, "reason": "seen", "approver": "Ada",
        });
        let found = team.post("/exemptions/preview", &body);
        found["fixed"].as_u64().unwrap()
    };
    let (one, two) = (fixed(id, &[]), fixed(other, &[]));
    assert!(one > 0 && two > 0);
    assert_eq!(fixed(id, &[other]), one + two);
}

#[test]
fn exemptions_are_found_by_what_they_are_about() {
    let team = Team::with_sample("api-exemptions");
    let get = |path: &str| team.get(&team.owner, path);
    let check = "azure.storage.secure-transfer";
    let found = get(&format!("/assessments?check={check}&verdict=unhealthy"))["items"][0].clone();
    let id = found["resource"]["id"].as_str().unwrap();
    let scope = found["resource"]["scope"].as_str().unwrap();
    let all = get("/assessments?verdict=unhealthy&limit=1000");
    let elsewhere = |it: &&Json| it["resource"]["scope"] != scope;
    let other = all["items"].as_array().unwrap().iter().find(elsewhere).unwrap();
    let other = other["resource"]["id"].as_str().unwrap();
    let add = |target: Json, place: Json, reason: &str, until: Option<&str>| {
        let mut new = json!({
            "category": "waiver", "target": target, "place": place, "reason": reason,
            "approver": "Ada",
        });
        if let Some(until) = until {
            new["until"] = until.into();
        }
        team.post("/exemptions", &new);
    };
    add(json!({ "check": check }), json!({ "resource": id }), "until the move", None);
    add(
        json!("everything"),
        json!({ "scope": scope }),
        "a laboratory",
        Some("2999-01-01T00:00:00Z"),
    );
    let control = get(&format!("/recommendations/{check}"))["control"].clone();
    add(json!({ "control": control }), json!("everywhere"), "for all", None);
    team.post("/exemptions/3/end", &json!({}));
    let numbers = |query: &str| {
        let found = get(&format!("/exemptions?{query}"))["items"].clone();
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["number"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let (id, scope) = (encoded(id), encoded(scope));
    for (query, wanted) in [
        (String::new(), &[3, 2, 1][..]),
        ("active=true".to_owned(), &[2, 1]),
        ("active=false".to_owned(), &[3]),
        ("category=mitigated".to_owned(), &[]),
        ("q=LAB".to_owned(), &[2]),
        (format!("check={check}"), &[3, 2, 1]),
        (format!("check={check}&active=true&q=move"), &[1]),
        (format!("control={}", control.as_str().unwrap()), &[3, 2, 1]),
        ("control=no-such-control".to_owned(), &[2]),
        (format!("resource={id}"), &[3, 2, 1]),
        (format!("resource={}", encoded(other)), &[3]),
        (format!("scope={scope}"), &[3, 2, 1]),
        ("endsBefore=2999-06-01T00:00:00Z&active=true".to_owned(), &[2]),
    ] {
        assert_eq!(numbers(&query), wanted, "{query}");
    }
}

#[test]
fn a_role_on_a_management_group_counts_in_its_subscriptions() {
    let home = folder("api-groups");
    let data = home.join("data").to_string_lossy().into_owned();
    let row = |n: u8, group: &str| {
        json!({
            "id": format!("/subscriptions/s{n}"), "type": "microsoft.resources/subscriptions",
            "name": format!("sub{n}"),
            "properties": { "managementGroupAncestorsChain": [{ "name": group }, { "name": "root" }] },
        })
    };
    let account = |n: u8| {
        json!({
            "id": format!("/subscriptions/s{n}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a{n}"),
            "name": format!("a{n}"), "type": "microsoft.storage/storageaccounts",
            "properties": { "supportsHttpsTrafficOnly": false },
        })
    };
    let group = |name: &str| {
        json!({
            "id": format!("/providers/Microsoft.Management/managementGroups/{name}"), "name": name,
            "type": "microsoft.management/managementgroups",
            "properties": { "details": { "managementGroupAncestorsChain": [{ "name": "root" }] } },
        })
    };
    let rows = json!({ "data": [
        row(1, "corp"), row(2, "labs"), account(1), account(2), group("corp"), group("labs"),
    ] });
    let file = home.join("rows.json");
    std::fs::write(&file, rows.to_string()).unwrap();
    assert_eq!(merlon(&["import", &file.to_string_lossy(), "--data", &data]).code, 0);
    let server = Server::start(&["--data", &data]);
    server.wait_until_ready();
    let team = Team::begun(server);
    let groups = "/providers/microsoft.management/managementgroups/";
    for (name, wanted) in [("corp", &["a1"][..]), ("labs", &["a2"]), ("root", &["a1", "a2"])] {
        let token = team.with_role(&format!("reader-{name}"), "reader", &format!("{groups}{name}"));
        let found = team.get(&token, "/resources?kind=azure.storage-account");
        let names: Vec<&str> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, wanted, "{name}");
    }
}
