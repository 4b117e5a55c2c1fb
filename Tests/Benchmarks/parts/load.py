"""Load by wrk (Debian's package), and what it says."""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import accounts

_SCRIPTS = Path(__file__).resolve().parent.parent / "load"
# From this share of a core on, more could not come from the one thread of the generator.
GENERATOR_LIMIT = 0.9
# Many times what lapses take.
SETTLING_SECONDS = 20


@dataclass
class Measurement:
    """One stretch of load. CPU times are in microseconds per request, latencies in microseconds."""

    requests: int
    seconds: float
    service: float
    redis: float
    p50: int
    p99: int
    # Shares of one core.
    generator: float
    strangers: float

    @property
    def together(self):
        return self.service + self.redis

    @property
    def per_second(self):
        return self.requests / self.seconds

    @property
    def is_limited_by_generator(self):
        return self.generator >= GENERATOR_LIMIT


def measure(servers, script, arguments, *, seconds, connections):
    """Lets wrk send what a script makes, and divides what the servers worked by the requests.

    The loop is closed: each connection sends when it was answered. Any failure ends the benchmark.
    """
    pids = (servers.service.pid, servers.redis.pid)
    before = [accounts.process_seconds(pid) for pid in pids]
    machine = accounts.machine_seconds()
    said, generator = _run_wrk(servers.port, script, arguments, seconds, connections)
    machine = accounts.machine_seconds() - machine
    worked = [accounts.process_seconds(pid) - start for pid, start in zip(pids, before)]
    requests, elapsed = said["requests"], said["microseconds"] / 1e6
    if said["failures"] or not requests:
        raise SystemExit(f"{script}: {said['failures']} of {requests} requests failed")
    return Measurement(
        requests=requests,
        seconds=elapsed,
        service=worked[0] * 1e6 / requests,
        redis=worked[1] * 1e6 / requests,
        p50=said["p50"],
        p99=said["p99"],
        generator=generator / elapsed,
        strangers=max(0, machine - sum(worked) - generator) / elapsed,
    )


def measure_settling(servers, count, is_over):
    """What the servers still work for so many things after a load, per thing, until it is over.

    What they do when nothing is to be done is measured after it, and left out.
    """
    pids = (servers.service.pid, servers.redis.pid)
    deadline = time.monotonic() + SETTLING_SECONDS
    start = time.monotonic()
    before = [accounts.process_nanoseconds(pid) for pid in pids]
    while not is_over():
        if time.monotonic() > deadline:
            raise SystemExit("what the load left does not end")
        time.sleep(0.2)
    elapsed = time.monotonic() - start
    between = [accounts.process_nanoseconds(pid) for pid in pids]
    time.sleep(elapsed)
    after = [accounts.process_nanoseconds(pid) for pid in pids]
    idle = [end - middle for middle, end in zip(between, after)]
    worked = [middle - start - rest for start, middle, rest in zip(before, between, idle)]
    service, redis = (nanoseconds / 1e3 / max(1, count) for nanoseconds in worked)
    return Measurement(count, elapsed, service, redis, 0, 0, 0, 0)


def _run_wrk(port, script, arguments, seconds, connections):
    """The last line of wrk's output, which our scripts write, and wrk's own CPU time in seconds."""
    command = [
        "wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
        "--script", str(_SCRIPTS / f"{script}.lua"), f"http://127.0.0.1:{port}", "--",
        *map(str, arguments),
    ]
    # The scripts load what they share by a path from there.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_SCRIPTS, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"wrk failed:\n{output}")
    return json.loads(output.splitlines()[-1]), usage.ru_utime + usage.ru_stime
