"""Execute one GraphQL request as Shopify does: check, price, charge, run, refund. Dicts in, dicts out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
)
from graphql.execution.values import get_variable_values

from shopify_imagegen.sandbox.shop import (  # noqa: F401  importing them registers their answers
    bulk,
    file_fields,
    flow_fields,
    metafields,
    product_fields,
    shop_fields,
    variant_fields,
)
from shopify_imagegen.sandbox.shop.cost import Bucket, Meter
from shopify_imagegen.sandbox.shop.fields import Call, resolve, type_name
from shopify_imagegen.sandbox.shop.schema import checked, schema

MAX_ARRAY = 250
RATE_LIMITS = "https://shopify.dev/api/usage/rate-limits"
Answer = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """The body of a GraphQL request."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None

    @property
    def name(self) -> str | None:
        """The name of the operation to run."""
        if self.operation_name:
            return self.operation_name
        document, _ = checked(self.query)
        operation = get_operation_ast(document) if document else None
        return operation.name.value if operation and operation.name else None


class Buckets:
    """One leaky bucket for each app and shop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def of(self, call: Call) -> Bucket:
        key, rules = (call.token.client_id, call.shop.domain), call.store.rules
        with self._lock:
            if key not in self._buckets:
                self._buckets[key] = Bucket(rules.bucket_points, rules.restore_points_per_s)
            return self._buckets[key]


def answer(call: Call, asked: Asked, bucket: Bucket) -> Answer:
    """What the Admin API answers with HTTP 200."""
    document, problems = checked(asked.query)
    if document is None:
        return {"errors": [_formatted(error) for error in problems]}
    operation = get_operation_ast(document, asked.operation_name)
    if operation is None:
        return {"errors": [{"message": "An operation name is required"}]}
    if (too_long := longest_array(asked.variables)) > MAX_ARRAY:
        return _array_refused(too_long)
    variables = get_variable_values(schema(), operation.variable_definitions, dict(asked.variables))
    if isinstance(variables, list):
        return {"errors": [_formatted(error, code="INVALID_VARIABLE") for error in variables]}
    return _charged(call, asked, Meter(schema(), document, operation, variables), bucket)


def throttled(points: int, bucket: Bucket) -> Answer:
    """The answer when the bucket is too empty for *points*."""
    extensions = {"code": "THROTTLED", "documentation": RATE_LIMITS}
    return {"errors": [{"message": "Throttled", "extensions": extensions}], "extensions": _cost(points, None, bucket)}


def _charged(call: Call, asked: Asked, meter: Meter, bucket: Bucket) -> Answer:
    """Take what it may cost, run it, give back what it did not cost."""
    points = meter.requested()
    if points > call.store.rules.max_query_points:
        return _too_dear(points, call.store.rules.max_query_points)
    if not bucket.take(points):
        return throttled(points, bucket)
    result = _run(call, asked, meter.document, meter.operation)
    actual = min(points, meter.actual(result.get("data")))
    bucket.give_back(points - actual)
    extensions = _cost(points, actual, bucket)
    return result | {"extensions": extensions | ({"search": call.search} if call.search else {})}


def _run(call: Call, asked: Asked, document: DocumentNode, operation: OperationDefinitionNode) -> Answer:
    with call.store.lock:
        call.shop.operations[_label(operation)] += 1
        result = execute_sync(
            schema(),
            document,
            context_value=call,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            field_resolver=resolve,
            type_resolver=type_name,
        )
    answer: Answer = {"data": result.data}
    return answer | ({"errors": [_formatted(error) for error in result.errors]} if result.errors else {})


def _label(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else f"anonymous {operation.operation.value}"


def _cost(requested: int, actual: int | None, bucket: Bucket) -> Answer:
    cost = {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": bucket.status()}
    return {"cost": cost}


def _too_dear(points: int, most: int) -> Answer:
    message = f"Query cost is {points}, which exceeds the single query max cost limit ({most})."
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": points, "maxCost": most, "documentation": RATE_LIMITS}
    return {"errors": [{"message": message, "extensions": extensions}]}


def _array_refused(size: int) -> Answer:
    message = f"The input array size of {size} is greater than the maximum allowed of {MAX_ARRAY}."
    return {"errors": [{"message": message, "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"}}]}


def longest_array(value: object) -> int:
    """
    >>> longest_array({"ids": [1, 2], "moves": {"deep": [1, 2, 3]}})
    3
    """
    if isinstance(value, Mapping):
        return max(map(longest_array, value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), *map(longest_array, value), 0)
    return 0


def _formatted(error: GraphQLError, *, code: str | None = None) -> Answer:
    formatted: Answer = dict(error.formatted)
    if code is not None:
        formatted["extensions"] = {"code": code} | (formatted.get("extensions") or {})
    return formatted
