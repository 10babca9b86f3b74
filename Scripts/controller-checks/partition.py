"""Two controllers on one database, each in a network namespace of its own, act on a fake Kubernetes API server with loads from
a real Prometheus. The leader is cut off from both: it orders nothing and goes on when it is back. Cut off and put to sleep, it
is replaced, and orders nothing more when it wakes.

All namespaces belong to this process and end with it. Where there can be none, only the leader's sleep is left (see
`handovers.py`), and nothing is done here."""
import argparse
import concurrent.futures
import os
import random
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time

import common
import stage
from fake_kubernetes import FakeKubernetes

LOADS = {"bert-99": 150_000.0, "resnet50": 900_000.0, "retinanet": 15_000.0}
WINDOW = 5
LIMITS = "limits: {stop_window_seconds: 3, window_seconds: 10}\n"
SETTLES_WITHIN, TAKEN_WITHIN = 45, 45


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=20)


class Place:
    """A network namespace with one way out, which can be cut."""

    def __init__(self, number):
        self.number = number
        self.outside, self.inside = f"10.77.{number}.1", f"10.77.{number}.2"
        self.child = subprocess.Popen(["unshare", "--net", "sleep", "3600"])
        end = time.monotonic() + 10
        own = os.stat("/proc/self/ns/net").st_ino
        while os.stat(f"/proc/{self.child.pid}/ns/net").st_ino == own and time.monotonic() < end:
            time.sleep(0.02)
        ip("link", "add", f"out{number}", "type", "veth", "peer", "name", f"in{number}")
        ip("link", "set", f"in{number}", "netns", str(self.child.pid))
        ip("addr", "add", f"{self.outside}/30", "dev", f"out{number}")
        ip("link", "set", f"out{number}", "up")
        for words in (["addr", "add", f"{self.inside}/30", "dev", f"in{number}"], ["link", "set", f"in{number}", "up"],
                      ["link", "set", "lo", "up"], ["route", "add", "default", "via", self.outside]):
            subprocess.run([*self.enter, "ip", *words], check=True, capture_output=True, timeout=20)

    @property
    def enter(self):
        return ["nsenter", f"--net=/proc/{self.child.pid}/ns/net"]

    def cut(self, is_cut):
        ip("link", "set", f"out{self.number}", "down" if is_cut else "up")

    def close(self):
        self.child.kill()
        self.child.wait()


class Open(FakeKubernetes):
    """Answers on all addresses of its namespace, and notes from which a change came."""
    host = "0.0.0.0"

    def __init__(self, nodes, deployments, tls):
        self.tls, self.sources = tls, []
        super().__init__(nodes, deployments)

    def write(self, handler, path, body, who, wrong):
        with self.lock:
            self.sources.append((time.monotonic(), handler.client_address[0]))
        return super().write(handler, path, body, who, wrong)


class Stage:
    def __init__(self, controller, folder, seed):
        self.folder, self.draw, self.failures = folder, random.Random(seed), []
        self.controller = controller
        self.places = [Place(2 * seed + i) for i in range(2)]
        self.targets = stage.Targets({m: v * self.draw.uniform(0.8, 1.0) for m, v in LOADS.items()})
        self.prometheus = stage.Prometheus(folder, self.targets, host="0.0.0.0")
        nodes = stage.servers()
        self.fake = Open(nodes, [f"{m}--{t}" for m in LOADS for t in nodes], self.certify())
        self.database = f"{folder}/partition.sqlite"
        self.prometheus.start()
        self.prometheus.wait()
        time.sleep(WINDOW + 1)
        scenario = stage.write_scenario(f"{folder}/partition-fleet.yaml", sorted(LOADS))
        self.processes = []
        for number, place in enumerate(self.places):
            # Both are the same controller, which the name of the file tells.
            os.mkdir(f"{folder}/{number}")
            path = stage.write_controller(f"{folder}/{number}/partition.yaml", scenario,
                                          f"http://{place.outside}:{self.prometheus.port}", LOADS, mode="active", window=WINDOW,
                                          limits=LIMITS)
            self.processes.append(common.Process(
                [*place.enter, controller, "run", path, "--mode", "active", "--database", self.database, "--kubernetes",
                 f"https://{place.outside}:{self.fake.port}", "--kubernetes-ca-file", f"{folder}/tls.crt", "--listen",
                 "127.0.0.1:8640"], f"{folder}/{number}.log"))

    def certify(self):
        """TLS for the addresses under which both see the API server: beyond loopback none is spoken to without."""
        names = ",".join(f"IP:{place.outside}" for place in self.places)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=api", "-addext",
                        f"subjectAltName={names}", "-out", f"{self.folder}/tls.crt", "-keyout", f"{self.folder}/tls.key"],
                       check=True, capture_output=True, timeout=60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.folder}/tls.crt", f"{self.folder}/tls.key")
        return context

    def close(self):
        for process in self.processes:
            if process.is_alive():
                process.child.send_signal(signal.SIGCONT)
            process.__exit__()
        self.prometheus.close()
        self.targets.close()
        self.fake.close()
        for place in self.places:
            place.close()

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as rows:
            return rows.execute(sql).fetchall()

    def until(self, holds, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = holds()
            except (sqlite3.Error, IndexError):
                found = None
            if found:
                return found
            time.sleep(0.2)
        return None

    def leader(self, above=0):
        """Who holds the lease, and under which generation; nothing before somebody has decided under one above another."""
        holder, generation = self.rows("SELECT holder, generation FROM controller_lease")[0]
        if generation <= above or not self.rows(f"SELECT 1 FROM controller_decision WHERE generation = {generation}"):
            return None
        return next(((i, generation) for i, p in enumerate(self.processes) if holder.endswith(f"-{p.child.pid}")), None)

    def settled(self):
        wanted = {f'{s["model"]}--{s["serverType"]}': s["count"] for s in common.decisions(self.database)[-1]["allocation"]}
        return wanted and all(count == wanted.get(name, 0) for name, count in self.fake.counts().items())

    def trusted(self):
        return not any(t["state"] == "held" for t in common.decisions(self.database)[-1]["trust"].values())

    def play(self):
        found = self.until(self.leader, 60)
        if not found or not self.until(lambda: self.trusted() and self.settled(), SETTLES_WITHIN):
            self.failures.append(f"not ready: {found}, " + " | ".join(p.text(300) for p in self.processes))
            return
        figures = self.cut_off(*found)
        if not self.failures:
            self.replace(*found)
        self.judge()
        return figures

    def cut_off(self, name, generation):
        """The leader sees nothing: it holds all, and takes up again what has changed meanwhile."""
        begin = self.rows("SELECT max(tick) FROM controller_tick")[0][0]
        self.places[name].cut(True)
        time.sleep(0.5)
        sent = len(self.fake.sources)
        # Others would go down, and one would need more.
        models = sorted(LOADS)
        self.draw.shuffle(models)
        self.targets.raise_load(models[0], LOADS[models[0]] * 1.6)
        self.targets.raise_load(models[1], LOADS[models[1]] * 0.4)
        time.sleep(self.draw.uniform(8, 14))
        if len(self.fake.sources) > sent:
            self.failures.append("a write arrived of who is cut off, or of who does not lead")
        end = self.rows("SELECT max(tick) FROM controller_tick")[0][0]
        during = [d for d in common.decisions(self.database) if begin + 1 < d["tick"] <= end]
        held = [d["tick"] for d in during if d.get("fleetHold")] if during else []
        orders = [d["tick"] for d in during for _ in d["orders"]]
        if not held or orders:
            self.failures.append(f"cut off: held at {len(held)} of {len(during)} ticks, orders at {orders[:3]}")
        if self.leader(generation):
            self.failures.append("another took the lease of who was alive")
        self.places[name].cut(False)
        if not self.until(lambda: self.trusted() and self.settled(), SETTLES_WITHIN):
            self.failures.append(f"{SETTLES_WITHIN} s after it was back the fleet was not what is wanted")
        elif len(self.fake.sources) == sent:
            self.failures.append("nothing was ordered after it was back")
        back = next((d["tick"] - end for d in common.decisions(self.database)
                     if d["tick"] > end and not d.get("fleetHold")), None)
        return {"unsafe": len(orders), "hold": held[0] - begin if held else None, "back": back}

    def replace(self, name, generation):
        """Cut off and asleep: the other one takes over, and the first orders nothing when it wakes."""
        other = 1 - name
        self.targets.raise_load("bert-99", LOADS["bert-99"])
        time.sleep(self.draw.uniform(0, 1.5))
        self.places[name].cut(True)
        if not self.until(lambda: common.put_to_sleep(self.processes[name], self.database), 20):
            self.failures.append("it was never asleep but in the middle of a write")
            return
        found = self.until(lambda: self.leader(generation), TAKEN_WITHIN)
        if not found or found[0] != other:
            self.failures.append(f"asleep: {found} leads")
            return
        self.processes[name].child.send_signal(signal.SIGCONT)
        woken = time.monotonic()
        time.sleep(self.draw.uniform(0, 2))
        self.places[name].cut(False)
        self.targets.raise_load("resnet50", LOADS["resnet50"] * 1.8)
        time.sleep(8)
        late = [s for at, s in self.fake.sources if at >= woken and s == self.places[name].inside]
        if late:
            self.failures.append(f"{len(late)} writes of a leader that had been replaced")
        if not any(s == self.places[other].inside for at, s in self.fake.sources if at >= woken):
            self.failures.append("the one that took over ordered nothing")
        if not self.until(lambda: self.trusted() and self.settled(), SETTLES_WITHIN):
            self.failures.append("the fleet was not what the one that took over wanted")

    def judge(self):
        decided = [g for (g,) in self.rows("SELECT generation FROM controller_decision ORDER BY tick")]
        overlapping = sum(after < before for before, after in zip(decided, decided[1:]))
        stops = [d["tick"] for d in common.decisions(self.database) for o in d["orders"]
                 if o["to"] < o["from"] and d["trust"][o["model"]]["state"] == "held"]
        if overlapping or stops:
            self.failures.append(f"{overlapping} generations overlap, held models stopped at {stops[:3]}")
        if self.fake.faults:
            self.failures.append(f"faults: {self.fake.faults[:2]}")
        whole = subprocess.run([self.controller, "verify", "--database", self.database], capture_output=True, text=True, timeout=60)
        if whole.returncode:
            self.failures.append(f"verify: {whole.stdout}{whole.stderr}")


def perform(controller, seed):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        one, figures = Stage(controller, folder, seed), None
        try:
            figures = one.play()
        except (OSError, sqlite3.Error, subprocess.SubprocessError, IndexError, KeyError) as error:
            one.failures.append(f"{type(error).__name__}: {error}")
        finally:
            one.close()
        return figures or {}, one.failures


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--parallel", type=int, default=4)
    given = options.parse_args()
    if "HERCULES_CHECK_NETWORK" not in os.environ:
        own = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
        if not shutil.which("ip") or subprocess.run([*own, "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
            print("not done: a leader that is cut off; no network namespaces here, so that only its sleep is left, in handovers")
            common.check("the controller is there", os.access(given.controller, os.X_OK))
            common.finish()
        os.environ["HERCULES_CHECK_NETWORK"] = "own"
        os.execvp("unshare", [*own, sys.executable, *sys.argv])
    ip("link", "set", "lo", "up")
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(given.parallel) as pool:
        found = list(pool.map(lambda seed: perform(given.controller, seed), range(given.seeds)))
    failures = [f"seed {i}: {f}" for i, (_, failed) in enumerate(found) for f in failed]
    common.check(f"a leader that is cut off, {given.seeds} seeds: nothing is ordered blindly, and nobody orders for another",
                 not failures, failures[:4])
    common.note_case("leader cut off", "network namespaces", [figures for figures, _ in found], sum(not f for _, f in found))
    print(f"      {given.seeds} seeds in {time.monotonic() - begin:.0f} s")
    common.finish()


if __name__ == "__main__":
    main()
