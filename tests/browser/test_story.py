"""The whole story in a browser, within the shop's admin: from the first run to taking everything back."""

from tests.end_to_end.house import photo, wait_for

PAGES = ["Home", "Products", "Review", "Attention", "Whole catalogue", "Style", "Settings", "Activity"]


def test_from_the_first_run_to_taking_everything_back(admin, house, shop):
    """What a merchant does on the first day, by mouse and by keyboard."""
    lamp = house.add_product(shop, title="Brass lamp")
    admin.open()
    admin.sees("Your first lifestyle photo")
    admin.link("See the price and start")
    admin.sees("2 photos, about $0.12")
    admin.press("Make 2 photos")
    admin.badge("Waiting for you")
    before = house.originals(lamp)
    assert [] == house.ours(lamp)

    admin.link("Review")
    admin.frame.locator(".candidate").nth(1).wait_for()
    admin.is_accessible()
    admin.page.keyboard.press("j")
    admin.page.keyboard.press("a")
    admin.sees("Approved: 1 photo")
    wait_for(lambda: len(house.ours(lamp)) == 1, 30, "the approved picture on the product")
    admin.frame.locator(".candidate").nth(1).wait_for(state="detached")

    admin.frame.locator(".candidate summary", has_text="Reject").click()
    admin.frame.get_by_label("Why?").fill("Two shades.")
    admin.frame.locator(".candidate button.danger").click()
    admin.sees("Nothing to approve")

    admin.link("Products")
    admin.frame.locator(".row.product a.name", has_text="Brass lamp").click()
    admin.sees("Two shades.")
    admin.is_accessible()
    (first,) = house.ours(lamp)
    published = admin.frame.locator("article:has(.badge.good)")
    published.locator("summary", has_text="Make another one").click()
    published.get_by_label("What should be different?").fill("brighter")
    published.get_by_role("button", name="Make another one").click()
    admin.badge("Waiting for you")
    assert [first] == house.ours(lamp)

    admin.link("Review")
    admin.sees("in the place of an earlier one")
    admin.page.keyboard.press("a")
    wait_for(lambda: house.ours(lamp) and first not in house.ours(lamp), 30, "the new picture in place of the first")

    admin.link("Products")
    admin.frame.locator(".row.product a.name", has_text="Brass lamp").click()
    admin.link("Take all back")
    admin.badge("Comes off")
    admin.is_accessible()
    admin.press("Take back")
    wait_for(lambda: not house.ours(lamp), 30, "every picture off the product")
    assert before == house.originals(lamp)
    admin.badge("Taken back")


def test_many_are_chosen_with_their_price(admin, house, shop):
    """Three products, one decision; each ends with its reason."""
    for number in range(3):
        house.add_product(shop, title=f"Lamp {number}", photos=0 if number == 2 else 1)
    admin.open("products")
    admin.frame.get_by_label("Select all").check()
    admin.sees("3 selected, about $0.36")
    admin.press("Make photos")
    admin.sees("6 photos, about $0.36")
    admin.is_accessible()
    admin.press("Make 6 photos")

    admin.badge("No photos")
    admin.badge("Waiting for you")
    admin.is_accessible()


def test_every_page_is_for_everybody(admin):
    """Screen readers, keyboards, weak eyes and small phones; empty as on the first day."""
    admin.open()
    for name in PAGES:
        admin.link(name)
        admin.frame.locator(".places [aria-current]", has_text=name).wait_for()
        admin.is_accessible()


def test_a_style_is_tried_saved_and_taken_back(admin, house, shop):
    """Trying costs nothing; saving is guarded; every version comes back."""
    house.add_product(shop, title="Brass lamp")
    admin.open("style")
    admin.frame.get_by_role("textbox", name="Look").fill("shot on grainy film")
    admin.press("Show the words")
    admin.frame.locator(".prompt", has_text="shot on grainy film").first.wait_for()
    admin.is_accessible()
    admin.frame.locator(".save button.main").click()
    admin.sees("Saved. It holds for everything")

    admin.sees("Version 1")
    admin.press("Use this version again")
    admin.sees("An earlier version is in use again.")
    assert "" == admin.frame.get_by_role("textbox", name="Look").input_value()


def test_a_style_image_and_a_test_picture(admin, house, shop):
    """A picture of the mood goes along, one photo is bought to look at, and the product stays as it is."""
    lamp = house.add_product(shop, title="Brass lamp")
    admin.open("style")
    mood = {"name": "mood.jpg", "mimeType": "image/jpeg", "buffer": photo(seed=99)}
    admin.frame.get_by_label("Choose a picture").set_input_files(mood)
    admin.press("Show the words")
    admin.sees("Your style image goes along")
    admin.sees("Save this style first")
    admin.frame.locator(".save button.main").click()
    admin.sees("Saved. It holds for everything")
    admin.is_accessible()

    admin.press("Show the words")
    admin.link("Make one test photo")
    admin.sees("One photo, about $0.06")
    admin.is_accessible()
    admin.press("Make the test photo, $0.06")
    admin.badge("Ready")
    admin.is_accessible()
    (bought,) = house.purchases(lamp)
    assert ("test", "paid") == (bought["trigger"], bought["state"])
    assert [] == house.ours(lamp)

    admin.open(f"style/test/{lamp.gid.rpartition('/')[2]}")
    admin.sees("looking at it again costs nothing")
    admin.press("Put on the product")
    wait_for(lambda: len(house.ours(lamp)) == 1, 30, "the test picture on the product")
    assert 1 == len(house.purchases(lamp))


def test_changes_are_not_lost_by_a_wrong_click(admin, shop):
    """The browser asks first; a wrong value is said beside its field."""
    asked = []
    admin.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    admin.open("settings")
    admin.frame.get_by_role("spinbutton", name="How many for each product").fill("11")
    admin.link("Activity")
    assert ["Leave this page? Your changes are not saved."] == asked
    assert "Settings" == admin.title()

    admin.troubles.clear()
    admin.frame.locator(".save button.main").click()
    admin.sees("Please look at the marked fields")
    admin.is_accessible()
    assert "11" == admin.frame.get_by_role("spinbutton", name="How many for each product").input_value()
    assert all("422" in trouble for trouble in admin.troubles)
    admin.troubles.clear()
    admin.frame.get_by_role("spinbutton", name="How many for each product").fill("3")
    admin.frame.locator(".save button.main").click()
    admin.sees("Saved. It holds for everything")


def test_without_a_token_nothing_is_shown(browser, house):
    """The app's own address is no way in."""
    page = browser.new_page()
    answer = page.goto(f"{house.url}/products")

    assert 401 == answer.status
    assert "Open this app in Shopify" in page.inner_text("h1")
    page.close()
