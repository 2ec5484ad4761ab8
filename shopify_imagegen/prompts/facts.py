"""What a listing truthfully says about a product, cleaned until it may stand in a prompt as data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shopify_imagegen.models import Product, Value
from shopify_imagegen.prompts.characters import cut, unquotable, visible
from shopify_imagegen.prompts.lines import describes, is_command, sentences, without_sales
from shopify_imagegen.prompts.markup import visible_text
from shopify_imagegen.prompts.sizes import size_hint

MAX_TITLE_CHARS = 150
MAX_FACTS_CHARS = 300
MAX_KIND_CHARS = 60
MAX_OPTIONS_CHARS = 120
MAX_SIZE_CHARS = 60

# bounded quantifiers: a supplier's text of one endless word must not take minutes
ADDRESS = re.compile(
    r"(?:https?://|www\.)\S{1,500}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,63}"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.(?:com|net|org|shop|store|io|co|de|fr|es|it|jp|cn|uk|nl|eu)\b(?:/\S{0,200})?",
    re.IGNORECASE,
)
NUMBER_OF_THE_ARTICLE = re.compile(
    r"\b(?:sku|ean|gtin|upc|asin|mpn|isbn|item\s?(?:no|number|code)|art(?:ikel|icle)?\.?[- ]?(?:nr|no|nummer)"
    r"|model\s?(?:no|number)|r[eé]f(?:erence|érence)?|品番|型番|货号|貨號)(?:\s?[.:#°º]+\s?|\s)(?=[\w-]*\d)[\w./-]{1,40}",
    re.IGNORECASE,
)
TAIL = re.compile(r"\s*\|\s*|\s+[–—]\s+")
SHOUT = re.compile(r"[【\[(（]([^】\])）]{1,80})[】\])）]")
ESCAPED_TAG = re.compile(r"</?[a-z]{1,10}[\s>]", re.IGNORECASE)
ENOUGH_CHARS = 3


class Facts(Value):
    """A product in words that came out clean."""

    title: str  #: "" when nothing usable is left of it
    kind: str = ""  #: "Side table"; the product type, else the last step of the taxonomy
    options: str = ""  #: "Colour: Oak; Size: M", of those options that have one value only
    size: str = ""  #: "40 x 40 x 55 cm"
    description: str = ""  #: at most `MAX_FACTS_CHARS`
    notes: tuple[str, ...] = ()  #: what was left out, for the preview


def gather(product: Product) -> Facts:
    """Read a product's title, type, options and description. Never raises, whatever they hold."""
    title, title_notes = clean_title(product.title, vendor=product.vendor)
    description, notes, shown_text = clean_description(product.description_html)
    return Facts(
        title=title,
        kind=clean_words(_kind(product), MAX_KIND_CHARS),
        options=_single_values(product),
        size=cut(unquotable(size_hint(f"{visible(product.title)}\n{shown_text}")), MAX_SIZE_CHARS),
        description=description,
        notes=(*title_notes, *notes),
    )


def clean_title(title: str, *, vendor: str = "") -> tuple[str, list[str]]:
    """A title without prices, article numbers, advertising and the tail made for search engines.

    >>> clean_title("Oak Side Table | Free Shipping | Nordic Living")[0]
    'Oak Side Table'
    """
    text = visible(title).replace("\n", " ")
    if is_command(text):
        return "", ["The title speaks to a machine instead of naming the product; it is not used."]
    text = _without_shouts(_without_numbers(text))
    parts = [part for part in TAIL.split(text) if _is_worth_keeping(part, vendor)]
    kept = _without_gaps(unquotable(without_sales(parts[0]))) if parts else ""
    return cut(kept, MAX_TITLE_CHARS), _title_notes(text, parts)


def clean_description(html: str) -> tuple[str, list[str], str]:
    """Returns: facts within `MAX_FACTS_CHARS`, what was left out, and all of the visible text."""
    raw, hid_words = visible_text(html)
    if ESCAPED_TAG.search(raw):  # imports escape twice
        raw, hid_more = visible_text(raw)
        hid_words = hid_words or hid_more
    text = visible(raw)
    notes = ["Hidden text in the description is not used."] if hid_words else []
    kept, dropped = _usable(sentences(_without_numbers(text)))
    notes += dropped
    whole = " ".join(_ended(unquotable(each)) for each in kept).strip()
    facts = cut(whole, MAX_FACTS_CHARS)
    if facts != whole:
        notes.append(f"The description was shortened to {len(facts)} characters.")
    return facts, notes, text


def clean_words(text: str, max_chars: int) -> str:
    """A short text of the merchant's own: visible characters, no addresses, no markup, one line."""
    return cut(unquotable(ADDRESS.sub(" ", visible(text)).replace("\n", " ")), max_chars)


def _usable(parts: Iterable[str]) -> tuple[list[str], list[str]]:
    """What follows a command is its continuation: nothing after it is used."""
    kept: list[str] = []
    dropped: list[str] = []
    for part in parts:
        if is_command(part):
            machine = f"Words to a machine, and all after them, are not used: “{cut(part, 60)}…”"
            return kept, [*_sales_note(dropped), machine]
        (kept if describes(part) and any(sign.isalpha() for sign in part) else dropped).append(part)
    return kept, _sales_note(dropped)


def _sales_note(dropped: list[str]) -> list[str]:
    if not dropped:
        return []
    return [f"Prices, shipping, sizes or sales talk are not used ({len(dropped)}): “{cut(dropped[0], 60)}”"]


def _without_numbers(text: str) -> str:
    return NUMBER_OF_THE_ARTICLE.sub(" ", ADDRESS.sub(" ", text))


def _without_shouts(text: str) -> str:
    """Brackets around advertising go with their content."""
    return SHOUT.sub(lambda found: f" {found.group()} " if describes(found.group(1)) else " ", text)


def _without_gaps(text: str) -> str:
    """Removed words leave no lonely signs: "Shirt - !!" is "Shirt"; a dash between words stays."""
    return re.sub(r"\s+([,;:!)])", r"\1", re.sub(r"^[\s\W]+(?=\w)", "", text)).strip(" -–—|:,;!/&+")


def _is_worth_keeping(part: str, vendor: str) -> bool:
    letters = sum(sign.isalnum() for sign in part)
    spoken = letters >= ENOUGH_CHARS or (letters > 0 and not part.isascii())
    return spoken and part.strip().casefold() != vendor.strip().casefold()


def _title_notes(text: str, parts: list[str]) -> list[str]:
    if len(parts) > 1:
        return [f"Only the first part of the title is used: “{cut(parts[0].strip(), 60)}”"]
    return [] if parts or not text.strip() else ["Nothing of the title can be used."]


def _kind(product: Product) -> str:
    kind = product.product_type or product.category.rpartition(">")[2]
    return "" if is_command(visible(kind)) else kind


def _single_values(product: Product) -> str:
    """An option with several values says nothing about the one in the photo."""
    single = (f"{option.name}: {option.values[0]}" for option in product.options if len(option.values) == 1)
    words = (clean_words(each, 50) for each in single if describes(each) and not is_command(visible(each)))
    return cut("; ".join(word for word in words if word), MAX_OPTIONS_CHARS)


def _ended(sentence: str) -> str:
    return sentence if not sentence or sentence[-1] in ".!?。！？；" else f"{sentence}."
