"""One paid picture that tries the saved style on a product: looked at here, and on no product unless a person says so.

The same style and product are one picture: asked for again, it is shown again, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.frame import ask, go, once
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.models import Candidate, GenerateRequested, ImageState, Plan, Skip, Trigger, Value
from shopify_imagegen.wiring import House

IS_THERE = (ImageState.STAGED, ImageState.PUBLISHED, ImageState.REJECTED, ImageState.ROLLED_BACK)
GOES_ON = (ImageState.PLANNED, ImageState.BOUGHT)
CAN_BE_BOUGHT = (ImageState.REFUSED, ImageState.OVER_BUDGET)


class Tried(Value):
    """A product's test pictures."""

    product_id: str
    title: str
    decision: Plan | Skip | None  #: with the saved style; None: the store does not answer
    made: Candidate | None  #: with the saved style
    earlier: tuple[Candidate, ...]  #: with other styles, the newest first
    urls: dict[str, str]  #: file id -> address
    reason: str = ""  #: why the worker made none
    is_asked: bool = False  #: the worker has not looked at it yet

    @property
    def can_buy(self) -> bool:
        untried = self.made is None or self.made.image.state in CAN_BE_BOUGHT
        return isinstance(self.decision, Plan) and untried and not self.is_asked

    @property
    def is_going(self) -> bool:
        return self.is_asked or (self.made is not None and self.made.image.state in GOES_ON)


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/style/test/<int:product>")
    def style_test(product: int) -> str:
        tried = tried_of(house, session().shop, show.gid(product), request.args.get("once", ""))
        return render_template(
            "admin/style_test.html",
            tried=tried,
            is_there=IS_THERE,
            style_image=house.tailor.settings(session().shop).prompts.style.image,
            picture_price_microusd=house.picture_price_microusd(),
            refresh_ms=refresh_ms(tried.is_going),
        )

    @pages.post("/style/test/<int:product>")
    def buy_test(product: int) -> Response:
        this, tried = once(), tried_of(house, session().shop, show.gid(product), "")
        if not tried.can_buy:
            return go("style_test", "made_before" if tried.made else "", product=product)
        ask(house, _wish(show.gid(product)), once=f"{this}:{product}")
        return go("style_test", product=product, once=this)


def tried_of(house: House, shop: str, product_id: str, this: str) -> Tried:
    """Args: this: what the form was given by which the picture was asked for; "" for none. Raises: NotFound."""
    decision = reached(lambda: house.look.preview(shop, _wish(product_id)))
    every = [each for each in house.overview.of_product(shop, product_id) if each.image.brief.is_test]
    key = decision.briefs[0].key if isinstance(decision, Plan) else ""
    answer = house.inbox.answered(f"admin:{shop}:{this}:{show.number(product_id)}") if this else None
    made = next((each for each in every if each.image.id == key), None)
    return Tried(
        product_id=product_id,
        title=(decision.product_title if decision else "") or show.number(product_id),
        decision=decision,
        made=made,
        earlier=tuple(each for each in every if each.image.id != key),
        urls=_urls(house, shop, every),
        reason=answer[1] if answer and not answer[0] else "",
        is_asked=bool(this) and answer is None,
    )


def _wish(product_id: str) -> GenerateRequested:
    return GenerateRequested(product_id=product_id, trigger=Trigger.TEST, count=1)


def _urls(house: House, shop: str, every: Sequence[Candidate]) -> dict[str, str]:
    files = [each.image.file_id for each in every if each.image.file_id]
    return dict(reached(lambda: house.shopify.cards.pictures(shop, files)) or {})
