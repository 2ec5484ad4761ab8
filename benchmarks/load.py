"""Knock at a door over several connections: raw sockets and ready-made requests, so that little else is measured."""

import base64
import hashlib
import hmac
import itertools
import json
import socket
import threading
import time
from pathlib import Path

SECRET = "benchmark-secret"
BODY = (Path(__file__).parents[1] / "tests/webhooks/samples/products_update.json").read_bytes()
SHOP = "nice-lamps.myshopify.com"


def deliveries():
    """Signed requests without end, each a delivery of its own."""
    for number in itertools.count():
        body = json.dumps(json.loads(BODY) | {"id": number}).encode()
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        head = {
            "Host": "localhost",
            "Content-Type": "application/json",
            "Content-Length": len(body),
            "X-Shopify-Topic": "products/update",
            "X-Shopify-Shop-Domain": SHOP,
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": f"benchmark-{time.time_ns()}-{number}",
            "X-Shopify-Triggered-At": "2026-11-22T15:00:02.123456789Z",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        yield f"POST /webhooks HTTP/1.1\r\n{lines}\r\n".encode() + body


def knock(port, requests, *, seconds, connections):
    """Send *requests* for some time, or until there are no more.

    Returns:
        Answers a second, and the time to each answer in seconds.
    """
    times, failed = [], []
    began = time.monotonic()
    turn = threading.Lock()

    def visit():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
                while time.monotonic() < began + seconds and (request := after(requests, turn)):
                    times.append(answered(wire, request))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=visit) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return len(times) / (time.monotonic() - began), times


def after(requests, turn):
    with turn:
        return next(requests, None)


def answered(wire, request):
    """How long the answer took. Raises: AssertionError, when it is no 200."""
    began = time.perf_counter()
    wire.sendall(request)
    _read_answer(wire)
    return time.perf_counter() - began


def _read_answer(wire):
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += wire.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), answer
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += wire.recv(65_536)
