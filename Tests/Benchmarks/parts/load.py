"""What servers work for a load, whoever makes it."""

import time
from dataclasses import dataclass

from . import accounts

# From this share of a core on, more could not come from the one thread of a generator.
GENERATOR_LIMIT = 0.9
# Many times what lapses take.
SETTLING_SECONDS = 20


@dataclass
class Load:
    """What a generator says of its load: latencies in microseconds, its own CPU time in seconds."""

    requests: int
    seconds: float
    generator: float
    p50: int = 0
    p99: int = 0
    # How much later than it could the generator sent, at the 99th percentile.
    delay: int = 0


@dataclass
class Measurement:
    """One stretch of load. CPU times are in microseconds per request, latencies in microseconds."""

    requests: int
    seconds: float
    service: float
    redis: float
    p50: int = 0
    p99: int = 0
    # Shares of one core.
    generator: float = 0
    strangers: float = 0
    delay: int = 0

    @property
    def together(self):
        return self.service + self.redis

    @property
    def per_second(self):
        return self.requests / self.seconds

    @property
    def per_redis_core(self):
        """So many a second would keep one core busy with Redis."""
        return 1e6 / max(self.redis, 0.001)

    @property
    def is_limited_by_generator(self):
        return self.generator >= GENERATOR_LIMIT


def measure(servers, make):
    """Divides what servers worked by the requests, while `make` makes a load and tells of it."""
    before = servers.worked()
    machine = accounts.machine_seconds()
    load = make()
    machine = accounts.machine_seconds() - machine
    service, redis = (end - start for start, end in zip(before, servers.worked()))
    return Measurement(
        requests=load.requests,
        seconds=load.seconds,
        service=service * 1e6 / load.requests,
        redis=redis * 1e6 / load.requests,
        p50=load.p50,
        p99=load.p99,
        generator=load.generator / load.seconds,
        delay=load.delay,
        strangers=max(0, machine - service - redis - load.generator) / load.seconds,
    )


def measure_settling(servers, count, is_over):
    """What the servers still work for so many things after a load, per thing, until it is over.

    What they do when nothing is to be done is measured after it, and left out.
    """
    start = time.monotonic()
    before = servers.worked()
    while not is_over():
        if time.monotonic() > start + SETTLING_SECONDS:
            raise SystemExit("what the load left does not end")
        time.sleep(0.2)
    elapsed = time.monotonic() - start
    between = servers.worked()
    time.sleep(elapsed)
    after = servers.worked()
    service, redis = ((middle - start - (end - middle)) * 1e6 / max(1, count)
                      for start, middle, end in zip(before, between, after))
    return Measurement(count, elapsed, service, redis)
