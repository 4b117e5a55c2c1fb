"""Requests as bytes, and answers out of bytes."""

import json

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


def request(method, path, body=None, headers=()):
    """A whole request; a body is an object that is sent as JSON."""
    text = b"" if body is None else encode(body)
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if text:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    return "\r\n".join(lines).encode() + _END + text


def encode(body):
    """JSON without blanks, as programs send it."""
    return json.dumps(body, separators=(",", ":")).encode()


def answer(received):
    """Status and body, or None while the answer is not whole. It must say its length."""
    head, end, body = received.partition(_END)
    if not end:
        return None
    head = head.lower()
    _, found, rest = head.partition(_LENGTH)
    length = int(rest.partition(b"\r\n")[0]) if found else 0
    return (int(head[9:12]), body) if len(body) >= length else None
