-- Passkeys, whole: there was no way to make one before.

DROP TABLE passkey;
CREATE TABLE passkey (
    tenant BIGINT NOT NULL,
    id {BYTES} NOT NULL,
    account BIGINT NOT NULL,
    name TEXT NOT NULL,
    holder {BYTES} NOT NULL,        -- random: what authenticators know the account by
    algorithm BIGINT NOT NULL,      -- COSE
    key {BYTES} NOT NULL,           -- COSE
    counter BIGINT NOT NULL,        -- of signatures
    can_back_up BIGINT NOT NULL,    -- 1: it may be carried to other devices
    backed_up BIGINT NOT NULL,      -- 1: it was, as it says
    transports TEXT NOT NULL,       -- how browsers reach it, with spaces between
    created BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX passkey_account ON passkey (tenant, account);
