"""The vendor's HTTP surface on loopback: orders in, pictures out, every cent written down."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from uuid import uuid4

from flask import Blueprint, Response, jsonify, request, url_for
from PIL import Image

from .bank import Bank
from .composite import compose
from .errors import Refused, bad
from .limits import Limits
from .mishaps import About, Faults, after_billing, before_billing, life_s
from .models import MODELS
from .order import FORMATS, MAX_JSON_BYTES, Order, picture, read
from .shelf import LIFETIME_S, Shelf
from .spoil import SPOILED, encoded

BAD_KEY = "bad-key"
LONGEST_RANGE = timedelta(days=180)


class ImageApi(Blueprint):
    """A Flask blueprint that remembers its bank."""

    def __init__(self, faults: Faults, bank: Bank | None = None) -> None:
        super().__init__("image_api", __name__)
        self.bank = bank or Bank()
        self.limits = Limits()
        self._faults, self._shelf = faults, Shelf()
        self._routes()

    def _routes(self) -> None:
        self.add_url_rule("/v2/images/generations", view_func=self.generate, methods=["POST"])
        self.add_url_rule("/v2/downloads/<request_id>/<int:index>", view_func=self.download)
        self.add_url_rule("/v2/models", view_func=self.list_models)
        self.add_url_rule("/v2/models/<name>", view_func=self.show_model)
        self.add_url_rule("/v2/billing/balance", view_func=self.balance)
        self.add_url_rule("/v2/billing/costs", view_func=self.costs)
        self.add_url_rule("/bank", view_func=self.show_bank)
        self.add_url_rule("/bank", view_func=self.set_bank, endpoint="set_bank", methods=["POST"])
        self.register_error_handler(Refused, self.refused)

    def generate(self) -> Response:
        """`POST /v2/images/generations`: the one call that costs money."""
        key = _key()
        self.limits.admit()
        if (request.content_length or 0) > MAX_JSON_BYTES:
            raise Refused(413, "payload_too_large", "The request must fit within 25 MiB.")
        body = request.get_json(silent=True)
        faults = About(self._faults, body.get("prompt") if isinstance(body, dict) else None)
        if lost := before_billing(faults):
            return lost
        order, request_id = read(body), f"req-{uuid4().hex}"
        self.bank.charge(order, key=key, request_id=request_id)
        time.sleep(self.bank.latency_s)
        if lost := after_billing(faults):
            return lost
        return self._answer(order, request_id, faults)

    def download(self, request_id: str, index: int) -> Response:
        """`GET /v2/downloads/...`: needs no key, the address is signed."""
        if self._faults.take("images.download_403", prompt=self._shelf.prompt_of(request_id)) is not None:
            raise Refused(403, "forbidden", "The download link is invalid or has expired.")
        if index != 0:
            raise Refused(404, "not_found", "There is no such image.")
        data, mime_type = self._shelf.get(request_id, exp=request.args.get("exp", "0"), sig=request.args.get("sig", ""))
        return Response(data, mimetype=mime_type)

    def list_models(self) -> Response:
        _key()
        wanted = request.args.get("type", "image")
        return jsonify([model.shown() for model in MODELS.values()] if wanted == "image" else [])

    def show_model(self, name: str) -> Response:
        _key()
        if name not in MODELS:
            raise Refused(404, "not_found", f"There is no model {name}.")
        return jsonify(MODELS[name].shown())

    def balance(self) -> Response:
        _key()
        if self._faults.take("images.401") is not None:
            raise Refused(401, "unauthorized", "Invalid API key.")
        used_up = self._faults.take("images.402") is not None
        return jsonify({"balance": "0" if used_up else str(self.bank.balance_usd), "currency": "USD"})

    def costs(self) -> Response:
        """`GET /v2/billing/costs?start&end`: one bucket a UTC day."""
        _key()
        start, end = _moment("start"), _moment("end")
        if not start < end or end - start > LONGEST_RANGE:
            raise bad("end must fall after start, at most 180 days later")
        days = self.bank.costs(start.astimezone(UTC).date(), end.astimezone(UTC).date())
        total = sum((cost for _, cost in days), Decimal(0))
        data = [{"date": day.isoformat(), "cost": float(cost)} for day, cost in days]
        span = {"start": start.isoformat(), "end": end.isoformat()}
        return jsonify({"currency": "USD", "data": data, "total_cost": float(total), **span})

    def show_bank(self) -> Response:
        """The sandbox's own page: the bill."""
        return jsonify(self.bank.snapshot())

    def set_bank(self) -> Response:
        """Change `latency_s` or `balance_usd` while serving."""
        wish = request.get_json(silent=True)
        if not isinstance(wish, dict) or set(wish) - {"latency_s", "balance_usd"}:
            raise bad("send latency_s, balance_usd, or both")
        try:
            if "latency_s" in wish:
                self.bank.latency_s = max(0.0, float(wish["latency_s"]))
            if "balance_usd" in wish:
                self.bank.balance_usd = Decimal(str(wish["balance_usd"]))
        except (TypeError, ValueError, InvalidOperation):
            raise bad("latency_s and balance_usd are numbers") from None
        return self.show_bank()

    def refused(self, error: Refused) -> tuple[Response, int, dict[str, str]]:
        return jsonify(error.body), error.status, self.limits.headers | error.headers

    def _answer(self, order: Order, request_id: str, faults: About) -> Response:
        data, lives_s = _picture(order, faults), life_s(faults, LIFETIME_S)
        mime_type = FORMATS[order.output_format]
        parameters = self._shelf.put(request_id, data, mime_type, prompt=order.prompt, life_s=lives_s)
        url = url_for(f"{self._endpoint()}.download", request_id=request_id, index=0, _external=True, **parameters)
        width, height = order.size_px
        media = {"url": url, "mime_type": mime_type, "deletes_at": _in(lives_s), "width": width, "height": height}
        answer = jsonify(
            {"id": request_id, "model": order.model.id, "status": "completed", "data": [media], "usage": _usage(order)}
        )
        answer.headers.update(self.limits.headers)
        return answer

    def _endpoint(self) -> str:
        return request.blueprint or self.name


def _picture(order: Order, faults: About) -> bytes:
    good = partial(_rendered, order)
    for name, spoil in SPOILED.items():
        if faults.take(name) is not None:
            return spoil(order, good)
    return good()


def _rendered(order: Order) -> bytes:
    reference: Image.Image | None = picture(order.references[0]) if order.references else None
    return encoded(compose(order.prompt, reference, order.size_px), order.output_format)


def _key() -> str:
    """The caller's API key; any will do but "bad-key"."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key.strip() or key.strip() == BAD_KEY:
        raise Refused(401, "unauthorized", "Missing or invalid API key.")
    return key.strip()


def _moment(name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(request.args[name].replace(" ", "+"))
    except (KeyError, ValueError):
        raise bad(f"{name} must be an ISO 8601 timestamp") from None
    if moment.tzinfo is None:
        raise bad(f"{name} must include a time zone")
    return moment


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def _usage(order: Order) -> dict[str, object]:
    price = float(order.model.prices_usd[order.resolution])
    return {"billable_unit": "image", "quantity": 1, "unit_price": price, "total_cost": price}
