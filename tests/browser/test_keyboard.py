"""Without a mouse: where the keyboard is can always be seen, and after an action it goes on where the person was."""

import pytest

from tests.browser.conftest import PATIENCE_MS, WIDTHS_PX, Admin

WIDE_PX, NARROW_PX = WIDTHS_PX
STEPS = 120  # more than any of these pages has controls
SEEN = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const name = at.getAttribute("aria-label") || at.innerText || at.name || at.id || at.tagName;
  const ring = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
  const cut = (by) => {
    const edge = by.getBoundingClientRect(), flow = getComputedStyle(by);
    const isCut = (side, room) => flow.overflowX !== "visible" && room < ring - 0.5 && side;
    return isCut("top", box.top - edge.top) || isCut("bottom", edge.bottom - box.bottom);
  };
  const problems = [];
  if (style.outlineStyle === "none") problems.push("has no ring");
  for (let by = at.parentElement; by && by !== document.body; by = by.parentElement)
    if (cut(by)) problems.push(`its ring is cut at the ${cut(by)} by ${by.className || by.tagName}`);
  const bar = document.querySelector(".bulk, .save:not([hidden])");
  if (bar && !bar.contains(at) && !at.closest("nav, .skip")) {
    const covered = bar.getBoundingClientRect();
    const hidden = Math.min(box.bottom, covered.bottom) - Math.max(box.top, covered.top);
    if (hidden > box.height / 2) problems.push("is behind the bar");
  }
  return { name: name.trim().slice(0, 60), problems };
}"""


@pytest.fixture(scope="module")
def store(browser, house):
    """A store with a product whose three photos wait, and one without; in a browser, for all of these tests."""
    shop = house.add_shop()
    product = house.add_product(shop, title="Brass lamp")
    number = product.gid.rpartition("/")[2]
    page = browser.new_page(viewport={"width": WIDE_PX, "height": 900}, bypass_csp=True)
    page.set_default_timeout(PATIENCE_MS)
    admin = Admin(page, house, shop).open(f"order?id={number}&count=3")
    admin.press("Make 3 photos")
    house.done_job(product)
    admin.product, admin.bare = number, house.add_product(shop, title="Oak stool").gid.rpartition("/")[2]
    yield admin
    page.close()
    assert [] == admin.troubles


def focused(admin):
    return admin.within().evaluate(SEEN)


def walk(admin, key):
    """What is seen at each stop, until the keyboard leaves the app."""
    for _ in range(STEPS):
        admin.page.keyboard.press(key)
        if admin.page.evaluate("document.activeElement.tagName") != "IFRAME":
            return
        yield focused(admin)
    raise AssertionError(f"{key} does not come to an end")


PAGES = {
    WIDE_PX: ["products", "review", "products/{product}", "settings"],
    NARROW_PX: ["review", "settings"],
}


@pytest.mark.parametrize("width_px", PAGES)
def test_where_the_keyboard_is_can_be_seen(store, width_px):
    """Forth and back through a page: a ring around each control, whole, and not behind what sticks to the top."""
    store.page.set_viewport_size({"width": width_px, "height": 900})
    problems = []
    for path in PAGES[width_px]:
        store.open(path.format(product=store.product))
        store.page.locator("iframe").focus()
        stops = list(walk(store, "Tab"))
        assert "Skip to the content" == stops[0]["name"]
        if path == "settings":
            store.frame.get_by_role("textbox").last.fill("now there is something to save")
        store.frame.locator("main > :last-child").scroll_into_view_if_needed()
        stops += walk(store, "Shift+Tab")
        problems += [(path, stop["name"], each) for stop in stops for each in stop["problems"]]
    store.page.set_viewport_size({"width": WIDE_PX, "height": 900})

    assert [] == problems


def test_the_way_past_the_menu(store):
    """Eight links are before the content; nobody wants to pass them on every page."""
    store.open("products")
    store.page.locator("iframe").focus()
    store.page.keyboard.press("Tab")
    store.page.keyboard.press("Enter")
    store.page.keyboard.press("Tab")

    assert store.within().evaluate("document.activeElement.closest('main') !== null")


def test_after_a_decision_the_keyboard_is_on_the_next_photo(store):
    """Forty photos are approved one after the other, and not from the top of the page each time."""
    store.open("review")
    store.frame.locator(".candidate button.main").first.focus()
    store.page.keyboard.press("Enter")
    store.sees("Approved: 1 photo")

    assert store.within().evaluate("document.activeElement.matches('.candidate:has(button.main)')")
    assert "Approved: 1 photo" in store.frame.locator("#told").inner_text()


def test_a_new_price_leaves_the_keyboard_where_it_was(store):
    """Each choice asks for the price anew; that must neither move the keyboard nor lose what is typed meanwhile."""
    store.open(f"order?id={store.bare}")
    store.frame.get_by_label("How many").focus()
    store.page.keyboard.press("ArrowDown")
    store.sees("3 photos, about $0.18")
    assert "count" == store.within().evaluate("document.activeElement.id")

    store.frame.get_by_role("textbox").focus()
    store.page.keyboard.type("by a window")
    store.page.keyboard.press("Tab")
    store.frame.locator(".prompt", has_text="by a window").first.wait_for()
    assert "Make 3 photos" == focused(store)["name"]
