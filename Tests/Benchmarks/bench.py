#!/usr/bin/env python3
"""What requests, billing and memory cost, beside their goals and the floors of HTTP and Redis.

`make bench` builds the program and calls this. README.md beside it says what is measured.
"""

import argparse
import resource
import signal
import sys
from pathlib import Path

from parts import billing, hosts, memory, play, report, summary
from parts.floors import Nginx

ACTS = {act.name: act for act in (hosts.ACT, play.ACT, billing.ACT, memory.ACT)}
WORKS = [work.name for act in ACTS.values() for work in act.works]


def main():
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    # Thousands of connections are opened here and in the servers.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    record = summary.Record()
    with Nginx() as nginx:
        for act in (ACTS[name] for name in options.acts):
            _perform(act, nginx, record, options)
    document = record.document(options)
    print(summary.text(document))
    print("\nRaw figures:", report.keep("bench", document))


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--program", action="append", metavar="[NAME=]PATH", type=_program,
        help="a built playmeter; several are compared in turns (default: .build/release/playmeter)",
    )
    parser.add_argument("--acts", nargs="+", choices=ACTS, default=list(ACTS))
    parser.add_argument("--works", nargs="+", choices=WORKS, help="only these of the acts")
    parser.add_argument("--rounds", type=int, help="medians are of so many (default: 5)")
    parser.add_argument("--seconds", type=int, help="of each measurement (default: 3)")
    parser.add_argument("--quick", action="store_true",
                        help="one round of a second with fewer things, to see that it works")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 3)
    options.program = options.program or [_program("release=.build/release/playmeter")]
    return options


def _program(text):
    name, _, path = text.rpartition("=")
    if not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"there is no {path}")
    return name or path, Path(path).resolve()


def _leave(*_):
    """Ends with all servers; a second Ctrl-C does not keep them from it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(130)


def _perform(act, nginx, record, options):
    """All works of an act on all its stages in turns: a slow moment of the machine hits each."""
    works = [work for work in act.works if work.name in (options.works or WORKS)]
    if options.works and not works:
        return
    stages, end = act.stages(options.program, act.quick if options.quick else act.sizes)
    with end:
        for stage in stages:
            record.findings(stage)
            for work in works:
                work.measure(stage, seconds=1)  # to warm up
        if not works:
            return
        print("Measuring", end="", flush=True)
        for _ in range(options.rounds):
            record.nginx(nginx.measure(options.seconds))
            for work in works:
                for stage in stages:
                    record.measurements(stage, act, work, work.measure(stage, options.seconds))
                    record.floor(stage, act, work, work.floor(stage))
                    print(".", end="", flush=True)
        print()


if __name__ == "__main__":
    sys.exit(main())
