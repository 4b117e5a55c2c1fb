"""Gives schemathesis what it cannot draw: the credentials of each kind of caller, and names of what
is there. A launcher's credentials are no fixed header: its start is signed over the body, and what
follows shows the token of a session that lives.

The test that starts schemathesis hands over as PLAYMETER_TEST_… what it has made for this.
"""

import collections
import functools
import hashlib
import hmac
import itertools
import os
import secrets
import time
from urllib.parse import urlsplit

import requests
import schemathesis
from requests.auth import AuthBase

START = "/v1/launcher/session/start"
OTT = "/v1/launcher/ott"
END = "/v1/launcher/session/end"
VERIFY = "/v1/game/session/verify"


def given(name):
    """What the test handed over."""
    return os.environ[f"PLAYMETER_TEST_{name}"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# Credentials


class Signature(AuthBase):
    """Signs a launcher's start as it is sent."""

    def __call__(self, request):
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        timestamp = str(int(time.time()))
        nonce = secrets.token_hex(16)
        digest = hashlib.sha256(body).hexdigest()
        lines = [request.method, urlsplit(request.url).path, timestamp, nonce, digest]
        key = bytes.fromhex(given("LAUNCHER_SECRET"))
        request.headers["X-Cafe-Id"] = given("CAFE")
        request.headers["X-Timestamp"] = timestamp
        request.headers["X-Nonce"] = nonce
        request.headers["X-Signature"] = hmac.new(
            key, "\n".join(lines).encode(), hashlib.sha256
        ).hexdigest()
        return request


schemathesis.auth.set_from_requests(Signature()).apply_to(path=START)


class Bearer:
    """Shows a token as the scheme of that name does."""

    def set(self, case, token, context):
        case.headers.update(bearer(token))


@schemathesis.auth().apply_to(path_regex="^/v1/launcher/(ott|session/heartbeat)$")
class Launcher(Bearer):
    """The launcher of one PC, whose session lives as long as the run."""

    def get(self, case, context):
        return token_of("PC-that-stays")


@schemathesis.auth(refresh_interval=None).apply_to(path=END)
class LeavingLauncher(Bearer):
    """A launcher that starts anew for each end."""

    def get(self, case, context):
        return token_of("PC-that-leaves")


@schemathesis.auth().apply_to(tag="Game server")
class GameServer:
    """The server of a game."""

    def get(self, case, context):
        return given("API_KEY")

    def set(self, case, key, context):
        case.headers["X-Api-Key"] = key


# With the secret the list of hosts shows more.
@schemathesis.auth().apply_to(tag="Host").apply_to(path="/api/hosts")
class Host(Bearer):
    """A gaming PC."""

    def get(self, case, context):
        return given("HOST_SECRET")


@schemathesis.auth().apply_to(tag="Operator")
class Operator(Bearer):
    """Whoever runs the service."""

    def get(self, case, context):
        return given("ADMIN_TOKEN")


# Things that are there


def answer_to(path, body, **more):
    """What the service answers to a right call."""
    answer = requests.post(given("URL") + path, json=body, timeout=10, **more)
    answer.raise_for_status()
    return answer.json()


def token_of(pc):
    """The session token of a launcher that starts on a PC, where it ends the one before."""
    body = {"pc_id": pc, "internal_ip": "192.168.0.7"}
    return answer_to(START, body, auth=Signature())["data"]["session_token"]


@functools.cache
def player():
    """The launcher of a PC on which one session after the other is played."""
    return bearer(token_of("PC-of-a-player"))


def one_time_token():
    return answer_to(OTT, {"game_id": given("GAME")}, headers=player())["data"]["ott"]


def session_of(user):
    body = {"ott": one_time_token(), "provider_user_id": user}
    answer = answer_to(VERIFY, body, headers={"X-Api-Key": given("API_KEY")})
    return answer["data"]["game_session_id"]


def idle_host():
    """A host that was just heard of; in a new room, so whatever was said of it before is over."""
    host = {"hostId": "host-that-is-there", "roomId": secrets.token_hex(8)}
    answer_to("/api/host/heartbeat", host, headers=bearer(given("HOST_SECRET")))
    return host["hostId"]


def reservation():
    return answer_to("/api/match/find", {"hostId": idle_host()})["reservationId"]


turns = collections.defaultdict(lambda: itertools.cycle((True, False)))
references = (f"invoice-{number}" for number in itertools.count(1))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets every other right request to an operation name what is there: nobody draws that."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    if not next(turns[case.operation.label]):
        return
    body = case.body if isinstance(case.body, dict) else {}
    if "ott" in body:
        body["ott"] = one_time_token()
    if "game_session_id" in body:
        user = body.get("provider_user_id", "1001")
        body["game_session_id"] = session_of(user)
    if case.operation.path == "/api/host/status":
        body["hostId"] = idle_host()
    if case.operation.path == "/api/host/{hostId}":
        case.path_parameters["hostId"] = idle_host()
    if "reservationId" in case.path_parameters:
        case.path_parameters["reservationId"] = reservation()
    if "sessionId" in case.path_parameters:
        case.path_parameters["sessionId"] = given("SESSION")
    if "ref" in body:
        # One that nothing was booked under yet.
        body["ref"] = next(references)
