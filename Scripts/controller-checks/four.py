"""The same outage, four controllers: what ours, a faithful Horizontal Pod Autoscaler, a scaler that takes an empty answer
for 0, and a fixed number of servers do when their input fails while the load rises. All start servers at once; what is
counted are the minutes in which one model has fewer servers than its load needs."""
import argparse
import concurrent.futures
import math
import os
import random
import re
import tempfile

import common
import stage
from fake_prometheus import FakePrometheus, Schedule

INTERVAL, START, SCRAPE, WINDOW = 60, 1_790_000_040, 5, 60
VICTIM, SERVER = "resnet50", "r7515-ai100-pro-x4"
LOW, HIGH, PERIOD = 300_000.0, 1_200_000.0, 14_400.0
OTHERS = {"bert-99": 200_000.0, "bert-99.9": 60_000.0, "retinanet": 20_000.0}
# The load rises through its mean an hour after the start of a period; half an hour of outage in the middle of the rise.
TICKS, BEGIN = 350, START + 60 * 60 * 5 - 900
END = BEGIN + 1800
OUTAGES = {"gone": "the target is gone", "down": "Prometheus is down", "thin": "a third of the samples is missing"}
MARKS = ("<!-- four controllers: written by Scripts/check-controller --write -->", "<!-- end of four controllers -->")


def load(t):
    """Queries/s of the model that is looked at."""
    return (LOW + HIGH) / 2 - (HIGH - LOW) / 2 * math.cos(2 * math.pi * (t - START) / PERIOD)


def total(model, t):
    """Its counter, and those of the others."""
    if model != VICTIM:
        return OTHERS[model] * (t - START + 1e5)
    half = (HIGH - LOW) / 2 * PERIOD / (2 * math.pi)
    return (LOW + HIGH) / 2 * (t - START + 1e5) - half * math.sin(2 * math.pi * (t - START) / PERIOD)


def samples(outage, model, start, end):
    """The samples that a Prometheus has of a model between two moments."""
    times = (i * SCRAPE for i in range(math.ceil(start / SCRAPE), int(end / SCRAPE) + 1))
    if outage == "thin":
        lost = lambda t: model == VICTIM and random.Random(t).random() < 1 / 3
    else:
        lost = lambda t: model == VICTIM or outage == "down"
    return [(t, total(model, t)) for t in times if not (BEGIN <= t < END and lost(t))]


class Failing(FakePrometheus):
    """A Prometheus that has what is left of the samples, and is not there at all while it is down."""

    def __init__(self, outage):
        self.outage = outage
        super().__init__(Schedule(START, INTERVAL, 0, []), total, scrape=SCRAPE)

    def samples(self, model, start, end, fault):
        return [(t, repr(v)) for t, v in samples(self.outage, model, start, end)]

    def answer(self, handler):
        moment = re.search(r"[?&]time=([0-9.]+)", handler.path)
        if self.outage == "down" and moment and BEGIN <= float(moment[1]) < END:
            handler.close_connection = True
            return handler.connection.close()
        return super().answer(handler)


def rate(outage, t):
    """What `rate(requests_total[1m])` answers: stretched to the ends of the window where samples are near them. `None`
    for an empty answer."""
    found = samples(outage, VICTIM, t - WINDOW, t)
    if len(found) < 2:
        return None
    seconds = found[-1][0] - found[0][0]
    spacing = seconds / (len(found) - 1)
    stretch = seconds
    for gap in (found[0][0] - (t - WINDOW), t - found[-1][0]):
        stretch += gap if gap < 1.1 * spacing else spacing / 2
    return (found[-1][1] - found[0][1]) * stretch / seconds / WINDOW


def autoscaler(outage, throughput, empty_is_zero, servers_max):
    """Servers every 15 s: within a tenth nothing changes; up to twice as many or four more at once; down to the highest
    wish of the last 300 s. Without an answer nothing changes, unless an empty one is taken for 0."""
    target, current, wishes, counts = 0.8 * throughput, math.ceil(load(START) / (0.8 * throughput)), [], {}
    for t in range(START, START + TICKS * INTERVAL, 15):
        down = outage == "down" and BEGIN <= t < END
        value = None if down else rate(outage, t)
        if value is None and empty_is_zero and not down:
            value = 0.0
        if value is not None:
            wish = current if abs(1 - value / (target * current)) <= 0.1 else math.ceil(value / target)
            wishes = [(at, w) for at, w in wishes if at > t - 300] + [(t, wish)]
            stable = max(w for _, w in wishes) if wish < current else wish
            current = min(servers_max, max(1, min(stable, max(2 * current, current + 4))))
        counts[t] = current
    return counts


def ours(controller, outage, table):
    """Capacity and watts at every quarter of a minute, from the controller's own decisions."""
    with tempfile.TemporaryDirectory() as folder:
        fake = Failing(outage)
        with open(f"{folder}/four.yaml", "w") as file:
            file.write(f'id: four\nscenario: published\ninterval_seconds: {INTERVAL}\ninput:\n  prometheus:\n'
                       f'    url: "http://127.0.0.1:{fake.port}"\n    deadline_seconds: 0.9\nmodels:\n')
            file.write("".join(f"  {m}: {{counter: 'requests_total{{model=\"{m}\"}}', scrape_seconds: {SCRAPE}}}\n"
                               for m in [VICTIM, *OTHERS]))
        arguments = [controller, "run", f"{folder}/four.yaml", "--database", f"{folder}/four.sqlite", "--clock", "simulated",
                     "--from", str(START), "--ticks", str(TICKS), "--listen", "127.0.0.1:0"]
        with common.Process(arguments, f"{folder}/log") as process:
            common.check(f"{outage}: our controller ends by itself", process.ended(300) == 0, process.text(500))
        fake.close()
        made = {}
        for index, decision in enumerate(common.decisions(f"{folder}/four.sqlite")):
            shares = [s for s in decision["allocation"] if s["model"] == VICTIM]
            stands = [sum(table[s["serverType"]][k] * s["count"] for s in shares) for k in (0, 1)]
            for quarter in range(0, INTERVAL, 15):
                made[START + index * INTERVAL + quarter] = stands
        during = [d for i, d in enumerate(common.decisions(f"{folder}/four.sqlite"))
                  if BEGIN + 2 * INTERVAL <= START + i * INTERVAL < END]
        held = [d for d in during if d["trust"][VICTIM]["state"] == "held"]
        stops = [o for d in held for o in d["orders"] if o["model"] == VICTIM and o["to"] < o["from"]]
        common.check(f"{outage}: our controller noticed, and stopped nothing", len(held) > len(during) / 2 and not stops,
                     f"held {len(held)} of {len(during)}, stopped {stops[:3]}")
        return made


def judged(stands):
    """Minutes short from the outage's begin to half an hour after its end, and the mean kW over them."""
    window = [t for t in range(BEGIN, END + 1800, INTERVAL)]
    short = sum(any(stands[t + q][0] < load(t + q) * (1 - 1e-9) for q in range(0, INTERVAL, 15)) for t in window)
    return short, sum(stands[t][1] for t in window) / len(window) / 1000


def lines(rows):
    head = ["outage of 30 minutes while the load rises", "ours", "HPA", "scaler without fallback", "static"]
    text = ["| " + " | ".join(head) + " |", "|---|" + "---|" * 4]
    for outage, found in rows.items():
        text.append(f"| {OUTAGES[outage]} | " + " | ".join(f"{short} ({watts:.1f} kW)" for short, watts in found) + " |")
    return text


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--readme", default=f"{stage.ROOT}/Sources/hercules-controller/README.md")
    options.add_argument("--write", action="store_true", help="writes the table into the README")
    given = options.parse_args()
    table = stage.figures()[VICTIM]
    throughput, watts = table[SERVER]
    servers_max = stage.servers()[SERVER]
    with concurrent.futures.ThreadPoolExecutor(len(OUTAGES)) as pool:
        made = dict(zip(OUTAGES, pool.map(lambda outage: ours(given.controller, outage, table), OUTAGES)))
    rows = {}
    for outage in OUTAGES:
        scaled = [{t: (n * throughput, n * watts) for t, n in autoscaler(outage, throughput, zero, servers_max).items()}
                  for zero in (False, True)]
        fixed = math.ceil(HIGH / throughput)
        static = {t: (fixed * throughput, fixed * watts) for t in range(START, START + TICKS * INTERVAL, 15)}
        rows[outage] = [judged(stands) for stands in (made[outage], *scaled, static)]
    text = lines(rows)
    print("\n".join("      " + line for line in text))
    with open(given.readme) as file:
        page = file.read()
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    whole = before + MARKS[0] + "\n" + "\n".join(text) + "\n" + MARKS[1] + after
    if given.write and MARKS[0] in page:
        with open(given.readme, "w") as file:
            file.write(whole)
    else:
        common.check("the table in the README is this one", MARKS[0] in page and whole == page, "Scripts/check-controller --write")
    common.finish()


if __name__ == "__main__":
    main()
