//! Content that comes in signed files, from making it to a server that judges by it; and a server that is measured.

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::api::Team;
use crate::command::{Run, checkout, folder, merlon};
use crate::server::Server;

const CHECK: &str = "azure.storage.secure-transfer";

/// A folder to work in, with the built-in check of another severity as content.
struct Desk {
    place: PathBuf,
}

impl Desk {
    fn new(name: &str, severity: &str) -> Self {
        let desk = Self { place: folder(name) };
        desk.write(severity);
        desk
    }

    /// Changes the severity of the check in the folder of content.
    fn write(&self, severity: &str) {
        let below = "checks/azure/storage";
        let to = self.place.join("mine").join(below);
        std::fs::create_dir_all(&to).unwrap();
        for end in ["check.yaml", "case.yaml"] {
            let name = format!("secure-transfer.{end}");
            let text = std::fs::read_to_string(checkout().join("content").join(below).join(&name));
            let lines: Vec<String> = text
                .unwrap()
                .lines()
                .map(|it| match it.strip_prefix("severity: ") {
                    Some(_) => format!("severity: {severity}"),
                    None => it.to_owned(),
                })
                .collect();
            std::fs::write(to.join(&name), lines.join("\n") + "\n").unwrap();
        }
    }

    fn at(&self, name: &str) -> String {
        self.place.join(name).to_string_lossy().into_owned()
    }

    /// Runs `merlon content ...` with names of this folder for words that begin with `@`.
    fn content(&self, words: &str) -> Run {
        let words: Vec<String> = words
            .split(' ')
            .map(|it| it.strip_prefix('@').map_or_else(|| it.to_owned(), |name| self.at(name)))
            .collect();
        merlon(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[test]
fn signed_content_comes_into_force_and_goes_back() {
    let desk = Desk::new("bundle", "low");
    assert_eq!(desk.content("key pair @key").code, 0);
    assert_eq!(desk.content("key pair @other").code, 0);
    let made = desk.content("content bundle @mine --key @key -o @one --version 1");
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    desk.write("critical");
    let made = desk.content("content bundle @mine --key @key -o @two --version 2");
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    assert_eq!(desk.content("key verify @two --trust @key.pub").code, 0);

    // Nothing that the key did not sign, as it was signed.
    let strange = desk.content("content update @two --trust @other.pub --data @data");
    assert!(strange.code == 2 && strange.stderr.contains("another key"), "{}", strange.stderr);
    std::fs::copy(desk.at("two.minisig"), desk.at("mixed.minisig")).unwrap();
    std::fs::copy(desk.at("one"), desk.at("mixed")).unwrap();
    let mixed = desk.content("content update @mixed --trust @key.pub --data @data");
    assert!(mixed.code == 2 && mixed.stderr.contains("it was changed"), "{}", mixed.stderr);
    let none = desk.content("content installed --data @data");
    assert_eq!(none.stdout, "what is built in\n", "{}", none.stderr);

    let taken = desk.content("content update @two --trust @key.pub --data @data");
    assert_eq!(taken.code, 0, "{}{}", taken.stdout, taken.stderr);
    let older = desk.content("content update @one --trust @key.pub --data @data");
    assert!(older.code == 2 && older.stderr.contains("is older than 2"), "{}", older.stderr);
    let older = desk.content("content update @one --trust @key.pub --data @data --older");
    assert_eq!(older.code, 0, "{}{}", older.stdout, older.stderr);
    let severity = |desk: &Desk| {
        let server = Server::start(&["--data", &desk.at("data")]);
        server.wait_for_part("graph", "loaded");
        let team = Team::begun(server);
        let check = team.get(&team.owner, &format!("/content/checks/{CHECK}"));
        let word = check["severity"].as_str().unwrap().to_owned();
        // The audit log names what came into force.
        let log = team.get(&team.owner, "/audit");
        let actions: Vec<&Json> =
            log["items"].as_array().unwrap().iter().map(|it| &it["action"]).collect();
        assert_eq!(actions.iter().filter(|it| **it == "content.update").count(), 2, "{actions:?}");
        word
    };
    assert_eq!(severity(&desk), "low");
    let back = desk.content("content roll-back --data @data");
    assert_eq!(back.code, 0, "{}", back.stderr);
    let installed = desk.content("content installed --data @data");
    assert_eq!(installed.stdout, "version 2\nbefore that: version 1\n");
    // Content that is named counts more than what is installed; what is damaged is not used.
    std::fs::write(desk.place.join("data/content/2.bundle"), "merlon-content 1\n{}\nrubbish")
        .unwrap();
    let damaged = desk.content("import @mine --data @data");
    assert!(damaged.code == 2 && damaged.stderr.contains("damaged"), "{}", damaged.stderr);
    assert_eq!(desk.content("content remove --data @data").code, 0);
    assert_eq!(desk.content("content installed --data @data").stdout, "what is built in\n");
}

#[test]
fn a_running_server_is_measured_beside_its_floor() {
    let team = Team::with_sample("bench-http");
    let token = folder("bench-http-token").join("token");
    std::fs::write(&token, &team.owner).unwrap();
    let url = format!("http://{}", team.server.address);
    let words = ["bench", "http", "--url", &url, "--token-file", token.to_str().unwrap()];
    let few = ["--runs", "4", "--clients", "2", "--crowd", "4", "--seconds", "1"];
    let run = merlon(&[&words[..], &few[..]].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    for said in
        ["floor: an answer", "search: a word", "worst p95", "4 clients for 1 s", "memory of"]
    {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    // Every kind of request was answered as it should be.
    let kinds = run.stdout.lines().filter(|it| it.ends_with("  200: 4")).count();
    assert_eq!(kinds, 16, "{}", run.stdout);
}
