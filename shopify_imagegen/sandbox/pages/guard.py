"""Who may use these forms: this machine's own pages. Another site in the same browser may not."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from shopify_imagegen.sandbox.shop.loopback import LOOPBACK_HOSTS

OWN_SITE = {"same-origin", "none"}  # "none": typed or bookmarked by the visitor
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
        "connect-src 'self' http://127.0.0.1:* http://localhost:*; "  # what the app's extensions ask it
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "frame-src http://127.0.0.1:* http://localhost:*"  # the app, embedded
    ),
    "Referrer-Policy": "same-origin",  # "no-referrer" would turn the Origin of our own forms into "null"
    "X-Content-Type-Options": "nosniff",
}


def protect(pages: Blueprint) -> None:
    """Check every request to *pages* and mark every answer."""
    pages.before_request(_refuse_strangers)
    pages.after_request(_mark)


def is_stranger(*, host: str, origin: str | None, site: str | None, changes: bool) -> bool:
    """Whether a request comes from another site, or by a name that is not this machine's (DNS rebinding).

    Args:
        host: the Host header, with its port.
        origin: the Origin header.
        site: the Sec-Fetch-Site header.
        changes: whether the request changes anything; links from anywhere may be followed.

    >>> is_stranger(host="127.0.0.1:8081", origin="http://127.0.0.1:8081", site="same-origin", changes=True)
    False
    >>> is_stranger(host="127.0.0.1:8081", origin="https://shop.example", site=None, changes=True)
    True
    """
    if urlsplit(f"//{host}").hostname not in LOOPBACK_HOSTS:
        return True
    foreign_origin = origin is not None and urlsplit(origin).netloc != host
    foreign_site = site is not None and site not in OWN_SITE
    return changes and (foreign_origin or foreign_site)


def _refuse_strangers() -> Response | None:
    stranger = is_stranger(
        host=request.host,
        origin=request.headers.get("Origin"),
        site=request.headers.get("Sec-Fetch-Site"),
        changes=request.method not in ("GET", "HEAD", "OPTIONS"),
    )
    if stranger:
        return Response("The sandbox takes forms from its own pages only.\n", 403, mimetype="text/plain")
    return None


def _mark(response: Response) -> Response:
    """Pages are asked for every second: a 304 saves the browser the work."""
    response.headers.update(HEADERS)
    if response.status_code == 200 and response.mimetype == "text/html":
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
    return response
