"""Read a Shopify product CSV export and the pictures that belong to it. What is wrong is named, never fatal."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from shopify_imagegen.sandbox.shop.catalogue_images import ImageFolder
from shopify_imagegen.sandbox.shop.products import STATUSES, Draft, Photo, VariantDraft

COLUMNS = {  # our name: its names in old and in new exports, in lower case
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "description"),
    "vendor": ("vendor",),
    "category": ("product category", "standard product type"),
    "type": ("type", "custom product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "sku": ("variant sku", "sku"),
    "price": ("variant price", "price"),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text",),
    **{f"option{n}_name": (f"option{n} name",) for n in (1, 2, 3)},
    **{f"option{n}_value": (f"option{n} value",) for n in (1, 2, 3)},
}
OPTIONS = (1, 2, 3)
MAX_FIELD_CHARS = 16 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One record: its first line in the file, and its cells by our names."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Catalogue:
    """What an export holds."""

    products: list[Draft]
    problems: list[str]  #: "line 7: …", in the order of the file


def read_catalogue(csv_path: Path, images_dir: Path | None = None) -> Catalogue:
    """The products of *csv_path* with their photos from *images_dir*.

    Raises:
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    problems: list[str] = []
    folder = ImageFolder(images_dir)
    products = []
    for rows in _by_handle(_rows(csv_path, problems), problems):
        draft = _draft(rows, folder, problems)
        if draft is not None:
            products.append(draft)
    return Catalogue(products, problems)


def _rows(csv_path: Path, problems: list[str]) -> Iterator[Row]:
    csv.field_size_limit(MAX_FIELD_CHARS)
    with csv_path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [_our_name(name) for name in next(reader, [])]
        if "handle" not in header:
            problems.append("line 1: no column Handle or URL handle; is this a Shopify product export?")
            return
        line = reader.line_num + 1
        try:
            for cells in reader:
                if len(cells) > len(header):
                    problems.append(f"line {line}: {len(cells)} cells under {len(header)} column names")
                elif any(cells):
                    yield Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name})
                line = reader.line_num + 1
        except csv.Error as error:
            problems.append(f"line {line}: {error}")


def _our_name(column: str) -> str | None:
    wanted = column.strip().lower()
    return next((ours for ours, theirs in COLUMNS.items() if wanted in theirs), None)


def _by_handle(rows: Iterator[Row], problems: list[str]) -> Iterator[list[Row]]:
    """The rows of each product; those of one product need not stand together."""
    products: dict[str, list[Row]] = {}
    for handle, group in groupby(rows, key=lambda row: row["handle"]):
        found = list(group)
        if not handle:
            problems += [f"line {row.line}: no handle" for row in found]
        else:
            products.setdefault(handle, []).extend(found)
    yield from products.values()


def _draft(rows: list[Row], folder: ImageFolder, problems: list[str]) -> Draft | None:
    first = rows[0]
    if not first["title"]:
        problems.append(f"line {first.line}: {first['handle']} has no title in its first row")
        return None
    options, variants = _options(rows), _variants(rows)
    return Draft(
        title=first["title"],
        handle=first["handle"],
        description_html=first["body"],
        vendor=first["vendor"],
        product_type=first["type"],
        status=_status(first, problems),
        tags=[tag.strip() for tag in first["tags"].split(",") if tag.strip()],
        category=first["category"] or None,
        options=options,
        variants=variants,
        price=_price(first, problems),
        photos=_photos(rows, folder, problems),
    )


def _status(row: Row, problems: list[str]) -> str:
    """Old exports have no Status; Published tells what there is to tell."""
    status = row["status"].upper()
    if not status:
        return "DRAFT" if row["published"].lower() == "false" else "ACTIVE"
    if status not in STATUSES:
        problems.append(f"line {row.line}: status {row['status']!r} taken as draft")
        return "DRAFT"
    return status


def _price(row: Row, problems: list[str]) -> str:
    text = row["price"]
    if text and not text.replace(".", "", 1).isdecimal():
        problems.append(f"line {row.line}: price {text!r} is not a number")
        return "0.00"
    return text or "0.00"


def _options(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    names = [rows[0][f"option{n}_name"] for n in OPTIONS]
    options = []
    for n, name in zip(OPTIONS, names, strict=True):
        values = list(dict.fromkeys(row[f"option{n}_value"] for row in rows if row[f"option{n}_value"]))
        if name and values:
            options.append((name, values))
    return options


def _variants(rows: Sequence[Row]) -> list[VariantDraft]:
    """One for each row with an option value; rows that only add a picture have none."""
    return [
        VariantDraft(
            tuple(row[f"option{n}_value"] for n in OPTIONS if row[f"option{n}_value"]),
            row["price"] or rows[0]["price"] or "0.00",
            row["sku"] or None,
        )
        for row in rows
        if row["option1_value"]
    ]


def _photos(rows: list[Row], folder: ImageFolder, problems: list[str]) -> list[Photo]:
    """The product's pictures in the order of Image Position, each once."""
    with_image = {row["image"]: row for row in reversed(rows) if row["image"]}.values()
    photos = []
    for row in sorted(with_image, key=_position):
        path = folder.find(row["image"])
        if path is None:
            problems.append(f"line {row.line}: no file for {row['image']}")
        else:
            photos.append(Photo(path.name, path.read_bytes(), alt=row["image_alt"]))
    return photos


def _position(row: Row) -> tuple[int, int]:
    text = row["image_position"]
    return (int(text) if text.isdecimal() else 1_000_000, row.line)
