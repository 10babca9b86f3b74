"""Solves programs of deployments on shared boxes with HiGHS called cold through SciPy's milp, on one core.

Reads JSON from the file named first: {"gap", "seconds", "programs": [{"boxTypes": [{"cost", "size", "available"}],
"demands": [...], "columns": [{"cost", "boxType", "parts", "rates": {"bucket": rate}}]}]}. A box holds any pieces whose
parts come to no more than its size, which is exact where all are powers of two. Prints one JSON line for each program:
{"seconds", "gap", "objective", "isReached"}; seconds are processor time of the call alone.
"""

import json
import os
import sys
import time

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array


def matrix(program):
    boxes, columns, demands = program["boxTypes"], program["columns"], program["demands"]
    flows = [
        (place, int(bucket), rate)
        for place, column in enumerate(columns)
        for bucket, rate in sorted(column["rates"].items())
    ]
    width = len(boxes) + len(columns) + len(flows)
    rows = lil_array((len(demands) + len(columns) + len(boxes), width))
    low = np.concatenate([demands, np.full(len(columns) + len(boxes), -np.inf)])
    high = np.concatenate([np.full(len(demands), np.inf), np.zeros(len(columns) + len(boxes))])
    for place, (column, bucket, rate) in enumerate(flows):
        rows[bucket, len(boxes) + len(columns) + place] = 1
        rows[len(demands) + column, len(boxes) + len(columns) + place] = 1 / rate
    for place, column in enumerate(columns):
        rows[len(demands) + place, len(boxes) + place] = -1
        rows[len(demands) + len(columns) + column["boxType"], len(boxes) + place] = column["parts"]
    for place, box in enumerate(boxes):
        rows[len(demands) + len(columns) + place, place] = -box["size"]
    costs = [box["cost"] for box in boxes] + [column["cost"] for column in columns] + [0] * len(flows)
    whole = np.concatenate([np.ones(len(boxes) + len(columns)), np.zeros(len(flows))])
    upper = [box["available"] for box in boxes] + [np.inf] * (len(columns) + len(flows))
    return np.array(costs, float), LinearConstraint(rows.tocsr(), low, high), whole, Bounds(0, upper)


def number(value):
    return None if value is None or not np.isfinite(value) else float(value)


task = json.load(open(sys.argv[1]))
for program in task["programs"]:
    costs, rows, whole, bounds = matrix(program)
    start = time.process_time()
    result = milp(
        costs,
        constraints=rows,
        integrality=whole,
        bounds=bounds,
        options={"mip_rel_gap": task["gap"], "time_limit": task["seconds"]},
    )
    seconds = time.process_time() - start
    found = result.x is not None
    print(
        json.dumps(
            {
                "seconds": seconds,
                "gap": number(result.mip_gap) if found else None,
                "objective": number(result.fun),
                "isReached": result.status == 0,
            }
        ),
        flush=True,
    )
