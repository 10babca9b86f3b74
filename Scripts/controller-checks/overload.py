"""A controller whose planner cannot do what is asked. Three times the load, which no plan serves, and a solver that is never in
time or is not there: it serves what it can, stops nothing for it, says why, and decides at every tick."""
import argparse
import concurrent.futures
import json
import math
import os
import random
import sqlite3
import subprocess
import tempfile

import common
import stage
from fake_prometheus import FakePrometheus, Schedule

TICKS, START = 144, 1_790_000_040
FACTOR = 3


def rows(seed, factor):
    """A day and a half of the shipped week, with its highest load somewhere within."""
    week, known, there = stage.whole_rows(), stage.figures(), stage.servers()
    fleet = {m: sum(count * known[m].get(t, (0, 0))[0] for t, count in there.items()) for m in stage.COLUMNS}
    highest = max(range(len(week)), key=lambda i: sum(load / fleet[m] for m, load in week[i].items()))
    begin = highest - random.Random(seed).randrange(20, TICKS - 20)
    return [{m: factor * load for m, load in week[(begin + i) % len(week)].items()} for i in range(TICKS)]


def run(controller, folder, loads, library=None):
    """Decisions on a trace, texts of alarms, and what is wrong already."""
    peaks = {m: max(row[m] for row in loads) for m in stage.COLUMNS}
    trace = stage.write_trace(f"{folder}/load.csv", loads)
    scenario = stage.write_scenario(f"{folder}/scenario.yaml", sorted(stage.COLUMNS), trace=trace, peaks=peaks)
    return decided(controller, folder, stage.write_controller(f"{folder}/overload.yaml", scenario, interval=900), library)


def decided(controller, folder, path, library):
    environment = {**os.environ, **({"HERCULES_LIB_PATH": library} if library else {})}
    arguments = [controller, "run", path, "--database", f"{folder}/overload.sqlite", "--clock", "simulated", "--from",
                 str(START), "--ticks", str(TICKS), "--listen", "127.0.0.1:0"]
    with common.Process(arguments, f"{folder}/log", env=environment) as process:
        status = process.ended(600)
        if status != 0:
            return [], [], [f"status {status}: {process.text(500)}"]
    with sqlite3.connect(f"file:{folder}/overload.sqlite?mode=ro", uri=True) as store:
        events = [json.loads(text) for (text,) in store.execute("SELECT event_json FROM controller_event")]
    decisions = common.decisions(f"{folder}/overload.sqlite")
    missing = [] if len(decisions) == TICKS else [f"{len(decisions)} decisions in {TICKS} ticks"]
    return decisions, [e["text"] for e in events if e["kind"] == "alarm"], missing


def unserved(decisions, loads):
    """Share of all queries beyond the capacity, from the second interval on, as a replay has it."""
    lost = arrived = 0.0
    for decision, row in list(zip(decisions, loads))[1:]:
        capacity = stage.capacities(decision["allocation"])
        arrived += sum(row.values())
        lost += sum(max(0.0, load - capacity[m]) for m, load in row.items())
    return lost / arrived


def replayed(controller, folder):
    """The share that `hercules replay` of the same trace leaves unserved; `None` where it cannot be had."""
    program = os.path.join(os.path.dirname(controller), "hercules")
    if not os.path.exists(program):
        return None
    shared = ["--database", f"{folder}/replay.sqlite"]
    for words in (["import", "csv", f"{stage.ROOT}/Database/Seed/published.csv"], ["search", f"{folder}/scenario.yaml", "--quiet"]):
        subprocess.run([program, *words, *shared], check=True, capture_output=True, timeout=300)
    done = subprocess.run([program, "replay", f"{folder}/scenario.yaml", "--policies", "hercules,static", "--format", "json",
                           "--quiet", *shared], check=True, capture_output=True, text=True, timeout=600)
    return next(p["unservedFraction"] for p in json.loads(done.stdout)["policies"] if p["name"] == "hercules")


def overloaded(controller, folder, seed, _):
    loads = rows(seed, FACTOR)
    decisions, alarms, failures = run(controller, folder, loads)
    if failures:
        return {}, failures
    short = [d for d in decisions if d["status"] == "infeasible"]
    stops = [d["tick"] for d in short for o in d["orders"] if o["to"] < o["from"]]
    if not short:
        failures.append("every plan served three times the load")
    if stops:
        failures.append(f"stopped at {stops[:3]}, while the load could not be served")
    if short and not any("cannot serve" in text for text in alarms):
        failures.append(f"nobody was told: {alarms[:2]}")
    unnamed = [d["tick"] for d in short if not d["binding"] and not d["sentence"]]
    if unnamed:
        failures.append(f"nothing says what binds at {unnamed[:3]}")
    ours, theirs = unserved(decisions, loads), replayed(controller, folder)
    if theirs is not None and ours > theirs + 0.01:
        failures.append(f"unserved {100 * ours:.2f} %, the replay {100 * theirs:.2f} %")
    return {"unsafe": len(stops), "ours": ours, "theirs": theirs}, failures


def total(seed, model, t):
    """A counter of a load that rises and falls."""
    phase = seed + 0.7 * sorted(stage.COLUMNS).index(model)
    return stage.COLUMNS[model][1] / 2 * (t - START + 90_000 - 4000 * math.cos(t / 8000 + phase))


def without_solver(controller, folder, seed, library):
    fake = FakePrometheus(Schedule(START, 60, 0, []), lambda model, t: total(seed, model, t))
    try:
        scenario = stage.write_scenario(f"{folder}/scenario.yaml", sorted(stage.COLUMNS), trace=None)
        path = stage.write_controller(f"{folder}/overload.yaml", scenario, f"http://127.0.0.1:{fake.port}", stage.COLUMNS,
                                      interval=60, window=60, scrape=5)
        found = decided(controller, folder, path, library)
    finally:
        fake.close()
    failures = judge_planless(*found)
    # The greedy rule plans what it is asked for, and the plan in force is kept while it covers.
    routes = {d["route"] for d in found[0] if d["allocation"]}
    if not routes <= {"kept", "greedy"}:
        failures.append(f"without a solver it planned by {routes}")
    return {"unsafe": 0}, failures


def in_no_time(controller, folder, seed, library):
    decisions, alarms, failures = run(controller, folder, rows(seed, 1), library)
    failures = judge_planless(decisions, alarms, failures)
    return {"unsafe": 0, "failed": sum(d["route"] in ("kept", "greedy") for d in decisions)}, failures


def judge_planless(decisions, alarms, failures):
    """What is wrong with decisions that were made without a planner."""
    if failures:
        return failures
    # Whoever plans in another way has to cover the need all the same.
    uncovered = [(d["tick"], m) for d in decisions for m, need in d["needed"].items()
                 if stage.capacities(d["allocation"])[m] < need * (1 - 1e-9) and not d["cut"]]
    if uncovered:
        failures.append(f"the need is not covered at {uncovered[:3]}")
    if not any(d["route"] in ("kept", "greedy") for d in decisions):
        failures.append("the planner never failed")
    elif not any("planner failed" in text for text in alarms):
        failures.append("the planner failed, and nobody was told")
    return failures


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--parallel", type=int, default=2)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as libraries:
        cases = {"load x 3": (overloaded, None)}
        for name in ("none", "slow"):
            os.mkdir(f"{libraries}/{name}")
        with open(f"{libraries}/none/libhighs.so", "w") as file:
            file.write("no library\n")
        cases["no solver"] = (without_solver, f"{libraries}/none")
        real = os.path.realpath(f"{stage.ROOT}/.deps/lib/libhighs.so")
        if os.path.exists(real) and stage.compile("slow_solver.c", f"{libraries}/slow/libhighs.so", "-Wl,--no-as-needed", real,
                                                  f"-Wl,-rpath,{os.path.dirname(real)}"):
            cases["slow solver"] = (in_no_time, f"{libraries}/slow")
        else:
            print("not done: a solver that is never in time; there is no compiler, or no HiGHS in .deps/lib")

        def perform(work):
            case, seed = work
            with tempfile.TemporaryDirectory() as folder:
                judge, library = cases[case]
                return (case, *judge(given.controller, folder, seed, library))

        with concurrent.futures.ThreadPoolExecutor(given.parallel) as pool:
            found = list(pool.map(perform, [(case, seed) for seed in range(given.seeds) for case in cases]))
    for case in cases:
        results = [(figures, failures) for name, figures, failures in found if name == case]
        wrong = [f for _, failures in results for f in failures]
        common.check(f"{case}: as it should be with {given.seeds} seeds", not wrong, wrong[:3])
        common.note_case(case, "simulated clock", [figures for figures, _ in results], sum(not f for _, f in results))
    over = [figures for name, figures, _ in found if name == "load x 3" and figures]
    if over:
        theirs = [f["theirs"] for f in over if f["theirs"] is not None]
        print(f"      three times the load: {100 * max(f['ours'] for f in over):.2f} % unserved at most, "
              + (f"{100 * max(theirs):.2f} % in the replay" if theirs else "not compared, as `hercules` is not beside it"))
    slow = [figures for name, figures, _ in found if name == "slow solver" and figures]
    if slow:
        print(f"      the solver was late at {sum(f['failed'] for f in slow)} of {TICKS * len(slow)} ticks")
    common.finish()


if __name__ == "__main__":
    main()
