"""What the checks of the live controller share: counting, processes that end, and rows of its database."""
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

# Wherever the executable lies, this checkout's files are the ones that are checked.
os.environ.setdefault("HERCULES_CATALOGUE", os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "Workloads"))

passed = failed = 0


def check(what, holds, found=""):
    """Counts one check, and says so where it fails."""
    global passed, failed
    if holds:
        passed += 1
        print(f"ok    {what}")
    else:
        failed += 1
        print(f"FAIL  {what}: {found}")
    sys.stdout.flush()
    return holds


def finish():
    """Writes the counts for who called, and ends."""
    counts = os.environ.get("HERCULES_CHECK_COUNTS")
    if counts:
        with open(counts, "a") as file:
            file.write(f"{passed} {failed}\n")
    else:
        print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def note_case(case, where, figures, passed_runs):
    """Keeps what the runs of one case came to, for the closing table."""
    path = os.environ.get("HERCULES_CHECK_CASES")
    if path:
        most = lambda key: max((f[key] for f in figures if f.get(key) is not None), default=None)
        with open(path, "a") as file:
            file.write(json.dumps({"case": case, "where": where, "runs": len(figures), "passed": passed_runs,
                                   "unsafe": sum(f.get("unsafe", 0) for f in figures), "hold": most("hold"),
                                   "back": most("back")}) + "\n")


class Process:
    """A process that ends with the block that started it, whatever happens in between."""

    def __init__(self, arguments, log, **more):
        self.log = log
        self.file = open(log, "wb")
        self.child = subprocess.Popen(arguments, stdout=self.file, stderr=subprocess.STDOUT, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.file.close()

    def is_alive(self):
        return self.child.poll() is None

    def ended(self, seconds):
        """Its status once it has ended by itself; `None` where it has not within so many seconds."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def text(self, bytes_max=4000):
        with open(self.log, "rb") as file:
            return file.read()[-bytes_max:].decode(errors="replace")

    def resident_megabytes(self):
        with open(f"/proc/{self.child.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0.0


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(NoRedirect)


def ask(url, method="GET", headers=None, body=None, seconds=10):
    """One request: its status, its headers and its text; 0 where there is no answer."""
    request = urllib.request.Request(url, method=method, headers=headers or {}, data=body)
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, dict(answer.headers), answer.read(8 << 20).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read(1 << 20).decode(errors="replace")
    except (OSError, ValueError) as error:
        return 0, {}, str(error)


PORTS = range(10_240, 32_000)
given_ports = set()


def free_port():
    """A port of this machine that nobody listens on. Of those that the system gives to clients another process could have it
    before it is used."""
    draw = random.SystemRandom()
    for _ in range(1000):
        port = draw.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in given_ports:
            given_ports.add(port)
            return port
    raise OSError(f"no free port between {PORTS.start} and {PORTS.stop}")


def wait_for(url, process, seconds=60):
    """Waits until an address answers with 200, or a process or the time has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process is not None and not process.is_alive():
            return False
        if ask(url, seconds=2)[0] == 200:
            return True
        time.sleep(0.1)
    return False


def put_to_sleep(process, database):
    """Puts a process to sleep; wakes it at once, and says so, where that was in the middle of a write: nobody else can write
    until it wakes up then."""
    process.child.send_signal(signal.SIGSTOP)
    time.sleep(0.2)
    rows = sqlite3.connect(database, isolation_level=None, timeout=2)
    try:
        rows.execute("BEGIN IMMEDIATE")
        rows.execute("ROLLBACK")
        return True
    except sqlite3.OperationalError:
        process.child.send_signal(signal.SIGCONT)
        return False
    finally:
        rows.close()


def decisions(database):
    """Every decision in its order."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
        return [json.loads(text) for (text,) in rows.execute(
            "SELECT decision_json FROM controller_decision ORDER BY tick")]


def observations(database):
    """(tick, model) to (state, cause, load)."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
        return {(tick, model): (state, cause, load) for tick, model, state, cause, load in rows.execute(
            "SELECT tick, model, state, cause, load_queries_per_second FROM controller_observation")}
