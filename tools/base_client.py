"""What the generated client stands on: documents leave through our transport. Copied from tools/ into admin_api/."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shopify_imagegen.errors import NoAnswer

from .base_model import UNSET

Answer = TypeVar("Answer", bound=BaseModel)
Send = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""(document, operation name, variables as JSON) -> the answer's `data`; raises one of ours when there is none."""


class BaseClient:
    """Speaks to one shop through `send`, which knows the address, the token and what may be repeated."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def execute(
        self, query: str, operation_name: str, variables: dict[str, Any] | None = None, **_: Any
    ) -> dict[str, Any]:
        given = {name: value for name, value in (variables or {}).items() if value is not UNSET}
        return self._send(query, operation_name, {name: _plain(value) for name, value in given.items()})

    def get_data(self, response: dict[str, Any]) -> dict[str, Any]:
        return response

    def read(self, model: type[Answer], data: dict[str, Any]) -> Answer:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            places = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
            raise NoAnswer(f"Shopify's {model.__name__} is not what its schema says: {', '.join(places)}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return [_plain(each) for each in value] if isinstance(value, list) else value
