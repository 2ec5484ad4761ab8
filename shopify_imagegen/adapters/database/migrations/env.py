"""Alembic's entry: runs on the connection that `migrate` hands over."""

from alembic import context

from shopify_imagegen.adapters.database.tables import Utc, Words, metadata


def plain_types(kind, item, _autogenerate):  # type: ignore[no-untyped-def]
    """A migration must not change when our code does: it names SQLAlchemy's types only."""
    if kind == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    return "sa.Text()" if kind == "type" and isinstance(item, Words) else False


context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_item=plain_types)
with context.begin_transaction():
    context.run_migrations()
