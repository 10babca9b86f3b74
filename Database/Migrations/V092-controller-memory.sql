-- What a controller's engine had come to after a tick: what the ticks before would tell again, in less time.
-- It is replaced now and then, belongs to the setup and the past that it names, and may be deleted at any time.

CREATE TABLE controller_memory (
    tick INTEGER PRIMARY KEY CHECK (tick >= 0),
    -- Of the scenario, the table of what servers achieve, the rules and the limits.
    setup_digest TEXT NOT NULL CHECK (length(setup_digest) = 64),
    -- The last link of controller_chain at the time.
    chain_position INTEGER NOT NULL REFERENCES controller_chain (position),
    chain_digest TEXT NOT NULL CHECK (length(chain_digest) = 64),
    memory_digest TEXT NOT NULL CHECK (length(memory_digest) = 64),
    memory_json TEXT NOT NULL CHECK (json_valid(memory_json))
) STRICT;
