"""What every answer carries and no request may exceed: security headers, a size, a pace. There are no cookies."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

MAX_BODY_BYTES = 2 * 1024 * 1024  # of a request whose route says nothing else
SHOPIFY_ADMIN = "https://admin.shopify.com"
METRICS = "/metrics"
FORWARDED = {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"}
UNPACED = ("/webhooks", "/flow/", "/healthz")  # Shopify's bursts are welcome, and a look at our health costs nothing
HERE = "http://127.0.0.1:* http://localhost:*"  # a stand-in may keep its pictures at a port of their own
SHOPIFY_LINES = "https://*.shopify.com https://*.shopifysvc.com"  # App Bridge reports how fast pages are
HSTS = "max-age=31536000"


def nobody() -> str:
    return ""


@dataclass(frozen=True)
class Shield:
    """What the headers depend on.

    Args:
        https: whether people reach us by https, so that a browser may be told never to try http.
        script_url: of App Bridge; what lies in its folder may run beside our own file.
        admin_url: where the shop's admin is, "https://{shop}", or the sandbox.
        asking_shop: the shop that the present answer is for; "" for none.
        pace: address -> seconds to wait; 0 lets the request in.
        proxies: how many proxies stand before us, whose X-Forwarded-For is believed.
        metrics_token: with which /metrics is shown to anybody; without it, only to those who come from inside.
    """

    https: bool = False
    script_url: str = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
    admin_url: str = "https://{shop}"
    asking_shop: Callable[[], str] = field(default=nobody)
    pace: Callable[[str], float] | None = None
    proxies: int = 0
    metrics_token: str = ""

    def put_before(self, app: Flask) -> None:
        """Let every request of *app* pass through here, and every answer."""
        app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
        if self.proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, x_for=self.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
        app.before_request(self._paced)
        app.before_request(self._kept_inside)
        app.after_request(self._marked)

    def _paced(self) -> Response | None:
        """Only addresses of the internet are counted: a private one is a proxy, and stands for everybody."""
        address = request.remote_addr or ""
        if self.pace is None or request.path.startswith(UNPACED) or not _is_public(address):
            return None
        wait_s = self.pace(address)
        if not wait_s:
            return None
        said = {"Retry-After": str(math.ceil(wait_s))}
        return Response("too many requests; please wait\n", status=429, headers=said, mimetype="text/plain")

    def _kept_inside(self) -> Response | None:
        """/metrics names every store: it is for a machine of ours, or for who has the token."""
        if request.path != METRICS or self._has_metrics_token() or _comes_from_inside():
            return None
        return Response("not found\n", status=404, mimetype="text/plain")

    def _has_metrics_token(self) -> bool:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogatepass")
        wanted = f"Bearer {self.metrics_token}".encode()
        return bool(self.metrics_token) and hmac.compare_digest(given, wanted)

    def _marked(self, answer: Response) -> Response:
        headers = answer.headers
        headers.setdefault("Content-Security-Policy", self.policy(self.asking_shop()))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")  # an address may hold a session token
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        headers.setdefault("Cache-Control", "no-store")  # static files say otherwise themselves
        if self.https:
            headers.setdefault("Strict-Transport-Security", HSTS)
        return answer

    def policy(self, shop: str) -> str:
        """The Content-Security-Policy of a page that *shop*'s admin may show in a frame; of "", nobody may."""
        near = self._sandbox()
        rules = {
            "default-src": "'none'",
            "script-src": f"'self' {urljoin(self.script_url, '.')}",
            "style-src": "'self'",
            "font-src": "'self'",
            "img-src": f"'self' data: blob: https: {HERE if near else ''}",
            "connect-src": f"'self' {SHOPIFY_LINES} {near}",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": self._frames(shop),
        }
        return "; ".join(f"{name} {value}".rstrip() for name, value in rules.items())

    def _frames(self, shop: str) -> str:
        if not shop:
            return "'none'"
        return self._sandbox() or f"https://{shop} {SHOPIFY_ADMIN}"

    def _sandbox(self) -> str:
        """The origin of the stand-in for Shopify; "" where it is Shopify."""
        parts = urlsplit(self.admin_url.replace("{shop}", "shop"))
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme == "http" else ""


def _comes_from_inside() -> bool:
    """Straight from a private address; through a proxy it may be anybody."""
    return not _is_public(request.remote_addr or "") and not FORWARDED & {name.lower() for name, _ in request.headers}


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
