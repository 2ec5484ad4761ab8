"""The whole examination: our own side and the provider first, then every store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from shopify_imagegen.checkup import machine, outside, seller, settings, store
from shopify_imagegen.checkup.finding import Finding, failed, warning
from shopify_imagegen.checkup.rounds import Check, examine
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import DatabaseVitals, Shop
from shopify_imagegen.ports import Clock, ImageProvider, Inbox, Installation, Outside, Shops
from shopify_imagegen.settings import Settings

STORES = "stores"


class Doctor:
    """Examines an installation without changing it. The parts are made when they are asked: each may be broken.

    Args:
        database: looks at the database without opening the house.
        database_file: of SQLite; None for another kind.
        alive: how many workers are.
    """

    def __init__(
        self,
        configured: Settings,
        *,
        database: Callable[[], DatabaseVitals],
        database_file: Path | None,
        shops: Callable[[], Shops],
        inbox: Callable[[], Inbox],
        installation: Callable[[], Installation],
        provider: Callable[[], ImageProvider],
        alive: Callable[[], int],
        outside: Outside,
        clock: Clock,
    ) -> None:
        self._settings = configured
        self._database = database
        self._database_file = database_file
        self._shops = shops
        self._inbox = inbox
        self._installation = installation
        self._provider = provider
        self._alive = alive
        self._outside = outside
        self._clock = clock

    def findings(self, domain: str | None = None) -> Iterator[Finding]:
        """One after the other, as they come. *domain*: this store alone."""
        yield from examine(self._usual())
        if self._has_tables():
            yield from examine([Check(machine.WORKER, lambda: [machine.of_workers(self._alive())])])
            yield from self._of_stores(domain)
        else:
            yield warning(STORES, "not looked at: their rows cannot be read", "see what is said of the database")

    def _usual(self) -> list[Check]:
        address, provider = self._settings.app.public_url, self._settings.provider.chosen.base_url
        return [
            Check(settings.NAME, lambda: settings.findings(self._settings, self._clock().date())),
            Check(machine.DATABASE, lambda: machine.of_database(self._database())),
            Check(machine.DISK, lambda: machine.of_disk(self._free())),
            Check(outside.CLOCK, lambda: [outside.of_clock(provider, self._outside.look, self._clock)]),
            Check(outside.ADDRESS, lambda: [outside.of_address(address, self._outside.look)]),
            Check(seller.KEY, self._of_provider),
        ]

    def _of_provider(self) -> Sequence[Finding]:
        provider = self._provider()
        key = seller.of_key(provider, self._settings)
        return [key] if key.state == "failed" else [key, *seller.of_model(provider, self._settings)]

    def _has_tables(self) -> bool:
        try:
            return machine.has_tables(self._database())
        except ImagegenError:
            return False

    def _of_stores(self, domain: str | None) -> Iterator[Finding]:
        try:
            known = [shop for shop in self._shops().all() if domain in (None, shop.domain)]
            heard, put_off = self._inbox().heard(), self._inbox().postponed()
        except ImagegenError as error:
            yield failed(STORES, str(error), "mend the database first")
            return
        if not known:
            said = f"{domain} is not added" if domain else "no store is added yet"
            yield warning(STORES, said, "`shopify-imagegen shops add DOMAIN`, or open the app in the store's admin")
        stores = [shop for shop in known if shop.state != "uninstalled"]
        yield from examine([self._check_of(shop, heard.get(shop.domain, {})) for shop in stores])
        yield from examine([self._standing_of(shop) for shop in stores])  # only now: asking may have renewed a token
        yield from (store.of_news(each, self._clock()) for each in put_off if domain in (None, each.arrival.shop))

    def _standing_of(self, shop: Shop) -> Check:
        return Check(store.RENEWAL, lambda: self._what_stands(shop), shop.domain)

    def _what_stands(self, shop: Shop) -> Sequence[Finding]:
        renewal = store.of_renewal(shop, self._shops().token(shop.domain), self._clock())
        return [*store.of_pause(shop), *renewal]

    def _check_of(self, shop: Shop, heard: Mapping[str, datetime]) -> Check:
        return Check(store.TOKEN, lambda: self._of_store(shop, heard), shop.domain)

    def _of_store(self, shop: Shop, heard: Mapping[str, datetime]) -> Sequence[Finding]:
        installation = self._installation()
        token = store.of_token(shop, installation, self._settings.shopify.scopes)
        if token.state == "failed":
            return [token]
        found = installation.subscriptions(shop.domain)
        webhooks = store.of_webhooks(shop, found, self._settings.app.public_url, heard, self._clock())
        return [token, webhooks]

    def _free(self) -> dict[Path, int]:
        folders: Sequence[Path] = [
            self._settings.app.data_dir,
            *([self._database_file.parent] if self._database_file else []),
        ]
        return {folder: shutil.disk_usage(existing(folder)).free for folder in dict.fromkeys(folders)}


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists already."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
