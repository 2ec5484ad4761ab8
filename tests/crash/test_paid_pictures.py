"""A picture that was paid for is never thrown away: while the store takes no files it waits, whoever dies meanwhile."""

import signal

from tests.crash import points

REFUSED = "after http.POST-staged-uploads 1"


def test_a_paid_picture_waits_until_the_store_takes_files_again(yard):
    """The uploads fail, a worker dies over it, and so does the next; the bytes are in our own database."""

    def live(nursery, deaths):
        life = yard.life()
        faults = yard.sandbox.store.faults
        try:
            faults.set("staged.403", shop=life.shop)
            product = life.add_product()
            life.deliver(product)
            for _ in range(deaths):
                assert -signal.SIGKILL == life.until_dead(life.worker(nursery, until=REFUSED)), life.log[-3000:]
            kept = life.seen(product)
            faults.clear("staged.403")
            life.worker(nursery)
            life.until_done(product)
            return {name: kept[name] for name in ("sold", "spooled", "files")}, life.seen(product)
        finally:
            faults.clear("staged.403")
            life.close()

    (kept, seen), *_ = yard.side_by_side(live, [2])

    assert {"sold": 2, "spooled": 2, "files": 0} == kept
    assert points.expected(points.Doubt(0, 0)) == seen
