"""shopify.app.toml tells Shopify what to send; the door must know all of it."""

import tomllib
from pathlib import Path

import pytest

from shopify_imagegen.settings import Settings
from webhooks.topics import READERS

TOML = tomllib.loads((Path(__file__).parents[2] / "shopify.app.toml").read_text(encoding="utf-8"))
SUBSCRIPTIONS = TOML["webhooks"]["subscriptions"]
NAMED = [topic for each in SUBSCRIPTIONS for topic in (*each.get("topics", ()), *each.get("compliance_topics", ()))]


def updates():
    [subscription] = [each for each in SUBSCRIPTIONS if "products/update" in each.get("topics", ())]
    return subscription


@pytest.mark.parametrize("topic", NAMED)
def test_each_topic_has_a_module(topic):
    """We must not ask for what we do not read."""
    assert topic in READERS


def test_each_module_has_a_subscription():
    """A reader whose topic nobody subscribed to never runs. Once each: Shopify refuses a repeated subscription."""
    assert sorted(READERS) == sorted(NAMED)


def test_the_privacy_topics_are_declared_as_such():
    """As ordinary topics Shopify refuses them."""
    compliance = {topic for each in SUBSCRIPTIONS for topic in each.get("compliance_topics", ())}

    assert {"customers/data_request", "customers/redact", "shop/redact"} == compliance


def test_all_go_to_the_one_address_without_a_filter():
    """A filter on a field that is not included silently stops every delivery."""
    assert {"/webhooks"} == {each["uri"] for each in SUBSCRIPTIONS}
    assert not any("filter" in each for each in SUBSCRIPTIONS)


def test_our_own_pictures_do_not_wake_us():
    """Shopify drops a delivery whose included fields did not change; these change with every picture we add."""
    assert not {"media", "images", "updated_at", "variants"} & set(updates()["include_fields"])


def test_a_first_photo_and_a_publication_wake_us():
    """A product without photos, or a draft, waits for exactly these."""
    assert {"image", "status"} <= set(updates()["include_fields"])


def test_a_product_can_be_told_from_the_included_fields():
    """Without an id the delivery is a 400."""
    assert {"id", "admin_graphql_api_id"} <= set(updates()["include_fields"])


def test_scopes_and_version_are_the_settings_defaults():
    """Two places that must say the same."""
    shopify = Settings().shopify

    assert list(shopify.scopes) == TOML["access_scopes"]["scopes"].split(",")
    assert shopify.api_version == TOML["webhooks"]["api_version"]


def test_shopify_s_limits_are_kept():
    """Found out at deploy otherwise."""
    assert len(TOML["name"]) <= 30
    assert len(updates()["name"]) <= 50
