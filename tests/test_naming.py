import pytest

from shopify_imagegen.naming import MAX_CHARS, file_name, is_ours, slug

KEY = "0123456789abcdef0123456789abcdef"


def named(title="Oak Side Table", *, handle="oak-side-table", scene="kitchen/morning-counter", output_format="jpeg"):
    return file_name(title, handle=handle, scene=scene, key=KEY, output_format=output_format)


TITLES = {
    "plain": ("Oak Side Table", "oak-side-table"),
    "accents": ("Crème brûlée Förmchen", "creme-brulee-formchen"),
    "letters without decomposition": ("Straße Øl Łódź", "strasse-ol-lodz"),
    "signs": ("A/B: “C” & D.", "a-b-c-d"),
    "hardly any ASCII": ("陶器マグカップ 350ml", "oak-side-table"),
    "no ASCII at all": ("陶器マグカップ", "oak-side-table"),
}


@pytest.mark.parametrize(("title", "begins"), TITLES.values(), ids=TITLES)
def test_name_begins_with_the_product(title, begins):
    """Search engines and merchants read file names."""
    assert f"{begins}-morning-counter-lsp0123456789ab.jpg" == named(title)


def test_nothing_to_name_it_by():
    """A file without a name cannot be uploaded."""
    assert "product-morning-counter-lsp0123456789ab.png" == named("陶器", handle="陶器", output_format="png")


@pytest.mark.parametrize("title", ["word " * 60, "w" * 400])
def test_name_is_never_too_long(title):
    """The mark stands at the end, where a cut would take it."""
    name = named(title, scene="a/" + "long-" * 20)

    assert len(name) <= MAX_CHARS
    assert is_ours(name)


OURS = [
    "https://cdn.example/s/files/1/2/files/oak-table-desk-lsp0123456789ab.jpg?v=17",
    "https://cdn.example/oak-lsp0123456789ab_1f2e3d4c-0000-4000-8000-aabbccddeeff.jpg",
    "https://cdn.example/oak-lsp0123456789ab_600x600_crop_center@2x.png",
    "https://cdn.example/oak-lsp0123456789ab_1024x1024.progressive.webp.jpg#x",
    "OAK-LSP0123456789AB.JPG",
]


@pytest.mark.parametrize("url", OURS)
def test_our_mark_survives_what_shopify_does_to_names(url):
    """When our database is lost, this is how we know our own pictures and do not build upon them."""
    assert is_ours(url)


NOT_OURS = [
    "",
    "https://cdn.example/oak-table.jpg",
    "https://cdn.example/oak-lsp0123456789a.jpg",
    "https://cdn.example/oak-lsp0123456789abc.jpg",
    "https://cdn.example/oak-lsp0123456789xy.jpg",
    "https://cdn.example/oak-lsp0123456789ab/other.jpg",
    "https://cdn.example/other.jpg?from=oak-lsp0123456789ab.jpg",
    "https://cdn.example/oaklsp0123456789ab.jpg",
]


@pytest.mark.parametrize("url", NOT_OURS)
def test_a_merchants_photo_is_not_ours(url):
    """Taken for ours, it would never be used, and might be rolled back."""
    assert not is_ours(url)


def test_slug_of_nothing_is_nothing():
    """So that callers can say what stands in."""
    assert ("", "", "a") == (slug(""), slug("陶器"), slug("--A--"))
