"""A product, a studio and a question, to be varied by the tests of planning."""

from datetime import UTC, datetime
from functools import lru_cache

from shopify_imagegen.models import Option, Photo, Product, Trigger
from shopify_imagegen.plan import Ask, open_studio
from shopify_imagegen.settings import parse

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHOP = "nice-lamps.myshopify.com"


def photo(number=9, **fields):
    address = f"https://cdn.example/files/table-{number}.jpg"
    usual = {"id": f"gid://shopify/MediaImage/{number}", "kind": "IMAGE", "status": "READY", "url": address}
    return Photo(**usual | fields)


def product(number=1, **fields):
    usual = {
        "id": f"gid://shopify/Product/{number}",
        "handle": "oak-side-table",
        "title": "Oak Side Table",
        "description_html": "<p>Solid oak, oiled by hand. 40 x 40 x 55 cm.</p>",
        "product_type": "Side table",
        "category": "Furniture > Tables > End Tables",
        "vendor": "Nordhjem",
        "tags": ("eco", "wood"),
        "options": (Option(name="Colour", values=("Oak",)),),
        "collections": ("living-room",),
        "media": (photo(9), photo(10)),
        "media_count": 2,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Product(**usual | fields)


def ask(**fields):
    return Ask(**{"shop": SHOP, "trigger": Trigger.NEW_LISTING, "is_new": True} | fields)


@lru_cache
def studio(toml=""):
    return open_studio(parse(toml, {}), max_references=10, max_prompt_chars=4096)
