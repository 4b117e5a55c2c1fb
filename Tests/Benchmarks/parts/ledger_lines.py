"""Writes an archive as the service would have: sealed lines, files by month and group, checkpoints.

It is a second implementation of the published form, in a language that shares no code with the
service: `playmeter ledger verify` and `playmeter reconcile` must accept every line of it.
"""

import datetime
import gzip
import hashlib
import json
import struct
import time

PARTITIONS = 64
GROUP = 16
CAFES = 4 * PARTITIONS
PCS = 2
MINUTES = 30
RATE = 36_000
BALANCE = 10**10
# Whatever the count of lines, they are spread over so many days: three months, of which the service
# has compressed two.
DAYS = 75
ZEROS = "0" * 64


def _crc16(text):
    """CRC-16/XMODEM, by which cafes are spread over partitions."""
    crc = 0
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


class _Group:
    """The files of one group of partitions."""

    def __init__(self, directory, name, last_month):
        self.directory = directory
        self.name = name
        self.last_month = last_month
        self.month = None
        self.file = None
        self.begun = set()

    def write(self, at, partition, text):
        """Appends a line; the first one of another month begins a file."""
        month = _month(at)
        if month != self.month:
            self.close()
            self.month = month
            self.begun = set()
            path = f"{self.directory}/{month}-{self.name}.jsonl"
            is_over = month != self.last_month
            self.file = gzip.open(f"{path}.gz", "wt", 6) if is_over else open(path, "w")
        self.begun.add(partition)
        self.file.write(text)

    def close(self):
        """Ends the file that is being written."""
        if self.file is not None:
            self.file.close()


class _Cafe:
    """A cafe whose PCs are always in use."""

    def __init__(self, number, partition):
        self.name = f"bench-{number:04}"
        self.partition = partition
        self.balance = BALANCE
        self.launchers = [f"ls_{_uuid(partition, number * PCS + pc)}" for pc in range(PCS)]


def _uuid(partition, number):
    return f"{partition:04x}0000-0000-8000-8000-{number:012x}"


def _month(at):
    return datetime.datetime.fromtimestamp(at / 1000, datetime.timezone.utc).strftime("%Y-%m")


class Archive:
    """An archive of about so many lines in a directory of its own."""

    def __init__(self, directory, lines):
        self.directory = directory
        self.lines = 0
        self._wanted = lines
        self._hashes = [ZEROS] * (PARTITIONS + 1)
        self._numbers = [0] * (PARTITIONS + 1)
        self._last = {}
        self._sessions = 0
        self._start = int(time.time() - DAYS * 86_400) * 1000
        self._groups = []
        self._cafes = []

    def write(self):
        """Writes all of it."""
        last_month = _month(self._start + DAYS * 86_400_000)
        names = [f"p{first:04}" for first in range(0, PARTITIONS, GROUP)] + ["games"]
        self._groups = [_Group(self.directory, name, last_month) for name in names]
        cafes = self._cafes = self._furnish()
        cycles = max(1, self._wanted // (CAFES * PCS * (MINUTES + 2)))
        pause = max((MINUTES + 1) * 60_000, DAYS * 86_400_000 // cycles)
        for cycle in range(cycles):
            self._play(cafes, self._start + 60_000 + cycle * pause)
        for index, group in enumerate(self._groups):
            group.close()
            self._write_checkpoint(index, group)

    def redis_commands(self):
        """What `ledger restore` would leave in Redis, as far as reconciling looks at it: every
        session has ended."""
        for cafe in self._cafes:
            base = f"pm:{{p{cafe.partition}}}:"
            yield (f"HSET {base}cafe:{cafe.name} name Bench networks 203.0.113.0/24 "
                   "generation 1 salt 00 master 00")
            yield f'SET {base}account:{cafe.name} "{cafe.balance} 0 0 0 active"'
            yield f"SADD {base}cafes {cafe.name}"
            yield f'HSET {base}refs:{cafe.name} first "topup {BALANCE}"'
        for partition, (body, _) in self._last.items():
            tag = "games" if partition == PARTITIONS else f"p{partition}"
            line = json.loads(body + "}")
            name, at = line.pop("id"), line["at"]
            del line["partition"]
            fields = " ".join(f'{key} "{value}"' for key, value in line.items())
            yield f"XADD pm:{{{tag}}}:ledger {name} {fields}"
            clock = struct.pack("<ddd", at, line["seq"], 0)
            yield f'SET pm:{{{tag}}}:clock "{"".join(f"\\x{byte:02x}" for byte in clock)}"'

    def _furnish(self):
        """A game, and cafes with money."""
        at = self._start
        self._add(PARTITIONS, at, '"kind":"game_created","game_id":"bench","name":"Bench",'
                  f'"rate_mgcoin_per_hour":{RATE},"enabled":"1","api_keys":""')
        cafes = []
        number = 0
        while len(cafes) < CAFES:
            partition = _crc16(f"bench-{number:04}") % PARTITIONS
            cafe = _Cafe(number, partition)
            cafes.append(cafe)
            number += 1
            self._add(partition, at, f'"kind":"cafe_created","cafe_id":"{cafe.name}",'
                      '"balance_mgcoin":0,"name":"Bench","networks":"203.0.113.0/24",'
                      '"status":"active","secret_generation":1,"secret_salt":"00",'
                      '"secret_master_key":"00"')
            self._add(partition, at, f'"kind":"topup","cafe_id":"{cafe.name}",'
                      f'"amount_mgcoin":{BALANCE},"balance_mgcoin":{BALANCE},"ref":"first"')
        return sorted(cafes, key=lambda cafe: cafe.partition)

    def _play(self, cafes, start):
        """A session on each PC, half an hour long and debited every minute."""
        plays = []
        for cafe in cafes:
            for pc in range(PCS):
                self._sessions += 1
                members = (f'"cafe_id":"{cafe.name}","pc_id":"PC-{pc}","game_id":"bench",'
                           f'"game_session_id":"gs_{_uuid(cafe.partition, self._sessions)}",')
                plays.append((cafe, members))
                self._add(cafe.partition, start, f'"kind":"start",{members}"session_seq":1,'
                          '"billed_sec":0,"provider_user_id":"1001","external_ip":"203.0.113.7",'
                          f'"launcher_session_id":"{cafe.launchers[pc]}",'
                          f'"rate_mgcoin_per_hour":{RATE}')
        cost = RATE // 60
        for minute in range(1, MINUTES + 1):
            at = start + minute * 60_000
            for cafe, members in plays:
                cafe.balance -= cost
                self._add(cafe.partition, at, f'"kind":"debit",{members}'
                          f'"session_seq":{minute + 1},"amount_mgcoin":-{cost},'
                          f'"balance_mgcoin":{cafe.balance},'
                          f'"billed_sec":{minute * 60}')
        seconds = MINUTES * 60
        for cafe, members in plays:
            self._add(cafe.partition, at, f'"kind":"end",{members}"session_seq":{MINUTES + 2},'
                      f'"billed_sec":{seconds},"reason":"normal","ended_at":{at},'
                      f'"first_heartbeat_at":{start},"last_heartbeat_at":{at},'
                      f'"play_duration_sec":{seconds},"billable_sec":{seconds},'
                      '"unbilled_grace_sec":0,"held_sec":0')

    def _add(self, partition, at, members):
        number = self._numbers[partition] + 1
        before = self._hashes[partition]
        body = f'{{"partition":{partition},"seq":{number},"id":"{at}-{number}","at":{at},{members}'
        digest = hashlib.sha256(f"{before}\n{body}}}".encode()).hexdigest()
        self._numbers[partition] = number
        self._hashes[partition] = digest
        self._last[partition] = (body, digest)
        self.lines += 1
        group = self._groups[partition // GROUP]
        is_anchored = number > 1 and (partition not in group.begun or group.month != _month(at))
        anchor = f',"prev_hash":"{before}"' if is_anchored else ""
        group.write(at, partition, f'{body}{anchor},"hash":"{digest}"}}\n')

    def _write_checkpoint(self, index, group):
        """The service writes one every minute, so that it need not read everything at a start."""
        path = f"{self.directory}/{group.month}-{group.name}.jsonl"
        ours = [number for number in self._last if number // GROUP == index]
        last = [f'{body},"hash":"{digest}"}}' for body, digest in map(self._last.get, ours)]
        try:
            size = _size(path)
        except FileNotFoundError:
            # The games' only line stands in a month that is over.
            return
        with open(f"{self.directory}/{group.name}.checkpoint", "w") as file:
            json.dump({"month": group.month, "bytes": size, "begun": sorted(group.begun),
                       "last_lines": last}, file)


def _size(path):
    """Bytes of a file."""
    with open(path, "rb") as file:
        return file.seek(0, 2)
