"""What would be made for the chosen products and what it costs, before the button that spends."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.frame import ask, go, once, t, wish_id
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.errors import NotFound, Rejected
from shopify_imagegen.models import QUEUED, Card, GenerateRequested, Job, Plan, Skip, Value
from shopify_imagegen.wiring import House

AT_MOST = 250  # products at once; more is what backfills are for
NOTE_CHARS = 300


class Answer(Value):
    """What became of the wish for one product."""

    product_id: str
    title: str
    job: Job | None = None
    reason: str = ""  #: why no pictures are made
    is_open: bool = False  #: nobody has looked at it yet


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/order")
    def order() -> Response | str:
        wishes = wished(request.args)
        if not wishes:
            return go("products", "none_chosen")
        shop = session().shop
        cards = reached(lambda: house.shopify.cards.some(shop, [wish.product_id for wish in wishes]))
        plan = _preview(house, shop, wishes[0]) if len(wishes) == 1 else None
        return render_template(
            "admin/order.html",
            wishes=wishes,
            titles=_titles(house, shop, wishes, cards or {}),
            cards=cards or {},
            plan=plan,
            form=request.args,
            pictures=_pictures(house, wishes, plan),
            price_microusd=_price(house, wishes, plan),
            scenes=house.tailor.studio(shop).library.categories,
            default_count=_usual(house),
        )

    @pages.post("/order")
    def place() -> Response:
        wishes, this = wished(request.form), once()
        for wish in wishes:
            ask(house, wish, once=f"{this}:{show.number(wish.product_id)}")
        return go("asked", once=this, id=[show.number(wish.product_id) for wish in wishes])

    @pages.get("/asked")
    def asked() -> str:
        answers = [_answer(house, request.args.get("once", ""), wish.product_id) for wish in wished(request.args)]
        busy = any(each.is_open for each in answers)
        return render_template("admin/asked.html", answers=answers, refresh_ms=refresh_ms(busy))


def wished(form: MultiDict[str, str]) -> list[GenerateRequested]:
    """The wishes of a form, one a product.

    Raises:
        Rejected: a count, a scene or a note that is not possible.
    """
    numbers = [each for each in dict.fromkeys(form.getlist("id")) if each.isdecimal() and len(each) <= 20][:AT_MOST]
    wish: dict[str, object] = {"note": form.get("note", "").strip()[:NOTE_CHARS]}
    wish |= {name: form[name] for name in ("scene", "count") if form.get(name)}
    try:
        return [GenerateRequested.model_validate(wish | {"product_id": show.gid(int(each))}) for each in numbers]
    except ValidationError:
        raise Rejected(t("order.wrong")) from None


def _preview(house: House, shop: str, wish: GenerateRequested) -> Plan | Skip | None:
    return reached(lambda: house.look.preview(shop, wish))


def _pictures(house: House, wishes: list[GenerateRequested], plan: Plan | Skip | None) -> int:
    if isinstance(plan, Plan):
        return len(plan.briefs)
    return len(wishes) * (wishes[0].count or _usual(house))


def _usual(house: House) -> int:
    return house.tailor.settings(session().shop).images.per_product


def _price(house: House, wishes: list[GenerateRequested], plan: Plan | Skip | None) -> int:
    return _pictures(house, wishes, plan) * house.picture_price_microusd()


def _titles(house: House, shop: str, wishes: list[GenerateRequested], cards: Mapping[str, Card]) -> dict[str, str]:
    known = house.overview.standings(shop, [wish.product_id for wish in wishes])
    return {each: cards[each].title if each in cards else known[each].title or show.number(each) for each in known}


def _answer(house: House, this: str, product_id: str) -> Answer:
    shop = session().shop
    title = house.overview.standings(shop, [product_id])[product_id].title or show.number(product_id)
    try:
        made = house.wishes.progress(shop, wish_id(f"{this}:{show.number(product_id)}"))
    except NotFound:
        return Answer(product_id=product_id, title=title, is_open=True)
    title = made.job.product_title if made.job else title
    is_open = made.state == QUEUED
    return Answer(product_id=product_id, title=title, job=made.job, reason=made.reason, is_open=is_open)
