"""Controllers that act on, and that only advise, a fake Kubernetes API server which misbehaves: orders are never stacked
and never exceed what there is, what somebody else does is adopted, and who advises sends nothing but GET."""
import argparse
import concurrent.futures
import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time

import common
import stage
from fake_kubernetes import LEASES, LISTS, WRITES, FakeKubernetes

MODELS = ["bert-99", "resnet50", "retinanet"]
LIMITS = "limits: {stop_window_seconds: 2, window_seconds: 10}\n"
# An order that is not seen lags after a minute.
LAG = 60
# A Lease is taken over 15 s after it was last renewed; a controller that starts needs some time too.
TAKEN_WITHIN = 30


class Cluster:
    """One fake cluster with a controller that acts and one that advises."""

    def __init__(self, controller, folder, seed):
        self.folder, self.draw, self.failures = folder, random.Random(seed), []
        self.controller = controller
        scenario = stage.write_scenario(f"{folder}/cluster.yaml", MODELS)
        nodes = stage.servers()
        self.fake = FakeKubernetes(nodes, [f"{m}--{t}" for m in MODELS for t in nodes])
        self.database, self.url = f"{folder}/acts.sqlite", f"http://127.0.0.1:{common.free_port()}"
        file, self.token = f"{folder}/tokens", ""
        self.token = subprocess.run([controller, "token", "add", "ops", "--role", "operator", "--file", file],
                                    capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        base = f"http://127.0.0.1:{self.fake.port}"
        self.processes = []
        for name, mode, server in [("acts", "active", base), ("advises", "advisory", base + "/advisory")]:
            config = stage.write_controller(f"{folder}/{name}.yaml", scenario, mode="active", limits=LIMITS)
            listen = self.url.removeprefix("http://") if name == "acts" else "127.0.0.1:0"
            self.processes.append(common.Process(
                [controller, "run", config, "--mode", mode, "--database", f"{folder}/{name}.sqlite", "--kubernetes", server,
                 "--listen", listen, *(["--tokens", file] if name == "acts" else [])], f"{folder}/{name}.log"))

    def close(self):
        for process in self.processes:
            process.__exit__()
        self.fake.close()

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as rows:
            return rows.execute(sql).fetchall()

    def events(self, since=0):
        return [json.loads(text) for (text,) in self.rows(f"SELECT event_json FROM controller_event WHERE id > {since}")]

    def last_event(self):
        return self.rows("SELECT coalesce(max(id), 0) FROM controller_event")[0][0]

    def wanted(self):
        last = common.decisions(self.database)[-1]
        return {f'{s["model"]}--{s["serverType"]}': s["count"] for s in last["allocation"]}

    def settles(self, seconds=15):
        """Whether the fleet comes to be what is wanted of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            counts, wanted = self.fake.counts(), self.wanted()
            if all(count == wanted.get(name, 0) for name, count in counts.items()):
                return True
            time.sleep(0.2)
        return False

    def until(self, holds, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.1)
        return False

    def misread(self, how):
        """Lists that cannot be read hold the fleet."""
        self.fake.lists, self.fake.hits = how, 0
        time.sleep(3.2 if how == "hang" else 2.2)
        held = [d for d in common.decisions(self.database)[-1:] if how == "empty" or d.get("fleetHold")]
        before = len(self.fake.changes)
        time.sleep(2)
        changed = [c for c in self.fake.changes[before:] if c[1] == "controller"]
        self.fake.lists = None
        if not held and how != "empty":
            self.failures.append(f"lists {how}: the fleet is not held")
        if changed:
            self.failures.append(f"lists {how}: {changed[:2]} while nobody knew what runs")

    def miswrite(self, how):
        """Writes that fail are asked again from what is seen."""
        self.fake.hits = 0
        self.fake.writes = how
        hit = self.until(lambda: self.fake.hits >= 3, 20)
        self.fake.writes = None
        if not hit and self.fake.hits == 0:
            self.failures.append(f"writes {how}: nothing was written in 20 s")

    def play(self):
        if not common.wait_for(self.url + "/healthz", self.processes[0], 120) or not self.until(
                lambda: os.path.exists(self.database) and self.rows("SELECT 1 FROM controller_decision"), 120):
            self.failures.append("not ready: " + self.processes[0].text(500))
            return
        if not self.settles(30):
            self.failures.append("the fleet never came to be what is wanted")
        cases = [("lists", how) for how in LISTS] + [("writes", how) for how in WRITES if how != "ignored"]
        self.draw.shuffle(cases)
        for kind, how in cases:
            (self.misread if kind == "lists" else self.miswrite)(how)
            if not self.settles():
                self.failures.append(f"{kind} {how}: the fleet did not come to be what is wanted within 15 s")

    def is_open(self, model, server):
        """Whether an order of a pair has no end yet."""
        return any(state in ("written", "accepted", "lagging") for (state,) in self.rows(
            "SELECT (SELECT state FROM controller_order_state s WHERE s.order_id = o.id ORDER BY s.id DESC LIMIT 1) "
            f"FROM controller_order o WHERE model = '{model}' AND server_type = '{server}'"))

    def meddle(self):
        """Somebody else scales: adopted twice, left alone from the third time on, until an operator says otherwise."""
        name = max(self.fake.counts().items(), key=lambda each: each[1])[0]
        model, server = name.split("--")
        since = self.last_event()
        told = lambda kind: [e for e in self.events(since) if e["kind"] == kind and e.get("model") == model
                             and e.get("serverType") == server]
        for step in range(3):
            # While an order of the pair is on its way nobody can tell who has changed what.
            for _ in range(6):
                self.until(lambda: not self.is_open(model, server), 8)
                now = self.fake.counts()[name]
                self.fake.set(name, now - 1 if now > 1 else now + 1, "somebody")
                if self.until(lambda: len(told("drift")) > step, 3):
                    break
            else:
                self.failures.append(f"drift {step + 1} was not noticed")
            time.sleep(1)
        if not [e for e in told("alarm") if "left alone" in e["text"]]:
            self.failures.append(f"the third drift paused nothing: {[e['text'] for e in told('alarm')]}")
        before = len(self.fake.changes)
        time.sleep(6)
        if [c for c in self.fake.changes[before:] if c[1] == "controller" and c[2] == name]:
            self.failures.append("a pair that two masters change was changed")
        code, _, text = common.ask(self.url + "/v1/resume", "POST", {"Authorization": f"Bearer {self.token}", "If-Match": "*"})
        if code // 100 != 2:
            self.failures.append(f"resume: {code} {text[:100]}")
        if not self.settles(20):
            self.failures.append("nothing went on after an operator had said so")

    def share(self):
        """An autoscaler on the same target: refused before the first write."""
        name = max(self.fake.counts().items(), key=lambda each: each[1])[0]
        self.fake.autoscalers = [name]
        before = len(self.fake.changes)
        said = lambda: self.rows("SELECT 1 FROM controller_order_state WHERE state = 'refused' AND detail LIKE '%scales%'")
        # What is adopted need not be ordered otherwise at once.
        for step in range(6):
            self.fake.set(name, max(0, self.fake.counts()[name] - 1 + 2 * (step % 2)), "hpa")
            if self.until(said, 4):
                break
        if [c for c in self.fake.changes[before:] if c[1] == "controller" and c[2] == name]:
            self.failures.append("a target that an autoscaler has was written")
        if not said():
            self.failures.append("nobody said that an autoscaler has the target")
        self.fake.autoscalers = []

    def stacked(self):
        """Starts of a pair whose order lags, before anything else was ordered of it."""
        found, decisions = [], common.decisions(self.database)
        for event in self.events():
            if event["kind"] == "alarm" and "lags" in event["text"]:
                later = [(d["tick"], o) for d in decisions if d["at"] >= event["at"] for o in d["orders"]
                         if (o["model"], o["serverType"]) == (event["model"], event["serverType"])]
                found += [each for each in later[:1] if each[1]["to"] > each[1]["from"]]
        return found

    def ignore(self):
        """Orders that are accepted and not carried out: they lag after a minute, and nothing is started on top."""
        self.fake.writes = "ignored"
        begin = time.time()
        lags = self.until(lambda: any("lags" in e["text"] for e in self.events() if e["kind"] == "alarm"), LAG + 25)
        if not lags:
            self.failures.append(f"nothing lags after {LAG + 25} s of orders that nobody carries out")
        else:
            time.sleep(6)
            stacked = self.stacked()
            if stacked:
                self.failures.append(f"starts go on while orders lag: {stacked[:2]}")
        if [c for c in self.fake.changes if c[0] > begin and c[1] == "controller"]:
            self.failures.append("the fake carried orders out that it ignores")
        self.fake.writes = None

    def lease(self):
        """Who holds the Lease, and how often it has changed hands."""
        with self.fake.lock:
            spec = self.fake.leases.get("hercules-controller", {}).get("spec", {})
        return spec.get("holderIdentity"), spec.get("leaseTransitions")

    def succeed(self):
        """A second controller with a database of its own waits for the Lease. It takes over when the first is killed, or
        sleeps; one that wakes up again writes nothing any more."""
        first, sleeps = self.processes[0], self.draw.random() < 0.5
        config = f"{self.folder}/acts.yaml"
        url = f"http://127.0.0.1:{common.free_port()}"
        second = common.Process(
            [self.controller, "run", config, "--mode", "active", "--database", f"{self.folder}/second.sqlite", "--kubernetes",
             f"http://127.0.0.1:{self.fake.port}/second", "--listen", url.removeprefix("http://")], f"{self.folder}/second.log")
        self.processes.append(second)
        if not common.wait_for(url + "/healthz", second):
            self.failures.append("the second is not ready: " + second.text(300))
            return
        time.sleep(4)
        before = self.lease()
        writes = [r for r in self.fake.requests if r[1] == "second" and r[2] != "GET"]
        if stage.status(url).get("isLeader") is not False or writes:
            self.failures.append(f"who waits for the Lease wrote {writes[:2]}")
        first.child.send_signal(signal.SIGSTOP if sleeps else signal.SIGKILL)
        if not self.until(lambda: self.lease()[0] != before[0], TAKEN_WITHIN):
            self.failures.append(f"nobody took the Lease of {before} over in {TAKEN_WITHIN} s")
        if self.lease()[1] != before[1] + 1:
            self.failures.append(f"the Lease changed hands from {before} to {self.lease()}")
        taken = time.time()
        # Everybody finds something else than what it wants.
        name = max(self.fake.counts().items(), key=lambda each: each[1])[0]
        self.fake.set(name, max(0, self.fake.counts()[name] - 1), "somebody")
        if sleeps:
            first.child.send_signal(signal.SIGCONT)
        if not self.until(lambda: any(r[0] > taken and r[1] == "second" and r[2] == "PUT" and not r[3].startswith(LEASES)
                                      for r in self.fake.requests), 20):
            self.failures.append("who took over wrote nothing")
        time.sleep(3)
        # A renewal that was on its way is refused for its version.
        late = [r for r in self.fake.requests if r[0] > taken + 0.5 and r[1] == "controller" and r[2] != "GET"
                and not r[3].startswith(LEASES)]
        if late:
            self.failures.append(f"who lost the Lease wrote {late[:2]}")

    def judge(self):
        sent = [r for r in self.fake.requests if r[1] == "controller" and r[2] != "GET"]
        advised = [r for r in self.fake.requests if r[1] == "advisory" and r[2] != "GET"]
        looked = sum(r[1] == "advisory" for r in self.fake.requests)
        if advised or looked < 50:
            self.failures.append(f"advisory: {len(advised)} writes in {looked} requests")
        if self.fake.faults:
            self.failures.append(f"{len(self.fake.faults)} faults: {self.fake.faults[:3]}")
        orders = {(f"{m}--{t}", to) for m, t, to in self.rows("SELECT model, server_type, to_servers FROM controller_order")}
        strange = [c for c in self.fake.changes if c[1] == "controller" and (c[2], c[3]) not in orders]
        # A half that was carried out is nobody's order.
        if len(strange) > sum(1 for _ in WRITES) * 3:
            self.failures.append(f"{len(strange)} counts that nobody had ordered: {strange[:3]}")
        whole = subprocess.run([self.controller, "verify", "--database", self.database], capture_output=True, text=True, timeout=60)
        if whole.returncode:
            self.failures.append(f"verify: {whole.stdout}{whole.stderr}")
        return len(sent), looked


def perform(controller, seed, is_long):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cluster = Cluster(controller, folder, seed)
        sent = looked = 0
        try:
            cluster.play()
            if not cluster.failures or is_long:
                cluster.meddle()
                cluster.share()
                if is_long:
                    cluster.ignore()
                cluster.succeed()
            sent, looked = cluster.judge()
        except (OSError, sqlite3.Error, KeyError, ValueError, IndexError, RuntimeError) as error:
            cluster.failures.append(f"{type(error).__name__}: {error}")
        finally:
            log = "" if not cluster.failures else cluster.processes[0].text(300)
            cluster.close()
        return cluster.failures, sent, looked, log


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--parallel", type=int, default=5)
    options.add_argument("--short", action="store_true")
    given = options.parse_args()
    print("      the API server is a fake that judges bodies by itself, not a real one")
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(given.parallel) as pool:
        found = list(pool.map(lambda seed: perform(given.controller, seed, not given.short), range(given.seeds)))
    failures = [f"seed {i}: {f}" for i, (failed, *_) in enumerate(found) for f in failed]
    common.check(f"an API server that misbehaves, {given.seeds} seeds: nothing stacked, drift adopted, the third pauses",
                 not failures, [*failures[:4], *[log for *_, log in found if log][:1]])
    sent, looked = sum(f[1] for f in found), sum(f[2] for f in found)
    common.check("who advises sends nothing but GET", looked > 0 and not any("advisory" in f for f in failures), looked)
    print(f"      {sent} writes of who acts, {looked} reads of who advises, in {time.monotonic() - begin:.0f} s")
    common.note_case("API server", "fake Kubernetes", [{"unsafe": 0} for _ in found], sum(not f[0] for f in found))
    common.finish()


if __name__ == "__main__":
    main()
