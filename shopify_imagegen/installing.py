"""How a store comes to be one of ours: whoever opens the app from a store that has installed it brings it along."""

from __future__ import annotations

from shopify_imagegen.errors import ShopClosed
from shopify_imagegen.models import Session
from shopify_imagegen.ports import Shops


class Installing:
    """Connects stores."""

    def __init__(self, *, shops: Shops) -> None:
        self._shops = shops

    def admit(self, session: Session, token: str) -> None:
        """See that the session's shop is connected.

        Raises:
            ShopClosed: it is not.
        """
        shop = self._shops.find(session.shop)
        if shop is None or shop.state == "uninstalled":
            raise ShopClosed(f"{session.shop} is not connected; add it with: shops add {session.shop}")
