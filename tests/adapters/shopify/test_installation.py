"""What the shop has granted, and the webhooks it sends by subscription."""

import pytest

from shopify_imagegen.errors import BadInput, NotFound, Unavailable
from shopify_imagegen.models import Installed, Subscription
from tests.adapters.shopify.conftest import SHOP, data

HOOK = {"id": "gid://shopify/WebhookSubscription/1", "topic": "PRODUCTS_CREATE", "uri": "https://app.example/webhooks"}
LISTED = HOOK | {"name": None, "filter": None, "includeFields": []}


def page(*nodes, more=False, cursor=None):
    return data(webhookSubscriptions={"nodes": list(nodes), "pageInfo": {"hasNextPage": more, "endCursor": cursor}})


def test_the_granted_scopes_are_told(neighbour, shopify):
    """`doctor` compares them with those that we ask for."""
    scopes = [{"handle": "write_products"}, {"handle": "write_files"}]
    shop = {
        "id": "gid://shopify/Shop/1",
        "name": "Nice Lamps",
        "myshopifyDomain": SHOP,
        "ianaTimezone": "Europe/Berlin",
    }
    shopify.says("Installation", data(currentAppInstallation={"id": "x", "accessScopes": scopes}, shop=shop))

    expected = Installed(
        domain=SHOP, name="Nice Lamps", timezone="Europe/Berlin", scopes=("write_files", "write_products")
    )
    assert expected == neighbour.installation.installed(SHOP)


def test_all_subscriptions_are_listed(neighbour, shopify):
    """A forgotten one delivers to an old address for ever. Topics that are new to us count as well."""
    other = LISTED | {"id": "2", "topic": "LAMPS_LIT", "name": "lit", "includeFields": ["id"]}
    shopify.says("WebhookList", page(LISTED, more=True, cursor="x"), page(other))

    found = neighbour.installation.subscriptions(SHOP)
    assert [("PRODUCTS_CREATE", ()), ("LAMPS_LIT", ("id",))] == [(each.topic, each.include_fields) for each in found]
    assert [None, "x"] == [each["after"] for each in shopify.sent("WebhookList")]


def test_a_list_without_an_end_is_given_up(neighbour, shopify):
    """A cursor that never moves must not hold a command for ever."""
    shopify.says("WebhookList", page(more=True, cursor="x"))

    with pytest.raises(Unavailable):
        neighbour.installation.subscriptions(SHOP)


def test_a_topic_is_subscribed_as_deliveries_name_it(neighbour, shopify):
    """One spelling in the whole house: the one on the wire."""
    shopify.says("WebhookCreate", data(webhookSubscriptionCreate={"webhookSubscription": HOOK, "userErrors": []}))

    made = neighbour.installation.subscribe(SHOP, "products/create", HOOK["uri"], include_fields=["id"])
    assert Subscription(**HOOK) == made
    assert {
        "topic": "PRODUCTS_CREATE",
        "sub": {"uri": HOOK["uri"], "includeFields": ["id"]},
    } == shopify.sent("WebhookCreate")[0]


def test_a_refused_subscription_says_why(neighbour, shopify):
    """Mostly an address that is not https."""
    refused = {"webhookSubscription": None, "userErrors": [{"field": ["uri"], "message": "Address is not allowed"}]}
    shopify.says("WebhookCreate", data(webhookSubscriptionCreate=refused))

    with pytest.raises(BadInput, match=r"products/create.*Address is not allowed"):
        neighbour.installation.subscribe(SHOP, "products/create", "http://app.example")


def test_a_subscription_is_taken_back(neighbour, shopify):
    """And one that is not there is said to be so."""
    gone = [{"field": ["id"], "message": "Webhook subscription does not exist"}]
    shopify.says(
        "WebhookDelete",
        data(webhookSubscriptionDelete={"deletedWebhookSubscriptionId": HOOK["id"], "userErrors": []}),
        data(webhookSubscriptionDelete={"deletedWebhookSubscriptionId": None, "userErrors": gone}),
    )
    neighbour.installation.unsubscribe(SHOP, HOOK["id"])

    assert HOOK["id"] == shopify.sent("WebhookDelete")[0]["id"]
    with pytest.raises(NotFound):
        neighbour.installation.unsubscribe(SHOP, HOOK["id"])
