"""A controller in advisory mode on a simulated clock against a Prometheus that misbehaves: nothing is stopped on what
cannot be trusted, other models go on as if nothing had happened, and the process lives, small and in time."""
import argparse
import math
import os
import random
import tempfile
import time

import common
import stage
from fake_prometheus import FAULTS, ONCE, SLOW, FakePrometheus, Schedule

INTERVAL, START = 60, 1_790_000_040
# Several servers each, at loads that fall: a controller that believes them stops some.
LOADS = {"bert-99": 200_000.0, "bert-99.9": 90_000.0, "resnet50": 1_500_000.0, "retinanet": 25_000.0}
WAVE = 20_000.0 / math.pi
# A tick may take half an interval, and ten seconds.
TICK_SECONDS_MAX = min(INTERVAL / 2, 10)


def write_files(folder, url, models, scenario, token):
    path = os.path.join(folder, "chaos.yaml")
    with open(path, "w") as file:
        file.write(f"id: chaos\nscenario: {scenario}\nmode: advisory\ninterval_seconds: {INTERVAL}\n")
        file.write(f'input:\n  prometheus:\n    url: "{url}"\n    deadline_seconds: 0.9\n    bearer_file: {token}\n')
        file.write("models:\n")
        for model in models:
            file.write(f"  {model}: {{counter: 'requests_total{{model=\"{model}\"}}', scrape_seconds: 5}}\n")
    return path


def run(controller, folder, name, schedule, models, total, scenario):
    """One run over the whole schedule: decisions, observations, what the fake saw, and how it went."""
    fake = FakePrometheus(schedule, total)
    folder = os.path.join(folder, name)
    os.mkdir(folder)
    token = os.path.join(folder, "token")
    with open(token, "w") as file:
        file.write("a-secret-token\n")
    database = os.path.join(folder, f"{name}.sqlite")
    path = write_files(folder, f"http://127.0.0.1:{fake.port}", models, scenario, token)
    begin, peak = time.monotonic(), 0.0
    arguments = [
        controller, "run", path, "--database", database, "--clock", "simulated", "--from", str(START),
        "--ticks", str(len(schedule.ticks)), "--listen", "127.0.0.1:0"]
    with common.Process(arguments, os.path.join(folder, f"{name}.log")) as process:
        end = begin + 600
        while process.is_alive() and time.monotonic() < end:
            peak = max(peak, process.resident_megabytes()) if process.is_alive() else peak
            time.sleep(0.05)
        status = process.child.poll()
        text = process.text()
    fake.close()
    return database, fake, status, text, peak, time.monotonic() - begin


def judge(seed, schedule, found, whole, victim, models, cases):
    """`found` is how the run went, and `whole` the same one without a fault."""
    label = f"seed {seed}"
    database, fake, status, text, peak, _ = found
    if not common.check(f"{label}: a run without a fault ends by itself", whole[2] == 0, whole[3][-600:]):
        return
    if not common.check(f"{label}: the controller ends by itself", status == 0, f"status {status}: {text[-600:]}"):
        return
    rows, decisions, undisturbed = common.observations(database), common.decisions(database), common.decisions(whole[0])
    common.check(f"{label}: a decision at every tick", len(decisions) == len(schedule.ticks),
                 f"{len(decisions)} of {len(schedule.ticks)}")
    first = min(tick for tick, _ in rows)
    stops = {d["tick"] for d in decisions for o in d["orders"]
             if o["to"] < o["from"] and d["trust"].get(o["model"], {}).get("state") == "held"}
    common.check(f"{label}: no stop of a held model", not stops, f"ticks {sorted(stops)[:5]}")
    stopped = sum(o["to"] < o["from"] for d in decisions for o in d["orders"])
    common.check(f"{label}: what is believed to fall is stopped", stopped > 0, "nothing was ever stopped")
    for fault, causes in FAULTS.items():
        if fault not in schedule.ticks:
            continue
        place = schedule.ticks.index(fault)
        ticks = [first + i for i, f in enumerate(schedule.ticks) if f == fault]
        figures = {"unsafe": len(stops & set(range(ticks[0], ticks[-1] + 5)))}
        if fault == "reset":
            # Loads fall and rise by themselves: the run without a fault tells how much.
            needs = [decisions[i]["needed"][victim] / undisturbed[i]["needed"][victim] for i in range(place - 1, place + 4)]
            held = [t for t in ticks if rows[(t, victim)][0] == "held"]
            holds = common.check(f"{label}: a reset moves the need by less than 5 %",
                                 not held and max(needs) / min(needs) < 1.05, f"held {held}, {needs}")
        else:
            ticks = ticks[:1] if fault in ONCE else ticks
            found = {rows[(t, victim)][1] for t in ticks if (t, victim) in rows and rows[(t, victim)][0] == "held"}
            trusted = [t for t in ticks if (t, victim) in rows and rows[(t, victim)][0] != "held"]
            holds = common.check(f"{label}: {fault} is held", not trusted and found and found <= causes | {"recovering"},
                                 f"trusted at {trusted[:3]}, causes {sorted(map(str, found))}")
            after = range(ticks[-1] + 1, ticks[-1] + 9)
            back = next((t - ticks[-1] for t in after if rows.get((t, victim), ("held",))[0] != "held"), None)
            figures |= {"hold": 1 if holds else None, "back": back}
        cases.setdefault(fault, []).append((figures, bool(holds) and not figures["unsafe"]))
    others = [m for m in models if m != victim]
    wrong = [(t, m) for (t, m), (state, _, _) in rows.items() if m in others and state == "held" and t > first + 4]
    common.check(f"{label}: the other models go on", not wrong, f"{wrong[:3]}")
    moved = [(a["tick"], m) for a, b in zip(decisions, undisturbed) for m in others for key in ("load", "forecast", "headroom")
             if a[key].get(m) != b[key].get(m)]
    common.check(f"{label}: loads, forecasts and headroom of the others are those of a run without a fault, to the last bit",
                 not moved and len(decisions) == len(undisturbed), f"{moved[:3]}")
    back = [t for i, t in enumerate(range(first, first + len(schedule.ticks)))
            if i > 8 and schedule.ticks[i] is None and schedule.ticks[i - 1] is None
            and schedule.ticks[i - 2] is None and schedule.ticks[i - 3] is None
            and rows.get((t, victim), ("held",))[0] == "held"]
    common.check(f"{label}: trusted again after two good ticks", not back, f"still held at {back[:5]}")
    common.check(f"{label}: the token went nowhere else", fake.stolen == 0 and fake.elsewhere == 0,
                 f"{fake.elsewhere} requests elsewhere")
    writes = [r for r in fake.requests if r[0] != "GET"]
    common.check(f"{label}: nothing but GET was sent", not writes, f"{writes[:3]}")
    common.check(f"{label}: the token is in no log", "a-secret-token" not in text, "found it")
    common.check(f"{label}: memory grows by less than 50 MB", peak < whole[4] + 50, f"{whole[4]:.0f} and {peak:.0f} MB")
    begins = [at for _, at in sorted(fake.asked.items())]
    longest = max(after - before for before, after in zip(begins, begins[1:]))
    common.check(f"{label}: no tick takes more than 10 s", longest < TICK_SECONDS_MAX, f"{longest:.1f} s")
    return longest


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--models", default="bert-99,bert-99.9,resnet50,retinanet")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--faults", type=int, default=len(FAULTS))
    given = options.parse_args()
    models = given.models.split(",")
    cases = {}
    for seed in range(given.seeds):
        draw = random.Random(seed)
        victim = draw.choice(models)
        faults = list(FAULTS)
        if given.faults < len(faults):
            # The slow ones take real time; a short run keeps one of them.
            faults = draw.sample([f for f in faults if f not in SLOW], given.faults - 1) + ["slow"]
        base = {m: LOADS[m] * draw.uniform(0.7, 1.0) for m in models}
        schedule = Schedule(START, INTERVAL, seed, faults, victim=victim)
        total = lambda model, t: base[model] * (t - 1.79e9 + 0.3 * WAVE * math.sin((t - START) / WAVE))
        with tempfile.TemporaryDirectory() as folder:
            # Headroom of each model by itself: what others need does not depend on whom a fault has hit.
            scenario = stage.write_scenario(f"{folder}/fleet.yaml", models, rule="quantile")
            whole = run(given.controller, folder, "whole", schedule.undisturbed(), models, total, scenario)
            found = run(given.controller, folder, "spoilt", schedule, models, total, scenario)
            longest = judge(seed, schedule, found, whole, victim, models, cases)
            print(f"      seed {seed}: {len(schedule.ticks)} ticks in {found[5]:.1f} s, {found[4]:.0f} MB and {whole[4]:.0f} MB "
                  f"without a fault, the longest tick {longest or 0:.1f} s")
    for fault, results in cases.items():
        common.note_case(fault, "fake Prometheus", [figures for figures, _ in results], sum(holds for _, holds in results))
    common.finish()


if __name__ == "__main__":
    main()
