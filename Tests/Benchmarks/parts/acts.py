"""What acts of the benchmark consist of: servers that are filled, and works measured on them."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field

from . import floors, load, wrk
from .servers import Servers


@dataclass
class Stage:
    """Servers of a program, filled with a number of things."""

    program: str
    size: int
    servers: Servers
    # What was filled in, as the act needs it.
    content: object = None
    # What was measured once, while it was filled: memory.
    findings: list = field(default_factory=list)


@dataclass
class Act:
    """Works that are measured on the same servers; its sizes are numbers of its things."""

    name: str
    things: str
    sizes: tuple
    # Sizes for a quick try.
    quick: tuple
    settings: dict
    # Fills a stage.
    fill: object
    works: list

    def open(self, stack, program, path, size):
        """A stage that is filled."""
        stage = Stage(program, size, stack.enter_context(Servers(path, self.settings)))
        self.fill(stage)
        return stage

    def stages(self, programs, sizes):
        """All stages of the act at once, to be measured in turns, and how to end them."""
        stack = ExitStack()
        with stack:
            stages = []
            for size in sizes:
                for program, path in programs:
                    print(f"Filling {size:,} {self.things} ({program})", flush=True)
                    stages.append(self.open(stack, program, path, size))
            return stages, stack.pop_all()


@dataclass
class Goal:
    """A bound of one figure of a work."""

    text: str
    figure: str
    bound: float
    form: str = "{:.1f} µs"
    is_least: bool = False
    # Divides the figure for its form.
    unit: float = 1

    def verdict(self, value):
        """Whether the value is within the bound, and how to say it."""
        value /= self.unit
        is_met = value >= self.bound if self.is_least else value <= self.bound
        return is_met, f"{self.text}: {self.form.format(value)}"


@dataclass
class Finding:
    """One figure that is measured once, and its goal."""

    work: str
    value: float
    goal: Goal


@dataclass
class Work:
    """A kind of request: its name, the requests of a stage, what Redis runs for it, its goals."""

    name: str
    # A function from a stage to a list of requests, which wrk repeats.
    requests: object
    # The function of the script whose bare cost is the floor, if it can be repeated.
    script: str = ""
    # Puts the number that redis-benchmark varies into the words of the script's call.
    vary: object = list
    # How many values that number takes; 0 means as many as there are things.
    variety: int = 0
    goals: list = field(default_factory=list)

    def measure(self, stage, seconds):
        """Measurements by their names."""
        return {self.name: self.sample(stage, seconds)}

    def sample(self, stage, seconds):
        """Lets wrk repeat the requests."""
        servers = stage.servers
        with wrk.file(self.requests(stage)) as file:
            return load.measure(servers, lambda: wrk.run(servers.port, file, seconds))

    def floor(self, stage):
        """Microseconds that Redis alone needs for the script, or None."""
        if not self.script:
            return None
        words = floors.recorded(stage.servers, self.script, self.requests(stage)[0])
        if not words:
            return None
        return floors.script(stage.servers, self.vary(words), self.variety or stage.size)


def goal(microseconds):
    """The usual goal of a request."""
    return Goal(f"at most {microseconds} µs of CPU", "together", microseconds)


def data(body):
    """What an answer under /v1 carries."""
    return json.loads(body)["data"]
