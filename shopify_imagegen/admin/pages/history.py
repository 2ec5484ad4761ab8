"""A product's history: every picture we made for it, its words, cost and record; before and after."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import changes, show
from shopify_imagegen.admin.pages.frame import ask, go, once
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import (
    RESTING_JOB_STATES,
    Candidate,
    Deed,
    ImageState,
    JobRetried,
    Photo,
    Product,
    Stage,
    Standing,
    Value,
)
from shopify_imagegen.wiring import House

DEEDS_AT_MOST = 500
CAN = {
    "be_taken_back": changes.CAN_BE_TAKEN_BACK,
    "go_back_on": changes.CAN_GO_BACK_ON,
    "be_made_anew": changes.CAN_BE_MADE_ANEW,
}
IN_FILES = changes.CAN_BE_TAKEN_BACK | changes.CAN_GO_BACK_ON


class Entry(Value):
    """One picture, with all that is known of it."""

    candidate: Candidate
    url: str | None  #: None: it has no file, or the store did not answer
    deeds: tuple[Deed, ...]  #: oldest first


class History(Value):
    """A product and our pictures of it."""

    product_id: str
    title: str
    standing: Standing
    entries: tuple[Entry, ...]  #: the newest first
    tests: tuple[Entry, ...]  #: pictures that only try a style
    before: tuple[Photo, ...]  #: the product's media without ours
    after: tuple[Photo, ...]  #: as it is now
    ours: frozenset[str]  #: media ids
    spent_microusd: int
    unreachable: bool

    @property
    def can_retry(self) -> bool:
        return self.standing.stage == Stage.FAILED


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/products/<int:product>")
    def history(product: int) -> str:
        found = history_of(house, session().shop, show.gid(product))
        return render_template(
            "admin/history.html",
            history=found,
            can=CAN,
            picture_price_microusd=house.picture_price_microusd(),
            refresh_ms=refresh_ms(found.standing.stage == Stage.WORKING),
        )

    @pages.post("/products/<int:product>/retry")
    def retry(product: int) -> Response:
        job_id = house.overview.standings(session().shop, [show.gid(product)])[show.gid(product)].job_id
        retried(house, job_id or "", this=once())
        return go("history", "retried", product=product)


def retried(house: House, job_id: str, *, this: str) -> None:
    """Take a job up again.

    Raises:
        NotFound: this store has no such job. Conflict: it is under way.
    """
    job = house.jobs.job(job_id)
    if job.shop != session().shop:
        raise NotFound(f"there is no job {job_id}")
    if job.state not in RESTING_JOB_STATES:
        raise Conflict(f"{job.product_title} is being worked on already")
    ask(house, JobRetried(job_id=job_id), once=f"{this}:{job_id}")


def history_of(house: House, shop: str, product_id: str) -> History:
    """Raises: NotFound when neither the store nor our record knows the product."""
    candidates = house.overview.of_product(shop, product_id)
    standing = house.overview.standings(shop, [product_id])[product_id]
    product, unreachable = _product(house, shop, product_id, known=bool(candidates))
    ours = house.jobs.our_media(shop, product_id)
    tests = tuple(each for each in candidates if each.image.brief.is_test and each.image.state != ImageState.PUBLISHED)
    media = product.media if product else ()
    return History(
        product_id=product_id,
        title=product.title if product else standing.title or show.number(product_id),
        standing=standing,
        entries=_entries(house, shop, product_id, [each for each in candidates if each not in tests]),
        tests=_entries(house, shop, product_id, tests),
        before=tuple(photo for photo in media if photo.id not in ours),
        after=media,
        ours=ours,
        spent_microusd=sum(each.cost_microusd or 0 for each in candidates),
        unreachable=unreachable,
    )


def _product(house: House, shop: str, product_id: str, *, known: bool) -> tuple[Product | None, bool]:
    """The product, and whether the store could not be asked for it."""
    try:
        found = reached(lambda: house.shopify.catalog.product(shop, product_id))
    except NotFound:
        if not known:
            raise
        return None, False
    return found, found is None


def _entries(house: House, shop: str, product_id: str, candidates: Sequence[Candidate]) -> tuple[Entry, ...]:
    files = [each.image.file_id for each in candidates if each.image.file_id and each.image.state in IN_FILES]
    urls = reached(lambda: house.shopify.cards.pictures(shop, [each for each in files if each])) or {}
    deeds: dict[str | None, list[Deed]] = {}
    for deed in house.overview.activity(shop, before=None, limit=DEEDS_AT_MOST, product_id=product_id):
        deeds.setdefault(deed.image_id, []).insert(0, deed)
    return tuple(
        Entry(candidate=each, url=urls.get(each.image.file_id or ""), deeds=tuple(deeds.get(each.image.id, ())))
        for each in candidates
    )
