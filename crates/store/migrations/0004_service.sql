-- What a service keeps beside the estate: progress of jobs, uploads, settings, attestations, own checks.

ALTER TABLE job ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN progress TEXT NOT NULL DEFAULT '{}';
ALTER TABLE job ADD COLUMN result TEXT NOT NULL DEFAULT '{}';
ALTER TABLE job ADD COLUMN cancelled BIGINT;    -- when somebody asked for its end

CREATE TABLE upload (
    no {ID},
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    name TEXT NOT NULL,             -- of the file, as the client said
    size BIGINT NOT NULL,           -- bytes in all parts so far
    is_whole BIGINT NOT NULL,
    actor TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX upload_age ON upload (tenant, created);
CREATE TABLE upload_part (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    upload BIGINT NOT NULL REFERENCES upload (no),
    part BIGINT NOT NULL,
    bytes {BYTES} NOT NULL,
    PRIMARY KEY (tenant, upload, part)
);

CREATE TABLE setting (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE attestation (
    no {ID},
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    standard TEXT NOT NULL,
    requirement TEXT NOT NULL,
    state TEXT NOT NULL,            -- compliant, nonCompliant, withdrawn
    comment TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    ends BIGINT                     -- not valid from then on
);
CREATE INDEX attestation_of ON attestation (tenant, standard, requirement, no);
CREATE TABLE evidence (
    no {ID},
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    attestation BIGINT NOT NULL REFERENCES attestation (no),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    hash TEXT NOT NULL,             -- SHA-256 of the bytes, hexadecimal
    bytes {BYTES} NOT NULL
);
CREATE INDEX evidence_of ON evidence (tenant, attestation);

CREATE TABLE custom_check (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    id TEXT NOT NULL,
    version BIGINT NOT NULL,        -- from 1, the last one counts
    text TEXT NOT NULL,             -- the file, empty: withdrawn
    cases TEXT NOT NULL,            -- its cases
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id, version)
);
