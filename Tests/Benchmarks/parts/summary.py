"""What a run has measured, as a document, and the document as text."""

import statistics
from dataclasses import asdict

from . import floors, report, wrk

# By how much the dearest size may differ from the cheapest, where all are to cost the same.
FLATNESS_GOAL = 1.2
FIGURES = ("service", "redis", "together", "per_second", "per_redis_core", "p50", "p99",
           "generator", "strangers", "delay")
COLUMNS = ["WORK", "PROGRAM", "WITH", "SERVICE µs", "REDIS µs", "TOGETHER µs", "FLOOR µs", "TIMES",
           "REQUESTS/s", "P50 µs", "P99 µs", "LOAD"]
# A generator that sends later than this, in microseconds, adds to latencies what is its own.
DELAY_LIMIT = 1_000


class Record:
    """Everything measured, in the order in which it came."""

    def __init__(self):
        self._rows = {}
        self._findings = []
        self._nginx = []

    def nginx(self, measurement):
        """A round of the floor of HTTP."""
        self._nginx.append(measurement)

    def findings(self, stage):
        """What was measured once of a stage."""
        self._findings += [(stage.program, finding) for finding in stage.findings]

    def measurements(self, stage, act, work, measured):
        """A round of a work, which may measure more than one thing."""
        for name, measurement in measured.items():
            row = self._row(stage, act, name)
            row["goals"] = work.goals if name == work.name else []
            row["rounds"].append(measurement)

    def floor(self, stage, act, work, microseconds):
        """A round of what Redis alone needs for a work; None if that is not known."""
        if microseconds is not None:
            self._row(stage, act, work.name)["floors"].append(microseconds)

    def document(self, options):
        """All of it, for JSON."""
        nginx = statistics.median(one.together for one in self._nginx) if self._nginx else None
        return {
            "environment": report.environment(), "connections": wrk.CONNECTIONS,
            "rounds": options.rounds, "seconds": options.seconds,
            "nginx": {"together": nginx, "rounds": [asdict(one) for one in self._nginx]},
            "rows": [_row_document(row, nginx) for row in self._rows.values()],
            "findings": [{"work": one.work, "program": program, "value": one.value,
                          "verdict": one.goal.verdict(one.value)}
                         for program, one in self._findings],
        }

    def _row(self, stage, act, name):
        return self._rows.setdefault((act.name, name, stage.size, stage.program), {
            "work": name, "program": stage.program, "size": stage.size, "things": act.things,
            "goals": [], "rounds": [], "floors": [],
        })


def _row_document(row, nginx):
    rounds = row["rounds"]
    median = {name: statistics.median(getattr(one, name) for one in rounds) for name in FIGURES}
    script = statistics.median(row["floors"]) if row["floors"] else None
    described = {key: row[key] for key in ("work", "program", "size", "things")}
    return described | {
        "median": median,
        "floor": None if script is None else {"nginx": nginx, "script": script},
        "floors": row["floors"],
        "verdicts": [goal.verdict(median[goal.figure]) for goal in row["goals"]],
        "is_limited_by_generator": any(one.is_limited_by_generator for one in rounds),
        "rounds": [asdict(one) for one in rounds],
    }


def text(document):
    """What is printed of a run."""
    environment = "\n".join(f"{key:<10} {value}" for key, value in document["environment"].items())
    explanation = (
        f"\nMedians of {document['rounds']} rounds of {document['seconds']} s over "
        f"{document['connections']} connections; µs of CPU per request. FLOOR is nginx with a "
        f"constant and redis-benchmark -P {floors.PIPELINE}\nwith the script's call; LOAD is the "
        "generator's share of a core."
    )
    rows = document["rows"]
    measured = [report.table(COLUMNS, list(map(_cells, rows))) + explanation] if rows else []
    parts = [environment, *measured, *_ratios(rows), *_doubts(rows),
             "\n".join(_verdicts(document))]
    return "\n\n".join(filter(None, parts))


def _cells(row):
    median, floor = row["median"], row["floor"]
    return [
        row["work"], row["program"], _with(row), f"{median['service']:.1f}",
        f"{median['redis']:.1f}", f"{median['together']:.1f}",
        f"{floor['nginx']:.1f} + {floor['script']:.1f}" if floor else "–",
        f"{median['together'] / (floor['nginx'] + floor['script']):.1f}" if floor else "–",
        *_of_load(median),
    ]


def _with(row):
    return f"{row['size']:,} {row['things']}"


def _of_load(median):
    """What there is only where requests were sent."""
    if not median["generator"]:
        return ["–"] * 4
    return [f"{median['per_second']:,.0f}", f"{median['p50']:,.0f}", f"{median['p99']:,.0f}",
            f"{median['generator']:.0%}"]


def _ratios(rows):
    """What each further program needs, by what the first one does."""
    programs = list(dict.fromkeys(row["program"] for row in rows))
    if len(programs) < 2:
        return
    together = {(row["work"], _with(row), row["program"]): row["median"]["together"]
                for row in rows}
    keys = dict.fromkeys((row["work"], _with(row)) for row in rows)
    yield report.table(["CPU, TIMES THAT OF " + programs[0], "WITH", *programs[1:]], [
        [*key, *(f"{together[(*key, name)] / together[(*key, programs[0])]:.2f}"
                 for name in programs[1:])] for key in keys
    ])


def _doubts(rows):
    """What the figures may suffer from."""
    limited = [f"{row['work']} with {_with(row)}" for row in rows
               if row["is_limited_by_generator"]]
    if limited:
        yield ("The generator was the bottleneck, so more requests/s may be possible: "
               + ", ".join(limited) + ".")
    late = [f"{row['work']} by {row['median']['delay']:,.0f} µs" for row in rows
            if row["median"]["delay"] > DELAY_LIMIT]
    if late:
        yield "The generator was late, which is in the latencies: " + ", ".join(late) + "."
    strangers = max((row["median"]["strangers"] for row in rows), default=0)
    if strangers > 0.1:
        yield (f"Other processes used up to {strangers:.0%} of a core meanwhile: latencies and "
               "requests/s suffer from that, CPU per request less.")


def _verdicts(document):
    """The goals, and whether each program reaches them."""
    for row in document["rows"]:
        for verdict in row["verdicts"]:
            yield _verdict(f"{row['program']}: {row['work']} with {_with(row)}", *verdict)
    yield from _flatness(document["rows"])
    for finding in document["findings"]:
        yield _verdict(f"{finding['program']}: {finding['work']}", *finding["verdict"])


def _flatness(rows):
    """Whether a work costs the same with any number of things."""
    sizes = {}
    for row in rows:
        if row["verdicts"]:
            sizes.setdefault((row["program"], row["work"]), []).append(row["median"]["together"])
    for (program, work), costs in sizes.items():
        if len(costs) > 1:
            growth = max(costs) / min(costs)
            yield _verdict(f"{program}: {work}", growth <= FLATNESS_GOAL,
                           f"at most {FLATNESS_GOAL - 1:.0%} between sizes: {growth - 1:.0%}")


def _verdict(what, is_met, how):
    return f"{'reached' if is_met else 'MISSED '}  {what}: {how}"
