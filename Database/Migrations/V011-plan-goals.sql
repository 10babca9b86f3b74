-- What a plan was to make small and had to keep to, what its objective came to, and which step of the planner
-- settled it. Plans stored before are of provisioned power without further constraints, by a route that is not known.

ALTER TABLE plan ADD COLUMN objective_name TEXT NOT NULL DEFAULT 'watts' CHECK (objective_name <> '');
-- What another objective came to: its value and bound in its own unit. NULL where the objective is provisioned power,
-- which objective_watts and bound_watts hold.
ALTER TABLE plan ADD COLUMN objective_json TEXT CHECK (objective_json IS NULL OR json_valid(objective_json));
ALTER TABLE plan ADD COLUMN route TEXT CHECK (route <> '');
-- Weights, prices and constraints; NULL where none were given.
ALTER TABLE plan ADD COLUMN goal_json TEXT CHECK (goal_json IS NULL OR json_valid(goal_json));
