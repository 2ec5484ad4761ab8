"""The first page: what happened, what needs a decision, the money, and for a new store the way to its first picture."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages.needs import needs_now
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.budget import day, month
from shopify_imagegen.models import RESTING_JOB_STATES, Card, CardPage, Job, Value
from shopify_imagegen.settings import microusd
from shopify_imagegen.wiring import House

RECENT = 8
GUIDE_LOOKS_AT = 25  # newest products, for one with a photo


class Guide(Value):
    """How far a store is on the way to its first picture."""

    step: int  #: the one to do next: 2 … 4
    reviews: bool
    product: Card | None = None  #: to begin with: the newest that has a picture
    price_microusd: int = 0
    pictures: int = 0
    job: Job | None = None  #: the first

    @property
    def title(self) -> str:
        return self.job.product_title if self.job else ""


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/")
    def home() -> str:
        shop, now = session().shop, datetime.now(UTC)
        jobs, budget = house.jobs.recent(shop=shop, limit=RECENT), house.tailor.settings(shop).budget
        return render_template(
            "admin/home.html",
            shop=shop,
            jobs=jobs,
            guide=None if needs_now(house).tally.pictures else guide(house, shop, jobs),
            month=house.spending.total(month(now), shop=shop),
            today=house.spending.total(day(now), shop=shop),
            limits={"month": microusd(budget.per_month_usd), "day": microusd(budget.per_day_usd)},
            refresh_ms=refresh_ms(any(job.state not in RESTING_JOB_STATES for job in jobs)),
        )


def guide(house: House, shop: str, jobs: tuple[Job, ...]) -> Guide:
    """For a store without a picture on any product."""
    settings = house.tailor.settings(shop)
    reviews = settings.publish.mode == "review"
    if jobs:
        return Guide(step=4, reviews=reviews, job=jobs[-1])
    newest = reached(lambda: house.shopify.cards.search(shop, "", after=None, limit=GUIDE_LOOKS_AT)) or CardPage(
        cards=(), after=None
    )
    product = next((card for card in newest.cards if card.image_url and card.status == "ACTIVE"), None)
    pictures = settings.images.per_product
    price = pictures * house.picture_price_microusd()
    return Guide(step=3, reviews=reviews, product=product, price_microusd=price, pictures=pictures)
