"""The scenes a product can be shown in: one TOML file per category, ours in the package, a merchant's on top."""

from __future__ import annotations

import difflib
import tomllib
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from shopify_imagegen.errors import ConfigError, Rejected
from shopify_imagegen.models import Value
from shopify_imagegen.prompts.keywords import Keyword, keyword

GENERIC = "generic"

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
_ONE_LINE = r"^[^\r\n]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200, pattern=_ONE_LINE)]
LongLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=350, pattern=_ONE_LINE)]


class Scene(Value):
    """A place to photograph a product in; every field is a phrase of the prompt."""

    id: Slug  #: within its category: "sunlit-living-room"
    category: Slug  #: "furniture"
    title: Line  #: for people: "Sunlit living room"
    alt: Line  #: continues the product's title in an alt text: "in a sunlit living room"
    scene: LongLine  #: the place and what stands in it
    surface: Line  #: what the product touches
    light: Line
    mood: Line
    shot: Line  #: how much is seen: "three-quarter view of the room corner"
    angle: Line  #: "eye level"
    placement: Line  #: where and how the product stands, lies or hangs
    size_percent: Annotated[int, Field(ge=15, le=85)]  #: of the frame that the product fills

    @property
    def full_id(self) -> str:
        return f"{self.category}/{self.id}"


class Category(Value):
    """Products that are photographed in the same places, under the same rules."""

    id: Slug  #: the file's name
    title: Line  #: "Furniture"
    taxonomy: tuple[str, ...] = ()  #: beginnings of Shopify's category names, "Home & Garden > Lighting"
    rules: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]  #: of KEEP, in detail
    keywords: dict[str, tuple[str, ...]] = Field(default={})  #: by language; "-tisch" also ends compounds
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1, max_length=50)]


class Library(Value):
    """All categories, by id."""

    categories: tuple[Category, ...]

    @cached_property
    def keywords(self) -> tuple[Keyword, ...]:
        """Of all categories and languages."""
        lists = ((each.id, words) for each in self.categories for words in each.keywords.values())
        return tuple(keyword(category_id, word) for category_id, words in lists for word in words)

    def category(self, category_id: str) -> Category | None:
        return next((each for each in self.categories if each.id == category_id), None)

    def scene(self, full_id: str) -> Scene | None:
        return next((each for each in self.scenes if each.full_id == full_id), None)

    @property
    def scenes(self) -> tuple[Scene, ...]:
        return tuple(scene for category in self.categories for scene in category.scenes)

    def expect_scene(self, full_id: str) -> Scene:
        """Raises: Rejected, with the ids that look alike."""
        scene = self.scene(full_id)
        if scene is None:
            raise Rejected(f"There is no scene “{full_id}”{self.like(full_id)}.")
        return scene

    def like(self, full_id: str) -> str:
        """For the end of a complaint: "; perhaps you mean kitchen/morning-counter"; "" when nothing is close."""
        known = [scene.full_id for scene in self.scenes]
        wanted = full_id.strip().lower()
        inside = [each for each in known if wanted and wanted in each]
        close = inside or difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
        return f"; perhaps you mean {', '.join(close[:3])}" if close else ""


def load(scenes_dir: Path | None = None) -> Library:
    """Read the packaged scenes and a merchant's.

    Args:
        scenes_dir: with `<category>.toml` files; one of a packaged name replaces it, others add a category.

    Raises:
        ConfigError: with every problem, by file and key.
    """
    files = {file.name: file for file in _toml_files(resources.files("shopify_imagegen.prompts") / "scenes")}
    if scenes_dir is not None:
        if not scenes_dir.is_dir():
            raise ConfigError(f"prompts.scenes_dir: there is no directory {scenes_dir}")
        files |= {file.name: file for file in _toml_files(scenes_dir)}
    return _assembled(files)


def _assembled(files: dict[str, Traversable]) -> Library:
    categories: list[Category] = []
    problems: list[str] = []
    for name, file in sorted(files.items()):
        try:
            categories.append(parse(name, file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}: cannot be read as UTF-8 text: {error}")
        except ConfigError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(problems))
    return Library(categories=tuple(categories))


def parse(name: str, toml: str) -> Category:
    """One scene file.

    Raises:
        ConfigError: naming the file and each key.
    """
    try:
        written = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: is not TOML: {error}") from None
    category_id = name.removesuffix(".toml")
    try:
        category = Category(**{**written, "id": category_id, "scenes": _labelled(written, category_id)})
    except ValidationError as error:
        raise ConfigError("\n".join(_explained(name, error))) from None
    repeated = {each.id for each in category.scenes if [other.id for other in category.scenes].count(each.id) > 1}
    if repeated:
        raise ConfigError(f"{name}: scenes.id: used twice: {', '.join(sorted(repeated))}")
    return category


def _labelled(written: dict[str, Any], category_id: str) -> Any:
    """Each scene knows its category; anything that is not a list of tables is left to the validation."""
    scenes = written.get("scenes")
    if not isinstance(scenes, list):
        return scenes
    return [{**each, "category": category_id} if isinstance(each, dict) else each for each in scenes]


def _explained(name: str, error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
        lines.append(f"{name}: {where}: {problem['msg']}")
    return lines


def _toml_files(directory: Traversable) -> list[Traversable]:
    return [file for file in directory.iterdir() if file.name.endswith(".toml")]
