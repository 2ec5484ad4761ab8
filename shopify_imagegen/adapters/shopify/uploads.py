"""Put bytes on a staged upload target: Shopify's storage, which knows nothing of our token and must not see it."""

from __future__ import annotations

import httpx

from shopify_imagegen.adapters.http import check, our_errors, safe
from shopify_imagegen.adapters.shopify.admin_api import (
    Client,
    StagedUploadHttpMethodType,
    StagedUploadInput,
    StagedUploadsStagedUploadsCreateStagedTargets,
    StagedUploadTargetGenerateUploadResource,
)
from shopify_imagegen.adapters.shopify.refusals import accept
from shopify_imagegen.errors import Rejected, Unavailable

Target = StagedUploadsStagedUploadsCreateStagedTargets

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
# 400 (ExpiredToken, a policy that is over) and 403: the target is used up, or its time is over; another one may do
STATUSES = {400: Unavailable, 403: Unavailable, 408: Unavailable, 413: Rejected}


def mint(api: Client, *, file_name: str, mime: str) -> Target:
    """A new place for one upload. How long it lives is not documented: use it at once."""
    wanted = StagedUploadInput(
        filename=file_name,
        mime_type=mime,
        resource=StagedUploadTargetGenerateUploadResource.IMAGE,
        http_method=StagedUploadHttpMethodType.POST,
    )
    payload = api.staged_uploads([wanted]).staged_uploads_create
    accept(payload.user_errors if payload else [], doing="take an upload")
    if not (payload and payload.staged_targets):
        raise Unavailable("Shopify named no target for an upload")
    return payload.staged_targets[0]


def put(client: httpx.Client, target: Target, image: bytes, *, file_name: str, mime: str) -> str:
    """Upload *image*. Returns the address that Shopify will read it from.

    Raises:
        Unavailable: refused, also for a reason of the storage's own; a new target may do.
        NoAnswer: nothing came back. What was uploaded, if it was, harms no one.
    """
    if not (target.url and target.resource_url):
        raise Unavailable("Shopify named a target for an upload without an address")
    # the storage reads fields in order and ignores what follows `file`, so httpx's data-then-files order matters
    fields = {parameter.name: parameter.value for parameter in target.parameters}
    with our_errors("Shopify's upload storage"):
        response = client.post(safe(target.url), data=fields, files={"file": (file_name, image, mime)}, timeout=TIMEOUT)
    check("Shopify's upload storage", response, unsure=False, table=STATUSES)
    return target.resource_url
