"""A real worker process of the real house whose waits between tries are short: hours become seconds. See `street`."""

import sys

from shopify_imagegen import logs, processes
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House


def main(waits):
    settings = load(None)
    logs.set_up(settings.app.log_level, settings.app.log_format)
    house = House(settings, waits=waits)
    migrate(house.database)
    processes.run_worker(house.worker(), grace_s=settings.app.stop_within_s)


if __name__ == "__main__":
    main(float(sys.argv[1]))
