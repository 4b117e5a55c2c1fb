"""A crowd of launchers and games that live by the clock: load/seats, a program of our own.

Python would need some 10 microseconds for each of their requests; it needs about half of that.
"""

import json
import subprocess
import threading
import time
from pathlib import Path

from . import accounts

_SOURCES = Path(__file__).resolve().parent.parent / "load/seats"
_WARNINGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror")
# How often a seat sends each of its heartbeats, as the service asks for.
PERIOD_SECONDS = 120
# So many that a slow answer keeps no request from being sent.
CONNECTIONS = 400
# Longer than any answer takes.
_PATIENCE_SECONDS = 30


class Crowd:
    """The program, compiled, from `with` to its end."""

    def __init__(self, port, cafes, count, directory):
        """With room for so many seats; `cafes` is the text of the file that it reads."""
        program, file = directory / "seats", directory / "cafes"
        compiler = ["gcc", *_WARNINGS, "-o", program, *sorted(_SOURCES.glob("*.c")), "-lcrypto"]
        subprocess.run(compiler, check=True)
        file.write_text(cafes)
        self._command = ["setpriv", "--pdeathsig", "KILL", program, str(port), file, str(count),
                         str(PERIOD_SECONDS), str(CONNECTIONS)]
        self._process = None
        self._reader = None
        self._changed = threading.Condition()
        # What it said last, and what it said at the end of stretches that nobody has asked for.
        self._latest = None
        self._stretches = []

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def worked(self):
        """Its CPU time in seconds."""
        return accounts.process_seconds(self._process.pid)

    def fill(self, count, rate):
        """So many more sit down, so many in a second."""
        self._say(f"fill {count} {rate}")

    def keep(self, count, rate):
        """All but so many go, who came first; nobody comes any more."""
        self._say(f"keep {count} {rate}")

    def latest(self):
        """What it tells of the present stretch; None in the first second."""
        if self._process.poll() is not None:
            raise SystemExit("the generator has ended")
        return self._latest

    def next_stretch(self):
        """Begins a stretch, and returns what is to be said of the one before."""
        return self._end_stretch("window")

    def stop(self):
        """Sends nothing more, and waits for what was sent."""
        return self._end_stretch("stop")

    def _end_stretch(self, command):
        self._say(command)
        with self._changed:
            if not self._changed.wait_for(lambda: self._stretches, _PATIENCE_SECONDS):
                raise SystemExit("the generator does not answer")
            return self._stretches.pop(0)

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self):
        for line in self._process.stdout:
            said = json.loads(line)
            said["at"] = time.monotonic()
            with self._changed:
                self._latest = said
                if said["is_over"]:
                    self._stretches.append(said)
                    self._changed.notify_all()
