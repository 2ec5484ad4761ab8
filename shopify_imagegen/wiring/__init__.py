"""Settings become the running house. The only package that imports the adapters."""

from shopify_imagegen.adapters.database.vault import new_key
from shopify_imagegen.wiring.house import House, engine_url, open_house
from shopify_imagegen.wiring.records import utc_now

__all__ = ["House", "engine_url", "new_key", "open_house", "utc_now"]
