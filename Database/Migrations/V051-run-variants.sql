-- A look at a scenario with something changed on the command line. What it measured, searched or replayed is found again
-- through it; the next verb without a scenario goes on from the last run that is none.
ALTER TABLE run ADD COLUMN is_variant INTEGER NOT NULL DEFAULT 0 CHECK (is_variant IN (0, 1));
