"""A house over a database of its own, beside a store of fakes; its pages as somebody of that store asks for them."""

from datetime import UTC, datetime
from types import SimpleNamespace

from shopify_imagegen.admin import blueprints
from shopify_imagegen.errors import NotFound, Unavailable
from shopify_imagegen.models import (
    Brief,
    Card,
    CardPage,
    IdPage,
    ImageState,
    Job,
    JobState,
    Photo,
    Plan,
    Product,
    Reference,
    Shop,
    StoredFile,
    Trigger,
)
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House
from webhooks.app import create_app

from .conftest import CLIENT, SHOP, bearer, good

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PRICE = 60_000
OTHER_SHOP = "nice-bags.myshopify.com"


class FakeStore:
    """Products by id; `away` makes every question fail."""

    def __init__(self):
        self.titles = {}
        self.away = False
        self.files = []

    def search(self, shop, words, *, after, limit):
        self._answer()
        found = [self._card(each) for each, title in self.titles.items() if words.lower() in title.lower()]
        start = int(after or 0)
        following = str(start + limit) if len(found) > start + limit else None
        return CardPage(cards=tuple(found[start : start + limit]), after=following)

    def ids(self, shop, words, *, after, limit):
        page = self.search(shop, words, after=after, limit=limit)
        return IdPage(ids=tuple(card.id for card in page.cards), after=page.after)

    def some(self, shop, product_ids):
        self._answer()
        return {each: self._card(each) for each in product_ids if each in self.titles}

    def pictures(self, shop, file_ids):
        self._answer()
        return {each: f"https://cdn.example/{each.rpartition('/')[2]}.jpg" for each in file_ids}

    def product(self, shop, product_id):
        self._answer()
        if product_id not in self.titles:
            raise NotFound(f"{product_id} is not in {shop}")
        photo = Photo(id="gid://shopify/MediaImage/1", kind="IMAGE", status="READY", url="https://cdn.example/1.jpg")
        photo = photo.model_copy(update={"reference_url": photo.url, "width_px": 800, "height_px": 800})
        title = self.titles[product_id]
        fields = {"handle": "lamp", "product_type": "Lamps", "created_at": NOW, "updated_at": NOW}
        return Product(id=product_id, title=title, media=(photo,), media_count=1, **fields)

    def installed(self, shop):
        self._answer()
        return SimpleNamespace(timezone="Europe/Berlin")

    def find_file(self, shop, file_name):
        self._answer()
        return self._file(file_name) if file_name in self.files else None

    def upload(self, shop, image, *, file_name, mime):
        self._answer()
        return f"https://staged.example/{file_name}"

    def create_file(self, shop, resource_url, *, file_name, alt):
        self.files.append(file_name)
        return self._file(file_name)

    def file(self, shop, file_id):
        self._answer()
        return self._file(self.files[int(file_id.rpartition("/")[2]) - 9000])

    def _file(self, name):
        file_id = f"gid://shopify/MediaImage/{9000 + self.files.index(name)}"
        return StoredFile(id=file_id, status="READY", url=f"https://cdn.example/{name}")

    def _card(self, product_id):
        url = "https://cdn.example/1.jpg?v=1"
        return Card(id=product_id, title=self.titles[product_id], status="ACTIVE", media_count=1, image_url=url)

    def _answer(self):
        if self.away:
            raise Unavailable("Shopify is away")


class Office:
    """A store's people at their pages."""

    def __init__(self, folder, toml=""):
        settings = f"""
            [database]
            url = "sqlite:///{folder}/imagegen.db"
            [app]
            data_dir = "{folder}"
            [shopify]
            client_id = "{CLIENT["client_id"]}"
            client_secret = "{CLIENT["secret"]}"
            {toml}"""
        self.house = House(parse(settings, {}))
        self.store = FakeStore()
        store = self.store
        shopify = SimpleNamespace(
            cards=store, catalog=store, media=store, tokens=None, variants=store, metafields=store, installation=store
        )
        provider = SimpleNamespace(name="getimg", max_references=4, max_prompt_chars=4096, quote=lambda _: PRICE)
        self.house.__dict__ |= {"shopify": shopify, "provider": provider}
        for domain in (SHOP, OTHER_SHOP):
            self.house.shops.save(Shop(domain=domain, grant="static", installed_at=NOW))
        self.house.workers.beat("the worker")
        app = create_app(secrets=["x"], inbox=self.house.inbox, ready=dict, blueprints=blueprints(self.house))
        self._client = app.test_client()
        self._jobs = 0

    def get(self, path, *, shop=SHOP, **headers):
        return self._client.get(path, headers=bearer(good(shop)) | headers)

    def post(self, path, *, shop=SHOP, **form):
        return self._client.post(path, headers=bearer(good(shop)), data=form)

    def add(self, number, title="Brass lamp"):
        product_id = f"gid://shopify/Product/{number}"
        self.store.titles[product_id] = title
        return product_id

    def made(self, product_id, state, *pictures, shop=SHOP, reason=""):
        """A job of a product, with its pictures; (job id, picture ids)."""
        self._jobs += 1
        briefs = [a_brief(f"{self._jobs:016x}{slot:016x}", slot) for slot in range(len(pictures))]
        job = Job(
            id=f"job:{self._jobs}",
            shop=shop,
            product_id=product_id,
            product_title=self.store.titles.get(product_id, "Gone"),
            recipe="r" * 32,
            trigger=Trigger.PERSON,
            state=JobState.PLANNED,
            created_at=datetime.now(UTC),
            updated_at=NOW,
        )
        facts = {"product_id": product_id, "product_title": "x", "recipe": "r" * 32, "category": "c", "facts": "x"}
        job_id = self.house.jobs.begin(job, Plan(**facts, briefs=tuple(briefs))).id
        for brief, picture in zip(briefs, pictures, strict=True):
            file_id = f"gid://shopify/MediaImage/{brief.key[-3:]}" if picture in ("staged", "published") else None
            self.house.jobs.move_image(brief.key, ImageState(picture), reason, file_id=file_id)
        self.house.jobs.move(job_id, JobState(state), reason)
        return job_id, [brief.key for brief in briefs]

    def asked(self):
        """What was handed to the worker."""
        return [arrival.intent for arrival in self.house.inbox.waiting(100)]


def a_brief(key, slot):
    return Brief(
        key=key,
        slot=slot,
        scene="lighting/bedside-evening",
        scene_title="Bedside in the evening",
        prompt="PHOTO of a lamp.",
        references=(Reference(media_id="gid://shopify/MediaImage/1", url="https://cdn.example/1.jpg"),),
        model="gpt-image-2",
        aspect_ratio="4:5",
        resolution="1K",
        output_format="jpeg",
        price_microusd=PRICE,
        alt="Brass lamp by a bed",
        file_name=f"lamp-lsp{key[:12]}.jpg",
    )
