"""A valid access token for each shop: as stored, or asked for anew before it ends, by one thread at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from datetime import datetime, timedelta

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError

from shopify_imagegen.adapters.http import USUAL, check, our_errors, patience
from shopify_imagegen.errors import BadCredentials, NoAnswer, ShopClosed, Temporary, Unavailable
from shopify_imagegen.models import Shop
from shopify_imagegen.ports import Clock, Shops, Sleep

logger = logging.getLogger(__name__)

EARLY = timedelta(minutes=5)
WRONG_CLIENT = "check shopify.client_id and shopify.client_secret, and that the app is installed on this shop"
STATUSES = {**USUAL, 400: BadCredentials, 403: BadCredentials, 402: ShopClosed, 404: ShopClosed, 423: ShopClosed}


class Grant(BaseModel):
    """Shopify's answer to a client credentials request."""

    access_token: str = Field(min_length=1, repr=False)
    scope: str = ""
    expires_in: float = Field(gt=0)  #: seconds; these tokens always end, so an answer without it is not understood


class TokenSource:
    """Hands out tokens, and renews those that can be renewed.

    Args:
        client: for the token endpoint only.
        base_url: "https://{shop}", or the sandbox's.
    """

    def __init__(
        self,
        shops: Shops,
        client: httpx.Client,
        *,
        base_url: str,
        client_id: str,
        client_secret: SecretStr,
        timeout_s: float,
        clock: Clock,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._shops = shops
        self._client = client
        self._base_url = base_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._timeout = httpx.Timeout(timeout_s, connect=min(5.0, timeout_s))
        self._clock = clock
        self._patient = patience(
            on=(Temporary, NoAnswer), attempts=3, total_s=60.0, first_wait_s=0.5, longest_wait_s=15.0, sleep=sleep
        )
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def __call__(self, shop: str, *, renew: bool = False) -> str:
        """A token of *shop*.

        Args:
            renew: Shopify has just refused the one we had. A static token stays what it is.

        Raises:
            ShopClosed: the shop has uninstalled us.
            BadCredentials: there is no token, and none can be had.
            Temporary, NoAnswer: the token endpoint failed.
        """
        installed = self._installed(shop)
        stored = self._shops.token(shop)
        if installed.grant == "static":
            if not stored:
                raise BadCredentials(f"no token is stored for {shop}; give it one with: shops add {shop} --token …")
            return writable(shop, stored[0])
        if stored and not renew and not self._ends_soon(stored[1]):
            return stored[0]
        return self._renewed(shop, stored, forced=renew)

    def _installed(self, shop: str) -> Shop:
        installed = self._shops.find(shop)
        if installed is None:
            raise BadCredentials(f"{shop} is not known here; add it with: shops add {shop}")
        if installed.state == "uninstalled":
            raise ShopClosed(f"{shop} has uninstalled the app")
        return installed

    def _renewed(self, shop: str, seen: tuple[str, datetime | None] | None, *, forced: bool) -> str:
        with self._guard:
            lock = self._locks[shop]
        with lock:
            stored = self._shops.token(shop)
            if stored and stored != seen:
                return stored[0]  # someone else has renewed it while we waited
            try:
                return self._grant(shop)
            except (Temporary, NoAnswer) as error:
                if forced or not stored or self._ended(stored[1]):
                    raise
                logger.warning("kept a token that ends soon: %s", error, extra={"action": "token_kept", "shop": shop})
                return stored[0]

    def _grant(self, shop: str) -> str:
        asked_at = self._clock()
        grant = self._patient(lambda: self._ask(shop))
        scopes = [scope.strip() for scope in grant.scope.split(",") if scope.strip()]
        ends_at = asked_at + timedelta(seconds=grant.expires_in)
        token = writable(shop, grant.access_token)
        self._shops.save_token(shop, token, ends_at, scopes)
        logger.info("access token renewed", extra={"action": "token_renewed", "shop": shop})
        return token

    def _ask(self, shop: str) -> Grant:
        if not (self._client_id and self._client_secret.get_secret_value()):
            raise BadCredentials("shopify.client_id or shopify.client_secret is empty; both are needed to get a token")
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        url = f"{self._base_url.replace('{shop}', shop)}/admin/oauth/access_token"
        with our_errors("Shopify's token endpoint"):
            response = self._client.post(url, data=form, timeout=self._timeout, headers={"accept": "application/json"})
        return read(shop, response)

    def _ends_soon(self, ends_at: datetime | None) -> bool:
        return ends_at is not None and ends_at - self._clock() < EARLY

    def _ended(self, ends_at: datetime | None) -> bool:
        return ends_at is not None and ends_at <= self._clock()


def read(shop: str, response: httpx.Response) -> Grant:
    """The grant in an answer of the token endpoint."""
    try:
        check("Shopify's token endpoint", response, unsure=False, table=STATUSES)
    except BadCredentials as error:
        raise BadCredentials(f"{error} (for {shop}): {WRONG_CLIENT}") from None
    try:
        return Grant.model_validate_json(response.content)
    except ValidationError as error:
        wrong = sorted({str(part) for each in error.errors() for part in each["loc"][:1]})
    if not wrong:
        raise Unavailable(f"Shopify's token endpoint answered {shop} without a JSON object")
    raise BadCredentials(f"the token that Shopify gives us for {shop} cannot be used: wrong {', '.join(wrong)}")


def writable(shop: str, token: str) -> str:
    """The token, if a header can carry it. A pasted line break or a typographic dash would fail much later."""
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise BadCredentials(f"the token of {shop} has characters that no token has; copy it again")
