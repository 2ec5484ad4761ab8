"""What a rollback does with each picture, and why, in words for a merchant. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from shopify_imagegen.counts import counted
from shopify_imagegen.models import Image, ImageState, Photo, RollbackRequested, Undoing, Value

NOT_BOUGHT = (ImageState.PLANNED, ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.UNKNOWN, ImageState.UNFIT)
OFF = (ImageState.ROLLED_BACK, ImageState.REJECTED, ImageState.REPLACED)

UNDER_WAY = "It is being made or published right now; roll it back when that is done."
NEVER_THERE = "It never reached the store; there is nothing to take back."
TAKEN_OFF = "Taken off the product."
WITHDRAWN = "It was not on the product, and will not be put there."
BY_MERCHANT = "You took it off the product before; that stays."
OFF_BEFORE = "It is off the product already."
EARLIER = "The earlier picture comes back in its place."
ITS_FILE = "It stays in the store's Files."
DELETED = "Its file is deleted from the store."
WORDS_KEPT = "Its alt text is yours, so the file stays in the store's Files."
ONLY_PHOTO = (
    "It is the only photo that the product has left, so it stays. Add a photo of your own first, or roll back with"
    " “anyway”."
)


class Known(Value):
    """What is known of a picture when it shall be taken back."""

    image: Image
    under_way: bool  #: its job has not come to rest
    shown: Photo | None = None  #: on the product now
    begun: bool = False  #: an interrupted rollback has begun to take it off
    users: tuple[str, ...] = ()  #: titles of the variants that the merchant made show it
    alt: str | None = None  #: of its file now; None where that is not known, or the file is gone
    earlier: str | None = None  #: id of a picture that it replaced, and that can come back


def undoing(known: Known, wish: RollbackRequested) -> Undoing:
    """What becomes of the picture; nothing of the merchant's is changed by it."""
    if known.under_way:
        return _said(known, "keeps", UNDER_WAY)
    if known.shown is None:
        return _hidden(known, wish)
    if known.users and not wish.anyway:
        return _said(known, "keeps", _used(known.users))
    words = [TAKEN_OFF, *([EARLIER] if known.earlier else []), *_file_words(known, wish)]
    coming = {"earlier": known.earlier, "deletes": _deletes(known, wish)}
    return _said(known, "takes_off", " ".join(words)).model_copy(update=coming)


def _hidden(known: Known, wish: RollbackRequested) -> Undoing:
    """One that is not on the product."""
    state, deletes = known.image.state, _deletes(known, wish)
    if state in NOT_BOUGHT:
        return _said(known, "nothing", NEVER_THERE)
    if state in OFF:
        if not deletes:
            return _said(known, "nothing", OFF_BEFORE)
        return _said(known, "withdraws", f"{OFF_BEFORE} {DELETED}").model_copy(update={"deletes": deletes})
    off = (TAKEN_OFF if known.begun else BY_MERCHANT) if state == ImageState.PUBLISHED else WITHDRAWN
    does: Literal["takes_off", "withdraws"] = "takes_off" if known.begun else "withdraws"
    words = [off, *([EARLIER] if known.earlier and known.begun else []), *_file_words(known, wish)]
    earlier = known.earlier if known.begun else None
    return _said(known, does, " ".join(words)).model_copy(update={"earlier": earlier, "deletes": deletes})


def spared(undoings: Sequence[Undoing], gallery: Sequence[Photo], shown: dict[str, str]) -> list[Undoing]:
    """The same, but for a product that would be left without a single photo.

    Args:
        shown: picture id → its medium on the product.
    """
    off = {shown[each.image_id] for each in undoings if each.does == "takes_off" and each.image_id in shown}
    comes_back = any(each.earlier for each in undoings)
    if not off or comes_back or any(photo.id not in off for photo in gallery):
        return list(undoings)
    return [
        Undoing(image_id=each.image_id, does="keeps", words=ONLY_PHOTO) if each.image_id in shown else each
        for each in undoings
    ]


def changes_since(before: Sequence[Photo] | None, now: Sequence[Photo]) -> tuple[str, ...]:
    """What the merchant did with the product's own photos since then; a rollback leaves all of it as it is.

    >>> lamp, desk = (Photo(id=name, kind="IMAGE", status="READY") for name in ("lamp", "desk"))
    >>> changes_since([lamp, desk], [desk, lamp])
    ('You put the photos in another order since; that order stays.',)
    """
    if before is None:
        return ()
    was, is_ = {photo.id: photo for photo in before}, {photo.id: photo for photo in now}
    added, removed = len(is_.keys() - was.keys()), len(was.keys() - is_.keys())
    order = [photo.id for photo in before if photo.id in is_] != [photo.id for photo in now if photo.id in was]
    renamed = sum(was[each].alt != is_[each].alt for each in was.keys() & is_.keys())
    notes = [
        f"You added {counted(added, 'photo')} since; what you added stays." if added else "",
        f"You took off {counted(removed, 'photo')} since; that stays so." if removed else "",
        "You put the photos in another order since; that order stays." if order else "",
        f"You changed the alt text of {counted(renamed, 'photo')} since; your words stay." if renamed else "",
    ]
    return tuple(note for note in notes if note)


def _said(known: Known, does: Literal["takes_off", "withdraws", "keeps", "nothing"], words: str) -> Undoing:
    return Undoing(image_id=known.image.id, does=does, words=words)


def _used(users: Sequence[str]) -> str:
    names = ", ".join(f"“{title}”" for title in users)
    return f"You chose it for {names}, so it stays. Give that another photo first, or roll back with “anyway”."


def _has_our_words(known: Known) -> bool:
    return known.alt is not None and known.alt.split() == known.image.brief.alt.split()


def _deletes(known: Known, wish: RollbackRequested) -> str | None:
    return known.image.file_id if wish.delete_files and _has_our_words(known) else None


def _file_words(known: Known, wish: RollbackRequested) -> list[str]:
    if known.alt is None:
        return []
    if not _has_our_words(known):
        return [WORDS_KEPT]
    return [DELETED if wish.delete_files else ITS_FILE]
