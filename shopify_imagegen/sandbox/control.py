"""The control API under `/sandbox/api`: what a merchant, a test or the browser page does behind Shopify's back.

This machine only, and never on behalf of another web page: a foreign Origin or Host is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from shopify_imagegen.sandbox.faults import KNOWN, Faults, UnknownFault
from shopify_imagegen.sandbox.shop.catalogue_csv import read_catalogue
from shopify_imagegen.sandbox.shop.files import delete_file
from shopify_imagegen.sandbox.shop.gallery import attach, reorder_later
from shopify_imagegen.sandbox.shop.intake import BadRequest, draft_of, fields_of, photos_of, stock_draft, stocked
from shopify_imagegen.sandbox.shop.loopback import LOOPBACK_HOSTS
from shopify_imagegen.sandbox.shop.products import BadProduct, add_product, delete_product, edit_product, upload
from shopify_imagegen.sandbox.shop.snapshot import product_json, state_json
from shopify_imagegen.sandbox.shop.state import File, Product, Shop, Subscription
from shopify_imagegen.sandbox.shop.store import NotHere, Store
from shopify_imagegen.sandbox.shop.tokens import Tokens

PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")
TOPICS = ("products/create", "products/update", "products/delete", "app/uninstalled", "app/scopes_update", *PRIVACY)
DEFAULT_SHOP = "demo.myshopify.com"
BEFORE_THE_APP = timedelta(days=30)


def routes(store: Store, tokens: Tokens, bank: Any) -> Blueprint:
    """All of the control API; *bank* is the image API's, or None without one."""
    blueprint = Blueprint("sandbox_control", __name__, url_prefix="/sandbox/api")
    blueprint.before_request(_refuse_strangers)
    blueprint.register_error_handler(BadRequest, _bad_request)
    blueprint.register_error_handler(BadProduct, _bad_request)
    blueprint.register_error_handler(UnknownFault, _bad_request)
    _overview(blueprint, store, bank)
    _products(blueprint, store)
    _photos(blueprint, store)
    _deliveries(blueprint, store)
    _app(blueprint, store, tokens)
    _tokens(blueprint, tokens)
    _faults(blueprint, store.faults)
    _stocking(blueprint, store)
    return blueprint


def _refuse_strangers() -> Response | None:
    """A page on the internet could otherwise reach this port through the visitor's browser."""
    origin = request.headers.get("Origin")
    foreign_origin = origin is not None and urlsplit(origin).netloc != request.host
    if foreign_origin or urlsplit(f"//{request.host}").hostname not in LOOPBACK_HOSTS:
        return _said("the control API is for this machine only", 403)
    return None


def _bad_request(error: Exception) -> Response:
    return _said(str(error), 400)


def _said(message: str, status: int) -> Response:
    response = jsonify({"error": message})
    response.status_code = status
    return response


def _overview(blueprint: Blueprint, store: Store, bank: Any) -> None:
    @blueprint.get("/state")
    def state() -> Response:
        return jsonify(state_json(store, only=request.args.get("shop")))

    @blueprint.get("/bill")
    def bill() -> Response:
        return jsonify(bank.snapshot()) if bank is not None else _said("no image API is mounted", 404)


def _products(blueprint: Blueprint, store: Store) -> None:
    @blueprint.post("/shops/<shop>/products")
    def add(shop: str) -> tuple[Response, int]:
        draft = draft_of(request)
        with store.lock:
            product = add_product(store, store.shop(shop), draft)
            return jsonify(product_json(store, store.shop(shop), product)), 201

    @blueprint.patch("/shops/<shop>/products/<int:product_id>")
    def edit(shop: str, product_id: int) -> Response:
        changes = fields_of(request)
        with store.lock:
            here, product = find_product(store, shop, product_id)
            edit_product(store, here, product, changes)
            return jsonify(product_json(store, here, product))

    @blueprint.delete("/shops/<shop>/products/<int:product_id>")
    def delete(shop: str, product_id: int) -> tuple[str, int]:
        with store.lock:
            delete_product(store, *find_product(store, shop, product_id))
        return "", 204


def _photos(blueprint: Blueprint, store: Store) -> None:
    @blueprint.post("/shops/<shop>/products/<int:product_id>/photos")
    def add_photos(shop: str, product_id: int) -> tuple[Response, int]:
        here, product = find_product(store, shop, product_id)
        photos = photos_of(request, fields_of(request).get("photos"), name=product.handle)
        with store.lock:
            attach(store, here, product, [upload(store, here, photo) for photo in photos])
            return jsonify(product_json(store, here, product)), 201

    @blueprint.delete("/shops/<shop>/products/<int:product_id>/photos/<int:file_id>")
    def delete_photo(shop: str, product_id: int, file_id: int) -> tuple[str, int]:
        with store.lock:
            here, product = find_product(store, shop, product_id)
            delete_file(store, here, _photo(product, file_id))
        return "", 204

    @blueprint.post("/shops/<shop>/media/reorder")
    def reorder(shop: str) -> tuple[Response, int]:
        fields = fields_of(request)
        with store.lock:
            here, product = find_product(store, shop, int(fields.get("product_id", 0)))
            moves = [(_photo(product, int(each)), at) for at, each in enumerate(fields.get("media_ids", []))]
            job = reorder_later(store, here, product, moves)
        return jsonify({"job": job.gid}), 202


def _deliveries(blueprint: Blueprint, store: Store) -> None:
    @blueprint.get("/deliveries")
    def deliveries() -> Response:
        with store.lock:
            return jsonify([delivery.snapshot() for delivery in store.webhooks.deliveries.values()])

    @blueprint.post("/deliveries/<int:delivery_id>/resend")
    def resend(delivery_id: int) -> tuple[Response, int]:
        try:
            return jsonify(store.webhooks.resend(delivery_id).snapshot()), 202
        except KeyError:
            raise NotHere(f"delivery {delivery_id}") from None

    @blueprint.post("/shops/<shop>/events")
    def event(shop: str) -> tuple[Response, int]:
        """Send any topic with any body: privacy requests and what else the sandbox has no cause for."""
        fields = fields_of(request)
        store.announce_body(store.shop(shop), [str(fields.get("topic"))], dict(fields.get("payload") or {}))
        return jsonify({}), 202


def _app(blueprint: Blueprint, store: Store, tokens: Tokens) -> None:
    @blueprint.post("/app")
    def declare() -> Response:
        fields = fields_of(request)
        with store.lock:
            declare_app(store, fields)
            return jsonify({"client_id": store.app.client_id, "url": store.app.url})

    @blueprint.post("/shops/<shop>/uninstall")
    def uninstall(shop: str) -> Response:
        """The merchant removes the app: its tokens go, `app/uninstalled` is sent."""
        return jsonify({"revoked": uninstall_app(store, tokens, shop)})

    @blueprint.post("/shops/<shop>/install")
    def install(shop: str) -> Response:
        """The merchant takes the app again; it learns of it when it is opened."""
        store.shop(shop).installed = True
        return jsonify({})

    @blueprint.post("/shops/<shop>/scopes")
    def change_scopes(shop: str) -> Response:
        """`{scopes}`: the merchant grants these from now on, and `app/scopes_update` says so."""
        scopes = [str(each) for each in fields_of(request).get("scopes", [])]
        previous = tokens.regrant(shop, tuple(scopes))
        body = {"previous": list(previous), "current": scopes, "updated_at": store.now().isoformat()}
        store.announce_body(store.shop(shop), ["app/scopes_update"], body)
        return jsonify(body)


def uninstall_app(store: Store, tokens: Tokens, domain: str) -> int:
    """End the app in a shop; how many access tokens are void now."""
    shop = store.shop(domain)
    shop.installed = False
    revoked = tokens.revoke(shop=domain)
    store.announce_body(shop, ["app/uninstalled"], {"id": shop.id, "myshopify_domain": domain, "domain": domain})
    return revoked


def _tokens(blueprint: Blueprint, tokens: Tokens) -> None:
    @blueprint.post("/tokens")
    def change() -> Response:
        """`{action: mint | revoke | expire, shop, token?, scopes?, expires_in_s?}`"""
        fields = fields_of(request)
        action, shop, value = fields.get("action", "mint"), fields.get("shop"), fields.get("token")
        if action == "mint":
            scopes = tuple(fields["scopes"]) if "scopes" in fields else None
            token = tokens.mint(str(shop or DEFAULT_SHOP), scopes=scopes, life_s=fields.get("expires_in_s"))
            return jsonify({"access_token": token.value, "shop": token.shop, "scope": ",".join(token.scopes)})
        if action not in ("revoke", "expire"):
            raise BadRequest("action is mint, revoke or expire")
        act = tokens.revoke if action == "revoke" else tokens.expire
        return jsonify({"tokens": act(shop=shop, value=value)})


def _faults(blueprint: Blueprint, faults: Faults) -> None:
    @blueprint.get("/faults")
    def listed() -> Response:
        return jsonify({"active": faults.active(), "known": KNOWN})

    @blueprint.post("/faults")
    def switch_on() -> tuple[Response, int]:
        """`{name, probability?, times?, …params}`"""
        fields = fields_of(request)
        try:
            faults.set(str(fields.pop("name", "")), **{**fields, **fields.pop("params", {})})
        except (TypeError, ValueError) as error:
            raise BadRequest(str(error)) from error
        return jsonify({"active": faults.active()}), 201

    @blueprint.delete("/faults")
    def switch_off() -> Response:
        faults.clear(request.args.get("name"))
        return jsonify({"active": faults.active()})


def _stocking(blueprint: Blueprint, store: Store) -> None:
    @blueprint.post("/seed")
    def seed() -> tuple[Response, int]:
        """`{shop?, handles?, announce?}`: stock that was there before the app, unless announced."""
        fields = fields_of(request)
        shop, quietly = str(fields.get("shop") or DEFAULT_SHOP), not fields.get("announce", False)
        drafts = [stock_draft(handle) for handle in fields.get("handles") or stocked()]  # drawn outside the lock
        with store.lock:
            added = [add_product(store, store.shop(shop), draft, quietly=quietly) for draft in drafts]
            for product in added if quietly else ():
                was_there_before(product)
        return jsonify({"products": [product.id for product in added]}), 201

    @blueprint.post("/catalogue")
    def catalogue() -> tuple[Response, int]:
        """`{csv, images, shop?, announce?}`: paths on this machine."""
        fields = fields_of(request)
        shop, quietly = str(fields.get("shop") or DEFAULT_SHOP), not fields.get("announce", False)
        try:
            added, problems = import_catalogue(store, shop, Path(fields["csv"]), fields.get("images"), quietly=quietly)
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise BadRequest(f"the catalogue cannot be read: {error}") from error
        return jsonify({"products": added, "problems": problems}), 201


def import_catalogue(
    store: Store, shop: str, csv_path: Path, images: str | None, *, quietly: bool = True
) -> tuple[int, list[str]]:
    """Add every product of a Shopify CSV export to *shop*; how many, and what was wrong."""
    catalogue = read_catalogue(csv_path, Path(images) if images else None)
    problems, added = list(catalogue.problems), 0
    for draft in catalogue.products:
        try:
            with store.lock:
                product = add_product(store, store.shop(shop), draft, quietly=quietly)
                if quietly:
                    was_there_before(product)
            added += 1
        except BadProduct as error:
            problems.append(f"{draft.handle}: {error}")
    return added, problems


def was_there_before(product: Product) -> None:
    """Date *product* back: a shop has most of its products before it has the app."""
    product.created_at -= BEFORE_THE_APP
    product.updated_at -= BEFORE_THE_APP


def declare_app(store: Store, fields: Mapping[str, Any]) -> None:
    """Where the app listens, for all shops, as its shopify.app.toml would say.

    Args:
        fields: `url`, of the app; optional `client_id`, `client_secret`; `topics`, or `subscriptions` with
            `topics`, `uri`, `include_fields`, `filter` and `name` each.
    """
    app = store.app
    app.client_id = str(fields.get("client_id") or app.client_id)
    app.client_secret = str(fields.get("client_secret") or app.client_secret)
    app.url = str(fields.get("url") or app.url or "").rstrip("/")
    declared = fields.get("subscriptions") or [{"topics": fields.get("topics") or TOPICS}]
    app.subscriptions = [_declared(store, topic, each) for each in declared for topic in [*each.get("topics", ())]]


def _declared(store: Store, topic: str, fields: Mapping[str, Any]) -> Subscription:
    base = store.app.url or ""
    default = base if urlsplit(base).path else f"{base}/webhooks"
    uri = str(fields.get("uri") or default)
    return Subscription(
        store.next_id(),
        topic=topic,
        uri=uri if "://" in uri else base + uri,
        created_at=store.now(),
        name=fields.get("name"),
        include_fields=list(fields.get("include_fields") or ()),
        filter=fields.get("filter"),
        declared=True,
    )


def find_product(store: Store, domain: str, product_id: int) -> tuple[Shop, Product]:
    """
    Raises:
        NotHere: there is no such product.
    """
    shop = store.shop(domain)
    product = shop.products.get(product_id)
    if product is None:
        raise NotHere(f"product {product_id}")
    return shop, product


def _photo(product: Product, file_id: int) -> File:
    for file in product.gallery:
        if file.id == file_id:
            return file
    raise NotHere(f"photo {file_id}")
