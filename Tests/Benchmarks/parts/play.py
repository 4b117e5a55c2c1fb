"""What players at cafes send: heartbeats of games and launchers, and verifies."""

import re

from . import floors, generator, load, memory, seats
from .acts import Act, Work, goal
from .seats import Seats


def fill(stage):
    """Seats all players, and finds what that takes of Redis' memory."""
    before = memory.used(stage.servers)
    stage.content = Seats(stage.servers, stage.size)
    stage.content.play()
    stage.findings = memory.of_seats(stage, before)


class Verify(Work):
    """Verifies, each with a fresh token for a seat at which nobody plays; one for every seat."""

    def measure(self, stage, seconds):
        players = stage.content
        players.leave()
        requests = players.verifies(players.tokens())
        made = []

        def make():
            made.append(generator.closed(stage.servers.port, requests))
            return made[0].load

        done = load.measure(stage.servers, make)
        players.note(made[0].answers)
        return {self.name: done}

    def floor(self, stage):
        """As of other works, but a token works once, so redis-benchmark cannot repeat the call."""
        players = stage.content
        players.leave()
        tokens = players.tokens()
        words = floors.recorded(stage.servers, self.script, players.verifies(tokens)[0])
        if not words:
            return None
        done = floors.calls(stage.servers, [
            _with_token(words, token, index) for index, token in enumerate(tokens[1:])
        ], succeeded=b"started")
        # The sessions that began have names of the calls; begin those that the service knows.
        players.play()
        return done


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
    settings=seats.SETTINGS,
    fill=fill,
    works=[
        Work("game heartbeat", lambda stage: stage.content.game_heartbeats(), "game_heartbeat",
             goals=[goal(32)]),
        Work("launcher heartbeat", lambda stage: stage.content.launcher_heartbeats(),
             "launcher_heartbeat", goals=[goal(30)]),
        Verify("verify", None, "game_verify", goals=[goal(70)]),
    ],
)
