//! What a back-up holds: tables, columns, keys.
//!
//! INVARIANT: every table and column of the schema stands here, or in [`LEFT_OUT`].

/// A table of a back-up.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Columns with the letter of their type, the tenant left out: `i` number, `r` real, `t` text,
    /// `b` bytes; a capital letter may be null.
    pub(super) columns: &'static [(&'static str, char)],
    /// How many of the first columns are, with the tenant, the key by which it is read page by page.
    pub(super) n_keys: usize,
    /// The column that holds the tenant.
    pub(super) tenant: &'static str,
}

/// Tables that mean nothing elsewhere: who holds what here and now, and the schema's own.
#[cfg(test)]
pub(super) const LEFT_OUT: [&str; 5] =
    ["attempt", "ceremony", "lease", "schema_migration", "session"];

const fn table(
    name: &'static str,
    n_keys: usize,
    columns: &'static [(&'static str, char)],
) -> Table {
    Table { name, columns, n_keys, tenant: "tenant" }
}

/// In the order in which they can be filled.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "tenant",
        columns: &[("name", 't'), ("created", 'i'), ("seq", 'i'), ("at", 'i')],
        n_keys: 1,
        tenant: "no",
    },
    table("counter", 1, &[("name", 't'), ("next", 'i')]),
    table("doc_key", 1, &[("no", 'i'), ("name", 'b')]),
    table("word", 1, &[("no", 'i'), ("name", 'b')]),
    table("gap", 1, &[("no", 'i'), ("scope", 't'), ("what", 't'), ("reason", 't')]),
    table("dictionary", 1, &[("no", 'i'), ("content", 'b')]),
    table(
        "document",
        1,
        &[("no", 'i'), ("hash", 'b'), ("dictionary", 'i'), ("packed", 'b'), ("staged_at", 'i')],
    ),
    table("resource", 1, &[("no", 'i'), ("id", 't')]),
    table(
        "version",
        2,
        &[
            ("resource", 'i'),
            ("from_seq", 'i'),
            ("to_seq", 'I'),
            ("kind", 'i'),
            ("scope", 'i'),
            ("region", 'i'),
            ("head", 'b'),
            ("document", 'i'),
        ],
    ),
    table("verdicts", 2, &[("resource", 'i'), ("from_seq", 'i'), ("to_seq", 'I'), ("packed", 'b')]),
    table(
        "assessment",
        3,
        &[
            ("check_no", 'i'),
            ("resource", 'i'),
            ("from_seq", 'i'),
            ("to_seq", 'I'),
            ("scope", 'i'),
            ("verdict", 'i'),
            ("why", 'i'),
            ("since", 'i'),
            ("first_seen", 'i'),
            ("reopened", 'i'),
        ],
    ),
    table(
        "tally",
        3,
        &[
            ("check_no", 'i'),
            ("scope", 'i'),
            ("from_seq", 'i'),
            ("to_seq", 'I'),
            ("healthy", 'i'),
            ("unhealthy", 'i'),
            ("not_applicable", 'i'),
            ("unknown", 'i'),
        ],
    ),
    table(
        "score",
        3,
        &[
            ("measure", 'i'),
            ("scope", 'i'),
            ("from_seq", 'i'),
            ("to_seq", 'I'),
            ("value", 'r'),
            ("possible", 'r'),
            ("assessed", 'r'),
            ("detail", 't'),
        ],
    ),
    table("state", 2, &[("name", 't'), ("from_seq", 'i'), ("to_seq", 'I'), ("content", 'b')]),
    table(
        "collected",
        4,
        &[
            ("scope", 'i'),
            ("region", 'i'),
            ("kind", 'i'),
            ("from_seq", 'i'),
            ("to_seq", 'I'),
            ("last_seq", 'i'),
        ],
    ),
    table("problem", 2, &[("seq", 'i'), ("no", 'i'), ("file", 't'), ("reason", 't'), ("n", 'i')]),
    table("import_gap", 2, &[("seq", 'i'), ("gap", 'i')]),
    table(
        "exemption",
        2,
        &[("id", 't'), ("from_seq", 'i'), ("to_seq", 'I'), ("ends", 'I'), ("body", 't')],
    ),
    table(
        "change_log",
        1,
        &[
            ("seq", 'i'),
            ("at", 'i'),
            ("held", 'i'),
            ("actor", 't'),
            ("kind", 't'),
            ("summary", 't'),
            ("counts", 't'),
            ("request", 'T'),
        ],
    ),
    table(
        "job",
        1,
        &[
            ("no", 'i'),
            ("kind", 't'),
            ("dedup", 'T'),
            ("priority", 'i'),
            ("payload", 't'),
            ("state", 't'),
            ("run_at", 'i'),
            ("attempts", 'i'),
            ("most_attempts", 'i'),
            ("token", 'i'),
            ("worker", 't'),
            ("error", 't'),
            ("created", 'i'),
            ("finished", 'I'),
            ("actor", 't'),
            ("progress", 't'),
            ("result", 't'),
            ("cancelled", 'I'),
        ],
    ),
    table(
        "upload",
        1,
        &[
            ("no", 'i'),
            ("name", 't'),
            ("size", 'i'),
            ("is_whole", 'i'),
            ("actor", 't'),
            ("created", 'i'),
        ],
    ),
    table("upload_part", 2, &[("upload", 'i'), ("part", 'i'), ("bytes", 'b')]),
    table("setting", 1, &[("name", 't'), ("value", 't'), ("actor", 't'), ("at", 'i')]),
    table(
        "attestation",
        1,
        &[
            ("no", 'i'),
            ("standard", 't'),
            ("requirement", 't'),
            ("state", 't'),
            ("comment", 't'),
            ("actor", 't'),
            ("at", 'i'),
            ("ends", 'I'),
        ],
    ),
    table(
        "evidence",
        1,
        &[
            ("no", 'i'),
            ("attestation", 'i'),
            ("name", 't'),
            ("media_type", 't'),
            ("hash", 't'),
            ("bytes", 'b'),
        ],
    ),
    table(
        "custom_check",
        2,
        &[
            ("id", 't'),
            ("version", 'i'),
            ("text", 't'),
            ("cases", 't'),
            ("actor", 't'),
            ("at", 'i'),
        ],
    ),
    table("horizon", 1, &[("class", 't'), ("seq", 'i')]),
    table(
        "account",
        1,
        &[
            ("no", 'i'),
            ("name", 't'),
            ("display", 't'),
            ("email", 'T'),
            ("kind", 't'),
            ("state", 't'),
            ("subject", 'T'),
            ("password", 'T'),
            ("must_change", 'i'),
            ("totp", 'T'),
            ("totp_on", 'i'),
            ("totp_step", 'I'),
            ("created", 'i'),
            ("signed_in", 'I'),
            ("version", 'i'),
        ],
    ),
    table("recovery_code", 2, &[("account", 'i'), ("hash", 'b')]),
    table(
        "passkey",
        1,
        &[
            ("id", 'b'),
            ("account", 'i'),
            ("name", 't'),
            ("algorithm", 'i'),
            ("key", 'b'),
            ("counter", 'i'),
            ("created", 'i'),
            ("used", 'I'),
        ],
    ),
    table(
        "people_group",
        1,
        &[("no", 'i'), ("name", 't'), ("claim", 'T'), ("created", 'i'), ("version", 'i')],
    ),
    table("member", 2, &[("group_no", 'i'), ("account", 'i')]),
    table(
        "role_grant",
        1,
        &[
            ("no", 'i'),
            ("holder", 't'),
            ("holder_no", 'i'),
            ("role", 't'),
            ("scope", 't'),
            ("created", 'i'),
            ("created_by", 't'),
        ],
    ),
    table(
        "token",
        1,
        &[
            ("no", 'i'),
            ("account", 'i'),
            ("name", 't'),
            ("hash", 'b'),
            ("role", 't'),
            ("scope", 't'),
            ("created", 'i'),
            ("expires", 'I'),
            ("used", 'I'),
        ],
    ),
    table("audit_head", 0, &[("seq", 'i'), ("hash", 'b')]),
    table(
        "audit",
        1,
        &[
            ("seq", 'i'),
            ("at", 'i'),
            ("actor", 't'),
            ("action", 't'),
            ("object", 't'),
            ("detail", 't'),
            ("previous", 'b'),
            ("hash", 'b'),
        ],
    ),
];
