"""The round: no check raises, none keeps the others waiting, and the order stays."""

import threading

from shopify_imagegen.checkup.finding import ok
from shopify_imagegen.checkup.rounds import Check, examine
from shopify_imagegen.errors import BadCredentials


def well(name):
    return Check(name, lambda: [ok(name, "well")])


def broken(error):
    def ask():
        raise error

    return Check("broken", ask, "nice-lamps.myshopify.com")


def test_what_a_check_raises_is_its_finding():
    """A doctor that falls over the first wound helps nobody."""
    found = list(examine([well("a"), broken(BadCredentials("no key")), well("b")]))

    assert [("a", "ok"), ("broken", "failed"), ("b", "ok")] == [(each.check, each.state) for each in found]
    assert ("no key", "nice-lamps.myshopify.com") == (found[1].said, found[1].about)


def test_a_mistake_in_a_check_is_said_to_be_one(caplog):
    """And its traceback is in the log."""
    [found] = examine([broken(KeyError("x"))])

    assert "KeyError" in found.said
    assert "please report it" in found.todo
    assert caplog.records[0].exc_info


def test_a_check_that_hangs_is_left_behind():
    """A neighbour that swallows packets must not swallow the command."""
    never = threading.Event()
    found = list(examine([Check("hangs", lambda: [ok("hangs", str(never.wait()))]), well("b")], within_s=0.5))
    never.set()

    assert [("hangs", "failed"), ("b", "ok")] == [(each.check, each.state) for each in found]


def test_many_checks_are_taken_a_few_at_a_time():
    """A thousand stores are not a thousand threads."""
    running, most = [], []

    def ask():
        running.append(1)
        most.append(len(running))
        running.pop()
        return [ok("x", "")]

    assert 30 == len(list(examine([Check("x", ask)] * 30)))
    assert max(most) <= 8
