"""Each check, on values: well, doubtful, broken; and what it says to do."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shopify_imagegen.checkup import machine, outside, seller, settings, store
from shopify_imagegen.checkup.finding import failed, ok, summary, verdict, warning
from shopify_imagegen.errors import BadCredentials, NoAnswer, NoFunds, NotSent, Rejected, ShopClosed, TokenRefused
from shopify_imagegen.models import Arrival, Capabilities, DatabaseVitals, Heard, Installed, Seen, Shop, ShopToken
from shopify_imagegen.settings import parse
from shopify_imagegen.subscriptions import TOPICS
from tests.fakes import SHOP
from tests.test_subscriptions import ALL, URL

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SECRETS = {"IMAGEGEN__SHOPIFY__CLIENT_ID": "id", "IMAGEGEN__SHOPIFY__CLIENT_SECRET": "secret"}


def configured(**env):
    return parse("", SECRETS | {f"IMAGEGEN__{key}": value for key, value in env.items()})


def states(findings):
    return [each.state for each in findings]


def test_the_verdict_is_the_worst_state():
    """One broken part makes a broken installation; a doubt does not."""
    well, doubt, broken = ok("a", ""), warning("b", "", ""), failed("c", "", "")

    assert ["ok", "warning", "failed"] == [verdict(each) for each in ([well], [well, doubt], [doubt, broken])]
    assert summary([doubt, broken]).startswith("1 of 2 checks failed")


@pytest.mark.parametrize(
    ("env", "today", "expected"),
    [
        pytest.param({}, date(2026, 11, 22), ["ok"], id="all is there"),
        pytest.param({"SHOPIFY__CLIENT_SECRET": ""}, date(2026, 11, 22), ["failed"], id="no secret"),
        pytest.param({"SHOPIFY__CLIENT_ID": ""}, date(2026, 11, 22), ["warning"], id="no client id"),
        pytest.param({"SHOPIFY__OLD_CLIENT_SECRET": "old"}, date(2026, 11, 22), ["warning"], id="an old secret"),
        pytest.param({}, date(2027, 8, 1), ["warning"], id="a version that ends soon"),
        pytest.param({}, date(2027, 10, 1), ["failed"], id="a version that has ended"),
        pytest.param({"BUDGET__PER_DAY_USD": "0.05"}, date(2026, 11, 22), ["failed"], id="too little money a day"),
        pytest.param({"DATABASE__URL": "postgresql://x/y"}, date(2026, 11, 22), ["warning"], id="a key per machine"),
    ],
)
def test_settings_are_judged_by_what_they_lead_to(env, today, expected):
    """They may be valid, key by key, and still make nothing."""
    assert expected == states(settings.findings(configured(**env), today))


WELL = DatabaseVitals(kind="sqlite", schema_version="0007", newest_version="0007", journal="wal", size_bytes=200_000)


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        pytest.param({}, "ok", "sqlite, schema 0007, 0.2 MB", id="well"),
        pytest.param({"read_only": "disk is full"}, "failed", "disk is full", id="cannot be written"),
        pytest.param({"is_newer": True, "schema_version": "0099"}, "failed", "newer version", id="newer"),
        pytest.param({"schema_version": "0003"}, "warning", "schema 0003", id="older"),
        pytest.param({"schema_version": "", "exists": False, "journal": ""}, "warning", "no tables", id="not begun"),
        pytest.param({"journal": "delete"}, "failed", "not wal", id="a network folder"),
    ],
)
def test_the_database_s_state_is_told(changes, expected, said):
    """Most support questions begin here."""
    [found] = machine.of_database(WELL.model_copy(update=changes))

    assert expected == found.state
    assert said in found.said


@pytest.mark.parametrize(("schema", "asked"), [("0007", True), ("0003", False), ("0099", False), ("", False)])
def test_only_tables_of_this_version_are_asked(schema, asked):
    """An older one lacks a column: the message would be about that, not about what to do."""
    assert asked == machine.has_tables(WELL.model_copy(update={"schema_version": schema}))


def test_a_full_disk_is_told_in_time():
    """A paid picture waits on the disk until the store has it."""
    free = {Path("a"): 5_000_000_000, Path("b"): 500_000_000, Path("c"): 50_000_000}

    assert ["ok", "warning", "failed"] == states(machine.of_disk(free))


def test_without_a_worker_nothing_is_made():
    """Webhooks are taken, and everything looks well."""
    assert ["failed", "ok"] == states([machine.of_workers(0), machine.of_workers(2)])


def seen(status=200, text="ok\n", date=NOW, took_s=0.1):
    return Seen(status=status, text=text, date=date, took_s=took_s)


def looks(answer):
    def look(url):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


@pytest.mark.parametrize(
    ("url", "answer", "expected"),
    [
        pytest.param(URL, seen(), "ok", id="answers"),
        pytest.param("", seen(), "warning", id="not set"),
        pytest.param("http://127.0.0.1:8000", NotSent("never asked"), "warning", id="this machine"),
        pytest.param(URL, seen(took_s=3.0), "warning", id="slow"),
        pytest.param(URL, seen(status=302, text=""), "failed", id="redirects"),
        pytest.param(URL, seen(text="<html>"), "failed", id="somebody else answers"),
        pytest.param(URL, NotSent("no"), "failed", id="nobody answers"),
        pytest.param(URL, Rejected("leads to 10.0.0.1"), "failed", id="a private address"),
    ],
)
def test_the_way_in_is_tried(url, answer, expected):
    """Shopify tries it too, and tells nobody."""
    assert expected == outside.of_address(url, looks(answer)).state


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(seen(date=NOW - timedelta(seconds=1)), "ok", id="a second"),
        pytest.param(seen(date=NOW + timedelta(seconds=15)), "warning", id="fifteen seconds"),
        pytest.param(seen(date=NOW - timedelta(minutes=5)), "failed", id="five minutes"),
        pytest.param(seen(date=None), "warning", id="no date"),
        pytest.param(NoAnswer("silence"), "warning", id="no answer"),
    ],
)
def test_our_clock_is_compared_with_a_neighbour_s(answer, expected):
    """A clock that is off refuses every session token, and nobody thinks of it."""
    assert expected == outside.of_clock("https://api.example", looks(answer), lambda: NOW).state


class FakeInstallation:
    def __init__(self, answer):
        self.answer = answer

    def installed(self, shop):
        if isinstance(self.answer, Exception):
            raise self.answer
        return Installed(domain=shop, name="Nice Lamps", timezone="UTC", scopes=self.answer)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(("write_files", "write_products"), "ok", id="all granted"),
        pytest.param(("write_products",), "failed", id="a scope is missing"),
        pytest.param(TokenRefused("refused"), "failed", id="revoked"),
        pytest.param(ShopClosed("frozen"), "warning", id="frozen"),
    ],
)
def test_a_store_s_token_is_tried(answer, expected):
    """The first call of a job would find it out, in the middle of the night."""
    shop = Shop(domain=SHOP, grant="static", installed_at=NOW)
    found = store.of_token(shop, FakeInstallation(answer), ["write_products", "write_files"])

    assert (expected, SHOP) == (found.state, found.about)


@pytest.mark.parametrize(
    ("grant", "error", "todo"),
    [
        ("offline", TokenRefused("refused"), "open the app"),
        ("static", TokenRefused("refused"), f"shops add {SHOP} --token"),
        ("client_credentials", TokenRefused("refused"), f"shops add {SHOP}`"),
        ("offline", BadCredentials("invalid_client"), "shopify.client_secret"),
    ],
)
def test_a_refused_token_is_mended_in_the_way_that_it_came(grant, error, todo):
    """And a secret of ours that is wrong by none of them."""
    shop = Shop(domain=SHOP, grant=grant, installed_at=NOW)

    assert todo in store.of_token(shop, FakeInstallation(error), []).todo


def test_a_paused_store_is_told_with_its_reason():
    """Its token may work, and still nothing is made for it."""
    shop = Shop(domain=SHOP, grant="static", installed_at=NOW)
    [found] = store.of_pause(shop.model_copy(update={"state": "paused", "reason": "402"}))

    assert ("warning", SHOP) == (found.state, found.about)
    assert "402" in found.said
    assert [] == store.of_pause(shop)


@pytest.mark.parametrize(
    ("days", "said"),
    [(90, None), (15, None), (13, "ends on 2026-12-05"), (-1, "ended on 2026-11-21"), (None, None)],
)
def test_a_right_to_renew_that_will_end_is_told_in_time(days, said):
    """It lives for 90 days from the last time; a store without a worker for so long is lost until somebody opens it."""
    shop = Shop(domain=SHOP, grant="offline", installed_at=NOW)
    ends_at = None if days is None else NOW + timedelta(days=days)
    found = store.of_renewal(shop, ShopToken(access="a", refresh="b", refresh_ends_at=ends_at), NOW)

    assert ([] if said is None else ["warning"]) == states(found)
    assert all(said in each.said and "open the app" in each.todo for each in found)


def test_a_store_without_a_token_has_none_to_renew():
    """That it has none is told elsewhere."""
    assert [] == store.of_renewal(Shop(domain=SHOP, grant="offline", installed_at=NOW), None, NOW)


def test_news_of_leaving_that_waits_is_told():
    """Shopify gives 30 days to erase; whoever runs the program sees in time that it is not done yet."""
    about = Arrival(
        id="d", source="webhook", topic="shop/redact", shop=SHOP, intent=None, received_at=NOW - timedelta(hours=3)
    )
    found = store.of_news(Heard(arrival=about, outcome="", job_id=None, reason="Shopify answered 503"), NOW)

    assert ("warning", SHOP, "shop/redact waits since 3 h: Shopify answered 503") == (
        found.state,
        found.about,
        found.said,
    )


@pytest.mark.parametrize(
    ("subscriptions", "heard", "expected", "said"),
    [
        pytest.param(ALL, {}, "ok", f"all {len(TOPICS)}", id="by the API"),
        pytest.param([], {"products/update": NOW - timedelta(hours=3)}, "ok", "3 h ago", id="by the TOML"),
        pytest.param([], {}, "warning", "products/create", id="none, and nothing came"),
        pytest.param(ALL[:1], {}, "warning", "products/delete", id="some are missing"),
        pytest.param(
            [*ALL[:1], ALL[1].model_copy(update={"include_fields": ()}), *ALL[2:]],
            {},
            "warning",
            "PRODUCTS_UPDATE",
            id="with all fields",
        ),
    ],
)
def test_webhooks_are_judged_by_what_is_subscribed_and_by_what_came(subscriptions, heard, expected, said):
    """What the TOML file declares is not listed by Shopify; only its deliveries prove it."""
    shop = Shop(domain=SHOP, grant="static", installed_at=NOW)
    found = store.of_webhooks(shop, subscriptions, URL, heard, NOW)

    assert expected == found.state
    assert said in found.said


class FakeSeller:
    name = "getimg"

    def __init__(self, balance=50_000_000, can=None, price=60_000):
        self._balance, self._can, self._price = balance, can, price

    def quote(self, resolution):
        return self._price

    def balance(self):
        return self._told(self._balance)

    def capabilities(self):
        return self._told(self._can)

    def _told(self, answer):
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        pytest.param(50_000_000, "ok", id="enough"),
        pytest.param(None, "ok", id="not told"),
        pytest.param(1_000_000, "warning", id="less than a day's budget"),
        pytest.param(50_000, "failed", id="less than a picture"),
        pytest.param(NoFunds("empty"), "failed", id="refused"),
        pytest.param(NoAnswer("silence"), "warning", id="no answer"),
    ],
)
def test_the_provider_is_asked_for_key_and_balance(balance, expected):
    """Costs nothing, and saves a night without pictures."""
    assert expected == seller.of_key(FakeSeller(balance), configured()).state


CAN = Capabilities(model="gpt-image-2", aspect_ratios=("1:1", "4:5"), resolutions=("1K", "2K"), references=10)


@pytest.mark.parametrize(
    ("can", "price", "expected"),
    [
        pytest.param(CAN, 60_000, ["ok"], id="can do it"),
        pytest.param(None, None, ["ok"], id="not told"),
        pytest.param(Capabilities(model="x"), 60_000, ["ok"], id="says nothing"),
        pytest.param(CAN.model_copy(update={"resolutions": ("4K",)}), 60_000, ["failed"], id="not in 1K"),
        pytest.param(CAN.model_copy(update={"aspect_ratios": ("1:1",)}), 60_000, ["failed"], id="not in 4:5"),
        pytest.param(CAN.model_copy(update={"references": 2}), 60_000, ["warning"], id="two photos only"),
        pytest.param(CAN.model_copy(update={"references": 0}), 60_000, ["failed"], id="no photos"),
        pytest.param(CAN, 70_000, ["warning"], id="dearer than expected"),
        pytest.param(CAN, 300_000, ["failed"], id="dearer than allowed"),
        pytest.param(Rejected("no such model"), 60_000, ["failed"], id="no such model"),
        pytest.param(NoAnswer("silence"), 60_000, ["warning"], id="no answer"),
    ],
)
def test_the_model_is_asked_what_it_can_do(can, price, expected):
    """Before the first picture is refused, or costs more than expected."""
    assert expected == states(seller.of_model(FakeSeller(can=can, price=price), configured()))


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        pytest.param(5, ("ok", ""), id="room for both"),
        pytest.param(4, ("warning", "set images.max_references to 3"), id="one photo too many"),
        pytest.param(1, ("failed", "choose another model, or take prompts.style.image out"), id="no photo at all"),
    ],
)
def test_the_style_image_takes_the_place_of_a_photo(takes, expected):
    """It goes along with every order: a limit that forgets it leaves out the merchant's last photo without a word."""
    can = CAN.model_copy(update={"references": takes})
    settings = configured(IMAGES__MAX_REFERENCES="4", PROMPTS__STYLE__IMAGE="https://cdn.example/style.jpg")

    (found,) = seller.of_model(FakeSeller(can=can, price=60_000), settings)

    assert expected == (found.state, found.todo)
