//! `cargo xtask dist`: what a release is made of, and whether it can be made again.
//!
//! In: the checkout. Out, in `target/dist`: an archive with the program (portal and content within), its packaging
//! and its manual; the list of everything that it is made of (`CycloneDX`); checksums, and with `--key` their signature.
//! The same checkout gives the same bytes: paths of the machine are taken out, times are those of the commit, archives
//! are sorted. `--again` builds in another folder and compares.

mod checksums;
mod sbom;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{capture, capture_in, pass, pass_in, root, say};

/// Files that stand beside the program in the archive, by their place in the checkout.
const BESIDE: [&str; 8] = [
    "LICENSE",
    "NOTICE",
    "README.md",
    "CHANGELOG.md",
    "docs/how-to/operate.md",
    "docs/reference/configuration.md",
    "packaging/systemd/merlon.service",
    "packaging/compose",
];

/// What the arguments ask for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    /// Build once more elsewhere, and compare.
    again: bool,
    /// Sign the checksums with this key.
    key: Option<PathBuf>,
    /// Only write the list of parts, to this file.
    sbom: Option<PathBuf>,
}

fn wish(arguments: &[String]) -> Result<Wish> {
    let mut wish = Wish::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut file = || rest.next().map(PathBuf::from).context("which file?");
        match argument.as_str() {
            "--again" => wish.again = true,
            "--key" => wish.key = Some(file()?),
            "--sbom" => wish.sbom = Some(file()?),
            other => {
                bail!("`cargo xtask dist` takes --again, --key FILE, --sbom FILE; not `{other}`")
            }
        }
    }
    Ok(wish)
}

/// Makes everything.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let wish = wish(arguments)?;
    let epoch = capture("git", &["log", "-1", "--format=%ct"])?.trim().to_owned();
    if let Some(file) = &wish.sbom {
        return fs::write(file, list_of_parts(&epoch)?).context("the list cannot be written");
    }
    let target = root().join("target/dist");
    if target.exists() {
        fs::remove_dir_all(&target).context("target/dist cannot be emptied")?;
    }
    fs::create_dir_all(&target).context("target/dist cannot be made")?;
    let program = build(&root(), &root().join("target/dist-build"), &epoch)?;
    let host = capture("rustc", &["--print", "host-tuple"])?.trim().to_owned();
    let name = format!("merlon-{}-{host}", env!("CARGO_PKG_VERSION"));
    let stage = target.join(&name);
    assemble(&stage, &program)?;
    let archive = format!("{name}.tar.gz");
    pack(&target, &name, &archive, &epoch)?;
    let list = format!("{name}.cdx.json");
    fs::write(target.join(&list), list_of_parts(&epoch)?)?;
    let sums = checksums::of(&target, &[&archive, &list])?;
    fs::write(target.join("SHA256SUMS"), &sums)?;
    if let Some(key) = &wish.key {
        let (program, sums) = (text(&program)?, target.join("SHA256SUMS"));
        pass(program, &["key", "sign", text(&sums)?, "--key", text(key)?], &[])?;
    }
    fs::remove_dir_all(&stage).context("the stage cannot be removed")?;
    say(&sums);
    if wish.again {
        compare(&program, &epoch)?;
    }
    Ok(())
}

/// The list of everything that the program is made of.
fn list_of_parts(epoch: &str) -> Result<String> {
    let metadata = capture(
        "cargo",
        &["metadata", "--format-version", "1", "--locked", "--filter-platform", LINUX],
    )?;
    let read = |path: &str| fs::read_to_string(root().join(path)).with_context(|| path.to_owned());
    let portal = read("portal/package-lock.json")?;
    sbom::write(&metadata, &read("Cargo.lock")?, &portal, epoch.parse().context("no time")?)
}

const LINUX: &str = "x86_64-unknown-linux-gnu";

/// Builds the program of the checkout in `source`, without a trace of where; gives its path.
fn build(source: &Path, target: &Path, epoch: &str) -> Result<PathBuf> {
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir().context("there is no home")?.join(".cargo"),
    };
    let flags = flags(source, &cargo_home);
    let variables = [
        ("CARGO_TARGET_DIR", text(target)?),
        ("CARGO_ENCODED_RUSTFLAGS", &flags),
        ("CARGO_INCREMENTAL", "0"),
        ("SOURCE_DATE_EPOCH", epoch),
        // A release without its portal would be none.
        ("MERLON_PORTAL", "required"),
    ];
    let arguments = ["build", "--release", "--locked", "--package", "app"];
    pass_in(source, "cargo", &arguments, &variables)?;
    Ok(target.join("release/merlon"))
}

/// Flags of the compiler that take the folders of this machine out of the program.
fn flags(source: &Path, cargo_home: &Path) -> String {
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    [remap(source, "/merlon"), remap(cargo_home, "/cargo")].join("\u{1f}")
}

/// Builds once more in a copy with another name and compares the bytes.
fn compare(first: &Path, epoch: &str) -> Result<()> {
    let copy = root().join("target/dist-again/a-checkout-with-a-longer-name");
    if copy.exists() {
        fs::remove_dir_all(&copy).context("the copy cannot be removed")?;
    }
    fs::create_dir_all(&copy).context("the copy cannot be made")?;
    self::copy(".", &copy)?;
    let second = build(&copy, &root().join("target/dist-again/target"), epoch)?;
    let [one, two] = [first, &second].map(checksums::of_file);
    let (one, two) = (one?, two?);
    ensure!(one == two, "two builds differ: {one} and {two}");
    say(&format!("built twice in different folders, the same bytes: {one}"));
    Ok(())
}

/// Lays out what the archive holds.
fn assemble(stage: &Path, program: &Path) -> Result<()> {
    fs::create_dir_all(stage.join("share")).context("the stage cannot be made")?;
    fs::copy(program, stage.join("merlon")).context("the program cannot be copied")?;
    for path in BESIDE {
        copy(path, stage)?;
    }
    let program = text(program)?;
    fs::write(stage.join("share/merlon.1"), capture_in(stage, program, &["man"])?)?;
    for shell in ["bash", "zsh", "fish"] {
        let script = capture_in(stage, program, &["completions", shell])?;
        fs::write(stage.join(format!("share/merlon.{shell}")), script)?;
    }
    Ok(())
}

/// Copies a file of the checkout, or a folder with what git knows of it: secrets of who builds lie there, too.
fn copy(path: &str, to: &Path) -> Result<()> {
    let known = capture("git", &["ls-files", "-z", "--", path])?;
    let known: Vec<&str> = known.split('\0').filter(|it| !it.is_empty()).collect();
    ensure!(!known.is_empty(), "git knows nothing of `{path}`");
    for path in known {
        let to = to.join(path);
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::copy(root().join(path), &to).with_context(|| format!("cannot copy {path}"))?;
    }
    Ok(())
}

/// An archive whose bytes depend on what is in it alone.
fn pack(folder: &Path, name: &str, archive: &str, epoch: &str) -> Result<()> {
    let tar = archive.strip_suffix(".gz").unwrap_or(archive);
    let time = format!("--mtime=@{epoch}");
    let arguments = [
        "--create",
        "--format=ustar",
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=u+rw,go+r-w,a+X",
        &time,
        "--file",
        tar,
        name,
    ];
    pass_in(folder, "tar", &arguments, &[])?;
    pass_in(folder, "gzip", &["--no-name", "--best", "--force", tar], &[])
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path is no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_the_machine_are_taken_out() {
        let flags = flags(Path::new("/home/ada/merlon"), Path::new("/home/ada/.cargo"));
        let flags: Vec<&str> = flags.split('\u{1f}').collect();
        assert_eq!(
            flags,
            [
                "--remap-path-prefix=/home/ada/merlon=/merlon",
                "--remap-path-prefix=/home/ada/.cargo=/cargo"
            ]
        );
    }

    #[test]
    fn everything_that_stands_beside_the_program_exists() {
        for path in BESIDE {
            assert!(root().join(path).exists(), "{path}");
        }
    }

    #[test]
    fn only_what_git_knows_is_copied() {
        let to = root().join("target/dist-copy-test");
        drop(fs::remove_dir_all(&to));
        copy("packaging/compose", &to).unwrap();
        assert!(to.join("packaging/compose/compose.yaml").exists());
        copy("target", &to).unwrap_err();
    }

    #[test]
    fn an_archive_depends_on_what_is_in_it_alone() {
        let base = root().join("target/dist-test");
        drop(fs::remove_dir_all(&base));
        let sums = ["one", "two-with-a-longer-name"].map(|folder| {
            let folder = base.join(folder);
            let names = if folder.ends_with("one") { ["a", "b"] } else { ["b", "a"] };
            fs::create_dir_all(folder.join("m")).unwrap();
            for name in names {
                fs::write(folder.join("m").join(name), name).unwrap();
            }
            pack(&folder, "m", "m.tar.gz", "1700000000").unwrap();
            checksums::of_file(&folder.join("m.tar.gz")).unwrap()
        });
        assert_eq!(sums[0], sums[1]);
    }

    #[test]
    fn arguments_are_understood_or_refused() {
        let read = |text: &str| wish(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let key = Some(PathBuf::from("k"));
        assert_eq!(read("--again --key k").unwrap(), Wish { again: true, key, sbom: None });
        read("--key").unwrap_err();
        read("--agian").unwrap_err();
    }
}
