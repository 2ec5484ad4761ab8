"""The table of faults and what comes of them, docs/faults.md: written from what a run has found."""

import re
from itertools import groupby

from tests.faults.cases import FOR_GOOD, ONCE

HEAD = """\
# Faults and what comes of them

Every fault that the sandbox can play, and what a merchant may do meanwhile, each against the real app: its processes,
real HTTP, one picture to be bought for $0.06. This page is written from such a run by `make faults`, and `make test`
compares it with a run of its own. In all of them no picture was bought twice, no original was touched, and the ledger
agreed with the provider's bill to the cent; it said more only where it says "perhaps paid".

"For good" means until the job rests. In *italics*: what changed when the fault was over and the job was taken up again,
by itself (paused jobs, and pictures that were paid for) or by `shopify-imagegen jobs retry JOB`.

| fault | strikes once | strikes for good | money | what the merchant reads |
|---|---|---|---|---|
"""
PRIVATE = [  # what differs from run to run
    (re.compile(r"fault-\d+\.myshopify\.com"), "the store"),
    (re.compile(r"req-[0-9a-f]{32}"), "…"),
    (re.compile(r"127\.0\.0\.1(:\d+)?"), "the provider"),
]
MONEY = {"paid": "paid", "sold": "paid", "unknown": "perhaps paid", "refused": "nothing"}


def page(everything):
    """The whole document."""
    rows = [row(list(plays)) for _, plays in groupby(everything, key=lambda played: played.case.name)]
    return HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def row(plays):
    by_strikes = {played.strikes: played for played in plays}
    once, for_good = by_strikes.get(ONCE), by_strikes.get(FOR_GOOD)
    worst = for_good if for_good and for_good.first.state != "published" else once
    return (plays[0].case.name, outcome(once), outcome(for_good), money(plays), said(worst))


def outcome(played):
    """Where it ended; and where it ended when the fault was over, if that is another place."""
    if played is None:
        return ""
    ends = [ending(found) for found in (played.first, played.then) if found]
    return ends[0] if len(set(ends)) == 1 else f"{ends[0]}, *{ends[1]}*"


def ending(found):
    states = sorted({state for state, _ in found.images} - {found.state})
    words = found.state.replace("_", " ")
    return f"{words} ({', '.join(states)})" if states else words


def money(plays):
    """What the first round cost."""
    costs = [cost(played.first) for played in plays]
    return costs[0] if len(set(costs)) == 1 else f"once: {costs[0]}; for good: {costs[1]}"


def cost(found):
    return ", ".join(sorted(MONEY[state] for state in found.ledger)) or "nothing"


def said(played):
    """The first round's reason, without what differs from run to run."""
    words = played.first.reason
    for pattern, instead in PRIVATE:
        words = pattern.sub(instead, words)
    return words.replace("|", "\\|")
