//! The answer to a question of access, with its reasons.

/// Whether something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// What was read forbids it, or nothing allows it.
    Denied,
    /// It depends on what was not read, or on what no document says (a second factor at hand, an address).
    Unknown,
    /// What was read allows it.
    Allowed,
}

/// What a statement does to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It grants.
    Allows,
    /// It forbids, whatever else grants.
    Denies,
    /// It bounds what may be granted, and this is within (boundary, organisation, session).
    Permits,
    /// It bounds what may be granted, and this is not within.
    Limits,
}

/// One link of the chain: a statement, an assignment, a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What it does.
    pub effect: Effect,
    /// Canonical id of the resource whose document says it (policy, role, assignment, bucket).
    pub resource: String,
    /// Where in that document (`GetPolicyVersion.v1.Document.Statement[0]`).
    pub path: String,
    /// The same in one line for people: `allows s3:Get* on * where aws:SourceIp is in 192.0.2.0/24`.
    pub says: String,
}

/// Something that was not read and that could change the answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unread {
    /// What: a part of a resource (`arn:aws:s3:::claims GetBucketPolicy`), or a condition key.
    pub what: String,
    /// How it could matter, for people.
    pub why: String,
}

/// An answer with what it rests on.
///
/// What was not read and could only forbid (a bucket policy, an organisation) leaves `Allowed` as it
/// is and stands in `unread`; what was not read and would have to allow makes it `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// The statements that decide, those that grant first; empty where nothing speaks about it.
    pub reasons: Vec<Reason>,
    /// What was not read and could change the answer.
    pub unread: Vec<Unread>,
}

/// Where policies that AWS keeps stand in the document of who has them: nobody else can change such a policy, so that
/// it is attached is the reason.
pub(crate) const ATTACHED: &str = "AttachedManagedPolicies";

/// The name of the policy of AWS that a reason at this path rests on; `None` for a statement that stands in a document
/// and can be changed.
pub fn attached_of_aws(path: &str) -> Option<&str> {
    let name = path.strip_prefix(ATTACHED)?.strip_prefix('[')?.strip_suffix(']')?;
    // a statement of a document has more places behind the first
    (!name.contains(']')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::attached_of_aws;

    #[track_caller]
    fn check(path: &str, want: Option<&str>) {
        assert_eq!(attached_of_aws(path), want, "{path}");
    }

    #[test]
    fn a_policy_of_aws_is_told_from_a_statement() {
        check("AttachedManagedPolicies[AdministratorAccess]", Some("AdministratorAccess"));
        check("AttachedManagedPolicies[service-role/AWSGlue]", Some("service-role/AWSGlue"));
        check("AttachedManagedPolicies[0].Document.Statement[1]", None);
        check("UserPolicyList[0].PolicyDocument.Statement[0]", None);
    }
}
