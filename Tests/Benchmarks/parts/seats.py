"""Players at PCs of cafes: launcher sessions and game sessions, made as launchers and games do."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from . import generator, http
from .acts import data

# One for each of the partitions, more or less.
CAFES = 64
GAME = "game"
# G-coin an hour in thousandths: a second's play is some of them.
RATE = 3_000_000
# In thousandths of a G-coin: more than all players spend.
PAYMENT = 1_000_000_000
# Within which every instance sees a new game.
SIGHT_SECONDS = 2
ADMIN_TOKEN = secrets.token_hex(16)

SETTINGS = {
    "PLAYMETER_ADMIN_TOKEN": ADMIN_TOKEN,
    # What was filled in lives until the end.
    "PLAYMETER_SESSION_TTL": "1h",
    "PLAYMETER_LAUNCHER_TTL": "1h",
    # Tokens are made in advance.
    "PLAYMETER_OTT_TTL": "10m",
    # All load comes from one address, for few cafes and one game.
    "PLAYMETER_RATE_LIMIT_PER_ADDRESS": "off",
    "PLAYMETER_RATE_LIMIT_PER_CAFE": "off",
    "PLAYMETER_RATE_LIMIT_PER_KEY": "off",
}


@dataclass
class Seat:
    """A PC with its launcher's token, and the player and game session if there is one."""

    token: str
    user: str
    session: str = ""


class Seats:
    """All seats of a service, and what their launchers and games send."""

    def __init__(self, servers, count, connections=generator.CONNECTIONS):
        """Opens a game and cafes with money, and starts a launcher on so many PCs."""
        self._port = servers.port
        self._connections = connections
        self._key = open_game(servers.management_port)
        cafes = open_cafes(servers.management_port, [_cafe(number) for number in range(CAFES)])
        time.sleep(SIGHT_SECONDS)
        starts = [_start(number, cafes) for number in range(count)]
        self.all = [Seat(data(body)["session_token"], str(1_000_000 + number))
                    for number, body in enumerate(self._closed(starts))]

    def tokens(self, seats):
        """Fresh one-time tokens, one for each of some seats."""
        requests = [self._launcher("POST", "/v1/launcher/ott", seat, {"game_id": GAME})
                    for seat in seats]
        return [data(body)["ott"] for body in self._closed(requests)]

    def verifies(self, seats, tokens):
        """What a game sends for players who come in with these tokens."""
        return [self._game("POST", "verify", {"ott": token, "provider_user_id": seat.user})
                for token, seat in zip(tokens, seats)]

    def play(self, seats):
        """Begins a game session at seats; one that is there is replaced."""
        requests = self.verifies(seats, self.tokens(seats))
        self.note(seats, self._closed(requests))

    @staticmethod
    def note(seats, answers):
        """Takes the sessions from the answers to verifies, each of which must have succeeded."""
        for seat, body in zip(seats, answers):
            said = data(body)
            if not said["is_valid"]:
                raise SystemExit(f"a verify was refused: {said['reason']}")
            seat.session = said["game_session_id"]

    def leave(self, seats):
        """Ends the game sessions of seats."""
        self._closed([
            self._game("DELETE", "end", {"game_session_id": seat.session}) for seat in seats])

    def game_heartbeats(self, seats):
        """One of each seat."""
        return [self._game("PATCH", "heartbeat", {"game_session_id": seat.session,
                                                  "provider_user_id": seat.user})
                for seat in seats]

    def launcher_heartbeats(self, seats):
        """One of each seat."""
        return [self._launcher("PATCH", "/v1/launcher/session/heartbeat", seat)
                for seat in seats]

    def _closed(self, requests):
        """The answers to requests, all of which must succeed."""
        return generator.closed(self._port, requests, self._connections).answers

    def _game(self, method, verb, body):
        path = f"/v1/game/session/{verb}"
        return http.request(method, path, body, [f"X-Api-Key: {self._key}"])

    @staticmethod
    def _launcher(method, path, seat, body=None):
        return http.request(method, path, body, [f"Authorization: Bearer {seat.token}"])


def open_game(port):
    """A game's API key; the port is the operator's."""
    game = {"game_id": GAME, "name": GAME, "rate_mgcoin_per_hour": RATE}
    return data(_administer(port, [("games", game)])[0])["api_key"]


def open_cafes(port, names, payment=PAYMENT):
    """Cafes with so much money each; returns the secrets of their launchers."""
    created = _administer(port, [
        ("cafes", {"cafe_id": name, "name": name, "networks": ["127.0.0.0/8"]})
        for name in names])
    _administer(port, [(f"cafes/{name}/topups", {"amount_mgcoin": payment, "ref": "opening"})
                       for name in names])
    return [bytes.fromhex(data(body)["launcher_secret"]) for body in created]


def _administer(port, bodies):
    head = [f"Authorization: Bearer {ADMIN_TOKEN}"]
    requests = [http.request("POST", f"/v1/admin/{path}", body, head) for path, body in bodies]
    return generator.closed(port, requests).answers


def _cafe(number):
    return f"cafe-{number:02}"


def _start(number, cafes):
    """The start of a launcher, signed with its cafe's secret."""
    path, cafe = "/v1/launcher/session/start", number % CAFES
    body = {"pc_id": f"PC-{number}", "internal_ip": "192.168.0.7"}
    instant, nonce = str(int(time.time())), secrets.token_urlsafe(16)
    digest = hashlib.sha256(http.encode(body)).hexdigest()
    text = "\n".join(["POST", path, instant, nonce, digest])
    signature = hmac.new(cafes[cafe], text.encode(), hashlib.sha256).hexdigest()
    return http.request("POST", path, body, [
        f"X-Cafe-Id: {_cafe(cafe)}", f"X-Timestamp: {instant}", f"X-Nonce: {nonce}",
        f"X-Signature: {signature}"])
