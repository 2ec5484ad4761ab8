"""The provider of pictures: its key, its money, and whether the model can do what the settings ask."""

from __future__ import annotations

from collections.abc import Iterator

from shopify_imagegen.budget import dollars
from shopify_imagegen.checkup.finding import Finding, failed, ok, warning
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import ImagegenError, NeedsAttention, Rejected
from shopify_imagegen.models import Capabilities
from shopify_imagegen.ports import ImageProvider
from shopify_imagegen.settings import Settings, microusd

KEY, MODEL = "provider", "model"


def of_key(provider: ImageProvider, settings: Settings) -> Finding:
    """Whether the provider serves us, and for how long the money lasts."""
    try:
        left = provider.balance()
    except NeedsAttention as error:
        return failed(KEY, str(error), f"see provider.{provider.name} in the settings, and the provider's own pages")
    except ImagegenError as error:
        return warning(KEY, str(error), "try again; new pictures wait until it answers")
    if left is None:
        return ok(KEY, f"{provider.name} takes the key; it does not tell the balance")
    return _of_balance(provider, settings, left)


def _of_balance(provider: ImageProvider, settings: Settings, left: int) -> Finding:
    chosen = settings.provider.chosen
    price = provider.quote(chosen.resolution) or microusd(chosen.prices_usd[chosen.resolution])
    enough = counted(max(0, left // price), "picture")
    said = f"{provider.name}: {dollars(left)} left, enough for {enough} of {dollars(price)}"
    if left < price:
        return failed(KEY, said, "top up the balance; buying then goes on by itself")
    if left < microusd(settings.budget.per_day_usd):
        return warning(KEY, f"{said}; less than one day's budget", "top up the balance")
    return ok(KEY, said)


def of_model(provider: ImageProvider, settings: Settings) -> tuple[Finding, ...]:
    """Whether the model can do what the settings ask, at the price that they expect."""
    try:
        can = provider.capabilities()
    except Rejected as error:
        todo = f"set provider.{provider.name}.model to a model that the provider lists"
        return (failed(MODEL, str(error), todo),)
    except ImagegenError as error:
        return (warning(MODEL, f"not known now: {error}", "try again"),)
    if can is None:
        return (ok(MODEL, f"{provider.name} does not tell what {settings.provider.chosen.model} can do"),)
    found = (*_of_capabilities(can, settings), *_of_price(provider, settings))
    return found or (ok(MODEL, _told(can, settings)),)


def _told(can: Capabilities, settings: Settings) -> str:
    images = settings.images
    return f"{can.model}: {images.aspect_ratio} in {settings.provider.chosen.resolution}, {can.references} references"


def _of_capabilities(can: Capabilities, settings: Settings) -> Iterator[Finding]:
    images, resolution = settings.images, settings.provider.chosen.resolution
    if can.resolutions and resolution not in can.resolutions:
        yield failed(MODEL, f"{can.model} has no resolution {resolution}", f"it has {', '.join(can.resolutions)}")
    if can.aspect_ratios and images.aspect_ratio not in can.aspect_ratios:
        said = f"{can.model} has no aspect ratio {images.aspect_ratio} (images.aspect_ratio)"
        yield failed(MODEL, said, f"it has {', '.join(can.aspect_ratios)}")
    if can.references is not None:
        yield from _of_references(can.model, can.references, settings)


def _of_references(model: str, takes: int, settings: Settings) -> Iterator[Finding]:
    """The style image goes along with the product's photos, and takes the place of one."""
    wanted, style = settings.images.max_references, bool(settings.prompts.style.image)
    beside = ", one of them prompts.style.image" if style else ""
    if takes == 0:
        yield failed(MODEL, f"{model} takes no photos: the product would be invented", "choose another model")
    elif takes == style:
        said = f"{model} takes one picture only, and prompts.style.image leaves no room for the product's"
        yield failed(MODEL, said, "choose another model, or take prompts.style.image out")
    elif takes - style < wanted:
        said = f"{model} takes {counted(takes, 'photo')}{beside}; images.max_references is {wanted}"
        yield warning(MODEL, said, f"set images.max_references to {takes - style}")


def _of_price(provider: ImageProvider, settings: Settings) -> Iterator[Finding]:
    chosen, budget = settings.provider.chosen, settings.budget
    asked, expected = provider.quote(chosen.resolution), microusd(chosen.prices_usd[chosen.resolution])
    if asked is None:
        return
    if asked > microusd(budget.per_image_usd):
        said = f"a picture costs {dollars(asked)}; budget.per_image_usd is ${budget.per_image_usd}: nothing is bought"
        yield failed(MODEL, said, "raise budget.per_image_usd, or choose a cheaper model or resolution")
    elif asked > expected:
        said = f"a picture costs {dollars(asked)}; the settings expect {dollars(expected)}"
        yield warning(MODEL, said, f"correct provider.{provider.name}.prices_usd")
