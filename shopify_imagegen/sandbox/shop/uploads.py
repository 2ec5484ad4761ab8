"""Staged uploads: a signed target takes one file, whose `resourceUrl` the Admin API then accepts."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Request, Response, request

from shopify_imagegen.sandbox.shop.state import Shop
from shopify_imagegen.sandbox.shop.store import Store

DISPOSITION_NAME = re.compile(rb'content-disposition:[^\r\n]*?\bname="([^"]*)"', re.IGNORECASE)


@dataclass
class Target:
    """One place to upload one file to."""

    shop: str
    key: str
    method: str  #: POST or PUT
    mime_type: str
    signature: str
    expires_at: datetime
    content: bytes | None = None  #: None until something was uploaded

    def parameters(self) -> dict[str, str]:
        """What the client must send along: form fields of a POST, headers of a PUT."""
        if self.method == "PUT":
            return {"content_type": self.mime_type, "acl": "private"}
        return {
            "Content-Type": self.mime_type,
            "success_action_status": "201",
            "acl": "private",
            "key": self.key,
            "x-goog-date": (self.expires_at - timedelta(hours=1)).strftime("%Y%m%dT%H%M%SZ"),
            "x-goog-algorithm": "GOOG4-RSA-SHA256",
            "x-goog-signature": self.signature,
        }


class Uploads:
    """The targets of every shop, by the URL that names their resource. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._targets: dict[tuple[str, str], Target] = {}

    def stage(self, shop: Shop, filename: str, mime_type: str, *, method: str) -> Target:
        """A new target for *filename*."""
        name = re.sub(r"[^\w.-]", "_", filename)
        target = Target(
            shop=shop.domain,
            key=f"tmp/{shop.id}/products/{secrets.token_hex(16)}/{name}",
            method=method,
            mime_type=mime_type,
            signature=secrets.token_hex(32),
            expires_at=self._store.now() + timedelta(seconds=self._store.rules.staged_target_life_s),
        )
        with self._lock:
            self._targets[shop.domain, target.key] = target
        return target

    def base(self, shop: str) -> str:
        return f"{self._store.base_url}/shops/{shop}/staged-uploads/"

    def url(self, target: Target) -> str:
        base = self.base(target.shop)
        return base if target.method == "POST" else f"{base}{target.key}?signature={target.signature}"

    def resource_url(self, target: Target) -> str:
        return self.base(target.shop) + target.key

    def find(self, shop: str, key: str | None) -> Target | None:
        with self._lock:
            return self._targets.get((shop, key or ""))

    def is_staged(self, shop: str, source: str) -> bool:
        """Whether *source* names a place here, uploaded to or not."""
        return source.startswith(self.base(shop))

    def uploaded(self, shop: str, source: str) -> bytes | None:
        """The bytes behind the resource URL *source*; None when nothing was uploaded there."""
        target = self.find(shop, source.removeprefix(self.base(shop)))
        return target.content if target else None

    def receive(self, target: Target, content: bytes) -> None:
        with self._store.lock:
            target.content = content
            self._store.shop(target.shop).effects["file uploaded"] += 1

    def is_over(self, target: Target) -> bool:
        return self._store.now() >= target.expires_at


def routes(store: Store, uploads: Uploads) -> Blueprint:
    """`POST /shops/<shop>/staged-uploads/` as a form, `PUT …/<key>` as raw bytes."""
    blueprint = Blueprint("sandbox_uploads", __name__)

    @blueprint.post("/shops/<shop>/staged-uploads/")
    def post_form(shop: str) -> Response:
        body_names = _names_in_order(request)
        target = uploads.find(shop, request.form.get("key"))
        if _is_refused(store, uploads, target, shop) or target is None:
            return _denied("the policy or its signature is over or unknown")
        if problem := _form_problem(target, request, body_names):
            return _denied(problem)
        uploads.receive(target, request.files["file"].read())
        return Response(f"<PostResponse><Key>{target.key}</Key></PostResponse>", 201, mimetype="application/xml")

    @blueprint.put("/shops/<shop>/staged-uploads/<path:key>")
    def put_bytes(shop: str, key: str) -> Response:
        target = uploads.find(shop, key)
        if _is_refused(store, uploads, target, shop) or target is None or target.method != "PUT":
            return _denied("the signed URL is over or unknown")
        if not _is_signed(target, request.args.get("signature")) or request.mimetype != target.mime_type:
            return _denied("the signature does not match the URL and its content type")
        uploads.receive(target, request.get_data())
        return Response(status=200)

    return blueprint


def _is_refused(store: Store, uploads: Uploads, target: Target | None, shop: str) -> bool:
    if store.faults.take("staged.403", shop=shop) is not None:
        return True
    return target is None or uploads.is_over(target)


def _is_signed(target: Target, signature: str | None) -> bool:
    return hmac.compare_digest((signature or "").encode(), target.signature.encode())


def _form_problem(target: Target, incoming: Request, names: list[str]) -> str | None:
    """Why the form is refused; fields behind `file` do not count, as on the real store."""
    if target.method != "POST" or "file" not in incoming.files:
        return "the form has no part named file"
    before_file = names[: names.index("file")]
    for name, value in target.parameters().items():
        if name not in before_file:
            return f"the form has no field {name} before its file"
        if incoming.form.get(name) != value:
            return f"the field {name} is not what was signed"
    return None


def _names_in_order(incoming: Request) -> list[str]:
    """The names of the parts of a multipart body: Flask keeps fields and files apart, their order is the point."""
    boundary = incoming.mimetype_params.get("boundary", "")
    body = incoming.get_data(cache=True)
    if not boundary:
        return []
    heads = [part.partition(b"\r\n\r\n")[0] for part in body.split(b"--" + boundary.encode())]
    found = [DISPOSITION_NAME.search(head) for head in heads]
    return [match[1].decode(errors="replace") for match in found if match]


def _denied(why: str) -> Response:
    text = f"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
    return Response(text, 403, mimetype="application/xml")
