"""What processes and the machine have worked, by the kernel's accounts.

Wall time says little on a machine that others use too; the time that a process itself was on a
core is its own.
"""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def process_seconds(pid):
    """User and system time of all living threads of a process, in seconds, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def machine_seconds():
    """Time that all cores together were not idle, in seconds."""
    with open("/proc/stat") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / _TICKS


def resident_kilobytes(pid):
    """Memory of a process that is in RAM, in KiB."""
    return _status(pid, "VmRSS:")


def peak_kilobytes(pid):
    """The most memory of a process that was ever in RAM, in KiB; None when it has ended."""
    return _status(pid, "VmHWM:")


def _status(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return next((int(line.split()[1]) for line in file if line.startswith(name)), None)
