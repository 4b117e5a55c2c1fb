#!/usr/bin/env python3
"""How fast a long ledger is verified, exported, reconciled and restored, and in how much memory.

`make bench-ledger` builds the program and calls this. README.md beside it says what is measured.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parts import accounts, report
from parts.ledger_lines import Archive
from parts.servers import Servers

SIZES = (100_000, 1_000_000)
# A restoration of more takes minutes, and its speed does not depend on the length; Redis then gets
# what one would leave.
MOST_RESTORED = 1_000_000
# Between two looks at a process's peak memory.
LOOK_SECONDS = 0.02
# By how much the peak may grow with the count of lines: what is held are cafes and living sessions.
GROWTH_GOAL = 1.2
# Lines read in a second of CPU, which is one of the clock where nobody else needs the core.
SPEED_GOAL = 200_000
COLUMNS = ("WORK", "LINES", "SECONDS", "CPU s", "LINES/s", "LINES/CPU s", "PEAK MiB")


def main():
    """Measures, prints, keeps."""
    options = _options()
    document = {"environment": report.environment(), "rows": []}
    for lines in options.lines:
        with tempfile.TemporaryDirectory(prefix="playmeter-bench-", dir=options.directory) as path:
            document["rows"] += _measure(options.program, lines, Path(path))
    print(_text(document))
    print(f"\nkept in {report.keep('ledger', document)}")
    return 0


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=Path(".build/release/playmeter"))
    parser.add_argument("--lines", type=int, nargs="+", default=SIZES,
                        help="lengths of ledgers (default: %(default)s); a million takes 350 MB")
    parser.add_argument("--directory", help="where there is room for them (default: TMPDIR)")
    return parser.parse_args()


def _measure(program, lines, directory):
    """The rows of a ledger of about so many lines."""
    archive_path = directory / "ledger"
    archive_path.mkdir()
    start = time.monotonic()
    archive = Archive(archive_path, lines)
    archive.write()
    rows = [_row("written by the generator", archive.lines, time.monotonic() - start, None, None)]
    files = sorted(archive_path.glob("*.jsonl*"))
    rows.append(_run("ledger verify", archive.lines, [program, "ledger", "verify", *files], {}))
    settings = {
        "PLAYMETER_MASTER_KEY": secrets.token_hex(32),
        "PLAYMETER_ARCHIVE_DIRECTORY": str(archive_path),
        # Nobody's money: how fast a disk takes what is replayed is not measured as ours.
        "PLAYMETER_REDIS_DURABILITY": "relaxed",
    }
    with Servers(program, settings, redis=["--appendonly", "no"], has_service=False) as servers:
        environment = servers.environment
        works = ["ledger export", "reconcile"]
        if lines <= MOST_RESTORED:
            works.insert(0, "ledger restore")
        else:
            servers.redis_load(archive.redis_commands())
        for work in works:
            command = [program, *work.split()]
            rows.append(_run(work, archive.lines, command, environment))
    return rows


def _run(work, lines, command, settings):
    """Runs a command to its end. It must succeed: a ledger that it refuses measures nothing."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PLAYMETER_")}
    with tempfile.TemporaryFile() as complaints:
        start = time.monotonic()
        process = subprocess.Popen(
            list(map(str, command)), env=environment | settings, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=complaints,
        )
        peak = ended = 0
        while not ended:
            # One that has ended and was not waited for has no memory, but is still there.
            peak = max(peak, accounts.peak_kilobytes(process.pid) or 0)
            time.sleep(LOOK_SECONDS)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - start
        cpu = usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            complaints.seek(0)
            raise SystemExit(f"{work}: {complaints.read().decode()}")
    return _row(work, lines, seconds, cpu, peak)


def _row(work, lines, seconds, cpu, kilobytes):
    return {"work": work, "lines": lines, "seconds": seconds, "cpu": cpu, "peak_kib": kilobytes}


def _text(document):
    """The table, and whether the goals are reached."""
    cells = []
    for row in document["rows"]:
        cpu = "" if row["cpu"] is None else f"{row['cpu']:.1f}"
        peak = "" if row["peak_kib"] is None else f"{row['peak_kib'] / 1024:.0f}"
        speed = "" if row["cpu"] is None else f"{row['lines'] / row['cpu']:,.0f}"
        cells.append([row["work"], f"{row['lines']:,}", f"{row['seconds']:.1f}", cpu,
                      f"{row['lines'] / row['seconds']:,.0f}", speed, peak])
    return "\n\n".join([report.table(COLUMNS, cells), "\n".join(_verdicts(document["rows"]))])


def _verdicts(rows):
    works = {}
    for row in rows:
        if row["peak_kib"] is not None:
            works.setdefault(row["work"], []).append(row)
    for work, mine in works.items():
        speed = mine[-1]["lines"] / mine[-1]["cpu"]
        if work != "ledger restore":
            verdict = "reached" if speed >= SPEED_GOAL else "MISSED "
            yield f"{verdict}  {work}: {SPEED_GOAL:,} lines/CPU s: {speed:,.0f}"
        if len(mine) > 1:
            growth = mine[-1]["peak_kib"] / mine[0]["peak_kib"]
            verdict = "reached" if growth <= GROWTH_GOAL else "MISSED "
            yield (f"{verdict}  {work}: peak memory at most {GROWTH_GOAL - 1:.0%} higher with "
                   f"{mine[-1]['lines'] // mine[0]['lines']} times the lines: {growth - 1:+.0%}")


if __name__ == "__main__":
    sys.exit(main())
