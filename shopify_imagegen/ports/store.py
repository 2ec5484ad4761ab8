"""The merchant's store: its products, its files, its theme's data, and whether it has us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shopify_imagegen.models import (
    Card,
    CardPage,
    IdPage,
    Installed,
    Page,
    Photo,
    Product,
    Seen,
    StoredFile,
    Subscription,
    Variant,
)


class Catalog(Protocol):
    """The store's products, read only. Every call may raise Temporary, NoAnswer or NeedsAttention."""

    def product(self, shop: str, product_id: str) -> Product:
        """Raises: NotFound."""

    def product_id(self, shop: str, handle: str) -> str:
        """The gid of the product with that handle. Raises: NotFound."""

    def changed(self, shop: str, since: datetime, *, after: str | None, limit: int) -> Page:
        """At most *limit* products changed since then, the change longest ago first.

        Args:
            after: of the page before this one; None for the first.

        Raises: BadInput when Shopify does not know *after* any more.
        """


class Catalogue(Protocol):
    """All of a store's products. Every call may raise Temporary, NoAnswer or NeedsAttention."""

    def count(self, shop: str, search: str) -> int | None:
        """How many products match Shopify's *search*; None when they are more than can be counted."""

    def each(self, shop: str, search: str, *, many: bool) -> Iterator[Product]:
        """The products that match, in no certain order, read as they are asked for.

        Args:
            search: in the words of Shopify's search; "" for all.
            many: have Shopify write them all into a file first (a bulk operation); else they are read in pages.

        Raises: BadInput when Shopify refuses the search.
        """


class Media(Protocol):
    """The store's files and product galleries. Writes are sent once; after NoAnswer, read back before trying again."""

    def upload(self, shop: str, image: bytes, *, file_name: str, mime: str) -> str:
        """Put bytes on a staged upload target. Returns the resource URL. Safe to repeat. Raises: Rejected."""

    def create_file(self, shop: str, resource_url: str, *, file_name: str, alt: str) -> StoredFile:
        """Raises: Conflict when a file of that name exists; Rejected."""

    def find_file(self, shop: str, file_name: str) -> StoredFile | None:
        """The file of exactly that name, if the store has it."""

    def file(self, shop: str, file_id: str) -> StoredFile:
        """Raises: NotFound."""

    def attach(self, shop: str, product_id: str, file_id: str) -> None:
        """Add a READY file to a gallery. Raises: Conflict when Shopify refuses references to it; Rejected; NotFound."""

    def add_to_gallery(self, shop: str, product_id: str, *, source_url: str, alt: str) -> None:
        """The other way in, where `attach` is refused: a new medium from a URL. Raises: Rejected, NotFound."""

    def gallery(self, shop: str, product_id: str) -> tuple[Photo, ...]:
        """All of the product's media in order. Raises: NotFound."""

    def move(self, shop: str, product_id: str, places: Mapping[str, int]) -> None:
        """Put media at zero-based places, and wait until Shopify has done it. Raises: Rejected, NotFound."""

    def detach(self, shop: str, product_id: str, file_id: str) -> None:
        """Take a file off a product; it stays in Files. Raises: Rejected, NotFound."""

    def describe(self, shop: str, file_id: str, alt: str) -> None:
        """Give a READY file another alt text. Raises: Rejected, NotFound."""

    def delete_file(self, shop: str, file_id: str) -> None:
        """For good. Only ever with an id from our own table."""


class Cards(Protocol):
    """The store's products and pictures as lists show them. Calls may raise Temporary, NoAnswer or NeedsAttention."""

    def search(self, shop: str, words: str, *, after: str | None, limit: int) -> CardPage:
        """Products that *words* are found in, the newest first; all of them for no words.

        Args:
            after: of the page before this one; None for the first.

        Raises: BadInput when Shopify does not know *after* any more.
        """

    def ids(self, shop: str, words: str, *, after: str | None, limit: int) -> IdPage:
        """As `search`, but no more than each product's id: Shopify counts a quarter for it."""

    def some(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Card]:
        """Those of at most 250 products that the store has."""

    def pictures(self, shop: str, file_ids: Sequence[str]) -> Mapping[str, str]:
        """Where the CDN serves those of at most 250 files that are ready."""


class Installation(Protocol):
    """The app's place in any shop. Every call may raise Temporary, NoAnswer or NeedsAttention."""

    def installed(self, shop: str) -> Installed: ...

    def is_there(self, shop: str) -> bool:
        """Whether our token opens the shop, so that it has the app. An error means that this cannot be told."""

    def subscriptions(self, shop: str) -> tuple[Subscription, ...]:
        """Webhooks that this app has asked the shop for; those of its configuration file are not listed."""

    def subscribe(self, shop: str, topic: str, uri: str, *, include_fields: Sequence[str] = ()) -> Subscription:
        """Ask for a webhook.

        Args:
            topic: as deliveries name it, "products/create".
            uri: an https address of ours.
            include_fields: of the payload; all of them when empty.
        """


class Outside(Protocol):
    """Plain looks at public addresses, without any credentials."""

    def look(self, url: str) -> Seen:
        """One GET within a few seconds, redirects not followed.

        Raises: Rejected (not https, or at a private address), Temporary, NoAnswer.
        """


class Variants(Protocol):
    """Which medium each variant of a product shows; it has one at most."""

    def of(self, shop: str, product_id: str) -> tuple[Variant, ...]:
        """Raises: NotFound."""

    def show(self, shop: str, product_id: str, media: Mapping[str, str]) -> None:
        """Variant id → medium of the product. Raises: Conflict when one shows another already; Rejected; NotFound."""

    def show_no_more(self, shop: str, product_id: str, media: Mapping[str, str]) -> None:
        """Variant id → medium that it shows; the medium stays on the product. Raises: Rejected, NotFound."""


class Metafields(Protocol):
    """What we keep on a product in our own namespace, for the shop's theme to read."""

    def write(self, shop: str, product_id: str, key: str, value: object) -> None:
        """As JSON, in place of what was there. Raises: Rejected, NotFound."""

    def erase(self, shop: str, product_id: str, key: str) -> None:
        """Also where there is none."""


class FlowTriggers(Protocol):
    """Workflows in the shop that begin when we say so."""

    def fire(self, shop: str, handle: str, payload: Mapping[str, object]) -> None:
        """Start them. Raises: Temporary (not begun), NoAnswer (perhaps begun), Rejected, NeedsAttention."""
