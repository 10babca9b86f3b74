"""A program that carries out orders as `--scale-command` calls it: `FOLDER fleet` and `FOLDER order`. What it is asked
is written down with the time, what it does is one row of a file, and a file beside it says how it behaves."""
import contextlib
import fcntl
import json
import os
import stat
import sys
import time


def write(path, value):
    """Replaces a file whole, so that whoever reads it never sees a half."""
    with open(path + ".new", "w") as file:
        json.dump(value, file)
    os.replace(path + ".new", path)


@contextlib.contextmanager
def locked(folder):
    with open(os.path.join(folder, "lock"), "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read(folder):
    with open(os.path.join(folder, "fleet.json")) as file:
        return json.load(file)


def calls(folder):
    """What was asked, in order."""
    path = os.path.join(folder, "calls.jsonl")
    if not os.path.exists(path):
        return []
    with locked(folder), open(path) as file:
        return [json.loads(line) for line in file]


def make(folder, available):
    """A fleet of which nothing runs, and the program that a controller is given for it."""
    os.makedirs(folder, exist_ok=True)
    write(os.path.join(folder, "fleet.json"), {"available": available, "pairs": {}, "generation": 0, "behaviour": "obey"})
    path = os.path.join(folder, "program")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{os.path.abspath(__file__)}" "{folder}" "$1"\n')
    os.chmod(path, stat.S_IRWXU)
    return path


def behave(folder, behaviour):
    with locked(folder):
        state = read(folder)
        write(os.path.join(folder, "fleet.json"), {**state, "behaviour": behaviour})


def answer(folder, order):
    """The status of an order: 0 done, 4 where a higher generation was here before."""
    state = read(folder)
    name = f'{order["model"]} {order["serverType"]}'
    before = state["pairs"].get(name, 0)
    status = 0
    if order["generation"] < state["generation"]:
        status = 4
    elif before != order["from"]:
        status = 3
    elif state["behaviour"] == "obey":
        state["pairs"][name] = order["to"]
        state["generation"] = order["generation"]
        write(os.path.join(folder, "fleet.json"), state)
    with open(os.path.join(folder, "calls.jsonl"), "a") as file:
        file.write(json.dumps({"at": time.time(), "before": before, "status": status, **order}) + "\n")
    return status


def main():
    folder, word = sys.argv[1:3]
    with locked(folder):
        if word == "fleet":
            state = read(folder)
            pairs = [dict(zip(("model", "serverType"), name.split(" ")), serving=count)
                     for name, count in sorted(state["pairs"].items())]
            print(json.dumps({"available": state["available"], "pairs": pairs}))
            return 0
        return answer(folder, json.load(sys.stdin))


if __name__ == "__main__":
    sys.exit(main())
