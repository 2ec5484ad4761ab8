"""The image API's bill: what was bought, for how much, and whether anything was bought twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, render_template

from shopify_imagegen.sandbox.image_api import Bank, ImageApi, Sale
from shopify_imagegen.sandbox.pages.frame import find_shop
from shopify_imagegen.sandbox.shop.store import Store

SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One purchase on the bill."""

    at: datetime
    sale: Sale
    again: bool  #: the same prompt and references were billed before


def routes(pages: Blueprint, store: Store) -> None:
    @pages.get("/store/<handle>/bill")
    def bill(handle: str) -> str:
        find_shop(store, handle)
        bank = bank_here()
        lines = bill_lines(bank.sales) if bank else []
        return render_template(
            "sandbox/bill.html",
            bank=bank,
            lines=lines[:SHOWN],
            purchases=len(lines),
            repeated=sum(line.again for line in lines),
        )


def bank_here() -> Bank | None:
    """The bank of the image API that is mounted beside these pages, if there is one."""
    return next((each.bank for each in current_app.blueprints.values() if isinstance(each, ImageApi)), None)


def bill_lines(sales: list[Sale]) -> list[Line]:
    """The newest purchase first, each one that repeats an earlier one marked."""
    before: Counter[str] = Counter()
    lines = []
    for sale in sales:
        lines.append(Line(datetime.fromisoformat(sale.at), sale, again=before[sale.fingerprint] > 0))
        before[sale.fingerprint] += 1
    return lines[::-1]
