#!/usr/bin/env python3
"""Instructions that each kind of request costs, beside those that are stored in counts.json.

`make bench-counts` builds the program and calls this. It ends with status 1 when one costs more
than is stored, and with status 3 when nothing can be said, because the stored ones are of another
Swift, Redis, valgrind, system or processor. README.md beside it says how it is counted.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from parts import counted, report
from parts.callgrind import NAMES

STORED = Path(__file__).resolve().parent / "counts.json"
TOLERANCE = 0.05
# Lines are archived by the clock, in batches whose size depends on the machine's other load.
WIDER_TOLERANCES = {"billing step, service": 0.15}
# Instructions that may always come or go: what servers do beside the requests is estimated.
NOISE = 3_000
# What counts depend on besides the program.
VERSIONS = ("swift", "redis", "valgrind", "system", "processor")
COLUMNS = ("WORK", "SERVICE", "STORED", "CHANGE", "REDIS", "STORED", "CHANGE")
WORSE, INCOMPARABLE = 1, 3


def main():
    """Counts, prints, and judges or stores."""
    options = _options()
    # Python would end itself, but not its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    counts = {}
    with tempfile.TemporaryDirectory(prefix="playmeter-bench-") as directory:
        print("Counting", end="", flush=True)
        for name, figures in counted.measure(_stripped(options.program, Path(directory))):
            counts[name] = figures
            print(".", end="", flush=True)
        print()
    document = {"environment": _environment(), "counts": counts}
    stored = json.loads(STORED.read_text()) if STORED.is_file() else {}
    print(_table(counts, stored.get("counts", {})))
    if options.store:
        STORED.write_text(json.dumps(document, indent=2) + "\n")
        print(f"\nStored in {STORED}")
        return 0
    return _judge(document, stored)


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=Path(".build/release/playmeter"))
    parser.add_argument("--store", action="store_true", help="keep the counts as those to compare")
    return parser.parse_args()


def _stripped(program, directory):
    """The program without the descriptions for debuggers, at which valgrind stumbles."""
    copy = directory / "playmeter"
    subprocess.run(["strip", "--strip-debug", "-o", copy, program], check=True)
    return copy


def _environment():
    known = report.environment()
    return {"date": known["date"], "revision": known["revision"], "swift": known["swift"],
            "redis": known["redis"], "valgrind": report.first_line("valgrind", "--version"),
            "system": report.system(), "processor": known["processor"]}


def _table(counts, stored):
    rows = []
    for work, figures in counts.items():
        cells = [work]
        for name in NAMES:
            before = stored.get(work, {}).get(name)
            cells += [f"{figures[name]:,}", "–" if before is None else f"{before:,}",
                      _change(before, figures[name])]
        rows.append(cells)
    return report.table(COLUMNS, rows) + "\n\nInstructions for each, in user space."


def _change(before, now):
    """By which share there are more or fewer; of next to nothing there is none."""
    return "–" if before is None or before < NOISE else f"{now / before - 1:+.1%}"


def _judge(document, stored):
    """The exit status, and why."""
    if not stored:
        print("\nNothing is stored: make bench-counts BENCH=--store")
        return INCOMPARABLE
    differing = [name for name in VERSIONS
                 if stored["environment"][name] != document["environment"][name]]
    if differing:
        print("\nNot judged, because the stored counts are of another machine or version:")
        for name in differing:
            print(f"  {name}: {stored['environment'][name]} then, "
                  f"{document['environment'][name]} now")
        print("Store those of the revision before on this one, then compare.")
        return INCOMPARABLE
    status = 0
    for what, before, now in _changes(document["counts"], stored["counts"]):
        if now is None or before is None:
            print(f"\nChanged: {what} is only {'stored' if now is None else 'measured'}. "
                  "Renew what is stored.")
        elif now > before:
            status = WORSE
            print(f"\nWORSE: {what}: {before:,} instructions stored, {now:,} measured "
                  f"({_change(before, now)}; {_tolerance(what):.0%} are allowed)")
        else:
            print(f"\nBetter: {what}: {before:,} instructions stored, {now:,} measured. Renew what "
                  "is stored: make bench-counts BENCH=--store")
    return status


def _changes(counts, stored):
    """What differs by more than is allowed: its name, the stored figure, the measured one."""
    for work in {**stored, **counts}:
        for name in NAMES:
            before, now = (each.get(work, {}).get(name) for each in (stored, counts))
            what = f"{work}, {name}"
            if before is None or now is None or (
                    abs(now - before) > max(NOISE, before * _tolerance(what))):
                yield what, before, now


def _tolerance(what):
    return WIDER_TOLERANCES.get(what, TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
