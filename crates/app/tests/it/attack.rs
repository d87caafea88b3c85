//! Attack paths, access and reachability of a server: the same that commands say of the same export.

use serde_json::Value as Json;

use crate::api::Team;
use crate::command::{checkout, folder, merlon};
use crate::server::Server;

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
}
