"""Put the product into the set, so that it stands there: scale, shadows, the light of the room, the watermark."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter

from ..stock.letters import lettering
from . import light, scene
from .brief import Setting, read
from .cutout import cut_out
from .surfaces import GLOSS

WIDEST = 0.74  #: of the picture's width
SHADOW_SHRINK = 4
WATERMARK = "SANDBOX"


def compose(prompt: str, reference: Image.Image | None, size: tuple[int, int]) -> Image.Image:
    """The picture that *prompt* describes, with the product of *reference* in it."""
    setting = read(prompt)
    empty = scene.build(setting, size)
    picture = light.tint(empty.picture, setting.light)
    if reference is not None:
        product = _fitted(_lifted(reference, max(size)), setting, size)
        picture = _placed(picture, product, setting, empty)
    return watermarked(light.vignette(picture))


def _lifted(reference: Image.Image, longest_px: int) -> Image.Image:
    """The product cut out of its photo, at no more pixels than the picture needs."""
    photo = reference.convert("RGB")
    photo.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    return cut_out(photo) or _print(photo)


def _print(reference: Image.Image) -> Image.Image:
    """A photo without a plain backdrop comes in as a framed print."""
    photo = reference.convert("RGB")
    photo.thumbnail((1000, 1000), Image.Resampling.LANCZOS)
    border = max(photo.size) // 16
    card = Image.new("RGBA", (photo.width + 2 * border, photo.height + 2 * border), "#b98f5e")
    lip = border // 4
    card.paste("#faf7f0", (lip, lip, card.width - lip, card.height - lip))
    card.paste(photo, (border, border))
    return card


def _fitted(product: Image.Image, setting: Setting, size: tuple[int, int]) -> Image.Image:
    """As high as the setting wants, but never wider than the picture allows."""
    scale = min(setting.share * size[1] / product.height, WIDEST * size[0] / product.width)
    wanted = (max(8, round(product.width * scale)), max(8, round(product.height * scale)))
    return product.resize(wanted, Image.Resampling.LANCZOS)


def _placed(picture: Image.Image, product: Image.Image, setting: Setting, empty: scene.Empty) -> Image.Image:
    left = round((picture.width - product.width) / 2 + setting.dice.uniform(-0.04, 0.04) * picture.width)
    if setting.staging == "hanger":
        left = (picture.width - product.width) // 2
        top = round(picture.height * 0.215)
    elif setting.staging == "flat":
        top = round(empty.ground_y - product.height / 2)
    else:
        top = empty.ground_y - product.height
    at = (left, top)
    picture = _shadowed(picture, product, at, setting, empty)
    lit = _in_the_light(product, at, setting, empty)
    picture.paste(lit.convert("RGB"), at, lit.getchannel("A"))
    return picture


def _in_the_light(product: Image.Image, at: tuple[int, int], setting: Setting, empty: scene.Empty) -> Image.Image:
    """A little of the room's light on the product; little, so that it keeps its colours."""
    window = (at[0], at[1], at[0] + product.width, at[1] + product.height)
    lit = light.fall(product.convert("RGB"), empty.sun.crop(window), setting.light, 0.3)
    lit = light.tint(lit, setting.light, 0.5)
    if setting.staging in ("table", "floor"):
        lit = _grounded(lit)
    lit.putalpha(product.getchannel("A"))
    return lit


def _grounded(product: Image.Image) -> Image.Image:
    """The lowest edge of a standing product gets little light."""
    high = max(2, product.height // 28)
    foot = Image.new("L", product.size)
    fade = Image.linear_gradient("L").point([round(level * 0.62) for level in range(256)])
    foot.paste(fade.resize((product.width, high)), (0, product.height - high))
    return _darkened(product, foot, 1.0)


def _shadowed(
    picture: Image.Image, product: Image.Image, at: tuple[int, int], setting: Setting, empty: scene.Empty
) -> Image.Image:
    if setting.staging in ("flat", "hanger"):
        reach = (0.016, 0.02) if setting.staging == "flat" else (0.03, 0.025)
        for share, blur, depth in ((1.0, 0.012, 0.36), (0.3, 0.004, 0.34)):
            shift = (round(at[0] + reach[0] * share * picture.height), round(at[1] + reach[1] * share * picture.height))
            mask = _soft(_on_canvas(product.getchannel("A"), shift, picture.size), blur * picture.height)
            picture = _darkened(picture, mask, depth)
        return picture
    mirrored = _reflection(picture, product, at, setting, empty)
    cast = _cast(product.getchannel("A"), at, picture.size)
    cast.paste(0, (0, 0, picture.width, empty.horizon_y))
    return _contact(_darkened(mirrored, cast, 0.42), product, at)


def _on_canvas(alpha: Image.Image, at: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    sheet = Image.new("L", size)
    sheet.paste(alpha, at)
    return sheet


def _soft(mask: Image.Image, radius_px: float) -> Image.Image:
    small = mask.resize((mask.width // SHADOW_SHRINK, mask.height // SHADOW_SHRINK), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius_px / SHADOW_SHRINK)).resize(mask.size, Image.Resampling.BICUBIC)


def _darkened(picture: Image.Image, mask: Image.Image, depth: float) -> Image.Image:
    return Image.composite(
        Image.new("RGB", picture.size, (26, 19, 15)), picture, mask.point([round(v * depth) for v in range(256)])
    )


def _cast(alpha: Image.Image, at: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """The product's shadow, thrown back and to the right along the surface."""
    squash, lean = 0.34, 0.85
    small = (size[0] // SHADOW_SHRINK, size[1] // SHADOW_SHRINK)
    base = at[1] + alpha.height * 0.985
    # a point h above the base falls at (x + lean*h*squash, base - h*squash); this is the way back
    matrix = (
        SHADOW_SHRINK, lean * SHADOW_SHRINK, -at[0] - lean * base,
        0, SHADOW_SHRINK / squash, alpha.height * 0.985 - base / squash,
    )  # fmt: skip
    thrown = alpha.transform(small, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    return thrown.filter(ImageFilter.GaussianBlur(size[1] / SHADOW_SHRINK / 110)).resize(size, Image.Resampling.BICUBIC)


def _contact(picture: Image.Image, product: Image.Image, at: tuple[int, int]) -> Image.Image:
    """The dark line where the product meets the surface."""
    foot = product.getchannel("A").crop((0, round(product.height * 0.955), product.width, product.height))
    spread = max(4, round(product.height * 0.05))
    flat = foot.resize((product.width, spread), Image.Resampling.BOX)
    sheet = _on_canvas(flat, (at[0], at[1] + product.height - round(spread * 0.62)), picture.size)
    return _darkened(
        _darkened(picture, _soft(sheet, picture.height / 90), 0.5), _soft(sheet, picture.height / 240), 0.45
    )


def _reflection(
    picture: Image.Image, product: Image.Image, at: tuple[int, int], setting: Setting, empty: scene.Empty
) -> Image.Image:
    """A faint mirror image on polished stone."""
    gloss = GLOSS.get(setting.surface, 0.0)
    high = min(product.height, picture.height - at[1] - product.height)
    if gloss < 0.1 or high < 8:
        return picture
    upside = product.transpose(Image.Transpose.FLIP_TOP_BOTTOM).crop((0, 0, product.width, high))
    fade = (
        Image.linear_gradient("L")
        .point([round(max(0, 200 - level) * gloss) for level in range(256)])
        .resize(upside.size)
    )
    soft = upside.filter(ImageFilter.GaussianBlur(picture.height / 320))
    mask = ImageChops.multiply(soft.getchannel("A"), fade)
    picture.paste(soft.convert("RGB"), (at[0], at[1] + product.height), mask)
    return picture


def watermarked(picture: Image.Image) -> Image.Image:
    """Say across the picture that it is a sandbox's: nobody shall mistake it for the real thing."""
    size_px = max(10, round(min(picture.size) * 0.065))
    word = lettering(WATERMARK, size_px, "#ffffff", spacing=0.35).getchannel("A")
    sheet = Image.new("L", picture.size)
    slanted = word.rotate(28, expand=True, resample=Image.Resampling.BICUBIC)
    step_x, step_y = round(slanted.width * 1.25), round(slanted.height * 1.45)
    for row, y in enumerate(range(-slanted.height // 2, picture.height, step_y)):
        for x in range(-slanted.width + (row % 2) * step_x // 2, picture.width, step_x):
            sheet.paste(slanted, (x, y), slanted)
    dark = Image.composite(
        Image.new("RGB", picture.size),
        picture,
        ImageChops.offset(sheet, 1, 2).point([v * 22 // 255 for v in range(256)]),
    )
    return Image.composite(
        Image.new("RGB", picture.size, "white"), dark, sheet.point([v * 76 // 255 for v in range(256)])
    )
