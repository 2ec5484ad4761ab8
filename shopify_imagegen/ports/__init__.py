"""What the doing modules ask of the neighbours. Each Protocol is kept by an adapter and by a fake in the tests."""

from shopify_imagegen.ports.backfills import (
    BackfillNumbers,
    Backfills,
    Past,
)
from shopify_imagegen.ports.money import (
    Decisions,
    Ledger,
    Spool,
)
from shopify_imagegen.ports.numbers import (
    Meter,
    Overview,
)
from shopify_imagegen.ports.pictures import (
    Downloads,
    ImageProvider,
)
from shopify_imagegen.ports.shops import (
    Consent,
    Erase,
    Pauses,
    Sessions,
    Shops,
    ShopSettings,
    Tokens,
)
from shopify_imagegen.ports.store import (
    Cards,
    Catalog,
    Catalogue,
    FlowTriggers,
    Installation,
    Media,
    Metafields,
    Outside,
    Variants,
)
from shopify_imagegen.ports.waits import Clock, Patience, Sleep, T
from shopify_imagegen.ports.work import Cursors, Holds, Inbox, Jobs, Pictures, Told, Watch, Wishes

__all__ = [
    "BackfillNumbers",
    "Backfills",
    "Cards",
    "Catalog",
    "Catalogue",
    "Clock",
    "Consent",
    "Cursors",
    "Decisions",
    "Downloads",
    "Erase",
    "FlowTriggers",
    "Holds",
    "ImageProvider",
    "Inbox",
    "Installation",
    "Jobs",
    "Ledger",
    "Media",
    "Metafields",
    "Meter",
    "Outside",
    "Overview",
    "Past",
    "Patience",
    "Pauses",
    "Pictures",
    "Sessions",
    "ShopSettings",
    "Shops",
    "Sleep",
    "Spool",
    "T",
    "Tokens",
    "Told",
    "Variants",
    "Watch",
    "Wishes",
]
