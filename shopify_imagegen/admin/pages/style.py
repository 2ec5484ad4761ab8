"""How the photos look: the style pack, scenes on and off, what differs by type and tag; with a free preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.fields import at, problems_by_field, value_of
from shopify_imagegen.admin.pages.frame import go
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.admin.pages.settings_page import laid_over, saved, versions
from shopify_imagegen.admin.pages.style_image import expect_a_picture, typed_image
from shopify_imagegen.errors import ConfigError, Conflict, ImagegenError, Rejected
from shopify_imagegen.models import Card, Plan, Skip, Trigger
from shopify_imagegen.own import own_part
from shopify_imagegen.plan import Ask, plan
from shopify_imagegen.prompts.library import Library
from shopify_imagegen.wiring import House

STYLE: Mapping[str, str] = {
    "prompts.style.look": "text",
    "prompts.style.palette": "text",
    "prompts.style.mood": "text",
    "prompts.style.avoid": "list",
    "prompts.style.people": "text",
}
IMAGE = ("prompts.style.image", "prompts.style.image_id")
TABLES = ("prompts.by_type", "prompts.by_tag")
PREVIEWED_FROM = 50  # newest products


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/style")
    def style() -> str:
        shop = session().shop
        values = own_part(house.tailor.settings(shop))
        keys = (*STYLE, *IMAGE, *TABLES, "prompts.scenes_off")
        return _page(house, shop, {key: at(values, key) for key in keys})

    @pages.post("/style")
    def save_style() -> Response | str | tuple[str, int]:
        expect_a_picture()
        shop = session().shop
        typed = typed_style(request.form, house.tailor.studio(shop).library)
        try:
            typed |= _with_image(house, shop)
            if request.form.get("do") == "preview":
                preview = previewed(house, shop, typed, request.form.get("product", ""))
                return _page(house, shop, typed, preview=preview, is_saved=_is_saved(house, shop, typed))
            said = saved(house, shop, typed, version=request.form.get("version", 0, type=int))
        except Conflict:
            return _page(house, shop, typed, problems={"": "elsewhere"}), 409
        except ConfigError as error:
            return _page(house, shop, typed, problems=problems_by_field(str(error).splitlines())), 422
        return go("style", said)


def _is_saved(house: House, shop: str, typed: Mapping[str, Any]) -> bool:
    """Whether what was typed is the style in use."""
    document = house.tailor.current(shop).document
    return laid_over(own_part(house.settings), document, typed) == document


def _with_image(house: House, shop: str) -> dict[str, str]:
    """Raises: ConfigError, with what is wrong about a picture beside its field."""
    style = house.tailor.settings(shop).prompts.style
    try:
        return typed_image(house, style)
    except ImagegenError as error:
        raise ConfigError(f"prompts.style.image: {error}") from None


def typed_style(form: MultiDict[str, str], library: Library) -> dict[str, Any]:
    """What a form says of the style. Scenes are shown as switched on, and kept as switched off."""
    typed: dict[str, Any] = {key: value_of(form, key, kind) for key, kind in STYLE.items()}
    on = set(form.getlist("scene"))
    typed["prompts.scenes_off"] = [scene.full_id for scene in library.scenes if scene.full_id not in on]
    return typed | {table: _table(form, table) for table in TABLES}


def _table(form: MultiDict[str, str], table: str) -> dict[str, dict[str, Any]]:
    """The overrides of one table; a row without a name is none."""
    columns = (form.getlist(f"{table}.{column}") for column in ("name", "category", "note", "row"))
    rows = zip(*columns, strict=False)
    return {
        name.strip(): {"category": category, "note": note.strip(), "scenes": form.getlist(f"{table}.scenes-{row}")}
        for name, category, note, row in rows
        if name.strip()
    }


def previewed(house: House, shop: str, typed: Mapping[str, Any], product_number: str) -> Plan | Skip | None:
    """What would be asked for with the style as typed; nothing is saved or bought. None: the store does not answer.

    Raises:
        ConfigError: what was typed cannot be saved either. Rejected: no product was chosen.
    """
    document = laid_over(own_part(house.settings), house.tailor.current(shop).document, typed)
    studio = house.tailor.preview(document)
    if not product_number.isdecimal():
        raise Rejected("Choose a product for the preview.")
    product = reached(lambda: house.shopify.catalog.product(shop, show.gid(int(product_number))))
    if product is None:
        return None
    ours = house.jobs.our_media(shop, product.id)
    asks = {"is_new": False, "waited_for_photo": False, "shown": 0, "busy": False}
    return plan(product, studio, Ask(shop=shop, trigger=Trigger.PERSON, ours=ours, **asks))


def _page(
    house: House,
    shop: str,
    values: Mapping[str, Any],
    *,
    problems: Mapping[str, str] | None = None,
    preview: Plan | Skip | None = None,
    is_saved: bool = False,
) -> str:
    newest = reached(lambda: house.shopify.cards.search(shop, "", after=None, limit=PREVIEWED_FROM))
    cards: tuple[Card, ...] = newest.cards if newest else ()
    return render_template(
        "admin/style.html",
        values=values,
        problems=problems or {},
        preview=preview,
        is_saved=is_saved,
        is_preview=request.form.get("do") == "preview",
        chosen=request.form.get("product", ""),
        products=[card for card in cards if card.image_url],
        library=house.tailor.studio(shop).library,
        current=house.tailor.current(shop),
        versions=versions(house, shop),
        picture_price_microusd=house.picture_price_microusd(),
    )
