"""The panel of faults: every one the sandbox knows, switched on and off by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from shopify_imagegen.sandbox.faults import KNOWN, UnknownFault
from shopify_imagegen.sandbox.pages import words
from shopify_imagegen.sandbox.pages.frame import find_shop, go
from shopify_imagegen.sandbox.shop.store import Store

ROOMS = {
    "shopify": "Admin API",
    "staged": "Uploads",
    "media": "Media",
    "files": "Files",
    "token": "Access tokens",
    "webhook": "Webhooks",
    "images": "Image API",
}
EXAMPLES = {"retry_after_s": "retry_after_s=5", "seconds": "seconds=3", "effect": "effect=true", "code": "code=…"}
NARROWED = {"shopify": "operation=FileCreate", "webhook": "topic=products/update"}


@dataclass(frozen=True)
class Switch:
    """One fault, and what of it is switched on."""

    name: str
    meaning: Markup
    example: str  #: of its parameters; empty when it has none
    active: list[dict[str, Any]]


@dataclass(frozen=True)
class Mistake:
    """What is wrong with the form of one fault."""

    name: str
    message: str
    typed: Mapping[str, str]


def routes(pages: Blueprint, store: Store) -> None:
    @pages.get("/store/<handle>/faults")
    def faults(handle: str) -> str:
        find_shop(store, handle)
        return _panel(store)

    @pages.post("/store/<handle>/faults")
    def switch_on(handle: str) -> Response | tuple[str, int]:
        name = request.form.get("name", "")
        try:
            store.faults.set(name, **settings_of(request.form))
        except ValueError as error:
            return _panel(store, Mistake(name, _sentence(error), request.form)), 422
        return go("faults", "fault-on", _anchor=name)

    @pages.post("/store/<handle>/faults/off")
    def switch_off(handle: str) -> Response | tuple[str, int]:
        name = request.form.get("name") or None
        try:
            store.faults.clear(name)
        except UnknownFault as error:
            return _panel(store, Mistake(str(name), _sentence(error), {})), 422
        return go("faults", "fault-off" if name else "faults-off", _anchor=name)


def settings_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The form of one fault as what `Faults.set` takes.

    Raises:
        ValueError: a number is not a number, or a parameter is not `key=value`.
    """
    times = form.get("times", "").strip()
    settings = words.params_of(form.get("params", ""))
    settings["probability"] = _number(form.get("probability", "").strip() or "1", "probability", float)
    settings["times"] = _number(times, "times", int) if times else None
    return settings


def switches(active: list[dict[str, Any]]) -> dict[str, list[Switch]]:
    """Every known fault, under the part of the sandbox that it strikes."""
    rooms: dict[str, list[Switch]] = {}
    for name, meaning in KNOWN.items():
        room = ROOMS.get(name.partition(".")[0], "Other")
        on = [each for each in active if each["name"] == name]
        rooms.setdefault(room, []).append(Switch(name, words.with_code(meaning), example_of(name, meaning), on))
    return rooms


def example_of(name: str, meaning: str) -> str:
    """
    >>> example_of("webhook.late", "a webhook leaves `seconds` (1) late")
    'seconds=3'
    """
    named = [example for param, example in EXAMPLES.items() if f"`{param}`" in meaning]
    return named[0] if named else NARROWED.get(name.partition(".")[0], "")


def _panel(store: Store, mistake: Mistake | None = None) -> str:
    active = store.faults.active()
    stray = mistake is not None and mistake.name not in KNOWN  # no row of its own to stand beside
    return render_template("sandbox/faults.html", rooms=switches(active), active=active, mistake=mistake, stray=stray)


def _number(text: str, name: str, kind: type[int] | type[float]) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name} is not a number: {text}") from None


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."
