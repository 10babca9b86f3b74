"""Live mode, accelerated: an exporter plays loads at a second an interval, a real Prometheus scrapes it five times a
second, and the controller decides every second on the machine's own clocks. Prometheus is killed and started again on
the way."""
import argparse
import os
import sqlite3
import statistics
import tempfile
import threading
import time
import urllib.request

import common
from fake_server import FakeServer
from replay import loads_of

DAY = 96
SCRAPE, WINDOW, START = 0.2, 2, 1_790_000_040
# A second stands for an interval: what is remembered over minutes is remembered over as many intervals.
LIMITS = "limits: {stop_window_seconds: 5, window_seconds: 10}\n"


class Exporter(FakeServer):
    """Counters that rise by the load of each second since the start."""
    protocol = "HTTP/1.0"

    def __init__(self, table):
        self.table = [table[tick] for tick in sorted(table)]
        self.totals = dict.fromkeys(self.table[0], 0.0)
        self.begin = self.last = time.monotonic()
        self.lock = threading.Lock()
        self.start()

    def answer(self, handler):
        body = self.text().encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain; version=0.0.4")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def text(self):
        with self.lock:
            now = time.monotonic()
            while self.last < now:
                index = int(self.last - self.begin)
                step = min(now, self.begin + index + 1) - self.last
                for model, load in self.table[index % len(self.table)].items():
                    self.totals[model] += load * step
                self.last += max(step, 1e-9)
            return "".join(f'requests_total{{model="{m}"}} {v!r}\n' for m, v in sorted(self.totals.items()))


class Listener(threading.Thread):
    """Counts the decisions that arrive as server-sent events, coming back with the number of the last one seen."""

    def __init__(self, url, seconds):
        super().__init__(daemon=True)
        self.url, self.end = url, time.monotonic() + seconds
        self.last, self.decisions, self.connections = None, [], 0

    def run(self):
        while time.monotonic() < self.end:
            headers = {"Last-Event-ID": self.last} if self.last else {}
            self.connections += 1
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url, headers=headers), timeout=20) as stream:
                    # Leaves in the middle, several times: nothing may be lost by that.
                    until, kind, number = time.monotonic() + 10, None, None
                    while time.monotonic() < min(until, self.end):
                        line = stream.readline().decode().rstrip("\n")
                        if line.startswith("id: "):
                            number = line[4:]
                        elif line.startswith("event: "):
                            kind = line[7:]
                        elif line == "" and number:
                            self.last = number
                            if kind == "decision":
                                self.decisions.append(int(number))
                            kind = number = None
            except OSError:
                time.sleep(0.2)


def trace_run(controller, scenario, ticks, folder):
    with open(f"{folder}/trace.yaml", "w") as file:
        file.write(f"id: trace\nscenario: {scenario}\ninterval_seconds: 1\n{LIMITS}input: {{trace: true}}\n")
    arguments = [controller, "run", f"{folder}/trace.yaml", "--database", f"{folder}/trace.sqlite", "--clock", "simulated",
                 "--from", str(START), "--ticks", str(ticks), "--listen", "127.0.0.1:0"]
    with common.Process(arguments, f"{folder}/trace.log") as process:
        return common.check("the same loads without Prometheus", process.ended(300) == 0, process.text())


def jitter(database):
    """How far each tick was from its second, in milliseconds."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
        times = rows.execute("SELECT tick, at_unix_milliseconds FROM controller_tick ORDER BY tick").fetchall()
    offsets = [at - 1000 * tick for tick, at in times]
    middle = statistics.median(offsets)
    return sorted(abs(offset - middle) for offset in offsets), [tick for tick, _ in times]


def compared(live, trace, kill_at):
    """Mean watts of both while all was well. The exporter began some seconds before the controller: the shift at which
    the loads agree best is how many."""
    ours = [d for d in live if 10 <= d["tick"] < kill_at]

    def distance(shift):
        pairs = [(d, trace[d["tick"] + shift]) for d in ours if d["tick"] + shift < len(trace)]
        return sum(abs(a["load"].get(m, 0) - v) for a, b in pairs for m, v in b["load"].items()) / max(1, len(pairs))

    shift = min(range(15), key=distance)
    # A window of two intervals lags behind a load that rises; over a whole day that evens out.
    pairs = [(d, trace[d["tick"] + shift]) for d in ours if d["tick"] + shift < len(trace)][-DAY:]
    return [statistics.mean(p[i]["objectiveWatts"] for p in pairs) for i in (0, 1)]


def judge(folder, process, listener, before, kill_at):
    live, trace = common.decisions(f"{folder}/live.sqlite"), common.decisions(f"{folder}/trace.sqlite")
    late, ticks = jitter(f"{folder}/live.sqlite")
    p99 = late[int(0.99 * (len(late) - 1))]
    common.check("ticks keep their seconds (p99 below 100 ms)", p99 < 100, f"{p99} ms")
    common.check("no tick is decided twice", len(set(ticks)) == len(ticks), ticks[:5])
    seen = common.observations(f"{folder}/live.sqlite")
    quiet = [(t, v) for (t, _), v in seen.items() if t > 10 and not kill_at - 3 <= t <= kill_at + 15]
    share = sum(1 for _, v in quiet if v[0] != "held") / max(1, len(quiet))
    common.check("loads are believed while all is well (99 %)", share >= 0.99, f"{share:.4f}")
    gone = [v for (t, _), v in seen.items() if kill_at + 2 <= t <= kill_at + 4]
    common.check("nothing is believed while Prometheus is gone", gone and all(v[0] == "held" for v in gone), gone[:3])
    unsafe = [d["id"] for d in live for o in d["orders"]
              if o["to"] < o["from"] and d["trust"].get(o["model"], {}).get("state") == "held"]
    common.check("no stop of a held model", not unsafe, unsafe[:3])
    last = max(ticks)
    common.check("trusted again after Prometheus came back", all(
        v[0] != "held" for (t, _), v in seen.items() if t == last), [v for (t, _), v in seen.items() if t == last])
    watts = compared(live, trace, kill_at)
    common.check("watts within 2 % of the run without Prometheus", abs(watts[0] / watts[1] - 1) < 0.02, watts)
    rows = {d["id"] for d in live}
    common.check("each decision arrived as one event", len(listener.decisions) == len(set(listener.decisions))
                 and abs(len(listener.decisions) - len(rows)) <= 2 and listener.connections >= 3,
                 f"{len(listener.decisions)} events, {len(rows)} decisions, {listener.connections} connections")
    grown = process.resident_megabytes() - before
    common.check("memory is flat (below 10 MB)", grown < 10, f"{grown:.1f} MB")
    print(f"      {len(live)} decisions, jitter p99 {p99} ms, {watts[0]:.0f} against {watts[1]:.0f} W, {grown:.1f} MB")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--scenario", required=True)
    options.add_argument("--seconds", type=int, default=220)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not trace_run(given.controller, given.scenario, given.seconds, folder):
            common.finish()
        exporter = Exporter(loads_of(f"{folder}/trace.sqlite"))
        port, own = common.free_port(), common.free_port()
        with open(f"{folder}/prometheus.yml", "w") as file:
            file.write("scrape_configs:\n  - job_name: play\n    scrape_interval: 200ms\n    scrape_timeout: 200ms\n"
                       f'    static_configs: [{{targets: ["127.0.0.1:{exporter.port}"]}}]\n')
        with open(f"{folder}/live.yaml", "w") as file:
            file.write(f"id: live\nscenario: {given.scenario}\ninterval_seconds: 1\n{LIMITS}")
            file.write(f'input:\n  prometheus: {{url: "http://127.0.0.1:{port}"}}\nmodels:\n')
            for model in sorted(exporter.totals):
                file.write(f"  {model}: {{counter: 'requests_total{{model=\"{model}\"}}', window_seconds: {WINDOW}, "
                           f"scrape_seconds: {SCRAPE}}}\n")
        prometheus = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                      f"--web.listen-address=127.0.0.1:{port}"]
        arguments = [given.controller, "run", f"{folder}/live.yaml", "--database", f"{folder}/live.sqlite",
                     "--listen", f"127.0.0.1:{own}"]
        first = common.Process(prometheus, f"{folder}/prometheus.log")
        with first:
            ready = common.wait_for(f"http://127.0.0.1:{port}/-/ready", first)
            common.check("Prometheus is ready", ready, first.text())
            time.sleep(WINDOW + 1)
            with common.Process(arguments, f"{folder}/live.log") as process:
                url = f"http://127.0.0.1:{own}"
                common.check("the controller is ready", common.wait_for(url + "/readyz", process), process.text())
                listener = Listener(url + "/v1/events?after=0", given.seconds - 1)
                listener.start()
                time.sleep(given.seconds / 2)
                before = process.resident_megabytes()
                rows = common.decisions(f"{folder}/live.sqlite")
                kill_at = rows[-1]["tick"]
                first.child.kill()
                time.sleep(6)
                with common.Process(prometheus, f"{folder}/prometheus2.log") as second:
                    common.check("Prometheus is back", common.wait_for(f"http://127.0.0.1:{port}/-/ready", second))
                    time.sleep(max(20, given.seconds / 2 - 6))
                    listener.join(30)
                    judge(folder, process, listener, before, kill_at)
        exporter.close()
    common.finish()


if __name__ == "__main__":
    main()
