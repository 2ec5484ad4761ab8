"""A pace that lets bursts through, and nobody starve another."""

from shopify_imagegen.buckets import REMEMBERED, Buckets


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def test_a_burst_passes_and_then_one_at_a_time():
    """A page loads a dozen things at once; a script that never stops is slowed down."""
    clock = Clock()
    buckets = Buckets(per_minute=60, at_once=3, monotonic=clock)

    assert [0, 0, 0, 1.0] == [buckets.wait_s("a") for _ in range(4)]
    clock.now_s += 1
    assert [0, 1.0] == [buckets.wait_s("a") for _ in range(2)]


def test_each_has_a_bucket_of_its_own():
    """One shop's script must not lock out another shop."""
    buckets = Buckets(per_minute=60, at_once=1, monotonic=Clock())

    assert [0, 0] == [buckets.wait_s("a"), buckets.wait_s("b")]


def test_only_so_many_are_remembered():
    """Addresses are free for the taking; memory is not."""
    buckets = Buckets(per_minute=60, at_once=1, monotonic=Clock())
    for number in range(REMEMBERED + 50):
        buckets.wait_s(str(number))

    assert REMEMBERED == len(buckets._left)
