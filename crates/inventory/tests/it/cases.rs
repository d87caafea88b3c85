//! Every case of every kind.

use crate::support::library;

#[test]
fn all_kind_cases_hold() {
    let library = library();
    let cases = inventory::KindCases::new(&library);
    let mut wrong = Vec::new();
    for kind in library.kinds() {
        for case in library.kind_cases(&kind.id) {
            let found = cases.check(case);
            wrong.extend(found.into_iter().map(|it| format!("{}: {it}", kind.id)));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}
