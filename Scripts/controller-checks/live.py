"""Live mode, accelerated: an exporter plays days of a trace at two seconds an interval, a real Prometheus scrapes it five
times a second, and the controller decides at every interval on the machine's own clocks. It is compared with a replay of the
same trace; then Prometheus is killed and started again.

The exporter's intervals begin with the controller's, so that a window holds the load of one interval, as a replay hears it:
a window across two of them would compare another load, and not the controller. The trace begins when loads are believed, as
headroom by risk depends for days on the first errors it sees."""
import argparse
import json
import sqlite3
import statistics
import tempfile
import threading
import time
import urllib.request

import common
import stage
from fake_server import FakeServer

DAY, INTERVAL, START = 96, 2, 1_790_000_040
# Two seconds stand for an interval: what is remembered over minutes is remembered over as many intervals.
LIMITS = "limits: {stop_window_seconds: 10, window_seconds: 20}\n"
# Prometheus is away for so long, and is back and believed again within so long.
AWAY_SECONDS, BACK_SECONDS = 12, 24


class Exporter(FakeServer):
    """Counters that rise by the load of each interval, and by that of the first one until they are told when it began."""
    protocol = "HTTP/1.0"

    def __init__(self, rows):
        self.rows, self.first = rows, None
        self.totals = dict.fromkeys(rows[0], 0.0)
        self.last = time.time()
        self.lock = threading.Lock()
        self.start()

    def align(self, first):
        """Says when the first interval began, in seconds since 1970."""
        with self.lock:
            self.first = first

    def answer(self, handler):
        body = self.text().encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain; version=0.0.4")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def text(self):
        with self.lock:
            now = time.time()
            while self.last < now:
                index, until = 0, now
                if self.first is not None:
                    index = max(0, int((self.last - self.first) / INTERVAL + 1e-9))
                    until = min(now, self.first + (index + 1) * INTERVAL)
                for model, load in self.rows[min(index, len(self.rows) - 1)].items():
                    self.totals[model] += load * (until - self.last)
                self.last = max(until, self.last + 1e-6)
            return "".join(f'requests_total{{model="{m}"}} {v!r}\n' for m, v in sorted(self.totals.items()))


class Listener(threading.Thread):
    """Notes the decisions that arrive as server-sent events, coming back with the number of the last one seen."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.ends = url, threading.Event()
        self.last, self.decisions, self.connections = 0, [], 0

    def run(self):
        while not self.ends.is_set():
            headers = {"Last-Event-ID": str(self.last)} if self.last else {}
            self.connections += 1
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url, headers=headers), timeout=20) as stream:
                    # Leaves in the middle, several times: nothing may be lost by that.
                    until, kind, number = time.monotonic() + 10, None, None
                    while time.monotonic() < until and not self.ends.is_set():
                        line = stream.readline().decode()
                        if not line:
                            break
                        line = line.rstrip("\n")
                        if line.startswith("id: "):
                            number = int(line[4:])
                        elif line.startswith("event: "):
                            kind = line[7:]
                        elif line == "" and number:
                            self.last = number
                            if kind == "decision":
                                self.decisions.append(number)
                            kind = number = None
            except OSError:
                time.sleep(0.2)

    def catches_up(self, number, seconds=20):
        """Waits until it has seen an event, and stops it."""
        end = time.monotonic() + seconds
        while self.last < number and time.monotonic() < end:
            time.sleep(0.1)
        self.ends.set()
        return self.last >= number


def replayed(controller, scenario, ticks, folder):
    """The same trace without Prometheus, on a simulated clock."""
    path = stage.write_controller(f"{folder}/trace.yaml", scenario, interval=INTERVAL, limits=LIMITS)
    arguments = [controller, "run", path, "--database", f"{folder}/trace.sqlite", "--clock", "simulated",
                 "--from", str(START), "--ticks", str(ticks), "--listen", "127.0.0.1:0"]
    with common.Process(arguments, f"{folder}/trace.log") as process:
        return common.check("the same loads without Prometheus", process.ended(300) == 0, process.text())


def rows(database, sql):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5) as store:
        return store.execute(sql).fetchall()


def first_believed(database, models, seconds=40):
    """The first tick at which all loads are believed, and when it was in seconds since 1970; `None` where none comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = rows(database, "SELECT t.tick, t.at_unix_milliseconds FROM controller_tick t JOIN controller_observation o "
                         "ON o.tick = t.tick WHERE o.state <> 'held' GROUP BY t.tick "
                         f"HAVING count(*) = {len(models)} ORDER BY t.tick LIMIT 1")
        except sqlite3.Error:
            found = []
        if found:
            return found[0][0], found[0][1] / 1000
        time.sleep(0.1)
    return None


def jitter(database):
    """How far each tick was from its interval's begin, in milliseconds, in order; and the ticks."""
    times = rows(database, "SELECT tick, at_unix_milliseconds FROM controller_tick ORDER BY tick")
    offsets = [at - 1000 * INTERVAL * tick for tick, at in times]
    middle = statistics.median(offsets)
    return sorted(abs(offset - middle) for offset in offsets), [tick for tick, _ in times]


def outcome(decisions, loads, first, ticks):
    """Mean watts, and the share of intervals in which a model had fewer servers than its load needed. Servers serve at once,
    in both runs."""
    watts, short = [], 0
    for decision in decisions:
        if first <= decision["tick"] < first + ticks:
            capacity = stage.capacities(decision["allocation"])
            watts.append(decision["objectiveWatts"])
            short += any(capacity[m] < load * (1 - 1e-9) for m, load in loads[decision["tick"] - first].items())
    return statistics.mean(watts), short / len(watts), len(watts)


def judge_events(database, listener):
    """Every decision is an event, and every event arrived once, in order, however often the listener had left."""
    last = rows(database, "SELECT max(id) FROM controller_event")[0][0]
    caught = listener.catches_up(last)
    events = rows(database, f"SELECT id, event_json FROM controller_event WHERE id <= {listener.last} ORDER BY id")
    told = [number for number, text in events if json.loads(text)["kind"] == "decision"]
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5) as store:
        store.execute("BEGIN")
        texts = store.execute("SELECT event_json FROM controller_event").fetchall()
        decided = store.execute("SELECT count(*) FROM controller_decision").fetchone()[0]
    all_told = sum(json.loads(text)["kind"] == "decision" for (text,) in texts)
    common.check("each decision is one event, and each arrived once and in order", caught and told == listener.decisions
                 and all_told == decided and listener.connections >= 3,
                 f"{len(listener.decisions)} arrived of {len(told)}, {all_told} of {decided} decisions, "
                 f"{listener.connections} connections, up to {listener.last} of {last}")


def judge(folder, loads, first, ticks):
    live, trace = common.decisions(f"{folder}/live.sqlite"), common.decisions(f"{folder}/trace.sqlite")
    kill_at = first + ticks
    late, numbers = jitter(f"{folder}/live.sqlite")
    p99 = late[int(0.99 * (len(late) - 1))]
    common.check("ticks keep their time (p99 below 100 ms)", p99 < 100, f"{p99} ms")
    common.check("no tick is decided twice", len(set(numbers)) == len(numbers), numbers[:5])
    seen = common.observations(f"{folder}/live.sqlite")
    quiet = [v for (t, _), v in seen.items() if first <= t < kill_at]
    share = sum(v[0] != "held" for v in quiet) / max(1, len(quiet))
    common.check("loads are believed while all is well (99 %)", share >= 0.99, f"{share:.4f}")
    gone = [v for (t, _), v in seen.items() if kill_at + 2 <= t <= kill_at + 4]
    common.check("nothing is believed while Prometheus is gone", gone and all(v[0] == "held" for v in gone), gone[:3])
    unsafe = [d["id"] for d in live for o in d["orders"]
              if o["to"] < o["from"] and d["trust"].get(o["model"], {}).get("state") == "held"]
    common.check("no stop of a held model", not unsafe, unsafe[:3])
    last = [v for (t, _), v in seen.items() if t == max(numbers)]
    common.check("trusted again after Prometheus came back", all(v[0] != "held" for v in last), last)
    errors = [abs(v[2] / loads[max(0, t - 1 - first)][m] - 1) for (t, m), v in seen.items() if first <= t < kill_at and v[2]]
    ours, theirs = outcome(live, loads, first, ticks), outcome(trace, loads, 0, ticks)
    common.check("watts within 2 % of the replay", abs(ours[0] / theirs[0] - 1) < 0.02, (ours, theirs))
    common.check("intervals that are short within 1 point of the replay", abs(ours[1] - theirs[1]) < 0.01, (ours, theirs))
    print(f"      {ours[2]} intervals of the trace: {ours[0]:.0f} against {theirs[0]:.0f} W, short in {100 * ours[1]:.1f} against "
          f"{100 * theirs[1]:.1f} %, loads off by {100 * statistics.median(errors):.2f} % in the median")
    print(f"      {len(live)} decisions, jitter p99 {p99} ms")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--days", type=float, default=2, help="days of 96 intervals, of two seconds each")
    given = options.parse_args()
    ticks = int(given.days * DAY)
    with tempfile.TemporaryDirectory() as folder:
        trace, loads = stage.write_whole_trace(f"{folder}/week.csv"), stage.whole_rows()
        scenario = stage.write_scenario(f"{folder}/scenario.yaml", sorted(stage.COLUMNS), trace=trace)
        if not replayed(given.controller, scenario, ticks, folder):
            common.finish()
        exporter = Exporter(loads)
        prometheus = stage.Prometheus(folder, exporter, path=lambda model: "metrics")
        path = stage.write_controller(f"{folder}/live.yaml", scenario, prometheus.url, loads[0], interval=INTERVAL,
                                      window=INTERVAL, limits=LIMITS)
        url = f"http://127.0.0.1:{common.free_port()}"
        arguments = [given.controller, "run", path, "--database", f"{folder}/live.sqlite", "--listen",
                     url.removeprefix("http://")]
        try:
            prometheus.start()
            common.check("Prometheus is ready", prometheus.wait(), prometheus.process.text())
            time.sleep(INTERVAL + 1)
            with common.Process(arguments, f"{folder}/live.log") as process:
                common.check("the controller is ready", common.wait_for(url + "/readyz", process), process.text())
                begin = first_believed(f"{folder}/live.sqlite", loads[0])
                if not common.check("loads are believed", begin is not None, process.text()):
                    common.finish()
                exporter.align(begin[1])
                play(folder, process, url, prometheus, begin, loads, ticks)
        finally:
            prometheus.close()
            exporter.close()
    common.finish()


def play(folder, process, url, prometheus, begin, loads, ticks):
    """The trace, then the outage, and what came of both."""
    listener = Listener(url + "/v1/events?after=0")
    listener.start()
    first, at = begin
    time.sleep(max(0, at + ticks // 2 * INTERVAL - time.time()))
    before = process.resident_megabytes()
    # In the middle of an interval.
    time.sleep(max(0, at + (ticks - 0.5) * INTERVAL - time.time()))
    prometheus.process.child.kill()
    time.sleep(AWAY_SECONDS)
    prometheus.close()
    prometheus.start()
    common.check("Prometheus is back", prometheus.wait(), prometheus.process.text())
    time.sleep(BACK_SECONDS)
    grown = process.resident_megabytes() - before
    judge_events(f"{folder}/live.sqlite", listener)
    judge(folder, loads, first, ticks)
    common.check("memory is flat (below 10 MB)", grown < 10, f"{grown:.1f} MB")
    print(f"      memory has grown by {grown:.1f} MB over the last {time.time() - at - ticks // 2 * INTERVAL:.0f} s")


if __name__ == "__main__":
    main()
