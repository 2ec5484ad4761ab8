"""Put the stand-ins together on one port of this machine: the shops, the image API, the controls, the page."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from shopify_imagegen.sandbox import control, image_api, pages
from shopify_imagegen.sandbox.faults import Faults
from shopify_imagegen.sandbox.shop import admin_api, bulk, cdn, consent, token_endpoint, tokens, uploads
from shopify_imagegen.sandbox.shop.loopback import LOOPBACK_HOSTS
from shopify_imagegen.sandbox.shop.state import Rules
from shopify_imagegen.sandbox.shop.store import NotHere, Store
from shopify_imagegen.sandbox.shop.webhooks import App

STOP_POLL_S = 0.02  # how soon a test's server notices that it is to stop
MAX_REQUEST_BYTES = 256 * 1024 * 1024


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1, and no log line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *args: Any) -> None:
        """Say nothing: the browser page and the counts tell what was asked."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, as a test sees it."""

    base_url: str
    store: Store
    faults: Faults
    tokens: tokens.Tokens


def create_app(
    store: Store | None = None,
    *,
    client_id: str = "sandbox-client-id",
    client_secret: str = "sandbox-client-secret",
) -> Flask:
    """The sandbox as one WSGI app; *store* brings its own app credentials."""
    store = store or Store(app=App(client_id, client_secret))
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_REQUEST_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    minted, staged = tokens.Tokens(store), uploads.Uploads(store)
    app.extensions["sandbox"] = (store, minted)
    app.register_blueprint(admin_api.routes(store, minted, staged))
    codes = consent.Codes(store)
    app.register_blueprint(token_endpoint.routes(store, minted, codes))
    app.register_blueprint(consent.routes(store, codes))
    app.register_blueprint(uploads.routes(store, staged))
    app.register_blueprint(cdn.routes(store))
    app.register_blueprint(bulk.routes(store))
    bank = _mount_images(app, store)
    app.register_blueprint(control.routes(store, minted, bank))
    app.register_blueprint(pages.blueprint(store, minted))  # the shop admin in the browser, at `/`
    app.register_error_handler(NotHere, _not_here)
    return app


def _mount_images(app: Flask, store: Store) -> Any:
    """The stand-in image API at `/images-api`; its bank, which keeps the bill."""
    images = image_api.blueprint(store.faults)
    app.register_blueprint(images, url_prefix="/images-api")
    return images.bank


def _not_here(error: NotHere) -> tuple[Response, int]:
    return jsonify({"errors": "Not Found", "detail": f"there is no {error} here"}), 404


@contextlib.contextmanager
def running(
    rules: Rules | None = None, *, host: str = "127.0.0.1", port: int = 0, **store_parts: Any
) -> Iterator[Sandbox]:
    """A sandbox that serves in a thread until the block ends; port 0 picks a free one."""
    with contextlib.closing(Store(rules, **store_parts)) as store:
        app = create_app(store)
        server = _server(app, store, host, port)
        thread = threading.Thread(target=server.serve_forever, args=(STOP_POLL_S,), name="sandbox", daemon=True)
        thread.start()
        try:
            yield Sandbox(store.base_url, store, store.faults, app.extensions["sandbox"][1])
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def serve(host: str = "127.0.0.1", port: int = 8081, *, store: Store | None = None) -> None:
    """Serve until interrupted.

    Raises:
        ValueError: *host* is not this machine's own.
    """
    with contextlib.closing(store or Store()) as store, _server(create_app(store), store, host, port) as server:
        server.serve_forever()


def _server(app: Flask, store: Store, host: str, port: int) -> BaseWSGIServer:
    if host not in LOOPBACK_HOSTS:
        raise ValueError(f"the sandbox serves this machine only, not {host}: it has no locks on its doors")
    server = make_server(host, port, app, threaded=True, request_handler=QuietHandler)
    store.base_url = f"http://{host}:{server.server_port}"
    return server
