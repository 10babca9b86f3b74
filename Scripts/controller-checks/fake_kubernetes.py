"""A fake of a Kubernetes API server, and not a real one: Nodes, Deployments and their scale, autoscalers, Leases. It judges
every body that is sent as the real one would, starts servers after a while, and misbehaves when it is told to."""
import json
import re
import socket
import threading
import time
import urllib.parse

from fake_server import FakeServer

NAMESPACE = "/apis/apps/v1/namespaces/default/deployments"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
# Whoever asks under one of these is told apart by it; others are the controller.
OTHERS = ("advisory", "second")
# What it can do wrong to lists and to scales.
LISTS = ["403", "429", "500", "hang", "half", "empty"]
WRITES = ["403", "409", "429", "500", "hang", "half", "ignored", "halved"]


class FakeKubernetes(FakeServer):
    """Serves until it is closed. `lists` and `writes` say what is wrong just now."""

    def __init__(self, nodes, deployments, start_seconds=1.0):
        self.nodes, self.start_seconds = nodes, start_seconds
        self.lock = threading.RLock()
        self.version, self.lists, self.writes = 1, None, None
        self.autoscalers, self.hits = [], 0
        self.leases = {}
        self.deployments = {name: {"replicas": 0, "version": 1, "starts": []} for name in deployments}
        # Who asked for what, what was changed, and what should never have been asked.
        self.requests, self.changes, self.faults = [], [], []
        self.start()

    def ready(self, one):
        """Servers that have had the time to start, of those that are wanted."""
        now = time.monotonic()
        return sum(count for at, count in one["starts"] if now >= at + self.start_seconds)

    def set(self, name, replicas, who):
        """Changes a count; new servers start, and the youngest stop first."""
        with self.lock:
            one = self.deployments[name]
            more = replicas - one["replicas"]
            self.version += 1
            one["replicas"], one["version"] = replicas, self.version
            if more > 0:
                one["starts"].append((time.monotonic(), more))
            while more < 0 and one["starts"]:
                at, count = one["starts"].pop()
                if count > -more:
                    one["starts"].append((at, count + more))
                more = min(0, more + count)
            self.changes.append((time.time(), who, name, replicas))
            server = name.split("--")[1]
            there = sum(d["replicas"] for n, d in self.deployments.items() if n.split("--")[1] == server)
            if who in ("controller", "second") and there > self.nodes[server]:
                self.faults.append(f"{there} servers of {server}, and there are {self.nodes[server]}")

    def counts(self):
        with self.lock:
            return {name: one["replicas"] for name, one in self.deployments.items()}

    def answer(self, handler):
        path = urllib.parse.urlsplit(handler.path).path
        first = path.split("/")[1]
        who, path = (first, path[len(first) + 1:]) if first in OTHERS else ("controller", path)
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        with self.lock:
            self.requests.append((time.time(), who, handler.command, path))
            wrong = self.writes if handler.command != "GET" else self.lists
            applies = handler.command != "GET" or path in ("/api/v1/nodes", NAMESPACE)
            wrong = wrong if applies and not path.startswith(LEASES) else None
            if wrong:
                self.hits += 1
        if wrong in ("403", "429", "500"):
            return self.send(handler, int(wrong), status(int(wrong)), {"Retry-After": "2"} if wrong == "429" else {})
        if wrong == "hang":
            time.sleep(3)
            handler.close_connection = True
            return handler.connection.shutdown(socket.SHUT_RDWR)
        if handler.command == "GET":
            code, answer = self.get(path)
        else:
            code, answer = self.write(handler, path, body, who, wrong)
        text = json.dumps(answer).encode()
        if wrong == "half":
            # As long as it says, and no whole JSON.
            text = text[:len(text) // 2]
        self.send(handler, code, text)

    def get(self, path):
        with self.lock:
            if path == "/api/v1/nodes":
                items = [] if self.lists == "empty" else [node(f"{type}-{i}", type) for type, n in self.nodes.items() for i in range(n)]
                return 200, {"apiVersion": "v1", "kind": "NodeList", "metadata": {"resourceVersion": str(self.version)}, "items": items}
            if path == NAMESPACE:
                items = [{"metadata": {"name": name, "namespace": "default", "resourceVersion": str(one["version"])},
                          "spec": {"replicas": one["replicas"]}, "status": {"readyReplicas": self.ready(one)}}
                         for name, one in sorted(self.deployments.items())]
                return 200, {"apiVersion": "apps/v1", "kind": "DeploymentList", "metadata": {}, "items": items}
            if path.endswith("/horizontalpodautoscalers"):
                return 200, {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscalerList", "items": [
                    {"metadata": {"name": f"hpa-{name}"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": name}}}
                    for name in self.autoscalers]}
            if path.startswith(LEASES + "/") and path[len(LEASES) + 1:] in self.leases:
                return 200, self.leases[path[len(LEASES) + 1:]]
            name = self.scale_name(path)
            if name:
                return 200, self.scale(name)
        return 404, json.loads(status(404))

    def scale_name(self, path):
        parts = path.removeprefix(NAMESPACE + "/").split("/")
        return parts[0] if path.startswith(NAMESPACE) and parts[1:] == ["scale"] and parts[0] in self.deployments else None

    def scale(self, name):
        one = self.deployments[name]
        return {"apiVersion": "autoscaling/v1", "kind": "Scale",
                "metadata": {"name": name, "namespace": "default", "resourceVersion": str(one["version"])},
                "spec": {"replicas": one["replicas"]}, "status": {"replicas": self.ready(one), "selector": f"app={name}"}}

    def write_lease(self, handler, path, body):
        """Made by POST where there is none, replaced by PUT with the version that was read."""
        name = path[len(LEASES) + 1:]
        fault = judge_lease(name, handler, body)
        if fault:
            self.faults.append(f"{handler.command} {path}: {fault}")
            return 422, json.loads(status(422, fault))
        sent = json.loads(body)
        with self.lock:
            name = sent["metadata"]["name"]
            before = self.leases.get(name)
            if handler.command == "POST" and before:
                return 409, json.loads(status(409))
            if handler.command == "PUT" and not before:
                return 404, json.loads(status(404))
            if before and sent["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]:
                return 409, json.loads(status(409))
            self.version += 1
            sent["metadata"]["resourceVersion"] = str(self.version)
            self.leases[name] = sent
            return 201 if handler.command == "POST" else 200, sent

    def write(self, handler, path, body, who, wrong):
        if path.startswith(LEASES):
            return self.write_lease(handler, path, body)
        name = self.scale_name(path)
        if not name or handler.command not in ("PUT", "PATCH"):
            self.faults.append(f"{handler.command} {path}")
            return 405, json.loads(status(405))
        fault = judge(name, handler, body)
        if fault:
            self.faults.append(f"{handler.command} {name}: {fault}")
            return 422, json.loads(status(422, fault))
        sent = json.loads(body)
        with self.lock:
            one = self.deployments[name]
            version = sent.get("metadata", {}).get("resourceVersion")
            if wrong == "409":
                self.set(name, one["replicas"], "somebody")
            if version is not None and version != str(one["version"]):
                return 409, json.loads(status(409))
            before, wanted = one["replicas"], sent["spec"]["replicas"]
            if wrong == "halved":
                wanted = before + int((wanted - before) / 2)
            if wrong != "ignored" and wanted != before:
                self.set(name, wanted, who)
            return 200, {**self.scale(name), "spec": {"replicas": sent["spec"]["replicas"]}}

    @staticmethod
    def send(handler, code, body, headers=None):
        handler.send_response(code)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def judge(name, handler, body):
    """What is wrong with a scale that is sent; nothing where it is as the published interface has it."""
    kind = (handler.headers.get("Content-Type") or "").split(";")[0]
    merges = handler.command == "PATCH"
    if kind != ("application/merge-patch+json" if merges else "application/json"):
        return f"content type {kind}"
    try:
        sent = json.loads(body)
    except ValueError:
        return "no JSON"
    allowed = {"apiVersion": str, "kind": str, "metadata": dict, "spec": dict, "status": dict}
    if not isinstance(sent, dict) or any(not isinstance(v, allowed.get(k, ())) for k, v in sent.items()):
        return f"fields {sorted(sent) if isinstance(sent, dict) else sent}"
    metadata, spec = sent.get("metadata", {}), sent.get("spec", {})
    if set(metadata) - {"name", "namespace", "resourceVersion", "uid", "creationTimestamp"} or set(spec) - {"replicas"}:
        return f"fields of {metadata} {spec}"
    if not merges and (sent.get("apiVersion"), sent.get("kind"), metadata.get("name"), metadata.get("namespace", "default")) != (
            "autoscaling/v1", "Scale", name, "default"):
        return f"found {sent.get('apiVersion')} {sent.get('kind')} {metadata}"
    if not merges and not isinstance(metadata.get("resourceVersion"), str):
        return "no version"
    replicas = spec.get("replicas")
    if type(replicas) is not int or not 0 <= replicas < 1 << 31:
        return f"replicas {replicas}"
    return None


def judge_lease(name, handler, body):
    """What is wrong with a Lease that is sent; nothing where it is as the published interface has it."""
    if handler.command not in ("POST", "PUT") or (handler.command == "POST") != (name == ""):
        return "not how a Lease is written"
    try:
        sent = json.loads(body)
        metadata, spec = sent["metadata"], sent["spec"]
        if (sent["apiVersion"], sent["kind"]) != ("coordination.k8s.io/v1", "Lease"):
            return f'{sent["apiVersion"]} {sent["kind"]}'
        if set(sent) - {"apiVersion", "kind", "metadata", "spec"} or (name and metadata["name"] != name):
            return f"fields {sorted(sent)}, {metadata}"
        if handler.command == "PUT" and not isinstance(metadata.get("resourceVersion"), str):
            return "no version"
        kinds = {"holderIdentity": str, "leaseDurationSeconds": int, "leaseTransitions": int, "acquireTime": str,
                 "renewTime": str}
        wrong = [k for k, v in spec.items() if type(v) is not kinds.get(k)]
        micro = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
        wrong += [k for k in ("acquireTime", "renewTime") if not micro.fullmatch(spec[k])]
        if wrong or spec["leaseDurationSeconds"] <= 0 or spec["leaseTransitions"] < 0 or not spec["holderIdentity"]:
            return f"fields {wrong} of {spec}"
    except (ValueError, KeyError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def node(name, server):
    return {"metadata": {"name": name, "labels": {"hercules/server-type": server, "kubernetes.io/hostname": name}},
            "spec": {}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}


def status(code, message=""):
    return json.dumps({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "message": message}).encode()
