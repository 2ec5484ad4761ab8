"""What we ask Shopify for, beside what a store sends."""

from shopify_imagegen.models import Subscription
from shopify_imagegen.subscriptions import CONTENT_FIELDS, TOPICS, address, compared, enum

URL = "https://photos.example.com"


def subscription(topic, **fields):
    usual = {"id": topic, "topic": enum(topic), "uri": address(URL)}
    usual["include_fields"] = CONTENT_FIELDS if topic == "products/update" else ()
    return Subscription(**{**usual, **fields})


ALL = [subscription(topic) for topic in TOPICS]


def test_nothing_is_missing_when_all_are_there():
    """The command can be run again and again."""
    found = compared(ALL, URL + "/")

    assert ((), (), len(TOPICS)) == (found.missing, found.different, len(found.there))


def test_what_goes_to_another_address_is_somebody_else_s():
    """A second deployment of the same app, or the one before a move."""
    elsewhere = [each.model_copy(update={"uri": "https://old.example.com/webhooks"}) for each in ALL]

    assert list(TOPICS) == [each.topic for each in compared(elsewhere, URL).missing]


def test_updates_are_asked_for_with_the_fields_that_keep_our_echoes_away():
    """Without them each picture of ours comes back, twice."""
    wanted = {each.topic: each.include_fields for each in compared([], URL).missing}

    assert CONTENT_FIELDS == wanted.pop("products/update")
    assert {()} == set(wanted.values())


def test_a_subscription_with_other_fields_or_a_filter_is_told_apart():
    """It is there, so it is not missing; but it does not do what it should."""
    others = [
        subscription("products/update", include_fields=()),
        subscription("products/create", filter="status:active"),
    ]

    found = compared([*ALL[2:], *others], URL)

    assert ({"products/update", "products/create"}, ()) == ({each.id for each in found.different}, found.missing)


def test_a_topic_that_is_not_ours_is_left_out():
    """Made by hand for another purpose."""
    assert 1 == len(compared([ALL[0], subscription("orders/paid")], URL).there)
