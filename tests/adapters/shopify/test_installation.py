"""What the shop has granted, and the webhooks it sends by subscription."""

from datetime import timedelta

import httpx
import pytest

from shopify_imagegen.errors import BadInput, NeedsAttention, Unavailable
from shopify_imagegen.models import Installed, ShopToken, Subscription
from tests.adapters.shopify.conftest import SHOP, START, data

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


SHOPS_ANSWER = data(
    currentAppInstallation={"id": "x", "accessScopes": []},
    shop={"id": "gid://shopify/Shop/1", "name": "Nice Lamps", "myshopifyDomain": SHOP, "ianaTimezone": "UTC"},
)


@pytest.mark.parametrize(
    ("answer", "there"), [(SHOPS_ANSWER, True), (httpx.Response(401), False)], ids=["opened", "refused"]
)
def test_whether_a_store_has_the_app_is_told_by_its_token(answer, there, neighbour, shopify):
    """A store may leave, and the news of it get lost."""
    shopify.says("Installation", answer)

    assert there == neighbour.installation.is_there(SHOP)


@pytest.mark.parametrize(
    ("answer", "token"),
    [
        (httpx.Response(402), None),
        (httpx.Response(503), None),
        (httpx.Response(401), httpx.Response(503)),
        (httpx.Response(401), httpx.Response(401, json={"error": "invalid_client"})),
        (httpx.Response(401), {"access_token": "shpat_new", "expires_in": 3600}),
    ],
    ids=["frozen", "away", "refused, and no other can be had now", "refused, like us", "even a new one is refused"],
)
def test_what_says_nothing_of_it_is_an_error(answer, token, neighbour, shopify, shops):
    """A store must not be erased for an unpaid bill, nor for a mistake of ours."""
    shops.shop = shops.shop.model_copy(update={"grant": "offline"})
    shops.kept = ShopToken(access="shpat_a", ends_at=START + timedelta(hours=1), refresh="shprt_a")
    shopify.says("Installation", answer)
    shopify.says("token", token)

    with pytest.raises((NeedsAttention, Unavailable)):
        neighbour.installation.is_there(SHOP)


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
