"""How a GraphQL field finds its value: a function registered for it, else the attribute of the same name.

To answer a new field, give the value an attribute (`productType` reads `product_type`) or register a function:
`@answers("Product", "mediaCount")`. A field with neither is an error that says so, never a silent null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError, GraphQLResolveInfo

if TYPE_CHECKING:
    from shopify_imagegen.sandbox.shop.state import Shop
    from shopify_imagegen.sandbox.shop.store import Store
    from shopify_imagegen.sandbox.shop.tokens import Token
    from shopify_imagegen.sandbox.shop.uploads import Uploads

Resolver: TypeAlias = Callable[..., Any]
CAPITAL = re.compile(r"(?<!^)([A-Z])")
DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"


@dataclass
class Call:
    """One GraphQL request: who asks, of which shop."""

    store: Store
    uploads: Uploads
    shop: Shop
    token: Token
    search: list[dict[str, Any]] = field(default_factory=list)  #: warnings for `extensions.search`


@dataclass(frozen=True)
class Answer:
    """A registered function, and the scopes of which the token needs one."""

    function: Resolver
    scopes: Sequence[str]


ANSWERS: dict[tuple[str, str], Answer] = {}


def answers(type_name: str, field_name: str, *, scopes: Sequence[str] = ()) -> Callable[[Resolver], Resolver]:
    """Register a function `(source, call, **arguments)` for a field that needs one of *scopes*."""

    def register(function: Resolver) -> Resolver:
        ANSWERS[type_name, field_name] = Answer(function, scopes)
        return function

    return register


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """The value of one field; graphql-core calls this for every field."""
    call: Call = info.context
    answer = ANSWERS.get((info.parent_type.name, info.field_name))
    if answer is None:
        return _attribute(source, info)
    require_one_of(call, answer.scopes, info.field_name)
    return answer.function(source, call, **{snake(name): value for name, value in arguments.items()})


def require_one_of(call: Call, scopes: Sequence[str], field_name: str) -> None:
    """
    Raises:
        GraphQLError: ACCESS_DENIED, the token has none of *scopes*.
    """
    if not scopes or any(call.token.grants(scope) for scope in scopes):
        return
    required = " or ".join(f"`{scope}` access scope" for scope in scopes)
    raise GraphQLError(
        f"Access denied for {field_name} field. Required access: {required}.",
        extensions={"code": "ACCESS_DENIED", "documentation": DOCUMENTATION, "requiredAccess": f"{required}."},
    )


def type_name(source: Any, *_: Any) -> str:
    """The concrete type of a value behind an interface."""
    return str(source.type_name)


def snake(name: str) -> str:
    """
    >>> snake("descriptionHtml")
    'description_html'
    """
    return CAPITAL.sub(r"_\1", name).lower()


def _attribute(source: Any, info: GraphQLResolveInfo) -> Any:
    name = info.field_name
    if isinstance(source, dict):
        return _plain(source.get(name))
    if name == "id":
        return source.gid
    try:
        return _plain(getattr(source, snake(name)))
    except AttributeError:
        where = f"{info.parent_type.name}.{name}"
        raise GraphQLError(f"the sandbox does not answer {where} yet: see sandbox/shop/fields.py") from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value
