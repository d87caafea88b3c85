-- People: accounts, groups, roles, and what proves who somebody is.
--
-- Of passwords, secrets and codes only hashes are kept; a TOTP secret is sealed by whoever hands it in.

CREATE TABLE account (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    name TEXT NOT NULL,             -- lower case
    display TEXT NOT NULL,
    email TEXT,
    kind TEXT NOT NULL,             -- person, service
    state TEXT NOT NULL,            -- active, disabled
    subject TEXT,                   -- who it is to an identity provider: issuer and subject
    password TEXT,
    must_change BIGINT NOT NULL,    -- 1: the password was set by another
    totp TEXT,                      -- sealed
    totp_on BIGINT NOT NULL,        -- 1: confirmed with a code
    totp_step BIGINT,               -- of the code that was used last
    created BIGINT NOT NULL,
    signed_in BIGINT,
    version BIGINT NOT NULL,        -- grows with each change
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX account_name ON account (tenant, name);
CREATE UNIQUE INDEX account_subject ON account (tenant, subject) WHERE subject IS NOT NULL;

CREATE TABLE recovery_code (
    tenant BIGINT NOT NULL,
    account BIGINT NOT NULL,
    hash {BYTES} NOT NULL,
    PRIMARY KEY (tenant, account, hash)
) {COMPACT};

CREATE TABLE passkey (
    tenant BIGINT NOT NULL,
    id {BYTES} NOT NULL,
    account BIGINT NOT NULL,
    name TEXT NOT NULL,
    algorithm BIGINT NOT NULL,      -- COSE
    key {BYTES} NOT NULL,
    counter BIGINT NOT NULL,        -- of signatures
    created BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX passkey_account ON passkey (tenant, account);

CREATE TABLE people_group (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    name TEXT NOT NULL,
    claim TEXT,                     -- its name at an identity provider, which says who is in it
    created BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX people_group_name ON people_group (tenant, name);

CREATE TABLE member (
    tenant BIGINT NOT NULL,
    group_no BIGINT NOT NULL,
    account BIGINT NOT NULL,
    PRIMARY KEY (tenant, group_no, account)
) {COMPACT};
CREATE INDEX member_account ON member (tenant, account);

CREATE TABLE role_grant (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    holder TEXT NOT NULL,           -- account, group
    holder_no BIGINT NOT NULL,
    role TEXT NOT NULL,
    scope TEXT NOT NULL,            -- empty: the whole tenant
    created BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX role_grant_once ON role_grant (tenant, holder, holder_no, role, scope);

CREATE TABLE token (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    account BIGINT NOT NULL,
    name TEXT NOT NULL,
    hash {BYTES} NOT NULL,
    role TEXT NOT NULL,
    scope TEXT NOT NULL,            -- empty: the whole tenant
    created BIGINT NOT NULL,
    expires BIGINT,
    used BIGINT,
    PRIMARY KEY (tenant, no)
);
CREATE INDEX token_account ON token (tenant, account);

-- The rest means nothing elsewhere and stands in no back-up.

CREATE TABLE session (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    account BIGINT NOT NULL,
    hash {BYTES} NOT NULL,
    previous {BYTES},               -- what counted before
    method TEXT NOT NULL,           -- password, passkey, provider
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    rotated BIGINT NOT NULL,
    must_rotate BIGINT NOT NULL,
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX session_hash ON session (tenant, hash);
CREATE INDEX session_previous ON session (tenant, previous) WHERE previous IS NOT NULL;
CREATE INDEX session_account ON session (tenant, account);

CREATE TABLE attempt (
    tenant BIGINT NOT NULL,
    key TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- What was begun and must be ended by the same browser within minutes: the first account, a sign-in at an
-- identity provider, the challenge of a passkey.
CREATE TABLE ceremony (
    tenant BIGINT NOT NULL,
    hash {BYTES} NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant, hash)
);
CREATE INDEX ceremony_kind ON ceremony (tenant, kind, expires);
