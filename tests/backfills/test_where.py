"""Queries over the catalogue: understood or refused by name, and Shopify is never asked to leave out too much."""

from datetime import UTC, datetime

import pytest

from shopify_imagegen.backfills.where import Seen, where
from shopify_imagegen.errors import BadInput
from tests.fakes import lamp

LAMP = lamp(
    title="Oak side table",
    product_type="Table lamps",
    vendor="Nordlicht",
    tags=("Summer", "new in"),
    collections=("home",),
    created_at=datetime(2026, 3, 5, 23, 59, tzinfo=UTC),
)
HOLDS = [
    "",
    "status:active",
    "STATUS:active",
    "status:draft,active",
    "-status:draft",
    "tag:summer",
    'tag:"new in"',
    'type:"table lamps"',
    "vendor:nordlicht collection:home",
    "side",
    'title:"side tab"',
    "created:2026-03-05",
    "created:>2026-03-04",
    "created:<=2026-03-05",
    "created:<2026-03-06",
    "has:photos -has:lifestyle",
]
DOES_NOT = [
    "status:draft",
    "-status:active",
    "tag:winter",
    "tag:summ",
    "type:table",
    "ide",
    "created:>2026-03-05",
    "created:>=2026-03-06",
    "created:<2026-03-05",
    "has:lifestyle",
    "-has:photos",
    "status:active tag:winter",
]
SEEN = Seen(product=LAMP, has=frozenset({"photos"}))


@pytest.mark.parametrize("query", HOLDS)
def test_a_product_that_is_meant(query):
    """What a merchant writes is what the backfill is about."""
    assert where(query).holds(SEEN)


@pytest.mark.parametrize("query", DOES_NOT)
def test_a_product_that_is_not_meant(query):
    """A product too many is money spent on what nobody asked for."""
    assert not where(query).holds(SEEN)


REFUSED = {
    "an unknown name": ("colour:red", "colour:red"),
    "an unknown status": ("status:live", "status:live"),
    "an unknown thing to have": ("-has:video", "photos, lifestyle"),
    "no day": ("created:>yesterday", "yesterday"),
    "a comparison of words": ("tag:>a", "created and updated"),
    "an open quote": ('type:"Table lamps', "quote"),
    "nothing": ("tag:", "tag:"),
    "only a comma": ("tag:,", "says nothing"),
    "an OR": ("tag:a OR tag:b", "tag:summer,winter"),
}


@pytest.mark.parametrize(("query", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_understood_is_named(query, named):
    """A query that is half understood would be answered with the wrong products."""
    with pytest.raises(BadInput) as caught:
        where(query)

    assert named in str(caught.value)


PUSHED = {
    "status:active,draft": "status:active,draft",
    "-status:archived": "-status:archived",
    'type:"Table lamps" vendor:x': 'product_type:"Table lamps" vendor:"x"',
    "created:2026-01-01": "created_at:>='2026-01-01T00:00:00Z' created_at:<'2026-01-02T00:00:00Z'",
    "updated:<=2026-01-01": "updated_at:<'2026-01-02T00:00:00Z'",
    "-tag:x collection:home has:photos -has:lifestyle": "",
    "tag:a,b": "",
    "side": "",
}


@pytest.mark.parametrize(("query", "asked"), PUSHED.items(), ids=PUSHED.keys())
def test_what_shopify_is_asked(query, asked):
    """Only what its search does exactly: what it leaves out, nobody sees again."""
    assert asked == where(query).for_shopify()
