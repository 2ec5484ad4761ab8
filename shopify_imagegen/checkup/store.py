"""One store: its token and scopes, whether its webhooks come, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shopify_imagegen.checkup.finding import Finding, failed, ok, warning
from shopify_imagegen.errors import BadCredentials, NeedsAttention, ShopClosed, TokenRefused
from shopify_imagegen.models import Heard, Shop, ShopToken, Subscription
from shopify_imagegen.ports import Installation
from shopify_imagegen.subscriptions import TOPICS, compared

TOKEN, WEBHOOKS, PAUSED, RENEWAL, NEWS = "token", "webhooks", "paused", "renewal", "news"
RENEWAL_ENDS_SOON = timedelta(days=14)  # of the 90 for which a refresh token is good
ANOTHER_TOKEN = {
    "offline": "open the app in the store's admin once: it brings a new one",
    "static": "copy a new token in the store's admin, then `shopify-imagegen shops add {shop} --token …`",
    "client_credentials": "see that the app is installed there, then `shopify-imagegen shops add {shop}`",
}


def of_token(shop: Shop, installation: Installation, wanted: Sequence[str]) -> Finding:
    """Whether Shopify takes the store's token, and what it allows."""
    try:
        installed = installation.installed(shop.domain)
    except ShopClosed as error:
        return warning(TOKEN, str(error), "nothing, if the store is to stay closed", about=shop.domain)
    except TokenRefused as error:
        return failed(TOKEN, str(error), ANOTHER_TOKEN[shop.grant].format(shop=shop.domain), about=shop.domain)
    except BadCredentials as error:
        todo = "compare shopify.client_id and shopify.client_secret with Dev Dashboard > your app > Settings"
        return failed(TOKEN, str(error), todo, about=shop.domain)
    except NeedsAttention as error:
        return failed(TOKEN, str(error), "mend what it names; the work then goes on by itself", about=shop.domain)
    missing = lacking(installed.scopes, wanted)
    if missing:
        said = f"lacks {', '.join(missing)}: pictures cannot be put on products"
        todo = "add the scopes to the app's version in the Dev Dashboard, then open the app in the store and agree"
        return failed(TOKEN, said, todo, about=shop.domain)
    return ok(TOKEN, f"{installed.name}: {', '.join(installed.scopes)}", about=shop.domain)


def of_pause(shop: Shop) -> Sequence[Finding]:
    """Why nothing is begun for it; a pause ends by itself when a worker finds it mended."""
    if shop.state != "paused":
        return []
    todo = "mend what it names; a worker asks again every minute, and goes on by itself"
    return [warning(PAUSED, f"nothing is made for it: {shop.reason}", todo, about=shop.domain)]


def of_renewal(shop: Shop, token: ShopToken | None, now: datetime) -> Sequence[Finding]:
    """Whether the right to renew its token will end: it does where no worker has served the store for months."""
    ends_at = token.refresh_ends_at if token else None
    if ends_at is None or ends_at - now > RENEWAL_ENDS_SOON:
        return []
    when = f"ends on {ends_at:%Y-%m-%d}" if ends_at > now else f"ended on {ends_at:%Y-%m-%d}"
    todo = "run a worker, which renews it by itself; else open the app in the store's admin once"
    said = f"the right to renew its token {when}; then nothing can be done for it"
    return [warning(RENEWAL, said, todo, about=shop.domain)]


def of_news(waits: Heard, now: datetime) -> Finding:
    """What a store's leaving waits for."""
    since = f"since {ago(now, waits.arrival.received_at)}" if waits.arrival.received_at else "for a while"
    said = f"{waits.arrival.topic} waits {since}: {waits.reason}"
    todo = "nothing, if that passes; a worker tries it again, and does what it says when it cannot be told for long"
    return warning(NEWS, said, todo, about=waits.arrival.shop)


def lacking(granted: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Scopes that are wanted and not granted; to write includes to read.

    >>> lacking(["write_products"], ["read_products", "write_files"])
    ['write_files']
    """
    has = set(granted) | {each.replace("write_", "read_", 1) for each in granted}
    return sorted(set(wanted) - has)


def of_webhooks(
    shop: Shop, found: Sequence[Subscription], public_url: str, heard: Mapping[str, datetime], now: datetime
) -> Finding:
    """Whether the store tells us of new products.

    Args:
        found: subscriptions made through the API; what `shopify app deploy` made is not listed by Shopify.
        heard: topic -> when the last webhook came.
    """
    seen = f"the last webhook came {ago(now, max(heard.values()))} ago" if heard else "no webhook has come yet"
    there = compared(found, public_url)
    if there.different:
        topics = ", ".join(sorted(each.topic for each in there.different))
        todo = "delete them in the store (webhooks list shows the ids) and run `shopify-imagegen webhooks subscribe`"
        said = f"subscribed with other fields than ours: {topics}; our own pictures may come back as updates"
        return warning(WEBHOOKS, said, todo, about=shop.domain)
    if not there.missing:
        return ok(WEBHOOKS, f"all {len(TOPICS)} are subscribed; {seen}", about=shop.domain)
    if heard:
        return ok(WEBHOOKS, f"they come, by shopify.app.toml; {seen}", about=shop.domain)
    missing = ", ".join(each.topic for each in there.missing)
    todo = "`shopify app deploy` with shopify.app.toml, or `shopify-imagegen webhooks subscribe`"
    return warning(
        WEBHOOKS, f"{seen}, and these are not subscribed through the API: {missing}", todo, about=shop.domain
    )


def ago(now: datetime, then: datetime) -> str:
    """How long since, in its largest unit.

    >>> from datetime import timedelta
    >>> ago(datetime(2026, 11, 22, 10), datetime(2026, 11, 22, 8, 30))
    '1 h'
    """
    seconds = max(0, int((now - then).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
