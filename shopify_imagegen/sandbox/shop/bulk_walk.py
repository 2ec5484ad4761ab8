"""Reads what a bulk query asks for off the shop's own values, as rows: those of children say whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    get_named_type,
    get_operation_ast,
)
from graphql.execution.values import get_argument_values

from shopify_imagegen.sandbox.shop.fields import Call, resolve, type_name
from shopify_imagegen.sandbox.shop.filters import PRODUCT_TERMS, select
from shopify_imagegen.sandbox.shop.paging import MAX_PAGE
from shopify_imagegen.sandbox.shop.schema import schema
from shopify_imagegen.sandbox.shop.state import Product

Row = dict[str, Any]


class Walk:
    """Reads a document's fields off the shop's own values."""

    def __init__(self, call: Call, document: DocumentNode) -> None:
        self._call = call
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        operation = get_operation_ast(document)
        assert operation is not None
        (self._root,) = (field for field in operation.selection_set.selections if isinstance(field, FieldNode))
        self.node = _node(self._root)

    def products(self) -> list[Product]:
        """What the search at the root finds, by id."""
        query = self._arguments("QueryRoot", self._root).get("query")
        found = select(list(self._call.shop.products.values()), query, PRODUCT_TERMS)
        return sorted(found, key=lambda product: product.id)

    def rows(self, type_: str, source: Any, field: FieldNode, *, parent: str | None) -> Iterator[Row]:
        """The line of *source*, and behind it those of its children."""
        row, below = self._object(type_, source, field)
        if parent is not None:
            row["__parentId"] = parent
        yield row
        for connection in below:
            for item in self._value(type_, source, connection)["nodes"]:
                yield from self.rows(type_name(item), item, _node(connection), parent=row["id"])

    def _object(self, type_: str, source: Any, field: FieldNode) -> tuple[Row, list[FieldNode]]:
        """Its plain fields, and the connections below it."""
        row, connections = {}, []
        for each in self._fields(type_, field):
            if each.name.value == "__typename":
                row["__typename"] = type_
            elif _is_connection(type_, each):
                connections.append(each)
            else:
                key = each.alias.value if each.alias else each.name.value
                row[key] = self._below(type_, source, each)
        return row, connections

    def _below(self, type_: str, source: Any, field: FieldNode) -> Any:
        value = self._value(type_, source, field)
        inner = get_named_type(_type(type_).fields[field.name.value].type).name
        if field.selection_set is None or value is None:
            return value
        if isinstance(value, list | tuple):
            return [self._object(inner, each, field)[0] for each in value]
        return self._object(inner, value, field)[0]

    def _value(self, type_: str, source: Any, field: FieldNode) -> Any:
        arguments = self._arguments(type_, field)
        if _is_connection(type_, field):
            arguments = {name: value for name, value in arguments.items() if name not in ("after", "last", "before")}
            arguments["first"] = MAX_PAGE
        info: Any = SimpleNamespace(parent_type=_type(type_), field_name=field.name.value, context=self._call)
        return resolve(source, info, **arguments)

    def _arguments(self, type_: str, field: FieldNode) -> Row:
        return get_argument_values(_type(type_).fields[field.name.value], field, {})

    def _fields(self, type_: str, field: FieldNode) -> Iterator[FieldNode]:
        waiting = list(field.selection_set.selections if field.selection_set else ())
        while waiting:
            each = waiting.pop(0)
            if isinstance(each, FieldNode):
                yield each
            elif isinstance(each, FragmentSpreadNode | InlineFragmentNode):
                fragment = self._fragments[each.name.value] if isinstance(each, FragmentSpreadNode) else each
                on = fragment.type_condition.name.value if fragment.type_condition else type_
                if on == type_ or on in {interface.name for interface in _type(type_).interfaces}:
                    waiting = [*fragment.selection_set.selections, *waiting]


def depths(field: FieldNode, depth: int) -> Iterator[int]:
    """How deep each connection lies; one is known by its edges."""
    inner = list(field.selection_set.selections if field.selection_set else ())
    is_one = any(isinstance(each, FieldNode) and each.name.value == "edges" for each in inner)
    if is_one:
        yield depth
    for each in inner:
        if isinstance(each, FieldNode):
            yield from depths(each, depth + is_one)


def _node(connection: FieldNode) -> FieldNode:
    """The selection of `edges { node { … } }`."""
    (edges,) = (each for each in _fields_of(connection) if each.name.value == "edges")
    (node,) = (each for each in _fields_of(edges) if each.name.value == "node")
    return node


def _fields_of(field: FieldNode) -> list[FieldNode]:
    selections = field.selection_set.selections if field.selection_set else ()
    return [each for each in selections if isinstance(each, FieldNode)]


def _type(name: str) -> GraphQLObjectType:
    found = schema().type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def _is_connection(type_: str, field: FieldNode) -> bool:
    name: str = get_named_type(_type(type_).fields[field.name.value].type).name
    return name.endswith("Connection")
