"""The rude end of HTTP: connections that close, answers that are cut, pages where JSON was promised."""

from __future__ import annotations

import contextlib
import socket

from flask import Response, request

HTML = "<!DOCTYPE html><html><head><title>Something went wrong</title></head><body><h1>Oops</h1></body></html>"


def hang_up() -> Response:
    """Close the connection of this request; the client gets no answer."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)  # nobody reads it


def html(status: int) -> Response:
    """A page for people, as gateways answer."""
    return Response(HTML, status, mimetype="text/html")


def cut(answer: Response) -> Response:
    """*answer* without its second half."""
    body = answer.get_data()
    return Response(body[: len(body) // 2], answer.status_code, mimetype=answer.mimetype)
