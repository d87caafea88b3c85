-- The job queue.

CREATE TABLE job (
    no {ID},
    tenant BIGINT NOT NULL REFERENCES tenant (no),
    kind TEXT NOT NULL,
    dedup TEXT,                     -- one unfinished job of a kind for each
    priority BIGINT NOT NULL,       -- higher first
    payload TEXT NOT NULL,
    state TEXT NOT NULL,            -- ready, running, done, dead
    run_at BIGINT NOT NULL,         -- not before; of a running job: when its lease ends
    attempts BIGINT NOT NULL,
    most_attempts BIGINT NOT NULL,
    token BIGINT NOT NULL,          -- grows with each claim
    worker TEXT NOT NULL,
    error TEXT NOT NULL,            -- of the last attempt
    created BIGINT NOT NULL,
    finished BIGINT
);
CREATE UNIQUE INDEX job_dedup ON job (tenant, kind, dedup) WHERE state IN ('ready', 'running');
CREATE INDEX job_due ON job (tenant, priority DESC, run_at) WHERE state IN ('ready', 'running');
CREATE INDEX job_finished ON job (tenant, finished) WHERE finished IS NOT NULL;
