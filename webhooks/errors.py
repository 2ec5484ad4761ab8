"""The door's own refusals, each with its HTTP status. No retry loop of the house may ever meet one.

* Refusal
  + BadSignature   401  not signed with our secret: forged, or a setting is wrong
  + BadDelivery    400  signed, but not a webhook delivery as Shopify writes them
  + TooLarge       413  longer than any delivery

`str(error)` is for our log; `said` is all that the sender learns.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A request that the door does not let in."""

    status: ClassVar[int]
    verdict: ClassVar[str]  #: one word for logs and metrics

    @property
    def said(self) -> str:
        return str(self)


class BadSignature(Refusal):
    """Not signed with any of our secrets. The sender is not told why: it may be a forger."""

    status = 401
    verdict = "bad_signature"

    @property
    def said(self) -> str:
        return "the signature does not match"


class BadDelivery(Refusal):
    """The headers or the body are not those of a webhook delivery; the message names everything at once."""

    status = 400
    verdict = "bad_delivery"


class TooLarge(Refusal):
    """The body is longer than any delivery; it was not read to its end."""

    status = 413
    verdict = "too_large"
