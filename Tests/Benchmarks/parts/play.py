"""What players at cafes send: heartbeats of games and launchers, and verifies."""

import itertools
import random
import re

from . import floors, generator, hosts, load, memory, seats
from .acts import Act, Goal, Work, goal
from .seats import Seats

# Requests per second of the mixture, and for how many hosts.
RATE = 5_000
HOSTS = 1_000
# So many that a slow answer keeps no request from being sent.
PACED_CONNECTIONS = 256
# What of a hundred requests of the mixture are.
VERIFIES, SEARCHES, HOST_HEARTBEATS, LAUNCHER_HEARTBEATS = 5, 5, 20, 30


def fill(stage):
    """Seats all players, finds what that takes of Redis' memory, and registers hosts."""
    before = memory.used(stage.servers)
    stage.content = Seats(stage.servers, stage.size)
    stage.content.play(stage.content.all)
    stage.findings = memory.of_seats(stage, before)
    # For the mixture.
    generator.closed(stage.servers.port, map(hosts.beat, range(HOSTS)))


def _game_heartbeats(stage):
    return stage.content.game_heartbeats(stage.content.all)


def _launcher_heartbeats(stage):
    return stage.content.launcher_heartbeats(stage.content.all)


class Verify(Work):
    """Verifies, each with a fresh token for a seat at which nobody plays; one for every seat."""

    def measure(self, stage, seconds):
        players, everybody = stage.content, stage.content.all
        players.leave(everybody)
        requests = players.verifies(everybody, players.tokens(everybody))
        done, run = _measured(stage, lambda: generator.closed(stage.servers.port, requests))
        players.note(everybody, run.answers)
        return {self.name: done}

    def floor(self, stage):
        """As of other works, but a token works once, so redis-benchmark cannot repeat the call."""
        players, everybody = stage.content, stage.content.all
        players.leave(everybody)
        tokens = players.tokens(everybody)
        request = players.verifies(everybody, tokens)[0]
        words = floors.recorded(stage.servers, self.script, request)
        if not words:
            return None
        done = floors.calls(stage.servers, [
            _with_token(words, token, index) for index, token in enumerate(tokens[1:])
        ], succeeded=b"started")
        # The sessions that began have names of the calls; begin those that the service knows.
        players.play(everybody)
        return done


class Mixture(Work):
    """All kinds of requests at a fixed rate, as they come when nobody waits for anybody."""

    def measure(self, stage, seconds):
        players, everybody = stage.content, stage.content.all
        count = RATE * seconds
        newcomers = everybody[:min(count * VERIFIES // 100, len(everybody) // 2)]
        players.leave(newcomers)
        requests = self._requests(stage, count, newcomers, everybody[len(newcomers):])
        done, run = _measured(stage, lambda: generator.paced(
            stage.servers.port, requests, RATE, PACED_CONNECTIONS))
        if sum(b'"is_valid":true' in body for body in run.answers) != len(newcomers):
            raise SystemExit("a verify of the mixture was refused")
        players.play(newcomers)
        return {self.name: done}

    @staticmethod
    def _requests(stage, count, newcomers, players):
        """What is sent, in an order that is the same each time."""
        seats = stage.content
        kinds = [
            (HOST_HEARTBEATS, [hosts.beat(number) for number in range(HOSTS)]),
            (LAUNCHER_HEARTBEATS, seats.launcher_heartbeats(players)),
            (SEARCHES, [hosts.SEARCH]),
        ]
        requests = seats.verifies(newcomers, seats.tokens(newcomers))
        for share, ones in kinds:
            requests += itertools.islice(itertools.cycle(ones), count * share // 100)
        # All others.
        ones = itertools.cycle(seats.game_heartbeats(players))
        requests += itertools.islice(ones, count - len(requests))
        random.Random(RATE).shuffle(requests)
        return requests


def _measured(stage, make):
    """What a run of our generator costs, and the run."""
    runs = []

    def remember():
        runs.append(make())
        return runs[0].load

    return load.measure(stage.servers, remember), runs[0]


def _with_token(words, token, index):
    """The recorded call with another token and session. The token begins with its partition."""
    partition = int(token[:4], 16)
    key = re.sub(r"\{p\d+\}", f"{{p{partition}}}", words[3])
    session = f"gs_{token[:24]}{index:012x}"
    return [*words[:3], key, token, session, *words[6:]]


ACT = Act(
    name="play",
    things="seats",
    sizes=(10_000,),
    quick=(1_000,),
    settings=hosts.SETTINGS | seats.SETTINGS,
    fill=fill,
    works=[
        Work("game heartbeat", _game_heartbeats, "game_heartbeat", goals=[goal(32)]),
        Work("launcher heartbeat", _launcher_heartbeats, "launcher_heartbeat",
             goals=[goal(30)]),
        Verify("verify", None, "game_verify", goals=[goal(70)]),
        Mixture("mixed at a fixed rate", None, goals=[
            Goal(f"p99 at most 5 ms at {RATE:,} requests/s", "p99", 5, "{:.1f} ms", unit=1_000),
        ]),
    ],
)
