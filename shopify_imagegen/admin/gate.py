"""Who may come in: each request to the embedded app carries a session token, and sees that one shop only.

    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static")
    gate.guard(pages)  # every route of it, the static files aside

    @pages.get("/jobs")
    def jobs() -> str:
        return render_template("admin/jobs.html", jobs=house.jobs.recent(shop=session().shop, limit=50))

`session()` says who asks. What an id in a path names is looked up within `session().shop`; another shop's is not found.
The token comes as `Authorization: Bearer …` (App Bridge adds it to each fetch of ours), or as `?id_token=…`, with which
Shopify loads the page. There are no cookies. Without a good token, a document is sent to the page where App Bridge gets
a fresh one, and a fetch is answered 401 with the header on which App Bridge tries it once more.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shopify_imagegen.errors import ImagegenError, NeedsAttention, NoAnswer, NotSignedIn, RateLimited, Temporary
from shopify_imagegen.models import Session
from shopify_imagegen.ports import Sessions

logger = logging.getLogger(__name__)

SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")
RETRY = {"X-Shopify-Retry-Invalid-Session-Request": "1"}
RETRY_AFTER_S = 10
BOUNCED = "bounced"  #: marks an address that came back from the bounce page: it goes there once only
KEPT = ("shop", "host", "embedded", "locale")  # what App Bridge reads from the address

Pace = Callable[[str], float]  #: shop -> seconds to wait; 0 lets it in
Admit = Callable[[Session, str], None]
"""Given a session and its token: see that the shop is connected. Raises NeedsAttention, Temporary, NoAnswer."""


class Gate:
    """Guards blueprints, and has one of its own for the page that gets a fresh token.

    Args:
        client_id: of our app; App Bridge needs it in each page.
        app_bridge_url: of Shopify's script.
        public_url: where Shopify reaches this app; "" takes the address of the request.
        pace: how often a shop may ask us to do something; its looks are not counted.
    """

    def __init__(
        self,
        *,
        sessions: Sessions,
        admit: Admit,
        client_id: str,
        app_bridge_url: str,
        public_url: str = "",
        pace: Pace | None = None,
    ) -> None:
        self._sessions = sessions
        self._admit = admit
        self._around = {"client_id": client_id, "app_bridge_url": app_bridge_url}
        self._public_url = public_url
        self._pace = pace
        self.blueprint = Blueprint("gate", __name__, template_folder="templates")
        self.blueprint.get("/session-token", endpoint="fresh")(self._fresh)
        self.blueprint.context_processor(lambda: dict(self._around))

    def guard(self, blueprint: Blueprint) -> None:
        """Let only signed-in requests to its routes; gives its templates `client_id` and `app_bridge_url`."""
        blueprint.before_request(self._check)
        blueprint.context_processor(lambda: dict(self._around))

    def _check(self) -> AnyResponse | tuple[str, int] | None:
        if request.method == "OPTIONS" or (request.endpoint or "").endswith(".static"):
            return None  # neither shows or changes anything of a shop
        try:
            token = _token()
            found = self._sessions.read(token)
            self._keep_pace(found.shop)
            self._admit(found, token)
        except NotSignedIn as error:
            return self._unknown(error)
        except (Temporary, NoAnswer, NeedsAttention) as error:
            return _not_now(error)
        g.session = found
        return None

    def _keep_pace(self, shop: str) -> None:
        """Raises: RateLimited."""
        wait_s = self._pace(shop) if self._pace and request.method not in ("GET", "HEAD") else 0
        if wait_s:
            raise RateLimited("too much at once; please wait a moment", retry_after_s=wait_s)

    def _unknown(self, error: NotSignedIn) -> AnyResponse | tuple[str, int]:
        fields = {"action": "not_signed_in", "path": request.path}
        logger.info("a request is turned away: %s", error, extra=fields)
        if not _is_document():
            return _json_words("the session token is missing, over or not for this app", 401, RETRY)
        if _is_embedded() and BOUNCED not in request.args:
            query = urlencode(_kept() | {"shopify-reload": self._own_address()})
            return redirect(f"{url_for('gate.fresh')}?{query}")
        return render_template("admin/not_signed_in.html"), 401

    def _fresh(self) -> tuple[str, int]:
        """App Bridge reads `shopify-reload` from this page's address and goes there with a fresh token."""
        target = request.args.get("shopify-reload", "")
        if not target.startswith(self._base() + "/"):  # the token must not be carried to anyone else
            return render_template("admin/not_signed_in.html"), 400
        return render_template("admin/fresh_token.html"), 200

    def _own_address(self) -> str:
        kept = [(key, value) for key, value in request.args.items(multi=True) if key not in ("id_token", BOUNCED)]
        return f"{self._base()}{request.path}?{urlencode([*kept, (BOUNCED, '1')])}"

    def _base(self) -> str:
        return self._public_url or request.url_root.rstrip("/")


def session() -> Session:
    """Who asks; only behind the gate."""
    found: Session = g.session
    return found


def asking_shop() -> str:
    """The shop that this answer is for: the session's, else the one that the address claims, else "".

    For headers such as frame-ancestors, which must name a shop even where a token is refused. Proves nothing.
    """
    if "session" in g:
        return session().shop
    claimed = request.args.get("shop", "")
    return claimed if SHOP.fullmatch(claimed) else ""


def _token() -> str:
    """Raises: NotSignedIn."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = value.strip() if kind.lower() == "bearer" else request.args.get("id_token", "")
    if not token:
        raise NotSignedIn("there is no session token")
    return token


def _is_document() -> bool:
    """Whether a browser loads a page, rather than a script asking for data."""
    if request.method not in ("GET", "HEAD") or "Authorization" in request.headers:
        return False
    loaded_as = request.headers.get("Sec-Fetch-Dest")
    return loaded_as in ("document", "iframe") if loaded_as else request.accept_mimetypes.accept_html


def _is_embedded() -> bool:
    """Whether the page is loaded within Shopify's admin, where App Bridge can get a token."""
    framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
    return framed or request.args.get("embedded") == "1" or bool(request.args.get("host"))


def _kept() -> dict[str, str]:
    return {key: request.args[key] for key in KEPT if key in request.args}


def _not_now(error: ImagegenError) -> AnyResponse | tuple[str, int]:
    """The token is good, and the shop cannot be served."""
    status = 429 if isinstance(error, RateLimited) else 403 if isinstance(error, NeedsAttention) else 503
    logger.warning("a signed-in request is turned away: %s", error, extra={"action": "not_served"})
    if _is_document():
        return render_template("admin/not_served.html", reason=str(error), later=status != 403), status
    return _json_words(str(error), status, {} if status == 403 else {"Retry-After": str(_wait_s(error))})


def _wait_s(error: ImagegenError) -> int:
    asked = error.retry_after_s if isinstance(error, RateLimited) else None
    return math.ceil(asked) if asked else RETRY_AFTER_S


def _json_words(words: str, status: int, headers: dict[str, str]) -> Response:
    answer = jsonify(error=words)
    answer.status_code = status
    answer.headers.update(headers)
    return answer
