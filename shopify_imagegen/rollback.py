"""Take back what we put on products: only media of our own table, never an original; the merchant's changes stay.

Every step can run again: what an interrupted run has taken off is found off, and only written down.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shopify_imagegen import ending, undoing
from shopify_imagegen.disclosure import Disclosure
from shopify_imagegen.errors import BadInput, Conflict, ImagegenError, NeedsAttention, NotFound, Permanent, Temporary
from shopify_imagegen.linking import Linking
from shopify_imagegen.models import (
    Image,
    ImageState,
    RollbackRequested,
    Undoing,
    Undone,
)
from shopify_imagegen.moves import onward
from shopify_imagegen.ports import Jobs, Media, Pictures, Sleep, Variants, Watch
from shopify_imagegen.swap import Swap
from shopify_imagegen.whereabouts import BEGUN, Whereabouts

logger = logging.getLogger(__name__)

OFF_CHECKS_S = (0.2, 0.5, 1, 2, 4, 8)  # waits between looks at a gallery that still shows what we took off
ROLLED_BACK = "rolled_back"  # named state of a product: nothing is made for it by itself
STILL_SHOWN = "Shopify still shows the picture on the product."


class Rollback:
    """Takes our pictures back, product by product."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        pictures: Pictures,
        media: Media,
        variants: Variants,
        watch: Watch,
        swap: Swap,
        linking: Linking,
        disclosure: Disclosure,
        sleep: Sleep,
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media
        self._watch = watch
        self._swap = swap
        self._linking = linking
        self._disclosure = disclosure
        self._sleep = sleep
        self._there = Whereabouts(jobs=jobs, pictures=pictures, media=media, variants=variants, linking=linking)

    # Which pictures

    def of_job(self, job_id: str) -> tuple[str, ...]:
        """The ids of a job's pictures. Raises: NotFound."""
        self._jobs.job(job_id)
        return tuple(image.id for image in self._jobs.images(job_id))

    def of_product(self, shop: str, product_id: str) -> tuple[str, ...]:
        return _taken_back_with_others(self._pictures.of_product(shop, product_id))

    def since(self, shop: str, when: datetime) -> tuple[str, ...]:
        """Those of the jobs that were begun then or later."""
        return _taken_back_with_others(self._pictures.since(shop, when))

    def by_product(self, shop: str, wish: RollbackRequested) -> dict[str, tuple[str, ...]]:
        """Product id → which of the wanted pictures are its. Raises: NotFound, for a picture of another shop too."""
        found: dict[str, tuple[str, ...]] = {}
        for image_id in wish.images:
            image = self._jobs.image(image_id)
            if image.shop != shop:
                raise NotFound(f"there is no picture {image_id} in {shop}")
            found[image.product_id] = (*found.get(image.product_id, ()), image_id)
        return found

    # What becomes of them

    def would(self, shop: str, wish: RollbackRequested) -> tuple[Undone, ...]:
        """What `run` would do now. Reads only."""
        return tuple(self._there.seen(shop, *each, wish)[0] for each in self.by_product(shop, wish).items())

    def run(self, shop: str, wish: RollbackRequested) -> tuple[Undone, ...]:
        """Take the pictures back. Doing it again finishes what was interrupted, and changes nothing else.

        Raises:
            NotFound: there is no such picture in this shop.
            NeedsAttention, Temporary, NoAnswer: not now; run it again.
        """
        return tuple(self.product(shop, *each, wish) for each in self.by_product(shop, wish).items())

    def product(self, shop: str, product_id: str, image_ids: Sequence[str], wish: RollbackRequested) -> Undone:
        """The same for the pictures of one product."""
        before = [self._jobs.image(image_id) for image_id in image_ids]
        undone, shown = self._there.seen(shop, product_id, image_ids, wish)
        done = tuple(self._undo(each, shown.get(each.image_id), wish) for each in undone.pictures)
        self._read_back(shop, product_id, {shown[each.image_id] for each in done if _is_off(each, shown)})
        off = [self._jobs.image(each.image_id) for each in done if each.does == "takes_off"]
        self._linking.give_back(off)
        for image, each in zip(before, done, strict=True):
            self._settle(image, each, wish)
        undone = undone.model_copy(update={"pictures": done})
        if undone.changes:
            self._finish(shop, product_id, image_ids)
        self._disclosure.refresh(shop, product_id)
        return undone

    # Doing it

    def _undo(self, plan: Undoing, medium: str | None, wish: RollbackRequested) -> Undoing:
        """Take one picture off, the earlier one being in its place first. Returns what became of it."""
        if plan.does != "takes_off" or medium is None:
            return plan
        image = self._jobs.image(plan.image_id)
        if not self._there.is_begun(image):
            self._pictures.note(image, BEGUN, by=wish.by)
        if plan.earlier:
            plan = self._exchange(plan, medium, by=wish.by)
            gallery, _ = self._there.gallery(image.shop, image.product_id)
            if not plan.earlier and not wish.anyway and [photo.id for photo in gallery] == [medium]:
                return plan.model_copy(update={"does": "keeps", "words": undoing.ONLY_PHOTO, "deletes": None})
        try:
            self._media.detach(image.shop, image.product_id, medium)
        except NotFound:
            pass  # the file or the product was deleted meanwhile
        except (BadInput, Conflict) as error:
            return plan.model_copy(update={"does": "keeps", "words": str(error), "deletes": None})
        return plan

    def _exchange(self, plan: Undoing, medium: str, *, by: str) -> Undoing:
        """Bring the earlier picture back; where it cannot come, the plan says why."""
        try:
            self._swap.bring_back(self._jobs.image(str(plan.earlier)), in_place_of=medium, by=by)
        except NeedsAttention:
            raise
        except Permanent as error:
            words = plan.words.replace(undoing.EARLIER, f"The earlier picture could not be put back: {error}")
            return plan.model_copy(update={"words": words, "earlier": None})
        return plan

    def _read_back(self, shop: str, product_id: str, off: set[str]) -> None:
        """Raises: Temporary, while Shopify still shows one of them."""
        for wait_s in (*OFF_CHECKS_S, None):
            gallery, _ = self._there.gallery(shop, product_id) if off else ((), ())
            if not off & {photo.id for photo in gallery}:
                return
            if wait_s is not None:
                self._sleep(wait_s)
        raise Temporary(STILL_SHOWN)

    def _settle(self, image: Image, done: Undoing, wish: RollbackRequested) -> None:
        """Write down what became of a picture, and delete its file where that is wished.

        Raises: Temporary, where it went onto the product just now.
        """
        if done.does not in ("takes_off", "withdraws"):
            return
        if image.state not in undoing.OFF:
            onward(self._jobs, image, ImageState.ROLLED_BACK, done.words, by=wish.by or "app")
            fields = {"action": "rolled_back", "job": image.job_id, "image": image.id, "shop": image.shop}
            logger.info("picture rolled back", extra=fields)
        if done.deletes:
            self._delete(image, done.deletes)
            self._pictures.note(image, "image_file_deleted", by=wish.by, file_id=done.deletes)

    def _delete(self, image: Image, file_id: str) -> None:
        """For good; only ever an id of our own table."""
        ours = self._pictures.media_of(image.shop, image.product_id)
        if file_id not in ours.get(image.id, frozenset()):
            raise ImagegenError(f"{file_id} is not in our own table, so it is not deleted")
        self._media.delete_file(image.shop, file_id)

    def _finish(self, shop: str, product_id: str, image_ids: Iterable[str]) -> None:
        """Name the jobs' new ends; by itself, nothing more is made for the product."""
        for job_id in dict.fromkeys(self._jobs.image(image_id).job_id for image_id in image_ids):
            ending.amend(self._jobs, job_id)
        self._watch.settle(shop, product_id, waiting=False, state=ROLLED_BACK, reason="You rolled its pictures back.")


def _is_off(done: Undoing, shown: Mapping[str, str]) -> bool:
    return done.does == "takes_off" and done.image_id in shown


def _taken_back_with_others(images: Sequence[Image]) -> tuple[str, ...]:
    """A test picture that is on no product is none of the product's; named alone, it can be withdrawn."""
    return tuple(image.id for image in images if not (image.brief.is_test and image.state == ImageState.STAGED))
