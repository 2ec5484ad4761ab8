"""Each shop's own settings: in use within seconds, versioned, and never another shop's."""

from datetime import UTC, datetime, timedelta

import pytest

from shopify_imagegen.adapters.database.shop_settings import SqlShopSettings
from shopify_imagegen.errors import ConfigError, Conflict
from shopify_imagegen.plan import open_studio
from shopify_imagegen.settings import Settings
from shopify_imagegen.tailoring import FRESH, Tailor

from .story import OTHER_SHOP, SHOP


@pytest.fixture
def time():
    class Time:
        now = datetime(2026, 11, 22, tzinfo=UTC)

    return Time()


@pytest.fixture
def tailors(database, time):
    """Two processes over one database."""

    def tailor():
        return Tailor(
            settings=Settings(),
            saved=SqlShopSettings(database, lambda: time.now),
            opened=lambda settings: open_studio(settings, max_references=4, max_prompt_chars=4096),
            clock=lambda: time.now,
        )

    return tailor(), tailor()


def test_a_shops_settings_are_its_own(tailors):
    """What one shop sets is nothing to the next."""
    tailor, _ = tailors
    tailor.save(SHOP, {"images": {"per_product": 7}}, by="cli", version=0)

    assert 7 == tailor.settings(SHOP).images.per_product
    assert 7 == tailor.studio(SHOP).images.per_product
    assert 2 == tailor.settings(OTHER_SHOP).images.per_product


def test_another_process_sees_a_change_within_seconds(tailors, time):
    """The web role saves; the worker buys."""
    web, worker = tailors
    assert 2 == worker.studio(SHOP).images.per_product
    web.save(SHOP, {"images": {"per_product": 7}}, by="admin", version=0)

    time.now += FRESH + timedelta(seconds=1)

    assert 7 == worker.studio(SHOP).images.per_product


def test_a_change_over_another_is_refused(tailors):
    """Two people with the same page open: nothing is lost without a word."""
    tailor, other = tailors
    tailor.save(SHOP, {"images": {"per_product": 7}}, by="Ann", version=0)

    with pytest.raises(Conflict, match="changed by somebody else"):
        other.save(SHOP, {"images": {"per_product": 3}}, by="Ben", version=0)
    assert 7 == tailor.settings(SHOP).images.per_product


def test_every_version_is_kept(tailors):
    """So that a style can be had back; and who changed what is known."""
    tailor, _ = tailors
    tailor.save(SHOP, {"prompts": {"style": {"mood": "calm"}}}, by="Ann", version=0)
    tailor.save(SHOP, {}, by="Ben", version=1)

    assert [(2, "Ben", {}), (1, "Ann", {"prompts": {"style": {"mood": "calm"}}})] == [
        (saved.version, saved.saved_by, saved.document) for saved in tailor.history(SHOP)
    ]
    assert (2, {}) == (tailor.current(SHOP).version, tailor.current(SHOP).document)


def test_what_does_not_fit_is_not_saved(tailors):
    """A misspelt scene would be silently absent from every picture."""
    tailor, _ = tailors
    document = {"prompts": {"scenes_off": ["kitchen/morning-countre"]}}

    assert 1 == len(tailor.check(document))
    with pytest.raises(ConfigError, match="kitchen/morning-countre"):
        tailor.save(SHOP, document, by="cli", version=0)
    assert 0 == tailor.current(SHOP).version


def test_settings_that_fit_no_more_are_named_and_not_passed_over(tailors, time, database):
    """A lower budget that can no longer be read must not turn into the file's higher one."""
    tailor, _ = tailors
    SqlShopSettings(database, lambda: time.now).save(SHOP, {"budget": {"gone": 1}}, by="an older version", version=0)

    with pytest.raises(ConfigError, match=r"settings of .* no longer fit: budget.gone"):
        tailor.settings(SHOP)
