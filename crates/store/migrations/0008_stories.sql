-- Attack paths over time: one row for each story and each period in which it was there. Whoever derives it says
-- what it is; here it only begins, changes and ends.

CREATE TABLE story (
    tenant BIGINT NOT NULL,
    pair {BYTES} NOT NULL,          -- SHA-256 of both ids: they may be longer than an index takes
    from_seq BIGINT NOT NULL,       -- the commit as of which it was found
    to_seq BIGINT,                  -- the commit as of which it was gone
    entry TEXT NOT NULL,            -- canonical ids
    target TEXT NOT NULL,
    found BIGINT NOT NULL,          -- instants of both commits
    gone BIGINT,
    last_seq BIGINT,                -- where it was found last; null: in the newest state that was derived
    last_at BIGINT,
    risk TEXT NOT NULL,
    likelihood {REAL} NOT NULL,
    is_proven BIGINT NOT NULL,
    steps TEXT NOT NULL,            -- ids, with spaces between
    unread TEXT NOT NULL,           -- those of them that could not look at everything when it was found last
    body TEXT NOT NULL,             -- what its ends are called
    blind TEXT NOT NULL DEFAULT '', -- those of the steps that could look at less when it was gone
    PRIMARY KEY (tenant, pair, from_seq)
);
CREATE INDEX story_to ON story (tenant, to_seq);

-- How many there were: one row for each time that the figures last.
CREATE TABLE story_tally (
    tenant BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    at BIGINT NOT NULL,
    counts TEXT NOT NULL,           -- by risk, what is proven
    unproven BIGINT NOT NULL,
    PRIMARY KEY (tenant, from_seq)
) {COMPACT};

-- The newest state whose stories are stored.
CREATE TABLE story_head (
    tenant BIGINT NOT NULL PRIMARY KEY REFERENCES tenant (no),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    is_whole BIGINT NOT NULL,       -- 0: time was over before everything was derived
    revision BIGINT NOT NULL        -- grows whenever a story changes
);
