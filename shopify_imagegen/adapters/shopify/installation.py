"""What a shop has granted us, and which webhooks it sends by our own subscription."""

from __future__ import annotations

from collections.abc import Sequence

from shopify_imagegen.adapters.shopify.admin_api import WebhookSubscriptionInput, WebhookSubscriptionTopic
from shopify_imagegen.adapters.shopify.admin_api.webhook_list import (
    WebhookListWebhookSubscriptions,
    WebhookListWebhookSubscriptionsNodes,
)
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.paging import whole
from shopify_imagegen.adapters.shopify.refusals import accept
from shopify_imagegen.errors import NoAnswer, TokenRefused
from shopify_imagegen.models import Installed, Subscription

PAGE = 50
PAGES = 20


class Installation:
    """Keeps `ports.Installation`."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def installed(self, shop: str) -> Installed:
        found = self._admin.to(shop).installation()
        return Installed(
            domain=found.shop.myshopify_domain,
            name=found.shop.name,
            timezone=found.shop.iana_timezone,
            scopes=tuple(sorted(scope.handle for scope in found.current_app_installation.access_scopes)),
        )

    def is_there(self, shop: str) -> bool:
        try:
            self.installed(shop)
        except TokenRefused:
            return False
        return True

    def subscriptions(self, shop: str) -> tuple[Subscription, ...]:

        def page(after: str | None) -> WebhookListWebhookSubscriptions:
            return self._admin.to(shop).webhook_list(PAGE, after=after).webhook_subscriptions

        return tuple(_subscription(node) for node in whole(page, pages=PAGES, what=f"the list of webhooks of {shop}"))

    def subscribe(self, shop: str, topic: str, uri: str, *, include_fields: Sequence[str] = ()) -> Subscription:
        """Ask for a webhook.

        Args:
            topic: as deliveries name it, "products/create".
            uri: an https address of ours.
            include_fields: of the payload; all of them when empty.
        """
        wanted = WebhookSubscriptionInput(uri=uri, include_fields=list(include_fields) or None)
        payload = self._admin.to(shop).webhook_create(topic_from(topic), wanted).webhook_subscription_create
        accept(payload.user_errors if payload else [], doing=f"subscribe us to {topic}")
        made = payload.webhook_subscription if payload else None
        if made is None:
            raise NoAnswer(f"Shopify did not say whether it subscribed us to {topic}")
        return Subscription(id=made.id, topic=made.topic.value, uri=made.uri)


def _subscription(node: WebhookListWebhookSubscriptionsNodes) -> Subscription:
    return Subscription(
        id=node.id,
        topic=node.topic.value,
        uri=node.uri,
        name=node.name,
        filter=node.filter_,
        include_fields=tuple(node.include_fields),
    )


def topic_from(topic: str) -> WebhookSubscriptionTopic:
    """The enum value of a delivery's topic.

    >>> topic_from("bulk_operations/finish").value
    'BULK_OPERATIONS_FINISH'
    """
    return WebhookSubscriptionTopic(topic.replace("/", "_").upper())
