"""Many requests at once over a few connections, for filling a service before it is measured."""

import socket

# As much as the buffers of a loopback connection hold without anybody waiting.
_BATCH = 200
_SUCCESS = b"HTTP/1.1 200 "


def send_all(port, requests):
    """Sends requests in batches, each without waiting for single answers; all must succeed."""
    batch = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for request in requests:
            batch.append(request)
            if len(batch) == _BATCH:
                _exchange(connection, batch)
                batch = []
        _exchange(connection, batch)


def _exchange(connection, batch):
    connection.sendall(b"".join(batch))
    answers = 0
    # What follows the last whole answer; the beginning of a status line may be cut.
    rest = b""
    while answers < len(batch):
        received = connection.recv(1 << 16)
        text = rest + received
        if not received or b"HTTP/1.1 4" in text or b"HTTP/1.1 5" in text:
            raise SystemExit(f"a request was refused:\n{text.decode(errors='replace')}")
        answers += text.count(_SUCCESS)
        rest = text[-(len(_SUCCESS) - 1):]
