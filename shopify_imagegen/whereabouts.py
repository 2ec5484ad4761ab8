"""Where our pictures of a product are now, and what a rollback would do with each. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shopify_imagegen import naming, undoing
from shopify_imagegen.errors import NotFound
from shopify_imagegen.linking import Linking
from shopify_imagegen.models import RESTING_JOB_STATES, Image, ImageState, Photo, RollbackRequested, Undone
from shopify_imagegen.ports import Jobs, Media, Pictures, Variants
from shopify_imagegen.undoing import Known

BEGUN = "image_rollback_begun"
GONE = "The product was deleted from the store; its pictures are only marked as rolled back."
LINKS_BACK = "Variants show again what they showed before."
_CAN_RETURN = (ImageState.REPLACED, ImageState.STAGED, ImageState.PUBLISHED)  # the latter two: an interrupted run

Gallery = tuple[Photo, ...]


class Whereabouts:
    """Looks at the product in the store, and at our own record."""

    def __init__(self, *, jobs: Jobs, pictures: Pictures, media: Media, variants: Variants, linking: Linking) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media
        self._variants = variants
        self._linking = linking

    def seen(
        self, shop: str, product_id: str, image_ids: Sequence[str], wish: RollbackRequested
    ) -> tuple[Undone, dict[str, str]]:
        """What would become of the pictures, and picture id → its medium on the product."""
        images = [self._jobs.image(image_id) for image_id in image_ids]
        title = self._jobs.job(images[0].job_id).product_title
        gallery, notes = self.gallery(shop, product_id)
        ours = self._pictures.media_of(shop, product_id)
        shown = {image.id: photo for image in images if (photo := _shown(image, gallery, ours))}
        users = self._users(shop, product_id, shown)
        known = [self._known(image, shown.get(image.id), users.get(image.id, ()), wish) for image in images]
        on = {image_id: photo.id for image_id, photo in shown.items()}
        pictures = [undoing.undoing(each, wish) for each in known]
        pictures = pictures if wish.anyway else undoing.spared(pictures, gallery, on)
        notes += undoing.changes_since(self._before(images, ours), _strangers(gallery, ours))
        links = self._linking.ours(shop, product_id)
        if any(each.does == "takes_off" and links.get(each.image_id) for each in pictures):
            notes += (LINKS_BACK,)
        undone = Undone(product_id=product_id, product_title=title, pictures=tuple(pictures), notes=notes)
        return undone, on

    def gallery(self, shop: str, product_id: str) -> tuple[Gallery, tuple[str, ...]]:
        try:
            return self._media.gallery(shop, product_id), ()
        except NotFound:
            return (), (GONE,)

    def _before(self, images: Sequence[Image], ours: Mapping[str, frozenset[str]]) -> list[Photo] | None:
        """The merchant's photos as they were before the first of these pictures came."""
        first = min(images, key=lambda image: image.created_at)
        remembered = self._pictures.remembered(first.job_id)
        return None if remembered is None else _strangers(remembered, ours)

    def _users(self, shop: str, product_id: str, shown: Mapping[str, Photo]) -> dict[str, tuple[str, ...]]:
        """Picture id → titles of the variants that the merchant made show it."""
        if not shown:
            return {}
        variants, ours = self._variants.of(shop, product_id), self._linking.ours(shop, product_id)
        return {
            image_id: tuple(
                variant.title
                for variant in variants
                if variant.media_id == photo.id and variant.id not in ours.get(image_id, ())
            )
            for image_id, photo in shown.items()
        }

    def _known(self, image: Image, shown: Photo | None, users: tuple[str, ...], wish: RollbackRequested) -> Known:
        return Known(
            image=image,
            under_way=self._jobs.job(image.job_id).state not in RESTING_JOB_STATES,
            shown=shown,
            begun=self.is_begun(image),
            users=users,
            alt=shown.alt if shown else self._alt(image) if _may_have_a_file(image, wish) else None,
            earlier=self._earlier(image, wish),
        )

    def is_begun(self, image: Image) -> bool:
        """Whether a rollback of it was interrupted."""
        actions = [row["action"] for row in self._jobs.history(image.id)]
        last = [action for action in actions if action in (BEGUN, "image_published")][-1:]
        return last == [BEGUN]

    def _alt(self, image: Image) -> str | None:
        """The alt text of its file; None where there is none."""
        if not image.file_id:
            return None
        try:
            return self._media.file(image.shop, image.file_id).alt
        except NotFound:
            return None

    def _earlier(self, image: Image, wish: RollbackRequested) -> str | None:
        """The latest picture in whose place this one is, that is not taken back too, and that can be had."""
        while image.brief.replaces:
            image = self._jobs.image(image.brief.replaces)
            if image.id not in wish.images:
                return image.id if self._can_return(image) else None
        return None

    def _can_return(self, image: Image) -> bool:
        """Whether it was on the product once, and its file is there. One that only waited for review stays away."""
        was_shown = any(row["action"] == "image_published" for row in self._jobs.history(image.id))
        return was_shown and image.state in _CAN_RETURN and self._alt(image) is not None


def _may_have_a_file(image: Image, wish: RollbackRequested) -> bool:
    """Whether its file matters: each look for one costs some of the store's allowance."""
    return bool(image.file_id) and (wish.delete_files or image.state not in undoing.OFF)


def _shown(image: Image, gallery: Gallery, ours: Mapping[str, frozenset[str]]) -> Photo | None:
    mine = ours.get(image.id, frozenset())
    return next((photo for photo in gallery if photo.id in mine), None)


def _strangers(gallery: Sequence[Photo], ours: Mapping[str, frozenset[str]]) -> list[Photo]:
    """What is the merchant's."""
    known = frozenset[str]().union(*ours.values())
    return [photo for photo in gallery if photo.id not in known and not naming.is_ours(photo.url or "")]
