"""Price a query in points by Shopify's historic formula, and keep the leaky bucket that pays for it.

Scalars are free, an object costs 1, a connection 2 plus its nodes, a mutation 10; of the possible types of an interface
the dearest counts. The exact formula is no longer published; this is its upper bound.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values

MUTATION_POINTS = 10
CONNECTION_POINTS = 2


@dataclass(frozen=True)
class Meter:
    """Prices one operation: before it runs by what it asks for, afterwards by what came back."""

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]  #: coerced, defaults included

    def requested(self) -> int:
        """The most that the operation can cost."""
        return self._below(self._root, self.operation.selection_set, None)

    def actual(self, data: object) -> int:
        """What the operation cost, *data* being its result."""
        return self._below(self._root, self.operation.selection_set, data) if isinstance(data, dict) else 0

    @property
    def _root(self) -> GraphQLNamedType:
        root = self.schema.get_root_type(self.operation.operation)
        if root is None:
            raise TypeError(f"the schema has no {self.operation.operation.value}")
        return root

    def _below(self, parent: GraphQLNamedType, selections: SelectionSetNode | None, data: object) -> int:
        """Points of everything selected below *parent*: of its dearest possible type; of *data* alone when given."""
        if selections is None:
            return 0
        possible = self.schema.get_possible_types(parent) if isinstance(parent, GraphQLInterfaceType) else [parent]
        return max(
            sum(self._field(concrete, field, data) for field in self._fields(concrete, selections).values())
            for concrete in possible
        )

    def _fields(self, parent: GraphQLNamedType, selections: SelectionSetNode) -> dict[str, FieldNode]:
        fields: dict[str, FieldNode] = {}
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                fields[key] = selection
            elif isinstance(selection, InlineFragmentNode | FragmentSpreadNode):
                fields |= self._fragment(parent, selection)
        return fields

    def _fragment(
        self, parent: GraphQLNamedType, selection: InlineFragmentNode | FragmentSpreadNode
    ) -> dict[str, FieldNode]:
        fragment = self._definition(selection) if isinstance(selection, FragmentSpreadNode) else selection
        condition = fragment.type_condition
        on = self.schema.get_type(condition.name.value) if condition else parent
        applies = on is parent or (
            isinstance(on, GraphQLInterfaceType)
            and isinstance(parent, GraphQLObjectType)
            and self.schema.is_sub_type(on, parent)
        )
        return self._fields(parent, fragment.selection_set) if applies else {}

    def _definition(self, spread: FragmentSpreadNode) -> FragmentDefinitionNode:
        return next(
            definition
            for definition in self.document.definitions
            if isinstance(definition, FragmentDefinitionNode) and definition.name.value == spread.name.value
        )

    def _field(self, parent: GraphQLNamedType, field: FieldNode, data: object) -> int:
        definition = getattr(parent, "fields", {}).get(field.name.value)
        if definition is None or is_leaf_type(get_named_type(definition.type)):
            return 0
        result_type = get_named_type(definition.type)
        value = _value(field, data)
        if data is not None and value is None:
            return 0
        if parent is self.schema.mutation_type:
            return MUTATION_POINTS + self._below(result_type, field.selection_set, value)
        if result_type.name.endswith("Connection"):
            return CONNECTION_POINTS + self._nodes(parent, field, result_type, value)
        return self._objects(field, parent, result_type, value)

    def _objects(self, field: FieldNode, parent: GraphQLNamedType, result_type: GraphQLNamedType, value: object) -> int:
        """An object costs 1; a list counts once, but `nodes(ids:)` once for each id."""
        is_per_id = parent is self.schema.query_type and field.name.value == "nodes"
        if value is None:
            times = len(self._arguments(parent, field).get("ids", ())) if is_per_id else 1
            return times * (1 + self._below(result_type, field.selection_set, None))
        found = [item for item in value if item is not None] if isinstance(value, list) else [value]
        points = [1 + self._below(result_type, field.selection_set, item) for item in found]
        return sum(points) if is_per_id else max(points, default=0)

    def _nodes(self, parent: GraphQLNamedType, field: FieldNode, result_type: GraphQLNamedType, value: object) -> int:
        """Points of the nodes of a connection; `pageInfo` is free."""
        arguments = self._arguments(parent, field)
        size = arguments.get("first") or arguments.get("last") or 0
        points = 0
        for key, inner in self._fields(result_type, _selections(field)).items():
            definition = getattr(result_type, "fields", {}).get(inner.name.value)
            if inner.name.value not in ("nodes", "edges") or definition is None:
                continue
            own = 1 if inner.name.value == "nodes" else 0  # an edge is free, its node is not
            node_type = get_named_type(definition.type)
            found = value.get(key) if isinstance(value, dict) else None
            items = found if isinstance(found, list) else [None]
            below = sum(own + self._below(node_type, inner.selection_set, item) for item in items)
            points += below if isinstance(found, list) else size * below
        return points

    def _arguments(self, parent: GraphQLNamedType, field: FieldNode) -> dict[str, Any]:
        definition = getattr(parent, "fields", {})[field.name.value]
        return get_argument_values(definition, field, dict(self.variables))


def _selections(field: FieldNode) -> SelectionSetNode:
    return field.selection_set or SelectionSetNode(selections=())


def _value(field: FieldNode, data: object) -> object:
    key = field.alias.value if field.alias else field.name.value
    return data.get(key) if isinstance(data, dict) else None


class Bucket:
    """Points that refill with time: *size* at most, *restore_per_s* each second."""

    def __init__(self, size: float, restore_per_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = size
        self.restore_per_s = restore_per_s
        self._clock = clock
        self._level = size
        self._at = clock()
        self._lock = threading.Lock()

    def take(self, points: float) -> bool:
        """Take *points* if they are there."""
        with self._lock:
            self._refill()
            if points > self._level:
                return False
            self._level -= points
            return True

    def give_back(self, points: float) -> None:
        with self._lock:
            self._refill()
            self._level = min(self.size, self._level + points)

    def status(self) -> dict[str, float]:
        with self._lock:
            self._refill()
            return {
                "maximumAvailable": self.size,
                "currentlyAvailable": int(self._level),
                "restoreRate": self.restore_per_s,
            }

    def _refill(self) -> None:
        now = self._clock()
        self._level = min(self.size, self._level + (now - self._at) * self.restore_per_s)
        self._at = now
