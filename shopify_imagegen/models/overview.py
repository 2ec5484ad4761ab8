"""What a person is shown of a store: numbers, lists and states, read together. Nothing is decided by these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from shopify_imagegen.models.jobs import Image, ImageState, JobState
from shopify_imagegen.models.value import Value


class Card(Value):
    """A product as a list shows it, read from the store."""

    id: str  #: "gid://shopify/Product/1"
    title: str
    status: str  #: "ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED"
    product_type: str = ""
    media_count: int = 0  #: of the whole gallery
    image_url: str | None = None  #: of its first picture, at most 160 px; None while there is none


class CardPage(Value):
    """Some cards of a search."""

    cards: tuple[Card, ...]
    after: str | None  #: asks for those behind; None: these are the last


class IdPage(Value):
    """Some products of a search, by id alone."""

    ids: tuple[str, ...]
    after: str | None  #: asks for those behind; None: these are the last


class Stage(StrEnum):
    """Where a product stands, as a person thinks of it. Each is a filter of the product list."""

    WORKING = "working"  #: its pictures are being made
    WAITING = "waiting"  #: its pictures wait for a decision
    FAILED = "failed"  #: its latest job left something undone
    PUBLISHED = "published"  #: pictures of ours are on it


class Standing(Value):
    """A product as our own tables know it."""

    product_id: str
    title: str = ""  #: when its latest job began
    stage: Stage | None = None  #: None: no pictures, and none on their way
    reason: str = ""  #: for a merchant
    job_id: str | None = None  #: the latest
    job_state: JobState | None = None
    published: int = 0  #: pictures of ours on it
    waiting: int = 0  #: pictures that wait for a decision
    at: datetime | None = None  #: of its latest job's last change


class Tally(Value):
    """A store in numbers."""

    pictures: int = 0  #: of ours, on products
    products: int = 0  #: with at least one of them
    waiting: int = 0  #: pictures that wait for a decision
    stages: Mapping[Stage, int] = Field(default={})  #: products in each


class Candidate(Value):
    """A picture, with what a list of pictures says of its product and its price."""

    image: Image
    product_title: str
    job_state: JobState
    cost_microusd: int | None = None  #: what was paid; None while it is not settled


class Failure(Value):
    """Pictures that were not made or not published for one reason."""

    state: ImageState
    reason: str
    pictures: int
    jobs: tuple[str, ...]  #: that can be taken up again
    products: tuple[tuple[str, str], ...]  #: (id, title) of some of them


class Deed(Value):
    """A row of the record of what was done."""

    id: int
    at: datetime
    product_id: str
    job_id: str | None
    image_id: str | None
    actor: str  #: "app", or the person
    action: str  #: "image_published"
    detail: dict[str, Any]
    product_title: str = ""  #: when its job began
