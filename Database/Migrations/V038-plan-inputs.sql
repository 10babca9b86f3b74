-- By which a plan is found again that was made from the same demand, fleet, entries and goal. NULL in rows older than the
-- column.
ALTER TABLE plan ADD COLUMN inputs_digest TEXT CHECK (length(inputs_digest) = 64);
CREATE INDEX plan_by_inputs ON plan (inputs_digest) WHERE inputs_digest IS NOT NULL;
