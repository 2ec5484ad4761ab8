"""What every page has around it: who asks, in which language, the ways to the others, what the last form did."""

from __future__ import annotations

import hashlib
import logging
import uuid
from functools import cache
from importlib import resources
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from shopify_imagegen import hurry
from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.language import Words, best, words
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.needs import needs_now
from shopify_imagegen.errors import Conflict, ImagegenError, NotFound, Rejected
from shopify_imagegen.models import Arrival, Intent
from shopify_imagegen.wiring import House

logger = logging.getLogger(__name__)

PLACES = ("home", "products", "review", "attention", "backfills", "style", "settings", "activity")
STATUSES = ((NotFound, 404), (Conflict, 409), (Rejected, 422))
FOR_EVER = "public, max-age=31536000, immutable"  # its address changes with its bytes: see `version`
WAITS_AT_MOST_S = 0.4  # for the store, before a page is shown without what it says
SAID_AT_MOST = 200  # characters of a name in what is said


def t(key: str, *, count: int | None = None, **values: object) -> str:
    """A sentence in the language of this request."""
    found: Words = g.words
    return found(key, count=count, **values)


def why(reason: str) -> str:
    """A recorded reason, or an error's words, in the language of this request."""
    found: Words = g.words
    return found.why(reason)


def by() -> str:
    """Who decides, for the record."""
    return f"admin:{session().user_id}"


def ask(house: House, intent: Intent, *, once: str) -> str:
    """Hand a wish to the worker; the same *once* is the same wish. Returns its id."""
    arrival = Arrival(id=wish_id(once), source="admin", topic="", shop=session().shop, intent=intent)
    house.inbox.record(arrival)
    return arrival.id


def wish_id(once: str) -> str:
    """That a wish of this store is recorded and followed under."""
    return f"admin:{session().shop}:{once}"


def once() -> str:
    """What the form was given when it was shown: pressing its button twice is one wish."""
    return request.form.get("once", "")[:64] or uuid.uuid4().hex


def go(endpoint: str, said: str = "", *, count: int | None = None, **values: Any) -> AnyResponse:
    """Answer a form: see that page, which says what happened."""
    return redirect(url_for(f"admin.{endpoint}", said=said or None, said_count=count, **values), 303)


def frame(pages: Blueprint, house: House) -> None:
    """Put it around each page of *pages*."""

    @pages.before_request
    def speak() -> None:
        asked = request.args.get("locale") or request.headers.get("Accept-Language", "")
        g.words = words(best(asked))

    @pages.context_processor
    def around() -> dict[str, Any]:
        found: Words = g.words
        return {
            "t": found,
            "show": show,
            "places": PLACES,
            "needs": needs_now(house) if "session" in g else None,
            "once": uuid.uuid4().hex,
            "said": _said(found),
            "version": version,
        }

    @pages.after_request
    def private(response: Response) -> Response:
        is_file = (request.endpoint or "").endswith(".static")
        response.headers["Cache-Control"] = FOR_EVER if is_file else "no-store"
        return response

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(error: RequestEntityTooLarge) -> tuple[str, int]:
        return render_template("admin/not_done.html", reason=t("style.image_too_large"), status=413), 413

    @pages.errorhandler(ImagegenError)
    def not_done(error: ImagegenError) -> tuple[str, int]:
        status = next((status for kind, status in STATUSES if isinstance(error, kind)), 503)
        logger.warning("a page could not do it: %s", error, extra={"action": "not_done", "path": request.path})
        return render_template("admin/not_done.html", reason=str(error), status=status), status


def hurry_up(pages: Blueprint) -> None:
    """Show each page soon, whatever the store's throttle says: with gaps rather than late."""

    @pages.before_request
    def begin() -> None:
        if request.method in ("GET", "HEAD"):
            hurry.within(WAITS_AT_MOST_S)

    @pages.teardown_request
    def end(error: BaseException | None) -> None:
        hurry.over()


def _said(found: Words) -> str:
    """What the last form did, from the address. Only what the catalogue knows is said."""
    key = f"said.{request.args.get('said', '')}"
    name = request.args.get("said_name", "")[:SAID_AT_MOST]
    count = request.args.get("said_count", type=int)
    return found(key, count=count, name=name) if key in found.texts else ""


@cache
def version(file: str) -> str:
    """Of a static file, from its bytes: a new one has a new address, so that browsers may keep the old one."""
    return hashlib.sha256((resources.files("shopify_imagegen.admin") / "static" / file).read_bytes()).hexdigest()[:12]
