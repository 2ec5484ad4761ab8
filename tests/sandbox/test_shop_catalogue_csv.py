"""Shopify's product CSV, old and new, and the files its image URLs mean."""

import pytest

from shopify_imagegen.sandbox.shop.catalogue_csv import read_catalogue
from shopify_imagegen.sandbox.shop.catalogue_images import ImageFolder, bare_name

from .client import jpeg

UUID = "0b6a6b0e-1f5e-4d0c-9a64-3f6f2f0a1b2c"
OLD = """\ufeffHandle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,\
Variant SKU,Variant Price,Image Src,Image Position,Image Alt Text,Status
oak,Oak lamp,"<p>Solid
oak.</p>",Nord,Home > Lamps,Lamp,"wood, light",true,Colour,Natural,OAK-1,129.00,https://cdn/files/Oak_grande.jpg?v=1,2,Front,active
oak,,,,,,,,,Black,OAK-2,139.00,https://cdn/files/oak-side.jpg,1,,
oak,,,,,,,,,,,,https://cdn/files/missing.jpg,3,,
elm,Elm lamp,,,,,,false,Title,Default Title,,,,,,
"""
NEW = """Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,\
Option1 name,Option1 value,Price,Product image URL,Image position,Image alt text
Oak lamp,oak,<p>Oak</p>,Nord,Home > Lamps,Lamp,wood,TRUE,Draft,OAK-1,Colour,Natural,129,https://cdn/oak.jpg,1,Front
"""


@pytest.fixture
def read(tmp_path):
    """Read *text* with the image files *names*."""

    def read(text, *names):
        for name in names:
            (tmp_path / name).write_bytes(jpeg())
        path = tmp_path / "products.csv"
        path.write_text(text, encoding="utf-8")
        return read_catalogue(path, tmp_path)

    return read


def test_several_rows_are_one_product(read):
    """The first row has the texts, the others variants and pictures."""
    oak, elm = read(OLD, "oak.jpg", "OAK-SIDE.JPG").products

    assert ("Oak lamp", "<p>Solid\noak.</p>", "Nord", "Lamp") == (
        (oak.title, oak.description_html, oak.vendor, oak.product_type)
    )
    assert (["wood", "light"], "Home > Lamps", "ACTIVE") == (oak.tags, oak.category, oak.status)
    assert [("Colour", ["Natural", "Black"])] == oak.options
    assert [("Natural", "129.00", "OAK-1"), ("Black", "139.00", "OAK-2")] == [
        (*variant.choices, variant.price, variant.sku) for variant in oak.variants
    ]
    assert ("Elm lamp", "DRAFT") == (elm.title, elm.status)


def test_pictures_stand_in_their_position(read):
    """Whatever the order of the rows."""
    oak, _ = read(OLD, "oak.jpg", "OAK-SIDE.JPG").products

    assert [("OAK-SIDE.JPG", ""), ("oak.jpg", "Front")] == [(photo.filename, photo.alt) for photo in oak.photos]


def test_missing_files_are_named(read):
    """By line, and never fatal."""
    catalogue = read(OLD, "oak.jpg")

    missing = [problem for problem in catalogue.problems if "no file for" in problem]
    assert ["https://cdn/files/oak-side.jpg", "https://cdn/files/missing.jpg"] == [each.split()[-1] for each in missing]
    assert "line 5: no file for https://cdn/files/missing.jpg" in missing
    assert 2 == len(catalogue.products)


def test_the_newer_column_names_mean_the_same(read):
    """Shopify renamed them; merchants have both."""
    (oak,) = read(NEW, "oak.jpg").products

    assert ("oak", "<p>Oak</p>", "DRAFT", "129") == (oak.handle, oak.description_html, oak.status, oak.price)
    assert ["oak.jpg"] == [photo.filename for photo in oak.photos]


@pytest.mark.parametrize(
    ("text", "problem", "products"),
    [
        ("Handle,Title\n,No handle\n", "line 2: no handle", 0),
        ("Handle,Title\noak,\n", "line 2: oak has no title in its first row", 0),
        ("Handle,Title\noak,Oak,extra\n", "line 2: 3 cells under 2 column names", 0),
        ("Handle,Title,Variant Price\noak,Oak,cheap\n", "line 2: price 'cheap' is not a number", 1),
        ("Handle,Title,Status\noak,Oak,sold\n", "line 2: status 'sold' taken as draft", 1),
        ("Name,Price\nOak,1\n", "line 1: no column Handle", 0),
        ('Handle,Title\noak,"two\nlines"\n,No handle\n', "line 4: no handle", 1),
    ],
)
def test_a_bad_row_is_named_by_its_line(read, text, problem, products):
    """A merchant finds it in their spreadsheet; the rest is imported."""
    catalogue = read(text)

    assert problem in catalogue.problems[0]
    assert products == len(catalogue.products)


def test_an_empty_file_is_no_catalogue(read):
    """Named as well."""
    assert "no column Handle" in read("").problems[0]


@pytest.mark.parametrize(
    "name",
    [
        "oak.jpg",
        "OAK.JPEG",
        "oak_grande.jpg",
        "oak_large.jpg",
        "oak_1024x1024.jpg",
        "oak_2048x2048.jpg",
        "oak_x800.jpg",
        "oak_800x.jpg",
        "oak@2x.jpg",
        "oak_1024x1024@2x.jpg",
        "oak_1024x1024_crop_center.jpg",
        f"oak_{UUID}.jpg",
        f"oak_{UUID}_large.jpg",
    ],
)
def test_sizes_and_uuids_are_not_part_of_a_name(name):
    """Every way in which Shopify's CDN has ever named `oak.jpg`."""
    assert "oak" == bare_name(name)


@pytest.mark.parametrize(
    ("file", "exported"),
    [
        ("Oak Lamp.png", "https://cdn/files/Oak_Lamp_" + UUID + ".png?v=1"),
        ("Tea & pot (2).jpg", "https://cdn/files/Tea_pot_2_600x.jpg"),
        (
            "the\u0301ie\u0300re.jpg",
            "https://cdn/files/th%C3%A9i%C3%A8re.jpg",
        ),  # a Mac writes it so
    ],
    ids=["space", "signs", "accents"],
)
def test_a_merchants_file_is_found_under_the_name_that_shopify_made_of_it(tmp_path, file, exported):
    """The folder on the merchant's disk has the names from before the upload."""
    (tmp_path / file).write_bytes(jpeg())

    assert tmp_path / file == ImageFolder(tmp_path).find(exported)


@pytest.mark.parametrize("name", ["oak_large_table.jpg", "oak-1024.jpg", "xlarge.jpg", "_large.jpg"])
def test_a_size_inside_a_name_stays(name):
    """Two products must not become one."""
    assert name.removesuffix(".jpg") == bare_name(name)


def test_the_exact_name_wins(tmp_path):
    """`oak_large.jpg` may be a file of its own."""
    for name in ("oak.jpg", "oak_large.jpg"):
        (tmp_path / name).write_bytes(jpeg())
    folder = ImageFolder(tmp_path)

    assert "oak_large.jpg" == folder.find("https://cdn/oak_large.jpg?v=2").name
    assert "oak.jpg" == folder.find("https://cdn/oak_small.jpg").name
    assert folder.find("https://cdn/elm.jpg") is None
