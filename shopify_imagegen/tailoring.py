"""Each shop's settings and studio: the settings file's, with what the shop has set for itself over them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from shopify_imagegen.errors import ConfigError
from shopify_imagegen.models import Saved
from shopify_imagegen.own import Document, tailored
from shopify_imagegen.plan import Studio
from shopify_imagegen.ports import Clock, ShopSettings
from shopify_imagegen.settings import Settings

FRESH = timedelta(seconds=2)  # for so long another process's change may go unnoticed
SHOPS_REMEMBERED = 512


class _Fitted(NamedTuple):
    version: int
    settings: Settings
    studio: Studio | None
    at: datetime


class Tailor:
    """Knows what each shop has set.

    Args:
        opened: makes a studio of settings; raises ConfigError where they do not fit the scenes.
    """

    def __init__(
        self, *, settings: Settings, saved: ShopSettings, opened: Callable[[Settings], Studio], clock: Clock
    ) -> None:
        self._settings = settings
        self._saved = saved
        self._opened = opened
        self._clock = clock
        self._fitted: dict[str, _Fitted] = {}

    def settings(self, shop: str) -> Settings:
        """Raises: ConfigError when what the shop has set fits the settings file no more."""
        return self._of(shop).settings

    def studio(self, shop: str) -> Studio:
        """Raises: ConfigError, as `settings`."""
        fitted = self._of(shop)
        studio = fitted.studio or self._opened(fitted.settings)
        self._remember(shop, fitted._replace(studio=studio))
        return studio

    def current(self, shop: str) -> Saved:
        """What the shop has set itself; version 0 when nothing."""
        return self._saved.current(shop)

    def history(self, shop: str) -> tuple[Saved, ...]:
        """Every version, the newest first."""
        return self._saved.history(shop)

    def check(self, document: Document) -> list[str]:
        """Every problem of a document, as `key: what is wrong`; none: it can be saved."""
        try:
            self.preview(document)
        except ConfigError as error:
            return str(error).splitlines()
        return []

    def preview(self, document: Document) -> Studio:
        """The studio that a document would make; nothing is saved. Raises: ConfigError."""
        return self._opened(tailored(self._settings, document))

    def save(self, shop: str, document: Document, *, by: str, version: int) -> Saved:
        """Put a new version in use.

        Args:
            version: that the change was made from.

        Raises:
            ConfigError: with every problem by key.
            Conflict: somebody has saved another version meanwhile.
        """
        self.preview(document)
        saved = self._saved.save(shop, document, by=by, version=version)
        self._fitted.pop(shop, None)
        return saved

    def _of(self, shop: str) -> _Fitted:
        known, now = self._fitted.get(shop), self._clock()
        if known and now - known.at < FRESH:
            return known
        saved = self._saved.current(shop)
        if known and known.version == saved.version:
            return self._remember(shop, known._replace(at=now))
        return self._remember(shop, _Fitted(saved.version, self._fit(shop, saved), None, now))

    def _fit(self, shop: str, saved: Saved) -> Settings:
        if not saved.document:
            return self._settings
        try:
            return tailored(self._settings, saved.document)
        except ConfigError as error:
            raise ConfigError(f"the settings of {shop} no longer fit: {error}") from None

    def _remember(self, shop: str, fitted: _Fitted) -> _Fitted:
        if len(self._fitted) >= SHOPS_REMEMBERED and shop not in self._fitted:
            self._fitted.clear()
        self._fitted[shop] = fitted
        return fitted
