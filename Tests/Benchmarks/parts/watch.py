"""Looks once a second at servers and their load, and tells an operator that it lives."""

import re
import time
import urllib.request
from dataclasses import dataclass, field

from . import accounts, memory

# Between two lines of progress.
TOLD_SECONDS = 10


@dataclass
class Sample:
    """What was seen in a second. CPU is in shares of a core, memory in bytes, times in seconds."""

    seated: int
    service: float
    redis: float
    generator: float
    # What all other processes and the kernel itself used.
    others: float
    # The larger of what Redis itself counts and of what it has in RAM.
    memory: int
    # How late the most delayed tick was, or how long nobody has looked.
    lag: float
    # Lines of the ledger that the archive does not have yet.
    unarchived: int
    errors: int
    # How late the heartbeat was that should have been sent next.
    arrears: float


@dataclass
class Stretch:
    """A time of load: what was seen, and what the generator said of it."""

    name: str
    seats: int
    samples: list = field(default_factory=list)
    said: dict = field(default_factory=dict)

    def most(self, figure):
        """The largest of a figure in it."""
        return max((getattr(sample, figure) for sample in self.samples), default=0)

    def mean(self, figure):
        """Its mean."""
        values = [getattr(sample, figure) for sample in self.samples]
        return sum(values) / len(values) if values else 0


class Watch:
    """Eyes on servers and the crowd that loads them."""

    def __init__(self, servers, crowd):
        self._servers = servers
        self._crowd = crowd
        self._before = None
        self._begun = time.monotonic()
        self._told = 0

    def look(self, stretch, until):
        """Looks each second until `until` of the latest sample is true, and keeps what is seen."""
        self._work()
        while not stretch.samples or not until(stretch.samples[-1]):
            time.sleep(1)
            sample = self._sample()
            if sample is None:
                continue
            stretch.samples.append(sample)
            if time.monotonic() >= self._told + TOLD_SECONDS:
                self._told = time.monotonic()
                print(self._line(stretch, sample), flush=True)

    def _sample(self):
        said = self._crowd.latest()
        shares = self._work()
        if said is None:
            return None
        metrics = self._metrics()
        return Sample(
            seated=said["seated"], errors=said["errors"], arrears=said["arrears_seconds"],
            memory=max(memory.used(self._servers),
                       accounts.resident_kilobytes(self._servers.redis.pid) * 1024),
            lag=max(metrics.get("billing_lag_seconds", 0),
                    time.time() - metrics.get("billing_last_round_timestamp_seconds", time.time())),
            unarchived=int(metrics.get("archive_lag_lines", 0)), **shares)

    def _work(self):
        """Shares of a core since the last time."""
        now = (time.monotonic(), *self._servers.worked(), self._crowd.worked(),
               accounts.machine_seconds())
        before, self._before = self._before or now, now
        elapsed, service, redis, generator, machine = (
            after - earlier for after, earlier in zip(now, before))
        elapsed = elapsed or 1
        return {"service": service / elapsed, "redis": redis / elapsed,
                "generator": generator / elapsed,
                "others": max(0, machine - service - redis - generator) / elapsed}

    def _metrics(self):
        """What the service says of itself, without dimensions."""
        url = f"http://127.0.0.1:{self._servers.management_port}/metrics"
        with urllib.request.urlopen(url) as answer:
            text = answer.read().decode()
        return {name: float(value) for name, value in
                re.findall(r"^playmeter_(\w+) ([-+.\de]+)$", text, re.M)}

    def _line(self, stretch, sample):
        said = self._crowd.latest()
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        return (f"{minutes:3}:{seconds:02}  {stretch.name}: {sample.seated:,} seats, "
                f"p99 {said['p99'] / 1000:.1f} ms, lag {sample.lag:.1f} s, "
                f"{said['errors']} errors; service {sample.service:.0%}, Redis {sample.redis:.0%}, "
                f"generator {sample.generator:.0%}, others {sample.others:.0%} of a core; "
                f"Redis {sample.memory / (1 << 20):,.0f} MiB, "
                f"{sample.unarchived:,} lines to archive")
