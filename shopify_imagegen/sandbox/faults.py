"""What can be made to go wrong here, by name; a fault is taken once each time it strikes."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import Any

KNOWN = {
    "shopify.401": "the Admin API calls the token invalid",
    "shopify.402": "the Admin API says that the shop is frozen (unpaid)",
    "shopify.423": "the Admin API says that the shop is locked",
    "shopify.429": "the Admin API answers 429; `retry_after_s` sets Retry-After",
    "shopify.430": "the Admin API answers 430, Shopify's security rejection",
    "shopify.500": "the Admin API answers 500; with `effect` true the request has happened all the same",
    "shopify.502": "a gateway answers 502; with `effect` true the request has happened all the same",
    "shopify.503": "the Admin API answers 503; with `effect` true the request has happened all the same",
    "shopify.html": "the Admin API answers 200 with an HTML page; `effect` as above",
    "shopify.truncated": "the request happens, its JSON answer is cut in the middle",
    "shopify.reset_before": "the connection closes, nothing has happened",
    "shopify.reset_after": "the request happens, then the connection closes without an answer",
    "shopify.hang": "the request happens, its answer takes `seconds` (30)",
    "shopify.throttled": "the Admin API answers THROTTLED: 200, errors, no data",
    "staged.403": "the staged upload target refuses the upload",
    "media.failed": "a new file ends FAILED; `code` is its media error (IMAGE_PROCESSING_FAILURE)",
    "media.stuck": "a new file stays PROCESSING for ever",
    "media.invisible": "a file is attached without complaint, but the product does not show it",
    "files.refuse_reference": "fileUpdate(referencesToAdd) is refused with UNSUPPORTED_FILE_REFERENCE",
    "bulk.refused": "no bulk operation may begin now",
    "bulk.failed": "a bulk operation fails; half of the products, without their photos, are in its partial data",
    "bulk.canceled": "a bulk operation ends as CANCELED",
    "bulk.stuck": "a bulk operation runs for ever and finds nothing",
    "bulk.cut": "the file of a bulk operation breaks off",
    "token.500": "the token endpoint answers 500; with `effect` true the token was granted all the same",
    "token.lost": "a token is granted, then the connection closes without an answer",
    "token.no_end": "the token endpoint does not say when the token ends",
    "token.not_own": "client credentials are refused: the app is not of the shop's own organisation",
    "webhook.duplicate": "a webhook is delivered twice at once with the same webhook id",
    "webhook.twin": "a second delivery follows with another webhook id and the same event id",
    "webhook.stale": "the body before this one is delivered again, `seconds` (1) late",
    "webhook.late": "a webhook leaves `seconds` (1) late, so that later ones overtake it",
    "webhook.dropped": "a webhook is never sent",
    "images.400": "the image API calls the request invalid",
    "images.401": "the image API calls the key invalid",
    "images.402": "the image API says that the balance is used up",
    "images.429": "the image API answers 429 with Retry-After: `retry_after_s` (1)",
    "images.500_own": "the image API fails in its own words; not billed",
    "images.502_gateway": "a gateway answers 502 in HTML; billed",
    "images.hang": "billed; the answer takes `seconds`",
    "images.slow": "the picture takes `seconds`",
    "images.reset_before": "the connection closes; not billed",
    "images.reset_after_billing": "billed, then the connection closes without an answer",
    "images.bad_json": "billed; the JSON answer is cut in the middle",
    "images.html": "billed; the answer is 200 with an HTML page",
    "images.moderation": "the image API refuses the prompt for its content",
    "images.not_an_image": "billed; the download is not an image",
    "images.truncated": "billed; the download is cut in the middle",
    "images.wrong_size": "billed; the picture has another shape than asked for",
    "images.blank": "billed; the picture is one flat grey",
    "images.copy": "billed; the picture is the reference itself",
    "images.bomb": "billed; a small PNG that claims 30000 x 30000 pixels",
    "images.download_403": "billed; the download address refuses",
    "images.expired": "billed; the download address lives `seconds` (0) only, and says so",
}

NARROWING = ("operation", "topic", "shop")  # parameters that say where a fault may strike
PROMPT = "prompt"  # the same for the image API, which knows no shop: words of the order's prompt


class UnknownFault(ValueError):
    """No fault has this name; the message lists those that exist."""


@dataclass
class Fault:
    """One thing that goes wrong, until it has struck `times` times."""

    name: str
    probability: float
    times: int | None  #: None: until it is cleared
    params: dict[str, Any] = field(default_factory=dict)
    struck: int = 0

    def concerns(self, about: dict[str, Any]) -> bool:
        """Whether every narrowing parameter of the fault is met by what is happening now."""
        if str(self.params.get(PROMPT, "")) not in str(about.get(PROMPT, "")):
            return False
        return all(self.params[key] == about.get(key) for key in NARROWING if key in self.params)

    @property
    def spent(self) -> bool:
        return self.times is not None and self.struck >= self.times

    def snapshot(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "meaning": KNOWN[self.name],
            "probability": self.probability,
            "times": self.times,
            "struck": self.struck,
            "params": self.params,
        }


class Faults:
    """The switchboard of faults. Thread-safe; several faults may share a name and strike in the order they were set."""

    def __init__(self, *, seed: int = 1) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._random = random.Random(seed)

    def set(self, name: str, *, probability: float = 1.0, times: int | None = None, **params: Any) -> None:
        """Switch *name* on: each chance strikes with *probability*, at most *times* times.

        `operation="FileCreate"`, `topic="products/update"` and `shop="x.myshopify.com"` say where it may strike;
        for the image API, `prompt="Oak table"` does.

        Raises:
            UnknownFault: *name* is not in `KNOWN`.
            ValueError: *probability* is not within 0 to 1, or *times* is below 1.
        """
        _check_name(name)
        if not 0.0 <= probability <= 1.0 or (times is not None and times < 1):
            raise ValueError(f"{name}: probability is 0 to 1, times is 1 or more")
        with self._lock:
            self._faults.append(Fault(name, probability, times, dict(params)))

    def take(self, name: str, **about: Any) -> dict[str, Any] | None:
        """The parameters of the fault, if *name* strikes now; None otherwise. A strike is used up."""
        _check_name(name)
        with self._lock:
            for fault in self._faults:
                if fault.name == name and fault.concerns(about) and self._random.random() < fault.probability:
                    return self._strike(fault)
        return None

    def _strike(self, fault: Fault) -> dict[str, Any]:
        fault.struck += 1
        if fault.spent:
            self._faults.remove(fault)
        return dict(fault.params)

    def clear(self, name: str | None = None) -> None:
        """Switch off *name*, or everything."""
        if name is not None:
            _check_name(name)
        with self._lock:
            self._faults = [fault for fault in self._faults if name not in (None, fault.name)]

    def active(self) -> list[dict[str, Any]]:
        """What is switched on, in the order in which it strikes."""
        with self._lock:
            return [fault.snapshot() for fault in self._faults]


def _check_name(name: str) -> None:
    if name not in KNOWN:
        raise UnknownFault(f"no fault is called {name!r}; there are: {', '.join(KNOWN)}")
