"""Solves provisioning programs with HiGHS called cold through SciPy's milp, on one core.

Reads JSON from the file named first: a list of {"name", "types", "models", "available", "loads", "rates", "powers",
"gap", "seconds", "equalSeconds"}, with rates and powers one row per model. Prints one JSON line for each:
{"name", "seconds", "gap", "objective", "bound", "isReached", "equalObjective"}; seconds are processor time of the call
alone, without building the matrix, and equalObjective is what the solver had after equalSeconds, or null.
"""

import json
import os
import sys
import time

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array


def program(instance):
    models, types = instance["models"], instance["types"]
    rates = np.array(instance["rates"]).reshape(models, types)
    available = np.array(instance["available"], float)
    columns = np.arange(models * types)
    cover = coo_array(
        (
            np.concatenate([(rates / np.array(instance["loads"])[:, None]).ravel(), np.ones(models * types)]),
            (
                np.concatenate([np.repeat(np.arange(models), types), models + np.tile(np.arange(types), models)]),
                np.concatenate([columns, columns]),
            ),
        ),
        shape=(models + types, models * types),
    ).tocsr()
    rows = LinearConstraint(
        cover,
        np.concatenate([np.full(models, 1 - 1e-9), np.full(types, -np.inf)]),
        np.concatenate([np.full(models, np.inf), available]),
    )
    return np.array(instance["powers"]), rows, Bounds(0, np.tile(available, models))


def solve(parts, gap, seconds):
    costs, rows, bounds = parts
    start = time.process_time()
    result = milp(
        costs,
        constraints=rows,
        integrality=np.ones(len(costs)),
        bounds=bounds,
        options={"mip_rel_gap": gap, "time_limit": seconds},
    )
    return result, time.process_time() - start


def number(value):
    return None if value is None or not np.isfinite(value) else float(value)


for instance in json.load(open(sys.argv[1])):
    parts = program(instance)
    result, seconds = solve(parts, instance["gap"], instance["seconds"])
    equal, _ = solve(parts, instance["gap"], instance["equalSeconds"])
    print(
        json.dumps(
            {
                "name": instance["name"],
                "seconds": seconds,
                "gap": number(result.mip_gap if result.x is not None else None),
                "objective": number(result.fun),
                "bound": number(getattr(result, "mip_dual_bound", None)),
                "isReached": result.status == 0,
                "equalObjective": number(equal.fun),
            }
        ),
        flush=True,
    )
