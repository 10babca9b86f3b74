"""The closing table of `check-controller`: every case, how often it ran and passed, stops that were ordered of what was not
believed, and how many decisions a hold and its end took at most."""
import json
import sys


def main():
    with open(sys.argv[1]) as file:
        rows = [json.loads(line) for line in file]
    if not rows:
        return
    text = [["case", "against", "runs", "passed", "unsafe stops", "held after", "back after"]]
    text += [[row["case"], row["where"], *("-" if row[key] is None else str(row[key]) for key in (
        "runs", "passed", "unsafe", "hold", "back"))] for row in rows]
    text.append(["all", "", *(str(sum(row[key] for row in rows)) for key in ("runs", "passed", "unsafe")), "", ""])
    widths = [max(len(row[i]) for row in text) for i in range(len(text[0]))]
    for row in text:
        print("  ".join(cell.ljust(width) if i < 2 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


if __name__ == "__main__":
    main()
