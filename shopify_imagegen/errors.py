"""Our exceptions, and what each one tells the caller.

* ImagegenError                 anything that can go wrong on the way from a product to its pictures
  x Temporary                   the same request may succeed later, and certainly did not take effect
    + RateLimited               ... after `retry_after_s` seconds
    + NotSent                   it never left: refused connection, DNS, no free connection
    + Unavailable               the neighbour said itself that it failed
  x NoAnswer                    it left; whether it took effect is not known: read back, never repeat a paid call
  x NotCollected                a picture was sold and is still to be fetched; fetching costs nothing
  x Permanent                   the same request will fail again
    + Rejected                  a picture, a prompt or a product is not acceptable; `reason` says which and why
      - Moderated               ... the provider's safety rules refused it
      - BadInput                ... the provider says that our request is wrong
    + NotFound                  the product, file or shop is gone
    + Conflict                  it is there already, or is being changed by someone else
    + NeedsAttention            nothing will work until a person mends something; the whole queue should wait
      - BadCredentials          ... a key or token is missing, wrong or revoked
        . TokenRefused          ... the store's own token is void or missing; our own key and secret are not the trouble
      - MissingScope            ... the token may not do this; names the scope
      - NoFunds                 ... the provider's balance is used up
      - ShopClosed              ... the shop is frozen, locked or has uninstalled us
  x NotSignedIn                 who asks cannot be told: a session token is missing, over or forged; get a fresh one
* ConfigError                   settings are missing or wrong; names every key at once
"""

from __future__ import annotations


class ImagegenError(Exception):
    """Anything that can go wrong on the way from a product to its pictures."""


class Temporary(ImagegenError):
    """The same request may succeed later; it certainly took no effect."""


class RateLimited(Temporary):
    """Refused before any work, for now."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotSent(Temporary):
    """The request never left this machine."""


class Unavailable(Temporary):
    """The neighbour answered, in its own words, that it failed."""


class NoAnswer(ImagegenError):
    """The request left; what became of it is not known."""


class NotCollected(ImagegenError):
    """A picture was sold to us, its receipt is written down, and it could not be fetched yet."""


class Permanent(ImagegenError):
    """The same request will fail again."""


class Rejected(Permanent):
    """Not acceptable as it is. `str(error)` is the reason, in words for a merchant."""


class Moderated(Rejected):
    """The provider's safety rules refused the prompt or a picture."""


class BadInput(Rejected):
    """The neighbour says that our request itself is wrong."""


class NotFound(Permanent):
    """The product, file or shop is gone."""


class Conflict(Permanent):
    """It exists already, or somebody else is changing it."""


class NeedsAttention(Permanent):
    """Nothing will work until a person mends something."""


class BadCredentials(NeedsAttention):
    """A key or token is missing, wrong, expired or revoked."""


class TokenRefused(BadCredentials):
    """The store's own token is void, or there is none: whoever opens the app there brings a new one."""


class MissingScope(NeedsAttention):
    """The shop's token does not carry the scope that this needs."""


class NoFunds(NeedsAttention):
    """The provider's balance is used up."""


class ShopClosed(NeedsAttention):
    """The shop is frozen or locked, or has uninstalled the app."""


class NotSignedIn(ImagegenError):
    """A session token is missing, over, or not for us. Never shown to whoever sent it: it may be a forger."""


class ConfigError(ImagegenError):
    """Settings are missing or wrong; the message names each key and what to do."""
