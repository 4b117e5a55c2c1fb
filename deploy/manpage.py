#!/usr/bin/env python3
"""Writes playmeter(1) from what the program itself says of its commands.

    playmeter --experimental-dump-help | manpage.py VERSION > playmeter.1
"""

import json
import sys

# What stands beside the commands. Each section is in man(7).
SECTIONS = r"""
.SH FILES
.TP
.I /etc/playmeter/playmeter.env
Settings of the service, each explained there; commands read it with
.BR \-\-env\-file .
.TP
.I /etc/playmeter/secrets
One file for each secret, named as its setting without PLAYMETER_, readable for root alone.
.TP
.I /etc/playmeter/redis.conf
Settings of Redis for money, to be included by
.IR /etc/redis/redis.conf .
.TP
.I /var/lib/playmeter
The archive of the ledger.
.TP
.I playmeter.socket
A unit of systemd, off at first, that keeps the public port open while the service restarts.
.SH ENVIRONMENT
Besides the settings:
.TP
.BR LISTEN_FDS ", " LISTEN_PID ", " LISTEN_FDNAMES
Sockets that the supervisor passes, as in
.BR sd_listen_fds (3);
the names are
.I public
and
.IR management .
A listener uses the one of its name instead of its address.
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Where and how often the supervisor is told of the service, as in
.BR sd_notify (3).
.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
The service finishes requests and the running batch, accepts no more connections, and ends within
10 seconds. A second signal ends it at once; no money is lost.
.SH EXIT STATUS
0 done, 1 refused or failed, 2 wrong usage.
.SH EXAMPLES
.nf
playmeter check \-\-env\-file /etc/playmeter/playmeter.env
playmeter cafe topup \-\-id north \-\-amount 500 \-\-ref invoice\-1 \-\-env\-file playmeter.env
playmeter ledger export | playmeter ledger verify \-
.fi
.SH SEE ALSO
.BR redis\-server (1),
.BR systemctl (1)
"""


def escaped(text):
    """Text that roff takes as it stands."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def usage(argument):
    """An argument as it is written on a command line."""
    value = "<" + argument.get("valueName", "") + ">"
    if argument["kind"] == "positional":
        return value
    names = [("--" if n["kind"] == "long" else "-") + n["name"] for n in argument.get("names", [])]
    return ", ".join(names) + (" " + value if argument["kind"] == "option" else "")


def describe(command, names):
    """A command's name, what it does, and its arguments; then those of its subcommands."""
    path = names + [command["commandName"]]
    commands = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    if not commands:
        yield ".SS " + escaped(" ".join(path[1:]))
        for part in (command.get("abstract"), command.get("discussion")):
            if part:
                # Examples are indented; they stand as they are.
                for paragraph in part.split("\n\n"):
                    is_example = paragraph.startswith("  ")
                    yield ".PP"
                    if is_example:
                        yield ".nf"
                    yield escaped(paragraph)
                    if is_example:
                        yield ".fi"
        for argument in command.get("arguments", []):
            if argument.get("shouldDisplay", True) and usage(argument) != "-h, --help":
                yield ".TP"
                yield ".B " + escaped(usage(argument))
                default = argument.get("defaultValue")
                text = argument.get("abstract", "") + (f" (default: {default})" if default else "")
                yield escaped(text or "See above.")
    for subcommand in commands:
        yield from describe(subcommand, path)


def main():
    version = sys.argv[1]
    root = json.load(sys.stdin)["command"]
    print(f'.TH PLAYMETER 1 "" "playmeter {escaped(version)}" "User Commands"')
    print(".SH NAME\nplaymeter \\- metering for paid play in PC cafes")
    print(".SH SYNOPSIS\n.B playmeter\n.I command\n.RI [ arguments ]")
    print(".SH DESCRIPTION\n" + escaped(root["abstract"]))
    print(".PP\n" + escaped(root.get("discussion", "")))
    print(".SH COMMANDS")
    print("\n".join(describe(root, [])))
    print(SECTIONS.strip())


main()
