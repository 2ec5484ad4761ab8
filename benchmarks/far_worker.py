"""A worker whose Shopify is far away and whose provider takes no time: `python -m benchmarks.far_worker FOLDER`."""

import signal
import sys
import time
from functools import cached_property
from pathlib import Path

import httpx

from benchmarks.backfill import quick_house

ANSWER_S = 0.3  # that each answer of Shopify takes on its way


def main(folder):
    worker = far_house(folder).worker()
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run(grace_s=10)


def far_house(folder):
    """The house with a provider that needs no time, and the way to Shopify made long."""

    class Far:
        @cached_property
        def shopify(self):
            neighbour = super().shopify
            for client in neighbour.clients:
                client._transport = FarAway()
            return neighbour

    return quick_house(folder, latency_s=0, mixed_in=(Far,))


class FarAway(httpx.HTTPTransport):
    """Keeps each request for a while; nothing of this machine is busy meanwhile."""

    def handle_request(self, request):
        time.sleep(ANSWER_S)
        return super().handle_request(request)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
