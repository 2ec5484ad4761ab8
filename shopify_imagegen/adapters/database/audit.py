"""What was done, when, to what, and by whom: one row a change, in the change's own commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import audit
from shopify_imagegen.models import Image, Job, Purchase

NOTE = sa.insert(audit)  # built once, both: building a statement takes longer than running it
HISTORY = sa.select(audit).where(audit.c.image_id == sa.bindparam("wanted")).order_by(audit.c.id)


def note(
    connection: sa.Connection,
    about: Image | Job | Purchase,
    action: str,
    *,
    at: datetime,
    detail: Mapping[str, object],
    actor: str = "app",
) -> None:
    """Write one row about a job, one of its pictures, or its purchase.

    Args:
        action: what happened, "image_published".
        actor: "app", or the person.
    """
    job_id, image_id = _ids(about)
    row = {"at": at, "shop": about.shop, "product_id": about.product_id, "job_id": job_id, "image_id": image_id}
    connection.execute(NOTE, row | {"actor": actor, "action": action, "detail": dict(detail)})


def note_of_shop(connection: sa.Connection, shop: str, action: str, *, at: datetime, reason: str) -> None:
    """Write one row about a store: "store_uninstalled"."""
    row = {"at": at, "shop": shop, "product_id": "", "actor": "app", "action": action, "detail": {"reason": reason}}
    connection.execute(NOTE, row)


def _ids(about: Image | Job | Purchase) -> tuple[str, str | None]:
    match about:
        case Job():
            return about.id, None
        case Image():
            return about.job_id, about.id
        case Purchase():
            return about.job_id, about.key


def history(connection: sa.Connection, image_id: str) -> list[dict[str, Any]]:
    """What was done with a picture, oldest first; moments as text."""
    rows = connection.execute(HISTORY, {"wanted": image_id}).mappings()
    return [dict(row) | {"at": row["at"].isoformat()} for row in rows]
