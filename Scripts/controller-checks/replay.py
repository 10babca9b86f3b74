"""Replay mode: loads that a controller took from its trace are back-filled into a real Prometheus; a second controller
asks that Prometheus at the same moments. Both must order the same."""
import argparse
import os
import subprocess
import tempfile
import time

import common
import stage

INTERVAL, SCRAPE, START = 60, 15, 1_790_000_040


def loads_of(database):
    """Loads by tick and model, as a controller read them from its trace."""
    table = {}
    for (tick, model), (_, _, load) in common.observations(database).items():
        table.setdefault(tick, {})[model] = load or 0.0
    return table


def write_metrics(path, table, first):
    """Counters that rise by each tick's load during the interval before it, in OpenMetrics."""
    models = sorted(next(iter(table.values())))
    ticks = sorted(table)
    with open(path, "w") as file:
        file.write("# TYPE requests counter\n")
        for model in models:
            total = 0.0
            begin = START + (ticks[0] - first) * INTERVAL - INTERVAL
            file.write(f'requests_total{{model="{model}"}} {total!r} {begin}\n')
            for tick in ticks:
                start = START + (tick - first) * INTERVAL - INTERVAL
                for step in range(1, INTERVAL // SCRAPE + 1):
                    value = total + table[tick][model] * SCRAPE * step
                    file.write(f'requests_total{{model="{model}"}} {value!r} {start + step * SCRAPE}\n')
                total += table[tick][model] * INTERVAL
        file.write("# EOF\n")
    return models


def run(controller, config, database, ticks, log):
    with common.Process([controller, "run", config, "--database", database, "--clock", "simulated", "--from",
                         str(START), "--ticks", str(ticks), "--listen", "127.0.0.1:0"], log) as process:
        begin = time.monotonic()
        status = process.ended(1200)
        return status, time.monotonic() - begin, process.text()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--ticks", type=int, default=10_080)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        # A rounding in the thirteenth place would break ties in another way.
        given.scenario = stage.write_scenario(at("week.yaml"), sorted(stage.COLUMNS), trace=stage.write_whole_trace(at("week.csv")))
        with open(at("trace.yaml"), "w") as file:
            file.write(f"id: trace\nscenario: {given.scenario}\ninterval_seconds: {INTERVAL}\ninput: {{trace: true}}\n")
        status, seconds, text = run(given.controller, at("trace.yaml"), at("trace.sqlite"), given.ticks, at("trace.log"))
        if not common.check("the controller walks its trace", status == 0, text[-800:]):
            common.finish()
        table = loads_of(at("trace.sqlite"))
        first = min(table)
        models = write_metrics(at("metrics.txt"), table, first)
        done = subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", at("metrics.txt"), at("data")],
                              capture_output=True, text=True, timeout=900)
        if not common.check("promtool back-fills it", done.returncode == 0, done.stderr[-500:]):
            common.finish()
        with open(at("prometheus.yml"), "w") as file:
            file.write("global: {scrape_interval: 15s}\n")
        port = common.free_port()
        url = f"http://127.0.0.1:{port}"
        with open(at("live.yaml"), "w") as file:
            file.write(f"id: live\nscenario: {given.scenario}\ninterval_seconds: {INTERVAL}\n")
            file.write(f'input:\n  prometheus: {{url: "{url}"}}\nmodels:\n')
            for model in models:
                file.write(f"  {model}: {{counter: 'requests_total{{model=\"{model}\"}}', window_seconds: {INTERVAL}}}\n")
        prometheus = ["prometheus", f"--config.file={at('prometheus.yml')}", f"--storage.tsdb.path={at('data')}",
                      "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}"]
        with common.Process(prometheus, at("prometheus.log")) as server:
            if not common.check("Prometheus is ready", common.wait_for(url + "/-/ready", server), server.text()):
                common.finish()
            status, seconds, text = run(given.controller, at("live.yaml"), at("live.sqlite"), given.ticks, at("live.log"))
        common.check("the controller asks Prometheus at every tick", status == 0, text[-800:])
        compare(at("trace.sqlite"), at("live.sqlite"), given.ticks)
        print(f"      {given.ticks} ticks of {len(models)} models in {seconds:.1f} s")
    common.finish()


def compare(trace, live, ticks):
    ours, theirs = common.decisions(live), common.decisions(trace)
    common.check("both decided at every tick", len(ours) == len(theirs) == ticks, f"{len(ours)} and {len(theirs)}")
    seen = common.observations(live)
    first = min(tick for tick, _ in seen)
    held = [(t, m, v) for (t, m), v in seen.items() if v[0] == "held" and t > first + 4]
    common.check("every load was believed", not held, held[:3])
    known = loads_of(trace)
    far = [(t, m, v[2], known[t][m]) for (t, m), v in seen.items()
           if v[2] is not None and t in known and abs(v[2] - known[t][m]) > 1e-6 * max(1.0, known[t][m]) and t > first + 4]
    common.check("every load is that of the trace within one in a million", not far, far[:3])
    different = [(a["tick"], a["orders"][:2], b["orders"][:2]) for a, b in zip(ours, theirs)
                 if a["orders"] != b["orders"]]
    common.check(f"the orders of all {ticks} ticks are the same", not different, f"{len(different)}: {different[:2]}")


if __name__ == "__main__":
    main()
