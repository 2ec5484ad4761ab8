"""A process stops between its steps: what runs may finish, nothing begins, and no wait is waited for."""

import threading

import pytest

from shopify_imagegen.steps import ProcessEnds, Steps

LIMIT_S = 10


@pytest.fixture
def aside():
    """Run something in a thread of its own; it has ended when the test has."""
    begun = []

    def aside(do):
        thread = threading.Thread(target=do)
        thread.start()
        begun.append(thread)
        return thread

    yield aside
    for thread in begun:
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def test_a_running_step_is_waited_for(aside):
    """A paid call is under way."""
    steps, begun, gate = Steps(), threading.Event(), threading.Event()

    def step():
        with steps:
            begun.set()
            gate.wait(LIMIT_S)

    aside(step)
    assert begun.wait(LIMIT_S)

    assert not steps.close(0.01)
    gate.set()
    assert steps.close(LIMIT_S)


def test_no_step_begins_after_the_end():
    """It goes on in the next process."""
    steps = Steps()
    assert steps.close(0)

    with pytest.raises(ProcessEnds), steps:
        pytest.fail("began")


def test_the_end_of_a_process_is_no_failure():
    """`except Exception` must not write down a failure that was none."""
    assert not issubclass(ProcessEnds, Exception)


def test_a_wait_within_a_step_ends_with_the_process(aside):
    """Shopify said: come back in two minutes. A redeploy does not wait for that."""
    steps, begun, ended = Steps(), threading.Event(), []

    def step():
        try:
            with steps:
                begun.set()
                steps.sleep(3600)
        except ProcessEnds:
            ended.append(True)

    thread = aside(step)
    assert begun.wait(LIMIT_S)

    assert steps.close(LIMIT_S)
    thread.join(LIMIT_S)
    assert [True] == ended


def test_a_wait_is_as_long_as_was_asked():
    """And not cut while nothing ends."""
    steps = Steps(waits=0.001)

    with steps:
        steps.sleep(20)

    assert steps.close(0)


def test_a_step_that_fails_has_ended():
    """Its error is not for us, but the count is."""
    steps = Steps()
    with pytest.raises(KeyError), steps:
        raise KeyError

    assert steps.close(0)
