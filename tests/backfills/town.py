"""A shop with some lamps, and everything that a backfill needs; the engine is played by the test."""

from decimal import Decimal

from shopify_imagegen.adapters.database.backfill_numbers import SqlBackfillNumbers
from shopify_imagegen.adapters.database.backfill_report import SqlBackfillReport
from shopify_imagegen.adapters.database.backfills import SqlBackfills
from shopify_imagegen.adapters.database.past import SqlPast
from shopify_imagegen.backfills.beginning import Beginning
from shopify_imagegen.backfills.deciding import Backfilling
from shopify_imagegen.backfills.feeding import Feeder
from shopify_imagegen.backfills.gate import Gate
from shopify_imagegen.backfills.room import Room
from shopify_imagegen.backfills.surveying import Survey
from shopify_imagegen.models import BackfillState, ImageState, JobState
from shopify_imagegen.pausing import ProviderPauses, ShopPauses
from shopify_imagegen.plan import open_studio
from shopify_imagegen.settings import BudgetSection, parse
from tests.fakes import SHOP, World, lamp

PLENTY = BudgetSection(per_day_usd=Decimal(1000), per_month_usd=Decimal(1000))
OTHER = "nice-bags.myshopify.com"
RUNNING, PAUSED, DONE = BackfillState.RUNNING, BackfillState.PAUSED, BackfillState.DONE


def gid(number):
    return f"gid://shopify/Product/{number}"


class FakeCatalogue:
    """The store's products, all of them."""

    def __init__(self, catalog):
        self.products = catalog.products
        self.asked = []

    def count(self, shop, search):
        return len(self.products)

    def each(self, shop, search, *, many):
        self.asked.append((search, many))
        yield from list(self.products.values())


class FakeStarter:
    """Remembers what it was asked to start."""

    def __init__(self):
        self.made = []
        self.taken_up = []

    def make(self, job_id, shop, trigger):
        self.made.append(job_id)

    def again(self, work_id, job, *, refused):
        self.taken_up.append((job.id, refused))


class Town(World):
    """A shop with some lamps, and everything that a backfill needs."""

    def __init__(self, folder, *, products=3, **options):
        super().__init__(folder, **options)
        self.catalog.products.clear()
        for number in range(1, products + 1):
            self.catalog.products[gid(number)] = lamp(id=gid(number), title=f"Lamp {number}", handle=f"lamp-{number}")
        clock = self.time.clock
        self.rows = SqlBackfills(self.database, clock)
        self.numbers = SqlBackfillNumbers(self.database, clock)
        self.report = SqlBackfillReport(self.database, self.rows)
        self.catalogue = FakeCatalogue(self.catalog)
        self.starter = FakeStarter()
        self.backfills = Backfilling(
            backfills=self.rows, numbers=self.numbers, time_zone=lambda _shop: "Europe/Berlin", clock=clock
        )
        self.at_once = 4
        self.limits = PLENTY

    def use(self, toml=""):
        """Settings of the shop from now on."""
        self.settings = parse(toml, {})

    @property
    def survey(self):
        return Survey(
            catalogue=self.catalogue,
            past=SqlPast(self.database),
            backfills=self.rows,
            studio=lambda _shop: open_studio(self.settings, max_references=4, max_prompt_chars=4096),
            quote=lambda _resolution: None,
            clock=self.time.clock,
        )

    @property
    def feeder(self):
        clock, pauses = self.time.clock, ShopPauses(shops=self.shops)
        beginning = Beginning(
            backfills=self.rows,
            numbers=self.numbers,
            survey=self.survey,
            catalog=self.catalog,
            past=SqlPast(self.database),
            jobs=self.jobs,
            pauses=pauses,
            starter=self.starter,
            clock=clock,
        )
        room = Room(
            numbers=self.numbers, limits=lambda shop: self.limits_of(shop), at_once=lambda: self.at_once, clock=clock
        )
        return Feeder(
            backfills=self.rows,
            numbers=self.numbers,
            beginning=beginning,
            room=room,
            pauses=pauses,
            provider=ProviderPauses(pauses=self.pauses, provider=self.provider),
            starter=self.starter,
            clock=clock,
        )

    def limits_of(self, _shop):
        return self.limits

    def planned(self, query="", **options):
        return self.survey.plan(self.backfills.create(SHOP, query, by="me", **options).id)

    def started(self, query="", **options):
        return self.backfills.start(self.planned(query).id, **options)

    def feed(self):
        """Until nothing more is taken up."""
        while self.feeder.run_once():
            pass
        self.feeder.run_once()  # what the last one has left may end it

    def buy(self, job_id):
        """The job's pictures, one paid call each, then its end; as the engine would."""
        for image in self.jobs.images(job_id):
            said = self.generate_within().buy(image.id, forbidden=self.closed(job_id))
            if said.next == "park":
                self.jobs.move(job_id, JobState.PAUSED, said.reason)
                return
            if said.next == "go_on":
                self.jobs.move_image(image.id, ImageState.PUBLISHED)
        states = {image.state for image in self.jobs.images(job_id)}
        self.jobs.move(job_id, JobState.PUBLISHED if states == {"published"} else JobState.NOTHING_PUBLISHED)

    def closed(self, job_id):
        return Gate(self.rows, self.time.clock).closed(self.jobs.job(job_id).backfill_id)

    def generate_within(self):
        made = self.generate
        made._of_backfill = Gate(self.rows, self.time.clock).ceiling
        made._limits = lambda _shop: self.limits
        return made

    def run(self):
        """Feed and buy in turns, to the end."""
        bought = 0
        self.feed()
        while bought < len(self.starter.made):
            for job_id in self.starter.made[bought:]:
                self.buy(job_id)
                bought += 1
            self.feed()

    def items(self, backfill, state):
        return [(item.number, item.why) for item in self.rows.items(backfill.id, states=[state])]

    def now(self, backfill):
        return self.backfills.find(backfill.id)
