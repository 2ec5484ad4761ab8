"""Our neighbour Shopify: `connect` builds all that speaks to it, from the `shopify` section of the settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from shopify_imagegen.adapters.http import WHO_ASKS, patience
from shopify_imagegen.adapters.shopify.bulk import Bulk
from shopify_imagegen.adapters.shopify.cards import Cards
from shopify_imagegen.adapters.shopify.catalog import Catalog
from shopify_imagegen.adapters.shopify.catalogue import Catalogue
from shopify_imagegen.adapters.shopify.consent import Consent
from shopify_imagegen.adapters.shopify.flow import Flow
from shopify_imagegen.adapters.shopify.grants import Grants
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.installation import Installation
from shopify_imagegen.adapters.shopify.media import Media
from shopify_imagegen.adapters.shopify.metafields import Metafields
from shopify_imagegen.adapters.shopify.pacing import Pacing
from shopify_imagegen.adapters.shopify.session_tokens import SessionTokens
from shopify_imagegen.adapters.shopify.tokens import Noticed, TokenSource
from shopify_imagegen.adapters.shopify.variants import Variants
from shopify_imagegen.errors import NoAnswer, Temporary
from shopify_imagegen.ports import Clock, Shops, Sleep
from shopify_imagegen.settings import ShopifySection

__all__ = ["Consent", "Installation", "Neighbour", "SessionTokens", "TokenSource", "connect"]


@dataclass(frozen=True)
class Neighbour:
    """Everything that speaks to Shopify. Serves all shops and all threads."""

    cards: Cards
    catalog: Catalog
    catalogue: Catalogue
    media: Media
    variants: Variants
    metafields: Metafields
    flow: Flow
    tokens: TokenSource
    installation: Installation
    clients: tuple[httpx.Client, ...]

    def close(self) -> None:
        for client in self.clients:
            client.close()


def connect(
    section: ShopifySection,
    shops: Shops,
    *,
    clock: Clock,
    sleep: Sleep = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
    noticed: Noticed = lambda shop, scopes: None,
    attempts: int = 6,
    transport: httpx.BaseTransport | None = None,
) -> Neighbour:
    """Build the adapters for Shopify.

    Args:
        noticed: told of the scopes of each new token.
        attempts: how often what is safe to repeat is asked.
        monotonic: seconds, for pacing; moves on while `sleep` sleeps.
        transport: of httpx, for tests; None means the network.
    """
    api, storage = (httpx.Client(transport=transport, headers=WHO_ASKS) for _ in range(2))
    grants = Grants(
        api,
        base_url=section.base_url,
        client_id=section.client_id,
        client_secret=section.client_secret,
        timeout_s=section.timeout_s,
        patient=patience(
            on=(Temporary, NoAnswer),
            attempts=min(3, attempts),
            total_s=30.0,
            first_wait_s=0.5,
            longest_wait_s=15.0,
            sleep=sleep,
        ),
    )
    tokens = TokenSource(shops, grants, clock=clock, sleep=sleep, noticed=noticed)
    admin = Admin(
        api,
        base_url=section.base_url,
        api_version=section.api_version,
        timeout_s=section.timeout_s,
        scopes=section.scopes,
        token=tokens,
        pacing=Pacing(sleep=sleep, monotonic=monotonic),
        sleep=sleep,
        attempts=attempts,
    )
    catalog = Catalog(admin)
    return Neighbour(
        cards=Cards(admin),
        catalog=catalog,
        catalogue=Catalogue(admin, catalog, Bulk(admin, storage, sleep=sleep, monotonic=monotonic)),
        media=Media(admin, storage, sleep=sleep),
        variants=Variants(admin),
        metafields=Metafields(admin),
        flow=Flow(admin),
        tokens=tokens,
        installation=Installation(admin),
        clients=(api, storage),
    )
