"""GraphQL: the shop itself, the installed app, background jobs, webhook subscriptions."""

from __future__ import annotations

from typing import Any

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.fields import Call, answers
from shopify_imagegen.sandbox.shop.paging import connection
from shopify_imagegen.sandbox.shop.state import Job, Shop, Subscription


@answers("QueryRoot", "shop")
def shop(_: Any, call: Call) -> Shop:
    return call.shop


@answers("QueryRoot", "currentAppInstallation")
def current_app_installation(_: Any, call: Call) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/AppInstallation/{call.shop.id}",
        "accessScopes": [{"handle": scope} for scope in call.token.scopes],
    }


@answers("QueryRoot", "job")
def job(_: Any, call: Call, *, id: str) -> Job | None:
    return call.shop.jobs.get(gids.split(id)[1])


@answers("QueryRoot", "webhookSubscriptions")
def webhook_subscriptions(
    _: Any, call: Call, *, topics: list[str] | None = None, uri: str | None = None, **page: Any
) -> dict[str, Any]:
    """Those made through the API; declared ones are not listed, as at Shopify."""
    found = [
        subscription
        for subscription in call.shop.subscriptions.values()
        if (not topics or enum_of(subscription.topic) in topics) and uri in (None, subscription.uri)
    ]
    page.pop("sort_key", None)
    return connection(found, sort=lambda subscription: subscription.id, **page)


@answers("WebhookSubscription", "topic")
def topic(subscription: Subscription, call: Call) -> str:
    return enum_of(subscription.topic)


@answers("Mutation", "webhookSubscriptionCreate")
def webhook_subscription_create(
    _: Any, call: Call, *, topic: str, webhook_subscription: dict[str, Any]
) -> dict[str, Any]:
    wanted = webhook_subscription
    made = Subscription(
        call.store.next_id(),
        topic=topic_of(topic),
        uri=str(wanted.get("uri") or wanted.get("callbackUrl") or ""),
        created_at=call.store.now(),
        name=wanted.get("name"),
        include_fields=list(wanted.get("includeFields") or ()),
        filter=wanted.get("filter"),
    )
    if problem := _subscription_problem(call, made):
        return {"webhookSubscription": None, "userErrors": [{"field": ["webhookSubscription"], "message": problem}]}
    call.shop.subscriptions[made.id] = made
    return {"webhookSubscription": made, "userErrors": []}


def _subscription_problem(call: Call, made: Subscription) -> str | None:
    if not made.uri.startswith(("https://", "http://")):
        return "Address is invalid"
    same = (made.topic, made.uri, made.filter)
    if any(same == (each.topic, each.uri, each.filter) for each in call.shop.subscriptions.values()):
        return "Address for this topic has already been taken"
    return None


def topic_of(enum: str) -> str:
    """The name in headers.

    >>> topic_of("PRODUCTS_UPDATE"), topic_of("APP_SCOPES_UPDATE"), topic_of("BULK_OPERATIONS_FINISH")
    ('products/update', 'app/scopes_update', 'bulk_operations/finish')
    """
    name = enum.lower()
    if name.startswith("app_"):
        return name.replace("_", "/", 1)
    subject, _, verb = name.rpartition("_")
    return f"{subject}/{verb}"


def enum_of(topic: str) -> str:
    return topic.replace("/", "_").upper()
