-- Tenants, documents, resources with their history, what they were judged, the change log.
--
-- In braces: {ID} a primary key of one integer, {BYTES}, {REAL}, {COMPACT} a table kept in its key.
-- Instants are microseconds since 1970. A row is valid in [from_seq, to_seq); no to_seq: now.
-- Numbers of resources, documents and jobs hold the tenant in their upper bits.

CREATE TABLE tenant (
    no BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL,
    seq BIGINT NOT NULL,            -- of the last commit
    at BIGINT NOT NULL              -- of the last commit
);

CREATE TABLE counter (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    name TEXT NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- Keys of documents and words of rows, by number. Bytes, because a key may hold any character.
CREATE TABLE doc_key (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    name {BYTES} NOT NULL,
    PRIMARY KEY (tenant, no)
);
CREATE TABLE word (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    name {BYTES} NOT NULL,
    PRIMARY KEY (tenant, no)
);

CREATE TABLE gap (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    scope TEXT NOT NULL,
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant, no)
);

-- What documents are compressed against.
CREATE TABLE dictionary (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    no BIGINT NOT NULL,
    content {BYTES} NOT NULL,
    PRIMARY KEY (tenant, no)
);

CREATE TABLE document (
    no {ID},
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    hash {BYTES} NOT NULL,          -- of the bytes before compression
    dictionary BIGINT NOT NULL,     -- 0: none
    packed {BYTES} NOT NULL,
    staged_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX document_hash ON document (tenant, hash);

CREATE TABLE resource (
    no {ID},
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    id TEXT NOT NULL
);
CREATE UNIQUE INDEX resource_id ON resource (tenant, id);

CREATE TABLE version (
    tenant BIGINT NOT NULL,
    resource BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    kind BIGINT NOT NULL,           -- words
    scope BIGINT NOT NULL,
    region BIGINT NOT NULL,
    head {BYTES} NOT NULL,          -- name, tags, other names, what it affects
    document BIGINT NOT NULL,
    PRIMARY KEY (resource, from_seq)
) {COMPACT};
CREATE UNIQUE INDEX version_now ON version (tenant, resource) WHERE to_seq IS NULL;
CREATE INDEX version_from ON version (tenant, from_seq);
CREATE INDEX version_to ON version (tenant, to_seq) WHERE to_seq IS NOT NULL;
CREATE INDEX version_document ON version (document);

-- All verdicts of a resource in one row, in the layout of whoever judges.
CREATE TABLE verdicts (
    tenant BIGINT NOT NULL,
    resource BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    packed {BYTES} NOT NULL,
    PRIMARY KEY (resource, from_seq)
) {COMPACT};
CREATE INDEX verdicts_to ON verdicts (tenant, to_seq) WHERE to_seq IS NOT NULL;

-- The unhealthy and unknown ones once more, for lists by check and for history.
CREATE TABLE assessment (
    tenant BIGINT NOT NULL,
    check_no BIGINT NOT NULL,       -- words
    resource BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    scope BIGINT NOT NULL,
    verdict BIGINT NOT NULL,
    why BIGINT NOT NULL,
    since BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    reopened BIGINT NOT NULL,
    PRIMARY KEY (tenant, check_no, resource, from_seq)
) {COMPACT};
CREATE INDEX assessment_resource ON assessment (resource, check_no, from_seq);
CREATE INDEX assessment_from ON assessment (tenant, from_seq);
CREATE INDEX assessment_to ON assessment (tenant, to_seq) WHERE to_seq IS NOT NULL;

CREATE TABLE tally (
    tenant BIGINT NOT NULL,
    check_no BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    healthy BIGINT NOT NULL,
    unhealthy BIGINT NOT NULL,
    not_applicable BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    PRIMARY KEY (tenant, check_no, scope, from_seq)
) {COMPACT};

CREATE TABLE score (
    tenant BIGINT NOT NULL,
    measure BIGINT NOT NULL,        -- words
    scope BIGINT NOT NULL,          -- 0: the whole tenant
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    value {REAL} NOT NULL,
    possible {REAL} NOT NULL,
    assessed {REAL} NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant, measure, scope, from_seq)
) {COMPACT};

-- Whatever else a room keeps about a tenant, by name.
CREATE TABLE state (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    content {BYTES} NOT NULL,
    PRIMARY KEY (tenant, name, from_seq)
);

CREATE TABLE collected (
    tenant BIGINT NOT NULL,
    scope BIGINT NOT NULL,          -- words
    region BIGINT NOT NULL,         -- 0: everywhere in the scope
    kind BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    last_seq BIGINT NOT NULL,       -- the last commit that collected it
    PRIMARY KEY (tenant, scope, region, kind, from_seq)
) {COMPACT};

CREATE TABLE problem (
    tenant BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    no BIGINT NOT NULL,
    file TEXT NOT NULL,
    reason TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (tenant, seq, no)
);

CREATE TABLE import_gap (
    tenant BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    gap BIGINT NOT NULL,
    PRIMARY KEY (tenant, seq, gap)
) {COMPACT};

CREATE TABLE exemption (
    tenant BIGINT NOT NULL,
    id TEXT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    ends BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, id, from_seq)
);

CREATE TABLE change_log (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    held BIGINT NOT NULL,           -- 1: the clock was behind the commit before
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    summary TEXT NOT NULL,
    counts TEXT NOT NULL,
    request TEXT,                   -- what makes a repeated commit the same commit
    PRIMARY KEY (tenant, seq)
);
CREATE UNIQUE INDEX change_request ON change_log (tenant, request) WHERE request IS NOT NULL;
CREATE INDEX change_at ON change_log (tenant, at);

CREATE TABLE lease (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    token BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- Append-only: see the triggers in the file for each database.
CREATE TABLE audit (
    tenant BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous {BYTES} NOT NULL,
    hash {BYTES} NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- Where the chain of each tenant ends.
CREATE TABLE audit_head (
    tenant BIGINT NOT NULL PRIMARY KEY REFERENCES tenant (no),
    seq BIGINT NOT NULL,
    hash {BYTES} NOT NULL
);

INSERT INTO tenant (no, name, created, seq, at) VALUES (1, 'default', 0, 0, 0);
