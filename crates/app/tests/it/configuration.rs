//! The configuration and the master key, as an operator works with them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command::{Run, checkout, folder, merlon, merlon_with_input};

/// Runs `merlon` with variables.
#[expect(clippy::disallowed_methods, reason = "the test runs the product as a process")]
fn merlon_in(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_merlon"))
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn check_tells_all_problems_at_once() {
    let folder = folder("config-check");
    let file = written(
        &folder,
        "m.toml",
        "[server]\nlisten = 7070\nconection = 4\n[store]\ndata = \"d\"\ndatabase = \"postgres://x\"\n",
    );
    let run = merlon_in(
        &["config", "check", "--config", &file],
        &[("MERLON__LOG__FROMAT", "json"), ("MERLON__LOG__LEVEL", "loud")],
    );
    assert_eq!(run.code, 2);
    for part in [
        "m.toml:2:1: `server.listen`: expected an address and a port",
        "m.toml:3:1: there is no setting `server.conection`; did you mean `connections`?",
        "MERLON__LOG__FROMAT: there is no variable `MERLON__LOG__FROMAT`; did you mean `MERLON__LOG__FORMAT`?",
        "MERLON__LOG__LEVEL: `log.level`: expected a level",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
}

#[test]
fn settings_that_exclude_each_other_are_told() {
    let folder = folder("config-both");
    let file = written(&folder, "m.toml", "[store]\ndata = \"d\"\ndatabase = \"postgres://x\"\n");
    let run = merlon(&["config", "check", "--config", &file]);
    assert!(
        run.stdout.contains("`store.data` and `store.database` are both set"),
        "{}",
        run.stdout
    );
    // A place on the command line replaces both.
    let run = merlon(&["config", "check", "--config", &file, "--data", "elsewhere"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn show_says_where_each_value_comes_from_and_no_secret() {
    let folder = folder("config-show");
    fs::write(folder.join("merlon.toml"), "[worker]\nconcurrency = 3\n").unwrap();
    let data = folder.to_string_lossy().into_owned();
    let run = merlon_in(&["config", "show", "--data", &data], &[("MERLON__LOG__FORMAT", "json")]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in [
        "concurrency = \"3\" ",
        "merlon.toml:2:1",
        "# environment MERLON__LOG__FORMAT",
        "# command line --data",
        "# default",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    let url = "postgres://merlon:hunter2@db/merlon";
    let run = merlon_in(&["config", "show"], &[("MERLON__STORE__DATABASE", url)]);
    assert!(run.stdout.contains("database = \"[redacted]\""), "{}", run.stdout);
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
}

#[test]
fn a_password_is_sealed_used_and_moved_to_a_new_key() {
    let folder = folder("config-key");
    let key = folder.join("master.key").to_string_lossy().into_owned();
    assert_eq!(merlon(&["key", "new", &key]).code, 0);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = b"postgres://merlon:hunter2@db/merlon\n";
    let seal = ["key", "seal", "store.database", "--master-key-file", &key];
    let sealed = merlon_with_input(&seal, secret);
    assert_eq!(sealed.code, 0, "{}", sealed.stderr);
    let text = format!("# ours\n[store]\ndatabase = '{}' # sealed\n", sealed.stdout.trim());
    let file = written(&folder, "m.toml", &text);
    let place = ["--config", &file, "--master-key-file", &key];
    let check = |code: i32| {
        let run = merlon(&[&["config", "check"], &place[..]].concat());
        assert_eq!(run.code, code, "{}", run.stdout);
        run.stdout
    };
    check(0);
    // A new key in front: both open; after rotation only the new one is needed.
    assert_eq!(merlon(&["key", "new", &key]).code, 0);
    check(0);
    let rotated = merlon(&[&["key", "rotate"], &place[..]].concat());
    assert_eq!(rotated.code, 0, "{}", rotated.stderr);
    let now = fs::read_to_string(&file).unwrap();
    assert!(now.starts_with("# ours\n[store]\ndatabase = \"enc:v1:"), "{now}");
    assert!(now.ends_with("\" # sealed\n"), "{now}");
    let keys = fs::read_to_string(&key).unwrap();
    let (new, old) = keys.split_once('\n').unwrap();
    fs::write(&key, format!("{new}\n")).unwrap();
    check(0);
    fs::write(&key, old).unwrap();
    assert!(check(2).contains("which is not there"));
    fs::write(&key, format!("{new}\n")).unwrap();
    // A changed digit does not open.
    fs::write(&file, now.replacen("\" #", "0\" #", 1)).unwrap();
    assert!(check(2).contains("`store.database`: the sealed value is damaged"));
}

#[test]
fn a_key_that_others_can_read_or_a_back_up_would_take_is_refused() {
    let folder = folder("config-key-place");
    let key = folder.join("master.key").to_string_lossy().into_owned();
    assert_eq!(merlon(&["key", "new", &key]).code, 0);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let run = merlon(&["config", "check", "--master-key-file", &key]);
    assert!(run.stdout.contains("others can read the key file"), "{}", run.stdout);
    assert!(run.stdout.contains("(mode 640)"), "{}", run.stdout);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let data = folder.to_string_lossy().into_owned();
    let run = merlon(&["config", "check", "--data", &data, "--master-key-file", &key]);
    assert!(run.stdout.contains("lies in the data folder"), "{}", run.stdout);
    let key_text = fs::read_to_string(&key).unwrap();
    let file = written(&folder, "m.toml", &format!("[key]\nmaterial = \"{}\"\n", key_text.trim()));
    let run = merlon(&["config", "check", "--config", &file]);
    assert!(run.stdout.contains("does not belong beside what it protects"), "{}", run.stdout);
}

#[test]
fn a_systemd_credential_and_the_environment_give_the_key_as_well() {
    let folder: PathBuf = folder("config-credential");
    let key = folder.join("merlon-master-key").to_string_lossy().into_owned();
    assert_eq!(merlon(&["key", "new", &key]).code, 0);
    let sealed =
        merlon_with_input(&["key", "seal", "store.database", "--master-key-file", &key], b"secret");
    let file =
        written(&folder, "m.toml", &format!("[store]\ndatabase = '{}'\n", sealed.stdout.trim()));
    let check = ["config", "check", "--config", &file];
    assert_eq!(merlon(&check).code, 2);
    let directory = folder.to_string_lossy().into_owned();
    assert_eq!(merlon_in(&check, &[("CREDENTIALS_DIRECTORY", &directory)]).code, 0);
    let text = fs::read_to_string(&key).unwrap();
    assert_eq!(merlon_in(&check, &[("MERLON__KEY__MATERIAL", text.trim())]).code, 0);
}

#[test]
fn the_program_describes_all_that_the_reference_pages_hold() {
    for subject in ["configuration", "metrics"] {
        let page = merlon(&["reference", subject]).stdout;
        let path = checkout().join(format!("docs/reference/{subject}.md"));
        let kept = fs::read_to_string(path).unwrap_or_default();
        assert!(kept == page, "docs/reference/{subject}.md is stale: `cargo xtask gen`");
    }
}
