"""The yardstick: what a diary says about the money, and which ends are right after it."""

import pytest

from tests.crash import diary, points, report
from tests.crash.diary import Moment
from tests.crash.matrix import Death

SENT = ["before ledger.sent 1 step", "after ledger.sent 1 step"]
CHARGED = [*SENT, f"before {points.SALE} 1 step", f"after {points.SALE} 1 step"]
SOLD = [*CHARGED, "before ledger.sold 1 step", "after ledger.sold 1 step"]
PAGES = {
    "not announced": (SENT[:1], points.Doubt(0, 0)),
    "announced, not sent": (SENT, points.Doubt(1, 0)),
    "sold, not written down": (CHARGED, points.Doubt(1, 1)),
    "receipt written down": (SOLD, points.Doubt(0, 0)),
}


def page(tmp_path, lines):
    file = tmp_path / "diary.txt"
    file.write_text("\n".join(lines))
    return diary.read(file)


@pytest.mark.parametrize(("lines", "doubt"), PAGES.values(), ids=PAGES.keys())
def test_doubt_lasts_from_the_announcement_to_the_receipt(tmp_path, lines, doubt):
    """A picture may be in doubt only there; anywhere else, a doubt is a bug."""
    assert doubt == points.doubt(page(tmp_path, lines))
    assert [points.expected(doubt)] == points.may_follow(page(tmp_path, lines))


def test_a_death_beside_the_work_may_strike_anywhere(tmp_path):
    """What the working thread did at that moment is not on the page."""
    assert 3 == len(points.may_follow(page(tmp_path, [*SOLD, "before watch.due 9 aside"])))


def test_a_point_is_passed_by_every_life():
    """A call that only one of the recorded lives made, such as one more look at a slow file, is no point."""
    always, once = Moment("media.file", "before", 1), Moment("media.file", "before", 2)

    assert [always] == points.all_points([always, once], [always])


def test_beside_the_work_only_the_first_moment_is_a_point():
    """Threads that repeat themselves would fill the matrix with one and the same death."""
    first, later = (Moment("watch.due", "before", number, in_step=False) for number in (1, 7))

    assert [first] == points.all_points([first, later], [first, later])


def test_the_page_names_no_private_part():
    """It is read by people who have never seen the wiring, and a rename there is no news to them."""
    calls = {call for call, _ in report.written()}

    assert {"photos.of", "ledger.sent", "step.buy"} <= calls
    assert [] == [call for call in calls if call.startswith("_")]


def test_the_whole_matrix_has_each_state_of_the_world():
    """And leaves out the many moments between which nothing has happened outside."""
    first = [Moment("line.buy", "before"), Moment("jobs.image", "before")]
    second = [Moment("jobs.image", "after"), Moment("jobs.image", "before", 2)]
    third = [Moment("jobs.image", "after", 2), Moment("line.buy", "after")]

    assert [*first, second[0], third[1]] == points.distinct([*first, *second, *third])


def test_the_part_that_is_always_run_has_each_port_from_both_sides():
    """Also a port with a single call."""
    calls = ["ledger.sent", "ledger.paid", "ledger.drop", "watch.touch"]
    every = [Moment(call, side) for call in calls for side in ("before", "after")]

    chosen = points.representative(every)

    assert {(port, side) for port in ("ledger", "watch") for side in ("before", "after")} == {
        (each.port, each.side) for each in chosen
    }


def test_a_cut_off_last_line_is_no_moment(tmp_path):
    """The diary of a machine that lost its power, say."""
    assert [Moment("ledger.sent", "before")] == page(tmp_path, [SENT[0], "after ledger.se"])


def test_a_doubled_effect_is_not_a_right_end():
    """Every test of this folder compares with these ends."""
    right = points.expected(points.Doubt(0, 0))
    doubled = ("sold", "sold twice", "files", "on the product", "twice on the product", "strangers", "counted")

    assert all(right != right | {name: right[name] + 1} for name in doubled)


def test_the_committed_table_is_held_against_what_is_seen():
    """It says where a picture is in doubt; a new such place must not go unnoticed."""
    doubt = points.expected(points.Doubt(1, 1))
    agrees, differs = (Death(Moment(f"ledger.{call}", "before"), [], doubt) for call in ("sold", "paid"))

    assert ["before ledger.paid: 1 published, 1 unknown (charged)"] == report.differences([agrees, differs])
