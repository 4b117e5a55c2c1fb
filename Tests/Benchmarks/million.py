#!/usr/bin/env python3
"""How many players one machine holds: each seat with a launcher and a game session, both of which
send heartbeats every 120 seconds, and with a debit every 60.

`make bench-million` builds the program and calls this. README.md beside it says what is judged.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from parts import audit, report, seats
from parts.crowd import PERIOD_SECONDS, Crowd
from parts.servers import Servers
from parts.watch import Stretch, Watch

TICK_SECONDS = 60
# Bounds of what is judged. Times are in seconds, memory in bytes.
LATENCY_LIMIT = 0.050
LAG_LIMIT = 10
MEMORY_LIMIT = 2 << 30
# A crowd this late is more than the servers can bear; sessions must not die of it.
ARREARS_LIMIT = 20
# By how much longer than planned filling may take, and how long the servers may need to settle.
FILL_PATIENCE = 10
SETTLING_SECONDS = 300
# Some looks of the billing worker, which come once a second.
SETTLED_LAG = 5
# A generator this late, at the 99th percentile, adds to latencies what is its own.
DELAY_LIMIT = 0.005
# From this share on, a core has no time left.
FULL = 0.9
# What the kernel and this program need beside the servers.
STRANGERS = 0.2
# In thousandths of a G-coin: for days, and a rate at which no number of seconds is even.
PAYMENT = 100_000_000_000

# Sessions live as long as in production, so that heartbeats must come. Only limits are off, because
# all load comes from one address.
SETTINGS = {name: value for name, value in seats.SETTINGS.items() if not name.endswith("_TTL")}
# The log is rewritten as in production, because it would outgrow the memory disk.
REDIS = ("--auto-aof-rewrite-percentage", "100")
HELD = "held"
COLUMNS = ("STRETCH", "SEATS", "BEATS/s", "P50 ms", "P99 ms", "LONGEST ms", "LAG s", "ERRORS",
           "SERVICE", "REDIS", "GENERATOR", "OTHERS", "REDIS MiB")


@dataclass
class Verdict:
    """Whether something is as it should be."""

    is_met: bool
    text: str

    def __str__(self):
        return f"{'reached' if self.is_met else 'MISSED '}  {self.text}"


def main():
    """Fills, holds, ends, recomputes."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    document = {"environment": report.environment(), "options": vars(options) | {
        "program": str(options.program)}}
    with tempfile.TemporaryDirectory(prefix="playmeter-bench-", dir=options.directory) as path:
        settings = SETTINGS | {"PLAYMETER_ARCHIVE_DIRECTORY": f"{path}/ledger"}
        with Servers(options.program, settings, redis=REDIS) as servers:
            document |= _run(servers, options, Path(path))
    print(_text(document))
    print("\nRaw figures:", report.keep("million", document))
    return 0 if document["is_money_right"] else 1


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=Path(".build/release/playmeter"))
    parser.add_argument("--seats", type=int, default=1_000_000)
    parser.add_argument("--cafes", type=int, default=5_000)
    parser.add_argument("--minutes", type=float, default=10, help="of all seats (default: 10)")
    parser.add_argument("--steps", type=int, default=10,
                        help="in which seats are filled; each is held and judged (default: 10)")
    parser.add_argument("--step-seconds", type=float, default=60,
                        help="of filling, and of holding; whole minutes spread the debits")
    parser.add_argument("--directory", help="where the archive has room: 300 bytes for each debit")
    return parser.parse_args()


def _leave(*_):
    """Ends with all servers; a second Ctrl-C does not keep them from it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(130)


def _run(servers, options, directory):
    """All phases; what they brought, for JSON."""
    print(f"Opening {options.cafes:,} cafes", flush=True)
    cafes = _cafes(servers, options.cafes)
    time.sleep(seats.SIGHT_SECONDS)
    with Crowd(servers.port, cafes, options.seats, directory) as crowd:
        watch = Watch(servers, crowd)
        stretches = _climb(watch, crowd, options)
        since = time.time() * 1000
        last = Stretch("all of it", max((one.seats for one in stretches if one.name == HELD),
                                        default=0))
        if last.seats:
            _hold(watch, crowd, last, options.minutes * 60)
        crowd.stop()
        lines = _stream_lines(servers)
        until = time.time() * 1000
        servers.end_service()
    print("Reading the ledger and adding it up", flush=True)
    environment = servers.environment
    audited = audit.of_ledger(options.program, environment, since, until)
    print("Reconciling", flush=True)
    reconciled = _reconcile(options.program, environment)
    verdicts = [*_verdicts(last, options), *_money_verdicts(last, audited, reconciled, lines)]
    return {
        "stretches": [_described(one) for one in [*stretches, last]],
        "audit": asdict(audited), "reconcile": reconciled, "stream_lines": lines,
        "verdicts": [asdict(one) for one in verdicts],
        "limit": _limit(last),
        "is_money_right": not audited.wrong and reconciled["is_clean"],
    }


def _cafes(servers, count):
    """Opens the game and the cafes; what the generator must know of them."""
    key = seats.open_game(servers.management_port)
    names = [f"cafe-{number:05}" for number in range(count)]
    secrets = seats.open_cafes(servers.management_port, names, PAYMENT)
    lines = [f"{name} {secret.hex()}" for name, secret in zip(names, secrets)]
    return "\n".join([f"{seats.GAME} {key}", *lines, ""])


def _climb(watch, crowd, options):
    """Fills step by step while what sits holds; returns a stretch of each step.

    After one that does not hold, those who came with it leave again.
    """
    stretches = []
    for step in range(1, options.steps + 1):
        before = options.seats * (step - 1) // options.steps
        target = options.seats * step // options.steps
        rate = (target - before) / options.step_seconds
        filling = Stretch("filling", target)
        deadline = time.monotonic() + FILL_PATIENCE * options.step_seconds
        crowd.fill(target - before, rate)
        watch.look(filling, lambda one: one.seated >= target or one.arrears > ARREARS_LIMIT
                   or time.monotonic() > deadline)
        stretch = Stretch(HELD, target)
        stretches.append(stretch)
        missed = [f"all of them within {FILL_PATIENCE * options.step_seconds:.0f} s"]
        if filling.samples[-1].seated >= target:
            _settle(watch, crowd)
            _hold(watch, crowd, stretch, options.step_seconds)
            missed = [one.text for one in _verdicts(stretch) if not one.is_met]
        if filling.most("errors"):
            missed.append(f"no error while filling: {filling.most('errors'):,}")
        if missed:
            stretch.name = "too many"
            stretch.said = stretch.said or crowd.next_stretch()
            stretch.samples = stretch.samples or filling.samples
            print(f"{target:,} seats are too many: missed {', '.join(missed)}. Back to {before:,}.",
                  flush=True)
            crowd.keep(before, rate)
            _settle(watch, crowd)
            break
    return stretches


def _settle(watch, crowd):
    """Waits until nobody waits who came or went, and heartbeats are sent when they are due."""
    deadline = time.monotonic() + SETTLING_SECONDS
    settling = Stretch("settling", 0)
    watch.look(settling, lambda one: time.monotonic() > deadline or (
        one.arrears < 1 and not crowd.latest()["left"] and one.lag < SETTLED_LAG))


def _hold(watch, crowd, stretch, seconds):
    """A stretch of its own, of so many seconds."""
    crowd.next_stretch()
    until = time.monotonic() + seconds
    watch.look(stretch, lambda one: time.monotonic() >= until or one.arrears > ARREARS_LIMIT)
    stretch.said = crowd.next_stretch()


def _stream_lines(servers):
    """Lines of the ledger that are still in Redis."""
    keys = servers.redis_cli("--scan", "--pattern", "pm:*:ledger").split()
    return sum(int(servers.redis_cli("xlen", key)) for key in keys)


def _reconcile(program, environment):
    command = [program, "reconcile", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout) if done.stdout else {"error": done.stderr}
    return {"is_clean": done.returncode == 0, **said}


def _verdicts(stretch, options=None):
    """What is judged of a stretch; with options, also whether all seats are in it."""
    # One that was never full has said nothing.
    said = stretch.said or {"p99": math.inf, "errors": 0, "arrears_seconds": 0}
    if options:
        yield Verdict(stretch.seats >= options.seats,
                      f"{options.seats:,} seats: {stretch.seats:,} were held")
    yield Verdict(said["errors"] == 0, f"no error: {said['errors']:,}")
    yield Verdict(said["p99"] < LATENCY_LIMIT * 1e6 and said["arrears_seconds"] < 1,
                  f"p99 below {LATENCY_LIMIT * 1000:.0f} ms: {said['p99'] / 1000:.1f} ms")
    yield Verdict(stretch.most("lag") <= LAG_LIMIT,
                  f"no tick later than {LAG_LIMIT} s: {stretch.most('lag'):.1f} s")
    yield Verdict(stretch.most("memory") < MEMORY_LIMIT,
                  f"Redis below {MEMORY_LIMIT >> 20:,} MiB: "
                  f"{stretch.most('memory') / (1 << 20):,.0f} MiB")


def _money_verdicts(last, audited, reconciled, lines):
    gap = audited.longest_gap - TICK_SECONDS
    yield Verdict(gap <= LAG_LIMIT + 1,
                  f"no tick later than {LAG_LIMIT} s by the ledger: {max(0, gap):.1f} s")
    # Lines are kept for half a minute after they were archived, and are trimmed as often.
    most = last.seats * 2 + 1_000
    yield Verdict(lines <= most or not last.seats,
                  f"at most {most:,} lines of the ledger in Redis: {lines:,}")
    yield Verdict(not audited.wrong,
                  f"{audited.sessions:,} sessions ({audited.live:,} live) charged to the "
                  f"milli-G-coin by {audited.lines:,} lines: {audited.wrong:,} are wrong"
                  + "".join(f"\n         {one}" for one in audited.named))
    said = ", ".join(f"{name} {value}" for name, value in reconciled.items() if name != "is_clean")
    yield Verdict(reconciled["is_clean"], f"reconcile is clean: {said}")


def _limit(last):
    """Which part has no time left, and for how many seats its time would be enough."""
    cores = len(os.sched_getaffinity(0))
    redis = last.mean("redis")
    ours = redis + last.mean("service") + last.mean("generator")
    if not redis:
        return "Nothing was held."
    by_redis, by_cores = int(last.seats * FULL / redis), int(last.seats * FULL * cores / ours)
    limit = "Redis" if by_redis < by_cores else "the machine"
    text = (f"By CPU, Redis, which has one core, is {FULL:.0%} full at {by_redis:,} seats, and all "
            f"{cores} cores, the generator's share included, at {by_cores:,}: {limit} is the "
            "limit.")
    if last.mean("others") > STRANGERS:
        text += (f"\nOther processes used {last.mean('others'):.0%} of a core meanwhile: latencies "
                 "and the number of seats suffer from that.")
    if last.said["delay"] > DELAY_LIMIT * 1e6:
        text += (f"\nThe generator was late by {last.said['delay'] / 1000:.1f} ms, which is in the "
                 "latencies.")
    return text


def _described(stretch):
    return {"name": stretch.name, "seats": stretch.seats, "said": stretch.said,
            "samples": [asdict(one) for one in stretch.samples]}


def _text(document):
    """What is printed at the end."""
    environment = "\n".join(f"{key:<10} {value}" for key, value in document["environment"].items())
    table = report.table(COLUMNS, [_cells(one) for one in document["stretches"]])
    verdicts = "\n".join(str(Verdict(**one)) for one in document["verdicts"])
    explanation = (f"Heartbeats of both kinds every {PERIOD_SECONDS} s; latencies from when they "
                   "were due; CPU in shares of a core, means; lag and memory are the largest.")
    return "\n\n".join([environment, f"{table}\n\n{explanation}", document["limit"], verdicts])


def _cells(stretch):
    said, samples = stretch["said"], stretch["samples"]
    if not said:
        return [stretch["name"], f"{stretch['seats']:,}", *["–"] * (len(COLUMNS) - 2)]
    means = [sum(one[name] for one in samples) / len(samples)
             for name in ("service", "redis", "generator", "others")]
    return [
        stretch["name"], f"{stretch['seats']:,}", f"{said['beats'] / said['seconds']:,.0f}",
        *(f"{said[name] / 1000:.1f}" for name in ("p50", "p99", "longest")),
        f"{max(one['lag'] for one in samples):.1f}", f"{said['errors']:,}",
        *(f"{mean:.0%}" for mean in means),
        f"{max(one['memory'] for one in samples) / (1 << 20):,.0f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
