"""A request's body becomes what it asks for, or a refusal that names every field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import ConfigDict, Field, ValidationError

from shopify_imagegen.admin.api.refusals import Refused
from shopify_imagegen.models import GenerateRequested, Place, Value, product_gid

MAX_IDS = 250
MAX_NOTE_CHARS = 500
MAX_BODY_BYTES = 64 * 1024

Note = Annotated[str, Field(max_length=MAX_NOTE_CHARS)]


class Strict(Value):
    """No text for a number: a mistake is better said than guessed at."""

    model_config = ConfigDict(strict=True)


class WishBody(Strict):
    """`POST /products/{id}/jobs`."""

    note: Note = ""
    scene: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    count: Annotated[int, Field(ge=1, le=10)] | None = None

    def wish(self, product_id: str) -> GenerateRequested:
        return GenerateRequested(product_id=product_id, note=self.note, scene=self.scene, count=self.count)


class WishesBody(WishBody):
    """`POST /products/jobs`."""

    model_config = ConfigDict(strict=False)  # ids may be numbers or gids
    ids: Annotated[list[Any], Field(min_length=1, max_length=MAX_IDS)]

    def wishes(self) -> list[GenerateRequested]:
        """One for each product, in the order that was given.

        Raises:
            Refused: naming what is no product's id.
        """
        gids = {str(each): product_gid(each) for each in self.ids}
        strange = [each for each, gid in gids.items() if gid is None]
        if strange:
            raise Refused("some ids are not products'", fields={"ids": f"not a number or gid: {_some(strange)}"})
        return [self.wish(gid) for gid in dict.fromkeys(gids.values()) if gid]


class ApproveBody(Strict):
    """`POST /images/{id}/approve`."""

    alt: Annotated[str, Field(max_length=512)] | None = None
    place: Place | None = None
    alone: bool = False  #: the job's other pictures that wait are rejected


class RejectBody(Strict):
    """`POST /images/{id}/reject`."""

    reason: Note = ""


class RegenerateBody(Strict):
    """`POST /images/{id}/regenerate`."""

    note: Note = ""


class RollbackBody(Strict):
    """`POST /images/{id}/rollback`."""

    dry_run: bool = False
    delete_files: bool = False
    anyway: bool = False  #: also one that variants use, and a product's only photo


Body = TypeVar("Body", bound=Value)


def read(kind: type[Body], raw: bytes) -> Body:
    """
    Raises:
        Refused: not JSON (400), or naming every field that is wrong (422).
    """
    try:
        return kind.model_validate(_object(raw))
    except ValidationError as error:
        fields = {".".join(map(str, each["loc"])) or "body": _words(each["msg"]) for each in error.errors()}
        raise Refused("the request is not acceptable: " + _listed(fields), fields=fields) from None


def product(named: str) -> str:
    """The gid that a path names by gid or number. Raises: Refused."""
    gid = product_gid(named)
    if gid is None:
        raise Refused("the product in the path is not a number or a gid", status=400, fields={"id": "not a product's"})
    return gid


def read_request(kind: type[Body]) -> Body:
    """Of the present request. Raises: Refused; RequestEntityTooLarge."""
    request.max_content_length = MAX_BODY_BYTES
    return read(kind, request.get_data(cache=False))


def _object(raw: bytes) -> dict[str, Any]:
    """No body at all means that nothing special is wanted."""
    try:
        content = json.loads(raw.decode("utf-8")) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise Refused("the body is not JSON", status=400) from None
    if not isinstance(content, dict):
        raise Refused("the body is not a JSON object", status=400)
    return content


def _words(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "must be")


def _listed(fields: dict[str, str]) -> str:
    return "; ".join(f"{name}: {words}" for name, words in fields.items())


def _some(strange: Sequence[str]) -> str:
    return ", ".join(each[:60] for each in strange[:5])
