"""The billing worker's steps: all sessions are due each second."""

import re
import time
import urllib.request

from . import load, seats
from .acts import Act, Goal, Work, goal
from .load import Load
from .seats import Seats

# Short, so that much is due; each debit is a whole second's.
SETTINGS = seats.SETTINGS | {"PLAYMETER_BILLING_TICK": "1s"}


def _ticks(stage):
    """Entries that the service has stepped. No launcher is due within its TTL."""
    url = f"http://127.0.0.1:{stage.servers.management_port}/metrics"
    with urllib.request.urlopen(url) as answer:
        text = answer.read().decode()
    return int(float(re.search(r"^playmeter_billing_ticks_total (\S+)$", text, re.M)[1]))


class Tick(Work):
    """Steps of the billing worker, with what the ledger's archive needs for their lines."""

    def measure(self, stage, seconds):
        def wait():
            before, start = _ticks(stage), time.monotonic()
            time.sleep(seconds)
            done, elapsed = _ticks(stage) - before, time.monotonic() - start
            return Load(max(1, done), elapsed, generator=0)

        whole = load.measure(stage.servers, wait)
        # The same servers with nothing to bill: what they do anyway is not the sessions'.
        service, redis = stage.content
        whole.service -= service * whole.seconds * 1e6 / whole.requests
        whole.redis -= redis * whole.seconds * 1e6 / whole.requests
        return {self.name: whole}


def fill(stage):
    """Seats all players; before, what the servers work in a second without any."""
    before, start = stage.servers.worked(), time.monotonic()
    time.sleep(seats.SIGHT_SECONDS)
    elapsed = time.monotonic() - start
    idle = [(end - start) / elapsed for start, end in zip(before, stage.servers.worked())]
    players = Seats(stage.servers, stage.size)
    players.play(players.all)
    stage.content = idle


ACT = Act(
    name="billing",
    things="sessions",
    sizes=(10_000,),
    quick=(1_000,),
    settings=SETTINGS,
    fill=fill,
    works=[Tick("billing tick", None, goals=[
        goal(10),
        Goal("at least 60,000 sessions/s per core of Redis", "per_redis_core", 60_000,
             "{:,.0f}/s", is_least=True),
    ])],
)
