"""The pages of the embedded admin: each module reads, makes frozen values of it, and hands them to a template."""

from __future__ import annotations

from flask import Blueprint

from shopify_imagegen.admin.gate import Gate
from shopify_imagegen.admin.pages import (
    activity,
    attention,
    backfill_report,
    backfills,
    changes,
    frame,
    history,
    home,
    order,
    products,
    review,
    settings_page,
    style,
    style_test,
)
from shopify_imagegen.wiring import House


def blueprint(house: House, gate: Gate) -> Blueprint:
    """Every page, behind the gate, to mount at `/`."""
    pages = Blueprint(
        "admin",
        __name__,
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/admin-files",
    )
    frame.frame(pages, house)  # first: who is turned away is told so in a language too
    gate.guard(pages)
    frame.hurry_up(pages)  # last: a token may be fetched in peace
    work = (home, products, order, review, history, changes, attention, backfills, backfill_report)
    for page in (*work, style, style_test, settings_page, activity):
        page.routes(pages, house)
    return pages
