"""The frozen values that the rooms hand each other. No behaviour beyond reading themselves."""

from shopify_imagegen.models.arrivals import (
    AppUninstalled,
    Arrival,
    CustomerPrivacy,
    GenerateRequested,
    ImageApproved,
    Intent,
    JobRetried,
    ProductChanged,
    ProductDeleted,
    ScopesChanged,
    ShopRedact,
)
from shopify_imagegen.models.jobs import (
    FINAL_JOB_STATES,
    GO_ON,
    RESTING_JOB_STATES,
    Image,
    ImageState,
    Job,
    JobState,
    Outcome,
    Verdict,
)
from shopify_imagegen.models.money import (
    Ceiling,
    Purchase,
    PurchaseState,
    Receipt,
    Rendering,
)
from shopify_imagegen.models.plans import (
    WAITING,
    Brief,
    Plan,
    Reference,
    Skip,
    SkipReason,
    Trigger,
)
from shopify_imagegen.models.products import (
    Option,
    Photo,
    Product,
    StoredFile,
)
from shopify_imagegen.models.sessions import (
    Session,
)
from shopify_imagegen.models.shops import (
    Pause,
    Saved,
    Shop,
)
from shopify_imagegen.models.value import (
    MICRO_PER_USD,
    Value,
)
from shopify_imagegen.models.watching import (
    Cursor,
    Hold,
    Listed,
    Page,
    Watched,
)

__all__ = [
    "FINAL_JOB_STATES",
    "GO_ON",
    "MICRO_PER_USD",
    "RESTING_JOB_STATES",
    "WAITING",
    "AppUninstalled",
    "Arrival",
    "Brief",
    "Ceiling",
    "Cursor",
    "CustomerPrivacy",
    "GenerateRequested",
    "Hold",
    "Image",
    "ImageApproved",
    "ImageState",
    "Intent",
    "Job",
    "JobRetried",
    "JobState",
    "Listed",
    "Option",
    "Outcome",
    "Page",
    "Pause",
    "Photo",
    "Plan",
    "Product",
    "ProductChanged",
    "ProductDeleted",
    "Purchase",
    "PurchaseState",
    "Receipt",
    "Reference",
    "Rendering",
    "Saved",
    "ScopesChanged",
    "Session",
    "Shop",
    "ShopRedact",
    "Skip",
    "SkipReason",
    "StoredFile",
    "Trigger",
    "Value",
    "Verdict",
    "Watched",
]
