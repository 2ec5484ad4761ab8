"""Pictures within one transaction: read, held, and changed only from the states that the caller knows them in."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import images
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import Image, ImageState

FIND = sa.select(*images.c).where(images.c.id == sa.bindparam("wanted"))
HOLD = FIND.with_for_update()
SOME = sa.select(*images.c).where(images.c.id.in_(sa.bindparam("wanted", expanding=True)))


def expect(connection: sa.Connection, image_id: str) -> Image:
    """Raises: NotFound."""
    return _image(connection.execute(FIND, {"wanted": image_id}).mappings().first(), image_id)


def some(connection: sa.Connection, image_ids: Sequence[str]) -> tuple[Image, ...]:
    """The pictures, in that order. Raises: NotFound."""
    rows = {row["id"]: row for row in connection.execute(SOME, {"wanted": list(image_ids)}).mappings()}
    return tuple(_image(rows.get(image_id), image_id) for image_id in image_ids)


def hold(connection: sa.Connection, image_id: str) -> Image:
    """The picture; nobody else changes it until the end of the transaction. Raises: NotFound."""
    return _image(connection.execute(HOLD, {"wanted": image_id}).mappings().first(), image_id)


def moved(
    connection: sa.Connection, image_id: str, values: Mapping[str, object], *, when: Collection[ImageState] | None
) -> Image:
    """Change a picture by one conditional statement.

    Args:
        when: the states in one of which it must be; None: in any.

    Raises:
        NotFound: there is no such picture. Conflict: it is in another state; which one.
    """
    update = _change(tuple(values), tuple(when) if when is not None else None)
    row = connection.execute(update, {"wanted": image_id, **values}).mappings().first()
    if row is None:
        found = expect(connection, image_id)
        raise Conflict(f"picture {image_id} is {found.state} by now")
    return _image(row, image_id)


@functools.lru_cache
def _change(names: tuple[str, ...], when: tuple[ImageState, ...] | None) -> sa.Executable:
    """The statement for these columns, built once: every step of a picture is one, within the lock of all writers."""
    allowed = images.c.state.in_(when) if when is not None else sa.true()
    update = sa.update(images).where(images.c.id == sa.bindparam("wanted"), allowed)
    return update.values({name: sa.bindparam(name) for name in names}).returning(*images.c)


def _image(row: sa.RowMapping | None, image_id: str) -> Image:
    if row is None:
        raise NotFound(f"there is no picture {image_id}")
    return Image.model_validate(dict(row))
