"""The neighbours as the settings name them: Shopify, the provider of pictures, plain downloads; and who may come in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from urllib.parse import urlsplit

from shopify_imagegen import hurry
from shopify_imagegen.adapters import downloads, shopify
from shopify_imagegen.adapters.database.pauses import SqlPauses
from shopify_imagegen.adapters.providers import provider
from shopify_imagegen.buckets import Buckets
from shopify_imagegen.errors import Unavailable
from shopify_imagegen.installing import Installing
from shopify_imagegen.metering import metered, metered_sleep
from shopify_imagegen.pausing import TRY_AGAIN_S, ProviderPauses, ShopPauses
from shopify_imagegen.ports import ImageProvider, Installation
from shopify_imagegen.settings import LOOPBACK, ShopifySection
from shopify_imagegen.steps import Steps
from shopify_imagegen.wiring.records import HASTY_S, Records, utc_now

VISITS_PER_MINUTE, VISITS_AT_ONCE = 600, 200
CALLS_PER_MINUTE, CALLS_AT_ONCE = 300, 120
MOMENT_S = 2.0  # that a person's request may wait at a time


def impatient(seconds: float) -> None:
    """For the web role: its few threads are everybody's, and Shopify hangs up on a webhook after five seconds.

    Raises:
        Unavailable: the wait would be longer than a moment, or than the request in hand may still wait.
    """
    left_s = hurry.left_s()
    if seconds > (MOMENT_S if left_s is None else min(MOMENT_S, left_s)):
        raise Unavailable("Shopify is busy; try again in a moment.")
    time.sleep(seconds)


class Neighbours(Records):
    """Whom we call, and whom we let in."""

    @property
    def app_secrets(self) -> list[str]:
        """The app's own secret and, while rotating, the old one: Shopify signs with either."""
        section = self.settings.shopify
        return [each.get_secret_value() for each in (section.client_secret, section.old_client_secret)]

    @cached_property
    def sessions(self) -> shopify.SessionTokens:
        return shopify.SessionTokens(client_id=self.settings.shopify.client_id, secrets=self.app_secrets)

    def permitted(self, shop: str, scopes: Sequence[str]) -> None:
        """A store has said what we may do."""
        ShopPauses(shops=self.shops).permitted(shop, scopes, wanted=self.settings.shopify.scopes)

    @cached_property
    def consent(self) -> shopify.Consent:
        section = self.settings.shopify
        return shopify.Consent(
            client_id=section.client_id,
            secrets=self.app_secrets,
            base_url=section.base_url,
            scopes=section.scopes,
            clock=utc_now,
        )

    @cached_property
    def installing(self) -> Installing:
        return Installing(shops=self.shops, tokens=self.shopify.tokens, permitted=self.permitted, clock=utc_now)

    @cached_property
    def steps(self) -> Steps:
        """Those of the worker role; its stages wait through them, so that a stop does not wait for a wait."""
        return Steps(waits=self._waits)

    @cached_property
    def shopify(self) -> shopify.Neighbour:
        section = self._hasty if self._hurried else self.settings.shopify
        sleep = metered_sleep(impatient if self._hurried else self.steps.sleep, self.meters, "shopify_wait")
        neighbour = shopify.connect(section, self.shops, sleep=sleep, clock=utc_now, noticed=self.permitted)
        return replace(
            neighbour,
            catalog=metered(neighbour.catalog, self.meters, "shopify"),
            media=metered(neighbour.media, self.meters, "shopify"),
            variants=metered(neighbour.variants, self.meters, "shopify"),
            metafields=metered(neighbour.metafields, self.meters, "shopify"),
        )

    @cached_property
    def _sold_pictures(self) -> downloads.Downloads:
        """Of what was paid for: the provider may keep it anywhere public, and a picture not fetched is money lost."""
        return downloads.connect(hosts=["*"], loopback=self.is_local)

    @cached_property
    def downloads(self) -> downloads.Downloads:
        """Of the merchants' photos: an address in a product's data is somebody's word."""
        ours = [*self._neighbours(), *(LOOPBACK if self.is_local else ())]
        return downloads.connect(hosts=[*self.settings.app.picture_hosts, *ours], loopback=self.is_local)

    @cached_property
    def visitors(self) -> Buckets:
        """The pace of each address that is not signed in by anything yet."""
        return Buckets(per_minute=VISITS_PER_MINUTE, at_once=VISITS_AT_ONCE)

    @cached_property
    def callers(self) -> Buckets:
        """The pace at which each shop's people and extensions may ask us to do something."""
        return Buckets(per_minute=CALLS_PER_MINUTE, at_once=CALLS_AT_ONCE)

    @cached_property
    def provider(self) -> ImageProvider:
        return metered(provider(self.settings.provider, self._sold_pictures), self.meters, "provider")

    @cached_property
    def provider_pauses(self) -> ProviderPauses:
        pauses = SqlPauses(self.database, utc_now)
        return ProviderPauses(pauses=pauses, provider=self.provider, try_again_s=TRY_AGAIN_S * self._waits)

    @cached_property
    def _hasty_installation(self) -> Installation:
        """For a person who waits for an answer, be it a bad one."""
        return shopify.connect(self._hasty, self.shops, sleep=lambda _seconds: None, clock=utc_now).installation

    @cached_property
    def doorbell(self) -> Installation:
        """Rings once at a store that may have left: the dispatcher has others to serve."""
        return shopify.connect(
            self._hasty, self.shops, sleep=self.steps.sleep, clock=utc_now, noticed=self.permitted, attempts=1
        ).installation

    @property
    def _hasty(self) -> ShopifySection:
        section = self.settings.shopify
        return section.model_copy(update={"timeout_s": min(HASTY_S, section.timeout_s)})

    @property
    def is_local(self) -> bool:
        """Whether a neighbour lives on this machine: the sandbox."""
        return any(host in LOOPBACK for host in self._neighbours())

    def _neighbours(self) -> list[str]:
        urls = (self.settings.shopify.base_url, self.settings.provider.chosen.base_url)
        return [urlsplit(url.replace("{shop}", "shop.myshopify.com")).hostname or "" for url in urls]
