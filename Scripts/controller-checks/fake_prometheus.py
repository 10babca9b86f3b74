"""A server that answers like Prometheus for counters that rise evenly, and misbehaves as a schedule says.

What it does at a moment depends on the moment that is asked about, so that a controller on a simulated clock meets the
same faults in every run of the same seed.
"""
import copy
import functools
import gzip
import json
import random
import re
import socket
import time
import urllib.parse

from fake_server import FakeServer

# What the fake can do wrong, and the causes under which a controller may hold a model for it.
FAULTS = {
    "cut": {"partial", "unreachable"}, "html": {"invalid", "unreachable", "misconfigured"},
    "huge": {"partial"}, "endless": {"partial"}, "slow": {"unreachable"}, "silent": {"unreachable"},
    "closed": {"unreachable"}, "redirect": {"misconfigured"}, "nan": {"invalid"}, "infinite": {"invalid"},
    "negative": {"invalid"}, "enormous": {"implausible", "invalid"}, "warnings": {"partial"},
    "status400": {"misconfigured"}, "status401": {"misconfigured"}, "status403": {"misconfigured"},
    "status422": {"misconfigured"}, "status429": {"unreachable"}, "status503": {"unreachable"},
    "stale": {"stale", "thin", "invalid"}, "thin": {"thin", "stale"}, "empty": {"invalid", "stale"},
    "twice": {"invalid", "partial"}, "scalar": {"invalid"}, "packed": {"invalid", "partial"},
    "bomb": {"invalid", "partial"}, "text": {"invalid"}, "nested": {"invalid", "partial"}, "jump": {"implausible"},
    # A counter that begins anew is no fault: its load is known all the same.
    "reset": set(),
}
SLOW = {"slow", "silent", "endless"}
# Faults that happen once, at the first of their bad ticks: what comes afterwards is whole again.
ONCE = {"enormous", "jump", "reset"}


@functools.cache
def bomb():
    """A quarter of a megabyte that would be 256 when it is unpacked."""
    return gzip.compress(bytes(256 << 20), 9)


class Schedule:
    """Which fault is met at which tick: some good ticks, then some bad ones, fault after fault in a seeded order."""

    def __init__(self, start, interval, seed, faults, good=8, bad=4, victim=None):
        self.start, self.interval, self.victim = start, interval, victim
        order = list(faults)
        random.Random(seed).shuffle(order)
        self.ticks = []
        for fault in order:
            self.ticks += [None] * good + [fault] * bad
        self.ticks += [None] * good
        self.shots = [(start + i * interval, fault) for i, fault in enumerate(self.ticks)
                      if fault in ONCE and self.ticks[i - 1] != fault]

    def undisturbed(self):
        """The same ticks without a fault."""
        other = copy.copy(self)
        other.ticks, other.shots = [None] * len(self.ticks), []
        return other

    def fault(self, moment, model):
        index = int((moment - self.start) / self.interval + 0.5)
        if not 0 <= index < len(self.ticks) or (self.victim and model != self.victim):
            return None
        return self.ticks[index]


class FakePrometheus(FakeServer):
    """Serves until it is closed. `total` is what a counter of a model stands at, as a function of both."""

    def __init__(self, schedule, total, scrape=5.0):
        self.schedule, self.scrape, self.total = schedule, scrape, total
        self.requests, self.elsewhere, self.stolen = [], 0, 0
        # When, by the machine's clock, each moment was first asked about.
        self.asked = {}
        if "bomb" in schedule.ticks:
            bomb()
        self.start()

    def samples(self, model, start, end, fault):
        """Samples of one series within a range, as the fault leaves them."""
        first = int(start / self.scrape)
        times = [i * self.scrape for i in range(first, int(end / self.scrape) + 1) if start <= i * self.scrape <= end]
        values = [(t, self.total(model, t)) for t in times]
        if fault == "stale":
            values = [v for v in values if v[0] <= end - 4 * self.scrape]
        if fault == "thin":
            values = values[::2]
        if fault == "empty":
            return []
        texts = [(t, repr(v)) for t, v in values]
        added = 0.0
        for moment, shot in self.schedule.shots if model == self.schedule.victim else []:
            if shot == "enormous":
                texts = [(t, "1e308" if t == moment else text) for t, text in texts]
                continue
            # In the middle of a window, and between two samples.
            at = moment - 32.5
            more = 1e12 if shot == "jump" else -(self.total(model, at) + added)
            added += more
            texts = [(t, repr(float(text) + more) if t > at else text) for t, text in texts]
        # Whatever a counter has jumped by before, it is this now.
        odd = {"nan": "NaN", "infinite": "+Inf", "negative": "-5"}.get(fault)
        if odd and texts:
            texts[-1] = (texts[-1][0], odd)
        return texts

    def answer(self, handler):
        self.requests.append((handler.command, handler.path))
        if handler.command != "GET":
            return handler.send_error(405)
        url = urllib.parse.urlsplit(handler.path)
        if url.path == "/elsewhere":
            self.elsewhere += 1
            self.stolen += 1 if handler.headers.get("Authorization") else 0
            return self.send(handler, 200, b"{}")
        form = dict(urllib.parse.parse_qsl(url.query))
        match = re.fullmatch(r'requests_total\{model="([^"]*)"\}\[(\d+)(ms|s)\]', form.get("query", ""))
        if url.path != "/api/v1/query" or not match:
            return self.send(handler, 400, b'{"status":"error","errorType":"bad_data","error":"no such query"}')
        moment, model = float(form["time"]), match[1]
        self.asked.setdefault(moment, time.monotonic())
        window = int(match[2]) / (1000 if match[3] == "ms" else 1)
        fault = self.schedule.fault(moment, model)
        series = self.samples(model, moment - window, moment, fault)
        one = {"metric": {"__name__": "requests_total", "model": model}, "values": series}
        result = [one] if series else []
        if fault == "twice":
            result = [one, one]
        answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
        if fault == "warnings":
            answer["warnings"] = ["a store could not be reached"]
        if fault == "scalar":
            answer["data"] = {"resultType": "scalar", "result": [moment, "5"]}
        self.misbehave(handler, fault, json.dumps(answer).encode())

    def misbehave(self, handler, fault, body):
        plain = "application/json"
        if fault and fault.startswith("status"):
            return self.send(handler, int(fault[6:]), b"Unauthorized", "text/plain")
        if fault == "cut":
            handler.send_response(200)
            handler.send_header("Content-Type", plain)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:len(body) // 2])
            handler.close_connection = True
            return None
        if fault == "html":
            return self.send(handler, 200, b"<html><title>Log in</title></html>", "text/html")
        if fault == "huge":
            handler.send_response(200)
            handler.send_header("Content-Type", plain)
            handler.send_header("Content-Length", str(10 << 30))
            handler.end_headers()
            handler.close_connection = True
            return None
        if fault in ("endless", "slow"):
            handler.send_response(200)
            handler.send_header("Content-Type", plain)
            handler.send_header("Connection", "close")
            handler.end_headers()
            for _ in range(200):
                handler.wfile.write(b" " * (1 << 17 if fault == "endless" else 1))
                handler.wfile.flush()
                time.sleep(0 if fault == "endless" else 0.05)
            handler.close_connection = True
            return None
        if fault == "silent":
            time.sleep(3)
            handler.close_connection = True
            return None
        if fault == "closed":
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return None
        if fault == "redirect":
            handler.send_response(302)
            handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
            handler.send_header("Content-Length", "0")
            return handler.end_headers()
        if fault == "packed":
            return self.send(handler, 200, body, plain, {"Content-Encoding": "gzip"})
        if fault == "bomb":
            return self.send(handler, 200, bomb(), plain, {"Content-Encoding": "gzip"})
        if fault == "text":
            return self.send(handler, 200, body, "text/plain; charset=utf-16")
        if fault == "nested":
            return self.send(handler, 200, b'{"status":' + b"[" * 200_000)
        return self.send(handler, 200, body)

    @staticmethod
    def send(handler, status, body, kind="application/json", headers=None):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
