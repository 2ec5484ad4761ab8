"""The stores that have installed us: tokens, sessions, settings of their own, and what is paused or erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from shopify_imagegen.models import GrantKind, Pause, Saved, Session, Shop, ShopToken


class Shops(Protocol):
    """The stores that have installed us, and their tokens (encrypted at rest)."""

    def find(self, domain: str) -> Shop | None: ...

    def all(self) -> tuple[Shop, ...]: ...

    def save(self, shop: Shop) -> None:
        """All of it, over whatever is there; its token stays. To change a part, see the others."""

    def add(self, shop: Shop) -> None:
        """Save it, unless there is one of that domain."""

    def install(self, shop: Shop) -> bool:
        """Save it in place of the uninstalled one; its token and its scopes stay.

        Returns:
            False: that one is installed, or it has no token: it has left again meanwhile.
        """

    def turn(self, seen: Shop, state: Literal["active", "paused"], reason: str) -> bool:
        """Change a shop's state and reason alone. False: they are not as *seen* any more; somebody was faster."""

    def amend(self, domain: str, *, grant: GrantKind | None = None, scopes: Sequence[str] | None = None) -> None:
        """Change what is given, and nothing else."""

    def confirm(self, domain: str, at: datetime) -> None:
        """Shopify has proven that the store had the app at that moment, by its own clock. Never goes back."""

    def leave(self, domain: str, reason: str, *, at: datetime, after: int) -> bool:
        """It is uninstalled, and its token is forgotten, in one commit with its audit row.

        Args:
            after: the number of the token that was found to be void.

        Returns:
            False: a new token came meanwhile; nothing is changed.
        """

    def note(self, domain: str, action: str, *, at: datetime, reason: str) -> None:
        """Write an audit row about the shop, and change nothing."""

    def remove(self, domain: str) -> None: ...

    def token(self, domain: str) -> ShopToken | None: ...

    def with_token(self, domain: str) -> tuple[Shop, ShopToken | None] | None:
        """A shop and its token as they are together at one moment: what `find` and `token` say, in one question."""

    def token_number(self, domain: str) -> int:
        """Counts the shop's tokens: another number, another token, or none any more."""

    def save_token(self, domain: str, token: ShopToken, scopes: Sequence[str], *, after: int | None = None) -> bool:
        """Keep a token, all of it in one commit, and end the renewal.

        Args:
            after: the number of the token that it follows, from `take_renewal`; None: whatever is there.

        Returns:
            Whether it was kept. False: another token came meanwhile, or all were dropped.
        """

    def drop_token(self, domain: str, *, after: int | None = None) -> None:
        """Forget it; what a renewal under way brings is not kept.

        Args:
            after: the number of the token that is meant; None: whatever is there.
        """

    def take_renewal(self, domain: str, *, now: datetime, until: datetime) -> int | None:
        """The number of the present token, for the one process that may ask for the next; None for all others."""

    def leave_renewal(self, domain: str, *, after: int) -> None:
        """Let somebody else ask: it has failed."""


class ShopSettings(Protocol):
    """What each shop has set for itself, every version of it."""

    def current(self, shop: str) -> Saved:
        """The newest; version 0 and empty when there is none."""

    def history(self, shop: str) -> tuple[Saved, ...]:
        """The newest first."""

    def save(self, shop: str, document: Mapping[str, Any], *, by: str, version: int) -> Saved:
        """Raises: Conflict when *version* is not the newest any more."""


class Erase(Protocol):
    """Forgets a store that has left."""

    def shop(self, domain: str) -> Mapping[str, int]:
        """Drop all rows of the store; of its purchases, keep what the books need: amounts, days and outcomes.

        Returns:
            Table -> how many of its rows were dropped, or made nameless.
        """


class Tokens(Protocol):
    """Brings a store's access token. Each call may raise NotSignedIn, Temporary, NoAnswer, or NeedsAttention."""

    def exchange(self, shop: str, session_token: str) -> None:
        """Get the store's own token for a session token of one of its people, unless an installed store has one."""

    def redeem(self, shop: str, code: str) -> None:
        """Get it for the code that a merchant's consent has given us."""


class Consent(Protocol):
    """Asks a store's owner for consent, on Shopify's page, and understands the answer."""

    def question(self, shop: str, *, back_to: str) -> str:
        """The address of that page. Raises: BadCredentials when the settings lack the app's id or secret."""

    def answer(self, query: Mapping[str, str]) -> tuple[str, str]:
        """The store, and the code that buys its token. Raises: NotSignedIn."""

    def app_address(self, shop: str) -> str:
        """Where the app is in the store's admin."""


class Sessions(Protocol):
    """Who asks, when a store's people have our pages open."""

    def read(self, token: str) -> Session:
        """Check a session token: signature, times, app and shop. Raises: NotSignedIn."""


class Pauses(Protocol):
    """What waits until something is mended, and when it was last tried."""

    def find(self, scope: str) -> Pause | None: ...

    def begin(self, scope: str, reason: str) -> bool:
        """Pause *scope* ("provider:getimg"). False: it was paused before; then its reason is brought up to date."""

    def take_turn(self, scope: str, *, every_s: float) -> bool:
        """Whether the caller is the one who tries it now: of all workers one, each *every_s*."""

    def end(self, scope: str) -> None: ...
