"""A Redis and a service of a benchmark's own, and their end."""

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import accounts

ROOT = Path(__file__).resolve().parents[3]
# Longer than a service takes to load its scripts on a machine that builds something else.
START_SECONDS = 20
# The service promises to end within 10.
STOP_SECONDS = 15


class Servers:
    """A redis-server with config/redis.conf and a `playmeter serve` on it, from `with` to its end.

    Nobody else is disturbed: Redis listens on a Unix socket in a directory of its own, the service
    on loopback ports that the kernel chooses.
    """

    def __init__(self, program, settings, redis=(), has_service=True, tool=None):
        """With arguments for Redis that win over its file; without a service on request.

        A tool runs both: `tool.command(name, directory)` is what stands before their commands, and
        `tool.patience` how many times longer all takes with it.
        """
        self.program = program
        self.settings = settings
        self.redis_arguments = redis
        self.has_service = has_service
        self.tool = tool
        self.directory = None
        self.redis = None
        self.service = None
        # Of the public listener and of the operator's.
        self.port = None
        self.management_port = None

    def __enter__(self):
        # On a memory disk: how long another one takes to sync is not ours to measure.
        self.directory = Path(tempfile.mkdtemp(prefix="playmeter-bench-", dir="/dev/shm"))
        try:
            self._start_redis()
            if self.has_service:
                self._start_service()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # The service goes first, so that it can finish what it is doing.
        for process in (self.service, self.redis):
            if process is not None:
                _stop(process)
        shutil.rmtree(self.directory)

    def end_service(self):
        """Ends the service before its Redis, so that what it has left can be looked at."""
        _stop(self.service)
        self.service = None

    def worked(self):
        """CPU time of the service and of Redis, in seconds."""
        return [accounts.process_seconds(process.pid) for process in (self.service, self.redis)]

    def redis_cli(self, *words):
        """What Redis answers to a command."""
        command = ["redis-cli", "-s", str(self.socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def redis_load(self, commands):
        """Has Redis do many commands, a line each."""
        text = "\n".join(commands) + "\n"
        command = ["redis-cli", "-s", str(self.socket)]
        replies = subprocess.run(command, check=True, capture_output=True, text=True, input=text)
        for reply in replies.stdout.splitlines():
            if reply.startswith("ERR") or "error" in reply.lower():
                raise SystemExit(f"redis-server: {reply}")

    @property
    def socket(self):
        """Where Redis listens."""
        return self.directory / "redis.sock"

    def _start_redis(self):
        # A rewrite of the log in the middle of a measurement would be counted with its requests.
        self.redis = self._start(
            "redis",
            ["redis-server", ROOT / "config/redis.conf", "--port", "0", "--unixsocket",
             self.socket, "--dir", self.directory, "--auto-aof-rewrite-percentage", "0",
             *self.redis_arguments],
            os.environ,
        )
        self._wait("redis", self.redis, lambda: self.socket.exists())
        self.redis_cli("ping")

    @property
    def environment(self):
        """What the service and commands run with."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PLAYMETER_")}
        environment |= {
            "PLAYMETER_HTTP_ADDRESS": "127.0.0.1:0",
            "PLAYMETER_MANAGEMENT_ADDRESS": "127.0.0.1:0",
            "PLAYMETER_REDIS_URL": f"unix://{self.socket}",
            "PLAYMETER_MASTER_KEY": secrets.token_hex(32),
            "PLAYMETER_ARCHIVE_DIRECTORY": str(self.directory / "ledger"),
        }
        # A setting of None is left out.
        return {k: v for k, v in (environment | self.settings).items() if v is not None}

    def _start_service(self):
        self.service = self._start("service", [self.program, "serve"], self.environment)
        self._wait("service", self.service, self._listens)

    def _start(self, name, command, environment):
        """Starts a process that the kernel ends with this one."""
        with open(self.directory / f"{name}.log", "wb") as log:
            tool = self.tool.command(name, self.directory) if self.tool else []
            command = ["setpriv", "--pdeathsig", "KILL", *tool, *map(str, command)]
            return subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _listens(self):
        """Whether the service has logged both of its ports."""
        ports = {}
        for line in self._log("service").splitlines():
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("message") == "listening":
                ports[entry["listener"]] = int(entry["port"])
        self.port, self.management_port = ports.get("public"), ports.get("management")
        return len(ports) == 2

    def _log(self, name):
        return (self.directory / f"{name}.log").read_text()

    def _wait(self, name, process, is_ready):
        patience = self.tool.patience if self.tool else 1
        deadline = time.monotonic() + START_SECONDS * patience
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{name} did not start:\n{self._log(name)}")
            time.sleep(0.05)


def _stop(process):
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
