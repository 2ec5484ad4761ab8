"""Shops and their tokens, which nobody reads from the file."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from shopify_imagegen.adapters.database.shops import SqlShops
from shopify_imagegen.adapters.database.vault import Vault, key_of
from shopify_imagegen.errors import ConfigError, NotFound
from shopify_imagegen.models import Shop, ShopToken

from .story import NOW, OTHER_SHOP, SHOP

TOKEN = "shpat_" + "0123456789abcdef" * 2
BOTH = ShopToken(access=TOKEN, ends_at=NOW, refresh="shprt_a", refresh_ends_at=NOW + timedelta(days=90))
KEPT, ENDING = ShopToken(access=TOKEN), ShopToken(access=TOKEN, ends_at=NOW)
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
LAMPS = Shop(domain=SHOP, grant="static", scopes=("write_products",), installed_at=NOW)


@pytest.fixture
def shops(database):
    shops = SqlShops(database, Vault([OLD]))
    shops.save(LAMPS)
    return shops


def test_a_shop_is_saved_found_listed_and_removed(shops):
    """The whole life of an installation."""
    bags = Shop(domain=OTHER_SHOP, state="paused", reason="402", grant="client_credentials", installed_at=NOW)
    shops.save(bags)

    assert (bags, LAMPS) == shops.all()
    assert shops.find(OTHER_SHOP) == bags
    shops.remove(OTHER_SHOP)
    assert shops.find(OTHER_SHOP) is None


def test_saving_a_shop_keeps_its_token(shops):
    """A pause, or new scopes, is no reason to install again."""
    shops.save_token(SHOP, ENDING, ["write_files"])
    shops.save(LAMPS.model_copy(update={"state": "paused"}))

    assert shops.token(SHOP) == ENDING
    assert shops.find(SHOP).state == "paused"


def test_a_token_brings_its_scopes_and_its_end(shops):
    """None as its end means never."""
    assert shops.token(SHOP) is None
    shops.save_token(SHOP, KEPT, ["write_files"])

    assert shops.token(SHOP) == KEPT
    assert shops.find(SHOP).scopes == ("write_files",)


def test_a_shop_and_its_token_are_read_together(shops):
    """Every request to Shopify asks for both; apart, a store could leave in between."""
    assert shops.with_token(OTHER_SHOP) is None
    assert shops.with_token(SHOP) == (LAMPS, None)
    shops.save_token(SHOP, BOTH, ["write_products"])

    assert shops.with_token(SHOP) == (LAMPS, BOTH)


def test_a_token_for_no_shop_is_refused(shops):
    """A renewal that is lost in silence would show up a day later as a revoked token."""
    with pytest.raises(NotFound, match=OTHER_SHOP):
        shops.save_token(OTHER_SHOP, KEPT, [])
    assert shops.token(OTHER_SHOP) is None


def test_no_token_is_readable_in_the_file(shops, database, tmp_path, kind):
    """A copy of the database, or of its log, gives nobody the store."""
    if kind != "sqlite":
        pytest.skip("PostgreSQL keeps its files to itself")
    shops.save_token(SHOP, KEPT.model_copy(update={"refresh": TOKEN}), ["write_files"])
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("imagegen.db*"))

    assert SHOP.encode() in kept
    assert TOKEN.encode() not in kept
    assert TOKEN[6:].encode() not in kept


def test_a_token_sealed_with_the_old_key_opens_after_rotation(shops, database):
    """The new key stands first; what is saved from now on no longer needs the old one."""
    shops.save_token(SHOP, KEPT, [])
    rotating = SqlShops(database, Vault([NEW, OLD]))
    assert rotating.token(SHOP) == KEPT

    rotating.save_token(SHOP, KEPT, [])

    assert SqlShops(database, Vault([NEW])).token(SHOP) == KEPT


def test_a_token_that_no_key_opens_names_the_setting(shops, database):
    """The message must send people to the key, not to Shopify."""
    shops.save_token(SHOP, KEPT, [])

    with pytest.raises(ConfigError, match=r"^app\.encryption_keys: no key opens"):
        SqlShops(database, Vault([NEW])).token(SHOP)


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "schlüssel"]], ids=["none", "short", "not ASCII"])
def test_a_bad_key_is_a_config_error_that_does_not_quote_it(keys):
    """It is a secret, even if it is a wrong one."""
    with pytest.raises(ConfigError, match=r"^app\.encryption_keys: ") as caught:
        Vault(keys)
    assert not any(key in str(caught.value) for key in keys)


def test_the_installations_own_key_is_made_once_and_private(tmp_path):
    """Made anew, it would lock out every token; readable by others, it would seal nothing."""
    folder = tmp_path / "var"
    first = key_of(folder)

    assert first == key_of(folder)
    assert TOKEN == Vault([first]).open(Vault([first]).seal(TOKEN))
    assert stat.S_IMODE(os.stat(folder / "encryption.key").st_mode) == 0o600
    assert ["encryption.key"] == os.listdir(folder)


def test_a_key_that_another_process_made_meanwhile_is_taken(tmp_path, monkeypatch):
    """Web and worker start together on an empty folder; both must seal with one key."""
    made = key_of(tmp_path)
    monkeypatch.setattr("pathlib.Path.exists", lambda self: False)

    assert made == key_of(tmp_path)
    assert ["encryption.key"] == os.listdir(tmp_path)


# Whose turn it is to ask for the next token

SOON = NOW + timedelta(minutes=1)


def test_one_of_many_may_ask_for_the_next_token(shops, url, open_database):
    """Two processes with one refresh token would lock each other out."""
    shops.save_token(SHOP, KEPT, [])
    key = Fernet.generate_key().decode()
    others = [SqlShops(open_database(url), Vault([key])) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        turns = list(pool.map(lambda each: each.take_renewal(SHOP, now=NOW, until=SOON), others))

    assert [1] == [turn for turn in turns if turn is not None]


def test_a_turn_ends_by_itself(shops):
    """Whoever had it was killed."""
    shops.take_renewal(SHOP, now=NOW, until=SOON)

    assert shops.take_renewal(SHOP, now=NOW, until=SOON) is None
    assert 0 == shops.take_renewal(SHOP, now=SOON, until=SOON)


def test_a_turn_that_is_given_back_is_free(shops):
    """The endpoint failed; the next one may try."""
    turn = shops.take_renewal(SHOP, now=NOW, until=SOON)
    shops.leave_renewal(SHOP, after=turn)

    assert shops.take_renewal(SHOP, now=NOW, until=SOON) is not None


def test_a_token_replaces_only_the_one_it_follows(shops):
    """What came late is void; the winner's must not be lost."""
    turn = shops.take_renewal(SHOP, now=NOW, until=SOON)
    assert shops.save_token(SHOP, BOTH, ["write_files"], after=turn)

    assert not shops.save_token(SHOP, KEPT, [], after=turn)
    assert BOTH == shops.token(SHOP)
    assert ("write_files",) == shops.find(SHOP).scopes
    assert shops.take_renewal(SHOP, now=NOW, until=SOON) is not None


def test_a_dropped_token_stays_dropped(shops):
    """The store has left while the next one was on its way."""
    shops.save_token(SHOP, BOTH, [])
    turn = shops.take_renewal(SHOP, now=NOW, until=SOON)
    shops.drop_token(SHOP)

    assert not shops.save_token(SHOP, BOTH, [], after=turn)
    assert shops.token(SHOP) is None


# Changes that must not undo another's


LEFT = "The app was uninstalled."


def test_a_pause_changes_the_state_and_nothing_else(shops):
    """A token and scopes that came meanwhile stay."""
    seen = shops.find(SHOP)
    shops.save_token(SHOP, BOTH, ["write_files"])
    shops.amend(SHOP, grant="offline")

    assert shops.turn(seen, "paused", "402")
    expected = LAMPS.model_copy(
        update={"state": "paused", "reason": "402", "grant": "offline", "scopes": ("write_files",)}
    )
    assert expected == shops.find(SHOP)
    assert BOTH == shops.token(SHOP)


def test_a_pause_does_not_bring_a_store_back_that_has_left_meanwhile(shops):
    """Paused, it would be asked every minute, and its rows would stay when Shopify asks us to forget it."""
    seen = shops.find(SHOP)
    shops.leave(SHOP, LEFT, at=NOW, after=shops.token_number(SHOP))

    assert not shops.turn(seen, "paused", "402")
    assert ("uninstalled", LEFT) == (shops.find(SHOP).state, shops.find(SHOP).reason)


def test_a_pause_for_something_new_is_not_ended_by_who_saw_the_old(shops):
    """The store paid its bill; meanwhile a permission was taken back."""
    shops.turn(LAMPS, "paused", "402")
    seen = shops.find(SHOP)
    shops.turn(seen, "paused", "A permission is missing")

    assert not shops.turn(seen, "active", "")
    assert "paused" == shops.find(SHOP).state


def test_what_is_not_given_stays_as_it_is(shops):
    """Scopes may become none; that is given, too."""
    shops.amend(SHOP, grant="offline")
    assert ("offline", ("write_products",)) == (shops.find(SHOP).grant, shops.find(SHOP).scopes)
    shops.amend(SHOP, scopes=[])

    assert ("offline", ()) == (shops.find(SHOP).grant, shops.find(SHOP).scopes)


def test_leaving_forgets_the_token_in_the_same_commit(shops):
    """Between the two, a crash would leave a token of a store that is not ours any more."""
    shops.save_token(SHOP, BOTH, [])

    assert shops.leave(SHOP, LEFT, at=NOW, after=shops.token_number(SHOP))
    assert "uninstalled" == shops.find(SHOP).state
    assert shops.token(SHOP) is None


def test_a_new_token_stands_against_leaving_and_a_lost_one_does_not(shops):
    """Whoever asked Shopify with the old one knows nothing of the new one."""
    number = shops.token_number(SHOP)
    shops.save_token(SHOP, BOTH, [])
    assert not shops.leave(SHOP, LEFT, at=NOW, after=number)
    assert ("active", BOTH) == (shops.find(SHOP).state, shops.token(SHOP))
    shops.drop_token(SHOP)

    assert shops.leave(SHOP, LEFT, at=NOW, after=number)


def test_only_the_token_that_was_meant_is_dropped(shops):
    """Another process has a new one; the refusal was of the one before."""
    shops.save_token(SHOP, BOTH, [])
    shops.drop_token(SHOP, after=shops.token_number(SHOP) - 1)

    assert BOTH == shops.token(SHOP)


def test_without_a_token_nothing_is_installed(shops):
    """The store has left again while its owner's page was loading."""
    shops.leave(SHOP, LEFT, at=NOW, after=shops.token_number(SHOP))
    assert not shops.install(LAMPS)
    shops.save_token(SHOP, BOTH, [])

    assert shops.install(LAMPS)
    assert "active" == shops.find(SHOP).state


def test_what_shopify_has_proven_is_not_undone(shops):
    """Requests overtake each other; and whoever writes the rest of the row does not know of it."""
    later = NOW + timedelta(minutes=1)
    shops.confirm(SHOP, later)
    shops.confirm(SHOP, NOW)
    shops.save(LAMPS)
    shops.leave(SHOP, LEFT, at=NOW, after=shops.token_number(SHOP))
    shops.save_token(SHOP, BOTH, [])
    shops.install(LAMPS)

    assert later == shops.find(SHOP).confirmed_at
