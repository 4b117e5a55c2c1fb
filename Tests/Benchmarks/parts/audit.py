"""Whether every session and every cafe was charged what the published rules say.

A second implementation, which shares no code with the service: it reads the lines that `playmeter
ledger export` prints, and compares what they add up to with what Redis says of the cafes.
"""

import json
import subprocess
from dataclasses import dataclass, field

# Wrong ones that are named; all are counted.
MOST_NAMED = 5
# Between two signs of life.
TOLD_LINES = 2_000_000


@dataclass
class Audit:
    """What came of it. Times are in seconds."""

    lines: int = 0
    sessions: int = 0
    live: int = 0
    debits: int = 0
    charged: int = 0
    wrong: int = 0
    # The longest time between a session's debits, or since its last one.
    longest_gap: float = 0
    named: list = field(default_factory=list)

    def check(self, is_right, what):
        """Counts what is wrong."""
        if not is_right:
            self.wrong += 1
            if len(self.named) < MOST_NAMED:
                self.named.append(what)


class _Session:
    """What lines say of a session."""

    __slots__ = ("rate", "charged", "billed", "debited_at")

    def __init__(self, line):
        self.rate = line["rate_mgcoin_per_hour"]
        self.charged = 0
        self.billed = 0
        self.debited_at = line["at"]


def of_ledger(program, environment, since, until):
    """The audit of all lines; gaps count from `since` to `until`, in Unix milliseconds."""
    audit, balances, sessions = Audit(), {}, {}
    command = [program, "ledger", "export"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as export:
        for text in export.stdout:
            audit.lines += 1
            if audit.lines % TOLD_LINES == 0:
                print(f"{audit.lines:,} lines", flush=True)
            _take(audit, balances, sessions, json.loads(text), since)
    if export.returncode != 0:
        raise SystemExit("the ledger cannot be exported")
    _take_live(audit, sessions, since, until)
    _compare(audit, balances, program, environment)
    return audit


def _take(audit, balances, sessions, line, since):
    amount = line.get("amount_mgcoin", 0)
    cafe = line.get("cafe_id")
    if "balance_mgcoin" in line:
        balance = balances[cafe] = balances.get(cafe, 0) + amount
        audit.check(balance == line["balance_mgcoin"], f"the balance after line {line['id']}")
    name, kind = line.get("game_session_id"), line["kind"]
    if kind == "start":
        sessions[name] = _Session(line)
    elif kind in ("debit", "reversal"):
        session = sessions[name]
        session.charged -= amount
        session.billed = line["billed_sec"]
        audit.debits += kind == "debit"
        _note_gap(audit, session, line["at"], since)
    elif kind == "end":
        session = sessions.pop(name)
        audit.check(session.charged == _cost(session.rate, line["billable_sec"]), name)
        _count(audit, session)


def _take_live(audit, sessions, since, until):
    """Takes those that are alive: what was billed is charged, and the last tick is not long ago."""
    for name, session in sessions.items():
        audit.check(session.charged == _cost(session.rate, session.billed), name)
        _note_gap(audit, session, until, since)
        _count(audit, session)
    audit.live = len(sessions)


def _note_gap(audit, session, at, since):
    if at >= since:
        audit.longest_gap = max(audit.longest_gap, (at - session.debited_at) / 1000)
    session.debited_at = at


def _count(audit, session):
    audit.sessions += 1
    audit.charged += session.charged


def _cost(rate, seconds):
    return rate * seconds // 3600


def _compare(audit, balances, program, environment):
    """Redis has the balances that the lines add up to, and as many sessions are alive."""
    done = subprocess.run([program, "cafe", "list", "--json"], env=environment, check=True,
                          capture_output=True)
    cafes = json.loads(done.stdout)
    live = 0
    for cafe in cafes:
        live += cafe["live_sessions"]
        audit.check(cafe["balance_mgcoin"] == balances.pop(cafe["cafe_id"], None),
                    f"the balance of {cafe['cafe_id']} in Redis")
    audit.check(not balances, "a cafe of the ledger is not in Redis")
    audit.check(live == audit.live,
                f"{live} sessions are alive in Redis, {audit.live} by the ledger")
