#!/usr/bin/env python3
"""What a heartbeat of a host and a search for one cost, with 100, 10,000 and 100,000 hosts.

`make bench-hosts` builds the program and calls this. README.md beside it says what is measured.
"""

import argparse
import secrets
import statistics
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from parts import accounts, load, pipeline, report
from parts.servers import Servers

SIZES = (100, 10_000, 100_000)
# Enough to keep two cores busy and to let the servers work in batches, as they do under load.
CONNECTIONS = 64
SLOTS = 64
SECRET = secrets.token_hex(16)

# Microseconds of service and Redis together.
HEARTBEAT_GOAL = 40
FIND_GOAL = 60
# By how much the 99th percentile may differ between the fewest and the most hosts.
FLATNESS_GOAL = 1.2

SETTINGS = {
    "PLAYMETER_HOST_SECRET": SECRET,
    "PLAYMETER_SIGNALING_URL": "ws://127.0.0.1:9/",
    # Credentials are made as in production, though nobody uses them.
    "PLAYMETER_STUN_URLS": "stun:127.0.0.1:3478",
    "PLAYMETER_TURN_URLS": "turn:127.0.0.1:3478",
    "PLAYMETER_TURN_SECRET": secrets.token_hex(16),
    # What was filled in lives until the end.
    "PLAYMETER_HOST_TTL": "1h",
    # 100 hosts have 6,400 slots; so short a reservation never holds them all.
    "PLAYMETER_MATCH_RESERVATION": "100ms",
    "PLAYMETER_MATCH_PENDING_PER_ADDRESS": "off",
    "PLAYMETER_RATE_LIMIT_PER_ADDRESS": "off",
}


@dataclass
class Work:
    """A kind of request: its name, wrk's script, and what that is told of a number of hosts."""

    name: str
    script: str
    arguments: list

    def measure(self, stage, seconds):
        """Measurements by their names."""
        return {self.name: self._load(stage, seconds)}

    def _load(self, stage, seconds):
        arguments = [stage.hosts, *self.arguments]
        return load.measure(
            stage.servers, self.script, arguments, seconds=seconds, connections=CONNECTIONS
        )


class Search(Work):
    """Searches. Each leaves a reservation, which lapses a moment later; that is measured apart."""

    def measure(self, stage, seconds):
        whole = self._load(stage, seconds)
        left = stage.reservations()
        lapse = load.measure_settling(stage.servers, left, lambda: stage.reservations() == 0)
        # Those that lapsed during the load are in its figures.
        lapsed = (whole.requests - left) / whole.requests
        whole.service -= lapsed * lapse.service
        whole.redis -= lapsed * lapse.redis
        return {self.name: whole, "its lapse": lapse}


# What a request costs before anything of ours is done.
HEALTH = Work("healthz", "health", [])
HEARTBEAT = Work("heartbeat", "heartbeat", [SECRET])
FIND = Search("find", "find", [])
# What host programs in the field do.
RECONNECTING = Work("heartbeat, new connection", "heartbeat", [SECRET, "Connection: close"])
WORKS = {"healthz": HEALTH, "heartbeat": HEARTBEAT, "find": FIND, "reconnecting": RECONNECTING}


@dataclass
class Stage:
    """Servers of a program, filled with a number of hosts."""

    program: str
    hosts: int
    servers: Servers

    def reservations(self):
        """How many there are."""
        return int(self.servers.redis_cli("zcard", "pm:{hosts}:lapses"))

    def fill(self):
        pipeline.send_all(self.servers.port, (_beat(number) for number in range(self.hosts)))


def main():
    options = _options()
    with ExitStack() as stack:
        stages = [_open(stack, name, path, hosts, options.works)
                  for hosts in options.hosts for name, path in options.program]
        print("Measuring", end="", flush=True)
        measured = _measure(stages, options)
        print()
        document = _document(stages, measured, options)
    print(_text(document))
    print("\nRaw figures:", report.keep("hosts", document))


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--program", action="append", metavar="[NAME=]PATH", type=_program,
        help="a built playmeter; several are compared in turns (default: .build/release/playmeter)",
    )
    parser.add_argument("--hosts", type=int, nargs="+", default=SIZES)
    parser.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--rounds", type=int, default=5, help="medians are of so many")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    options = parser.parse_args()
    options.program = options.program or [_program("release=.build/release/playmeter")]
    return options


def _program(text):
    name, _, path = text.rpartition("=")
    if not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"there is no {path}")
    return name or path, Path(path).resolve()


def _open(stack, name, path, hosts, works):
    print(f"Filling {hosts:,} hosts ({name})", flush=True)
    stage = Stage(name, hosts, stack.enter_context(Servers(path, SETTINGS)))
    stage.fill()
    for work in works:
        WORKS[work].measure(stage, seconds=1)  # to warm up
    return stage


def _beat(number):
    """A heartbeat as load/heartbeat.lua sends it."""
    body = (f'{{"availableSlots":{SLOTS},"capacity":{SLOTS},"hostId":"host-{number:06}",'
            '"region":"local","roomId":"room","status":"idle"}')
    return (f"POST /api/host/heartbeat HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {SECRET}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def _measure(stages, options):
    """All works on all stages in turns, so that a slow moment of the machine hits each alike."""
    measured = {}
    for _ in range(options.rounds):
        for work in (WORKS[name] for name in options.works):
            for index, stage in enumerate(stages):
                for name, done in work.measure(stage, options.seconds).items():
                    measured.setdefault((name, index), []).append(done)
                print(".", end="", flush=True)
    return measured


def _document(stages, measured, options):
    rows = []
    for (work, index), rounds in measured.items():
        stage = stages[index]
        rows.append({
            "work": work,
            "program": stage.program,
            "hosts": stage.hosts,
            "median": {name: _median(rounds, name) for name in (
                "service", "redis", "together", "per_second", "p50", "p99", "generator",
                "strangers")},
            "is_limited_by_generator": any(one.is_limited_by_generator for one in rounds),
            "rounds": [asdict(one) for one in rounds],
        })
    memory = [{
        "program": stage.program,
        "hosts": stage.hosts,
        "service_kib": accounts.resident_kilobytes(stage.servers.service.pid),
        "redis_kib": accounts.resident_kilobytes(stage.servers.redis.pid),
    } for stage in stages]
    return {
        "environment": report.environment(),
        "connections": CONNECTIONS, "rounds": options.rounds, "seconds": options.seconds,
        "rows": rows, "memory": memory,
    }


def _median(rounds, name):
    return statistics.median(getattr(one, name) for one in rounds)


def _text(document):
    environment = "\n".join(f"{key:<10} {value}" for key, value in document["environment"].items())
    columns = ["WORK", "PROGRAM", "HOSTS", "SERVICE µs", "REDIS µs", "TOGETHER µs", "REQUESTS/s",
               "P50 µs", "P99 µs", "WRK"]
    rows = []
    for row in document["rows"]:
        median = row["median"]
        rows.append([
            row["work"], row["program"], f"{row['hosts']:,}", f"{median['service']:.1f}",
            f"{median['redis']:.1f}", f"{median['together']:.1f}",
            *_of_load(median),
        ])
    explanation = (
        f"\nMedians of {document['rounds']} rounds of {document['seconds']} s over "
        f"{document['connections']} connections; µs of CPU per request; WRK is the generator's "
        "share of a core."
    )
    parts = [environment, report.table(columns, rows) + explanation, *_doubts(document),
             "\n".join(_verdicts(document))]
    return "\n\n".join(parts)


def _of_load(median):
    """What there is only where requests were sent."""
    if not median["generator"]:
        return ["–"] * 4
    return [f"{median['per_second']:,.0f}", f"{median['p50']:,.0f}", f"{median['p99']:,.0f}",
            f"{median['generator']:.0%}"]


def _doubts(document):
    """What the figures may suffer from."""
    rows = document["rows"]
    limited = [f"{row['work']} at {row['hosts']:,} hosts" for row in rows
               if row["is_limited_by_generator"]]
    if limited:
        yield ("The generator was the bottleneck, so more requests/s may be possible: "
               + ", ".join(limited) + ".")
    strangers = max(row["median"]["strangers"] for row in rows)
    if strangers > 0.1:
        yield (f"Other processes used up to {strangers:.0%} of a core meanwhile: latencies and "
               "requests/s suffer from that, CPU per request less.")


def _verdicts(document):
    """The goals, and whether each program reaches them."""
    for program in dict.fromkeys(row["program"] for row in document["rows"]):
        rows = [row for row in document["rows"] if row["program"] == program]
        for work, goal in ((HEARTBEAT, HEARTBEAT_GOAL), (FIND, FIND_GOAL)):
            mine = [row["median"] for row in rows if row["work"] == work.name]
            if not mine:
                continue
            worst = max(median["together"] for median in mine)
            yield _verdict(program, f"{work.name} at most {goal} µs of CPU", worst <= goal,
                           f"{worst:.1f} µs")
            growth = mine[-1]["p99"] / mine[0]["p99"]
            yield _verdict(program, f"{work.name} p99 at most {FLATNESS_GOAL - 1:.0%} higher with "
                           "the most hosts", growth <= FLATNESS_GOAL, f"{growth - 1:+.0%}")


def _verdict(program, goal, is_met, figure):
    return f"{'reached' if is_met else 'MISSED '}  {program}: {goal}: {figure}"


if __name__ == "__main__":
    sys.exit(main())
