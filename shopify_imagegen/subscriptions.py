"""Which webhooks we ask Shopify for, and how that compares with what a store sends. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from shopify_imagegen.models import Subscription, Value

PATH = "/webhooks"  # one address for every topic: the topic is in a header
CONTENT = "products/update"
# Shopify drops a delivery whose included fields equal those of the one before; shopify.app.toml says why these
CONTENT_FIELDS = (
    *("id", "admin_graphql_api_id", "title", "body_html", "vendor"),
    *("product_type", "category", "tags", "status", "image"),
)
TOPICS = ("products/create", CONTENT, "products/delete", "app/uninstalled", "app/scopes_update")
PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")  # Shopify takes them from the TOML file only


class Wanted(Value):
    """A webhook that we want from every store."""

    topic: str  #: "products/create"
    include_fields: tuple[str, ...] = ()  #: all when empty


class Compared(Value):
    """What we want beside what there is. Subscriptions at other addresses are somebody else's: they do not count."""

    missing: tuple[Wanted, ...]
    different: tuple[Subscription, ...]  #: ours, with other fields or a filter
    there: tuple[Subscription, ...]  #: as wanted


def wanted() -> tuple[Wanted, ...]:
    return tuple(Wanted(topic=each, include_fields=CONTENT_FIELDS if each == CONTENT else ()) for each in TOPICS)


def address(public_url: str) -> str:
    """Where webhooks go.

    >>> address("https://photos.example.com/")
    'https://photos.example.com/webhooks'
    """
    return f"{public_url.rstrip('/')}{PATH}"


def compared(found: Iterable[Subscription], public_url: str) -> Compared:
    """Sort what a store has by what we want at our own address."""
    ours = [each for each in found if each.uri == address(public_url)]
    fields = {enum(each.topic): set(each.include_fields) for each in wanted()}
    known = [each for each in ours if each.topic in fields]
    good = [each for each in known if set(each.include_fields) == fields[each.topic] and not each.filter]
    topics = {each.topic for each in known}
    return Compared(
        missing=tuple(each for each in wanted() if enum(each.topic) not in topics),
        different=tuple(each for each in known if each not in good),
        there=tuple(good),
    )


def enum(topic: str) -> str:
    """A topic as GraphQL writes it.

    >>> enum("app/scopes_update")
    'APP_SCOPES_UPDATE'
    """
    return topic.replace("/", "_").upper()
