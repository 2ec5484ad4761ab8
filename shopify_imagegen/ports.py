"""What the doing modules ask of the neighbours. Each Protocol is kept by an adapter and by a fake in the tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from shopify_imagegen.models import (
    Arrival,
    Backfill,
    BackfillProgress,
    BackfillState,
    Before,
    Brief,
    Candidate,
    Capabilities,
    Card,
    CardPage,
    Ceiling,
    Cursor,
    Deed,
    Failure,
    Heard,
    Hold,
    Image,
    ImageState,
    Installed,
    Item,
    ItemState,
    Job,
    JobState,
    Page,
    Pause,
    Photo,
    Plan,
    Product,
    Progress,
    Purchase,
    Receipt,
    Rendering,
    Saved,
    Seen,
    Session,
    Shop,
    ShopToken,
    Stage,
    Standing,
    StoredFile,
    Subscription,
    Tally,
    Variant,
    Watched,
)

T = TypeVar("T")

Clock = Callable[[], datetime]  #: UTC, with a time zone
Sleep = Callable[[float], None]  #: seconds
Patience = Callable[[Callable[[], T]], T]  #: repeats what raised `Temporary`, within limits; re-raises the last


class Catalog(Protocol):
    """The store's products, read only. Every call may raise Temporary, NoAnswer or NeedsAttention."""

    def product(self, shop: str, product_id: str) -> Product:
        """Raises: NotFound."""

    def product_id(self, shop: str, handle: str) -> str:
        """The gid of the product with that handle. Raises: NotFound."""

    def changed(self, shop: str, since: datetime, *, after: str | None, limit: int) -> Page:
        """At most *limit* products changed since then, the change longest ago first.

        Args:
            after: of the page before this one; None for the first.

        Raises: BadInput when Shopify does not know *after* any more.
        """


class Catalogue(Protocol):
    """All of a store's products. Every call may raise Temporary, NoAnswer or NeedsAttention."""

    def count(self, shop: str, search: str) -> int | None:
        """How many products match Shopify's *search*; None when they are more than can be counted."""

    def each(self, shop: str, search: str, *, many: bool) -> Iterator[Product]:
        """The products that match, in no certain order, read as they are asked for.

        Args:
            search: in the words of Shopify's search; "" for all.
            many: have Shopify write them all into a file first (a bulk operation); else they are read in pages.

        Raises: BadInput when Shopify refuses the search.
        """


class Media(Protocol):
    """The store's files and product galleries. Writes are sent once; after NoAnswer, read back before trying again."""

    def upload(self, shop: str, image: bytes, *, file_name: str, mime: str) -> str:
        """Put bytes on a staged upload target. Returns the resource URL. Safe to repeat. Raises: Rejected."""

    def create_file(self, shop: str, resource_url: str, *, file_name: str, alt: str) -> StoredFile:
        """Raises: Conflict when a file of that name exists; Rejected."""

    def find_file(self, shop: str, file_name: str) -> StoredFile | None:
        """The file of exactly that name, if the store has it."""

    def file(self, shop: str, file_id: str) -> StoredFile:
        """Raises: NotFound."""

    def attach(self, shop: str, product_id: str, file_id: str) -> None:
        """Add a READY file to a gallery. Raises: Conflict when Shopify refuses references to it; Rejected; NotFound."""

    def add_to_gallery(self, shop: str, product_id: str, *, source_url: str, alt: str) -> None:
        """The other way in, where `attach` is refused: a new medium from a URL. Raises: Rejected, NotFound."""

    def gallery(self, shop: str, product_id: str) -> tuple[Photo, ...]:
        """All of the product's media in order. Raises: NotFound."""

    def move(self, shop: str, product_id: str, places: Mapping[str, int]) -> None:
        """Put media at zero-based places, and wait until Shopify has done it. Raises: Rejected, NotFound."""

    def detach(self, shop: str, product_id: str, file_id: str) -> None:
        """Take a file off a product; it stays in Files. Raises: Rejected, NotFound."""

    def describe(self, shop: str, file_id: str, alt: str) -> None:
        """Give a READY file another alt text. Raises: Rejected, NotFound."""

    def delete_file(self, shop: str, file_id: str) -> None:
        """For good. Only ever with an id from our own table."""


class Cards(Protocol):
    """The store's products and pictures as lists show them. Calls may raise Temporary, NoAnswer or NeedsAttention."""

    def search(self, shop: str, words: str, *, after: str | None, limit: int) -> CardPage:
        """Products that *words* are found in, the newest first; all of them for no words.

        Args:
            after: of the page before this one; None for the first.

        Raises: BadInput when Shopify does not know *after* any more.
        """

    def some(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Card]:
        """Those of at most 250 products that the store has."""

    def pictures(self, shop: str, file_ids: Sequence[str]) -> Mapping[str, str]:
        """Where the CDN serves those of at most 250 files that are ready."""


class Installation(Protocol):
    """The app's place in any shop. Every call may raise Temporary, NoAnswer or NeedsAttention."""

    def installed(self, shop: str) -> Installed: ...

    def subscriptions(self, shop: str) -> tuple[Subscription, ...]:
        """Webhooks that this app has asked the shop for; those of its configuration file are not listed."""

    def subscribe(self, shop: str, topic: str, uri: str, *, include_fields: Sequence[str] = ()) -> Subscription:
        """Ask for a webhook.

        Args:
            topic: as deliveries name it, "products/create".
            uri: an https address of ours.
            include_fields: of the payload; all of them when empty.
        """


class Outside(Protocol):
    """Plain looks at public addresses, without any credentials."""

    def look(self, url: str) -> Seen:
        """One GET within a few seconds, redirects not followed.

        Raises: Rejected (not https, or at a private address), Temporary, NoAnswer.
        """


class Variants(Protocol):
    """Which medium each variant of a product shows; it has one at most."""

    def of(self, shop: str, product_id: str) -> tuple[Variant, ...]:
        """Raises: NotFound."""

    def show(self, shop: str, product_id: str, media: Mapping[str, str]) -> None:
        """Variant id → medium of the product. Raises: Conflict when one shows another already; Rejected; NotFound."""

    def show_no_more(self, shop: str, product_id: str, media: Mapping[str, str]) -> None:
        """Variant id → medium that it shows; the medium stays on the product. Raises: Rejected, NotFound."""


class Metafields(Protocol):
    """What we keep on a product in our own namespace, for the shop's theme to read."""

    def write(self, shop: str, product_id: str, key: str, value: object) -> None:
        """As JSON, in place of what was there. Raises: Rejected, NotFound."""

    def erase(self, shop: str, product_id: str, key: str) -> None:
        """Also where there is none."""


class Downloads(Protocol):
    """Plain GETs of pictures."""

    def get(self, url: str, *, max_bytes: int) -> bytes:
        """Raises: Rejected (too large, not found), Temporary, NoAnswer."""


class ImageProvider(Protocol):
    """Sells pictures. One call of `render` is at most one purchase."""

    name: str
    max_references: int
    max_prompt_chars: int

    def render(self, brief: Brief, references: Sequence[bytes], *, on_receipt: Callable[[Receipt], None]) -> Rendering:
        """Buy one picture and fetch it.

        Args:
            references: JPEG or PNG bytes, main photo first, at most `max_references`.
            on_receipt: called once the sale is certain and before the picture is fetched, so that a crash in
                between loses nothing; not called by a provider that answers with the picture itself.

        Raises:
            Temporary: certainly not begun; may be tried again.
            Rejected, NeedsAttention: certainly not charged; trying again is useless.
            NoAnswer: perhaps charged.
            NotCollected: charged, and `on_receipt` was called; see `collect`.
        """

    def costs(self, start: datetime, end: datetime) -> Mapping[str, int] | None:
        """What was charged on each UTC day, in micro-dollars; None if the provider does not say."""

    def collect(self, receipt: Receipt) -> Rendering:
        """Fetch a picture that was sold before. Costs nothing, safe to repeat.

        Raises:
            Temporary, NoAnswer: not now.
            Rejected: never again; the picture is lost.
        """

    def quote(self, resolution: str) -> int | None:
        """What one picture costs now, in micro-dollars; None where the provider does not say.

        Remembered for an hour; never takes more than a few seconds, never raises.
        """

    def capabilities(self) -> Capabilities | None:
        """What the chosen model can do; None where the provider does not say.

        Costs nothing, safe to repeat.

        Raises:
            NeedsAttention: the provider will not serve us; says why.
            Rejected: it has no such model.
            Temporary, NoAnswer: not now.
        """

    def balance(self) -> int | None:
        """The prepaid money that is left, in micro-dollars; None where the provider does not say.

        Costs nothing, safe to repeat.

        Raises:
            NeedsAttention: the provider will not serve us; says why.
            Temporary, NoAnswer: not now.
        """


class Ledger(Protocol):
    """The one place that knows what was bought. Every method is one commit."""

    def find(self, key: str) -> Purchase | None: ...

    def reserve(self, purchase: Purchase, ceilings: Sequence[Ceiling]) -> Ceiling | None:
        """Set the money aside, or name the first ceiling without room. A refused row may be reserved again."""

    def sent(self, key: str) -> None:
        """The paid call is about to leave."""

    def not_begun(self, key: str) -> None:
        """The paid call certainly did not begin: back to reserved."""

    def sold(self, key: str, receipt: Receipt) -> None:
        """The provider says that it charged us; the picture is still to come."""

    def paid(self, key: str, rendering: Rendering, *, spare_microusd: int) -> None:
        """Settle at the provider's cost (or *spare_microusd* if it named none) and spool the bytes, in one commit."""

    def lost(self, key: str, reason: str) -> None:
        """Charged, and the picture will never come: settled as paid, without bytes."""

    def refused(self, key: str, reason: str) -> None:
        """Certainly not charged: give the money back."""

    def unknown(self, key: str, reason: str) -> None:
        """Perhaps charged: the money stays spent."""


class Decisions(Protocol):
    """What is decided about purchases of unknown outcome. The money stays counted either way."""

    def buy_again(self, key: str, *, by: str) -> Purchase:
        """Free the key for one more purchase; the first steps aside under another key.

        Raises: Conflict when it is not unknown, or was decided on before.
        """

    def earlier(self, key: str) -> tuple[Purchase, ...]:
        """Purchases of the same picture that stepped aside."""


class Spool(Protocol):
    """Paid bytes, from their arrival until the store's Files have them."""

    def read(self, key: str) -> bytes | None: ...

    def replace(self, key: str, image: bytes) -> None: ...

    def drop(self, key: str) -> None: ...


class Jobs(Protocol):
    """Jobs and their pictures, each change audited in its own commit."""

    def begin(self, job: Job, plan: Plan) -> Job:
        """Record a job with those of its pictures that were not bought before, in one commit.

        A person's job takes those that were rolled back, too: they are put back.

        The job's id gets a number behind it when earlier jobs of the same id have ended.
        """

    def job(self, job_id: str) -> Job: ...

    def move(self, job_id: str, state: JobState, reason: str = "") -> Job: ...

    def images(self, job_id: str) -> tuple[Image, ...]: ...

    def image(self, image_id: str) -> Image: ...

    def move_image(
        self, image_id: str, state: ImageState, reason: str = "", *, by: str = "app", **fields: object
    ) -> Image:
        """Change a picture's state and any of file_id, sha256, width_px, height_px; writes the audit row too."""

    def history(self, image_id: str) -> Sequence[Mapping[str, Any]]:
        """What was done with a picture, oldest first: `action`, and `detail` with the `reason` that it was given."""

    def our_media(self, shop: str, product_id: str) -> frozenset[str]:
        """Media ids on or off this product that are ours, now or in the past."""

    def claim(self, image_id: str, media_id: str) -> None:
        """Write down that a medium is ours: what Shopify made of the picture."""

    def active(self, shop: str, product_id: str) -> Job | None:
        """The product's job that has not ended."""

    def shown(self, shop: str, product_id: str) -> int:
        """How many pictures of ours the product has, waits for, or might have paid for."""

    def recent(self, *, shop: str | None, limit: int) -> tuple[Job, ...]: ...

    def stopped(self, *, since: datetime) -> tuple[Job, ...]:
        """Jobs that may be taken up, the one that rests longest first.

        They are paused, or were begun *since* then and have ended with a picture that was bought, kept, not published.
        """


class Pictures(Protocol):
    """Our pictures across jobs, what was around them, and what people decide about them."""

    def of_product(self, shop: str, product_id: str) -> tuple[Image, ...]:
        """All that were ever planned for it, oldest first."""

    def since(self, shop: str, when: datetime) -> tuple[Image, ...]:
        """Those that were planned then or later, oldest first."""

    def media_of(self, shop: str, product_id: str) -> Mapping[str, frozenset[str]]:
        """Picture id → the media ids that it has, or had, in the store."""

    def amend(self, image_id: str, *, by: str, **changes: object) -> Image:
        """Change the brief's alt or place, as a person decided; audited."""

    def note(self, image: Image, action: str, *, by: str, **detail: object) -> None:
        """Write an audit row about the picture, and change nothing."""

    def remember(self, job_id: str, shop: str, product_id: str, gallery: Sequence[Photo]) -> None:
        """What was on the product before the job's first picture was. Later calls change nothing."""

    def link(self, image: Image, variant_id: str, *, before: str | None) -> None:
        """A variant is about to show the picture. Later calls change nothing.

        Args:
            before: the medium that it shows now.
        """

    def links(self, shop: str, product_id: str) -> Mapping[str, Mapping[str, str | None]]:
        """Picture id → variant id → the medium that the variant showed before."""

    def remembered(self, job_id: str) -> tuple[Photo, ...] | None:
        """The same, ids and alt texts only; None where nobody wrote it down."""


class Watch(Protocol):
    """Products that a change was heard of, and when to look at them."""

    def touch(self, shop: str, product_id: str, *, created: bool, due_at: datetime) -> None:
        """A change was heard. A product that is settled is left alone unless it is *created*."""

    def due(self, now: datetime, limit: int) -> tuple[tuple[str, str, int], ...]:
        """(shop, product id, revision) of those to be looked at now."""

    def started(self, shop: str, product_id: str, revision: int) -> None:
        """A look at that revision has begun; a newer change keeps its own due time."""

    def created_seen(self, shop: str, product_id: str) -> bool:
        """Whether its products/create reached us."""

    def state(self, shop: str, product_id: str) -> tuple[str, str] | None:
        """The named state that the last look ended in, and its reason."""

    def known(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Watched]:
        """What we know of those products that a change was heard of."""

    def rechecks(self, shop: str, product_id: str) -> int:
        """How often we looked again by ourselves since the last change that we heard of."""

    def settle(self, shop: str, product_id: str, *, waiting: bool, state: str, reason: str) -> None:
        """What a look found. *waiting*: a later change may still start a job."""

    def recheck(self, shop: str, product_id: str, due_at: datetime) -> None:
        """Look again even if nobody tells us."""

    def wake(self, shops: Sequence[str], state: str, due_at: datetime) -> int:
        """Look again at the shops' products that are in that named state. Returns how many were not due before."""

    def forget(self, shop: str, product_id: str) -> None: ...


class Cursors(Protocol):
    """How far a sweep has read in each shop. Several workers may sweep: who moves a cursor first has the turn."""

    def all(self, name: str) -> Mapping[str, Cursor]:
        """Shop -> its cursor."""

    def move(self, shop: str, name: str, *, before: Cursor | None, value: str) -> Cursor | None:
        """Write *value*, if the cursor still is as *before* (None: there is none yet). None: somebody else moved it."""


class Holds(Protocol):
    """Many new products at once: one decision each. At most one is open in a shop."""

    def heard(self, shop: str, product_id: str, *, not_before: datetime) -> datetime:
        """When we heard that the product is new; now, if that is not known or was earlier than *not_before*.

        Of a product that is part of a hold it stays as it was.
        """

    def moments(self, shop: str, around: datetime, *, within: timedelta, limit: int) -> Sequence[datetime]:
        """When we heard of the shop's new products, in order: of those nearest to *around*, *limit* on either side."""

    def keep(self, shop: str, product_id: str, *, storm: bool, held: str, dismissed: str) -> bool:
        """Write down that a product waits for a decision, or that the decision was no; False: it may go on.

        It may go on when its own hold was started, and when it has none, the shop has none open, and it is no *storm*.

        Args:
            storm: open a hold if the shop has none.
            held, dismissed: the reason for a merchant.
        """

    def open(self, shop: str) -> Hold | None: ...

    def find(self, hold_id: str) -> Hold:
        """Raises: NotFound."""

    def start(self, hold_id: str, *, by: str, reason: str, every: timedelta) -> Hold:
        """Let its products go on, one after the other, *every* so often. Again: changes nothing.

        Raises: NotFound; Conflict when it was dismissed.
        """

    def dismiss(self, hold_id: str, *, by: str, reason: str) -> Hold:
        """Leave its products alone for good. Again: changes nothing. Raises: NotFound; Conflict when it was started."""


class Inbox(Protocol):
    """What reached us, until it is acted on."""

    def record(self, arrival: Arrival) -> bool:
        """Durably, once. False: it was there already."""

    def waiting(self, limit: int) -> tuple[Arrival, ...]: ...

    def done(self, arrival_id: str, outcome: str) -> None: ...

    def answer(self, arrival_id: str, *, job_id: str | None, reason: str) -> None:
        """Write down what a person's request led to."""

    def find(self, arrival_id: str) -> Heard | None:
        """What was recorded under that id, and what came of it."""

    def heard(self) -> Mapping[str, Mapping[str, datetime]]:
        """Shop -> topic -> when its last webhook reached us, as far back as rows are kept."""


class Wishes(Protocol):
    """What people, or Flow, ask for."""

    def make(self, wish: Arrival) -> Progress:
        """Record a wish, durably and once; the same again is the same wish.

        Raises:
            NotFound: the app is not installed in that shop.
            Conflict: another wish was recorded under that id.
        """

    def progress(self, shop: str, followed_id: str) -> Progress:
        """Where a wish or a job of *shop* stands. Raises: NotFound, for other shops' too."""


class FlowTriggers(Protocol):
    """Workflows in the shop that begin when we say so."""

    def fire(self, shop: str, handle: str, payload: Mapping[str, object]) -> None:
        """Start them. Raises: Temporary (not begun), NoAnswer (perhaps begun), Rejected, NeedsAttention."""


class Told(Protocol):
    """Which jobs Shopify Flow was told of."""

    def claim(self, job: Job) -> bool:
        """Write down that it is told now. False: it was before."""

    def release(self, job: Job) -> None:
        """It certainly was not sent after all."""


class Shops(Protocol):
    """The stores that have installed us, and their tokens (encrypted at rest)."""

    def find(self, domain: str) -> Shop | None: ...

    def all(self) -> tuple[Shop, ...]: ...

    def save(self, shop: Shop) -> None: ...

    def add(self, shop: Shop) -> None:
        """Save it, unless there is one of that domain."""

    def install(self, shop: Shop) -> bool:
        """Save it in place of the uninstalled one; its token and its scopes stay. False: that one is installed."""

    def remove(self, domain: str) -> None: ...

    def token(self, domain: str) -> ShopToken | None: ...

    def save_token(self, domain: str, token: ShopToken, scopes: Sequence[str], *, after: int | None = None) -> bool:
        """Keep a token, all of it in one commit, and end the renewal.

        Args:
            after: the number of the token that it follows, from `take_renewal`; None: whatever is there.

        Returns:
            Whether it was kept. False: another token came meanwhile, or all were dropped.
        """

    def drop_token(self, domain: str) -> None:
        """Forget it; what a renewal under way brings is not kept."""

    def take_renewal(self, domain: str, *, now: datetime, until: datetime) -> int | None:
        """The number of the present token, for the one process that may ask for the next; None for all others."""

    def leave_renewal(self, domain: str, *, after: int) -> None:
        """Let somebody else ask: it has failed."""


class ShopSettings(Protocol):
    """What each shop has set for itself, every version of it."""

    def current(self, shop: str) -> Saved:
        """The newest; version 0 and empty when there is none."""

    def history(self, shop: str) -> tuple[Saved, ...]:
        """The newest first."""

    def save(self, shop: str, document: Mapping[str, Any], *, by: str, version: int) -> Saved:
        """Raises: Conflict when *version* is not the newest any more."""


class Erase(Protocol):
    """Forgets a store that has left."""

    def shop(self, domain: str) -> Mapping[str, int]:
        """Drop all rows of the store; of its purchases, keep what the books need: amounts, days and outcomes.

        Returns:
            Table -> how many of its rows were dropped, or made nameless.
        """


class Tokens(Protocol):
    """Brings a store's access token. Each call may raise NotSignedIn, Temporary, NoAnswer, or NeedsAttention."""

    def exchange(self, shop: str, session_token: str) -> None:
        """Get the store's own token for a session token of one of its people, unless there is one."""

    def redeem(self, shop: str, code: str) -> None:
        """Get it for the code that a merchant's consent has given us."""


class Consent(Protocol):
    """Asks a store's owner for consent, on Shopify's page, and understands the answer."""

    def question(self, shop: str, *, back_to: str) -> str:
        """The address of that page. Raises: BadCredentials when the settings lack the app's id or secret."""

    def answer(self, query: Mapping[str, str]) -> tuple[str, str]:
        """The store, and the code that buys its token. Raises: NotSignedIn."""

    def app_address(self, shop: str) -> str:
        """Where the app is in the store's admin."""


class Sessions(Protocol):
    """Who asks, when a store's people have our pages open."""

    def read(self, token: str) -> Session:
        """Check a session token: signature, times, app and shop. Raises: NotSignedIn."""


class Pauses(Protocol):
    """What waits until something is mended, and when it was last tried."""

    def find(self, scope: str) -> Pause | None: ...

    def begin(self, scope: str, reason: str) -> bool:
        """Pause *scope* ("provider:getimg"). False: it was paused before; then its reason is brought up to date."""

    def take_turn(self, scope: str, *, every_s: float) -> bool:
        """Whether the caller is the one who tries it now: of all workers one, each *every_s*."""

    def end(self, scope: str) -> None: ...


class Overview(Protocol):
    """What people are shown of one store. Reads only."""

    def tally(self, shop: str) -> Tally:
        """The store in numbers."""

    def products(self, shop: str, stage: Stage, *, offset: int, limit: int) -> tuple[str, ...]:
        """Products that stand there, what changed last first."""

    def standings(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Where each of those products stands, known or not."""

    def waiting(self, shop: str, *, offset: int = 0, limit: int = 50) -> tuple[Candidate, ...]:
        """Pictures that wait for a decision, oldest first, those of a job together."""

    def candidate(self, shop: str, image_id: str) -> Candidate | None:
        """One picture; None when this store has none of that id."""

    def of_product(self, shop: str, product_id: str) -> tuple[Candidate, ...]:
        """Every picture that was made or planned for a product, the newest first."""

    def failures(self, shop: str) -> tuple[Failure, ...]:
        """What the latest jobs left undone, by reason, the latest first."""

    def activity(self, shop: str, *, before: int | None, limit: int, product_id: str | None = None) -> tuple[Deed, ...]:
        """What was done, the latest first.

        Args:
            before: only what is older than the row of this id; None for the latest.
        """


class Meter(Protocol):
    """Counts what happens, for the people who watch. It never raises and never waits."""

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a total: `count("provider_errors", error="RateLimited")`."""

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Add one duration: kept as `{name}_seconds_sum` and `{name}_seconds_count`."""


class Past(Protocol):
    """What we have done for products before."""

    def of(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Before]:
        """Product id -> what was done, for each of them."""


class Backfills(Protocol):
    """Frozen plans over many products. Of two workers that change one at the same time, one gets through."""

    def create(self, backfill: Backfill) -> Backfill: ...

    def find(self, backfill_id: str) -> Backfill:
        """Raises: NotFound."""

    def all(
        self, *, shop: str | None = None, states: Collection[BackfillState] = (), limit: int = 50
    ) -> Sequence[Backfill]:
        """The latest first."""

    def move(
        self, backfill_id: str, before: Collection[BackfillState], after: BackfillState, **fields: Any
    ) -> Backfill:
        """Raises: NotFound; Conflict when it is in none of the states *before*."""

    def say(self, backfill_id: str, reason: str) -> None:
        """Write down what a running one waits for."""

    def take_planning(self, backfill_id: str, planner: str, *, silent_since: datetime) -> bool:
        """Whether *planner* is the one who plans it now; what another had planned is dropped."""

    def add(self, backfill_id: str, planner: str, items: Sequence[Item]) -> None:
        """More of its products. Raises: Conflict when somebody else plans it now."""

    def freeze(self, backfill_id: str, planner: str, **totals: Any) -> Backfill:
        """The plan is complete. Raises: Conflict when somebody else plans it now."""

    def items(self, backfill_id: str, *, states: Collection[ItemState] = (), words: bool = True) -> Iterator[Item]:
        """In the order of the plan, read in pages. *words*: with their plans."""

    def claim(self, backfill_id: str, limit: int) -> Sequence[Item]:
        """The next products of a running backfill, for the caller alone."""

    def reclaim(self, backfill_id: str, limit: int, *, stale_before: datetime) -> Sequence[Item]:
        """Those that were claimed before then, by a worker that must have died; for the caller alone."""

    def settle(self, item: Item, state: ItemState, **fields: Any) -> bool:
        """Where a claimed product stands now. False: another worker has claimed it meanwhile."""

    def leave(self, backfill_id: str, *, why: str, reason: str) -> int:
        """Take what has not begun out of the backfill, for good. Returns how many products."""

    def retry(self, backfill_id: str) -> int:
        """Put the products that failed back in line. Returns how many."""


class BackfillNumbers(Protocol):
    """How far backfills have come."""

    def of(self, backfill: Backfill) -> BackfillProgress: ...

    def in_flight(self, backfill: Backfill, *, claimed_since: datetime) -> tuple[int, int]:
        """Products that are under way, and the price of all their pictures. What was claimed before then is not."""

    def waiting(self, backfill: Backfill) -> int:
        """Products that wait for their turn, or for their job; of a sample, only those in it."""

    def job(self, backfill: Backfill, product_id: str) -> Job | None:
        """The product's job in this backfill."""

    def parked(self, backfill: Backfill, reason: str, *, limit: int) -> Sequence[Job]:
        """Its jobs that were parked with that reason."""

    def committed_microusd(self, scope: str, period: str) -> int:
        """What counts against a ceiling now."""
