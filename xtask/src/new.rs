//! `cargo xtask new`: the two files of one more check or kind, to be filled in.

use std::fs;

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{root, say};

/// Writes the files for `check <id> <kind>` or `kind <id> <service>`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check", id, kind] => check(id, kind),
        ["kind", id, service] => kind(id, service),
        _ => bail!(
            "say `new check <cloud>.<service>.<slug> <kind>` or `new kind <cloud>.<slug> <service>`"
        ),
    }
}

fn check(id: &str, kind: &str) -> Result<()> {
    let words: Vec<&str> = id.split('.').collect();
    let [cloud, service, slug] = words.as_slice() else {
        bail!("`{id}` is not <cloud>.<service>.<slug>");
    };
    ensure!(words.iter().all(|word| is_slug(word)), "`{id}`: lower-case letters, digits, hyphens");
    let stem = format!("content/checks/{cloud}/{service}/{slug}");
    write(&format!("{stem}.check.yaml"), &CHECK.replace("{{id}}", id).replace("{{kind}}", kind))?;
    write(&format!("{stem}.case.yaml"), CHECK_CASES)
}

fn kind(id: &str, service: &str) -> Result<()> {
    let Some((cloud, slug)) = id.split_once('.') else { bail!("`{id}` is not <cloud>.<slug>") };
    let words = [cloud, slug, service];
    ensure!(words.iter().all(|word| is_slug(word)), "`{id}`: lower-case letters, digits, hyphens");
    let stem = format!("content/kinds/{cloud}/{service}/{slug}");
    let collect = if cloud == "aws" { AWS_COLLECT } else { "" };
    let text = KIND.replace("{{id}}", id).replace("{{collect}}", collect);
    write(&format!("{stem}.kind.yaml"), &text)?;
    write(&format!("{stem}.case.yaml"), &KIND_CASES.replace("{{id}}", id))
}

fn is_slug(word: &str) -> bool {
    !word.is_empty()
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn write(path: &str, text: &str) -> Result<()> {
    let file = root().join(path);
    ensure!(!file.exists(), "{path} exists already");
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder of {path}"))?;
    }
    fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
    say(&format!("wrote {path}; `merlon content check` says what is still missing"));
    Ok(())
}

const CHECK: &str = "\
id: {{id}}
title:                      # names the problem, not the remedy
status: preview             # stable once it has been read on real data
since: \"0.1\"
severity: medium            # critical | high | medium | low
kind: {{kind}}
unhealthy: coalesce(r.properties.name, true)    # a missing value is unknown: state the cloud's default
evidence: [properties.name]
control: remediate-security-configurations
standards: {}
techniques: []
why:                        # what an attacker or an accident does with it, in our own words
blind_spots:                # what the check cannot see; none must be said
fix:
  steps: []
references: []              # - { url: \"https://...\", read: 2026-01-31 }
";

const CHECK_CASES: &str = "\
- name: the setting is wrong
  resource: { properties: { name: true } }
  want: { verdict: unhealthy }
- name: the setting is right
  resource: { properties: { name: false } }
  want: { verdict: healthy }
- name: the setting is left at its default
  resource: { properties: {} }
  want: { verdict: unhealthy }
- name: the setting was not read
  resource: {}
  unread: [properties]
  want: { verdict: unknown }
";

const KIND: &str = "\
id: {{id}}
title:                      # singular, for people
native:                     # the cloud's own type
status: preview
since: \"0.1\"
labels: []                  # cross-cloud classes
{{collect}}edges: []
secrets: []
references: []              # - { url: \"https://...\", read: 2026-01-31 }
";

const AWS_COLLECT: &str = "\
identity:
  id: \"{Arn}\"
  name: Name
collect:
  list: { operation: service/list-things, items: Things }
";

const KIND_CASES: &str = "\
- name: one as the API gives it
  files: {}
  want:
    resources: [{ id: \"\", kind: {{id}} }]
    edges: []
";

#[cfg(test)]
mod tests {
    use super::is_slug;

    #[test]
    fn a_slug_is_lower_case() {
        assert!(is_slug("s3-bucket"));
        assert!(!is_slug("S3"));
        assert!(!is_slug(""));
    }
}
