"""The record of what was done, when and by whom, page by page."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.wiring import House

PER_PAGE = 50


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/activity")
    def activity() -> str:
        shop, before = session().shop, request.args.get("before", type=int)
        deeds = house.overview.activity(shop, before=before, limit=PER_PAGE + 1)
        standings = house.overview.standings(shop, list({deed.product_id for deed in deeds}))
        titles = {each: standing.title or show.number(each) for each, standing in standings.items()}
        return render_template(
            "admin/activity.html",
            deeds=deeds[:PER_PAGE],
            titles=titles,
            before=before,
            older=deeds[PER_PAGE - 1].id if len(deeds) > PER_PAGE else None,
        )
