"""The settings: what the example says is so, and a wrong file is explained key by key without quoting a secret."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from shopify_imagegen.errors import ConfigError
from shopify_imagegen.settings import OverrideSection, Settings, load, microusd, parse

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
TABLE = re.compile(r"#?\s*\[([^\]]+)\]\s*(?:#.*)?")
KEY = re.compile(r"(#\s*)?([a-z_]+)\s*=\s*(\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|[^#\s]+)(?:\s+#\s*(.+))?")
FREE_TABLES = {"prompts.by_type": OverrideSection, "prompts.by_tag": OverrideSection}  # the merchant names their keys


def lines_of_the_example():
    """(section, key, meaning) of each key that the example shows, commented out or not."""
    section = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if table := TABLE.fullmatch(line):
            section = table[1].replace('"', "")
        elif key := KEY.fullmatch(line):
            yield section, key[2], key[4] or ""


def keys_of(model, path=""):
    """Every key under *model*, as the example names it; tables that the merchant names have one made-up entry each."""
    for name, field in model.model_fields.items():
        here = f"{path}.{name}".removeprefix(".")
        kind = field.annotation
        if here in FREE_TABLES:
            yield from keys_of(FREE_TABLES[here], here)
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys_of(kind, here)
        else:
            yield here


def shown_keys():
    """The example's keys without the names that a merchant would choose."""
    for section, key, _meaning in lines_of_the_example():
        free = next((table for table in FREE_TABLES if section.startswith(f"{table}.")), section)
        yield f"{free}.{key}"


def test_every_setting_is_in_the_example():
    """A key that nobody can find is no setting."""
    assert set() == set(keys_of(Settings)) - set(shown_keys())


def test_the_example_shows_no_setting_that_does_not_exist():
    """A key that was renamed must not live on in the example."""
    assert set() == set(shown_keys()) - set(keys_of(Settings))


def test_every_setting_in_the_example_says_what_it_means():
    """One line of meaning each: a merchant reads this file, not the code."""
    assert [] == [f"{section}.{key}" for section, key, meaning in lines_of_the_example() if len(meaning) < 8]


def test_the_example_shows_the_defaults():
    """Who copies the example and changes one line changes one thing."""
    assert Settings() == parse(EXAMPLE.read_text(encoding="utf-8"), {})


def test_the_example_holds_no_secret():
    """It is copied, published, and pasted into bug reports."""
    example = parse(EXAMPLE.read_text(encoding="utf-8"), {})

    assert () == example.app.encryption_keys
    assert [""] * 4 == [
        secret.get_secret_value()
        for secret in (
            example.shopify.client_secret,
            example.shopify.old_client_secret,
            example.provider.getimg.api_key,
            example.provider.openai.api_key,
        )
    ]


def test_the_examples_that_are_commented_out_are_valid_too():
    """They are there to be switched on."""
    text = EXAMPLE.read_text(encoding="utf-8")
    begun = text[text.index("# [prompts.by_type") :]
    settings = parse("\n".join(line.removeprefix("#").strip() for line in begun.splitlines()), {})

    assert "the lamp is on" == settings.prompts.by_type["Table lamps"].note
    assert "a festive table" == settings.prompts.by_tag["christmas"].note


def test_all_problems_are_told_at_once_by_key():
    """One round of mending, not five."""
    with pytest.raises(ConfigError) as problems:
        parse(
            """
            [app]
            log_level = "loud"
            [images]
            per_product = 0
            colour = "red"
            [budget]
            per_day_usd = -1
            """,
            {"IMAGEGEN__SHOPIFY__TIMEOUT_S": "soon", "IMAGEGEN__SHOPFIY__CLIENT_ID": "x"},
        )

    told = str(problems.value).splitlines()
    assert 6 == len(told)
    for key in ("app.log_level", "images.per_product", "images.colour", "budget.per_day_usd", "shopify.timeout_s"):
        assert any(line.startswith(f"{key}: ") for line in told), key
    assert any("IMAGEGEN__SHOPFIY__CLIENT_ID: there is no such section" in line for line in told)


def test_a_problem_names_the_variable_that_can_set_the_key():
    """Half of the installations have no file at all."""
    with pytest.raises(ConfigError, match=r"shopify\.timeout_s: .* \(or set IMAGEGEN__SHOPIFY__TIMEOUT_S\)"):
        parse("[shopify]\ntimeout_s = 0", {})


@pytest.mark.parametrize(
    ("toml", "env"),
    [
        pytest.param('[shopify]\nclient_secret = ["hush-hush"]', {}, id="wrong kind in the file"),
        pytest.param('[shopify]\nclient_secrets = "hush-hush"', {}, id="misspelt key"),
        pytest.param("", {"IMAGEGEN__SHOPIFY__CLIENT_SECRT": "hush-hush"}, id="misspelt variable"),
        pytest.param('[provider.getimg]\napi_key = "hush-hush"\nconcurrency = 0', {}, id="beside another problem"),
        pytest.param("[shopify]\nclient_secret = hush-hush", {}, id="not TOML"),
        pytest.param("", {"IMAGEGEN__PROVIDER__GETIMG": '{"api_key": "hush-hush", "x": 1}'}, id="a table as JSON"),
    ],
)
def test_no_problem_quotes_a_value(toml, env):
    """Problems are printed, logged and mailed; the value may be the secret in the wrong place."""
    with pytest.raises(ConfigError) as problem:
        parse(toml, env)

    assert "hush-hush" not in repr(problem.value)
    assert problem.value.__suppress_context__, "a traceback would show pydantic's own error, which quotes values"


@pytest.mark.parametrize("key", ["provider.getimg.api_key", "shopify.client_id", "shopify.client_secret"])
@pytest.mark.parametrize(
    "value", ["…", "abc\ndef", "schlüssel"], ids=["the dots of an example", "two lines", "accents"]
)
def test_what_cannot_be_a_key_is_refused_at_the_start(key, value):
    """It would fail in the first paid call, or refuse every webhook; and nobody would think of the dots."""
    variable = f"IMAGEGEN__{key.upper().replace('.', '__')}"

    with pytest.raises(ConfigError, match=rf"{key}: has characters that no key has") as refused:
        parse("", {variable: value})

    assert value not in str(refused.value).replace("the … of", "")


def test_secrets_do_not_show_in_the_settings_text():
    """Somebody will print the settings one day."""
    shown = repr(parse('[shopify]\nclient_secret = "hush"\n[database]\nurl = "postgresql://me:hush@host/db"', {}))

    assert "hush" not in shown


def test_the_environment_wins_over_the_file():
    """Twelve-factor hosts set variables and nothing else."""
    settings = parse('[images]\nper_product = 3\naspect_ratio = "1:1"', {"IMAGEGEN__IMAGES__PER_PRODUCT": "4"})

    assert (4, "1:1") == (settings.images.per_product, settings.images.aspect_ratio)


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("IMAGEGEN__TRIGGER__STATUSES", "active, draft", lambda s: s.trigger.statuses == ("active", "draft")),
        ("IMAGEGEN__TRIGGER__STATUSES", '["draft"]', lambda s: s.trigger.statuses == ("draft",)),
        ("imagegen__trigger__quiet_s", "2.5", lambda s: s.trigger.quiet_s == 2.5),
        ("IMAGEGEN__TRIGGER__RULES__NOT_TAGS", "sample", lambda s: s.trigger.rules.not_tags == ("sample",)),
        ("IMAGEGEN__APP__ENCRYPTION_KEYS", "a,b", lambda s: s.app.encryption_keys == (SecretStr("a"), SecretStr("b"))),
        (
            "IMAGEGEN__PROVIDER__GETIMG__PRICES_USD",
            '{"1k": "0.05"}',
            lambda s: s.provider.getimg.prices_usd == {"1K": Decimal("0.05")},
        ),
        ("IMAGEGEN__TRIGGER__ON_CREATE", "false", lambda s: s.trigger.on_create is False),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_variable_may_set_any_kind_of_key(variable, value, read):
    """Lists, numbers, tables and switches, nested to any depth, upper or lower case."""
    assert read(parse("", {variable: value}))


def test_variables_of_others_are_ignored():
    """The process has hundreds of them, and one that only begins like ours."""
    assert Settings() == parse("", {"PATH": "/bin", "IMAGEGEN_CONFIG": "x.toml", "IMAGEGENERAL__APP__PORT": "1"})


@pytest.mark.parametrize(
    "key", ["shopify.base_url", "provider.getimg.base_url", "provider.openai.base_url", "app.public_url"]
)
@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://api.example.com", True),
        ("http://127.0.0.1:8081/shops/{shop}", True),
        ("http://localhost:8081", True),
        ("http://[::1]:8081", True),
        ("http://api.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("ftp://127.0.0.1", False),
        ("api.example.com", False),
    ],
)
def test_an_address_is_https_or_on_this_machine(key, url, is_safe):
    """A typo cannot send a token in the clear."""
    section, _, name = key.rpartition(".")
    toml = f'[{section}]\n{name} = "{url}"'
    if is_safe:
        assert parse(toml, {})
        return
    with pytest.raises(ConfigError, match=f"{re.escape(key)}: must begin with https://"):
        parse(toml, {})


def test_the_resolution_in_use_has_a_price():
    """Without a price nothing can be set aside before the call."""
    with pytest.raises(ConfigError, match=r"provider\.getimg\.prices_usd: has no price for 2K"):
        parse('[provider.getimg]\nresolution = "2K"\nprices_usd = { "1K" = 0.06 }', {})


def test_no_price_is_zero():
    """A picture that costs nothing would pass every budget."""
    with pytest.raises(ConfigError, match=r"provider\.getimg\.prices_usd\.1K: .*greater than 0"):
        parse('[provider.getimg]\nprices_usd = { "1K" = 0 }', {})


def test_money_is_counted_exactly():
    """A float would make 0.06 something else."""
    assert 60_000 == microusd(parse("", {}).provider.getimg.prices_usd["1K"])
    assert 100_000 == microusd(parse("[budget]\nper_image_usd = 0.1", {}).budget.per_image_usd)


def test_settings_cannot_be_changed_later():
    """They are read once; whoever holds them sees the same."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().images.per_product = 5


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    """`config.toml` is optional."""
    monkeypatch.chdir(tmp_path)

    assert Settings() == load(None, {})


def test_config_toml_is_found_by_itself(tmp_path, monkeypatch):
    """The common case needs no option."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text("[images]\nper_product = 3")

    assert 3 == load(None, {}).images.per_product


def test_a_named_file_must_exist(tmp_path):
    """Falling back to defaults would spend money by other rules than the merchant's."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: there is no such settings file"):
        load(tmp_path / "nowhere.toml", {})


def test_the_variable_names_the_file(tmp_path):
    """As DESIGN.md says: IMAGEGEN_CONFIG."""
    (tmp_path / "shop.toml").write_text("[images]\nper_product = 7")

    assert 7 == load(None, {"IMAGEGEN_CONFIG": str(tmp_path / "shop.toml")}).images.per_product


def test_a_problem_in_a_file_names_the_file(tmp_path):
    """There may be several."""
    (tmp_path / "shop.toml").write_text("[images]\nper_product = 70")

    with pytest.raises(ConfigError, match=r"shop\.toml:\nimages\.per_product"):
        load(tmp_path / "shop.toml", {})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[images", b"per_product = "], ids=["not UTF-8", "cut", "half"])
def test_a_broken_file_is_a_problem_of_settings(tmp_path, content):
    """Exit code 2 and one line, not a traceback."""
    (tmp_path / "config.toml").write_bytes(content)

    with pytest.raises(ConfigError, match=r"config\.toml"):
        load(tmp_path / "config.toml", {})


def test_the_example_is_toml_that_others_read_too():
    """Editors and linters read it with plain TOML."""
    assert set(Settings.model_fields) == set(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))
