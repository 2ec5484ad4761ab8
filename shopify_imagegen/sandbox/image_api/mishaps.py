"""What goes wrong on wish: each fault of the `images.` family, before the money moves or after it."""

from __future__ import annotations

import socket
import time
from typing import Protocol

from flask import Response, request

from .errors import Refused
from .limits import rate_limited

GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
HANG_S = 330.0
SLOW_S = 5.0


class Faults(Protocol):
    """Takes one fault off a list; None if it is not set."""

    def take(self, name: str, **about: object) -> dict[str, object] | None: ...


class About:
    """The faults that concern one order."""

    def __init__(self, faults: Faults, prompt: object) -> None:
        self._faults = faults
        self._prompt = prompt

    def take(self, name: str) -> dict[str, object] | None:
        return self._faults.take(name, prompt=self._prompt)


def before_billing(faults: About) -> Response | None:
    """Faults that cost nothing.

    Raises:
        Refused: in the vendor's own error body.
    """
    if (slow := faults.take("images.slow")) is not None:
        time.sleep(_number(slow, "seconds", SLOW_S))
    if faults.take("images.reset_before") is not None:
        return dropped()
    if (limited := faults.take("images.429")) is not None:
        raise rate_limited(_number(limited, "retry_after_s", 1.0))
    for name, refusal in REFUSALS.items():
        if faults.take(name) is not None:
            raise Refused(*refusal)
    return None


REFUSALS = {
    "images.500_own": (500, "internal_error", "Something went wrong. You were not charged."),
    "images.moderation": (400, "moderation_blocked", "Your request was rejected by the safety system."),
    "images.400": (400, "invalid_request", "The request is invalid."),
    "images.401": (401, "unauthorized", "Invalid API key."),
    "images.402": (402, "insufficient_balance", "Insufficient balance. Add credits to continue."),
}


def after_billing(faults: About) -> Response | None:
    """Faults that come when the money is gone: the answer is lost, late or unreadable."""
    if (hang := faults.take("images.hang")) is not None:
        time.sleep(_number(hang, "seconds", HANG_S))
    if faults.take("images.reset_after_billing") is not None:
        return dropped()
    if faults.take("images.502_gateway") is not None:
        return Response(GATEWAY_PAGE, 502, mimetype="text/html")
    if faults.take("images.html") is not None:
        return Response("<html><body>We will be right back.</body></html>", 200, mimetype="text/html")
    if faults.take("images.bad_json") is not None:
        return Response('{"id": "req-0", "data": [{"url": "htt', 200, mimetype="application/json")
    return None


def dropped() -> Response:
    """Cut the connection: the caller gets no status, no body, nothing."""
    line = request.environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)  # closing is werkzeug's; it takes a broken pipe for a caller who left
    return Response(status=502)


def life_s(faults: About, usual_s: float) -> float:
    """How long the download address lives."""
    soon_over = faults.take("images.expired")
    return usual_s if soon_over is None else _number(soon_over, "seconds", 0.0)


def _number(params: dict[str, object], name: str, default: float) -> float:
    value = params.get(name, default)
    return float(value) if isinstance(value, int | float | str) else default
