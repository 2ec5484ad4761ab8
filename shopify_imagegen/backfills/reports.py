"""What became of a backfill, for a merchant's browser or spreadsheet. Written line by line: any size."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Any, TextIO

from shopify_imagegen.backfills.sheets import begin, end, img, json_list, link, table, usd
from shopify_imagegen.budget import dollars
from shopify_imagegen.models import Backfill, BackfillProgress, ImageState, Made

AfterUrls = Callable[[str, list[str]], Mapping[str, str]]  #: shop, file ids → where the store shows them

COLUMNS = (
    "product_id", "title", "product", "state", "reason", "scene", "picture", "picture_reason", "file", "cost_usd",
)  # fmt: skip
AFTER_AT_ONCE = 100  # products whose pictures are asked for together


def summary(found: Backfill, now: BackfillProgress, *, ledger_microusd: int) -> dict[str, Any]:
    """Its numbers. *ledger_microusd*: the ledger's own sum, to stand beside ours."""
    return {
        "backfill": found.id,
        "shop": found.shop,
        "query": found.query,
        "state": str(found.state),
        "planned_products": found.products,
        "planned_pictures": found.pictures,
        "worst_usd": usd(found.worst_microusd),
        "ceiling_usd": usd(found.ceiling_microusd),
        "paid_usd": usd(now.paid_microusd),
        "perhaps_charged_usd": usd(now.unknown_microusd),
        "committed_usd": usd(now.committed_microusd),
        "committed_microusd": now.committed_microusd,
        "ledger_microusd": ledger_microusd,
        "pictures_ready": now.ready,
        "pictures_failed": now.failed,
        "products": now.items,
        "jobs": now.jobs,
        "images": now.images,
        "reasons": now.reasons,
    }


def as_csv(lines: Iterable[Made]) -> Iterator[str]:
    """One line a picture; products without pictures have one line too. The costs add up to the ledger's."""
    return table(COLUMNS, ([row[column] for column in COLUMNS] for made in lines for row in rows(made)))


def as_json(head: Mapping[str, Any], lines: Iterable[Made]) -> Iterator[str]:
    """One document: *head*, and its products, written as they are read."""
    return json_list(head, "products", (json.dumps(product_json(made), ensure_ascii=False) for made in lines))


def as_html(backfill: Backfill, summary: Mapping[str, Any], lines: Iterable[Made], file: TextIO,
                after: AfterUrls) -> None:  # fmt: skip
    """Before and after, product by product."""
    begin(file, f"Report of {backfill.id}", f"{backfill.shop}: {backfill.query or 'all products'}")
    for name, value in summary.items():
        if not isinstance(value, dict | list):
            file.write(f"{escape(name.replace('_', ' '))}: {escape(str(value))}<br>\n")
    file.write("<table><tr><th>product<th>before<th>after<th>cost<th>what happened</tr>\n")
    for page in _pages(lines):
        ids = [image.file_id for made in page for image in made.images if image.file_id]
        urls = after(backfill.shop, ids)
        file.writelines(_html_row(backfill.shop, made, urls) for made in page)
    file.write("</table>\n")
    end(file)


def rows(made: Made) -> list[dict[str, Any]]:
    """The product's lines in a table. What was bought and belongs to no picture of today has a line of its own."""
    item, job = made.item, made.job
    first = {
        "product_id": item.product_id,
        "title": item.product_title,
        "product": item.handle,
        "state": str(job.state if job else item.state),
        "reason": item.reason or (job.reason if job else ""),
    }
    blank = dict.fromkeys(("scene", "picture", "picture_reason", "file"), "")
    costs = {purchase.key: purchase.counts_microusd for purchase in made.purchases}
    found = [
        first
        | {
            "scene": image.brief.scene,
            "picture": str(image.state),
            "picture_reason": image.reason,
            "file": image.file_id or "",
            "cost_usd": usd(costs.pop(image.id, 0)),
        }
        for image in made.images
    ]
    found += [first | blank | {"picture": "bought before", "cost_usd": usd(cost)} for cost in costs.values() if cost]
    return found or [first | blank | {"cost_usd": usd(0)}]


def product_json(made: Made) -> dict[str, Any]:
    """A product of the report."""
    item, job = made.item, made.job
    costs = {purchase.key: purchase.counts_microusd for purchase in made.purchases}
    return {
        "product_id": item.product_id,
        "title": item.product_title,
        "state": str(job.state if job else item.state),
        "why": item.why,
        "reason": item.reason or (job.reason if job else ""),
        "job": item.job_id,
        "cost_microusd": made.committed_microusd,
        "before": before(made),
        "pictures": [
            {
                "id": image.id,
                "scene": image.brief.scene,
                "state": str(image.state),
                "reason": image.reason,
                "file_id": image.file_id,
                "cost_microusd": costs.get(image.id, 0),
            }
            for image in made.images
        ],
    }


def before(made: Made) -> str:
    """The first photo that its pictures are made from: as planned, or, when that is forgotten, as bought."""
    planned = made.item.plan.briefs if made.item.plan else ()
    briefs = planned or tuple(image.brief for image in made.images)
    return next((reference.url for brief in briefs for reference in brief.references[:1]), "")


def reasons(made: Made) -> tuple[str, ...]:
    """All that is to be said of a product and its pictures, each once."""
    found = [made.item.reason, made.job.reason if made.job else ""]
    found += [image.reason for image in made.images if image.state != ImageState.PUBLISHED]
    return tuple(reason for reason in dict.fromkeys(found) if reason)


def _html_row(shop: str, made: Made, urls: Mapping[str, str]) -> str:
    photo = img(before(made), made.item.product_title)
    shown = (image for image in made.images if image.file_id in urls)
    after = "".join(img(urls[image.file_id or ""], image.brief.alt) for image in shown)
    state = made.job.state if made.job else made.item.state
    why = "<br>".join(escape(reason) for reason in reasons(made))
    cells = (link(shop, made.item), photo, after, dollars(made.committed_microusd))
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells) + f'<td>{escape(state)}<div class="why">{why}</div></tr>\n'


def _pages(lines: Iterable[Made]) -> Iterable[list[Made]]:
    page: list[Made] = []
    for made in lines:
        page.append(made)
        if len(page) == AFTER_AT_ONCE:
            yield page
            page = []
    if page:
        yield page
