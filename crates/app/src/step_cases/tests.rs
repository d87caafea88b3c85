//! What the check of cases of steps says of good ones and of bad ones.

use content::{ContentFile, Library};

use super::StepChecker;
use crate::library;

const STEP: &str = "aws.iam.create-access-key";

/// The cases of one step beside the built-in kinds, facts and steps: what is wrong with them.
fn problems(cases: &str) -> Vec<String> {
    let mut files = library::files_over_built_in(&[]).unwrap();
    files.retain(|it| {
        let is_needed = ["kinds/aws/iam/", "facts/", "steps/aws/"];
        is_needed.iter().any(|folder| it.path.starts_with(folder))
            && !it.path.ends_with(".case.yaml")
    });
    let path = format!("steps/{}.case.yaml", STEP.replace('.', "/"));
    files.push(ContentFile { path: path.clone(), bytes: cases.as_bytes().to_vec() });
    let (library, problems) = Library::build(&files, true);
    let of_file = problems.iter().filter(|it| it.file == path);
    let mut found: Vec<String> = of_file.map(ToString::to_string).collect();
    if let (Some(step), Some(cases)) = (library.step(STEP), library.step_cases(STEP)) {
        found.extend(StepChecker::new(&library).unwrap().check(step, cases));
    }
    found
}

#[track_caller]
fn check(cases: &str, want: &[&str]) {
    let found = problems(cases);
    assert_eq!(found.len(), want.len(), "{found:#?}");
    for (found, want) in found.iter().zip(want) {
        assert!(found.contains(want), "`{found}` does not say `{want}`");
    }
}

const FOUND: &str = "{ name: Found., want: found }";
const BARRED: &str = "{ name: Barred., given: { dev: [{ Effect: Deny, Action: 'iam:*', Resource: '*' }] }, want: none }";

fn file(given: &str, cases: &[&str]) -> String {
    format!("to: boss\ngiven: {{ dev: [{given}] }}\ncases:\n- {}\n", cases.join("\n- "))
}

#[test]
fn good_cases_of_a_step_have_no_problem() {
    check(&file("'iam:CreateAccessKey'", &[FOUND, BARRED]), &[]);
}

#[test]
fn what_comes_out_otherwise_is_told_with_what_there_is() {
    check(
        &file("'iam:CreateLoginProfile'", &[FOUND, BARRED]),
        &[
            "case `Found.`: wanted is `found`, it is `none`; at the row nothing holds, not iam:CreateAccessKey",
        ],
    );
    let another = "{ name: A role., to: 'arn:aws:iam::111122223333:role/ops', want: found }";
    check(
        &file("'iam:CreateAccessKey'", &[FOUND, BARRED, another]),
        &[
            "`match` gives no row from arn:aws:iam::111122223333:user/dev to arn:aws:iam::111122223333:role/ops; the step is found for arn:aws:iam::111122223333:user/dev -> arn:aws:iam::111122223333:user/boss",
        ],
    );
    let nobody = "{ name: Nobody., to: bos, want: none }";
    check(
        &file("'iam:CreateAccessKey'", &[FOUND, BARRED, nobody]),
        &["case `Nobody.`: there is no `bos`"],
    );
}

#[test]
fn an_estate_that_is_not_the_smallest_is_told() {
    check(
        &file("'iam:CreateAccessKey', 's3:GetObject'", &[FOUND, BARRED]),
        &["`dev: s3:GetObject` makes no difference"],
    );
}

#[test]
fn a_file_without_one_sort_of_cases_is_told() {
    check(&file("'iam:CreateAccessKey'", &[FOUND]), &["no case wants `none`"]);
    check(&file("'iam:CreateAccessKey'", &[BARRED]), &["no case finds the step"]);
}

#[test]
fn a_need_that_no_case_shows_is_told() {
    let by_all = "to: boss\nfiles: { 111122223333/iam/get-account-authorization-details.json: { UserDetailList: [{ UserName: dev, UserPolicyList: [{ PolicyName: own, PolicyDocument: { Statement: [{ Effect: Allow, Action: 'iam:Create*', Resource: '*' }] } }] }] } }\ncases:\n";
    let two_keys = "- { name: Two., files: { 111122223333/iam/list-access-keys/boss.json: { AccessKeyMetadata: [{ UserName: boss, AccessKeyId: A }, { UserName: boss, AccessKeyId: B }] } }, want: none }\n";
    let cases = format!("{by_all}- {FOUND}\n{two_keys}");
    check(&cases, &["`iam:CreateAccessKey` is never all that is missing"]);
    check(&format!("waived: {{ 'iam:CreateAccessKey': shown elsewhere }}\n{cases}"), &[]);
    check(
        &format!("waived: {{ 'iam:CreateAccesKey': shown elsewhere }}\n{cases}"),
        &[
            "is never all that is missing",
            "which the step does not need; it needs iam:CreateAccessKey",
        ],
    );
}

#[test]
fn names_of_what_is_not_there_are_told() {
    let case = |more: &str| {
        file(
            "'iam:CreateAccessKey'",
            &[FOUND, BARRED, &format!("{{ name: X., want: none, {more} }}")],
        )
    };
    check(&case("gone: [merlon.yaml]"), &["there is no file `merlon.yaml`"]);
    check(&case("given: { devs: [a] }"), &["there is no place for `devs`; did you mean `dev`?"]);
    check(&format!("base: amazon\n{}", case("to: ops")), &["there is no `steps/amazon/base.yaml`"]);
    check(
        &format!("with: [aws.iam.tag-usr]\n{}", case("to: ops")),
        &["there is no step `aws.iam.tag-usr`; did you mean `aws.iam.tag-user`?"],
    );
    check(&case("wants: found"), &["unknown field"]);
}
