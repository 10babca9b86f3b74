"""Two controllers on one database that give orders to a program: whoever leads is killed, stopped or put to sleep at
random moments, again and again. Generations never overlap, no order is lost or doubled, and the past stays whole."""
import argparse
import concurrent.futures
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time

import common
import fleet_program
import stage

LIMITS = "limits: {stop_window_seconds: 4, window_seconds: 20}\n"
# The program that tells what runs has half an interval to answer, also while twenty controllers share two cores.
INTERVAL = 2
# An order that nobody has seen the end of lags a minute after a leader has taken it up.
LAGS_WITHIN = 80
FINAL = ("applied", "conflict", "refused", "cancelled")
# A lease is taken over 15 s after it was last renewed; a process needs some time to start, and many at once need more.
TAKEN_WITHIN, BEGUN_WITHIN = 30, 120


class Pair:
    """Two controllers, one database, one fleet."""

    def __init__(self, controller, folder, seed):
        self.controller, self.folder, self.draw = controller, folder, random.Random(seed)
        self.database = f"{folder}/pair.sqlite"
        self.fleet = f"{folder}/fleet"
        self.program = fleet_program.make(self.fleet, stage.servers())
        self.config = stage.write_controller(f"{folder}/pair.yaml", "published", mode="active", interval=INTERVAL, limits=LIMITS)
        self.processes, self.starts, self.urls = {}, 0, {}
        self.counts = {"kills": 0, "stops": 0, "sleeps": 0, "handovers": 0, "asleep in a write": 0}
        self.failures, self.longest = [], 0.0
        for name in ("a", "b"):
            self.start(name)

    def start(self, name):
        self.starts += 1
        port = common.free_port()
        self.urls[name] = f"http://127.0.0.1:{port}"
        self.processes[name] = common.Process(
            [self.controller, "run", self.config, "--database", self.database, "--mode", "active", "--scale-command",
             self.program, "--listen", f"127.0.0.1:{port}"], f"{self.folder}/{self.starts}{name}.log")

    def close(self):
        for process in self.processes.values():
            if process.is_alive():
                process.child.send_signal(signal.SIGCONT)
            process.__exit__()

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as rows:
            return rows.execute(sql).fetchall()

    def lease(self):
        try:
            return (self.rows("SELECT holder, generation FROM controller_lease") or [(None, 0)])[0]
        except sqlite3.Error:
            return None, 0

    def leader(self, above):
        """Who has decided under a generation above one; nobody after some time."""
        end = time.monotonic() + (TAKEN_WITHIN if above else BEGUN_WITHIN)
        while time.monotonic() < end:
            holder, generation = self.lease()
            if generation > above and self.rows(f"SELECT 1 FROM controller_decision WHERE generation = {generation}"):
                for name, process in self.processes.items():
                    if holder.endswith(f"-{process.child.pid}"):
                        return name, generation
            time.sleep(0.1)
        self.failures.append(f"nobody took generation {above + 1} over in time: {self.lease()}, {self.counts}")
        return None, above

    def ask_standby(self, name):
        """A controller that waits answers what is asked of it, and says that it waits."""
        # It has to have looked at the lease once.
        end = time.monotonic() + 20
        said = stage.status(self.urls[name])
        while not said.get("leader") and time.monotonic() < end:
            time.sleep(0.2)
            said = stage.status(self.urls[name])
        if said.get("isLeader") is not False or not said.get("leader"):
            self.failures.append(f"the standby said {dict((k, said.get(k)) for k in ('isLeader', 'leader'))}")
        if common.ask(self.urls[name] + "/v1/pause", "POST", {"If-Match": "*"})[0] // 100 == 2:
            self.failures.append("the standby let itself be paused")

    def play(self, kills):
        """Hands over until so many leaders were killed."""
        name, generation = self.leader(0)
        while name and self.counts["kills"] < kills and not self.failures:
            other = "b" if name == "a" else "a"
            process = self.processes[name]
            if common.wait_for(self.urls[other] + "/healthz", self.processes[other], 20):
                self.ask_standby(other)
            how = self.draw.choices(["kills", "sleeps", "stops"], [8, 1, 1])[0]
            time.sleep(self.draw.uniform(0, 1.5))
            if how == "sleeps" and not common.put_to_sleep(process, self.database):
                self.counts["asleep in a write"] += 1
                continue
            begin = time.monotonic()
            if how != "sleeps":
                process.child.send_signal({"kills": signal.SIGKILL, "stops": signal.SIGTERM}[how])
            self.counts[how] += 1
            if how != "sleeps":
                process.child.wait()
                process.file.close()
                self.start(name)
            name, generation = self.leader(generation)
            self.counts["handovers"] += 1
            self.longest = max(self.longest, time.monotonic() - begin)
            if how == "sleeps":
                # It wakes in the middle of what it was about to do, and is not the leader any more.
                process.child.send_signal(signal.SIGCONT)
        end = time.monotonic() + LAGS_WITHIN
        time.sleep(3 * INTERVAL)
        while self.unseen() and time.monotonic() < end:
            time.sleep(0.5)

    def unseen(self):
        """Orders of earlier decisions that have no end and do not lag either."""
        return self.rows(
            "SELECT id, tick, state FROM (SELECT o.id, d.tick, (SELECT state FROM controller_order_state s WHERE s.order_id = o.id "
            "ORDER BY s.id DESC LIMIT 1) AS state FROM controller_order o JOIN controller_decision d ON d.id = o.decision_id) "
            f"WHERE state NOT IN {FINAL + ('lagging',)} AND tick < (SELECT max(tick) - 1 FROM controller_decision)")

    def end(self):
        """Lets both end by themselves, the standby first."""
        holder, _ = self.lease()
        for process in sorted(self.processes.values(), key=lambda p: bool(holder) and holder.endswith(f"-{p.child.pid}")):
            process.child.send_signal(signal.SIGTERM)
            try:
                process.child.wait(15)
            except subprocess.TimeoutExpired:
                self.failures.append("a controller did not end within 15 s")

    def judge(self):
        calls = fleet_program.calls(self.fleet)
        done = [c for c in calls if c["status"] == 0]
        self.counts["orders"], self.counts["fenced"] = len(done), sum(c["status"] == 4 for c in calls)
        generations = [c["generation"] for c in done]
        overlapping = sum(after < before for before, after in zip(generations, generations[1:]))
        decided = [g for (g,) in self.rows("SELECT generation FROM controller_decision ORDER BY tick")]
        overlapping += sum(after < before for before, after in zip(decided, decided[1:]))
        written = {id: rest for id, *rest in self.rows(
            "SELECT id, model, server_type, from_servers, to_servers, generation FROM controller_order")}
        unwritten = [c["id"] for c in calls if written.get(c["id"]) != [
            c[key] for key in ("model", "serverType", "from", "to", "generation")]]
        doubled = len(done) - len({c["id"] for c in done})
        # What runs is what the last decision wants.
        last = common.decisions(self.database)[-1]
        wanted = {f'{s["model"]} {s["serverType"]}': s["count"] for s in last["allocation"]}
        runs = {name: count for name, count in fleet_program.read(self.fleet)["pairs"].items() if count}
        self.counts["lost"] = sum(runs.get(n, 0) != wanted.get(n, 0) for n in set(runs) | set(wanted))
        forgotten = self.unseen()
        self.counts["lagging"] = len(self.rows(
            "SELECT 1 FROM controller_order o WHERE (SELECT state FROM controller_order_state s WHERE s.order_id = o.id "
            "ORDER BY s.id DESC LIMIT 1) = 'lagging'"))
        self.counts["overlapping"], self.counts["doubled"] = overlapping, doubled
        for what, found in {"overlapping generations": overlapping, "orders without a row": unwritten[:3],
                            "orders doubled": doubled, "pairs that differ from the last decision": self.counts["lost"],
                            "orders without an end": forgotten[:3]}.items():
            if found:
                self.failures.append(f"{what}: {found}")
        whole = subprocess.run([self.controller, "verify", "--database", self.database], capture_output=True, text=True,
                               timeout=60)
        if whole.returncode != 0:
            self.failures.append(f"verify: {whole.stdout}{whole.stderr}")


def perform(controller, seed, kills):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pair = Pair(controller, folder, seed)
        try:
            pair.play(kills)
            pair.end()
            pair.judge()
        finally:
            logs = " | ".join(p.text(300) for p in pair.processes.values()) if pair.failures else ""
            pair.close()
        return pair.counts, pair.failures, pair.longest, logs


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--pairs", type=int, default=6)
    given = options.parse_args()
    shares = [given.kills // given.pairs + (i < given.kills % given.pairs) for i in range(given.pairs)]
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(given.pairs) as pool:
        found = list(pool.map(lambda work: perform(given.controller, *work), enumerate(shares)))
    total = {key: sum(counts.get(key, 0) for counts, *_ in found) for key in found[0][0]}
    failures = [f"pair {i}: {f} {logs}" for i, (_, failed, _, logs) in enumerate(found) for f in failed]
    common.check(f"{total['kills']} leaders killed, {total['stops']} stopped, {total['sleeps']} put to sleep: "
                 f"each of {total['handovers']} handovers ends as it should", not failures, failures[:3])
    common.check("generations that overlap: 0", total.get("overlapping") == 0, total)
    common.check("orders lost: 0, doubled: 0", total.get("lost") == 0 and total.get("doubled") == 0 and total["orders"] > 0, total)
    longest = max(each[2] for each in found)
    print(f"      {total['orders']} orders, {total['fenced']} refused as their generation was over, longest handover "
          f"{longest:.1f} s, {total['asleep in a write']} times asleep in a write and woken, {total['lagging']} late orders, in {time.monotonic() - begin:.0f} s")
    common.note_case("handover", "two processes", [{"unsafe": 0} for _ in found], sum(not f for _, f, _, _ in found))
    common.finish()


if __name__ == "__main__":
    main()
