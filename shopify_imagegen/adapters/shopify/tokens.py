"""A valid access token for each shop: as stored, or asked for anew before it ends, by one process at a time.

A refresh token is good once. So of all threads one asks (a lock), of all processes one (a lease in the shop's row), and
what it gets is kept only if no other token came meanwhile. Whoever loses the race takes the winner's.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta

from shopify_imagegen.adapters.shopify.grants import Grant, Grants, writable
from shopify_imagegen.errors import (
    BadCredentials,
    ImagegenError,
    NoAnswer,
    NotSignedIn,
    ShopClosed,
    Temporary,
    TokenRefused,
    Unavailable,
)
from shopify_imagegen.models import Shop, ShopToken
from shopify_imagegen.ports import Clock, Shops, Sleep

logger = logging.getLogger(__name__)

EARLY = timedelta(minutes=5)
ASK_WITHIN = timedelta(seconds=12)  # the lease: a dead process's ends so, while others still wait; two answers are one
WAIT_S, WAIT_AT_MOST_S = 0.25, 30.0  # for another process's answer
OPEN_THE_APP = "open the app in the store's admin once, and it is connected again"

Ask = Callable[[ShopToken | None], Grant]
Noticed = Callable[[str, Sequence[str]], None]  #: a shop, and the scopes that its new token carries


class TokenSource:
    """Hands out tokens, and renews those that can be renewed. Keeps `ports.Tokens`.

    Args:
        noticed: told of every new token's scopes.
    """

    def __init__(self, shops: Shops, grants: Grants, *, clock: Clock, sleep: Sleep, noticed: Noticed) -> None:
        self._shops = shops
        self._grants = grants
        self._clock = clock
        self._sleep = sleep
        self._noticed = noticed
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def __call__(self, shop: str, *, refused: str | None = None) -> str:
        """A token of *shop*.

        Args:
            refused: the one that Shopify has just refused; a static token stays what it is.

        Raises:
            ShopClosed: the shop has uninstalled us.
            TokenRefused: there is no token, or it is void, and no other can be had.
            BadCredentials: our own id or secret is refused.
            Temporary, NoAnswer: the token endpoint failed.
        """
        installed, stored = self._installed(shop)
        if installed.grant == "static":
            return _static(shop, stored)
        if stored and stored.access != refused and not self._is_due(installed, stored):
            return stored.access
        return self._renewed(installed, stored, lambda held: self._next(installed, held), refused=refused)

    def exchange(self, shop: str, session_token: str) -> None:
        known = self._known(shop)
        self._granted(known, known.state == "uninstalled", lambda: self._grants.for_session(shop, session_token))

    def redeem(self, shop: str, code: str) -> None:
        self._granted(self._known(shop), True, lambda: self._grants.for_code(shop, code))

    def _granted(self, known: Shop, anew: bool, ask: Callable[[], Grant]) -> None:
        """Args: anew: whatever token is there. One that is found with a store that has left proves nothing."""
        seen = self._shops.token(known.domain) if anew else None
        self._renewed(known, seen, lambda _: given(ask), refused=seen.access if seen else None)

    def _known(self, shop: str) -> Shop:
        return self._looked_up(shop)[0]

    def _installed(self, shop: str) -> tuple[Shop, ShopToken | None]:
        """It and its token, read anew for every request: one that has left must not be served from memory."""
        installed, stored = self._looked_up(shop)
        if installed.state == "uninstalled":
            raise ShopClosed(f"{shop} has uninstalled the app")
        return installed, stored

    def _looked_up(self, shop: str) -> tuple[Shop, ShopToken | None]:
        found = self._shops.with_token(shop)
        if found is None:
            raise BadCredentials(f"{shop} is not known here; add it with: shops add {shop}")
        return found

    def _next(self, installed: Shop, stored: ShopToken | None) -> Grant:
        """Ask in the way that suits the shop."""
        if installed.grant == "client_credentials":
            return self._grants.for_ourselves(installed.domain)
        if stored is None:
            raise TokenRefused(f"there is no token for {installed.domain}; {OPEN_THE_APP}")
        if stored.refresh:
            return self._grants.for_refresh(installed.domain, stored.refresh)
        return self._grants.for_old_token(installed.domain, stored.access)

    def _renewed(self, installed: Shop, seen: ShopToken | None, ask: Ask, *, refused: str | None = None) -> str:
        shop = installed.domain
        with self._guard:
            lock = self._locks[shop]
        with lock:
            for _ in range(int(WAIT_AT_MOST_S / WAIT_S)):
                turn = self._shops.take_renewal(shop, now=self._clock(), until=self._clock() + ASK_WITHIN)
                stored = self._shops.token(shop)
                if stored and stored != seen and stored.access != refused:
                    self._leave(shop, turn)
                    return stored.access  # someone else has renewed it while we waited
                if turn is not None:
                    return self._asked(installed, stored, turn, ask, refused=refused)
                if stored and stored.access != refused and not self._ended(stored):
                    return stored.access  # good for some minutes still
                self._sleep(WAIT_S)
        raise Unavailable(f"another process asks for the token of {shop}, and does not come back")

    def _asked(self, installed: Shop, stored: ShopToken | None, turn: int, ask: Ask, *, refused: str | None) -> str:
        shop, asked_at = installed.domain, self._clock()
        usable = stored if stored and stored.access != refused and not self._ended(stored) else None
        try:
            grant = ask(stored)
            token = grant.token(shop, asked_at=asked_at, ends=installed.grant == "client_credentials")
        except ImagegenError as error:
            if stored and self._shops.token(shop) not in (stored, None):
                return self._winners(shop)  # we were slow, and another process has a new one: it must not be dropped
            return self._without(installed, usable, turn, error)
        if not self._shops.save_token(shop, token, grant.scopes or installed.scopes, after=turn):
            return self._winners(shop)
        logger.info("access token renewed", extra={"action": "token_renewed", "shop": shop})
        if grant.scopes:
            self._noticed(shop, grant.scopes)
        return token.access

    def _without(self, installed: Shop, usable: ShopToken | None, turn: int, error: ImagegenError) -> str:
        """Nothing new came: the stored one, while it is good for something."""
        shop = installed.domain
        if usable and isinstance(error, Temporary | NoAnswer | BadCredentials):
            logger.warning("kept the old token: %s", error, extra={"action": "token_kept", "shop": shop})
            if usable.ends_at:  # one that never ends is tried again when the lease is over
                self._leave(shop, turn)
            return usable.access
        if isinstance(error, TokenRefused) and installed.grant == "offline":
            self._shops.drop_token(shop, after=turn)  # whoever opens the app next brings a new one
            raise TokenRefused(f"{error}; {OPEN_THE_APP}") from error
        self._leave(shop, turn)
        raise error

    def _winners(self, shop: str) -> str:
        stored = self._shops.token(shop)
        if stored is None:
            raise ShopClosed(f"the token of {shop} was dropped while a new one came: it has uninstalled the app")
        return stored.access

    def _leave(self, shop: str, turn: int | None) -> None:
        if turn is not None:
            self._shops.leave_renewal(shop, after=turn)

    def _is_due(self, installed: Shop, stored: ShopToken) -> bool:
        if stored.ends_at is None:
            return installed.grant == "offline"  # one that never ends, of an older installation: it is exchanged
        return stored.ends_at - self._clock() < EARLY

    def _ended(self, stored: ShopToken) -> bool:
        return stored.ends_at is not None and stored.ends_at <= self._clock()


def given(ask: Callable[[], Grant]) -> Grant:
    """What somebody has handed us is not good for a token: that is about them, not about the token that we have."""
    try:
        return ask()
    except BadCredentials as error:
        raise NotSignedIn(str(error)) from error


def _static(shop: str, stored: ShopToken | None) -> str:
    if not stored:
        raise TokenRefused(f"no token is stored for {shop}; give it one with: shops add {shop} --token …")
    return writable(shop, stored.access)
