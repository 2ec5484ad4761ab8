"""What is for sale: models, ratios, resolutions, prices, and the pixels that each pair really has."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

RATIOS = ("1:1", "2:3", "3:2", "4:3", "3:4", "4:5", "16:9", "9:16", "21:9")
LANDSCAPE_PX = {  # the vendor publishes no table; these are what resellers of the same model list, read 2026-11-22
    "1K": {"1:1": (1024, 1024), "3:2": (1536, 1024), "4:3": (1024, 768), "16:9": (1536, 864), "21:9": (2016, 864)},
    "2K": {"1:1": (2048, 2048), "3:2": (2048, 1360), "4:3": (2048, 1536), "16:9": (2048, 1152), "21:9": (2688, 1152)},
}
PORTRAIT_OF = {"2:3": "3:2", "3:4": "4:3", "9:16": "16:9"}
TALL_PX = {"1K": (1024, 1280), "2K": (2048, 2560)}  #: 4:5, which has no landscape twin here


@dataclass(frozen=True)
class Model:
    """A model as the price list has it."""

    id: str
    name: str
    prices_usd: dict[str, Decimal]  #: by resolution
    references: int = 10

    def shown(self) -> dict[str, object]:
        """The wire form of `GET /v2/models/{id}`."""
        rates = [
            {"billable_unit": "image", "resolution": resolution, "sound": None, "unit_price": str(price)}
            for resolution, price in self.prices_usd.items()
        ]
        return {
            "id": self.id,
            "name": self.name,
            "created_at": "2026-04-21T00:00:00Z",
            "type": "image",
            "pricing": {"currency": "USD", "rates": rates},
            "supported_aspect_ratios": list(RATIOS),
            "supported_resolutions": list(self.prices_usd),
            "supported_references": {"reference_image": self.references},
            "supported_durations": [],
            "supports_sound": False,
        }


MODELS = {
    model.id: model
    for model in (
        Model("gpt-image-2", "GPT Image 2", {"1K": Decimal("0.06"), "2K": Decimal("0.12")}),
        Model("seedream-5-lite", "Seedream 5 Lite", {"1K": Decimal("0.03"), "2K": Decimal("0.05")}, references=4),
    )
}


def size_px(aspect_ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels."""
    if aspect_ratio == "4:5":
        return TALL_PX[resolution]
    if aspect_ratio in PORTRAIT_OF:
        width, height = LANDSCAPE_PX[resolution][PORTRAIT_OF[aspect_ratio]]
        return height, width
    return LANDSCAPE_PX[resolution][aspect_ratio]
