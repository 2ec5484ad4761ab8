"""A sandbox with many products, for benchmarks: `python -m benchmarks.store 10000 0.05` prints its address and serves.

The second argument: seconds that a picture is in processing.
"""

import sys
import threading
from dataclasses import replace

from benchmarks.backfill import DESCRIPTION, SHOP, TYPES
from shopify_imagegen.sandbox.control import was_there_before
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.products import Draft, Photo, add_product
from shopify_imagegen.sandbox.shop.state import Rules
from tests.end_to_end.house import photo

PLUS = Rules(job_delay_s=0.05, bulk_delay_s=0.1, bucket_points=20_000, restore_points_per_s=2000)
KINDS_OF_PHOTO = 20


def main(products, media_s):
    """One in twenty has no photo, as in life."""
    pictures = [photo(seed=number) for number in range(KINDS_OF_PHOTO)]
    with running(replace(PLUS, media_delay_s=media_s)) as sandbox:
        store = sandbox.store
        for number in range(products):
            photos = [Photo(f"photo-{number}.jpg", pictures[number % KINDS_OF_PHOTO])] if number % 20 else []
            draft = Draft(
                title=f"Oak side table {number}",
                product_type=TYPES[number % len(TYPES)],
                description_html=DESCRIPTION,
                tags=("summer", "oak"),
                photos=photos,
            )
            with store.lock:
                was_there_before(add_product(store, store.shop(SHOP), draft, quietly=True))
        print(store.base_url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
