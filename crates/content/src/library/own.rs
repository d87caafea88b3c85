//! Checks that people write themselves, on top of what the program brings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::Cases;
use super::{ContentProblem, Library, Shared, unknown};
use crate::case::CheckCase;
use crate::check::Check;
use crate::standard::Control;
use crate::yaml;

/// How the ids of checks begin that people wrote themselves: nothing that comes with the program has it, now or
/// in a later version.
pub const OWN_PREFIX: &str = "own.";
/// Bytes of a check of one's own: far more than any has.
pub const MOST_OWN_TEXT: usize = 64 * 1024;
/// Bytes of its cases.
pub const MOST_OWN_CASES: usize = 256 * 1024;
/// Characters of an id.
const MOST_ID: usize = 100;
/// Points that a control of one's own may be worth: as many as the greatest that comes with the program.
const MOST_POINTS: f64 = 10.0;

/// A check that somebody wrote, with its cases.
#[derive(Debug, Clone)]
pub struct OwnCheck {
    /// The check.
    pub check: Arc<Check>,
    /// Its cases; may be none.
    pub cases: Arc<Vec<CheckCase>>,
}

impl Library {
    /// The same library with these checks that people wrote, and no others of that sort. It shares everything
    /// else, and costs what there are checks.
    ///
    /// What does not fit the content any more is left out, and named: the id and why.
    #[must_use]
    pub fn with_own(&self, own: &[OwnCheck]) -> (Self, Vec<(String, String)>) {
        let shared = Arc::clone(&self.shared);
        let (mut checks, mut controls) = (shared.checks.clone(), shared.controls.clone());
        let (mut own_cases, mut problems) = (BTreeMap::new(), Vec::new());
        // Controls first: a check may count in one that another check brings along.
        for it in own {
            if let Some(control) = &it.check.own_control {
                controls.entry(control.id.clone()).or_insert_with(|| control.clone());
            }
        }
        for it in own {
            let id = &it.check.id;
            let (found, is_usable) = shared.reference_problems(&it.check, &controls);
            problems.extend(found.into_iter().map(|message| (id.clone(), message)));
            if let Some(message) = another_control(&it.check, own.iter().map(|it| &it.check)) {
                problems.push((id.clone(), message));
            }
            if is_usable {
                checks.insert(id.clone(), Arc::clone(&it.check));
                let cases = Cases::read(it.cases.as_ref().clone());
                own_cases.insert(id.clone(), Arc::new(cases));
            }
        }
        checks.sort_unstable_keys();
        (Self { shared, checks, controls, own_cases }, problems)
    }

    /// Whether a check is one that somebody wrote.
    pub fn is_own(&self, id: &str) -> bool {
        self.own_cases.contains_key(id)
    }

    /// The check that a text holds, as a file of content would: for one that is not in the library.
    ///
    /// # Errors
    /// The text is no check, or names what is not there; `file` is only named in the problems.
    pub fn read_check(&self, file: &str, text: &[u8]) -> Result<Check, Vec<ContentProblem>> {
        let check: Check = yaml::parse(text).map_err(|error| vec![error.of(file)])?;
        let mut controls = self.controls.clone();
        if let Some(control) = &check.own_control {
            controls.insert(control.id.clone(), control.clone());
        }
        let (mut messages, _) = self.shared.reference_problems(&check, &controls);
        messages.extend(another_control(&check, self.checks.values()));
        if messages.is_empty() {
            return Ok(check);
        }
        Err(messages.into_iter().map(|message| problem(file, text, message)).collect())
    }

    /// A check that somebody wrote, with its cases (a list as in a case file, or nothing).
    ///
    /// # Errors
    /// All that is wrong, each with its place where that is known: as [`Library::read_check`], and an id that
    /// does not begin with [`OWN_PREFIX`], a text that is too long, a control that is not as it must be.
    pub fn read_own(&self, text: &str, cases: &str) -> Result<OwnCheck, Vec<ContentProblem>> {
        const CHECK: &str = "check.yaml";
        const CASES: &str = "case.yaml";
        if text.len() > MOST_OWN_TEXT || cases.len() > MOST_OWN_CASES {
            let message = format!(
                "a check has {MOST_OWN_TEXT} bytes at most, its cases have {MOST_OWN_CASES}"
            );
            return Err(vec![problem(CHECK, b"", message)]);
        }
        let read = self.read_check(CHECK, text.as_bytes());
        let parsed: Result<Vec<CheckCase>, _> =
            if cases.trim().is_empty() { Ok(Vec::new()) } else { yaml::parse(cases.as_bytes()) };
        let (check, cases) = match (read, parsed) {
            (Ok(check), Ok(cases)) => (check, cases),
            (read, parsed) => {
                let mut problems = read.err().unwrap_or_default();
                problems.extend(parsed.err().map(|error| error.of(CASES)));
                return Err(problems);
            }
        };
        let messages = own_problems(&self.shared, &check);
        if !messages.is_empty() {
            let all = messages.into_iter();
            return Err(all.map(|message| problem(CHECK, text.as_bytes(), message)).collect());
        }
        Ok(OwnCheck { check: Arc::new(check), cases: Arc::new(cases) })
    }
}

/// What is wrong with a check of one's own beside its references.
fn own_problems(shared: &Shared, check: &Check) -> Vec<String> {
    let mut found = Vec::new();
    let rest = check.id.strip_prefix(OWN_PREFIX).unwrap_or_default();
    let is_slug = |it: &str| {
        !it.is_empty()
            && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    if !rest.split('.').all(is_slug) || check.id.len() > MOST_ID {
        found.push(format!(
            "the id `{}` must be `{OWN_PREFIX}` and words of a-z, 0-9 and `-`, joined by dots, in {MOST_ID} \
             characters at most: such as `{OWN_PREFIX}storage.no-public-access`",
            check.id
        ));
    }
    if let Some(control) = &check.own_control {
        if shared.controls.contains_key(&control.id) {
            found.push(format!(
                "there is a control `{}` already: leave out `own_control` to count in it",
                control.id
            ));
        }
        if !is_slug(&control.id) {
            found.push(format!("the id `{}` of a control is not of a-z, 0-9, `-`", control.id));
        }
        if !(0.0..=MOST_POINTS).contains(&control.points) {
            found.push(format!("`points` of a control must be 0 to {MOST_POINTS}"));
        }
        if control.id != check.control {
            let known = [control.id.as_str()].into_iter();
            found.push(unknown("control brought along", &check.control, known));
        }
    }
    found
}

/// That a check says of a control of one's own something else than another check says of it.
fn another_control<'c>(
    check: &Check,
    others: impl Iterator<Item = &'c Arc<Check>>,
) -> Option<String> {
    let own = check.own_control.as_ref()?;
    let is_same = |it: &Control| {
        it.title == own.title
            && it.points.to_bits() == own.points.to_bits()
            && it.description == own.description
    };
    let mut others = others.filter(|it| it.id != check.id);
    let other = others
        .find(|it| it.own_control.as_ref().is_some_and(|it| it.id == own.id && !is_same(it)))?;
    Some(format!(
        "`{}` says something else of the control `{}`: say the same, or leave it out",
        other.id, own.id
    ))
}

/// A problem at the first line that holds what its message puts into backticks, where there is one.
fn problem(file: &str, text: &[u8], message: String) -> ContentProblem {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let place = message.split('`').skip(1).step_by(2).find_map(|word| {
        let before = before_word(text, word)?;
        let line = before.bytes().filter(|it| *it == b'\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
        Some((line, column))
    });
    let (line, column) = place.unzip();
    ContentProblem { file: file.to_owned(), line, column, message }
}

/// What stands before the first place where a text has a word by itself, not as a part of a longer one.
fn before_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let goes_on = |it: Option<char>| {
        it.is_some_and(|it| it.is_alphanumeric() || matches!(it, '.' | '_' | '-'))
    };
    let mut places = text.match_indices(word).filter(|_| !word.is_empty());
    places.find_map(|(at, _)| {
        let (before, after) = (text.get(..at)?, text.get(at + word.len()..)?);
        let is_part = goes_on(before.chars().next_back()) || goes_on(after.chars().next());
        (!is_part).then_some(before)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ContentFile, Library};

    const KIND: &str = "id: azure.storage-account\ntitle: S\nnative: Microsoft.Storage/storageAccounts\nsince: '0.1'\nreferences: [{ url: 'https://example.com', read: 2026-11-21 }]\n";
    const CONTROLS: &str = "[{ id: c, title: C, points: 4, description: d }]";
    const TEXT: &str = "id: own.a\ntitle: T\nsince: '1'\nseverity: high\nkind: azure.storage-account\nunhealthy: r.a\nevidence: [a]\ncontrol: c\nwhy: w\nblind_spots: none\nfix: { steps: [s] }\nreferences: [{ url: u, read: 2026-11-21 }]\n";

    fn library() -> Library {
        let file = |path: &str, text: &str| ContentFile {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let files = [
            file("controls.yaml", CONTROLS),
            file("kinds/azure/storage/storage-account.kind.yaml", KIND),
        ];
        Library::build(&files, false).0
    }

    #[test]
    fn own_checks_come_and_go() {
        let library = library();
        let own = library.read_own(TEXT, "").unwrap();
        let (with, problems) = library.with_own(&[own]);
        assert_eq!(problems, []);
        assert!(with.is_own("own.a") && with.check("own.a").is_some());
        assert_eq!(with.digest(), library.digest());
        let (without, _) = with.with_own(&[]);
        assert!(without.check("own.a").is_none() && !without.is_own("own.a"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        #[track_caller]
        fn check(from: &str, to: &str, want: &str) {
            let problems = library().read_own(&TEXT.replace(from, to), "").unwrap_err();
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert!(said.iter().any(|it| it.contains(want)), "{said:?}");
        }
        check("id: own.a", "id: azure.a", "check.yaml:1:5: the id `azure.a` must be `own.`");
        check("id: own.a", "id: own.A", "must be `own.` and words");
        check("control: c", "control: d", "check.yaml:8:10: there is no control `d`");
        check(
            "kind: azure",
            "kind: azur",
            "check.yaml:5:7: there is no kind `azur.storage-account`",
        );
        check("why: w", "colour: w", "check.yaml:9:1: ");
        let mine = "control: m\nown_control: { id: m, title: M, points: 11, description: d }";
        check("control: c", mine, "`points` of a control must be 0 to 10");
        let theirs = "control: c\nown_control: { id: c, title: M, points: 1, description: d }";
        check("control: c", theirs, "there is a control `c` already");
    }

    #[test]
    fn a_control_comes_with_the_check_that_brings_it() {
        let library = library();
        let mine = "control: m\nown_control: { id: m, title: M, points: 3, description: d }";
        let own = library.read_own(&TEXT.replace("control: c", mine), "").unwrap();
        let (with, problems) = library.with_own(&[own]);
        assert_eq!(problems, []);
        assert!(with.controls().any(|it| it.id == "m" && (it.points - 3.0).abs() < 1e-9));
        assert!(!library.controls().any(|it| it.id == "m"));
    }
}
