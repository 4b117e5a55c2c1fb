"""The fixed script of requests whose instructions are counted: the same each time, one by one."""

import time
from dataclasses import dataclass

from . import generator, hosts, seats
from .callgrind import Callgrind, Counts
from .seats import Seats
from .servers import Servers

# Until the archiver has what was written.
ARCHIVING_SECONDS = 2
# The billing worker looks each second; a busy machine takes longer.
BILLING_LIMIT_SECONDS = 60

_SETTINGS = hosts.SETTINGS | seats.SETTINGS | {
    # What servers do unasked is done for each partition.
    "PLAYMETER_PARTITIONS": "1",
    "PLAYMETER_RECONCILE_INTERVAL": "off",
    # Nobody is due before the script says so.
    "PLAYMETER_BILLING_TICK": "1h",
    # No reservation lapses meanwhile.
    "PLAYMETER_MATCH_RESERVATION": "1h",
    # Dictionaries are in the same order each time.
    "SWIFT_DETERMINISTIC_HASHING": "1",
}
# Requests are counted without an archive, which would look for lines by the clock.
_WITHOUT_ARCHIVE = {"PLAYMETER_ARCHIVE_DIRECTORY": None, "PLAYMETER_REDIS_DURABILITY": "relaxed"}
# As little as possible that Redis does by the clock; requests rehash what they touch.
_REDIS = ("--hz", "1", "--dynamic-hz", "no", "--activerehashing", "no")
_DUE = "pm:{p0}:due"


@dataclass
class _Script:
    """Servers that are filled, and what is sent to them."""

    servers: Servers
    players: Seats
    # Hosts, seats, and requests in a round.
    size: int

    def requested(self):
        """Works of requests: each one's name, and what prepares it and returns what does it."""
        players = self.players
        beats = [hosts.beat(number) for number in range(self.size)]
        for name, requests in [
            ("healthz", [hosts.HEALTH] * self.size),
            ("host heartbeat", beats),
            ("match/find", [hosts.SEARCH] * self.size),
            ("game heartbeat", players.game_heartbeats(players.all)),
            ("launcher heartbeat", players.launcher_heartbeats(players.all)),
        ]:
            yield name, lambda requests=requests: lambda: self._send(requests)
        yield "verify", self._verify

    def billed(self):
        """The same for the work of nobody's request."""
        yield "billing step", lambda: self._bill

    def _send(self, requests):
        return generator.closed(self.servers.port, requests, connections=1).answers

    def _bill(self):
        """Makes all sessions due at once, so that batches are the same each time."""
        entries = self.servers.redis_cli("zrange", _DUE, "0", "-1").split()
        # Launchers are due when they fall silent; they have their cafe's name after a bar.
        sessions = [entry for entry in entries if "|" not in entry]
        now = str(int(time.time() * 1000))
        self.servers.redis_cli("zadd", _DUE, *(word for one in sessions for word in (now, one)))
        deadline = time.monotonic() + BILLING_LIMIT_SECONDS
        while int(self.servers.redis_cli("zcount", _DUE, "0", now)):
            if time.monotonic() > deadline:
                raise SystemExit("sessions that are due are not billed")
            time.sleep(1)
        time.sleep(ARCHIVING_SECONDS)

    def _verify(self):
        """Gets the tokens; what is to be counted is what they are used for."""
        players, everybody = self.players, self.players.all
        players.leave(everybody)
        requests = players.verifies(everybody, players.tokens(everybody))
        return lambda: players.note(everybody, self._send(requests))


def measure(program):
    """Yields each work's name, and its instructions in the service and in Redis."""
    yield from _measure(program, _SETTINGS | _WITHOUT_ARCHIVE, 150, 8, _Script.requested)
    # A tick costs little beside the archiving of its line, which is counted with it.
    yield from _measure(program, _SETTINGS, 400, 4, _Script.billed)


def _measure(program, settings, size, rounds, works):
    """The second lowest of rounds: what servers do now and then beside a work only adds, but taking
    out what they do always may take too much once."""
    with Servers(program, settings, redis=_REDIS, tool=Callgrind()) as servers:
        generator.closed(servers.port, map(hosts.beat, range(size)), connections=1)
        players = Seats(servers, size, connections=1)
        players.play(players.all)
        counts = Counts(servers)
        for name, prepare in works(_Script(servers, players, size)):
            # Once for nothing: what is translated, allocated and remembered at first use.
            prepare()()
            counted = [counts.measure(prepare(), size) for _ in range(rounds)]
            yield name, {server: sorted(one[server] for one in counted)[1]
                         for server in counted[0]}
