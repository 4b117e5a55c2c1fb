"""A generator of load of our own, for what wrk cannot do: requests that differ and come to an end,
whose answers matter, and load at a fixed rate.

It is one thread that needs some 10 microseconds for a request; its share of a core and its delays
are measured, so that a summary can say when it was too slow.
"""

import gc
import resource
import select
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass

from . import http
from .load import Load

CONNECTIONS = 64
# Far more than any answer takes, less than anybody wants to wait.
_PATIENCE_SECONDS = 30
# Before the first request of a schedule, so that it is not late at once.
_LEAD_SECONDS = 0.05


@dataclass
class Run:
    """What came of requests: answers in their order, latencies and delays in seconds."""

    answers: list
    latencies: list
    # How much later than it could be each was sent, which is the generator's own fault.
    delays: list
    seconds: float
    worked: float

    @property
    def load(self):
        """The same as a measurement needs it."""
        return Load(
            requests=len(self.answers), seconds=self.seconds, generator=self.worked,
            p50=_microseconds(self.latencies, 0.50), p99=_microseconds(self.latencies, 0.99),
            delay=_microseconds(self.delays, 0.99),
        )


def _microseconds(times, quantile):
    """A quantile of times in seconds."""
    return round(sorted(times)[int(quantile * (len(times) - 1))] * 1e6)


def closed(port, requests, connections=CONNECTIONS):
    """Sends each request as soon as a connection has been answered; all must succeed."""
    return _run(port, requests, connections, rate=None)


def paced(port, requests, rate, connections=CONNECTIONS):
    """Sends requests at a fixed rate per second, whatever the answers do.

    A latency begins when its request was due, not when a connection was free for it: who waits for
    a slow answer is counted, too.
    """
    return _run(port, requests, connections, rate)


def _run(port, requests, connections, rate):
    requests = list(requests)
    with _pool(port, min(connections, len(requests))) as (poll, idle), _no_collection():
        worked = _own_seconds()
        run = _exchange(requests, poll, idle, rate)
        run.worked = _own_seconds() - worked
    return run


def _exchange(requests, poll, idle, rate):
    count = len(requests)
    answers, latencies, delays = [None] * count, [0.0] * count, [0.0] * count
    busy = {}
    clock = time.perf_counter
    start = freed = clock() + (_LEAD_SECONDS if rate else 0)
    sent = done = 0
    while done < count:
        now = clock()
        while idle and sent < count and (not rate or start + sent / rate <= now):
            due = start + sent / rate if rate else now
            connection = idle.pop()
            connection.send(requests[sent])
            busy[connection.fileno()] = (connection, sent, due, [])
            delays[sent] = now - max(due, freed)
            sent += 1
            now = clock()
        may_send = rate and idle and sent < count
        for file in _ready(poll, start + sent / rate - now if may_send else _PATIENCE_SECONDS):
            connection, index, due, parts = busy[file]
            body = _received(connection, parts)
            if body is None:
                continue
            answers[index], latencies[index] = body, clock() - due
            del busy[file]
            if not idle:
                freed = clock()
            idle.append(connection)
            done += 1
        if not may_send and now + _PATIENCE_SECONDS < clock():
            raise SystemExit("the service does not answer")
    return Run(answers, latencies, delays, clock() - start, 0)


def answered(connection):
    """Waits for the body of one answer."""
    parts = []
    while (body := _received(connection, parts)) is None:
        pass
    return body


def _ready(poll, seconds):
    """Files with something to read. `select` waits to the microsecond, `epoll` to the next
    millisecond."""
    select.select([poll], [], [], max(0, seconds))
    return [file for file, _ in poll.poll(0)]


def _received(connection, parts):
    """The body of an answer, or None while it is not whole."""
    received = connection.recv(1 << 16)
    parts.append(received)
    answer = http.answer(received if len(parts) == 1 else b"".join(parts))
    if answer is None and received:
        return None
    if answer is None or answer[0] != 200:
        raise SystemExit(f"a request was refused:\n{b''.join(parts).decode(errors='replace')}")
    return answer[1]


@contextmanager
def _pool(port, count):
    """Connections, all of them idle."""
    connections = []
    with select.epoll() as poll:
        try:
            for _ in range(count):
                connection = socket.create_connection(("127.0.0.1", port))
                connections.append(connection)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                poll.register(connection, select.EPOLLIN)
            yield poll, list(connections)
        finally:
            for connection in connections:
                connection.close()


@contextmanager
def _no_collection():
    """Python's garbage collector would stop everything for milliseconds."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _own_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
