"""Which other origins may call: Shopify runs admin extensions on one of its own, and nobody else needs to."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, Response, request

ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "600",
}
EXPOSED = {"Access-Control-Expose-Headers": "Retry-After, X-Shopify-Retry-Invalid-Session-Request"}


def allow(blueprint: Blueprint, origins: Collection[str]) -> None:
    """Answer preflights, and let the pages of *origins* read the answers.

    Args:
        origins: "https://extensions.shopifycdn.com"; compared whole. No cookies are involved, so none are allowed.
    """

    def preflight() -> Response | None:
        return Response(status=204) if request.method == "OPTIONS" else None

    def mark(answer: Response) -> Response:
        answer.vary.add("Origin")
        answer.headers.setdefault("Cache-Control", "no-store")
        origin = request.headers.get("Origin", "")
        if origin in origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers.update(ALLOWED if request.method == "OPTIONS" else EXPOSED)
        return answer

    blueprint.before_request(preflight)
    blueprint.after_request(mark)
