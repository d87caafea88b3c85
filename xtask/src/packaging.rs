//! What holds the files in `packaging/` true: names in them are names of the program, they parse, and what they point
//! at is there.
//!
//! The chart is rendered by a small renderer of our own (`chart`), which knows the part of Helm's language that the chart
//! uses and refuses the rest; with `helm` at hand, `helm lint packaging/helm/merlon` says more.

mod chart;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value as Json;

use crate::process::{is_there, pass, root};
use crate::tidy::files_below;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(text: &str) -> Json {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The settings of the program, as `section.name`, and their variables.
fn settings() -> (BTreeSet<String>, BTreeSet<String>) {
    let page = read("docs/reference/configuration.md");
    let quoted = |line: &str, before: &str| {
        Some(line.strip_prefix(before)?.trim_end().strip_suffix('`')?.to_owned())
    };
    let names = page.lines().filter_map(|it| quoted(it, "### `")).collect();
    let variables = page.lines().filter_map(|it| quoted(it, "- environment: `")).collect();
    (names, variables)
}

/// How pages write the variable of any setting.
const ANY: &str = "MERLON__SECTION__KEY";

/// The variables of settings that a text names, whole: those that a template completes are left out.
fn variables_in(text: &str) -> BTreeSet<String> {
    let is_part = |it: char| it.is_ascii_uppercase() || it == '_' || it.is_ascii_digit();
    text.split("MERLON__")
        .skip(1)
        .map(|rest| rest.chars().take_while(|it| is_part(*it)).collect::<String>())
        .map(|name| format!("MERLON__{name}"))
        .filter(|it| !it.ends_with('_') && it != ANY)
        .collect()
}

/// The settings that a TOML text sets.
fn settings_in(text: &str) -> BTreeSet<String> {
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let names = table.iter().flat_map(|(section, it)| {
        let keys = it.as_table().unwrap_or_else(|| panic!("`{section}` is no section")).keys();
        keys.map(move |key| format!("{section}.{key}"))
    });
    names.collect()
}

/// Pieces of a page that are fenced as `kind`.
fn fenced(page: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let parts = page.split(&fence).skip(1);
    parts.map(|it| it.split("```").next().unwrap_or_default().to_owned()).collect()
}

const PAGES: [&str; 2] = ["docs/how-to/operate.md", "docs/how-to/run-the-server.md"];

#[test]
fn every_setting_that_is_named_exists() {
    let (names, variables) = settings();
    assert!(names.contains("tls.certificate") && variables.contains("MERLON__TLS__KEY"));
    let mut texts: Vec<(String, String)> = files_below(&root(), "packaging", "")
        .unwrap()
        .into_iter()
        .map(|it| (it.path, it.text))
        .collect();
    texts.extend(PAGES.map(|it| (it.to_owned(), read(it))));
    for (path, text) in &texts {
        let unknown: Vec<String> = variables_in(text).difference(&variables).cloned().collect();
        assert!(unknown.is_empty(), "{path} names {unknown:?}");
    }
    for page in PAGES {
        for example in fenced(&read(page), "toml") {
            let unknown: Vec<String> = settings_in(&example).difference(&names).cloned().collect();
            assert!(unknown.is_empty(), "{page} names {unknown:?}");
        }
    }
}

/// Options that stand behind `merlon` in a text, with where.
fn options_in(text: &str) -> BTreeSet<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|it| !it.trim_start().starts_with("ARG "));
    let of_merlon = lines.filter_map(|line| {
        let at = [
            "merlon serve",
            "merlon health",
            "\"health\"",
            "\"serve\"",
            "merlon content",
            "merlon key",
            "merlon backup",
            "merlon restore",
            "merlon config",
            "merlon job",
            "merlon audit",
            "merlon bench",
        ]
        .iter()
        .filter_map(|it| line.find(it))
        .min()?;
        let (_, rest) = line.split_at_checked(at)?;
        Some(rest.split(['|', ';']).next()?.to_owned())
    });
    let words = of_merlon.flat_map(|it| {
        let words = it.split([' ', '"', ',', '`', '[', ']', ')', '(']).map(str::to_owned);
        words.collect::<Vec<_>>()
    });
    let options = words.filter_map(|it| {
        let name =
            it.strip_prefix("--")?.split('=').next()?.trim_end_matches(['.', ':']).to_owned();
        (!name.is_empty()).then_some(name)
    });
    options.collect()
}

#[test]
fn every_option_that_is_named_exists() {
    let sources =
        ["crates/app/src/cli.rs", "crates/app/src/cli/kept.rs", "crates/app/src/config.rs"];
    let mut known: String = sources.map(read).join("\n");
    for file in files_below(&root(), "crates/app/src/cli", ".rs").unwrap() {
        known.push_str(&file.text);
    }
    for path in PAGES.into_iter().chain([
        "packaging/container/Containerfile",
        "packaging/compose/compose.yaml",
        "packaging/systemd/merlon.service",
        "packaging/helm/merlon/templates/workload.yaml",
    ]) {
        for option in options_in(&read(path)) {
            let field = format!("pub(crate) {}:", option.replace('-', "_"));
            let bare = format!("{}: ", option.replace('-', "_"));
            let is_known = known.contains(&field)
                || known.lines().any(|it| it.trim_start().starts_with(&bare))
                || known.contains(&format!("long = \"{option}\""));
            assert!(is_known || option == "help", "{path} names the option --{option}");
        }
    }
}

#[test]
fn the_unit_is_sound() {
    let unit = read("packaging/systemd/merlon.service");
    assert!(unit.contains("ExecStart=/usr/bin/merlon serve "));
    if !is_there("systemd-analyze", &["--version"]) {
        return;
    }
    let folder = root().join("target/unit-test");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("merlon.service");
    // The program is not installed where tests run: one that is stands in for it.
    fs::write(&file, unit.replace("/usr/bin/merlon", "/bin/true")).unwrap();
    let file = file.to_str().unwrap();
    pass("systemd-analyze", &["verify", file], &[]).unwrap();
    // 0 is best, 100 is open to everything: a hole fails here.
    pass(
        "systemd-analyze",
        &["security", "--offline=true", "--threshold=15", "--no-pager", file],
        &[],
    )
    .unwrap();
}

#[test]
fn the_compose_file_holds_together() {
    let file = yaml(&read("packaging/compose/compose.yaml"));
    let script = read("packaging/compose/new-secrets.sh");
    let keys = |it: &Json| -> BTreeSet<String> {
        it.as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default()
    };
    let texts = |it: &Json| -> BTreeSet<String> {
        let list = it.as_array().cloned().unwrap_or_default();
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let (secrets, volumes, networks) =
        (keys(&file["secrets"]), keys(&file["volumes"]), keys(&file["networks"]));
    for (name, service) in file["services"].as_object().unwrap() {
        assert!(texts(&service["secrets"]).is_subset(&secrets), "{name}");
        assert!(texts(&service["networks"]).is_subset(&networks), "{name}");
        for volume in texts(&service["volumes"]) {
            let volume = volume.split(':').next().unwrap().to_owned();
            assert!(volumes.contains(&volume), "{name}: {volume}");
        }
        let image = service["image"].as_str().unwrap();
        assert!(image.contains(':') && (name == "merlon" || !image.contains("latest")), "{image}");
        assert!(texts(&service["security_opt"]).contains("no-new-privileges:true"), "{name}");
    }
    for (name, secret) in file["secrets"].as_object().unwrap() {
        let path = secret["file"].as_str().unwrap();
        assert_eq!(path, format!("secrets/{name}"));
        assert!(script.contains(name.as_str()), "new-secrets.sh makes no {name}");
    }
    let merlon = &file["services"]["merlon"];
    assert_eq!(merlon["read_only"], true);
    assert_eq!(texts(&merlon["cap_drop"]), BTreeSet::from(["ALL".to_owned()]));
    let build = &merlon["build"];
    assert!(root().join(build["dockerfile"].as_str().unwrap()).exists());
    // What the script writes is a configuration.
    let toml = script.split("<<TOML\n").nth(1).unwrap().split("\nTOML").next().unwrap();
    let (names, _) = settings();
    let written = settings_in(
        &toml.replace("$(cat database-password)", "x").replace("$host:${MERLON_PORT:-7070}", "h"),
    );
    assert!(!written.is_empty() && written.is_subset(&names), "{written:?}");
}

#[test]
fn the_script_for_secrets_makes_them_once() {
    if !is_there("openssl", &["version"]) {
        return;
    }
    let folder = root().join("target/secrets-test");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    fs::copy(root().join("packaging/compose/new-secrets.sh"), folder.join("new-secrets.sh"))
        .unwrap();
    let run = || {
        let script = folder.join("new-secrets.sh");
        pass("bash", &[script.to_str().unwrap(), "merlon.example.org"], &[]).unwrap();
        let mut made: Vec<(String, Vec<u8>)> = fs::read_dir(folder.join("secrets"))
            .unwrap()
            .map(|it| it.unwrap())
            .map(|it| (it.file_name().into_string().unwrap(), fs::read(it.path()).unwrap()))
            .collect();
        made.sort();
        made
    };
    let first = run();
    let names: Vec<&str> = first.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(
        names,
        ["database-password", "merlon-master-key", "merlon.toml", "tls-certificate", "tls-key"]
    );
    let key = String::from_utf8(first[1].1.clone()).unwrap();
    let (id, digits) = key.trim_end().split_once(' ').unwrap();
    assert!(
        id.starts_with('k') && digits.len() == 64,
        "an id and 64 digits, as `merlon key new` writes"
    );
    assert!(first.iter().all(|it| !it.1.is_empty()));
    assert_eq!(run(), first, "what is there stays");
}

#[test]
fn the_image_is_made_of_what_is_there() {
    let file = read("packaging/container/Containerfile").replace("\\\n", " ");
    let lines: Vec<&str> = file.lines().filter(|it| !it.trim_start().starts_with('#')).collect();
    let last = lines.iter().rposition(|it| it.starts_with("FROM ")).unwrap();
    for line in &lines {
        if let Some(rest) = line.strip_prefix("FROM ") {
            let image = rest.split(' ').next().unwrap();
            assert!(image.contains(':') && !image.ends_with(":latest"), "{image} has no version");
        }
        let is_of_context = line.starts_with("COPY ") && !line.contains("--from=");
        for source in line.split_whitespace().skip(1).filter(|_| is_of_context) {
            assert!(source.starts_with('.') && root().join(source).exists(), "{line}");
        }
        // What a stage takes of the sources must be there, too.
        if let Some(rest) = line.strip_prefix("COPY --from=build ") {
            let sources: Vec<&str> = rest.split_whitespace().collect();
            for source in sources.iter().filter_map(|it| it.strip_prefix("/src/")) {
                assert!(source.starts_with("target/") || root().join(source).exists(), "{source}");
            }
        }
    }
    let image = lines[last..].join("\n");
    assert!(image.contains("\nUSER 65532:65532"), "the program does not run as root");
    assert!(!image.contains("\nRUN "), "there is no shell in the image");
    assert!(image.contains("CMD [\"/usr/bin/merlon\", \"health\""));
    let ignored = read("packaging/container/Containerfile.containerignore");
    assert!(ignored.contains("**/target"), "build folders of the machine stay out");
    let rust = read("Cargo.toml");
    let version = file.lines().find_map(|it| it.strip_prefix("ARG RUST=")).unwrap();
    assert!(rust.contains(&format!("rust-version = \"{version}\"")), "{version}");
}
