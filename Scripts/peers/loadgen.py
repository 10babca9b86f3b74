"""MLPerf LoadGen's Python package against a system that does nothing: how late it is at a rate.

Usage: python loadgen.py SECONDS RATE...

Runs the server scenario (Poisson arrivals) at each rate with a system under test that completes every query at once, on
the thread that issues it. LoadGen's latency then runs from the scheduled arrival to the completion of nothing: it is the
generator's own lateness. Prints one JSON object a rate: rate, queries, p50, p99 and max in microseconds, and the rate that
was really issued.
"""

import json
import os
import re
import sys
import tempfile

import mlperf_loadgen


def run(rate, seconds):
    issued = []

    def issue(samples):
        responses = [mlperf_loadgen.QuerySampleResponse(sample.id, 0, 0) for sample in samples]
        issued.append(len(responses))
        mlperf_loadgen.QuerySamplesComplete(responses)

    settings = mlperf_loadgen.TestSettings()
    settings.scenario = mlperf_loadgen.TestScenario.Server
    settings.mode = mlperf_loadgen.TestMode.PerformanceOnly
    settings.server_target_qps = rate
    settings.server_target_latency_ns = 1_000_000_000
    settings.server_coalesce_queries = False
    settings.min_duration_ms = int(seconds * 1000)
    settings.max_duration_ms = int(seconds * 1000)
    settings.min_query_count = 1
    settings.max_query_count = int(rate * seconds)

    log = mlperf_loadgen.LogSettings()
    output = mlperf_loadgen.LogOutputSettings()
    output.outdir = tempfile.mkdtemp(prefix="loadgen-")
    output.copy_summary_to_stdout = False
    log.log_output = output
    log.enable_trace = False

    system = mlperf_loadgen.ConstructSUT(issue, lambda: None)
    library = mlperf_loadgen.ConstructQSL(1024, 1024, lambda _: None, lambda _: None)
    mlperf_loadgen.StartTestWithLogSettings(system, library, settings, log)
    mlperf_loadgen.DestroyQSL(library)
    mlperf_loadgen.DestroySUT(system)
    return summary(output.outdir, rate, sum(issued))


def summary(directory, rate, queries):
    """Reads the figures of mlperf_log_summary.txt, lines of `name (ns) : value`."""
    with open(os.path.join(directory, "mlperf_log_summary.txt")) as file:
        text = file.read()

    def figure(name):
        found = re.search(rf"^{name}\s*(?:\(ns\))?\s*:\s*([0-9.e+]+)", text, re.MULTILINE)
        return float(found.group(1)) if found else None

    def microseconds(name):
        value = figure(name)
        return None if value is None else value / 1000

    return {
        "rate": rate,
        "queries": queries,
        "p50Microseconds": microseconds("50.00 percentile latency"),
        "p99Microseconds": microseconds("99.00 percentile latency"),
        "maxMicroseconds": microseconds("Max latency"),
        "scheduledPerSecond": figure("Scheduled samples per second"),
        "completedPerSecond": figure("Completed samples per second"),
    }


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: loadgen.py SECONDS RATE...")
    for rate in sys.argv[2:]:
        print(json.dumps(run(float(rate), float(sys.argv[1]))), flush=True)
