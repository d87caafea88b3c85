-- Where things stand against standards: one row for each requirement and the time that its state lasts.
-- A requirement without a row that holds found nothing to judge.

CREATE TABLE standing (
    tenant BIGINT NOT NULL,
    standard BIGINT NOT NULL,       -- words
    requirement BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT,
    state BIGINT NOT NULL,
    PRIMARY KEY (tenant, standard, requirement, from_seq)
) {COMPACT};
CREATE INDEX standing_to ON standing (tenant, to_seq) WHERE to_seq IS NOT NULL;
