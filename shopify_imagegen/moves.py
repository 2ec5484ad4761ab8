"""A picture's next state, written only while it is in the one that it was read in."""

from __future__ import annotations

from shopify_imagegen.errors import Conflict, Temporary
from shopify_imagegen.models import Image, ImageState
from shopify_imagegen.ports import Jobs


def onward(
    jobs: Jobs,
    image: Image,
    state: ImageState,
    reason: str = "",
    *,
    by: str = "app",
    keeps_bytes: bool = True,
    **fields: object,
) -> Image:
    """Change a picture as `Jobs.move_image` does.

    Raises:
        Temporary: somebody else has changed it meanwhile; whoever tries again sees how.
    """
    try:
        return jobs.move_image(image.id, state, reason, when=(image.state,), by=by, keeps_bytes=keeps_bytes, **fields)
    except Conflict as error:
        raise Temporary(str(error)) from error
