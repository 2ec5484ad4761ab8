"""Add a product: by a form, or one of the drawn products with one click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from shopify_imagegen.sandbox.pages import words
from shopify_imagegen.sandbox.pages.frame import find_shop, go
from shopify_imagegen.sandbox.pages.uploaded import uploaded_photos
from shopify_imagegen.sandbox.shop.products import STATUSES, BadProduct, Draft, Photo, add_product
from shopify_imagegen.sandbox.shop.store import NotHere, Store
from shopify_imagegen.sandbox.stock import ANGLES, photo
from shopify_imagegen.sandbox.stock.catalogue import LISTINGS, Listing

STOCK: Mapping[str, Listing] = {listing.handle: listing for listing in LISTINGS}
THUMBNAIL_PX = 320
EMPTY = {"title": "", "description": "", "product_type": "", "vendor": "", "tags": "", "status": "ACTIVE"}


def routes(pages: Blueprint, store: Store) -> None:
    @pages.get("/store/<handle>/products/new")
    def new_product(handle: str) -> str:
        find_shop(store, handle)
        stock = request.args.get("stock")
        listing = find_listing(stock) if stock else None
        return _form(prefilled(listing) if listing else EMPTY, listing, ANGLES)

    @pages.post("/store/<handle>/products/new")
    def add(handle: str) -> AnyResponse | tuple[str, int]:
        stock, angles = request.form.get("stock"), request.form.getlist("angles")
        listing = find_listing(stock) if stock else None
        draft = draft_of(request.form, listing, [*drawn_photos(listing, angles), *uploaded_photos(request)])
        try:
            return _add(store, handle, draft)
        except BadProduct as error:
            return _form(request.form, listing, angles, error), 422

    @pages.post("/store/<handle>/products/from-stock")
    def add_stock(handle: str) -> AnyResponse:
        listing = find_listing(request.form.get("stock", ""))
        return _add(store, handle, draft_of(prefilled(listing), listing, drawn_photos(listing, ANGLES)))

    @pages.get("/stock-photos/<stock>/<angle>.jpg")
    def stock_photo(stock: str, angle: str) -> Response:
        if angle not in ANGLES:
            raise NotHere(f"photo {angle}")
        content = photo(find_listing(stock).handle, angle, size_px=THUMBNAIL_PX)
        return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "public, max-age=86400"})


def find_listing(handle: str) -> Listing:
    """
    Raises:
        NotHere: nothing of that name was drawn.
    """
    if handle not in STOCK:
        raise NotHere(f"drawn product {handle}")
    return STOCK[handle]


def prefilled(listing: Listing) -> dict[str, str]:
    """The form as *listing* fills it."""
    return {
        "title": listing.title,
        "description": "\n\n".join(words.paragraphs(listing.description_html)),
        "product_type": listing.product_type,
        "vendor": listing.vendor,
        "tags": ", ".join(listing.tags),
        "status": "ACTIVE",
    }


def drawn_photos(listing: Listing | None, angles: Sequence[str]) -> list[Photo]:
    """The photos of *listing* from each of *angles*; one product is drawn, not the whole stock."""
    if listing is None:
        return []
    wanted = [angle for angle in ANGLES if angle in angles]
    return [Photo(f"{listing.handle}-{angle}.jpg", photo(listing.handle, angle)) for angle in wanted]


def draft_of(form: Mapping[str, str], listing: Listing | None, photos: Sequence[Photo]) -> Draft:
    """What was typed; what the form does not ask comes from *listing*."""
    typed = {name: form.get(name, default).strip() for name, default in EMPTY.items()}
    return Draft(
        title=typed["title"],
        handle=listing.handle if listing and typed["title"] == listing.title else "",
        description_html=words.html_of(typed["description"]),
        vendor=typed["vendor"],
        product_type=typed["product_type"],
        status=typed["status"],
        tags=words.tags_of(typed["tags"]),
        category=listing.category if listing else None,
        options=[(name, list(values)) for name, values in listing.options] if listing else (),
        price=listing.price if listing else "0.00",
        photos=photos,
    )


def _add(store: Store, handle: str, draft: Draft) -> AnyResponse:
    with store.lock:
        product = add_product(store, find_shop(store, handle), draft)
    return go("product", "added", product_id=product.id)


def _form(
    form: Mapping[str, str], listing: Listing | None, angles: Sequence[str], error: BadProduct | None = None
) -> str:
    return render_template(
        "sandbox/new_product.html",
        form=form,
        listing=listing,
        angles=angles,
        all_angles=ANGLES,
        listings=LISTINGS,
        statuses=STATUSES,
        error=error,
    )
