"""Hosts that stream, and clients that look for one."""

import secrets

from . import generator, http, load
from .acts import Act, Work, goal
from .floors import RANDOM

SLOTS = 64
SECRET = secrets.token_hex(16)

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
    # All load comes from one address.
    "PLAYMETER_MATCH_PENDING_PER_ADDRESS": "off",
    "PLAYMETER_RATE_LIMIT_PER_ADDRESS": "off",
}

HEALTH = http.request("GET", "/healthz")
# For any host, as a browser sends it.
SEARCH = http.request("POST", "/api/match/find", {})


def name(number):
    """A host's, with as many digits as redis-benchmark makes."""
    return f"host-{number:012}"


def beat(number, *headers):
    """A heartbeat as a host's program sends it."""
    body = {"availableSlots": SLOTS, "capacity": SLOTS, "hostId": name(number), "region": "local",
            "roomId": "room", "status": "idle"}
    return http.request("POST", "/api/host/heartbeat", body,
                        [f"Authorization: Bearer {SECRET}", *headers])


def fill(stage):
    """Registers the hosts."""
    stage.content = [beat(number) for number in range(stage.size)]
    generator.closed(stage.servers.port, stage.content)


def _any_host(words):
    return [RANDOM.join(word.split(name(0)[-12:])) for word in words]


def _any_reservation(words):
    """The id is the second of the call's words behind its key; its end is the new part."""
    return [*words[:5], words[5][:-12] + RANDOM, *words[6:]]


def _reservations(stage):
    return int(stage.servers.redis_cli("hlen", "pm:{hosts}:reservations"))


class Search(Work):
    """Searches. Each leaves a reservation, which lapses a moment later; that is measured apart."""

    def measure(self, stage, seconds):
        whole = self.sample(stage, seconds)
        left, lapse = self._settle(stage)
        # Those that lapsed during the load are in its figures.
        lapsed = (whole.requests - left) / whole.requests
        whole.service -= lapsed * lapse.service
        whole.redis -= lapsed * lapse.redis
        return {self.name: whole, "its lapse": lapse}

    def floor(self, stage):
        done = super().floor(stage)
        self._settle(stage)
        return done

    @staticmethod
    def _settle(stage):
        """How many reservations there were, and what the end of each cost."""
        left = _reservations(stage)
        return left, load.measure_settling(stage.servers, left, lambda: not _reservations(stage))


ACT = Act(
    name="hosts",
    things="hosts",
    sizes=(100, 10_000, 100_000),
    quick=(100, 1_000),
    settings=SETTINGS,
    fill=fill,
    works=[
        # What a request costs before anything of ours is done.
        Work("healthz", lambda stage: [HEALTH]),
        Work("host heartbeat", lambda stage: stage.content, "host_heartbeat", _any_host,
             goals=[goal(28)]),
        Search("match/find", lambda stage: [SEARCH], "match_find", _any_reservation,
               variety=1 << 30, goals=[goal(45)]),
        # What host programs in the field do.
        Work("host heartbeat, new connection",
             lambda stage: [beat(number, "Connection: close") for number in range(stage.size)]),
    ],
)
