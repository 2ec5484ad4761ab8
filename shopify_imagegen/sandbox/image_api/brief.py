"""What the prompt asks for: words to room, surface, light and staging. Pure; the same words give the same picture."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from random import Random

SCENE_BLOCK = re.compile(r"\bscene\b\s*[:\-]\s*(.+?)(?=\n\s*[A-Z][A-Z ]{5,}|\n\s*\n|\Z)", re.IGNORECASE | re.DOTALL)
PART = re.compile(r"\b(surface|light|mood)\s*:\s*")
SHARE = re.compile(r"\babout (\d{2}) ?(?:%|percent)")

ROOM_WORDS = {
    "kitchen": "kitchen counter countertop worktop pantry stove cooking breakfast dining",
    "living_room": "living lounge sofa couch coffee-table sideboard fireplace reading armchair",
    "office": "desk office workspace work study studying library bookshelf",
    "bathroom": "bathroom vanity bath spa shower washbasin sink towel",
    "garden": "garden patio terrace balcony outdoor meadow lawn greenhouse picnic",
    "bedroom": "bedroom bed bedside nightstand pillow pillows dressing",
    "gym": "gym workout training fitness sport yoga loft",
    "beach": "beach sea sand coast coastal ocean shore dune lake",
    "forest": "forest woods woodland trail moss mountain hiking trees campsite",
    "street": "street city urban pavement rooftop night skyline",
    "cafe": "cafe café coffee-shop bar restaurant bistro roastery",
    "studio": "studio seamless plinth pedestal backdrop paper podium minimal",
    "nursery": "nursery children child kids playroom toy toys",
    "hallway": "hallway entryway entrance hall bench corridor porch",
}
SURFACE_WORDS = {
    "oak": "oak ash beech wood wooden timber butcher",
    "walnut": "walnut mahogany teak dark-wood",
    "whitewood": "white-washed whitewashed birch pale-wood",
    "weathered": "weathered driftwood deck decking planks bench",
    "marble": "marble", "darkstone": "slate soapstone granite basalt",
    "stone": "stone limestone travertine sandstone pavement rock",
    "concrete": "concrete cement plaster", "terrazzo": "terrazzo", "tile": "tile tiled tiles ceramic-tile",
    "linen": "linen tablecloth cloth bedding duvet cotton sheet sheets", "sand": "sand",
    "moss": "moss mossy grass", "rubber": "rubber mat", "paper": "paper plinth pedestal podium",
    "floorboards": "floor floorboards parquet", "rug": "rug carpet",
}  # fmt: skip
ANYWHERE = ("living_room", "office", "studio", "hallway", "kitchen")  #: when the scene names no place
OWN_SURFACE = {
    "kitchen": ("oak", "marble", "terrazzo"), "living_room": ("walnut", "oak"),
    "office": ("walnut", "whitewood", "oak"),
    "bathroom": ("marble", "stone", "terrazzo"), "garden": ("weathered", "stone"), "bedroom": ("oak", "linen"),
    "gym": ("rubber", "concrete"), "beach": ("sand",), "forest": ("moss", "weathered"), "street": ("concrete", "stone"),
    "cafe": ("walnut", "darkstone"), "studio": ("paper",), "nursery": ("whitewood", "oak"), "hallway": ("oak", "tile"),
}  # fmt: skip
FLOORS = ("tile", "concrete", "rug", "stone", "rubber", "sand", "moss", "weathered", "floorboards")
LIGHTS = ("window", "window", "soft", "leaves")
OWN_LIGHT = {"garden": ("leaves",), "forest": ("leaves",)}
LIGHT_WORDS = {
    "evening": "evening dusk sunset candlelight lamplight cosy cozy golden warm-lamp",
    "night": "night midnight neon",
    "window": "window morning sunlit sunlight sun sunny daylight dappled",
    "leaves": "leaf leaves foliage palm shade garden",
    "soft": "soft overcast diffused cloudy even",
}
ON_THE_FLOOR = re.compile(r"\b(on the floor|floorboards|parquet|on a rug|on the rug|on the carpet)\b", re.IGNORECASE)
FLOOR = re.compile(r"\b(floor|floorboards|parquet|rug|carpet)\b", re.IGNORECASE)
FURNITURE = re.compile(r"\b(side table|end table|coffee table|chair|armchair|sofa|bookcase|stool)\b", re.IGNORECASE)
FLAT = re.compile(r"\b(flat[- ]?lay|overhead|top[- ]down|straight from above|laid flat)\b", re.IGNORECASE)
LIES_BY_NATURE = re.compile(
    r"\b(shirt|blouse|t-shirt|tee|dress|sweater|scarf|cutting board|notebook|journal)\b", re.IGNORECASE
)
ON_A_HANGER = re.compile(r"\b(hanger|hanging (on|from)|hung (on|from)|hangs)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Setting:
    """How the picture will look."""

    room: str
    surface: str
    light: str  #: "window", "leaves", "soft", "evening" or "night"
    staging: str  #: "table", "floor", "flat" or "hanger"
    seed: int
    share: float  #: of the picture's height that the product takes

    @property
    def dice(self) -> Random:
        return Random(self.seed)


@dataclass(frozen=True)
class Wording:
    """A prompt taken apart, in lower case; without a scene block everything is scene and product at once."""

    scene: str
    surface: str
    light: str
    product: str  #: all that is not about the scene

    @classmethod
    def of(cls, prompt: str) -> Wording:
        found = SCENE_BLOCK.search(prompt)
        if not found:
            return cls(prompt.lower(), "", "", prompt.lower())
        parts = PART.split(found.group(1).lower())
        named = dict(zip(parts[1::2], parts[2::2], strict=True))
        product = (prompt[: found.start()] + prompt[found.end() :]).lower()
        return cls(parts[0], named.get("surface", ""), named.get("light", ""), product)


def read(prompt: str) -> Setting:
    """The setting that *prompt* describes; what it leaves open is drawn by its hash."""
    seed = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:6], "big")
    dice, words = Random(seed), Wording.of(prompt)
    room = best(words.scene, ROOM_WORDS) or dice.choice(ANYWHERE)
    staging = _staging(words)
    surface = best(words.surface, SURFACE_WORDS) or best(words.scene, SURFACE_WORDS) or dice.choice(OWN_SURFACE[room])
    if staging == "floor" and surface not in FLOORS:
        surface = "floorboards"
    light = best(words.light, LIGHT_WORDS) or best(words.scene, LIGHT_WORDS) or dice.choice(OWN_LIGHT.get(room, LIGHTS))
    return Setting(room, surface, light, staging, seed, _share(prompt, staging, dice))


def best(text: str, table: dict[str, str]) -> str | None:
    """The entry whose words come up in *text* most and first: the start of a sentence names its place."""
    scores = {name: sum(1 / (1 + place / 40) for place in _places(text, words)) for name, words in table.items()}
    name = max(scores, key=lambda name: scores[name])
    return name if scores[name] else None


def _places(text: str, words: str) -> list[int]:
    """Where any of *words* begins in *text*; a hyphen matches a space too."""
    patterns = (rf"\b{word.replace('-', '[- ]')}\b" for word in words.split())
    return [match.start() for pattern in patterns for match in re.finditer(pattern, text)]


def _staging(words: Wording) -> str:
    if ON_A_HANGER.search(f"{words.scene} {words.surface}"):
        return "hanger"
    if FLAT.search(f"{words.scene} {words.product}") or LIES_BY_NATURE.search(words.product):
        return "flat"
    on_floor = ON_THE_FLOOR.search(words.scene) or FLOOR.search(words.surface)
    return "floor" if on_floor or FURNITURE.search(words.product) else "table"


def _share(prompt: str, staging: str, dice: Random) -> float:
    usual = {"table": 0.52, "floor": 0.56, "flat": 0.66, "hanger": 0.62}[staging]
    asked = SHARE.search(prompt)
    wanted = usual if not asked else min(0.75, max(0.35, int(asked.group(1)) / 100))
    return wanted * dice.uniform(0.96, 1.04)
