//! Where an answer of the AWS CLI belongs, as its path says:
//! `<account>/[<region>/]<service>/<operation>[/<argument>][.N].json`.

/// The place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: Option<String>,
    pub(crate) service: String,
    pub(crate) operation: String,
    /// As the file name has it: `~` for `/` and `:`; the page number is still in it.
    pub(crate) argument: Option<String>,
    /// Number of the page, from 1.
    pub(crate) page: u32,
}

impl Place {
    /// Reads a path; `None` when it does not follow the layout.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let words: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let account = words.iter().rposition(|it| is_account(it))?;
        let mut rest = words.get(account + 1..)?;
        let region = match rest {
            [first, _, _, ..] if is_region(first) => {
                rest = rest.get(1..)?;
                Some((*first).to_owned())
            }
            _ => None,
        };
        let (service, operation, argument) = match rest {
            [service, file] => (service, *file, None),
            [service, operation, file] => (service, *operation, Some(*file)),
            _ => return None,
        };
        let (operation, argument, page) = match argument {
            None => {
                let (stem, page) = page_of(stem_of(operation)?);
                (stem.to_owned(), None, page)
            }
            Some(file) => {
                let stem = stem_of(file)?;
                (operation.to_owned(), Some(stem.to_owned()), page_of(stem).1)
            }
        };
        Some(Self {
            account: (*words.get(account)?).to_owned(),
            region,
            service: (*service).to_owned(),
            operation,
            argument,
            page,
        })
    }
}

/// The file name without what only says how it is stored.
fn stem_of(file: &str) -> Option<&str> {
    let file = file.strip_suffix(".gz").or_else(|| file.strip_suffix(".zst")).unwrap_or(file);
    let stem = [".json", ".txt", ".err"].iter().find_map(|it| file.strip_suffix(it))?;
    (!stem.is_empty()).then_some(stem)
}

/// A name and the page number at its end: `list-users.2` is page 2 of `list-users`.
pub(crate) fn page_of(stem: &str) -> (&str, u32) {
    match stem.rsplit_once('.').map(|(name, number)| (name, number.parse())) {
        Some((name, Ok(number))) if number > 0 && !name.is_empty() => (name, number),
        _ => (stem, 1),
    }
}

/// What a value looks like as part of a file name.
pub(crate) fn as_file_name(value: &str) -> String {
    value.replace(['/', ':'], "~")
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|it| it.is_ascii_digit())
}

/// `eu-west-1`, `us-gov-east-1`, `cn-north-1`.
fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let is_word = |it: &&str| it.len() >= 2 && it.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [first, middle @ .., last] if (1..=2).contains(&middle.len()) => {
            is_word(first)
                && middle.iter().all(is_word)
                && last.len() == 1
                && last.bytes().all(|it| it.is_ascii_digit())
        }
        _ => false,
    }
}

/// The partition of a region; `aws` where it is not known.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// The parts of an ARN that say where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` for any other text.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (arn.partition.starts_with("aws") && !arn.service.is_empty() && !arn.resource.is_empty())
            .then_some(arn)
    }

    /// A type for people and generic nodes: `aws::kms::alias`.
    pub(crate) fn native(&self) -> String {
        let word = self.resource.split(['/', ':']).next().unwrap_or_default();
        let has_type = word.len() < self.resource.len();
        format!("aws::{}::{}", self.service, if has_type { word } else { "resource" })
            .to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arn, Place, is_region};

    /// Region, service, operation, argument, page.
    type Parts<'a> = (Option<&'a str>, &'a str, &'a str, Option<&'a str>, u32);

    #[track_caller]
    fn check(path: &str, want: Option<Parts<'_>>) {
        let place = Place::parse(path);
        let found = place.as_ref().map(|it| {
            (it.region.as_deref(), &*it.service, &*it.operation, it.argument.as_deref(), it.page)
        });
        assert_eq!(found, want);
    }

    #[test]
    fn places_with_and_without_region_argument_and_page() {
        check("x/111122223333/iam/list-users.json", Some((None, "iam", "list-users", None, 1)));
        check(
            "111122223333/eu-west-1/ec2/describe-vpcs.2.json",
            Some((Some("eu-west-1"), "ec2", "describe-vpcs", None, 2)),
        );
        check(
            "111122223333/s3api/get-bucket-policy/my.bucket.json",
            Some((None, "s3api", "get-bucket-policy", Some("my.bucket"), 1)),
        );
        check(
            "111122223333/us-east-1/sns/get-topic-attributes/arn~aws~sns~x.json",
            Some((Some("us-east-1"), "sns", "get-topic-attributes", Some("arn~aws~sns~x"), 1)),
        );
    }

    #[test]
    fn other_paths_are_no_places() {
        for path in ["list-users.json", "1111/iam/list-users.json", "111122223333/list-users.json"]
        {
            check(path, None);
        }
    }

    #[test]
    fn regions() {
        for region in ["eu-west-1", "us-gov-east-1", "ap-southeast-2"] {
            assert!(is_region(region), "{region}");
        }
        for other in ["s3api", "cognito-idp", "resource-groups", "eu-west"] {
            assert!(!is_region(other), "{other}");
        }
    }

    #[test]
    fn arns_are_taken_apart() {
        let arn = Arn::parse("arn:aws:kms:eu-west-1:111122223333:alias/a").unwrap();
        assert_eq!((arn.region, arn.native().as_str()), ("eu-west-1", "aws::kms::alias"));
        assert_eq!(Arn::parse("arn:x:y"), None);
    }
}
