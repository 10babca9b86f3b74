-- A digest over all rows of a record, so that a value that a disk, a cable or another program has changed is
-- noticed before the record is shown. `db check` compares all of them.

CREATE TABLE outcome_digest (
    -- The table of the record and its `id` there.
    record_table TEXT NOT NULL CHECK (record_table <> ''),
    record_id INTEGER NOT NULL,
    -- Of the record's row and of all rows that belong to it.
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    -- The last migration when the digest was made: a later one may have moved the rows.
    schema TEXT NOT NULL CHECK (schema <> ''),
    PRIMARY KEY (record_table, record_id)
) STRICT, WITHOUT ROWID;
