"""What Shopify's answers to GraphQL documents mean. Pure: a response in, data or one of our errors out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from pydantic import ValidationError

from shopify_imagegen.adapters.http import USUAL, check
from shopify_imagegen.adapters.shopify.pacing import Cost
from shopify_imagegen.errors import (
    BadInput,
    ImagegenError,
    MissingScope,
    NoAnswer,
    Permanent,
    RateLimited,
    ShopClosed,
    Unavailable,
)

STATUSES: Mapping[int, type[ImagegenError]] = {**USUAL, 402: ShopClosed, 423: ShopClosed}
SHORTEST_WAIT_S = 0.2
LONGEST_WAIT_S = 30.0
SERVERS_FAULT = {"INTERNAL_SERVER_ERROR", "TIMEOUT"}


def body(response: httpx.Response, *, writes: bool) -> dict[str, Any]:
    """The JSON object of an answer.

    Args:
        writes: whether the document was a mutation, so that no clear answer means that we do not know.

    Raises:
        ImagegenError: by the status (see `check`); Unavailable or NoAnswer when a 200 is not what it should be.
    """
    if response.status_code == 404:
        raise ShopClosed("Shopify answered 404: no such store, or no such API version; see shopify.api_version")
    check("Shopify", response, unsure=writes, table=STATUSES)
    try:
        found = response.json()
    except ValueError:  # an HTML page, or JSON that was cut off
        found = None
    if not isinstance(found, dict):
        raise failed("Shopify answered 200 without a JSON object", writes=writes)
    return found


def cost(found: Mapping[str, Any]) -> Cost | None:
    """What the document cost and what is left, where the answer says so."""
    try:
        said = found["extensions"]["cost"]
        status = said["throttleStatus"]
        known = Cost(
            requested=said["requestedQueryCost"],
            maximum=status["maximumAvailable"],
            available=status["currentlyAvailable"],
            restored_per_s=status["restoreRate"],
        )
    except (KeyError, TypeError, ValidationError):
        return None
    return known if known.restored_per_s > 0 else None


def data(found: Mapping[str, Any], *, writes: bool, scopes: Sequence[str]) -> dict[str, Any]:
    """The answer's `data`, when it is there and nothing is wrong with any part of it.

    Args:
        scopes: that the app asks for (`shopify.scopes`), for the message when one is missing.
    """
    if found.get("errors"):
        raise refusal(found, writes=writes, scopes=scopes)
    given = found.get("data")
    if not isinstance(given, dict) or not given:
        raise failed("Shopify answered without data and without errors", writes=writes)
    return given


def refusal(found: Mapping[str, Any], *, writes: bool, scopes: Sequence[str]) -> ImagegenError:
    """Shopify's `errors` as one of ours. Of several, the one that says most about what to do next."""
    errors = listed(found["errors"])
    by_code = {str(error["extensions"].get("code")): error for error in reversed(errors)}
    words = "; ".join(error["message"] for error in errors)
    if "THROTTLED" in by_code:
        return RateLimited(f"Shopify throttles: {words}", retry_after_s=throttled_s(cost(found)))
    if "MAX_COST_EXCEEDED" in by_code:
        return Permanent(f"a document costs more than Shopify ever allows: {words}")
    if "ACCESS_DENIED" in by_code:
        return denied(by_code["ACCESS_DENIED"], scopes)
    if "SHOP_INACTIVE" in by_code:
        return ShopClosed(f"Shopify says that the shop is inactive: {words}")
    began = found.get("data") is not None
    if SERVERS_FAULT & by_code.keys() or (writes and began):
        return failed(f"Shopify failed on its side: {words}", writes=writes)
    return BadInput(f"Shopify refused the document: {words}")


def throttled_s(known: Cost | None) -> float | None:
    """Seconds until the bucket holds enough, within bounds; None when the answer did not say."""
    return min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, known.wait_s)) if known else None


def denied(error: Mapping[str, Any], scopes: Sequence[str]) -> MissingScope:
    field = ".".join(str(part) for part in error["path"]) or "a field"
    needs = error["extensions"].get("requiredAccess") or error["message"]
    return MissingScope(
        f"the shop's token may not use {field}: {needs} The app asks for {', '.join(scopes)} (shopify.scopes); "
        "release these in the app's configuration and let the shop grant them"
    )


def listed(errors: object) -> list[dict[str, Any]]:
    """Errors in one shape. Shopify's gateway sends a bare string, or an object, where GraphQL has a list."""
    return [_error(each) for each in (errors if isinstance(errors, list) else [errors])]


def _error(each: object) -> dict[str, Any]:
    given = each if isinstance(each, dict) else {"message": each}
    extensions, path = given.get("extensions"), given.get("path")
    return {
        "message": str(given.get("message") or given),
        "extensions": extensions if isinstance(extensions, dict) else {},
        "path": path if isinstance(path, list) else [],
    }


def failed(message: str, *, writes: bool) -> ImagegenError:
    """No clear answer: of a read nothing is lost, of a write we do not know."""
    return NoAnswer(message) if writes else Unavailable(message)
