"""How a store comes to be one of ours: somebody opens the app in its admin, or its owner consents on Shopify's page.

Its token comes first, and only then is it installed: a page that is still open after the store has left must not bring
it back. Several requests come at once when a page is opened; whatever they do here is done once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from shopify_imagegen.models import Session, Shop
from shopify_imagegen.pausing import ShopPauses
from shopify_imagegen.ports import Clock, Shops, Tokens

logger = logging.getLogger(__name__)

Permitted = Callable[[str, Sequence[str]], None]  #: a shop, and what it lets us do

CONFIRMED_EVERY = timedelta(seconds=10)  # a page that is open asks with every click
NOT_YET = "The app has no token for this store yet."


class Installing:
    """Connects stores.

    Args:
        permitted: told of the scopes that a store grants.
    """

    def __init__(self, *, shops: Shops, tokens: Tokens, permitted: Permitted, clock: Clock) -> None:
        self._shops = shops
        self._pauses = ShopPauses(shops=shops)
        self._tokens = tokens
        self._permitted = permitted
        self._clock = clock

    def admit(self, session: Session, token: str) -> None:
        """See that the session's shop is connected; *token* is the session's.

        Raises:
            NotSignedIn: Shopify gives no token for this session: it is over, or the app was uninstalled.
            Temporary, NoAnswer, NeedsAttention: not now.
        """
        shop = self._shops.find(session.shop)
        if shop and shop.state != "uninstalled" and (shop.grant != "offline" or self._shops.token(shop.domain)):
            return self._confirm(shop, session)
        self._expect(session.shop)
        self._shops.confirm(session.shop, session.issued_at)
        self._tokens.exchange(session.shop, token)
        self._connected(session.shop)

    def consented(self, domain: str, code: str) -> None:
        """The store's owner has consented; *code* buys the token.

        Raises:
            NotSignedIn: the code is not good, or was used before.
            Temporary, NoAnswer, NeedsAttention: not now.
        """
        self._expect(domain)
        self._tokens.redeem(domain, code)
        self._connected(domain)

    def _confirm(self, shop: Shop, session: Session) -> None:
        """Shopify gives sessions to stores that have the app: late news of an earlier uninstall is known by it."""
        if shop.confirmed_at is None or session.issued_at - shop.confirmed_at >= CONFIRMED_EVERY:
            self._shops.confirm(shop.domain, session.issued_at)

    def _expect(self, domain: str) -> None:
        """A place to keep the token in; until it is there, nothing is done for the store."""
        expected = self._installation(domain)
        self._shops.add(expected.model_copy(update={"state": "uninstalled", "reason": NOT_YET}))

    def _connected(self, domain: str) -> None:
        if self._shops.install(self._installation(domain)):
            logger.info("a store has installed the app", extra={"action": "installed", "shop": domain})
        shop = self._shops.find(domain)
        if shop and shop.grant != "offline":
            self._shops.amend(domain, grant="offline")
        self._pauses.reconnected(domain)
        if shop and shop.scopes:
            self._permitted(domain, shop.scopes)

    def _installation(self, domain: str) -> Shop:
        return Shop(domain=domain, grant="offline", installed_at=self._clock())
