"""What a store sets for itself, in the merchant's words: triggers, review, count, place, budget; every save is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages.fields import (
    Document,
    at,
    is_same,
    problems_by_field,
    value_of,
    with_value,
)
from shopify_imagegen.admin.pages.frame import by, go
from shopify_imagegen.errors import ConfigError, Conflict, NotFound
from shopify_imagegen.models import Saved
from shopify_imagegen.own import own_part
from shopify_imagegen.wiring import House

RULES = ("types", "not_types", "vendors", "not_vendors", "tags", "not_tags", "collections", "not_collections")
KINDS: Mapping[str, str] = {  # key -> how its field is read, see `fields.value_of`
    "trigger.on_create": "flag",
    "trigger.on_first_photo": "flag",
    "trigger.statuses": "many",
    "trigger.quiet_s": "text",
    "trigger.storm_threshold": "text",
    **{f"trigger.rules.{name}": "list" for name in RULES},
    "images.per_product": "text",
    "images.aspect_ratio": "text",
    "images.per_variant_option": "text",
    "images.link_variants": "text",
    "publish.mode": "text",
    "publish.position": "text",
    "disclosure.alt_suffix": "text",
    "disclosure.metafield": "flag",
    "budget.per_image_usd": "text",
    "budget.per_day_usd": "text",
    "budget.per_month_usd": "text",
}
CHOICES = {
    "images.aspect_ratio": ("1:1", "4:5", "3:4", "2:3", "9:16", "4:3", "3:2", "16:9", "21:9"),
    "images.link_variants": ("all", "free"),
    "publish.mode": ("auto", "review"),
    "publish.position": ("last", "second", "first"),
    "trigger.statuses": ("active", "draft", "unlisted"),
}


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/settings")
    def settings() -> str:
        shop = session().shop
        values = own_part(house.tailor.settings(shop))
        return _page(house, shop, {key: at(values, key) for key in KINDS})

    @pages.post("/settings")
    def save_settings() -> Response | tuple[str, int]:
        shop = session().shop
        typed = {key: value_of(request.form, key, kind) for key, kind in KINDS.items()}
        try:
            said = saved(house, shop, typed, version=_version(request.form))
        except Conflict:
            return _page(house, shop, typed, {"": "elsewhere"}), 409
        except ConfigError as error:
            return _page(house, shop, typed, problems_by_field(str(error).splitlines())), 422
        return go("settings", said)

    @pages.post("/settings/<int:number>/restore")
    def restore(number: int) -> Response:
        shop = session().shop
        found = next((each for each in house.tailor.history(shop) if each.version == number), None)
        if found is None and number:
            raise NotFound(f"There is no version {number} of your settings.")
        current = house.tailor.current(shop)
        house.tailor.save(shop, found.document if found else {}, by=by(), version=current.version)
        return go(request.form.get("to", "settings") if request.form.get("to") == "style" else "settings", "restored")


def saved(house: House, shop: str, typed: Mapping[str, Any], *, version: int) -> str:
    """Save what was typed over what the store had set. Returns what to say.

    Raises:
        ConfigError: with every problem by key. Conflict: somebody has saved another version meanwhile.
    """
    current = house.tailor.current(shop)
    document = laid_over(own_part(house.settings), current.document, typed)
    if document == current.document:
        return "nothing_changed"
    house.tailor.save(shop, document, by=by(), version=version)
    return "saved"


def laid_over(defaults: Mapping[str, Any], document: Document, typed: Mapping[str, Any]) -> Document:
    """The store's document with what was typed in it; what is as in the settings file is left out."""
    for key, value in typed.items():
        document = with_value(document, key, None if is_same(value, at(defaults, key)) else value)
    return document


def _version(form: MultiDict[str, str]) -> int:
    return form.get("version", 0, type=int)


def _page(house: House, shop: str, values: Mapping[str, Any], problems: Mapping[str, str] | None = None) -> str:
    return render_template(
        "admin/settings.html",
        values=values,
        problems=problems or {},
        current=house.tailor.current(shop),
        versions=versions(house, shop),
        choices=CHOICES,
        rules=RULES,
        picture_price_microusd=house.picture_price_microusd(),
    )


def versions(house: House, shop: str) -> tuple[Saved, ...]:
    """The newest first."""
    return house.tailor.history(shop)[:20]
