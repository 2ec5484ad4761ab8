"""Durable work: the only room that knows the engine, DBOS Transact. A module each: order, queues, steps, process.

A finished step can run again after a crash, so every step is idempotent by our own keys: the ledger for money, file
names and read-back for writes. The engine gives order, queues and persistence.
"""

from shopify_imagegen.workflow.engine import Engine
from shopify_imagegen.workflow.queues import bulk_at_once, is_claiming

__all__ = ["Engine", "bulk_at_once", "is_claiming"]
