"""Attacks on every route of a running controller, made from its own OpenAPI document: whoever may not, gets no 2xx."""
import argparse
import concurrent.futures
import json
import os
import socket
import subprocess
import tempfile
import time

import common

COVERS = {
    "viewer": {"viewer"}, "scaler": {"viewer", "scaler"}, "approver": {"viewer", "approver"},
    "operator": {"viewer", "scaler", "approver", "operator"},
}
BODIES = {
    "setMode": {"mode": "observe"}, "rollback": {"decision": 1}, "login": {"token": "x"},
    "override": {"min": 0, "max": 1, "until": "2099-01-01T00:00:00Z", "reason": "attack"},
    "acknowledge": {"decision": 1, "applied": []},
}


def routes(document):
    for path, operations in sorted(document["paths"].items()):
        for method, operation in sorted(operations.items()):
            filled = path.replace("{id}", "1").replace("{model}", "rm1").replace("{serverType}", "cpu")
            yield method.upper(), filled, operation


def request(base, method, path, operation, headers, address=None):
    body = json.dumps(BODIES.get(operation["operationId"], {})).encode() if method != "GET" else None
    sent = {"Content-Type": "application/json", "If-Match": "*"} if body else {}
    sent.update(headers)
    return common.ask((address or base) + path, method, sent, body, seconds=5)[0]


def raw(port, text, seconds=3):
    """Bytes over a socket; the first line of what came back."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
            connection.sendall(text)
            return connection.recv(200).split(b"\r\n")[0].decode(errors="replace")
    except OSError as error:
        return f"closed ({error})"


def entries(base, document, tokens, port):
    bad = {"no token": {}, "unknown token": {"Authorization": "Bearer " + "0" * 64},
           "expired token": {"Authorization": "Bearer " + tokens["expired"]},
           "basic": {"Authorization": "Basic dmlld2VyOnZpZXdlcg=="},
           "two tokens": {"Authorization": "Bearer a, Bearer b"},
           "forged cookie": {"Cookie": "hercules_session=" + "0" * 64},
           "digest as token": {"Authorization": "Bearer " + tokens["digest"]}}
    count = 0
    for name, headers in bad.items():
        through = []
        for method, path, operation in routes(document):
            # On loopback, metrics are for whoever scrapes them.
            if operation["operationId"] == "metrics":
                continue
            if not operation["security"] and operation["operationId"] != "login":
                continue
            count += 1
            status = request(base, method, path, operation, headers)
            if 200 <= status < 300 or status == 0:
                through.append((method, path, status))
        common.check(f"{name}: no route answers 2xx", not through, through[:3])
    for role, covers in COVERS.items():
        through = []
        for method, path, operation in routes(document):
            needed = operation.get("x-role")
            if needed is None or needed in covers:
                continue
            count += 1
            status = request(base, method, path, operation, {"Authorization": "Bearer " + tokens[role]})
            if status != 403:
                through.append((method, path, status))
        common.check(f"{role}: what the role does not cover is 403", not through, through[:3])
    operator = {"Authorization": "Bearer " + tokens["operator"]}
    for name, headers in {"origin": {"Origin": "https://evil.example"}, "null origin": {"Origin": "null"},
                          "fetch site": {"Sec-Fetch-Site": "cross-site"}, "rebinding": {"Host": "evil.example"},
                          "form": {"Content-Type": "application/x-www-form-urlencoded"}}.items():
        through = []
        for method, path, operation in routes(document):
            if method == "GET" and name != "rebinding":
                continue
            if name == "form" and not operation.get("requestBody"):
                continue
            count += 1
            status = request(base, method, path, operation, {**operator, **headers})
            if 200 <= status < 300 or status == 0:
                through.append((method, path, status))
        common.check(f"cross-site by {name}: no 2xx", not through, through[:3])
    return count


def malformed(base, tokens, port):
    operator = tokens["operator"]
    paths = ["/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/dashboard.js/../../x",
             "/v1/%00", "/v1/decisions/..%5c..", "//v1/status", "/v1/status/", "/V1/STATUS", "/v1/" + "a" * 5000]
    through = [p for p in paths if common.ask(
        base + p, headers={"Authorization": "Bearer " + operator}, seconds=5)[0] in (0, 200)]
    common.check("traversal and odd paths: no 2xx", not through, through[:3])
    lines = {p: raw(port, text) for p, text in {
        "no host": b"GET /v1/status HTTP/1.1\r\n\r\n",
        "two hosts": b"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        "absolute": b"GET http://evil.example/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "garbage": b"\x16\x03\x01\x00\xa5\x01\x00\x00" * 8 + b"\r\n\r\n",
        "smuggling": (b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n"
                      b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/status HTTP/1.1\r\n\r\n"),
        "long header": b"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        "negative length": b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
    }.items()}
    through = {name: line for name, line in lines.items() if " 2" in line[:14]}
    common.check("malformed requests: no 2xx", not through, through)
    json_type = {"Authorization": "Bearer " + operator, "Content-Type": "application/json", "If-Match": "*"}
    bodies = [b"", b"{", b"[]", b"null", b'{"mode":"observe","x":1}', b'{"mode":["observe"]}', b"[" * 60_000,
              b'{"mode":"' + b"a" * 70_000 + b'"}', b"\xff\xfe", b'{"mode":1e999}']
    through = [b[:20] for b in bodies if not 400 <= common.ask(
        base + "/v1/mode", "PUT", json_type, b, seconds=5)[0] < 500]
    common.check("bodies that cannot be: 4xx", not through, through)
    return len(paths) + len(lines) + len(bodies)


def floods(base, port, process):
    statuses = [common.ask(base + "/login", "POST", {"Content-Type": "application/json"},
                           b'{"token":"guess"}')[0] for _ in range(30)]
    common.check("a login flood is turned away", statuses.count(401) <= 5 and statuses.count(429) >= 25,
                 f"{statuses}")
    slow = []
    for _ in range(100):
        connection = socket.create_connection(("127.0.0.1", port), timeout=3)
        connection.sendall(b"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        slow.append(connection)
    # Each of them would be waited for for longer.
    status = common.ask(base + "/healthz", seconds=10)[0]
    common.check("100 connections that dawdle stop nobody", status == 200, status)
    for connection in slow:
        connection.close()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda _: common.ask(base + "/v1/status", seconds=60)[0], range(2_000)))
    common.check("2,000 requests without a token: all 401", set(found) == {401}, set(found))
    common.check("the process lives", process.is_alive(), process.text())


def refusals(controller, config, folder):
    for name, extra in {"all addresses": ["--listen", "0.0.0.0:0"], "another host": ["--listen", "example.org:0"]}.items():
        done = subprocess.run(
            [controller, "run", config, "--database", os.path.join(folder, "x.sqlite"), *extra],
            capture_output=True, timeout=60)
        common.check(f"{name} without TLS and tokens: refuses to start with 64", done.returncode == 64,
                     f"{done.returncode}: {done.stderr[-300:]}")


def over_tls(controller, config, folder, tokens, file):
    """The same over TLS on all addresses: a certificate and tokens let it start, and nothing goes without them."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", f"{folder}/tls.crt", "-keyout", f"{folder}/tls.key"]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    port = common.free_port()
    arguments = [controller, "run", config, "--database", os.path.join(folder, "tls.sqlite"), "--listen",
                 f"0.0.0.0:{port}", "--certificate", f"{folder}/tls.crt", "--key", f"{folder}/tls.key", "--tokens", file]

    def curl(path, *more):
        done = subprocess.run(["curl", "-s", "-o", f"{folder}/answer", "-D", f"{folder}/headers", "-w", "%{http_code}",
                               "--max-time", "5", "--cacert", f"{folder}/tls.crt", *more,
                               f"https://localhost:{port}{path}"], capture_output=True, text=True, timeout=30)
        return done.stdout

    with common.Process(arguments, os.path.join(folder, "tls.log")) as process:
        end = time.monotonic() + 60
        while process.is_alive() and curl("/healthz") != "200" and time.monotonic() < end:
            time.sleep(0.2)
        common.check("with a certificate and tokens it answers on all addresses", curl("/healthz") == "200", process.text())
        common.check("without TLS it does not", common.ask(f"http://127.0.0.1:{port}/healthz", seconds=3)[0] == 0)
        bearer = lambda role: ("-H", "Authorization: Bearer " + tokens[role])
        common.check("no token reads nothing there", [curl(p) for p in ("/v1/status", "/v1/plan", "/metrics")] == ["401"] * 3)
        common.check("a viewer reads there", curl("/v1/status", *bearer("viewer")) == "200")
        with open(f"{folder}/headers") as headers:
            common.check("the browser is told to stay with TLS", "strict-transport-security" in headers.read().lower())
        weak = curl("/v1/status", *bearer("viewer"), "--tls-max", "1.1")
        common.check("older TLS is refused", weak == "000", weak)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--config", required=True)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tokens, file = {}, os.path.join(folder, "tokens")
        add = [given.controller, "token", "add"]
        for role in COVERS:
            tokens[role] = subprocess.run(add + [role, "--role", role, "--file", file], capture_output=True,
                                          text=True, check=True).stdout.strip()
        tokens["expired"] = subprocess.run(
            add + ["old", "--role", "operator", "--expires", "2020-01-01", "--file", file], capture_output=True,
            text=True, check=True).stdout.strip()
        with open(file) as lines:
            text = lines.read()
        tokens["digest"] = text.split("sha256:")[1][:64]
        common.check("the file of tokens is 0600 and holds no token",
                     os.stat(file).st_mode & 0o777 == 0o600 and not any(t in text for r, t in tokens.items() if r != "digest"))
        refusals(given.controller, given.config, folder)
        port = common.free_port()
        base = f"http://127.0.0.1:{port}"
        arguments = [given.controller, "run", given.config, "--database", os.path.join(folder, "a.sqlite"),
                     "--listen", f"127.0.0.1:{port}", "--tokens", file]
        with common.Process(arguments, os.path.join(folder, "log")) as process:
            if not common.check("the controller starts", common.wait_for(base + "/healthz", process), process.text()):
                common.finish()
            operator = {"Authorization": "Bearer " + tokens["operator"]}
            status, _, text = common.ask(base + "/v1/openapi.json", headers=operator)
            common.check("the operator gets the OpenAPI document", status == 200, status)
            document = json.loads(text)
            before = json.loads(common.ask(base + "/v1/status", headers=operator)[2])
            count = entries(base, document, tokens, port) + malformed(base, tokens, port)
            floods(base, port, process)
            after = json.loads(common.ask(base + "/v1/status", headers=operator)[2])
            common.check("nothing was changed by any of it", (before["mode"], before["isPaused"], before["revision"])
                         == (after["mode"], after["isPaused"], after["revision"]), after["mode"])
            text = process.text(1 << 20)
            common.check("no token is in the log", not any(t in text for t in tokens.values()))
            print(f"      {count} requests that nobody may make")
        over_tls(given.controller, given.config, folder, tokens, file)
    common.finish()


if __name__ == "__main__":
    main()
