import pytest

from shopify_imagegen.errors import ConfigError, Rejected
from shopify_imagegen.prompts.library import load, parse

LIBRARY = load()

GOOD = """
title = "Kites"
rules = "KITES: same lines and tail."
keywords.en = ["kite"]
[[scenes]]
id = "windy-hill"
title = "Windy hill"
alt = "on a windy hill"
scene = "A windy hill above the sea"
surface = "short grass"
light = "high sun"
mood = "free"
shot = "medium view"
angle = "low"
placement = "lying on the grass"
size_percent = 40
"""


@pytest.fixture
def scenes_dir(tmp_path):
    (tmp_path / "kites.toml").write_text(GOOD)
    return tmp_path


def test_the_library_is_rich():
    """A catalogue where all tables stand in one room looks machine-made."""
    assert len(LIBRARY.scenes) >= 50
    assert len(LIBRARY.categories) >= 14
    assert all(3 <= len(category.scenes) <= 6 for category in LIBRARY.categories)


def test_scenes_are_all_different():
    """Copied fields are a sign of a scene that nobody thought about."""
    for field in ("full_id", "title", "alt", "scene", "light"):
        values = [getattr(scene, field) for scene in LIBRARY.scenes]
        assert len(values) == len(set(values)), field


@pytest.mark.parametrize("scene", LIBRARY.scenes, ids=lambda scene: scene.full_id)
def test_scene_is_without_people_and_reads_in_a_sentence(scene):
    """Claims about bodies are not ours to make, and `alt` continues a title."""
    words = scene.model_dump_json().lower()

    assert not any(f" {who} " in words for who in ("man", "woman", "model", "hand", "hands", "people"))
    assert scene.alt.split()[0] in {"in", "on", "at", "beside", "inside", "against", "laid", "folded"}
    assert not any(getattr(scene, field).endswith(".") for field in ("scene", "surface", "light", "mood", "placement"))


def test_a_merchants_file_adds_a_category(scenes_dir):
    """A shop of kites knows better than we where kites look good."""
    library = load(scenes_dir)

    assert library.category("kites").scenes[0].full_id == "kites/windy-hill"
    assert len(LIBRARY.categories) + 1 == len(library.categories)


def test_a_merchants_file_of_the_same_name_replaces_ours(scenes_dir):
    """Overriding is by file, so that a merchant sees all that is used in one place."""
    (scenes_dir / "kites.toml").rename(scenes_dir / "furniture.toml")

    assert ["furniture/windy-hill"] == [scene.full_id for scene in load(scenes_dir).category("furniture").scenes]


def test_every_problem_is_reported_at_once(scenes_dir):
    """One restart per typo is a bad afternoon."""
    (scenes_dir / "kites.toml").write_text(GOOD.replace("size_percent = 40", "size_percent = 400\ncolour = 1"))
    (scenes_dir / "broken.toml").write_text("title = ")
    (scenes_dir / "binary.toml").write_bytes(b"\xff\xfe")
    (scenes_dir / "empty.toml").write_text('title = "Empty"\nrules = ""\nscenes = "x"')
    with pytest.raises(ConfigError) as said:
        load(scenes_dir)

    keys = ("kites.toml: scenes.1.size_percent", "kites.toml: scenes.1.colour", "empty.toml: rules", "broken.toml")
    assert [] == [key for key in (*keys, "binary.toml", "empty.toml: scenes") if key not in str(said.value)]


def test_a_scene_id_is_used_once():
    """An id names a picture's scene for ever; two of them name nothing."""
    scene = GOOD[GOOD.index("[[scenes]]") :]
    with pytest.raises(ConfigError, match="used twice: windy-hill"):
        parse("kites.toml", GOOD + scene)


def test_a_missing_directory_is_named(tmp_path):
    """Silence would mean the packaged scenes, and a merchant who wonders."""
    with pytest.raises(ConfigError, match="scenes_dir"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("wrong", ["kitchen/morning-countr", "morning-counter", "Kitchen/Morning"])
def test_an_unknown_scene_names_those_that_look_alike(wrong):
    """A person has typed it; help that person."""
    with pytest.raises(Rejected, match="kitchen/morning-counter"):
        LIBRARY.expect_scene(wrong)
