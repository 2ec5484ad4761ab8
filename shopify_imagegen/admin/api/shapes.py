"""What the calls answer: our values as JSON, money in dollars. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from shopify_imagegen.models import MICRO_PER_USD, Candidate, Image, Plan, Progress, Skip, Standing, Undone
from shopify_imagegen.prompts.library import Scene

Costs = Mapping[str, int | None]  #: picture id → what was paid in micro-dollars; None while it is not settled
Urls = Mapping[str, str]  #: picture id → where it can be seen

Json = dict[str, Any]


def job(progress: Progress, costs: Costs, urls: Urls) -> Json:
    pictures = [picture(image, costs.get(image.id), urls.get(image.id)) for image in progress.images]
    return {
        "id": progress.id,
        "job_id": progress.job.id if progress.job else None,
        "product_id": progress.product_id,
        "product_title": progress.job.product_title if progress.job else "",
        "state": progress.state,
        "reason": progress.reason,
        "is_done": progress.is_done,
        "is_well": progress.is_well,
        "pictures": pictures,
        "cost_usd": usd(sum(costs.get(image.id) or 0 for image in progress.images)),
        "created_at": progress.job.created_at.isoformat() if progress.job else None,
        "updated_at": progress.job.updated_at.isoformat() if progress.job else None,
    }


def picture(image: Image, cost_microusd: int | None, url: str | None) -> Json:
    return {
        "id": image.id,
        "state": image.state,
        "reason": image.reason,
        "scene": image.brief.scene,
        "scene_title": image.brief.scene_title,
        "alt": image.brief.alt,
        "url": url,
        "width_px": image.width_px,
        "height_px": image.height_px,
        "cost_usd": None if cost_microusd is None else usd(cost_microusd),
    }


def product(product_id: str, decision: Plan | Skip, stands: Standing | None, made: Collection[str]) -> Json:
    """A product as our tables know it, and whether it can have pictures now.

    Args:
        made: ids of pictures that were made before; the same wish does not buy them again.
    """
    skip = decision if isinstance(decision, Skip) else None
    return {
        "id": product_id,
        "title": decision.product_title or (stands.title if stands else ""),
        "stage": stands.stage if stands else None,
        "reason": stands.reason if stands else "",
        "published": stands.published if stands else 0,
        "waiting": stands.waiting if stands else 0,
        "can_generate": skip is None,
        "why_not": {"code": skip.why, "reason": skip.reason} if skip else None,
        "made_before": 0 if isinstance(decision, Skip) else sum(each.key in made for each in decision.briefs),
        "scenes_first": [] if isinstance(decision, Skip) else list(dict.fromkeys(b.scene for b in decision.briefs)),
    }


def offer(*, price_microusd: int, per_product: int, review: bool, scenes: Iterable[Scene]) -> Json:
    """What a picture costs, how many there are by default, and the scenes to choose from."""
    return {
        "picture_price_usd": usd(price_microusd),
        "count": per_product,
        "max_count": 10,
        "review": review,
        "scenes": [{"id": scene.full_id, "title": scene.title, "category": scene.category} for scene in scenes],
    }


def undone(products: Iterable[Undone]) -> list[Json]:
    """What a rollback would do, picture by picture, in words."""
    return [
        {
            "product_id": each.product_id,
            "pictures": [{"id": one.image_id, "does": one.does, "words": one.words} for one in each.pictures],
            "notes": list(each.notes),
        }
        for each in products
    ]


def costs(candidates: Iterable[Candidate]) -> dict[str, int | None]:
    return {each.image.id: each.cost_microusd for each in candidates}


def usd(microusd: int) -> float:
    """
    >>> usd(60_000)
    0.06
    """
    return microusd / MICRO_PER_USD
