"""How a store comes to be one of ours: somebody opens the app in its admin, or its owner consents on Shopify's page.

A session token proves that the app is installed: Shopify gives none to others. So the store is written down first, and
its own access token fetched then, by one process; if that fails, the next request tries again.
"""

from __future__ import annotations

import logging

from shopify_imagegen.models import Session, Shop
from shopify_imagegen.pausing import ShopPauses
from shopify_imagegen.ports import Clock, Shops, Tokens

logger = logging.getLogger(__name__)


class Installing:
    """Connects stores."""

    def __init__(self, *, shops: Shops, tokens: Tokens, clock: Clock) -> None:
        self._shops = shops
        self._pauses = ShopPauses(shops=shops)
        self._tokens = tokens
        self._clock = clock

    def admit(self, session: Session, token: str) -> None:
        """See that the session's shop is connected; *token* is the session's.

        Raises:
            Temporary, NoAnswer, NeedsAttention: it is not, and could not be.
        """
        shop = self._shops.find(session.shop)
        if shop is None or shop.state == "uninstalled":
            shop = self._welcome(session.shop)
        if shop.grant == "offline" and self._shops.token(shop.domain) is None:
            self._tokens.exchange(shop.domain, token)
            self._pauses.reconnected(shop.domain)

    def consented(self, domain: str, code: str) -> None:
        """The store's owner has consented; *code* buys the token.

        Raises:
            Temporary, NoAnswer, NeedsAttention: the code was not taken.
        """
        shop = self._shops.find(domain)
        if shop is None or shop.state == "uninstalled":
            self._welcome(domain)
        elif shop.grant != "offline":
            self._shops.save(shop.model_copy(update={"grant": "offline"}))
        self._tokens.redeem(domain, code)
        self._pauses.reconnected(domain)

    def _welcome(self, domain: str) -> Shop:
        """A new installation; of an earlier one, no token is left over."""
        shop = Shop(domain=domain, grant="offline", installed_at=self._clock())
        self._shops.save(shop)
        self._shops.drop_token(domain)
        logger.info("a store has installed the app", extra={"action": "installed", "shop": domain})
        return shop
