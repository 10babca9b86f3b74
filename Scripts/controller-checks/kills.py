"""A controller on a simulated clock is killed at random moments and started again on the same database: it expects what
one expects that was never killed, decides what one engine decides on the same inputs, and its past stays whole."""
import argparse
import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time

import common
import stage
from fake_prometheus import FakePrometheus, Schedule

INTERVAL, START, SCRAPE = 60, 1_790_000_040, 5
LOADS = {"bert-99": 200_000.0, "bert-99.9": 90_000.0, "resnet50": 1_500_000.0, "retinanet": 25_000.0}
# What a start puts off may be made up for at once: else one decision's limits would be seen in the next ones.
LIMITS = ("limits: {starts_least: 100000, stops_least: 100000, window_stops_fraction: 1, window_seconds: 1, "
          "stop_window_seconds: 0}\n")


def total(model, t):
    """A counter of a load that rises and falls."""
    phase = 0.7 * sorted(LOADS).index(model)
    return LOADS[model] * (t - START + 90_000 - 2000 * math.cos(t / 4000 + phase) - 60 * math.cos(t / 300 + phase))


def write_config(path, port, scenario):
    with open(path, "w") as file:
        file.write(f"id: kills\nscenario: {scenario}\nmode: active\ninterval_seconds: {INTERVAL}\n{LIMITS}"
                   f'input:\n  prometheus: {{url: "http://127.0.0.1:{port}"}}\nmodels:\n')
        file.write("".join(f"  {m}: {{counter: 'requests_total{{model=\"{m}\"}}', scrape_seconds: {SCRAPE}}}\n" for m in LOADS))


def last_tick(database):
    """The last tick that is written down, and its time; none before the first."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
            return rows.execute("SELECT tick, at_unix_milliseconds FROM controller_tick ORDER BY tick DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return None


def arguments(controller, folder, name, begin, ticks):
    return [controller, "run", f"{folder}/kills.yaml", "--mode", "active", "--database", f"{folder}/{name}.sqlite", "--clock",
            "simulated", "--from", str(begin), "--ticks", str(ticks), "--listen", "127.0.0.1:0"]


def killed_run(controller, folder, ticks, kills, draw):
    """Runs to the end, killed so many times on the way: the first ticks of each start, and how long a start took."""
    database, starts, slowest, done = f"{folder}/killed.sqlite", [], 0.0, 0
    for attempt in range(kills + 1):
        found = last_tick(database)
        begin = START if found is None else found[1] / 1000 + INTERVAL
        tick = -1 if found is None else found[0]
        if tick + 1 >= ticks:
            break
        starts.append(tick + 1)
        with common.Process(arguments(controller, folder, "killed", begin, ticks - tick - 1), f"{folder}/{attempt}.log") as process:
            if attempt == kills:
                process.child.wait(600)
                return starts, slowest, done, process.child.returncode == 0, process.text(400)
            # After some ticks, anywhere within one.
            goal, at, end = tick + draw.randint(1, 6), time.monotonic(), time.monotonic() + 60
            while process.is_alive() and time.monotonic() < end and (last_tick(database) or (-1,))[0] < goal:
                if slowest < time.monotonic() - at and (last_tick(database) or (-1,))[0] == tick:
                    slowest = time.monotonic() - at
                time.sleep(0.003)
            time.sleep(draw.uniform(0, 0.01))
            if not process.is_alive():
                return starts, slowest, done, False, process.text(400)
            process.child.send_signal(signal.SIGKILL)
            process.child.wait()
            done += 1
    return starts, slowest, done, True, "it came to the end before it was killed often enough"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--kills", type=int, default=100)
    given = options.parse_args()
    ticks = 8 * given.kills + 40
    with tempfile.TemporaryDirectory() as folder:
        fake = FakePrometheus(Schedule(START, INTERVAL, 0, []), total, scrape=SCRAPE)
        # Headroom from the errors of the forecast: one that also weighs what was short depends more on what first ticks keep.
        scenario = stage.write_scenario(f"{folder}/fleet.yaml", sorted(LOADS), rule="quantile")
        write_config(f"{folder}/kills.yaml", fake.port, scenario)
        with common.Process(arguments(given.controller, folder, "whole", START, ticks), f"{folder}/whole.log") as process:
            process.child.wait(900)
            common.check("an undisturbed run ends by itself", process.child.returncode == 0, process.text(600))
        starts, slowest, done, ended, text = killed_run(given.controller, folder, ticks, given.kills, random.Random(1))
        fake.close()
        common.check(f"the run that is killed {given.kills} times comes to its end", ended and done == given.kills,
                     f"{done} kills; {text}")
        whole = {d["tick"]: d for d in common.decisions(f"{folder}/whole.sqlite")}
        killed = {d["tick"]: d for d in common.decisions(f"{folder}/killed.sqlite")}
        common.check("each tick was decided once, and none is missing", sorted(killed) == sorted(whole) == list(range(ticks)),
                     f"{len(killed)} of {ticks}")
        learnt = [(t, k) for t in whole for k in ("load", "forecast") if whole[t][k] != killed.get(t, {}).get(k)]
        common.check("every load and forecast is that of the undisturbed run", not learnt, learnt[:5])
        needs = [t for t in whole if whole[t]["needed"] != killed.get(t, {}).get("needed")]
        print(f"      the need was another one at {len(needs)} ticks, as first ticks had kept servers")
        # What a first tick keeps, later plans weigh: the same inputs, stops that were put off among them, have to give
        # the same decisions in an engine that was never ended.
        moves = len({str(d["allocation"]) for d in killed.values()})
        decided, identical = rehearse(given.controller, folder, ticks)
        common.check("an engine that never ended decides the same on the same inputs, to the last bit",
                     decided == identical == ticks and moves > ticks / 10, f"{identical} of {decided}, {moves} allocations")
        first = [t for t in starts[1:] for o in killed.get(t, {"orders": []})["orders"] if o["to"] < o["from"]]
        common.check("the first tick after a start stops nothing", not first, first[:5])
        judge_orders(f"{folder}/killed.sqlite")
        verify = subprocess.run([given.controller, "verify", "--database", f"{folder}/killed.sqlite"], capture_output=True,
                                text=True, timeout=120)
        common.check("the chain of its past is whole", verify.returncode == 0, verify.stdout + verify.stderr)
        print(f"      {ticks} ticks, {given.kills} kills, the longest start to a decision {slowest:.2f} s")
        common.note_case("kill -9", "simulated clock", [{"unsafe": len(first)}], 0 if common.failed else 1)
    common.finish()


def rehearse(controller, folder, ticks):
    """Decides every recorded day again, in one go: decisions, and those that came out the same."""
    decided = identical = 0
    for day in range(START // 86_400, (START + ticks * INTERVAL) // 86_400 + 1):
        name = time.strftime("%Y-%m-%d", time.gmtime(day * 86_400))
        subprocess.run([controller, "record", name, "--database", f"{folder}/killed.sqlite", "--output", f"{folder}/day.jsonl"],
                       check=True, capture_output=True, timeout=120)
        done = subprocess.run([controller, "rehearse", f"{folder}/day.jsonl", "--controller", f"{folder}/kills.yaml",
                               "--database", f"{folder}/again.sqlite", "--json"], capture_output=True, text=True, timeout=300)
        found = json.loads(done.stdout)
        decided, identical = decided + found["decisions"], identical + found["identical"]
    return decided, identical


def judge_orders(database):
    """Of each pair, orders follow one another without a gap and without a repetition."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
        orders = rows.execute("SELECT model, server_type, from_servers, to_servers FROM controller_order ORDER BY id").fetchall()
    stands, torn = {}, []
    for model, server, before, after in orders:
        if stands.get((model, server), 0) != before:
            torn.append((model, server, stands.get((model, server), 0), before, after))
        stands[(model, server)] = after
    wanted = {(s["model"], s["serverType"]): s["count"] for s in common.decisions(database)[-1]["allocation"]}
    lost = [pair for pair in set(stands) | set(wanted) if stands.get(pair, 0) != wanted.get(pair, 0)]
    common.check(f"{len(orders)} orders: 0 lost, 0 doubled", orders and not torn and not lost, f"{torn[:3]} {lost[:3]}")


if __name__ == "__main__":
    main()
