"""A stage for live checks: targets that count queries and can be spoilt one by one, a real Prometheus that scrapes them
five times a second, and a scenario of as many models as a check wants."""
import csv
import functools
import json
import os
import shutil
import socket
import subprocess
import threading
import time

import common
from fake_server import FakeServer

SCRAPE = 0.2
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COLUMNS = {"bert-99": ("search", 400_000), "bert-99.9": ("ads", 150_000), "resnet50": ("feed", 3_000_000),
           "retinanet": ("shop", 40_000)}


def write_scenario(path, models, rule="risk", more="", trace=f"{ROOT}/Workloads/traces/week.csv", peaks=None):
    """The shipped scenario of published figures, with some of its models, at their peaks or at others."""
    peaks = peaks or {m: peak for m, (_, peak) in COLUMNS.items()}
    with open(path, "w") as file:
        file.write(f"id: {os.path.basename(path).removesuffix('.yaml')}\nseed: 1\n")
        file.write(f"imports:\n  - {{kind: csv, file: {ROOT}/Database/Seed/published.csv}}\n")
        file.write(f"models: [{', '.join(models)}]\nfleet: published\n")
        if trace:
            file.write(f"trace:\n  file: {trace}\n  time_column: time\n  columns:\n")
            file.write("".join(f"    {m}: {COLUMNS[m][0]}\n" for m in models) + "  peak_queries_per_second:\n")
            file.write("".join(f"    {m}: {peaks[m]}\n" for m in models))
        file.write("replay:\n  policies: [static, greedy, hercules]\n  subject: hercules\n  baseline: static\n"
                   f"  gap_fraction: 0.001\n  objective: drawn\n  over_provision: {{rule: {rule}, initial_fraction: 0.1, "
                   f"quantile: 0.99, window_intervals: 96}}\n{more}")
    return path


def whole_rows():
    """The loads of the shipped week in whole numbers, by model."""
    with open(f"{ROOT}/Workloads/traces/week.csv") as file:
        rows = list(csv.DictReader(file))
    most = {column: max(float(row[column]) for row in rows) for column, _ in COLUMNS.values()}
    return [{m: round(float(row[column]) / most[column] * peak) for m, (column, peak) in COLUMNS.items()} for row in rows]


def write_trace(path, loads):
    """Loads by model, one interval of a quarter of an hour after the other."""
    with open(path, "w") as file:
        file.write("time," + ",".join(column for column, _ in COLUMNS.values()) + "\n")
        for index, row in enumerate(loads):
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_790_035_200 + index * 900))
            file.write(at + "," + ",".join(str(row[m]) for m in COLUMNS) + "\n")
    return path


def write_whole_trace(path):
    """The shipped week with loads that are whole numbers, so that counters hold them without rounding."""
    return write_trace(path, whole_rows())


def servers():
    """Servers of each type in the shipped fleet."""
    with open(f"{ROOT}/Workloads/fleets/published.yaml") as file:
        lines = [line.split(":") for line in file if line.startswith("  ")]
    return {name.strip(): int(count) for name, count in lines}


@functools.cache
def figures():
    """Queries/s and watts of each model on each server, as published."""
    found = {}
    with open(f"{ROOT}/Database/Seed/published.csv") as file:
        for row in csv.reader(line for line in file if not line.startswith("#")):
            if row[0] != "model":
                found.setdefault(row[0], {})[row[1]] = (float(row[4]), float(row[8]))
    return found


def capacities(allocation):
    """Queries/s of each model by what a decision wants."""
    found, known = dict.fromkeys(COLUMNS, 0.0), figures()
    for share in allocation:
        found[share["model"]] += share["count"] * known[share["model"]][share["serverType"]][0]
    return found


def compile(source, output, *more):
    """Builds a library of one of the files beside this one; whether there is a compiler that does."""
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if compiler is None:
        return False
    made = subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", output, f"{HERE}/{source}", *more], capture_output=True,
                          text=True, timeout=120)
    if made.returncode:
        print(f"      {source}: {made.stderr[-300:]}")
    return made.returncode == 0


class Targets(FakeServer):
    """Counters of several models, each at an address of its own, that rise by a load in queries/s. `faults` says what is
    wrong with each; nothing is, where a model is not in it."""
    protocol = "HTTP/1.0"

    def __init__(self, loads):
        self.loads, self.faults = loads, {}
        self.totals = dict.fromkeys(loads, 0.0)
        self.last = time.monotonic()
        self.lock = threading.Lock()
        self.start()

    def advance(self):
        now = time.monotonic()
        for model, load in self.loads.items():
            if self.faults.get(model) != "idle":
                self.totals[model] += load * (now - self.last)
        self.last = now

    def spoil(self, model, fault):
        """From now on a model has a fault; `None` takes it away. Jumps and resets happen once, at once."""
        with self.lock:
            self.advance()
            if fault == "jump":
                self.totals[model] += 1e14
            elif fault == "reset":
                self.totals[model] = 0.0
            self.faults[model] = fault

    def raise_load(self, model, load):
        with self.lock:
            self.advance()
            self.loads[model] = load

    def answer(self, handler):
        model = handler.path.strip("/")
        with self.lock:
            self.advance()
            fault, value = self.faults.get(model), self.totals.get(model, 0.0)
        if fault == "hang":
            time.sleep(1)
        if fault in ("gone", "hang"):
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return
        name = "answers_total" if fault == "renamed" else "requests_total"
        text = {"nan": "NaN", "infinite": "+Inf", "negative": "-5"}.get(fault, repr(value))
        lines = [f'{name}{{model="{model}"}} {text}\n']
        if fault == "twice":
            lines.append(f'{name}{{model="{model}",pod="b"}} 0\n')
        body = "".join(lines).encode()
        handler.send_response(500 if fault == "status500" else 200)
        handler.send_header("Content-Type", "text/plain; version=0.0.4")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class Prometheus:
    """A real Prometheus over the targets, which can be stopped, killed and started again on the same data."""

    def __init__(self, folder, targets, path=lambda model: model, host="127.0.0.1"):
        self.folder, self.port, self.host = folder, common.free_port(), host
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts, self.process = 0, None
        with open(f"{folder}/prometheus.yml", "w") as file:
            file.write("scrape_configs:\n")
            for number, page in enumerate(sorted(set(map(path, targets.totals)))):
                file.write(f"  - job_name: job{number}\n    metrics_path: /{page}\n    scrape_interval: 200ms\n"
                           f"    scrape_timeout: 200ms\n    static_configs: [{{targets: [\"127.0.0.1:{targets.port}\"]}}]\n")

    def start(self):
        self.starts += 1
        self.process = common.Process(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address={self.host}:{self.port}"], f"{self.folder}/prometheus{self.starts}.log")

    def wait(self):
        return common.wait_for(f"{self.url}/-/ready", self.process)

    def close(self):
        if self.process:
            self.process.__exit__()


def write_controller(path, scenario, url=None, models=(), mode="advisory", interval=1, window=4, limits="", more="",
                     scrape=SCRAPE):
    """A controller's file: loads from a Prometheus, or from the scenario's trace where there is none."""
    with open(path, "w") as file:
        file.write(f"id: {os.path.basename(path).removesuffix('.yaml')}\nscenario: {scenario}\nmode: {mode}\n"
                   f"interval_seconds: {interval}\n{limits}{more}")
        if url is None:
            file.write("input: {trace: true}\n")
            return path
        file.write(f'input:\n  prometheus: {{url: "{url}"}}\nmodels:\n')
        for model in sorted(models):
            file.write(f"  {model}: {{counter: 'requests_total{{model=\"{model}\"}}', window_seconds: {window}, "
                       f"scrape_seconds: {scrape}, series_max: 1}}\n")
    return path


def status(url):
    """What a controller says of itself; an empty object where it does not answer."""
    code, _, text = common.ask(url + "/v1/status", seconds=3)
    return json.loads(text) if code == 200 else {}
