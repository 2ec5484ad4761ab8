"""The pruned official schema, made executable."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from graphql import DocumentNode, GraphQLError, GraphQLScalarType, GraphQLSchema, build_schema, parse, validate

SDL = "admin_2026-10.graphql"


@lru_cache(1)
def schema() -> GraphQLSchema:
    """The schema that the documents of our clients are checked against."""
    text = resources.files("shopify_imagegen.sandbox").joinpath(SDL).read_text(encoding="utf-8")
    built = build_schema(text, assume_valid=True)
    scalar = built.type_map.get("UnsignedInt64")
    if isinstance(scalar, GraphQLScalarType):
        scalar.parse_value = _unsigned_int64  # type: ignore[method-assign]
        scalar.serialize = str  # type: ignore[method-assign,assignment]
    return built


@lru_cache(256)
def checked(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """The document of *query*, or what is wrong with it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    errors = tuple(validate(schema(), document))
    return (None if errors else document), errors


def _unsigned_int64(value: object) -> str:
    """Shopify takes it as a JSON string, never as a number."""
    if not isinstance(value, str) or not value.isdecimal():
        raise GraphQLError(f"UnsignedInt64 is a string of digits, not {value!r}")
    return value
