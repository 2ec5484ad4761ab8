"""What a person must decide or mend, each with its action: unknown purchases, failures, storms, pauses."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.frame import ask, by, go, once
from shopify_imagegen.admin.pages.history import retried
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import GenerateRequested, ImageState, Purchase
from shopify_imagegen.wiring import House

CAN_GO_ON = {ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.FAILED}
BUYS = {ImageState.REFUSED, ImageState.OVER_BUDGET}


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/attention")
    def attention() -> str:
        shop = session().shop
        unknown = house.decisions.waiting(shop=shop)
        hold = house.storm.open(shop)
        return render_template(
            "admin/attention.html",
            unknown=unknown,
            titles=_titles(house, shop, unknown),
            hold_price_microusd=house.storm.price_microusd(hold) if hold else 0,
            failures=house.overview.failures(shop),
            can_go_on=CAN_GO_ON,
            buys=BUYS,
            picture_price_microusd=house.picture_price_microusd(),
            refresh_ms=refresh_ms(False),
        )

    _decisions(pages, house)

    @pages.post("/attention/retry")
    def retry_all() -> Response:
        this, begun = once(), 0
        for job_id in request.form.getlist("job"):
            try:
                retried(house, job_id, this=this)
                begun += 1
            except (Conflict, NotFound):
                continue  # somebody else was quicker
        return go("attention", "retried_all", count=begun)


def _decisions(pages: Blueprint, house: House) -> None:
    @pages.post("/attention/purchases/<key>/write-off")
    def write_off(key: str) -> Response:
        _theirs(house, key)
        house.decisions.write_off(key, by=by())
        return go("attention", "written_off")

    @pages.post("/attention/purchases/<key>/buy-again")
    def buy_again(key: str) -> Response:
        purchase = _theirs(house, key)
        house.decisions.buy_again(key, by=by())
        ask(house, GenerateRequested(product_id=purchase.product_id), once=once())
        return go("attention", "bought_again")

    @pages.post("/attention/held/<hold_id>/<any(start,dismiss):choice>")
    def decide(hold_id: str, choice: str) -> Response:
        hold = house.storm.open(session().shop)
        if hold is None or hold.id != hold_id:
            raise NotFound("These products do not wait any more: somebody has decided on them.")
        done = house.storm.start(hold.id, by=by()) if choice == "start" else house.storm.dismiss(hold.id, by=by())
        return go("attention", "started" if choice == "start" else "dismissed", count=done.products)


def _theirs(house: House, key: str) -> Purchase:
    """Raises: NotFound when this store has no such purchase that waits."""
    found = next((each for each in house.decisions.waiting(shop=session().shop) if each.key == key), None)
    if found is None:
        raise NotFound("This purchase does not wait any more: somebody has decided on it.")
    return found


def _titles(house: House, shop: str, unknown: tuple[Purchase, ...]) -> Mapping[str, str]:
    standings = house.overview.standings(shop, list({each.product_id for each in unknown}))
    return {each: standing.title or show.number(each) for each, standing in standings.items()}
