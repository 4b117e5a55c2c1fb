"""What is printed and kept of a benchmark."""

import datetime
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

_RESULTS = Path(__file__).resolve().parent.parent / "results"


def environment():
    """What figures depend on."""
    with open("/proc/meminfo") as file:
        kilobytes = int(file.readline().split()[1])
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(kilobytes / (1 << 20), 1),
        "kernel": platform.release(),
        "swift": first_line("swift", "--version"),
        "redis": first_line("redis-server", "--version").split(" sha=")[0],
        "wrk": first_line("wrk", "--version").split(" Copyright")[0],
        # Debian has it where only root's path leads.
        "nginx": first_line(shutil.which("nginx") or "/usr/sbin/nginx", "-v"),
        "revision": first_line("git", "describe", "--always", "--dirty"),
    }


def system():
    """The distribution and its version, and so that of the C library."""
    lines = Path("/etc/os-release").read_text().splitlines()
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else platform.system()


def first_line(*command):
    """The first line that a command prints; wrk ends with status 1 after its version."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not there"
    return (done.stdout.strip() or done.stderr.strip() or "unknown").splitlines()[0]


def table(columns, rows):
    """Rows under headings; the columns of numbers stand at the right."""
    texts = [columns, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in texts) for index in range(len(columns))]
    numbers = [not isinstance(cell, str) or cell[:1].isdigit() for cell in rows[0]]
    lines = []
    for row in texts:
        cells = zip(row, widths, numbers)
        lines.append("  ".join(t.rjust(w) if n else t.ljust(w) for t, w, n in cells).rstrip())
    return "\n".join(lines)


def keep(name, document):
    """Writes a result as JSON, and returns where."""
    stamp = document["environment"]["date"].replace(":", "").replace("+0000", "Z")
    path = _RESULTS / f"{name}-{stamp}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _processor():
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()
