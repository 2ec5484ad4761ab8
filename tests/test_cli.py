"""The command line: exit codes 0 done, 1 failed, 2 usage; `--json` prints one document; nothing is spent by looking."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
from rich.console import Console

from shopify_imagegen import supervise, tell
from shopify_imagegen.cli import cli, main
from shopify_imagegen.models import JobState, Plan, Shop
from shopify_imagegen.sandbox.control import declare_app
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.products import Draft, Photo, add_product
from shopify_imagegen.wiring import open_house, utc_now
from tests.end_to_end.house import QUICK, free_port, photo, wait_for
from tests.fakes import LAMP, START, a_job

ROOT = Path(__file__).parents[1]
SILENT = {"serve", "web", "worker", "sandbox", "demo"}  # they run until they are stopped, and print as they go
SHOP = "nice-lamps.myshopify.com"
NO_PICTURES = Plan(product_id=LAMP, product_title="Mug", recipe="r" * 32, category="home", facts="", briefs=())


@pytest.fixture(scope="module")
def store():
    """A sandbox with one product, for commands that look at a store."""
    with running(QUICK) as sandbox:
        with sandbox.store.lock:
            shop = sandbox.store.shop(SHOP)
            lamp = Draft("Brass lamp", product_type="Lamps", photos=[Photo("lamp.jpg", photo(1))])
            add_product(sandbox.store, shop, lamp, quietly=True)
            add_product(sandbox.store, shop, Draft("Bare shade", product_type="Lamps"), quietly=True)
        declare_app(sandbox.store, {})
        yield sandbox


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command line here; its exit code, what it printed, and what it said besides."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setenv("IMAGEGEN__APP__LOG_LEVEL", "error")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["shopify-imagegen", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def at(store, monkeypatch):
    """Settings that name the sandbox."""
    monkeypatch.setenv("IMAGEGEN__SHOPIFY__CLIENT_ID", "sandbox-client-id")
    monkeypatch.setenv("IMAGEGEN__SHOPIFY__CLIENT_SECRET", "sandbox-client-secret")
    monkeypatch.setenv("IMAGEGEN__SHOPIFY__BASE_URL", f"{store.base_url}/shops/{{shop}}")
    monkeypatch.setenv("IMAGEGEN__PROVIDER__GETIMG__BASE_URL", f"{store.base_url}/images-api")
    return store


@pytest.fixture
def shop(run, at):
    """A store that is added."""
    assert 0 == run("shops", "add", SHOP)[0]
    return SHOP


def leaves(command, path=()):
    """Every command that does something, with its words."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, (*path, name))
    else:
        yield path, command


def test_every_command_can_speak_json():
    """A script should never have to read a table."""
    mute = [
        " ".join(path)
        for path, command in leaves(cli)
        if path[0] not in SILENT and "as_json" not in [parameter.name for parameter in command.params]
    ]

    assert [] == mute


def test_every_command_says_what_it_does():
    """`--help` is the manual that everybody reads."""
    assert [] == [" ".join(path) for path, command in leaves(cli) if len(command.help or "") < 20]


def test_the_lists_of_commands_are_whole_sentences_at_80_columns():
    """Whoever looks for a command reads one line each, and not half of it."""
    groups = {"": cli} | {name: each for name, each in cli.commands.items() if isinstance(each, click.Group)}
    cut = [
        f"{group} {name}"
        for group, commands in groups.items()
        for name, each in commands.commands.items()
        if "backfill" not in (group, name)  # its steps are told at length, in an order
        and each.get_short_help_str(80 - 8 - max(map(len, commands.commands))).endswith("...")
    ]

    assert [] == cut


@pytest.mark.parametrize("words", [["shops", "list"], ["jobs"], ["review", "list"], ["spend"]], ids=" ".join)
def test_json_is_one_document_and_nothing_else(run, words):
    """Also when there is nothing to show."""
    code, out, err = run(*words, "--json")

    assert (0, "") == (code, err)
    assert isinstance(json.loads(out), list | dict)


@pytest.mark.parametrize("words", [["shops", "list"], ["jobs"], ["review", "list"], ["spend"]], ids=" ".join)
def test_without_json_there_are_words(run, words):
    """An empty table helps nobody."""
    code, out, _ = run(*words)

    assert 0 == code
    assert len(out.split()) > 2


def test_the_jobs_fit_a_terminal_of_80_columns(run, shop, monkeypatch):
    """The id stays whole, to be copied; a long title or reason goes on in the next line."""
    monkeypatch.setattr(tell, "console", Console(width=80))
    house = open_house()
    known = a_job(START, product_title="Hand-thrown [stoneware] mug " * 5)
    job = known.model_copy(update={"id": f"job:{SHOP}:8123456789012:63470ca049a7:2", "shop": SHOP})
    house.jobs.begin(job, NO_PICTURES)
    house.jobs.move(job.id, JobState.PARTLY_PUBLISHED, "1 of 2 lifestyle photos on the product. " + "Why not. " * 20)

    first, *lines = run("jobs")[1].splitlines()

    assert job.id == first
    assert max(map(len, lines)) <= 80
    said = " ".join(" ".join(lines).split())
    assert "[stoneware] mug (new_listing, 2026-11-22 10:00): partly_published. 1 of 2 lifestyle photos" in said
    assert [job.id] == [each["id"] for each in json.loads(run("jobs", "--json")[1])]


@pytest.mark.parametrize("width", [80, 140])
def test_the_stores_can_be_read_at_any_width(run, at, monkeypatch, width):
    """At 80 columns one store below the other, each fact whole; where there is room, a table."""
    monkeypatch.setattr(tell, "console", Console(width=width))
    reason = "Shopify refuses the token: open the app in the store's admin [or add it again]."
    paused = Shop(domain=SHOP, state="paused", grant="client_credentials", reason=reason, installed_at=START)
    open_house().shops.save(paused)

    lines = run("shops", "list")[1].splitlines()
    said = " ".join(" ".join(lines).split())

    assert max(map(len, lines)) <= width
    assert (width > 80) == ("│" in said)
    for fact in (SHOP, "paused", "client_credentials", "2026-11-22 10:00"):
        assert fact in said
    assert width > 80 or reason in said


def test_a_failure_is_one_line_and_exit_code_1(run):
    """It names what to do next; a traceback is for bugs."""
    code, out, err = run("preview", "brass-lamp")

    assert (1, "") == (code, out)
    assert err == "Error: no store is added yet; see `shopify-imagegen shops add --help`\n"


def test_a_failure_with_json_is_a_document_too(run):
    """The script that asked for JSON reads JSON, whatever happened."""
    code, out, _ = run("preview", "brass-lamp", "--json")

    assert 1 == code
    assert "no store is added yet" in json.loads(out)["error"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nonsense"], id="no such command"),
        pytest.param(["jobs", "--limit", "0"], id="out of range"),
        pytest.param(["serve", "--port", "70000"], id="no such port"),
        pytest.param(["preview"], id="an argument is missing"),
        pytest.param(["shops", "add", ""], id="not a domain"),
        pytest.param(["demo", "--catalogue", __file__], id="half of a pair"),
        pytest.param(["sandbox", "--images", "."], id="the other half"),
        pytest.param(["sandbox", "--catalogue", "nowhere.csv", "--images", "."], id="no such file"),
        pytest.param(["shops", "remove", "lamps"], id="not a domain either"),
        pytest.param(["backfill", "list", "--shop", "lamps"], id="not a store's domain"),
        pytest.param(["backfill", "plan", "--where", "colour:red"], id="not a query"),
        pytest.param(["backfill", "plan", "--limit", "0"], id="a plan of nothing"),
        pytest.param(["backfill", "start", "bf-1", "--hours", "25-3"], id="no such hours"),
        pytest.param(["backfill", "start", "bf-1", "--sample", "0"], id="a sample of nothing"),
        pytest.param(["backfill", "start", "bf-1", "--max-usd", "nan"], id="no amount"),
        pytest.param(["backfill", "start", "bf-1", "--max-usd", "-1"], id="less than nothing"),
        pytest.param(["backfill", "start", "bf-1", "--on-change", "wait"], id="no such choice"),
        pytest.param(["backfill", "report", "bf-1", "--html", "--csv"], id="one form or the other"),
    ],
)
def test_wrong_usage_is_exit_code_2(run, words):
    """Scripts tell a typing mistake from a failure by it."""
    code, out, err = run(*words)

    assert (2, "") == (code, out)
    assert "Error" in err


@pytest.mark.parametrize(
    "words",
    [
        ["backfill", "start", "bf-1"],
        ["backfill", "status"],
        ["backfill", "plan", "--shop", SHOP],
        ["jobs", "retry", "job:1"],
        ["spend", "resolve", "1", "--write-off"],
    ],
    ids=" ".join,
)
def test_what_is_understood_and_cannot_be_done_is_exit_code_1(run, words):
    """There is no such thing, or not yet: the script's words were right."""
    code, out, err = run(*words)

    assert (1, "") == (code, out)
    assert err.startswith("Error: ")


def test_wrong_usage_with_json_is_a_document_too(run):
    """The same words for the script as for its author, who reads standard error."""
    code, out, err = run("backfill", "plan", "--where", "colour:red", "--json")

    assert 2 == code
    assert "there is no colour: to search by" in json.loads(out)["error"]
    assert "there is no colour: to search by" in err


def test_help_is_no_mistake(run):
    """Exit code 0, and nothing but the manual."""
    code, out, err = run("backfill", "--help")

    assert (0, "", True) == (code, err, "plan" in out)


def test_problems_of_the_settings_are_exit_code_2(run, monkeypatch):
    """All at once, by key, without the value."""
    monkeypatch.setenv("IMAGEGEN__IMAGES__PER_PRODUCT", "hush")
    monkeypatch.setenv("IMAGEGEN__APP__STOP_WITHIN_S", "-1")

    code, out, err = run("jobs")

    assert (2, "") == (code, out)
    assert err.startswith("Settings: ")
    assert "images.per_product" in err
    assert "app.stop_within_s" in err
    assert "hush" not in err


def test_a_settings_file_can_be_named(run, tmp_path):
    """Several installations on one machine."""
    (tmp_path / "other.toml").write_text('[database]\nurl = "sqlite:///elsewhere/shop.db"')

    assert 0 == run("--config", "other.toml", "jobs")[0]
    assert (tmp_path / "elsewhere" / "shop.db").exists()


def test_a_store_is_added_listed_and_removed(run, at):
    """By client credentials; Shopify says its name and scopes."""
    code, out, _ = run("shops", "add", SHOP)
    assert 0 == code
    assert f"({SHOP}) is added. Scopes: " in out
    assert [SHOP] == [row["domain"] for row in json.loads(run("shops", "list", "--json")[1])]

    assert {"removed": SHOP} == json.loads(run("shops", "remove", SHOP, "--json")[1])
    assert [] == json.loads(run("shops", "list", "--json")[1])


@pytest.mark.parametrize(
    ("pasted", "is_a_store"),
    [
        (f"https://{SHOP}/", True),
        (f"HTTPS://{SHOP.upper()}/admin", True),
        ("nice-lamps", False),
        ("nice-lamps.com", False),
        ("nice-lamps.myshopify.com.evil.example", False),
        ("evil.example/nice-lamps.myshopify.com", False),
        ("evil.example#.myshopify.com", False),
        ("user@evil.example.myshopify.com", False),
    ],
)
def test_only_a_stores_own_domain_is_taken(run, at, pasted, is_a_store):
    """The app's secret is sent to it."""
    assert (0 if is_a_store else 2) == run("shops", "add", pasted)[0]


def test_a_store_with_a_wrong_token_is_not_added(run, at):
    """Half an installation would fail later, where nobody looks."""
    code, _, err = run("shops", "add", SHOP, "--token", "shpat_wrong")

    assert 1 == code
    assert "shpat_wrong" not in err
    assert [] == json.loads(run("shops", "list", "--json")[1])


def test_a_store_that_was_there_survives_a_failed_second_adding(run, shop):
    """A typo in a new token must not throw the store out, nor the token that worked."""
    before = json.loads(run("shops", "list", "--json")[1])

    assert 1 == run("shops", "add", shop, "--token", "shpat_wrong")[0]

    assert before == json.loads(run("shops", "list", "--json")[1])
    assert 0 == run("preview", "brass-lamp")[0]


def test_a_store_that_has_left_keeps_no_token_of_a_failed_adding(run, at):
    """It would be found there when the store comes back, and be taken for its new one."""
    house = open_house()
    house.shops.save(Shop(domain=SHOP, state="uninstalled", grant="offline", installed_at=utc_now()))

    assert 1 == run("shops", "add", SHOP, "--token", "shpat_wrong")[0]
    assert ("uninstalled", None) == (house.shops.find(SHOP).state, house.shops.token(SHOP))
    house.database.close()


def test_a_store_that_lacks_a_permission_is_added_and_says_so(run, at):
    """It is paused, with what lacks by name; everything else about it is right."""
    token = at.tokens.mint(SHOP, scopes=("write_products",)).value
    code, out, err = run("shops", "add", SHOP, "--token", token, "--json")

    assert (0, "paused") == (code, json.loads(out)["state"])
    assert err.startswith("Warning:")
    assert "write_files" in err


def test_a_store_of_another_organisation_is_told_its_own_way_in(run, at, monkeypatch):
    """Client credentials are for one's own stores; the message must not leave people there."""
    monkeypatch.setenv("IMAGEGEN__APP__PUBLIC_URL", "https://photos.example.com")
    at.faults.set("token.not_own", times=1)
    code, _, err = run("shops", "add", SHOP)

    assert 1 == code
    assert "open the app in its admin" in err
    assert f"https://photos.example.com/auth?shop={SHOP}" in err
    assert [] == json.loads(run("shops", "list", "--json")[1])


def test_a_token_that_never_ends_is_migrated_once(run, at):
    """Public apps must have done so by 2027-01-01."""
    token = at.tokens.mint(SHOP).value
    run("shops", "add", SHOP, "--token", token)

    assert [0, 1] == [run("shops", "migrate", SHOP)[0], run("shops", "migrate", SHOP)[0]]
    assert ["offline"] == [shop["grant"] for shop in json.loads(run("shops", "list", "--json")[1])]
    assert at.tokens.find(token, SHOP) is None
    assert 0 == run("preview", "brass-lamp")[0]


def test_a_token_that_shopify_does_not_exchange_is_kept(run, at):
    """It works today, and there would be no way back."""
    run("shops", "add", SHOP, "--token", at.tokens.mint(SHOP).value)
    at.tokens.revoke(shop=SHOP)
    code, _, err = run("shops", "migrate", SHOP)

    assert 1 == code
    assert "it is kept" in err
    assert ["static"] == [shop["grant"] for shop in json.loads(run("shops", "list", "--json")[1])]


def test_an_unknown_store_is_named(run):
    """Not a traceback, not silence."""
    code, _, err = run("shops", "remove", "other.myshopify.com")

    assert 1 == code
    assert "other.myshopify.com is not added" in err


def test_with_several_stores_one_must_be_named(run, shop):
    """Money would be spent for the wrong one."""
    assert 0 == run("shops", "add", "more-lamps.myshopify.com")[0]

    code, _, err = run("preview", "brass-lamp")

    assert 2 == code
    assert f"--shop more-lamps.myshopify.com | {shop}" in err
    assert 0 == run("preview", "brass-lamp", "--shop", shop)[0]


def test_a_preview_shows_every_word_and_spends_nothing(run, at, shop):
    """What would be bought, for how much, with which prompt."""
    code, out, _ = run("preview", "brass-lamp")

    assert 0 == code
    assert "2 pictures, $0.12 in all." in out
    assert "Brass lamp" in out
    assert 0 == httpx.get(f"{at.base_url}/sandbox/api/bill").json()["count"]


def test_a_preview_as_json_holds_the_whole_plan(run, shop):
    """For a dashboard, or for a diff after a change of settings."""
    plan = json.loads(run("preview", "brass-lamp", "--json")[1])

    assert ["Brass lamp", 2] == [plan["product_title"], len(plan["briefs"])]
    assert all(brief["prompt"] and brief["references"] for brief in plan["briefs"])


def test_a_preview_of_a_product_that_would_be_skipped_says_why(run, shop):
    """Exit code 1: nothing would be made."""
    code, out, _ = run("preview", "bare-shade", "--json")

    assert (1, "no_photos") == (code, json.loads(out)["why"])


@pytest.mark.parametrize("product", ["gid://shopify/Product/1", "1", "no-such-handle"])
def test_an_unknown_product_is_said_to_be_unknown(run, shop, product):
    """By id, number or handle."""
    code, out, err = run("preview", product)

    assert 1 == code
    assert "no such product" in (out + err).lower() or "no-such-handle" in err


def test_generate_without_a_worker_promises_nothing(run, shop):
    """It would wait for ever."""
    code, _, err = run("generate", "brass-lamp")

    assert 1 == code
    assert "no worker is running; start `shopify-imagegen serve` first" in err


def test_webhooks_are_subscribed_once(run, at, shop, monkeypatch):
    """For a store whose app was not deployed with shopify.app.toml."""
    code, _, err = run("webhooks", "subscribe")
    assert 2 == code
    assert "app.public_url" in err

    monkeypatch.setenv("IMAGEGEN__APP__PUBLIC_URL", "https://photos.example.com")
    assert 5 == len(json.loads(run("webhooks", "subscribe", "--json")[1])["subscribed"])
    again = json.loads(run("webhooks", "subscribe", "--json")[1])
    assert {"subscribed": [], "different": []} == again
    assert 5 == len(json.loads(run("webhooks", "list", "--json")[1]))


def test_the_app_s_configuration_file_is_checked(run, monkeypatch, tmp_path):
    """Before `shopify app deploy`, without a network."""
    text = (ROOT / "shopify.app.toml").read_text()
    (tmp_path / "shopify.app.toml").write_text(text)
    assert 0 == run("webhooks", "check")[0]

    (tmp_path / "other.toml").write_text(text.replace("customers/redact", "customers/forget"))
    code, out, _ = run("webhooks", "check", "--file", "other.toml", "--json")

    assert 1 == code
    assert ["customers/redact", "customers/forget"] == [each.split()[-1] for each in json.loads(out)["problems"]]


def test_doctor_finds_a_good_set_up_good(run, at, shop, monkeypatch):
    """All but the worker, which does not run here."""
    monkeypatch.setenv("IMAGEGEN__PROVIDER__GETIMG__API_KEY", "sandbox-key")
    monkeypatch.setenv("IMAGEGEN__APP__PUBLIC_URL", at.base_url)

    code, out, err = run("doctor", "--json")

    checks = {each["check"]: each["state"] for each in json.loads(out)["checks"]}
    well = ("settings", "database", "disk", "clock", "provider", "model", "token")
    assert (1, "") == (code, err)
    assert {"worker"} == {name for name, state in checks.items() if state == "failed"}
    assert dict.fromkeys(well, "ok") == {name: checks[name] for name in well}


def test_doctor_on_a_fresh_machine_says_what_to_do(run, tmp_path):
    """The first command of somebody who has just unpacked it; and it makes nothing."""
    code, out, _ = run("doctor")

    assert 1 == code
    assert "FAILED  settings: shopify.client_secret is empty" in out
    assert "→ copy the secret from Dev Dashboard > your app > Settings" in out
    assert "database: has no tables yet" in out
    assert [] == list(tmp_path.iterdir())


def test_the_tables_can_be_made_before_the_first_start(run):
    """What a platform calls the release phase; again it changes nothing."""
    first, second = (json.loads(run("migrate", "--json")[1]) for _ in range(2))

    assert first == second
    assert first["schema"]


def test_a_key_for_the_tokens_can_be_made(run, monkeypatch):
    """One that the settings take."""
    key = run("new-key")[1].strip()
    monkeypatch.setenv("IMAGEGEN__APP__ENCRYPTION_KEYS", key)

    assert 0 == run("shops", "list")[0]
    assert key != json.loads(run("new-key", "--json")[1])["key"]


def test_doctor_explains_settings_that_cannot_be_read(run, tmp_path):
    """The usual reason for running it."""
    (tmp_path / "config.toml").write_text("[images]\nper_product = 99")
    code, out, _ = run("doctor", "--json")

    assert 1 == code
    assert "images.per_product" in json.loads(out)["checks"][0]["said"]


@pytest.mark.parametrize("word", ["approve", "reject"])
def test_a_picture_that_does_not_exist_cannot_be_decided_on(run, word):
    """A mistyped id."""
    code, _, err = run("review", word, "0123456789abcdef")

    assert 1 == code
    assert "there is no picture 0123456789abcdef" in err


def test_the_sandbox_can_hold_a_merchants_own_products(tmp_path):
    """`sandbox --catalogue products.csv --images DIR`, paths relative to where it is started."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "lamp.jpg").write_bytes(photo(2))
    (tmp_path / "products.csv").write_text(
        "Handle,Title,Body (HTML),Image Src\nbrass-lamp,Brass lamp,<p>Warm.</p>,https://cdn.example.com/lamp_grande.jpg\n"
    )
    port = free_port()
    words = ["sandbox", "--port", str(port), "--catalogue", "products.csv", "--images", "photos"]
    with started(words, tmp_path) as process:
        products = wait_for(lambda: answer(f"http://127.0.0.1:{port}/sandbox/api/state"), 20, "the sandbox")["shops"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)

    assert 0 == process.returncode
    assert "Traceback" not in err
    (shop,) = products.values()
    assert [("Brass lamp", 1)] == [(each["title"], len(each["media"])) for each in shop["products"]]


def started(words, folder):
    import os

    return subprocess.Popen(
        [sys.executable, "-m", "shopify_imagegen", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def answer(url):
    try:
        return httpx.get(url, timeout=5).json()
    except httpx.TransportError:
        return None


# What a store sets for itself


def test_a_store_sets_its_own_settings(run, shop):
    """An agency sets each client's wishes without touching the file that all of them share."""
    assert 0 == run("shops", "settings", SHOP, "--set", "images.per_product=3", "--set", "prompts.style.mood=calm")[0]

    code, out, _ = run("shops", "settings", SHOP, "--json")
    said = json.loads(out)
    assert (0, 1) == (code, said["version"])
    assert {"images": {"per_product": 3}, "prompts": {"style": {"mood": "calm"}}} == said["set"]
    assert (3, "calm") == (said["in_use"]["images"]["per_product"], said["in_use"]["prompts"]["style"]["mood"])

    assert 0 == run("shops", "settings", SHOP, "--unset", "prompts")[0]
    assert "images.per_product = 3\n" == run("shops", "settings", SHOP)[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("images.per_product=30", "images.per_product: Input should be less than or equal to 10"),
        ("budget.all_per_day_usd=9", "budget.all_per_day_usd: is not for a shop to set"),
        ("per_product", "write KEY=VALUE"),
    ],
)
def test_a_setting_that_a_store_cannot_have_is_named(run, shop, change, said):
    """Exit code 2 like any other settings problem, and nothing is saved."""
    code, _, err = run("shops", "settings", SHOP, "--set", change)

    assert (2, True) == (code, said in err)
    assert 0 == json.loads(run("shops", "settings", SHOP, "--json")[1])["version"]


@pytest.mark.parametrize(
    "words", [["rollback"], ["rollback", "lamp", "--since", "6h"], ["rollback", "--since", "a while"]], ids=" ".join
)
def test_a_rollback_without_a_clear_aim_is_a_usage_error(run, shop, words):
    """Nothing is taken back by guessing."""
    code, out, err = run(*words)

    assert (2, "") == (code, out)
    assert "Error" in err


def test_a_rollback_of_a_product_without_our_pictures_says_so(run, shop):
    """And takes nothing."""
    code, out, _ = run("rollback", "brass-lamp", "--dry-run")

    assert (0, "There are no pictures of ours to take back.\n") == (code, out)
    assert {"dry_run": False, "products": []} == json.loads(run("rollback", "--since", "2026-11-22", "--json")[1])


def test_a_picture_that_nobody_has_is_named(run, shop):
    """A typo is no silent success."""
    code, _, err = run("rollback", "0" * 32)

    assert (1, True) == (code, f"there is no picture {'0' * 32}" in err)


@pytest.mark.parametrize(("asked", "workers"), [((), ["worker"]), (("--workers", "2"), ["worker 1", "worker 2"])])
def test_serve_runs_as_many_workers_as_asked_for(run, monkeypatch, asked, workers):
    """A provider that sells faster than one process buys and publishes is kept busy by two."""
    together = []
    monkeypatch.setattr(supervise, "run_together", lambda roles, **_: together.append(roles))

    assert 0 == run("serve", "--port", str(free_port()), *asked)[0]
    (roles,) = together
    assert [*workers, "web"] == list(roles)
    cores = [int(roles[name][roles[name].index("--core") + 1]) for name in workers]
    assert list(range(cores[0], cores[0] + len(workers))) == cores


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system gives no process a core of its own")
def test_a_worker_keeps_to_its_core():
    """Python runs one thread at a time; threads that hand over from core to core wait for each to wake."""
    told = "import os, shopify_imagegen.processes as p; p.keep_to_core({}); print(os.sched_getaffinity(0))"
    cores = sorted(os.sched_getaffinity(0))

    for number in range(len(cores) + 1):
        said = subprocess.run([sys.executable, "-c", told.format(number)], capture_output=True, text=True, check=True)
        assert f"{{{cores[number % len(cores)]}}}" == said.stdout.strip()
