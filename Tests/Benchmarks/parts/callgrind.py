"""Instructions that a service and its Redis execute, counted by valgrind's callgrind.

An instruction counts the same on a busy machine as on an idle one. What the kernel does for a
process is not counted.
"""

import re
import statistics
import subprocess
import time

NAMES = ("service", "redis")
# Most of what servers do by the clock comes round in this time. The median of some stretches leaves
# out what is rarer.
IDLE_SECONDS = 4
IDLE_STRETCHES = 5


class Callgrind:
    """The tool under which servers run: it counts nothing until it is told to."""

    # Without counting it is about ten times slower, and a start translates the whole program.
    patience = 6

    @staticmethod
    def command(name, directory):
        """What stands before the command of a server."""
        return ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no",
                f"--vgdb-prefix={directory}/vgdb", f"--log-file={directory}/{name}.valgrind",
                f"--callgrind-out-file={directory}/{name}.callgrind"]


class Counts:
    """Counts of servers that run under the tool."""

    def __init__(self, servers):
        """Begins to count, which slows the servers once more."""
        self._servers = servers
        self._tell("instrumentation on")
        stretches = [self._stretch(lambda: time.sleep(IDLE_SECONDS)) for _ in range(IDLE_STRETCHES)]
        # What each executes in a second in which nobody asks for anything.
        self._idle = {name: statistics.median(counted[name] / seconds
                                              for counted, seconds in stretches)
                      for name in NAMES}

    def measure(self, work, count):
        """Instructions for each of so many things that are worked, less what servers do anyway."""
        counted, seconds = self._stretch(work)
        return {name: max(0, round((counted[name] - self._idle[name] * seconds) / count))
                for name in NAMES}

    def _stretch(self, work):
        self._tell("zero")
        start = time.monotonic()
        work()
        seconds = time.monotonic() - start
        return {name: self._dump(name) for name in NAMES}, seconds

    def _dump(self, name):
        """What was counted since the last time."""
        directory = self._servers.directory
        self._tell_one(name, f"dump {name}")
        [file] = directory.glob(f"{name}.callgrind.*")
        text = file.read_text()
        file.unlink()
        return int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])

    def _tell(self, text):
        for name in NAMES:
            self._tell_one(name, text)

    def _tell_one(self, name, text):
        process = getattr(self._servers, name)
        command = ["vgdb", f"--vgdb-prefix={self._servers.directory}/vgdb", f"--pid={process.pid}",
                   *text.split()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"valgrind does not answer:\n{done.stdout}{done.stderr}")
