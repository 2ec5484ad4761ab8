"""The body of a run of Flow's action becomes a wish, or a refusal that names all that is wrong. Pure."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from shopify_imagegen.models import Arrival, GenerateRequested, Trigger, Value, product_gid
from webhooks.delivery import SHAPES, json_object
from webhooks.errors import BadDelivery

MAX_NOTE_CHARS = 500


def _product(value: object) -> object:
    gid = product_gid(value)
    if gid is None:
        raise ValueError("must be the number or gid of a product")
    return gid


def _filled(value: object) -> object:
    """A field that the merchant left empty arrives as null or as ""."""
    return None if value == "" else value


Product = Annotated[str, BeforeValidator(_product)]
Count = Annotated[Annotated[int, Field(ge=1, le=10)] | None, BeforeValidator(_filled)]
Note = Annotated[Annotated[str, StringConstraints(max_length=MAX_NOTE_CHARS)] | None, BeforeValidator(_filled)]
Scene = Annotated[Annotated[str, StringConstraints(max_length=100)] | None, BeforeValidator(_filled)]


class Told(Value):
    """What a neighbour writes; it may add fields at any time."""

    model_config = ConfigDict(extra="ignore")


class Properties(Told):
    """What the merchant filled in, in the action's form: see extensions/flow-action."""

    product_id: Product
    count: Count = None
    note: Note = None
    scene: Scene = None


class FlowRun(Told):
    """One run of the action; Flow sends it again under the same id until it is done."""

    shopify_domain: Annotated[str, Field(pattern=rf"^(?:{SHAPES['shop-domain'][0].pattern})\z")]
    action_run_id: Annotated[str, Field(pattern=r"^[!-~]{1,100}\z")]
    properties: Properties


def read(body: bytes) -> Arrival:
    """The wish in a run whose signature was found good; its id is the run's, so that a repeat is the same wish.

    Raises:
        BadDelivery: naming every field that is wrong.
    """
    run = _run(json_object(body))
    wanted = run.properties
    return Arrival(
        id=f"flow-{run.shopify_domain.removesuffix('.myshopify.com')}-{run.action_run_id}",
        source="flow",
        topic="",
        shop=run.shopify_domain,
        intent=GenerateRequested(
            product_id=wanted.product_id,
            trigger=Trigger.FLOW,
            note=wanted.note or "",
            scene=wanted.scene,
            count=wanted.count,
        ),
    )


def _run(content: dict[str, Any]) -> FlowRun:
    try:
        return FlowRun.model_validate(content)
    except ValidationError as error:
        raise BadDelivery("; ".join(_problems(error))) from None  # its own text would quote the body


def _problems(error: ValidationError) -> list[str]:
    """
    >>> try: FlowRun.model_validate({"shopify_domain": "a.myshopify.com", "action_run_id": "1"})
    ... except ValidationError as error: _problems(error)
    ['properties: Field required']
    """
    return [
        f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}" for each in error.errors()
    ]
