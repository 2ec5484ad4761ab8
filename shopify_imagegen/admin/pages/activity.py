"""The record of what was done, when and by whom, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.models import Deed
from shopify_imagegen.wiring import House

PER_PAGE = 50
BOUGHT = "image_bought"


def told_once(deeds: Sequence[Deed]) -> tuple[Deed, ...]:
    """Buying, checking and marking a picture are three rows of the record, and one thing to whoever reads it."""
    newest: dict[tuple[str | None, str], Deed] = {}
    for deed in deeds:
        newest.setdefault((deed.image_id, deed.action), deed)
    return tuple(deed for deed in deeds if deed.action != BOUGHT or newest[deed.image_id, BOUGHT] is deed)


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/activity")
    def activity() -> str:
        shop, before = session().shop, request.args.get("before", type=int)
        deeds = house.overview.activity(shop, before=before, limit=PER_PAGE + 1)
        standings = house.overview.standings(shop, list({deed.product_id for deed in deeds}))
        titles = {each: standing.title or show.number(each) for each, standing in standings.items()}
        titles |= {deed.product_id: deed.product_title for deed in deeds if deed.product_title}
        return render_template(
            "admin/activity.html",
            deeds=told_once(deeds[:PER_PAGE]),
            titles=titles,
            before=before,
            older=deeds[PER_PAGE - 1].id if len(deeds) > PER_PAGE else None,
        )
