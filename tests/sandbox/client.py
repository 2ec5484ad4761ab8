"""A client of the sandbox in a few lines, so that its tests speak HTTP as the app would."""

import base64
import io
import threading
import time
from functools import cache
from pathlib import Path

import httpx
from flask import Flask, request
from graphql import parse, print_ast, separate_operations
from PIL import Image
from werkzeug.serving import WSGIRequestHandler, make_server

import shopify_imagegen

OPERATIONS = Path(shopify_imagegen.__file__).parent / "adapters/shopify/operations"
OWN = Path(__file__).with_name("documents.graphql")
SHOP = "lamps.myshopify.com"


@cache
def operations():
    """Every operation that the app sends, by name."""
    return by_name(sorted(OPERATIONS.glob("*.graphql")))


@cache
def documents():
    """The documents of these tests, by name."""
    return by_name([OWN])


def by_name(paths):
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return {name: print_ast(document) for name, document in separate_operations(parse(text)).items()}


def eventually(check, *, limit_s=20.0):
    """What *check* returns, as soon as it is true; fails after *limit_s*."""
    deadline = time.monotonic() + limit_s
    while not (found := check()):
        assert time.monotonic() < deadline, f"still not true after {limit_s} s"
        time.sleep(0.005)
    return found


def jpeg(width=80, height=60, *, colour="teal", **save):
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", **save)
    return out.getvalue()


def data_url(content=None):
    """A photo as the control API takes it."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg() if content is None else content).decode()


class Client:
    """Talks to one shop of a running sandbox."""

    def __init__(self, sandbox, shop=SHOP, **token):
        self.sandbox = sandbox
        self.shop = shop
        self.http = httpx.Client(base_url=sandbox.base_url, timeout=10, trust_env=False, verify=False)
        self.token = sandbox.tokens.mint(shop, **token).value

    def post(self, query, variables=None, *, operation=None, token=None):
        """The raw response to a GraphQL request."""
        return self.http.post(
            f"/shops/{self.shop}/admin/api/2026-10/graphql.json",
            json={"query": query, "variables": variables or {}, "operationName": operation},
            headers={"X-Shopify-Access-Token": token or self.token},
        )

    def ask(self, query, /, **variables):
        """The answer to *query*, which may be the name of a document."""
        return self.post(documents().get(query, query), variables).json()

    def data(self, query, /, **variables):
        """The value of the one root field; fails on errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    def stage(self, filename="oak.jpg", method="POST"):
        wanted = {"filename": filename, "mimeType": "image/jpeg", "resource": "IMAGE", "httpMethod": method}
        return self.data("Stage", input=[wanted])["stagedTargets"][0]

    def upload(self, content=None, filename="oak.jpg"):
        """Stage and upload; the resource URL."""
        target = self.stage(filename)
        fields = {each["name"]: each["value"] for each in target["parameters"]}
        file = {"file": (filename, jpeg() if content is None else content)}
        assert 201 == self.http.post(target["url"], data=fields, files=file).status_code
        return target["resourceUrl"]

    def create(self, content=None, filename="oak.jpg", **wanted):
        """The payload of fileCreate."""
        source = wanted.pop("originalSource", None) or self.upload(content, filename)
        wanted = {"originalSource": source, "filename": filename, "contentType": "IMAGE"} | wanted
        return self.data("CreateFiles", files=[wanted])

    def ready_file(self, content=None, **wanted):
        """The id of a file that is READY."""
        (made,) = self.create(content, **wanted)["files"]
        return self.settled(made["id"])["id"]

    def file(self, gid):
        return self.data("Nodes", ids=[gid])[0]

    def settled(self, gid):
        """The file, once it is READY or FAILED."""
        return eventually(lambda: (file := self.file(gid)) and file["fileStatus"] in ("READY", "FAILED") and file)

    def update(self, gid, **changes):
        """The user errors of fileUpdate."""
        return self.data("UpdateFiles", files=[{"id": gid, **changes}])["userErrors"]

    def add_product(self, title="Oak lamp", **fields):
        """A product as the control API gives it."""
        response = self.http.post(f"/sandbox/api/shops/{self.shop}/products", json={"title": title, **fields})
        assert 201 == response.status_code, response.text
        return response.json()

    def media(self, product):
        """The ids of the product's media, in order."""
        return [each["id"] for each in self.data("Gallery", id=product["gid"])["media"]["nodes"]]

    def settled_media(self, product):
        """The same once none of them is in work."""
        gids = self.media(product)
        return [self.settled(gid)["id"] for gid in gids]

    def control(self, method, path, **request):
        return self.http.request(method, f"/sandbox/api/{path}", **request)


class QuietHandler(WSGIRequestHandler):
    def log_request(self, *args):
        pass


class Listener:
    """The app's end of webhooks: answers *statuses* one after the other, then 200; remembers what came."""

    def __init__(self):
        self.shop = None  # news of any other is answered and forgotten: a test before may have left some under way
        self.statuses = []
        self.delay_s = 0.0
        self.received = []  # (headers, body bytes)
        self._closed = threading.Event()
        app = Flask(__name__)
        app.add_url_rule("/webhooks", view_func=self._receive, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _receive(self):
        if self.shop not in (None, request.headers["X-Shopify-Shop-Domain"]):
            return ""
        self.received.append((dict(request.headers), request.get_data()))
        self._closed.wait(self.delay_s)
        status = self.statuses.pop(0) if self.statuses else 200
        return "", status, {"Location": f"{self.url}/elsewhere"} if status == 302 else {}

    def of(self, topic):
        """What came of *topic*."""
        return [(headers, body) for headers, body in self.received if headers["X-Shopify-Topic"] == topic]

    def close(self):
        self._closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
