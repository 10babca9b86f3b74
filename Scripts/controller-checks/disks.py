"""A controller that acts, whose disk is full, whose database cannot be written, or whose database is read-only from the start:
no order is given that is not written down, /readyz says 503, and it goes on when there is room again.

As root each database is on a small file system of its own, mounted where nobody else sees it; elsewhere a limit on the size
of its files stands for a full disk, and nothing can be made read-only."""
import argparse
import concurrent.futures
import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import common
import fleet_program
import stage

LIMITS = "limits: {stop_window_seconds: 4, window_seconds: 20}\n"
INTERVAL = 2
# Not ready after so many seconds, and ready again: a write may wait ten seconds for others.
NOTICED_WITHIN, BACK_WITHIN = 40, 40
SETTLES_WITHIN = 90
IMAGE_BYTES = 12 << 20


class Disk:
    """A folder that can be filled up and, on a file system of its own, made read-only."""

    def __init__(self, folder, is_own):
        self.folder, self.is_own, self.process = folder, is_own, None
        os.mkdir(folder)
        if is_own:
            image = folder + ".image"
            with open(image, "wb") as file:
                file.truncate(IMAGE_BYTES)
            for command in (["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image], ["mount", "-o", "loop", image, folder]):
                subprocess.run(command, check=True, capture_output=True, timeout=60)

    def close(self):
        if self.is_own:
            for _ in range(20):
                if subprocess.run(["umount", self.folder], capture_output=True).returncode == 0:
                    break
                time.sleep(0.2)

    def fill(self):
        if not self.is_own:
            most = max(os.path.getsize(f"{self.folder}/{name}") for name in os.listdir(self.folder))
            return resource.prlimit(self.process.child.pid, resource.RLIMIT_FSIZE, (most // 4, resource.RLIM_INFINITY))
        with open(f"{self.folder}/filler", "ab", buffering=0) as file:
            for size in (1 << 16, 1 << 10, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
        return None

    def empty(self):
        if self.is_own:
            os.remove(f"{self.folder}/filler")
        else:
            resource.prlimit(self.process.child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)

    def protect(self, is_protected):
        """Nobody may write the files, not even through what is open already."""
        names = [f"{self.folder}/{name}" for name in os.listdir(self.folder) if not name.endswith("-shm") and name != "lost+found"]
        subprocess.run(["chattr", "+i" if is_protected else "-i", *names], check=True, capture_output=True, timeout=60)


class Stage:
    def __init__(self, controller, folder, seed, is_own):
        self.controller, self.folder, self.draw, self.failures = controller, folder, random.Random(seed), []
        self.is_own, self.starts = is_own, 0
        self.disk = Disk(f"{folder}/disk", is_own)
        self.database, self.fleet = f"{folder}/disk/disks.sqlite", f"{folder}/fleet"
        self.program = fleet_program.make(self.fleet, stage.servers())
        self.config = stage.write_controller(f"{folder}/disks.yaml", "published", mode="active", interval=INTERVAL, limits=LIMITS)
        self.process = None
        self.start()

    def start(self):
        self.starts += 1
        self.url = f"http://127.0.0.1:{common.free_port()}"
        # Without signals that end whoever writes too much: the write fails, as on a disk.
        self.process = self.disk.process = common.Process(
            [self.controller, "run", self.config, "--database", self.database, "--mode", "active", "--scale-command", self.program,
             "--listen", self.url.removeprefix("http://")], f"{self.folder}/{self.starts}.log", restore_signals=False)

    def close(self):
        self.process.__exit__()
        if self.is_own and os.path.exists(self.database):
            self.disk.protect(False)
        self.disk.close()

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as rows:
            return rows.execute(sql).fetchall()

    def until(self, holds, seconds):
        """How long it took; `None` where it did not come."""
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            if holds():
                return time.monotonic() - begin
            time.sleep(0.2)
        return None

    def ready(self):
        return common.ask(self.url + "/readyz", seconds=5)[0]

    def unwritten(self):
        """Orders that were given and have no row, or another one."""
        written = {id: rest for id, *rest in self.rows(
            "SELECT id, model, server_type, from_servers, to_servers, generation FROM controller_order")}
        return [c["id"] for c in fleet_program.calls(self.fleet) if written.get(c["id"]) != [
            c[key] for key in ("model", "serverType", "from", "to", "generation")]]

    def truncate(self):
        """Leaves no room in the write-ahead log, where rows could go on finding some."""
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None, timeout=5)) as rows:
            self.until(lambda: rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, 10)

    def differing(self):
        """Pairs that are not what the last decision wants: what runs, and what is wanted."""
        wanted = {f'{s["model"]} {s["serverType"]}': s["count"] for s in common.decisions(self.database)[-1]["allocation"]}
        runs = {name: count for name, count in fleet_program.read(self.fleet)["pairs"].items() if count}
        return {n: (runs.get(n, 0), wanted.get(n, 0)) for n in set(runs) | set(wanted) if runs.get(n, 0) != wanted.get(n, 0)}

    def play(self, case):
        """One fault: noticed, nothing ordered, and over when it is over."""
        begin = {"full": self.disk.fill, "read-only": lambda: self.disk.protect(True)}[case]
        end = {"full": self.disk.empty, "read-only": lambda: self.disk.protect(False)}[case]
        time.sleep(self.draw.uniform(4, 8))
        self.truncate()
        begin()
        noticed = self.until(lambda: self.ready() == 503, NOTICED_WITHIN)
        if noticed is None:
            self.failures.append(f"{case}: /readyz is {self.ready()} after {NOTICED_WITHIN} s")
        # What was written down before is still given.
        time.sleep(2 * INTERVAL)
        calls, ticks = len(fleet_program.calls(self.fleet)), self.rows("SELECT count(*) FROM controller_tick")
        time.sleep(self.draw.uniform(3, 14))
        # On a full disk a little may find room after all; then its rows are there too, which is judged in the end.
        if case == "read-only" and noticed is not None:
            if len(fleet_program.calls(self.fleet)) > calls:
                self.failures.append(f"{case}: orders were given that nobody could write down")
            if self.rows("SELECT count(*) FROM controller_tick") != ticks:
                self.failures.append(f"{case}: ticks were written that could not be")
        if common.ask(self.url + "/healthz", seconds=5)[0] != 200:
            self.failures.append(f"{case}: not alive: {self.process.text(300)}")
        status, _, said = common.ask(self.url + "/readyz", seconds=5)
        if status == 503 and "writ" not in said:
            self.failures.append(f"{case}: /readyz does not say why: {said[:200]}")
        end()
        last = self.rows("SELECT max(tick) FROM controller_decision")[0][0] or 0
        back = self.until(lambda: self.ready() == 200 and self.rows("SELECT max(tick) FROM controller_decision")[0][0] > last,
                          BACK_WITHIN)
        if back is None:
            self.failures.append(f"{case}: /readyz is {self.ready()} {BACK_WITHIN} s after it was over: "
                                 f"{common.ask(self.url + '/readyz')[2][:200]}")
        given = len(fleet_program.calls(self.fleet))
        if self.until(lambda: len(fleet_program.calls(self.fleet)) > given, BACK_WITHIN) is None:
            self.failures.append(f"{case}: no order in {BACK_WITHIN} s after it was over")
        return {"unsafe": 0, "hold": noticed and round(noticed), "back": back and round(back)}

    def begin_protected(self):
        """Started on a database that cannot be written it orders nothing, and says so."""
        self.process.__exit__()
        # What is left beside the database is taken up first, or there would be nothing to write.
        calls = len(fleet_program.calls(self.fleet))
        self.disk.protect(True)
        self.start()
        status = self.process.ended(15)
        ready = 0 if status is not None else self.ready()
        if status == 0 or (status is None and ready == 200):
            self.failures.append(f"started on a read-only database: status {status}, /readyz {ready}")
        if len(fleet_program.calls(self.fleet)) > calls:
            self.failures.append("started on a read-only database it gave orders")
        self.process.__exit__()
        self.disk.protect(False)
        self.start()
        if self.until(lambda: self.ready() == 200, BACK_WITHIN) is None:
            self.failures.append(f"not ready on a database that can be written again: {self.process.text(300)}")
        return {"unsafe": 0}

    def judge(self):
        unwritten = self.unwritten()
        if unwritten:
            self.failures.append(f"orders without a row: {unwritten[:3]}")
        ticks = [t for (t,) in self.rows("SELECT tick FROM controller_decision")]
        if len(set(ticks)) != len(ticks):
            self.failures.append("a tick was decided twice")
        done = [c["id"] for c in fleet_program.calls(self.fleet) if c["status"] == 0]
        if len(set(done)) != len(done):
            self.failures.append("an order was carried out twice")
        if self.until(lambda: not self.differing(), SETTLES_WITHIN) is None:
            self.failures.append(f"{SETTLES_WITHIN} s after the last fault the fleet differs from the plan: {self.differing()}")
        self.process.child.send_signal(signal.SIGTERM)
        if self.process.ended(20) is None:
            self.failures.append("it did not end within 20 s")
        whole = subprocess.run([self.controller, "verify", "--database", self.database], capture_output=True, text=True, timeout=60)
        if whole.returncode:
            self.failures.append(f"verify: {whole.stdout}{whole.stderr}")


def perform(controller, seed, is_own):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        one = Stage(controller, folder, seed, is_own)
        figures = {}
        try:
            if one.until(lambda: one.ready() == 200, 150) is None:
                one.failures.append("not ready: " + one.process.text(500))
            else:
                cases = ["full", "read-only"] if is_own else ["full"]
                one.draw.shuffle(cases)
                for case in cases:
                    figures[case] = one.play(case)
                if is_own:
                    figures["read-only at the start"] = one.begin_protected()
                one.judge()
        except (OSError, sqlite3.Error, subprocess.SubprocessError, IndexError, TypeError) as error:
            one.failures.append(f"{type(error).__name__}: {error}")
        finally:
            one.close()
        return figures, one.failures


def can_mount(folder):
    """Whether a file system of its own can be had here."""
    try:
        Disk(f"{folder}/try", True).close()
        return True
    except (OSError, subprocess.SubprocessError):
        return False


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--parallel", type=int, default=5)
    options.add_argument("--limit", action="store_true", help="a limit on the size of files, even where a disk can be had")
    given = options.parse_args()
    if os.geteuid() == 0 and shutil.which("unshare") and "HERCULES_CHECK_MOUNTS" not in os.environ:
        # Mounts of this process end with it.
        os.environ["HERCULES_CHECK_MOUNTS"] = "own"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        is_own = os.geteuid() == 0 and not given.limit and can_mount(folder)
    if not is_own:
        print("not done: a read-only database; no file system can be mounted here, and a limit on files stands for a full disk")
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(given.parallel) as pool:
        found = list(pool.map(lambda seed: perform(given.controller, seed, is_own), range(given.seeds)))
    failures = [f"seed {i}: {f}" for i, (_, failed) in enumerate(found) for f in failed]
    common.check(f"no room for the database, {given.seeds} seeds: no order without a row, /readyz says so, and on it goes",
                 not failures, failures[:4])
    for case in ["full", "read-only", "read-only at the start"] if is_own else ["full"]:
        common.note_case(f"disk {case}", "file system" if is_own else "limit on files",
                         [figures.get(case, {}) for figures, _ in found], sum(not failed for _, failed in found))
    print(f"      {given.seeds} seeds in {time.monotonic() - begin:.0f} s")
    common.finish()


if __name__ == "__main__":
    main()
