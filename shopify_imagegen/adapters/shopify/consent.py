"""Shopify's page on which a store's owner consents to the app, and the signed answer that comes back from it.

The way in for apps that are not embedded. No cookie: the `state` that travels with the question is signed by us, names
the store, and is good for some minutes. The code that it comes back with is good once, at Shopify.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from shopify_imagegen.errors import BadCredentials, NotSignedIn
from shopify_imagegen.ports import Clock

STATE_FOR = timedelta(minutes=30)  # the owner reads, asks somebody, and comes back
ANSWER_FOR = timedelta(minutes=5)  # between Shopify's redirect and our door; both clocks may be a little off


class Consent:
    """Keeps `ports.Consent`.

    Args:
        secrets: the client secret and, while rotating, the old one; empty ones match nothing.
        base_url: "https://{shop}", or the sandbox's.
        scopes: to ask for.
    """

    def __init__(
        self, *, client_id: str, secrets: Sequence[str], base_url: str, scopes: Sequence[str], clock: Clock
    ) -> None:
        self._client_id = client_id
        self._secrets = [secret for secret in secrets if secret]
        self._base_url = base_url
        self._scopes = scopes
        self._clock = clock

    def question(self, shop: str, *, back_to: str) -> str:
        if not (self._client_id and self._secrets):
            raise BadCredentials("shopify.client_id or shopify.client_secret is empty; both are needed to install")
        asked = {
            "client_id": self._client_id,
            "scope": ",".join(self._scopes),
            "redirect_uri": back_to,
            "state": self._state(shop),
        }
        return f"{self._admin(shop)}/oauth/authorize?{urlencode(asked)}"

    def answer(self, query: Mapping[str, str]) -> tuple[str, str]:
        shop, code = query.get("shop", ""), query.get("code", "")
        self._check_signature(query)
        self._check_time(query.get("timestamp", ""), ANSWER_FOR, "Shopify's answer")
        self._check_state(shop, query.get("state", ""))
        if not code:
            raise NotSignedIn("the answer has no code: the owner did not consent")
        return shop, code

    def app_address(self, shop: str) -> str:
        return f"{self._admin(shop)}/apps/{self._client_id}"

    def _admin(self, shop: str) -> str:
        return f"{self._base_url.replace('{shop}', shop)}/admin"

    def _check_signature(self, query: Mapping[str, str]) -> None:
        if not self._is_ours(query.get("hmac", ""), signed_text(query)):
            raise NotSignedIn("the query is not signed with our secret; check shopify.client_secret")

    def _state(self, shop: str) -> str:
        plain = f"{int(self._clock().timestamp())}.{secrets.token_urlsafe(12)}"
        return f"{plain}.{_mac(self._secrets[0], _state_text(shop, plain))}"

    def _check_state(self, shop: str, state: str) -> None:
        plain, _, given = state.rpartition(".")
        if not self._is_ours(given, _state_text(shop, plain)):
            raise NotSignedIn("the state is not ours, or is of another store: the installation was begun elsewhere")
        self._check_time(plain.partition(".")[0], STATE_FOR, "the installation")

    def _is_ours(self, given: str, text: str) -> bool:
        """Whether *given* signs *text* with one of our secrets; every one is tried, in constant time."""
        signature = given.encode("utf-8", "surrogatepass")  # bytes: compare_digest refuses non-ASCII text
        answers = [hmac.compare_digest(_mac(secret, text).encode(), signature) for secret in self._secrets]
        return any(answers)

    def _check_time(self, timestamp: str, good_for: timedelta, what: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            raise NotSignedIn(f"{what} does not say when it was made")
        age_s = self._clock().timestamp() - int(timestamp)
        if abs(age_s) > good_for.total_seconds():
            raise NotSignedIn(f"{what} is {age_s:.0f} s old; begin again, and check this machine's clock")


def signed_text(query: Mapping[str, str]) -> str:
    """What Shopify signs of a query: sorted pairs without `hmac`, their delimiters escaped.

    >>> signed_text({"shop": "a.myshopify.com", "hmac": "…", "code": "1&2"})
    'code=1%262&shop=a.myshopify.com'
    """
    pairs = (f"{_plain(key).replace('=', '%3D')}={_plain(value)}" for key, value in query.items() if key != "hmac")
    return "&".join(sorted(pairs))


def _plain(text: str) -> str:
    return text.replace("%", "%25").replace("&", "%26")


def _state_text(shop: str, plain: str) -> str:
    return f"install {shop} {plain}"


def _mac(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
