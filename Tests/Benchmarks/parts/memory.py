"""Memory: of Redis for a seat, of the service for open connections."""

import re
import socket
from contextlib import ExitStack

from . import accounts, generator, hosts
from .acts import Act, Finding, Goal

SEAT_GOAL = Goal("at most 1.5 KiB of Redis", "", 1.5, "{:.2f} KiB", unit=1024)
SERVICE_GOAL = Goal("at most 60 MiB of the service", "", 60, "{:.0f} MiB", unit=1 << 20)
# What is forgotten some minutes after a player came in: who sits longer no longer has it.
FORGOTTEN = ("ott", "nonce")


def used(servers):
    """What Redis' data and buffers take, in bytes."""
    return int(re.search(r"used_memory:(\d+)", servers.redis_cli("info", "memory"))[1])


def of_seats(stage, before):
    """What Redis keeps for each of the seats, since it used so much.

    That is two sessions, a meter and their places in indexes. Used tokens and nonces are removed
    first; the ledger is not counted, whose lines go to the archive.
    """
    servers = stage.servers
    for name in FORGOTTEN:
        keys = servers.redis_cli("--scan", "--pattern", f"pm:*:{name}:*").split()
        servers.redis_load(f"del {key}" for key in keys)
    ledgers = servers.redis_cli("--scan", "--pattern", "pm:*:ledger").split()
    ledger = sum(int(servers.redis_cli("memory", "usage", key, "samples", "0")) for key in ledgers)
    value = (used(servers) - before - ledger) / stage.size
    return [Finding("memory of a live seat", value, SEAT_GOAL)]


def _fill(stage):
    """The service's memory while so many connections are open, each of which has asked once."""
    with ExitStack() as stack:
        for _ in range(stage.size):
            address = ("127.0.0.1", stage.servers.port)
            connection = stack.enter_context(socket.create_connection(address))
            connection.sendall(hosts.HEALTH)
            generator.answered(connection)
        value = accounts.resident_kilobytes(stage.servers.service.pid) * 1024
    what = f"memory with {stage.size:,} open connections"
    stage.findings = [Finding(what, value, SERVICE_GOAL)]


ACT = Act(
    name="connections",
    things="connections",
    sizes=(10_000,),
    quick=(1_000,),
    # All come from one address.
    settings={"PLAYMETER_CONNECTIONS_PER_ADDRESS": "off"},
    fill=_fill,
    works=[],
)
