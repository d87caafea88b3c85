-- From which commit on history can be read, by class; what lay before was removed.

CREATE TABLE horizon (
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    class TEXT NOT NULL,            -- versions, assessments, scores
    seq BIGINT NOT NULL,
    PRIMARY KEY (tenant, class)
);
