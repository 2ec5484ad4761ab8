"""What went wrong, as JSON: `{"error": words, "code": one word, "fields": {name: words}}` and a status."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import RequestEntityTooLarge

from shopify_imagegen.errors import (
    ConfigError,
    Conflict,
    ImagegenError,
    NeedsAttention,
    NoAnswer,
    NotFound,
    Rejected,
    Temporary,
)

RETRY_AFTER_S = 10

STATUSES: tuple[tuple[type[ImagegenError], int, str], ...] = (
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (Rejected, 422, "invalid"),
    (NeedsAttention, 409, "paused"),
    (ConfigError, 409, "settings"),
    (Temporary, 503, "later"),
    (NoAnswer, 503, "later"),
)


class Refused(Exception):
    """The request itself is wrong. 400: it cannot be read; 422: it can, and the named fields are not acceptable."""

    def __init__(self, words: str, *, status: int = 422, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.fields = dict(fields or {})


def explain(blueprint: Blueprint) -> None:
    """Answer our errors, raised anywhere behind *blueprint*, so that a program and a person can act on them."""
    blueprint.register_error_handler(Refused, lambda error: said(str(error), error.status, "invalid", error.fields))
    blueprint.register_error_handler(RequestEntityTooLarge, lambda _: said("the body is too long", 413, "invalid"))
    for kind, status, code in STATUSES:
        blueprint.register_error_handler(kind, _answering(status, code))


def said(words: str, status: int, code: str, fields: Mapping[str, str] | None = None) -> Response:
    answer = jsonify(error=words, code=code, fields=dict(fields or {}))
    answer.status_code = status
    if code == "later":
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _answering(status: int, code: str) -> Callable[[Exception], Response]:
    return lambda error: said(str(error), status, code)
