"""Flow's action "Generate lifestyle photos": recorded once a run, then answered 202 until the photos are there.

Flow sends a run again, later and later for a day, until it is answered 200; then the workflow goes on. A run that is
answered 4xx has failed: its reason is in Flow's own log and in ours.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, jsonify, request

from shopify_imagegen.errors import Conflict, NoAnswer, NotFound, Temporary
from shopify_imagegen.models import Progress
from shopify_imagegen.ports import Wishes
from webhooks.delivery import header
from webhooks.errors import Refusal
from webhooks.flow_run import read
from webhooks.signed import signed_body

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
RETRY_AFTER_S = 30


def flow(*, secrets: Sequence[str], wishes: Wishes) -> Blueprint:
    """The route that extensions/flow-action names as its `runtime_url`."""
    door = Blueprint("flow", __name__)

    @door.post("/flow/generate", provide_automatic_options=False)
    def generate() -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            wish = read(signed_body(header(headers, "hmac-sha256"), secrets, max_bytes=MAX_BODY_BYTES))
            progress = wishes.make(wish)
        except Refusal as refusal:
            logger.warning("Flow run refused: %s", refusal, extra={"action": "refused", "verdict": refusal.verdict})
            return _failed(refusal.said, refusal.status)
        except NotFound as error:
            return _failed(str(error), 404)
        except Conflict as error:
            return _failed(str(error), 409)
        except (Temporary, NoAnswer) as error:
            logger.error("Flow run not recorded, Flow will repeat it: %s", error, extra={"action": "postponed"})
            return _failed("not recorded; please repeat", 503, {"Retry-After": str(RETRY_AFTER_S)})
        _note(progress)
        return _answer(progress)

    return door


def _answer(progress: Progress) -> Response:
    """Done well is 200, done without a picture is a failure that says why, everything else is 202."""
    if progress.is_done and not progress.is_well:
        return _failed(progress.reason, 422)
    said = jsonify(id=progress.id, state=progress.state, reason=progress.reason)
    said.status_code = 200 if progress.is_done else 202
    return said


def _failed(reason: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    said = jsonify(error=reason)
    said.status_code = status
    said.headers.update(headers or {})
    return said


def _note(progress: Progress) -> None:
    fields = {"delivery": progress.id, "shop": progress.shop, "product": progress.product_id, "state": progress.state}
    logger.info("Flow run answered", extra={"action": "asked_by_flow", **fields})
