"""What a shop holds. Plain values; only the store's functions change them, under the store's lock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class Rules:
    """How this stand-in behaves; the defaults are a Standard shop in a hurry."""

    media_delay_s: float = 0.3  #: from UPLOADED to READY or FAILED
    bulk_delay_s: float = 0.3  #: until a bulk operation begins
    job_delay_s: float = 0.1  #: until a reorder job is done
    bucket_points: float = 2000.0  #: facts: Standard plan
    restore_points_per_s: float = 100.0
    max_query_points: int = 1000
    webhook_retry_base_s: float = 1.0  #: doubled after each failure
    webhook_connect_s: float = 1.0
    webhook_total_s: float = 5.0
    staged_target_life_s: float = 3600.0
    media_per_product: int = 250
    scopes: tuple[str, ...] = ("write_products", "write_files")


@dataclass
class Entity:
    """Anything with a global id. The class name is the GraphQL type unless `type_name` says otherwise."""

    type_name: ClassVar[str] = ""
    id: int

    @property
    def gid(self) -> str:
        return f"gid://shopify/{self.type_name}/{self.id}"


@dataclass(frozen=True)
class MediaError:
    """Why a file is FAILED."""

    code: str
    message: str
    details: str | None = None


@dataclass
class File(Entity):
    """One picture in the shop's Files; products refer to it."""

    type_name: ClassVar[str] = "MediaImage"
    filename: str  #: also its name on the CDN
    created_at: datetime
    updated_at: datetime
    alt: str = ""
    made_by: str = "app"  #: "app", through the Admin API, or "merchant"
    status: str = "UPLOADED"
    errors: list[MediaError] = field(default_factory=list)
    content: bytes = b""  #: as it was uploaded, byte for byte
    mime_type: str | None = None
    width_px: int = 0
    height_px: int = 0
    version: int = 1  #: the CDN's `v`; moves when the content is replaced

    media_content_type: ClassVar[str] = "IMAGE"

    @property
    def file_status(self) -> str:
        return self.status

    @property
    def ready(self) -> bool:
        return self.status == "READY"


@dataclass
class OptionValue(Entity):
    type_name: ClassVar[str] = "ProductOptionValue"
    name: str
    has_variants: bool = True


@dataclass
class Option(Entity):
    type_name: ClassVar[str] = "ProductOption"
    name: str
    position: int
    option_values: list[OptionValue]


@dataclass
class Variant(Entity):
    type_name: ClassVar[str] = "ProductVariant"
    title: str
    position: int
    choices: tuple[str, ...]  #: one value for each option, in their order
    price: str = "0.00"
    sku: str | None = None
    media: list[File] = field(default_factory=list)


@dataclass
class Category(Entity):
    type_name: ClassVar[str] = "TaxonomyCategory"
    full_name: str

    @property
    def name(self) -> str:
        return self.full_name.rpartition(" > ")[2]


@dataclass
class Collection(Entity):
    type_name: ClassVar[str] = "Collection"
    handle: str
    title: str


@dataclass
class Metafield(Entity):
    type_name: ClassVar[str] = "Metafield"
    value: str  #: JSON


@dataclass
class Product(Entity):
    type_name: ClassVar[str] = "Product"
    title: str
    handle: str
    created_at: datetime
    updated_at: datetime
    description_html: str = ""
    vendor: str = ""
    product_type: str = ""
    status: str = "ACTIVE"
    tags: list[str] = field(default_factory=list)
    category: Category | None = None
    options: list[Option] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    gallery: list[File] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)  #: ids of files that the fault media.invisible hides
    is_gift_card: bool = False
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)  #: by namespace and key

    @property
    def media(self) -> list[File]:
        """The gallery as the shop shows it, in order."""
        return [file for file in self.gallery if file.id not in self.hidden]

    @property
    def has_only_default_variant(self) -> bool:
        return [variant.title for variant in self.variants] == ["Default Title"]


@dataclass
class Job:
    """Work that the shop does in the background."""

    type_name: ClassVar[str] = "Job"
    key: str
    done: bool = False

    @property
    def gid(self) -> str:
        return f"gid://shopify/Job/{self.key}"


@dataclass
class Subscription(Entity):
    """Where webhooks of a topic go: made through the API for one shop, or declared by the app for all."""

    type_name: ClassVar[str] = "WebhookSubscription"
    topic: str  #: "products/update"
    uri: str
    created_at: datetime
    name: str | None = None
    include_fields: list[str] = field(default_factory=list)
    filter: str | None = None
    declared: bool = False  #: stands for shopify.app.toml; survives failures


@dataclass
class Shop(Entity):
    type_name: ClassVar[str] = "Shop"
    domain: str
    products: dict[int, Product] = field(default_factory=dict)
    flow_triggers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  #: handle, payload
    files: dict[int, File] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    installed: bool = True  #: the app; a shop is made with it
    bulk: dict[int, Any] = field(default_factory=dict)  #: bulk operations, by number
    operations: Counter[str] = field(default_factory=Counter)  #: GraphQL operations executed, by name
    effects: Counter[str] = field(default_factory=Counter)  #: what they did: "file created", "media attached", …
    _named: dict[str, File] = field(default_factory=dict)  # may be out of date; checked when read
    _handles: dict[str, Product] = field(default_factory=dict)  # the same

    iana_timezone: ClassVar[str] = "Europe/Berlin"

    @property
    def myshopify_domain(self) -> str:
        return self.domain

    @property
    def name(self) -> str:
        return self.domain.partition(".")[0].replace("-", " ").title()

    def keep(self, file: File) -> None:
        """Add *file*, or note its new name."""
        self.files[file.id] = file
        self._named[file.filename] = file

    def stock(self, product: Product) -> None:
        """Add *product*, or note its new handle."""
        self.products[product.id] = product
        self._handles[product.handle] = product

    def file_named(self, filename: str) -> File | None:
        """The file on the CDN under *filename*; one that never became READY has no place there."""
        file = self._named.get(filename)
        if file is None or file.id not in self.files or file.filename != filename or file.status == "FAILED":
            return None
        return file

    def product_with(self, handle: str) -> Product | None:
        product = self._handles.get(handle)
        if product is None or product.id not in self.products or product.handle != handle:
            return None
        return product
