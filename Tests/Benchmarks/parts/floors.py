"""What a request costs at least: nginx that answers a constant, and Redis that only runs a script.

The script's call is the one that the service itself makes, as Redis heard it.
"""

import ast
import itertools
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import accounts, generator, http, load, wrk

# Fewer than a hundred hosts have slots, so that a search finds one each time.
CALLS = 4_000
PIPELINE = 16
# redis-benchmark puts 12 digits in place of this.
RANDOM = "__rand_int__"
START_SECONDS = 10
_END = "the end of the record"
_CONFIGURATION = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location / {{ return 200 '{{}}'; }}
  }}
}}
"""


class Nginx:
    """An nginx of one process that answers every request with `{}`, from `with` to its end."""

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="playmeter-bench-", dir="/dev/shm"))
        self.process = None
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory)

    def worked(self):
        """CPU time in the place of the service's, and none in that of Redis."""
        return [accounts.process_seconds(self.process.pid), 0]

    def measure(self, seconds):
        """What a request to it costs."""
        with wrk.file([http.request("GET", "/")]) as file:
            return load.measure(self, lambda: wrk.run(self.port, file, seconds))

    def _start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        file = self.directory / "nginx.conf"
        file.write_text(_CONFIGURATION.format(directory=self.directory, port=self.port))
        # Debian has it where only root's path leads.
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = ["setpriv", "--pdeathsig", "KILL", program, "-e", self.directory / "error.log",
                   "-p", self.directory, "-c", file]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("nginx did not start")
            time.sleep(0.05)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def recorded(servers, script, request):
    """The words of the call of a script that a request leads to; None if there is no such call."""
    command = ["redis-cli", "-s", str(servers.socket), "monitor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as monitor:
        try:
            monitor.stdout.readline()  # says that it listens
            generator.closed(servers.port, [request])
            servers.redis_cli("echo", _END)
            heard = list(itertools.takewhile(lambda line: _END not in line, monitor.stdout))
        finally:
            monitor.terminate()
    for line in heard:
        # What scripts write need not be text.
        words = [ast.literal_eval(f"b{word}") for word in
                 re.findall(r'"(?:[^"\\]|\\.)*"', line.partition("] ")[2])]
        if words[0].lower() == b"fcall" and words[1].startswith(f"{script}_".encode()):
            return [word.decode() for word in words]
    return None


def script(servers, words, variety):
    """CPU of Redis for a call, in microseconds, as redis-benchmark repeats it."""
    command = [
        "redis-benchmark", "-s", str(servers.socket), "-P", str(PIPELINE), "-n", str(CALLS),
        "-r", str(variety), "-q", *words,
    ]
    return _worked(servers, CALLS, lambda: subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL))


def calls(servers, texts, succeeded):
    """The same for calls that differ, in pipelines as long; in each reply must be a word."""
    def send():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(servers.socket))
            answers = connection.makefile("rb")
            for start in range(0, len(texts), PIPELINE):
                batch = texts[start:start + PIPELINE]
                connection.sendall(b"".join(map(_encoded, batch)))
                for words in batch:
                    reply = _reply(answers)
                    if succeeded not in reply:
                        raise SystemExit(f"Redis answered {reply} to {' '.join(words)}")

    return _worked(servers, len(texts), send)


def _worked(servers, count, send):
    """CPU of Redis while something is sent, in microseconds for each of a count."""
    errors = _errors(servers)
    before = accounts.process_seconds(servers.redis.pid)
    send()
    worked = accounts.process_seconds(servers.redis.pid) - before
    if _errors(servers) != errors:
        raise SystemExit("Redis refused a call of a script")
    return worked * 1e6 / count


def _encoded(words):
    parts = [f"*{len(words)}\r\n".encode()]
    for word in map(str.encode, words):
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(parts)


def _reply(answers):
    """Reads one reply: bytes, or a list of such."""
    line = answers.readline()[:-2]
    if line[:1] == b"*":
        return [_reply(answers) for _ in range(int(line[1:]))]
    if line[:1] == b"$":
        return answers.read(int(line[1:]) + 2)[:-2]
    return line


def _errors(servers):
    return re.search(r"total_error_replies:(\d+)", servers.redis_cli("info", "stats"))[1]
