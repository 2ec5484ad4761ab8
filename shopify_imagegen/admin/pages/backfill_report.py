"""What became of a backfill: to look at, with before and after, and to download; and its plan as a table.

A download is written while it is read, so that any size begins at once and needs no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from flask import Blueprint, Response, render_template, request

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages.frame import t
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.backfills import reports, sheets
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Backfill, Made, Value
from shopify_imagegen.wiring import House

PER_PAGE = 50


class Line(Value):
    """A product of the report."""

    made: Made
    before: str  #: the address of the photo that its pictures were made from; "" when that is forgotten
    after: tuple[tuple[str, str], ...]  #: address and alt text of each picture that the store has
    reasons: tuple[str, ...]


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/backfills/<backfill_id>/report")
    def backfill_report(backfill_id: str) -> str:
        backfill = theirs(house, backfill_id)
        after = request.args.get("after", 0, type=int)
        found = list(islice(house.backfill_report.lines(backfill, after=after), PER_PAGE + 1))
        urls = _urls(house, found[:PER_PAGE])
        return render_template(
            "admin/backfill_report.html",
            backfill=backfill,
            progress=house.backfills.progress(backfill.id),
            lines=[_line(made, urls or {}) for made in found[:PER_PAGE]],
            unreachable=urls is None,
            after=after,
            following=found[PER_PAGE - 1].item.number if len(found) > PER_PAGE else None,
        )

    @pages.get("/backfills/<backfill_id>/report.<any(csv,json):form>")
    def download_report(backfill_id: str, form: str) -> Response:
        backfill = theirs(house, backfill_id)
        lines = house.backfill_report.lines(backfill)
        if form == "csv":
            return _file(reports.as_csv(lines), f"{backfill.id}-report.csv", "text/csv")
        counted = house.backfill_numbers.counted_microusd(backfill)
        head = reports.summary(backfill, house.backfills.progress(backfill.id), ledger_microusd=counted)
        return _file(reports.as_json(head, lines), f"{backfill.id}-report.json", "application/json")

    @pages.get("/backfills/<backfill_id>/plan.csv")
    def download_plan(backfill_id: str) -> Response:
        backfill = theirs(house, backfill_id)
        return _file(sheets.plan_csv(house.backfill_rows.items(backfill.id)), f"{backfill.id}-plan.csv", "text/csv")


def theirs(house: House, backfill_id: str) -> Backfill:
    """Raises: NotFound when this store has no such backfill."""
    found = house.backfills.find(backfill_id)
    if found.shop != session().shop:
        raise NotFound(t("backfills.missing"))
    return found


def _urls(house: House, found: Iterable[Made]) -> Mapping[str, str] | None:
    """File id -> where the store shows it now; None when the store could not be asked."""
    files = [image.file_id for made in found for image in made.images if image.file_id]
    return reached(lambda: house.shopify.cards.pictures(session().shop, files))


def _line(made: Made, urls: Mapping[str, str]) -> Line:
    shown = [(urls[image.file_id or ""], image.brief.alt) for image in made.images if image.file_id in urls]
    return Line(made=made, before=reports.before(made), after=tuple(shown), reasons=reports.reasons(made))


def _file(content: Iterable[str], name: str, mime: str) -> Response:
    """An answer that a browser keeps under that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=f"{mime}; charset=utf-8", headers=headers)
