"""Bulk operations: run a query over everything in the background, and write what it finds into one file.

As strict as the real thing: one at a time in a shop, no variables, at most five connections, two deep; children lie
behind all of their parents in the file, and say whose they are.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response
from graphql import DocumentNode, FieldNode, OperationType, get_operation_ast

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.bulk_walk import Row, Walk, depths
from shopify_imagegen.sandbox.shop.fields import Call, answers
from shopify_imagegen.sandbox.shop.schema import checked
from shopify_imagegen.sandbox.shop.store import Store

RUNNING = ("CREATED", "RUNNING", "CANCELING")
MAX_CONNECTIONS, MAX_DEPTH = 5, 2
AT_ONCE = 100  # products written between two looks at whether it was canceled


@dataclass
class BulkOperation:
    """One of them; `status` moves by itself."""

    type_name: ClassVar[str] = "BulkOperation"
    id: int
    shop: str
    query: str
    created_at: datetime
    status: str = "CREATED"
    type: str = "QUERY"
    error_code: str | None = None
    object_count: str = "0"
    root_object_count: str = "0"
    file_size: str | None = None
    url: str | None = None
    partial_data_url: str | None = None
    content: bytes = b""
    signature: str = ""

    @property
    def gid(self) -> str:
        return f"gid://shopify/BulkOperation/{self.id}"


@answers("Mutation", "bulkOperationRunQuery")
def bulk_operation_run_query(_: Any, call: Call, *, query: str, group_objects: bool = False) -> Row:
    document, problem = _understood(query)
    if problem or document is None:
        return _refused(problem, "INVALID")
    if any(each.status in RUNNING for each in call.shop.bulk.values()):
        words = "A bulk query operation for this app and shop is already in progress"
        return _refused(words, "OPERATION_IN_PROGRESS")
    if call.store.faults.take("bulk.refused", shop=call.shop.domain) is not None:
        return _refused("Bulk operations limit reached. Please try again later.", "LIMIT_REACHED")
    operation = BulkOperation(call.store.next_id(), call.shop.domain, query, call.store.now())
    call.shop.bulk[operation.id] = operation
    call.store.later.after(call.store.rules.bulk_delay_s, lambda: _run(call, operation, document))
    return {"bulkOperation": operation, "userErrors": []}


@answers("QueryRoot", "bulkOperation")
def bulk_operation(_: Any, call: Call, *, id: str) -> BulkOperation | None:
    return _found(call, id)


@answers("Mutation", "bulkOperationCancel")
def bulk_operation_cancel(_: Any, call: Call, *, id: str) -> Row:
    operation = _found(call, id)
    if operation is None:
        return {"bulkOperation": None, "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}]}
    if operation.status in RUNNING:
        operation.status = "CANCELED"
    return {"bulkOperation": operation, "userErrors": []}


def routes(store: Store) -> Blueprint:
    """`GET /shops/<shop>/bulk/<signature>.jsonl`: signed, so without a token."""
    blueprint = Blueprint("sandbox_bulk", __name__)

    @blueprint.get("/shops/<shop>/bulk/<signature>.jsonl")
    def file(shop: str, signature: str) -> Response:
        found = [each for each in store.shop(shop).bulk.values() if each.signature == signature]
        if not found:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, mimetype="application/xml")
        content = found[0].content
        if store.faults.take("bulk.cut", shop=shop) is not None:
            content = content[: len(content) * 2 // 3]
        return Response(content, mimetype="application/jsonl")

    return blueprint


def _run(call: Call, operation: BulkOperation, document: DocumentNode) -> None:
    """Write the file, unless a fault or a cancellation comes in between."""
    with call.store.lock:
        if operation.status != "CREATED":
            return
        operation.status = "RUNNING"
    about = {"shop": call.shop.domain}
    if call.store.faults.take("bulk.stuck", **about) is not None:
        return
    roots, children = _rows(call, operation, document)
    if operation.status != "RUNNING":
        return
    if call.store.faults.take("bulk.canceled", **about) is not None:
        operation.status = "CANCELED"
    elif call.store.faults.take("bulk.failed", **about) is not None:
        operation.error_code = "INTERNAL_SERVER_ERROR"
        operation.partial_data_url = _kept(call, operation, roots[: len(roots) // 2])
        operation.status = "FAILED"
    else:
        operation.url = _kept(call, operation, [*roots, *children]) if roots else None
        operation.status = "COMPLETED"


def _kept(call: Call, operation: BulkOperation, rows: Iterable[Row]) -> str:
    operation.signature = secrets.token_hex(32)
    operation.content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    operation.file_size = str(len(operation.content))
    return f"{call.store.base_url}/shops/{operation.shop}/bulk/{operation.signature}.jsonl"


def _rows(call: Call, operation: BulkOperation, document: DocumentNode) -> tuple[list[Row], list[Row]]:
    """Everything at the root, and everything below."""
    walk = Walk(call, document)
    with call.store.lock:
        products = walk.products()
    roots: list[Row] = []
    children: list[Row] = []
    for start in range(0, len(products), AT_ONCE):
        with call.store.lock:
            if operation.status != "RUNNING":
                break
            for product in products[start : start + AT_ONCE]:
                first, *rest = walk.rows("Product", product, walk.node, parent=None)
                roots.append(first)
                children += rest
            operation.root_object_count = str(len(roots))
            operation.object_count = str(len(roots) + len(children))
    return roots, children


def _understood(query: str) -> tuple[DocumentNode | None, str]:
    """The document, or why it cannot be run in bulk."""
    document, problems = checked(query)
    if document is None:
        return None, "; ".join(problem.message for problem in problems)
    operation = get_operation_ast(document)
    if operation is None or operation.operation is not OperationType.QUERY or operation.variable_definitions:
        return None, "The query must be one query operation without variables"
    roots = [field for field in operation.selection_set.selections if isinstance(field, FieldNode)]
    if [field.name.value for field in roots] != ["products"]:
        return None, "the sandbox runs bulk queries over products only"
    found = list(depths(roots[0], 0))
    if len(found) > MAX_CONNECTIONS or max(found) > MAX_DEPTH - 1:
        return None, f"At most {MAX_CONNECTIONS} connections, {MAX_DEPTH} deep, can be queried in bulk"
    return document, ""


def _found(call: Call, gid: str) -> BulkOperation | None:
    return call.shop.bulk.get(gids.number(gid, "BulkOperation"))


def _refused(message: str, code: str) -> Row:
    return {"bulkOperation": None, "userErrors": [{"field": ["query"], "message": message, "code": code}]}
