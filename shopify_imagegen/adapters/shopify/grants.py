"""Shopify's token endpoint: every way in which it grants an access token, and what its refusals mean."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError

from shopify_imagegen.adapters.http import USUAL, Patient, check, our_errors
from shopify_imagegen.errors import BadCredentials, ShopClosed, TokenRefused, Unavailable
from shopify_imagegen.models import ShopToken

WRONG_CLIENT = "check shopify.client_id and shopify.client_secret, and that the app is installed on this shop"
STATUSES = {**USUAL, 400: BadCredentials, 403: BadCredentials, 402: ShopClosed, 404: ShopClosed, 423: ShopClosed}
OUR_FAULT = (None, "invalid_client", "application_cannot_be_found", "unsupported_grant_type")
USUAL_LIFE_S = 3600.0  # of an expiring token; taken where an answer does not say it
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
OFFLINE_TOKEN = "urn:shopify:params:oauth:token-type:offline-access-token"


class Grant(BaseModel):
    """Shopify's answer."""

    access_token: str = Field(min_length=1, repr=False)
    scope: str = ""
    expires_in: float | None = Field(default=None, gt=0)  #: seconds; None: not said
    refresh_token: str | None = Field(default=None, min_length=1, repr=False)
    refresh_token_expires_in: float | None = Field(default=None, gt=0)

    @property
    def scopes(self) -> list[str]:
        return [scope.strip() for scope in self.scope.split(",") if scope.strip()]

    def token(self, shop: str, *, asked_at: datetime, ends: bool) -> ShopToken:
        """Args: ends: whether such a token always ends, even if the answer does not say when."""
        life_s = self.expires_in or (USUAL_LIFE_S if ends or self.refresh_token else None)
        return ShopToken(
            access=writable(shop, self.access_token),
            ends_at=_later(asked_at, life_s),
            refresh=writable(shop, self.refresh_token) if self.refresh_token else None,
            refresh_ends_at=_later(asked_at, self.refresh_token_expires_in),
        )


class Grants:
    """Asks for tokens. Asking twice is harmless: a token or a refresh token that got lost on its way replaces nothing.

    Args:
        base_url: "https://{shop}", or the sandbox's.
        patient: repeats what did not get through.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        client_id: str,
        client_secret: SecretStr,
        timeout_s: float,
        patient: Patient,
    ) -> None:
        self._client = client
        self._base_url = base_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._timeout = httpx.Timeout(timeout_s, connect=min(5.0, timeout_s))
        self._patient = patient

    def for_ourselves(self, shop: str) -> Grant:
        """For an app of the organisation that owns the store. The token lives for a day and has no refresh token."""
        return self._asked(shop, grant_type="client_credentials")

    def for_session(self, shop: str, session_token: str) -> Grant:
        """For a session token of one of the store's people."""
        return self._exchanged(shop, session_token, ID_TOKEN)

    def for_old_token(self, shop: str, access_token: str) -> Grant:
        """For a token that never ends; it is void afterwards, and there is no way back."""
        return self._exchanged(shop, access_token, OFFLINE_TOKEN)

    def for_code(self, shop: str, code: str) -> Grant:
        """For the code that the merchant's consent has brought us. It is good for one time."""
        return self._asked(shop, code=code, expiring="1")

    def for_refresh(self, shop: str, refresh_token: str) -> Grant:
        """For the refresh token of the one before, which stays good until the new one is used."""
        return self._asked(shop, grant_type="refresh_token", refresh_token=refresh_token)

    def _exchanged(self, shop: str, subject: str, kind: str) -> Grant:
        return self._asked(
            shop,
            grant_type=EXCHANGE,
            subject_token=subject,
            subject_token_type=kind,
            requested_token_type=OFFLINE_TOKEN,
            expiring="1",  # mandatory for public apps from 2027-01-01
        )

    def _asked(self, shop: str, **form: str) -> Grant:
        if not (self._client_id and self._client_secret.get_secret_value()):
            raise BadCredentials("shopify.client_id or shopify.client_secret is empty; both are needed to get a token")
        form |= {"client_id": self._client_id, "client_secret": self._client_secret.get_secret_value()}
        return self._patient(lambda: self._post(shop, form))

    def _post(self, shop: str, form: dict[str, str]) -> Grant:
        url = f"{self._base_url.replace('{shop}', shop)}/admin/oauth/access_token"
        with our_errors("Shopify's token endpoint"):
            response = self._client.post(url, data=form, timeout=self._timeout, headers={"accept": "application/json"})
        return read(shop, response)


def _is_the_grants_fault(response: httpx.Response) -> bool:
    """Only then is a stored token worthless: a wrong id or secret in the settings must not cost every store its own."""
    if response.status_code != 400:
        return False
    try:
        said = response.json()
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("error") not in OUR_FAULT


def read(shop: str, response: httpx.Response) -> Grant:
    """The grant in an answer of the token endpoint."""
    try:
        check("Shopify's token endpoint", response, unsure=False, table=STATUSES)
    except BadCredentials as error:
        kind = TokenRefused if _is_the_grants_fault(response) else BadCredentials
        raise kind(f"{error} (for {shop}): {WRONG_CLIENT}") from None
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


def _later(moment: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else moment + timedelta(seconds=seconds)
