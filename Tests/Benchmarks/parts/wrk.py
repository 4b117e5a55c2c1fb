"""Load by wrk (Debian's package): one thread, a closed loop, requests that may be repeated."""

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .load import Load

# Enough to keep two cores busy and to let the servers work in batches, as they do under load.
CONNECTIONS = 64
_SCRIPT = Path(__file__).resolve().parent.parent / "load/cycle.lua"


@contextmanager
def file(requests):
    """The name of a file with requests, which is there until the end of `with`."""
    with tempfile.NamedTemporaryFile(prefix="playmeter-bench-", dir="/dev/shm") as file:
        file.write(b"\0".join(requests))
        file.flush()
        yield file.name


def run(port, requests, seconds):
    """Sends the requests of a file in turns for so long, each connection when it was answered."""
    command = [
        "wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s",
        "--script", str(_SCRIPT), f"http://127.0.0.1:{port}", "--", requests,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise SystemExit(f"wrk failed:\n{output}")
    return _load(json.loads(output.splitlines()[-1]), usage.ru_utime + usage.ru_stime)


def _load(said, worked):
    """Any failure ends the benchmark: what fails is cheap."""
    if said["failures"] or not said["requests"]:
        raise SystemExit(f"{said['failures']} of {said['requests']} requests of wrk failed")
    return Load(said["requests"], said["microseconds"] / 1e6, worked, said["p50"], said["p99"])
