"""The shop admin in the browser, over HTTP: what a visitor sees, and what their forms do."""

import itertools
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shopify_imagegen.sandbox.faults import KNOWN
from shopify_imagegen.sandbox.image_api import Sale
from shopify_imagegen.sandbox.pages.bill import bill_lines
from shopify_imagegen.sandbox.pages.seen import is_ours
from shopify_imagegen.sandbox.shop.embedding import signed
from shopify_imagegen.sandbox.shop.session_tokens import shop_of

from .client import Listener, data_url, eventually, jpeg

numbers = itertools.count(1)
OURS = "oak-lamp-desk-lsp0123456789ab.jpg"
HOSTILE = "<script>alert('lamp')</script>"
PLACES = ["products", "app", "products/new", "deliveries", "bill", "faults"]


class Browser:
    """A visitor of one shop, without JavaScript."""

    def __init__(self, sandbox):
        self.http = httpx.Client(base_url=sandbox.base_url, timeout=10, trust_env=False, follow_redirects=True)
        self.origin = sandbox.base_url
        handle = f"pages-{next(numbers)}"
        self.home = f"/store/{handle}"
        self.shop = f"{handle}.myshopify.com"
        sandbox.store.shop(self.shop)

    def see(self, path):
        return self.http.get(f"{self.home}/{path}")

    def send(self, path, data=None, *, origin=None, **request):
        headers = {"Origin": origin or self.origin, "Sec-Fetch-Site": "cross-site" if origin else "same-origin"}
        return self.http.post(f"{self.home}/{path}", data=data, headers=headers, **request)

    def products(self):
        """What the shop holds, whatever the pages say."""
        state = self.http.get("/sandbox/api/state", params={"shop": self.shop}).json()
        return state["shops"][self.shop]["products"]

    def media(self):
        """The media of its first product."""
        return self.products()[0]["media"]

    def add(self, title="Oak lamp", **fields):
        added = self.http.post(f"/sandbox/api/shops/{self.shop}/products", json={"title": title, **fields})
        return added.json()["id"]


@pytest.fixture
def visitor(sandbox):
    browser = Browser(sandbox)
    yield browser
    browser.http.close()


@pytest.fixture
def settled(visitor):
    """A product with a merchant's photo and a lifestyle photo, both READY."""
    number = visitor.add(photos=[data_url()])
    file = {"photos": (OURS, jpeg(), "image/jpeg")}
    visitor.http.post(f"/sandbox/api/shops/{visitor.shop}/products/{number}/photos", files=file)
    eventually(lambda: all(each["status"] == "READY" for each in visitor.media()))
    return number


def text_of(response):
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def test_the_first_address_leads_to_the_products(visitor):
    """`make demo` prints one address: it must show something."""
    page = visitor.http.get("/")

    assert 200 == page.status_code
    assert re.fullmatch(r"/store/[\w-]+/products", page.url.path)


def test_an_empty_shop_says_what_to_do(visitor):
    """The first page of a fresh sandbox is this one."""
    assert "This shop is empty" in visitor.see("products").text


@pytest.mark.parametrize("place", PLACES)
def test_every_place_says_that_it_is_a_sandbox(visitor, place):
    """Nobody may take this for a real shop, or its bill for a real bill."""
    page = visitor.see(place)

    assert 200 == page.status_code
    assert "Sandbox: nothing here is real, nothing costs money" in text_of(page)


@pytest.mark.parametrize("path", ["products/12", "deliveries/12", "products/new?stock=unicorn"])
def test_what_is_not_here_is_said_on_a_page(visitor, path):
    """A visitor gets a page with a way back, not the API's JSON."""
    page = visitor.see(path)

    assert 404 == page.status_code
    assert "To the products" in page.text


def test_looking_at_a_shop_does_not_make_it(visitor, sandbox):
    """A mistyped address must not fill the list of shops."""
    assert 404 == visitor.http.get("/store/nobody/products").status_code
    assert "nobody.myshopify.com" not in sandbox.store.shops


def test_a_product_is_added_by_a_form_with_a_photo(visitor):
    """The way in for a visitor's own product; without JavaScript, too."""
    form = {
        "title": "Oak lamp",
        "description": "Solid oak.\r\n\r\nOiled & waxed.",
        "product_type": "Lamp",
        "vendor": "Nordhaus",
        "tags": "oak, light",
        "status": "ACTIVE",
    }
    page = visitor.send("products/new", form, files={"photos": ("oak lamp.jpg", jpeg(), "image/jpeg")})
    (product,) = visitor.products()

    assert f"{visitor.home}/products/{product['id']}" == page.url.path
    assert "Product added." in page.text
    assert ["oak", "light"] == product["tags"]
    assert "<p>Solid oak.</p><p>Oiled &amp; waxed.</p>" == product["description_html"]
    assert ["oak_lamp.jpg"] == [each["filename"] for each in product["media"]]


def test_no_chosen_file_is_no_photo(visitor):
    """A browser sends an empty file for an empty field; an empty photo would fail for ever."""
    visitor.send("products/new", {"title": "Oak lamp"}, files={"photos": ("", b"")})

    assert [] == visitor.media()


def test_a_product_without_a_title_comes_back_with_what_was_typed(visitor):
    """The mistake stands beside its field, and nothing that was typed is lost."""
    page = visitor.send("products/new", {"title": " ", "vendor": "Nordhaus"})

    assert 422 == page.status_code
    assert re.search(r'id="mistake-title">Title can(&#39;|’)t be blank', page.text)
    assert 'value="Nordhaus"' in page.text
    assert not re.search(r"<main[^>]* data-live", page.text), "an update would wipe the mistake away"


def test_a_drawn_product_is_added_with_one_click(visitor):
    """The fastest way to watch the product work."""
    page = visitor.send("products/from-stock", {"stock": "oak-side-table"})
    (product,) = visitor.products()

    assert f"{visitor.home}/products/{product['id']}" == page.url.path
    assert "oak-side-table" == product["handle"]
    assert "Furniture" in product["category"]
    assert 3 == len(product["media"])


def test_a_drawn_product_fills_the_form(visitor):
    """Start from something, change the words, leave photos out."""
    page = visitor.see("products/new?stock=oak-side-table")
    visitor.send("products/new", {"title": "My table", "stock": "oak-side-table", "angles": "detail"})

    assert 'value="Nordhaus"' in page.text
    assert ["oak-side-table-detail.jpg"] == [each["filename"] for each in visitor.media()]


def test_ours_and_the_merchants_photos_are_told_apart(visitor, settled):
    """The point of the page: which of these pictures did the app make?"""
    tiles = visitor.see(f"products/{settled}").text.split('<li class="tile ')[1:]

    assert ["merchant", "lifestyle"] == [tile.partition('"')[0] for tile in tiles]
    assert "Merchant’s photo" in tiles[0]
    assert "Lifestyle photo" in tiles[1]
    assert OURS in tiles[1]


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        (OURS, True),
        ("oak-lsp0123456789ab_4f0c.jpg", True),
        ("oak-lsp0123456789abc.jpg", False),
        ("oak-lsp.jpg", False),
    ],
)
def test_a_file_is_ours_by_its_mark(filename, expected):
    """Twelve digits, no more: a merchant's file name may look alike."""
    assert expected is is_ours(filename)


def test_the_list_counts_lifestyle_photos(visitor, settled):
    """One look says which products are done."""
    visitor.add("Pine lamp")
    page = text_of(visitor.see("products"))

    assert "With lifestyle photos 1 Lifestyle photos 1" in page
    assert re.search(r"Pine lamp Active 0 media No lifestyle photos yet Oak lamp Active 2 media 1", page)


def test_the_list_finds_and_turns_pages(visitor):
    """A catalogue of a thousand products stays usable."""
    for number in range(51):
        visitor.add(f"Lamp {number}", vendor="Pixel" if number == 7 else "")

    assert "Lamp 50" in text_of(visitor.see("products"))
    assert "Lamp 0" in text_of(visitor.see("products?page=2"))
    assert re.findall(r"Lamp \d+", text_of(visitor.see("products?q=pixel"))) == ["Lamp 7"]


def test_a_waiting_product_says_what_it_waits_for(visitor, sandbox):
    """ "Nothing happens" has a reason, and the page knows it."""
    bare, pictured = visitor.add("Bare"), visitor.add("Pictured", photos=[data_url()])

    assert "has no photos" in visitor.see(f"products/{bare}").text
    assert "No app is connected" in visitor.see(f"products/{pictured}").text
    sandbox.store.app.url = "http://127.0.0.1:1"
    assert "Waiting for lifestyle photos…" in visitor.see(f"products/{pictured}").text


def test_a_failed_photo_says_why(visitor):
    """Media fail a moment after the upload; the page is where it shows."""
    number = visitor.add(photos=["data:image/png;base64,bm90IGFuIGltYWdl"])
    eventually(lambda: "FAILED" == visitor.media()[0]["status"])

    assert "The file is not a supported image" in visitor.see(f"products/{number}").text


def test_a_product_is_edited(visitor, settled):
    """The app must see a merchant's edits; here is where they are made."""
    page = visitor.send(f"products/{settled}", {"title": "Pine lamp", "tags": "pine", "status": "DRAFT"})
    (product,) = visitor.products()

    assert "Changes saved." in page.text
    assert ("Pine lamp", ["pine"], "DRAFT") == (product["title"], product["tags"], product["status"])


def test_a_wrong_edit_is_refused_beside_its_field(visitor, settled):
    """Nothing changes, and the visitor sees why."""
    page = visitor.send(f"products/{settled}", {"title": "", "status": "DRAFT"})

    assert 422 == page.status_code
    assert 'id="mistake-title"' in page.text
    assert "ACTIVE" == visitor.products()[0]["status"]


def test_media_are_moved_and_deleted(visitor, settled):
    """What a merchant does to our pictures is what rollback has to respect."""
    original, ours = (each["id"] for each in visitor.media())
    visitor.send(f"products/{settled}/media/{ours}/first")
    eventually(lambda: [ours, original] == [each["id"] for each in visitor.media()])
    visitor.send(f"products/{settled}/media/{original}/delete")

    assert [ours] == [each["id"] for each in visitor.media()]


def test_photos_are_added_to_a_product(visitor, settled):
    """ "The first photo came later" is a trigger of its own."""
    visitor.send(f"products/{settled}/media", files={"photos": ("back.jpg", jpeg(), "image/jpeg")})
    empty = visitor.send(f"products/{settled}/media", files={"photos": ("", b"")})

    assert "back.jpg" == visitor.media()[-1]["filename"]
    assert (422, True) == (empty.status_code, "Choose one or more photos first." in empty.text)


def test_a_product_is_deleted(visitor, settled):
    """The list says so."""
    page = visitor.send(f"products/{settled}/delete")

    assert "Product deleted." in page.text
    assert [] == visitor.products()


def test_deliveries_are_listed_and_sent_again(visitor):
    """Duplicates are a fact of webhooks; this button makes one."""
    app = Listener()
    try:
        visitor.http.post("/sandbox/api/app", json={"url": app.url, "topics": ["products/create"]})
        visitor.add("Oak lamp")
        eventually(lambda: app.received)
        row = eventually(lambda: re.search(r"products/create Oak lamp \w+ 1 200", text_of(visitor.see("deliveries"))))
        number = re.search(r"deliveries/(\d+)/resend", visitor.see("deliveries").text)[1]
        page = visitor.send(f"deliveries/{number}/resend")
        eventually(lambda: len(app.received) == 2)
    finally:
        app.close()

    assert row
    assert "on its way again" in page.text
    assert app.received[0] == app.received[1], "the same webhook, byte for byte"
    assert "X-Shopify-Hmac-Sha256" in visitor.see(f"deliveries/{number}").text


def test_the_bill_shows_what_was_bought(visitor):
    """Watch the money: what, when, for how much."""
    order = {"model": "gpt-image-2", "prompt": "A lamp <b>on a desk</b>", "resolution": "1K", "output_format": "jpeg"}
    headers = {"Authorization": "Bearer key"}
    bought = visitor.http.post("/images-api/v2/images/generations", json=order, headers=headers)
    page = text_of(visitor.see("bill"))

    assert 200 == bought.status_code
    assert re.search(r"Purchases \d+ Total \$\S+ Balance \$\S+ Bought twice \d+", page)
    assert "gpt-image-2 A lamp <b>on a desk</b> 0 $0.06" in page


def test_the_bill_marks_what_was_bought_twice():
    """The promise of this product, on one page: is it kept?"""
    lines = bill_lines([sale("lamp"), sale("table"), sale("lamp")])

    assert [True, False, False] == [line.again for line in lines]


def sale(fingerprint):
    return Sale("2026-11-22T10:00:00+00:00", "…abcd", "gpt-image-2", "", "", "0.06", "req-1", 1, fingerprint)


def test_every_fault_is_on_the_panel_with_its_meaning(visitor):
    """A fault that nobody finds is a fault that nobody tries."""
    page = text_of(visitor.see("faults"))

    assert [] == [name for name in KNOWN if name not in page]
    assert [] == [name for name, meaning in KNOWN.items() if meaning.partition("`")[0].strip() not in page]


def test_faults_go_on_and_off(visitor, sandbox):
    """Each with its own numbers; one button ends them all."""
    form = {"name": "webhook.late", "probability": "0.5", "times": "3", "params": "seconds=2 topic=products/update"}
    page = visitor.send("faults", form)
    (late,) = sandbox.faults.active()
    visitor.send("faults", {"name": "shopify.500"})
    both = len(sandbox.faults.active())
    visitor.send("faults/off", {"name": "webhook.late"})
    (other,) = sandbox.faults.active()
    visitor.send("faults/off")

    assert "Struck 0 times of 3, probability 0.5" in text_of(page)
    assert (0.5, 3, {"seconds": 2, "topic": "products/update"}) == (late["probability"], late["times"], late["params"])
    assert (2, "shopify.500", None) == (both, other["name"], other["times"])
    assert [] == sandbox.faults.active()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"probability": "2"}, "probability is 0 to 1"),
        ({"times": "often"}, "Times is not a number: often"),
        ({"params": "slowly"}, "please check slowly"),
        ({"params": "self=1"}, "please check self"),
        ({"name": "shopify.418"}, "No fault is called"),
    ],
    ids=["probability", "times", "params", "reserved", "name"],
)
def test_a_wrong_fault_is_explained_and_not_switched_on(visitor, sandbox, wrong, said):
    """A fault that is not what the visitor meant would waste their evening."""
    page = visitor.send("faults", {"name": "shopify.500"} | wrong)

    assert 422 == page.status_code
    assert said in text_of(page)
    assert [] == sandbox.faults.active()


def test_a_hostile_title_is_text_everywhere(visitor, sandbox):
    """A product's words come from anybody; the page must not run them."""
    number = visitor.add(HOSTILE, vendor=HOSTILE, tags=[HOSTILE], description_html=HOSTILE, photos=[data_url()])
    sandbox.store.app.url = "http://127.0.0.1:1"
    pages = [visitor.see("products"), visitor.see(f"products/{number}"), visitor.see(f"products?q={HOSTILE}")]

    assert [True] * 3 == ["&lt;script&gt;alert" in page.text for page in pages]
    assert [] == [page.url for page in pages if "<script>" in page.text]
    assert all("script-src 'self'" in page.headers["Content-Security-Policy"] for page in pages)


@pytest.mark.parametrize("path", ["products/new", "products/from-stock", "faults", "faults/off"])
def test_forms_of_other_sites_are_refused(visitor, path):
    """Any page that the visitor has open could otherwise post to this port."""
    answer = visitor.send(path, {"title": "Oak", "name": "shopify.500"}, origin="https://evil.example")

    assert 403 == answer.status_code


def test_other_names_of_this_machine_are_refused(visitor):
    """DNS rebinding: a stranger's domain that points to 127.0.0.1 is still a stranger."""
    assert 403 == visitor.http.get(f"{visitor.home}/products", headers={"Host": "evil.example"}).status_code


def test_an_unchanged_page_is_not_sent_again(visitor):
    """Open pages ask every second."""
    first = visitor.see("products")
    again = visitor.http.get(f"{visitor.home}/products", headers={"If-None-Match": first.headers["ETag"]})
    visitor.add("Oak lamp")
    changed = visitor.http.get(f"{visitor.home}/products", headers={"If-None-Match": first.headers["ETag"]})

    assert [304, 200] == [again.status_code, changed.status_code]


def test_the_script_the_style_and_the_drawings_are_served_from_here(visitor):
    """The sandbox works offline: every address on a page is its own, and answers."""
    page = visitor.see("products/new").text
    addresses = set(re.findall(r'(?:src|href)="([^"#]+)"', page))
    pictures = sorted(each for each in addresses if each.startswith("/stock-photos/"))
    others = addresses - set(pictures[1:])  # one drawing stands for all: each takes a moment

    assert [] == [each for each in addresses if not each.startswith("/")]
    assert [] == [each for each in others if visitor.http.get(unescape(each)).status_code != 200]


def test_the_app_opens_within_the_admin(visitor, sandbox):
    """As Shopify does it: an iframe whose address is signed and carries a session token for this shop."""
    visitor.http.post("/sandbox/api/app", json={"url": "http://127.0.0.1:9"})
    page = visitor.see("app/review?state=waiting")
    address = urlsplit(unescape(re.search(r'<iframe[^>]* src="([^"]+)"', page.text)[1]))
    query = {key: value[0] for key, value in parse_qs(address.query).items()}
    app = sandbox.store.app

    assert ("127.0.0.1:9", "/review", "waiting") == (address.netloc, address.path, query["state"])
    assert (visitor.shop, "1") == (query["shop"], query["embedded"])
    assert visitor.shop == shop_of(query["id_token"], client_id=app.client_id, secret=app.client_secret)
    given = query.pop("hmac")
    assert signed(query, app.client_secret)["hmac"] == given


def test_the_apps_script_gets_fresh_tokens_from_its_own_admin_only(visitor, sandbox):
    """A token lives for a minute; another site that could ask for one would be signed in."""
    fresh = visitor.send("session-token")
    app = sandbox.store.app

    assert visitor.shop == shop_of(fresh.text, client_id=app.client_id, secret=app.client_secret)
    assert 403 == visitor.send("session-token", origin="https://shop.example").status_code


def test_the_apps_actions_stand_where_shopify_puts_them(visitor, sandbox, settled):
    """On a product's page, and on a selection of the list: what the extensions do can be tried without Shopify."""
    app, sandbox.store.app.url = sandbox.store.app.url, "http://127.0.0.1:8080"
    product, products = visitor.see(f"products/{settled}"), visitor.see("products")
    sandbox.store.app.url = app

    assert f'data-ask="{settled}"' in product.text
    assert f'data-pick value="{settled}"' in products.text
    assert all('data-app="http://127.0.0.1:8080"' in page.text for page in (product, products))
    assert "connect-src 'self' http://127.0.0.1:*" in product.headers["Content-Security-Policy"]


def test_without_an_app_there_are_no_actions(visitor, sandbox, settled):
    """A menu that can only fail is none."""
    app, sandbox.store.app.url = sandbox.store.app.url, None
    pages = [visitor.see(f"products/{settled}"), visitor.see("products")]
    sandbox.store.app.url = app

    assert not any("More actions" in page.text for page in pages)


def test_the_app_can_be_uninstalled_and_installed_again(visitor):
    """What a merchant does, with all that comes of it."""
    visitor.http.post("/sandbox/api/app", json={"url": "http://127.0.0.1:9"})

    assert "is not installed" in text_of(visitor.send("uninstall"))
    assert 404 == visitor.send("session-token").status_code
    told = visitor.http.get("/sandbox/api/deliveries").json()
    assert "app/uninstalled" in [each["topic"] for each in told if each["shop"] == visitor.shop]
    assert "<iframe" in visitor.send("install").text


def test_without_an_app_the_page_says_so(visitor, sandbox):
    """A sandbox on its own has none."""
    declared, sandbox.store.app.url = sandbox.store.app.url, None
    try:
        assert "No app yet" in text_of(visitor.see("app"))
    finally:
        sandbox.store.app.url = declared
