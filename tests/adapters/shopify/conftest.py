"""A clock that only sleeping moves, a table of shops, and a Shopify that answers what it is told to."""

import json
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shopify_imagegen.adapters.shopify import connect
from shopify_imagegen.models import Shop, ShopToken
from shopify_imagegen.settings import ShopifySection

SHOP = "nice-lamps.myshopify.com"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Time:
    """Stands still until someone sleeps."""

    def __init__(self):
        self.now_s = 0.0
        self.slept_s = []
        self._lock = threading.Lock()

    def sleep(self, seconds):
        with self._lock:
            self.slept_s.append(seconds)
            self.now_s += seconds

    def monotonic(self):
        return self.now_s

    def clock(self):
        return START + timedelta(seconds=self.now_s)


class FakeShops:
    """One shop and its token, in memory. Counts what is saved; `asking` says that another process asks for one."""

    def __init__(self, grant="static", token="shpat_first", ends_at=None):
        self.shop = Shop(domain=SHOP, grant=grant, installed_at=START)
        self.kept = ShopToken(access=token, ends_at=ends_at) if token else None
        self.saved = []
        self.number = 1
        self.asking = False
        self._lock = threading.Lock()

    def token(self, domain):
        return self.kept

    def with_token(self, domain):
        return (self.shop, self.kept) if self.shop and domain == SHOP else None

    def save_token(self, domain, token, scopes, *, after=None):
        if after not in (None, self.number):
            return False
        self.saved.append((domain, token, list(scopes)))
        self.change(token)
        return True

    def drop_token(self, domain, *, after=None):
        if after in (None, self.number):
            self.change(None)

    def change(self, token):
        """As another process may do it, too."""
        self.kept, self.number, self.asking = token, self.number + 1, False

    def take_renewal(self, domain, *, now, until):
        with self._lock:
            mine, self.asking = not self.asking, True
            return self.number if mine else None

    def leave_renewal(self, domain, *, after):
        self.asking = self.asking and after != self.number


class FakeShopify:
    """Answers each request with the next of `answers` of its kind, the last one again and again.

    An answer is the JSON of a 200, a whole response, an error to raise, or a function that makes one of these.
    Its kinds are the names of GraphQL operations, "token" for the token endpoint, "storage" for upload targets.
    """

    def __init__(self):
        self.answers = {}
        self.requests = []

    def says(self, kind, *answers):
        self.answers[kind] = list(answers)

    def __call__(self, request):
        kind = kind_of(request)
        self.requests.append((kind, request))
        waiting = self.answers[kind]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return httpx.Response(200, json=answer)

    def sent(self, kind):
        """The requests of that kind; of GraphQL ones their variables."""
        found = [request for each, request in self.requests if each == kind]
        return [json.loads(each.content)["variables"] if "graphql" in each.url.path else each for each in found]

    @property
    def kinds(self):
        return [kind for kind, _ in self.requests]


def kind_of(request):
    if request.url.path.endswith("/graphql.json"):
        return json.loads(request.content)["operationName"]
    return "token" if request.url.path.endswith("/admin/oauth/access_token") else "storage"


def data(**fields):
    return {"data": fields}


def wrong(code, message="No.", **more):
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}


def cost(requested=100, available=1900, maximum=2000.0, restored_per_s=50.0):
    status = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": restored_per_s}
    return {"extensions": {"cost": {"requestedQueryCost": requested, "throttleStatus": status}}}


JOB_DONE = data(job={"id": "gid://shopify/Job/1", "done": True})
DELETED = data(fileDelete={"deletedFileIds": ["gid://shopify/MediaImage/9"], "userErrors": []})
ATTACHED = data(
    fileUpdate={
        "files": [{"__typename": "MediaImage", "id": "gid://shopify/MediaImage/9", "fileStatus": "READY"}],
        "userErrors": [],
    }
)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def shopify():
    return FakeShopify()


@pytest.fixture
def shops():
    return FakeShops()


@pytest.fixture
def reach(time, shopify, shops):
    """Connect to the fake Shopify, as wiring does to the real one."""

    def reach(noticed=lambda shop, scopes: None, **section):
        secrets = {"client_id": "the-id", "client_secret": "the-secret"}
        return connect(
            ShopifySection(**{**secrets, **section}),
            shops,
            clock=time.clock,
            sleep=time.sleep,
            monotonic=time.monotonic,
            noticed=noticed,
            transport=httpx.MockTransport(shopify),
        )

    return reach


@pytest.fixture
def neighbour(reach):
    return reach()
