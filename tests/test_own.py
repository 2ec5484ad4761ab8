"""What a shop may set for itself: its own house style and limits, never the operator's purse, keys or files."""

from decimal import Decimal

import pytest

from shopify_imagegen.errors import ConfigError
from shopify_imagegen.own import MAY, own_part, tailored
from shopify_imagegen.settings import Settings, parse

FILE = parse(
    '[images]\nper_product = 3\n[trigger.rules]\nnot_tags = ["sample"]\n[prompts.by_tag.summer]\nnote = "a beach"', {}
)


def test_nothing_set_changes_nothing():
    """The file's values are the defaults of every shop."""
    assert FILE == tailored(FILE, {})
    assert FILE == tailored(FILE, own_part(FILE))


def test_a_shops_values_lie_over_the_files():
    """Key by key: what a shop has not set follows the file."""
    document = {"images": {"per_product": 1}, "prompts": {"style": {"mood": "calm"}}, "budget": {"per_day_usd": "2.50"}}

    own = tailored(FILE, document)

    assert (1, "4:5") == (own.images.per_product, own.images.aspect_ratio)
    assert ("calm", "never") == (own.prompts.style.mood, own.prompts.style.people)
    assert (Decimal("2.50"), Decimal("50")) == (own.budget.per_day_usd, own.budget.per_month_usd)
    assert ("sample",) == own.trigger.rules.not_tags


def test_a_table_of_names_is_replaced_whole():
    """Otherwise a shop could never take away an entry that the file has."""
    own = tailored(FILE, {"prompts": {"by_tag": {"winter": {"note": "snow"}}}})

    assert {"winter"} == set(own.prompts.by_tag)
    assert {} == tailored(FILE, {"prompts": {"by_tag": {}}}).prompts.by_tag


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"shopify": {"client_id": "mine"}}, "shopify: is not for a shop to set"),
        ({"provider": {"name": "openai"}}, "provider: is not for a shop to set"),
        ({"budget": {"all_per_day_usd": 9999}}, "budget.all_per_day_usd: is not for a shop to set"),
        ({"prompts": {"template": "/etc/passwd"}}, "prompts.template: is not for a shop to set"),
        ({"prompts": {"scenes_dir": "/"}}, "prompts.scenes_dir: is not for a shop to set"),
        ({"images": ["per_product"]}, "images: must be a table of keys"),
        ({"budget": {"per_day_usd": 5.01}}, "budget.per_day_usd: at most 5, as the settings file says"),
        ({"prompts": {"style": {"avoid": ["x" * 40_000]}}}, "all together: 40,039 characters; at most 32,000 are kept"),
        ({"trigger": {"quiet": 3}}, "trigger.quiet: there is no such key"),
        ({"images": {"per_product": 0}}, "images.per_product: Input should be greater than or equal to 1"),
        ({"publish": {"mode": "SECRET"}}, "publish.mode: Input should be 'auto' or 'review'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_shop_may_not_set_is_named(document, said):
    """A problem names its key and quotes no value."""
    with pytest.raises(ConfigError) as caught:
        tailored(FILE, document)

    assert said == str(caught.value)


def test_all_problems_are_told_at_once():
    """A form shows each of them beside its field."""
    with pytest.raises(ConfigError) as caught:
        tailored(FILE, {"images": {"per_product": 0, "aspect_ratio": "5:5"}})

    assert ["images.aspect_ratio", "images.per_product"] == [
        line.split(":")[0] for line in str(caught.value).splitlines()
    ]


def test_no_secret_is_in_the_part_of_a_shop():
    """It is shown on pages."""
    assert set(MAY) == set(own_part(Settings()))
    assert "all_per_day_usd" not in own_part(Settings())["budget"]
