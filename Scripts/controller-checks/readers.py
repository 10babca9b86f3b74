"""A thousand readers at once: every one of them is answered, and how long the slowest of a hundred waits is printed."""
import argparse
import asyncio
import tempfile
import time

import common
import stage

PATHS = ["/v1/status", "/v1/fleet", "/v1/forecast", "/v1/decisions?limit=5", "/healthz", "/metrics"]
# Of one answer, whatever else the machine does.
ANSWER_WITHIN = 60


async def read(port, number, rounds, waits, wrong):
    """One reader on one connection, which asks again as soon as it is answered."""
    try:
        stream, sink = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), ANSWER_WITHIN)
        for turn in range(rounds):
            path = PATHS[(number + turn) % len(PATHS)]
            begin = time.monotonic()
            sink.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            await sink.drain()
            head = await asyncio.wait_for(stream.readuntil(b"\r\n\r\n"), ANSWER_WITHIN)
            fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:] if ": " in line)
            await asyncio.wait_for(stream.readexactly(int(fields["content-length"])), ANSWER_WITHIN)
            waits.append(time.monotonic() - begin)
            if not head.startswith(b"HTTP/1.1 200"):
                wrong.append(f"{path}: {head[:60]!r}")
        sink.close()
    except (OSError, KeyError, ValueError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
        wrong.append(f"reader {number}: {type(error).__name__} {error}")


async def read_all(port, readers, rounds):
    waits, wrong = [], []
    await asyncio.gather(*(read(port, number, rounds, waits, wrong) for number in range(readers)))
    return sorted(waits), wrong


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--readers", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=10)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = stage.write_controller(f"{folder}/read.yaml", "published", interval=2)
        port = common.free_port()
        with common.Process([given.controller, "run", config, "--database", f"{folder}/read.sqlite", "--listen",
                             f"127.0.0.1:{port}"], f"{folder}/read.log") as process:
            url = f"http://127.0.0.1:{port}"
            common.check("the controller is ready", common.wait_for(url + "/readyz", process), process.text(300))
            time.sleep(5)
            before, begin = process.resident_megabytes(), time.monotonic()
            waits, wrong = asyncio.run(read_all(port, given.readers, given.rounds))
            seconds = time.monotonic() - begin
            asked = given.readers * given.rounds
            common.check(f"{given.readers} readers at once: {asked} questions are answered",
                         not wrong and len(waits) == asked, [len(waits), *wrong[:3]])
            ticks = [row["tick"] for row in common.decisions(f"{folder}/read.sqlite")]
            missed = ticks[-1] - ticks[0] + 1 - len(ticks)
            # Readers take the machine as well; no more intervals go by than are decided for.
            common.check("decisions go on meanwhile", len(ticks) > 3 and missed < len(ticks), f"{missed} missed, {len(ticks)} made")
            grown = process.resident_megabytes() - before
            common.check("memory stays small (below 200 MB more)", grown < 200, f"{grown:.0f} MB")
            if waits:
                at = lambda share: 1000 * waits[int(share * (len(waits) - 1))]
                print(f"      {len(waits) / seconds:.0f} answers/s; an answer took {at(0.5):.0f} ms in the median, "
                      f"{at(0.99):.0f} ms at p99; {grown:.0f} MB more")
    common.finish()


if __name__ == "__main__":
    main()
