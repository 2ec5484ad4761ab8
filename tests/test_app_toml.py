"""shopify.app.toml: what Shopify would refuse at deploy, or take and never deliver, is said before."""

from pathlib import Path

import pytest

from shopify_imagegen.app_toml import problems, to_fill_in
from shopify_imagegen.settings import Settings
from shopify_imagegen.subscriptions import CONTENT_FIELDS, PRIVACY, TOPICS
from webhooks.topics import READERS

TEXT = (Path(__file__).parents[1] / "shopify.app.toml").read_text(encoding="utf-8")
SHOPIFY = Settings().shopify
FIELDS = "include_fields = [\n" + "".join(f'    "{field}",\n' for field in CONTENT_FIELDS) + "  ]\n"


def checked(text, public_url=""):
    return problems(text, scopes=SHOPIFY.scopes, api_version=SHOPIFY.api_version, public_url=public_url)


def test_our_own_file_is_right():
    """It is deployed as it stands, but for two values."""
    assert [] == checked(TEXT)


def test_our_own_file_names_what_is_to_be_filled_in():
    """Deployed as it stands it would point at example.com."""
    assert ["client_id", "application_url", "auth.redirect_urls"] == [each.split(":")[0] for each in to_fill_in(TEXT)]


def test_it_holds_the_fields_that_the_command_line_asks_for():
    """Two ways to subscribe must lead to the same deliveries."""
    assert FIELDS in TEXT


def test_the_topics_that_we_ask_for_are_those_that_the_door_reads():
    """One list in the house, one at the door, which do not import each other."""
    assert sorted(READERS) == sorted((*TOPICS, *PRIVACY))


BROKEN = {
    "not TOML": (lambda text: text + "=", "not TOML"),
    "no privacy topics": (
        lambda text: text.replace("compliance_topics", "metafields"),
        "compliance_topics: missing customers/data_request, customers/redact, shop/redact",
    ),
    "privacy topics among the others": (lambda text: text.replace("compliance_topics", "topics"), "nothing here reads"),
    "a topic is missing": (lambda text: text.replace('"products/create", ', ""), "topics: missing products/create"),
    "a topic that nobody reads": (lambda text: text.replace("products/delete", "orders/paid"), "reads orders/paid"),
    "a topic twice": (
        lambda text: text.replace('"app/scopes_update"', '"app/scopes_update", "products/update"'),
        "more than once: products/update",
    ),
    "another version": (lambda text: text.replace("2026-10", "2026-07"), "webhooks.api_version"),
    "other scopes": (lambda text: text.replace("write_products,", ""), "access_scopes.scopes"),
    "plain http": (lambda text: text.replace('= "https://', '= "http://', 1), "application_url: must begin with"),
    "a long name": (lambda text: text.replace("Lifestyle photos", "L" * 31), "name: at most 30"),
    "another path": (lambda text: text.replace('"/webhooks"', '"/hooks"', 1), "uri: must be /webhooks"),
    "all fields": (lambda text: text.replace(FIELDS, ""), "include_fields: is missing"),
    "a field that echoes": (lambda text: text.replace('"image",', '"image", "media",'), "include_fields: media"),
    "no id": (
        lambda text: text.replace('    "id",\n    "admin_graphql_api_id",\n', ""),
        "nobody can tell the product",
    ),
    "no first photo": (lambda text: text.replace('    "image",\n', ""), "without image, a first photo"),
    "a filter on what is not there": (
        lambda text: text.replace("include_fields", 'filter = "variants.price:5 AND status:active"\n  include_fields'),
        "filter: variants is not in include_fields",
    ),
    "the old privacy block": (
        lambda text: text.replace("[webhooks]", '[webhooks]\nprivacy_compliance = {customer_deletion_url = "/x"}'),
        "privacy_compliance",
    ),
}


@pytest.mark.parametrize(("broken", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_is_named(broken, said):
    """Most of these are found at deploy, or weeks later by the silence."""
    text = broken(TEXT)
    assert text != TEXT

    assert [each for each in checked(text) if said in each]


def test_the_address_is_that_of_the_settings():
    """The pages would open at one place, and the webhooks go to another."""
    filled = TEXT.replace("https://example.com", "https://photos.example.net")

    assert [] == checked(filled, "https://photos.example.net/")
    assert ["application_url: app.public_url in our settings is https://other.example.net"] == checked(
        filled, "https://other.example.net"
    )


@pytest.mark.parametrize("text", ["", "webhooks = 7", "webhooks = {subscriptions = [1, {topics = 3}]}", "name = []"])
def test_any_toml_is_read(text):
    """Somebody's first attempt must not end in a traceback."""
    assert checked(text)
