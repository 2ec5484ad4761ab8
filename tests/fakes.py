"""Fakes with a memory, at the ports: a provider that sells once, a store that keeps files, a clock that sleeping moves.

Our own tables are not faked: they are the real ones on a small SQLite file.
"""

import functools
import hashlib
import io
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from PIL import Image as Picture
from PIL import ImageDraw

from shopify_imagegen import naming, provenance
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.decisions import SqlDecisions
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.pauses import SqlPauses
from shopify_imagegen.adapters.database.pictures import SqlPictures
from shopify_imagegen.adapters.database.shops import SqlShops
from shopify_imagegen.adapters.database.tables import metadata
from shopify_imagegen.adapters.database.vault import Vault
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.adapters.http import patience
from shopify_imagegen.attach import Attach
from shopify_imagegen.disclosure import Disclosure
from shopify_imagegen.errors import Conflict, NoAnswer, NotCollected, NotFound, Temporary, Unavailable
from shopify_imagegen.generate import Generate
from shopify_imagegen.line import Line
from shopify_imagegen.linking import Linking
from shopify_imagegen.look import Look
from shopify_imagegen.models import (
    Brief,
    ImageState,
    Job,
    JobState,
    Photo,
    Plan,
    Product,
    Purchase,
    PurchaseState,
    Receipt,
    Reference,
    Rendering,
    Shop,
    StoredFile,
    Trigger,
    Variant,
)
from shopify_imagegen.pausing import ProviderPauses
from shopify_imagegen.photos import Photos
from shopify_imagegen.places import Places
from shopify_imagegen.plan import open_studio
from shopify_imagegen.publish import Prepare
from shopify_imagegen.regenerate import Regenerate
from shopify_imagegen.review import Review
from shopify_imagegen.rollback import Rollback
from shopify_imagegen.settings import BudgetSection, PublishSection, Settings
from shopify_imagegen.swap import Swap

SHOP = "nice-lamps.myshopify.com"
LAMP = "gid://shopify/Product/1"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
PRICE = 60_000
CDN = "https://cdn.shopify.example/files"
PACKSHOT = f"{CDN}/lamp.jpg"


class Time:
    """Stands still until someone sleeps."""

    def __init__(self, now=START):
        self.now = now

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)


@functools.cache
def packshot():
    """The merchant's photo: a lamp on white."""
    picture = Picture.new("RGB", (800, 1000), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(250, 500), (550, 500), (470, 250), (330, 250)], fill="#b5651d")
    draw.rectangle([385, 500, 415, 850], fill="#333333")
    return _jpeg(picture)


@functools.cache
def scene(width=1024, height=1280):
    """What a provider sells: another picture, of the ordered shape."""
    picture = Picture.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for step in range(0, width, 64):
        draw.rectangle([step, height // 2, step + 30, height], fill=(90 + step // 10, 60, 40))
    draw.ellipse([width // 3, height // 4, width // 2, height // 2], fill="#b5651d")
    return _jpeg(picture)


@functools.cache
def stamped_scene():
    return provenance.stamp(scene(), mime="image/jpeg")


def _jpeg(picture):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


class LostBefore(NoAnswer):
    """For the buyer the same as NoAnswer; the request never reached the provider."""


class FakeProvider:
    """Sells pictures. `errors` go wrong first; an answer that is lost is sold all the same.

    What is sold twice is remembered, and fails the test when its world ends: our code must not be able to swallow it.

    Args:
        in_two: sells by receipt; the picture is fetched afterwards, and `fetching` goes wrong first.
    """

    name = "fake"
    max_references = 4
    max_prompt_chars = 4096

    def __init__(self, time, *, in_two=False, cost_microusd=PRICE):
        self.errors = []
        self.fetching = []
        self.sold = []
        self.calls = []
        self.expires_at = time.now + timedelta(hours=1)
        self.left_microusd = None
        self.balances = []
        self._in_two = in_two
        self.cost_microusd = cost_microusd

    def render(self, brief, references, *, on_receipt):
        self.calls.append(brief.key)
        error = self.errors.pop(0) if self.errors else None
        if error is None or type(error) is NoAnswer:
            self.sold.append(brief.key)
        if error:
            raise error
        if not self._in_two:
            return self.rendering()
        on_receipt(self.receipt())
        try:
            return self.collect(self.receipt())
        except Exception as error:
            raise NotCollected("bought, and not fetched yet") from error

    def receipt(self):
        url = "https://provider.example/1?sig=secret"
        cost = self.cost_microusd
        return Receipt(url=url, mime="image/jpeg", cost_microusd=cost, request_id="req-1", expires_at=self.expires_at)

    def collect(self, receipt):
        if self.fetching:
            raise self.fetching.pop(0)
        return self.rendering()

    def capabilities(self):
        return None

    def balance(self):
        self.balances.append(1)
        if isinstance(self.left_microusd, Exception):
            raise self.left_microusd
        return self.left_microusd

    def quote(self, resolution):
        return None

    def rendering(self):
        return Rendering(image=scene(), mime="image/jpeg", cost_microusd=self.cost_microusd, request_id="req-1")


@dataclass(frozen=True)
class File:
    """A file of the store."""

    id: str
    name: str
    alt: str
    status: str = "READY"
    errors: tuple = ()

    @property
    def url(self):
        return f"{CDN}/{self.name}?v=1" if self.status == "READY" else None


@dataclass
class FakeMedia:
    """A store's Files and galleries.

    `before[method]` is raised and nothing happens; `after[method]` happens and is raised all the same, each once.
    """

    galleries: dict = field(default_factory=dict)  #: product id → file ids in order
    files: dict = field(default_factory=dict)  #: file id → File
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    new_status: str = "READY"
    looks_until_ready: int = 0
    searches_in_vain: int = 0
    refuses_references: bool = False
    uploads: list = field(default_factory=list)  #: the bytes that we sent
    sources: list = field(default_factory=list)  #: the addresses that galleries were filled from
    copies_are_named: str = ""  #: where Shopify gives a copy a name of its own
    shows_nothing: bool = False
    deleted: list = field(default_factory=list)
    variants: dict = field(default_factory=dict)  #: variant id → its options, ("Color", "Red") and so on
    shown_by: dict = field(default_factory=dict)  #: variant id → the medium that it shows

    def product(self, product_id, *names):
        """A product with photos of the merchant's."""
        self.galleries[product_id] = [self.new(name, "the merchant's words").id for name in names]

    def names(self, product_id=LAMP):
        return [self.files[file_id].name for file_id in self.galleries[product_id]]

    def upload(self, shop, image, *, file_name, mime):
        self._go("upload")
        self.uploads.append(image)
        return self._done("upload", f"https://staged.example/{file_name}")

    def create_file(self, shop, resource_url, *, file_name, alt):
        self._go("create_file")
        if any(file.name == file_name for file in self.files.values()):
            raise Conflict(f"a file named {file_name} exists")
        file = self.new(file_name, alt, status=self.new_status)
        return self._done("create_file", self._stored(file))

    def find_file(self, shop, file_name):
        self._go("find_file")
        if self.searches_in_vain:
            self.searches_in_vain -= 1
            return None
        found = (file for file in self.files.values() if file.name == file_name)
        return next(map(self._stored, found), None)

    def file(self, shop, file_id):
        self._go("file")
        if file_id not in self.files:
            raise NotFound(f"{file_id} is gone")
        if self.looks_until_ready and self.files[file_id].status == "PROCESSING":
            self.looks_until_ready -= 1
            if not self.looks_until_ready:
                self.files[file_id] = replace(self.files[file_id], status="READY")
        return self._stored(self.files[file_id])

    def attach(self, shop, product_id, file_id):
        self._go("attach")
        gallery = self._gallery(product_id)
        if file_id not in self.files:
            raise NotFound(f"{file_id} is gone")
        if self.refuses_references:
            raise Conflict("references are refused")
        if file_id not in gallery and not self.shows_nothing:
            gallery.append(file_id)
        self._done("attach", None)

    def add_to_gallery(self, shop, product_id, *, source_url, alt):
        self._go("add_to_gallery")
        self.sources.append(source_url)
        name = source_url.rpartition("/")[2].partition("?")[0].replace(".jpg", "_0f0f-copy.jpg")
        name = self.copies_are_named or name
        self._gallery(product_id).append(self.new(name, alt, status=self.new_status).id)
        self._done("add_to_gallery", None)

    def gallery(self, shop, product_id):
        self._go("gallery")
        return tuple(self._photo(self.files[file_id]) for file_id in self._gallery(product_id))

    def move(self, shop, product_id, places):
        self._go("move")
        gallery = self._gallery(product_id)
        for file_id, place in sorted(places.items(), key=lambda each: each[1]):
            gallery.remove(file_id)
            gallery.insert(place, file_id)
        self._done("move", None)

    def detach(self, shop, product_id, file_id):
        self._go("detach")
        gallery = self._gallery(product_id)
        if file_id not in self.files:
            raise NotFound(f"{file_id} is gone")
        if file_id in gallery:
            gallery.remove(file_id)
        self.shown_by = {variant: medium for variant, medium in self.shown_by.items() if medium != file_id}
        self._done("detach", None)

    def describe(self, shop, file_id, alt):
        self._go("describe")
        self.files[file_id] = replace(self.files[file_id], alt=alt)
        self._done("describe", None)

    def delete_file(self, shop, file_id):
        self._go("delete_file")
        self.remove(file_id)
        self.deleted.append(file_id)
        self._done("delete_file", None)

    def remove(self, file_id):
        """Take a file out of the store, as a merchant may."""
        self.files.pop(file_id, None)
        for gallery in self.galleries.values():
            with suppress(ValueError):
                gallery.remove(file_id)

    def new(self, name, alt, *, status="READY"):
        file = File(id=f"gid://shopify/MediaImage/{len(self.files) + len(self.deleted) + 1}", name=name, alt=alt)
        self.files[file.id] = replace(file, status=status, errors=("too odd",) if status == "FAILED" else ())
        return self.files[file.id]

    def _gallery(self, product_id):
        if product_id not in self.galleries:
            raise NotFound(f"{product_id} is gone")
        return self.galleries[product_id]

    def _go(self, method):
        self.asked.append(method)
        if self.before.get(method):
            raise self.before[method].pop(0)

    def _done(self, method, result):
        if self.after.get(method):
            raise self.after[method].pop(0)
        return result

    @staticmethod
    def _stored(file):
        return StoredFile(id=file.id, status=file.status, url=file.url, alt=file.alt, errors=file.errors)

    @staticmethod
    def _photo(file):
        return Photo(id=file.id, kind="IMAGE", status=file.status, alt=file.alt, url=file.url)


class FakeVariants:
    """The variants of the one product, over the same store."""

    def __init__(self, media):
        self._media = media

    def of(self, shop, product_id):
        self._media._go("variants")
        shown = self._media.shown_by
        return tuple(
            Variant(id=each, title=" / ".join(value for _, value in options), options=options, media_id=shown.get(each))
            for each, options in self._media.variants.items()
        )

    def show(self, shop, product_id, media):
        self._media._go("show")
        if set(media) & set(self._media.shown_by):
            raise Conflict("a variant has a medium already")
        self._media.shown_by |= media
        self._media._done("show", None)

    def show_no_more(self, shop, product_id, media):
        self._media._go("show_no_more")
        for variant in media:
            del self._media.shown_by[variant]
        self._media._done("show_no_more", None)


class FakeMetafields:
    """What the app keeps on products: (product id, key) → value. `errors` are raised first."""

    def __init__(self):
        self.values = {}
        self.errors = []

    def write(self, shop, product_id, key, value):
        if self.errors:
            raise self.errors.pop(0)
        self.values[product_id, key] = value

    def erase(self, shop, product_id, key):
        if self.errors:
            raise self.errors.pop(0)
        self.values.pop((product_id, key), None)


class FakeCatalog:
    """The store's products, by id. `errors` are raised first."""

    def __init__(self):
        self.products = {}
        self.errors = []
        self.reads = 0

    def product(self, shop, product_id):
        self.reads += 1
        if self.errors:
            raise self.errors.pop(0)
        if product_id not in self.products:
            raise NotFound(f"{product_id} is gone")
        return self.products[product_id]


class FakeDownloads:
    """The CDN: address → bytes, or the error that it answers with."""

    def __init__(self):
        self.pages = {PACKSHOT: packshot()}

    def get(self, url, *, max_bytes):
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        return found


class FakeWork:
    """The engine, as far as a store's leaving knows it."""

    def __init__(self):
        self.runs = False

    def is_at_work(self, shop):
        return self.runs

    def forget(self, shop):
        assert not self.runs, "a paid call may be under way"
        return 0


class Flaky:
    """A port whose methods fail as told: `before` without effect, `after` with it; None: not this time."""

    def __init__(self, port):
        self._port = port
        self.before = {}
        self.after = {}

    def __getattr__(self, name):
        method = getattr(self._port, name)

        def call(*args, **options):
            self._go(self.before.get(name))
            result = method(*args, **options)
            self._go(self.after.get(name))
            return result

        return call

    def _go(self, errors):
        if errors and (error := errors.pop(0)):
            raise error


def away():
    return Unavailable("the database did not answer")


@functools.cache
def empty_tables():
    """A database file with our tables, made once: making them takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        metadata.create_all(database.engine)
        database.close()
        return (Path(folder) / "empty.db").read_bytes()


class World:
    """A shop, a product and our whole house around them, on fakes and a real database."""

    def __init__(self, folder, *, in_two=False, settings=None, budget=None, on_unknown="hold", position="last", url=""):
        self.time = Time()
        clock = self.time.clock
        if not url:
            (folder / "test.db").write_bytes(empty_tables())
        self.database = Database(url or f"sqlite:///{folder}/test.db")
        self.jobs = Flaky(SqlJobs(self.database, clock))
        self.ledger = Flaky(SqlLedger(self.database, clock))
        self.watch = Flaky(SqlWatch(self.database))
        self.inbox = Flaky(SqlInbox(self.database, clock))
        self.shops = SqlShops(self.database, Vault([Fernet.generate_key().decode()]))
        self.pauses = SqlPauses(self.database, clock)
        self.decisions = SqlDecisions(self.database, clock)
        self.provider = FakeProvider(self.time, in_two=in_two)
        self.media = FakeMedia()
        self.variants = FakeVariants(self.media)
        self.metafields = FakeMetafields()
        self.pictures = Flaky(SqlPictures(self.database, clock))
        self.catalog = FakeCatalog()
        self.downloads = FakeDownloads()
        self.places = Places(32, sleep=self.time.sleep)
        self.settings = settings or Settings()
        self.budget = budget or BudgetSection()
        self._on_unknown = on_unknown
        self._position = position
        self.shops.save(Shop(domain=SHOP, grant="static", installed_at=START - timedelta(days=1)))
        self.catalog.products[LAMP] = lamp()
        self.media.product(LAMP, "lamp.jpg")

    def close(self):
        self.database.close()
        assert len(self.provider.sold) == len(set(self.provider.sold)), "paid twice for one picture"

    def heard_of_the_lamp(self):
        """As after the webhook of a new product whose first job has begun."""
        self.watch.touch(SHOP, LAMP, created=True, due_at=START)
        self.watch.started(SHOP, LAMP, 1)
        return self

    @property
    def generate(self):
        return Generate(
            jobs=self.jobs,
            ledger=self.ledger,
            provider=self.provider,
            photos=Photos(self.downloads),
            patience=self._patience(attempts=4, total_s=240),
            stubborn=self._patience(attempts=60, total_s=300),
            limits=lambda shop: self.budget,
            clock=self.time.clock,
            places=self.places,
            pauses=ProviderPauses(pauses=self.pauses, provider=self.provider),
            decisions=self.decisions,
            on_unknown=self._on_unknown,
        )

    @property
    def prepare(self):
        photos = Photos(self.downloads)
        return Prepare(jobs=self.jobs, spool=self.ledger, media=self.media, photos=photos, sleep=self.time.sleep)

    @property
    def attach(self):
        settings = PublishSection(position=self._position)
        return Attach(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.media,
            downloads=self.downloads,
            settings=lambda shop: settings,
            sleep=self.time.sleep,
        )

    @property
    def swap(self):
        return Swap(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.media,
            attach=self.attach,
            linking=self.linking,
            sleep=self.time.sleep,
        )

    @property
    def linking(self):
        return Linking(
            pictures=self.pictures,
            variants=self.variants,
            media=self.media,
            settings=lambda shop: self.settings.images,
        )

    @property
    def rollback(self):
        return Rollback(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.media,
            variants=self.variants,
            watch=self.watch,
            swap=self.swap,
            linking=self.linking,
            disclosure=self.disclosure,
            sleep=self.time.sleep,
        )

    @property
    def disclosure(self):
        return Disclosure(
            pictures=self.pictures, metafields=self.metafields, settings=lambda shop: self.settings.disclosure
        )

    @property
    def regenerate(self):
        return Regenerate(catalog=self.catalog, jobs=self.jobs, pictures=self.pictures, look=self.look)

    @property
    def review(self):
        return Review(jobs=self.jobs, pictures=self.pictures, media=self.media)

    @property
    def look(self):
        return Look(
            catalog=self.catalog,
            jobs=self.jobs,
            watch=self.watch,
            shops=self.shops,
            studio=lambda shop: open_studio(self.settings, max_references=4, max_prompt_chars=4096),
            clock=self.time.clock,
        )

    @property
    def line(self):
        return Line(
            look=self.look,
            generate=self.generate,
            prepare=self.prepare,
            attach=self.attach,
            jobs=self.jobs,
            watch=self.watch,
            inbox=self.inbox,
            regenerate=self.regenerate,
            reviews=self.review,
            rollback=self.rollback,
            swap=self.swap,
            linking=self.linking,
            disclosure=self.disclosure,
            pictures=self.pictures,
            review=lambda shop: self.settings.publish.mode == "review",
            clock=self.time.clock,
        )

    def begin(self, count=1, **job_fields):
        """A job with pictures to be bought; the ids of the pictures."""
        briefs = tuple(brief(slot) for slot in range(count))
        plan = Plan(product_id=LAMP, product_title="Lamp", recipe="r" * 32, category="home", facts="", briefs=briefs)
        job = self.jobs.begin(a_job(self.time.now, **job_fields), plan)
        return [image.id for image in self.jobs.images(job.id)]

    def bought(self, count=1):
        """The same, bought: straight to the ledger and the spool."""
        ids = self.begin(count)
        for image_id in ids:
            self.ledger.reserve(self.purchase(image_id), ())
            self.ledger.sent(image_id)
            self.ledger.paid(image_id, self.provider.rendering(), spare_microusd=PRICE)
            self.jobs.move_image(image_id, ImageState.BOUGHT)
        return ids

    def stamped(self, count=1):
        """The same, inspected and marked."""
        ids = self.bought(count)
        for image_id in ids:
            self.ledger.replace(image_id, stamped_scene())
            sha256 = hashlib.sha256(stamped_scene()).hexdigest()
            self.jobs.move_image(image_id, ImageState.BOUGHT, sha256=sha256, width_px=1024, height_px=1280)
        return ids

    def staged(self, count=1):
        """The same, in the store's Files."""
        ids = self.stamped(count)
        for image_id in ids:
            wanted = self.jobs.image(image_id).brief
            file = self.media.new(wanted.file_name, wanted.alt)
            self.jobs.move_image(image_id, ImageState.STAGED, file_id=file.id)
            self.ledger.drop(image_id)
        return ids

    def published(self, count=1):
        """The same, on the product; the job has ended."""
        ids = self.staged(count)
        assert "go_on" == self.attach.attach(ids).next
        self.line.finish(self.jobs.image(ids[0]).job_id)
        return ids

    def rewrite(self, image_id, **changes):
        """Another brief, as if it had been planned so."""
        image = self.jobs.image(image_id)
        brief = image.brief.model_copy(update=changes).model_dump(mode="json")
        self.jobs.move_image(image_id, image.state, brief=brief)

    def purchase(self, image_id):
        """The row that a purchase of the picture begins with."""
        image, job = self.jobs.image(image_id), self.jobs.job(a_job(self.time.now).id)
        return Purchase(
            key=image_id,
            shop=SHOP,
            product_id=LAMP,
            job_id=job.id,
            recipe=job.recipe,
            slot=image.slot,
            trigger=job.trigger,
            state=PurchaseState.RESERVED,
            reserved_microusd=PRICE,
            day="2026-11-22",
            created_at=self.time.now,
        )

    def state(self, image_id):
        return self.jobs.image(image_id).state

    def is_(self, image_id, state):
        return ImageState(state) == self.state(image_id)

    def shop(self, **changes):
        self.shops.save(self.shops.find(SHOP).model_copy(update=changes))

    def _patience(self, **limits):
        return patience(on=(Temporary,), first_wait_s=1, longest_wait_s=60, sleep=self.time.sleep, **limits)


def a_job(now, **changes):
    job = Job(
        id=f"job:{SHOP}:1:rrrrrrrrrrrr",
        shop=SHOP,
        product_id=LAMP,
        product_title="Lamp",
        recipe="r" * 32,
        trigger=Trigger.NEW_LISTING,
        state=JobState.PLANNED,
        created_at=now,
        updated_at=now,
    )
    return job.model_copy(update=changes)


def brief(slot=0, **changes):
    key = f"{slot + 1:032x}"[::-1]
    file_name = naming.file_name("Lamp", handle="lamp", scene="home/desk", key=key, output_format="jpeg")
    made = Brief(
        key=key,
        slot=slot,
        scene="home/desk",
        scene_title="A desk",
        prompt="a lamp on a desk",
        references=(Reference(media_id="gid://shopify/MediaImage/1", url=PACKSHOT),),
        model="gpt-image-2",
        aspect_ratio="4:5",
        resolution="1K",
        output_format="jpeg",
        price_microusd=PRICE,
        alt=f"Lamp on desk {slot + 1}",
        file_name=file_name,
    )
    return made.model_copy(update=changes)


def lamp(**changes):
    photo = Photo(
        id="gid://shopify/MediaImage/1",
        kind="IMAGE",
        status="READY",
        url=PACKSHOT,
        reference_url=PACKSHOT,
        width_px=800,
        height_px=1000,
    )
    product = Product(
        id=LAMP,
        handle="lamp",
        title="Lamp",
        product_type="Table lamp",
        media=(photo,),
        media_count=1,
        created_at=START,
        updated_at=START,
    )
    return product.model_copy(update=changes)
