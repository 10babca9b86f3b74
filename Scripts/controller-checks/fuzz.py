"""Requests that `schemathesis` makes from the OpenAPI document of a running controller: with an operator's token none
ends in an answer that the document does not have."""
import argparse
import os
import subprocess
import tempfile

import common


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--config", required=True)
    options.add_argument("--program", required=True)
    options.add_argument("--examples", type=int, default=40)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/tokens"
        token = subprocess.run([given.controller, "token", "add", "ops", "--role", "operator", "--file", file],
                               capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        port = common.free_port()
        base = f"http://127.0.0.1:{port}"
        arguments = [given.controller, "run", given.config, "--database", f"{folder}/a.sqlite", "--listen",
                     f"127.0.0.1:{port}", "--tokens", file]
        with common.Process(arguments, f"{folder}/log") as process:
            common.check("the controller is ready", common.wait_for(base + "/readyz", process), process.text())
            bearer = {"Authorization": f"Bearer {token}"}
            status, _, text = common.ask(base + "/v1/openapi.json", headers=bearer)
            common.check("its OpenAPI document is there", status == 200, status)
            with open(f"{folder}/openapi.json", "w") as document:
                document.write(text)
            found = fuzz(given, folder, base, ["-H", f"Authorization: Bearer {token}", "--checks",
                                               "status_code_conformance,content_type_conformance"])
            common.check("with a token: no server error, no answer beside the document", found.returncode == 0,
                         (found.stdout.partition("FAILURES")[2] or found.stdout)[:1500] + found.stderr[-300:])
            common.check("the process lives", process.is_alive(), process.text())
            common.check("and is small", process.resident_megabytes() < 400, process.resident_megabytes())
            print("      " + " ".join(line.strip() for line in found.stdout.splitlines() if "generated," in line))
    common.finish()


def fuzz(given, folder, base, more):
    # Events never end, logging in is only so often allowed, and what is pushed is no JSON. Without a trusted plan 503 is an
    # answer that the document has; a 500 is not.
    left_out = [word for path in ("/v1/events", "/login", "/v1/push") for word in ("--exclude-path", path)]
    arguments = [given.program, "run", f"{folder}/openapi.json", "--url", base, "--max-examples", str(given.examples), "--seed",
                 "1", "--request-timeout", "10", *left_out, "--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--generation-database", "none", "--no-color",
                 *more]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=900, cwd=folder,
                          env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": folder})


if __name__ == "__main__":
    main()
