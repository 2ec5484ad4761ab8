"""Jobs and pictures as they are answered: with what they cost and where they can be seen."""

from __future__ import annotations

from shopify_imagegen.admin.api import shapes
from shopify_imagegen.admin.api.urls import Urls
from shopify_imagegen.models import Image, Progress
from shopify_imagegen.ports import Overview


class Shown:
    """Reads only; each answer is one shop's own."""

    def __init__(self, overview: Overview, urls: Urls) -> None:
        self._overview = overview
        self._urls = urls

    def job(self, progress: Progress) -> shapes.Json:
        made = self._overview.of_product(progress.shop, progress.product_id) if progress.images else ()
        return shapes.job(progress, shapes.costs(made), self._urls.of(progress.shop, progress.images))

    def picture(self, image: Image) -> shapes.Json:
        found = self._overview.candidate(image.shop, image.id)
        url = self._urls.of(image.shop, [image]).get(image.id)
        return shapes.picture(image, found.cost_microusd if found else None, url)
