"""What can still be done with pictures that were decided on: taken back, put back, made anew in their place."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.frame import ask, by, go, once, t
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Candidate, ImageApproved, ImageState, RegenerateRequested, RollbackRequested
from shopify_imagegen.wiring import House

NOTE_CHARS = 300
CAN_GO_BACK_ON = {ImageState.REJECTED, ImageState.ROLLED_BACK, ImageState.REPLACED}
CAN_BE_MADE_ANEW = {ImageState.STAGED, ImageState.PUBLISHED, ImageState.REJECTED, ImageState.UNFIT}
CAN_BE_TAKEN_BACK = {ImageState.STAGED, ImageState.PUBLISHED}


def routes(pages: Blueprint, house: House) -> None:
    @pages.post("/pictures/<image_id>/anew")
    def anew(image_id: str) -> Response:
        product, this = _product_of(house, image_id), once()
        note = request.form.get("note", "").strip()[:NOTE_CHARS]
        wish = RegenerateRequested(image_id=image_id, note=note, by=by())
        ask(house, wish, once=f"{this}:{show.number(product)}")
        return go("asked", once=this, id=show.number(product))

    @pages.post("/pictures/<image_id>/back")
    def put_back(image_id: str) -> Response:
        product = _product_of(house, image_id)
        ask(house, ImageApproved(image_id=image_id, by=by()), once=f"back:{image_id}:{once()}")
        return go("history", "put_back", product=show.number(product))

    @pages.get("/products/<int:product>/rollback")
    def rollback(product: int) -> str:
        wish = _wish(house, show.gid(product))
        return render_template(
            "admin/rollback.html",
            product=product,
            scenes={each.image.id: each.image.brief.scene_title for each in _made(house, product)},
            undone=reached(lambda: house.rollback.would(session().shop, wish)) if wish.images else (),
            wish=wish,
        )

    @pages.post("/products/<int:product>/rollback")
    def roll_back(product: int) -> Response:
        wish = _wish(house, show.gid(product))
        ask(house, wish, once=f"rollback:{product}:{once()}")
        return go("history", "taking_back", product=product)


def _made(house: House, product: int) -> tuple[Candidate, ...]:
    return house.overview.of_product(session().shop, show.gid(product))


def _wish(house: House, product_id: str) -> RollbackRequested:
    """The pictures that the form or the address names; all of the product's, when it names none.

    Raises:
        NotFound: one of them is not this product's.
    """
    every = house.rollback.of_product(session().shop, product_id)
    named = tuple(request.values.getlist("image"))
    if not set(named) <= set(every):
        raise NotFound(t("review.no_picture"))
    options = {name: name in request.values for name in ("delete_files", "anyway")}
    return RollbackRequested(images=named or every, by=by(), **options)


def _product_of(house: House, image_id: str) -> str:
    """Raises: NotFound when this store has no such picture."""
    found = house.overview.candidate(session().shop, image_id)
    if found is None:
        raise NotFound(t("review.no_picture"))
    return found.image.product_id
