"""The doing modules over their ports: looking, buying, publishing, deciding, taking back."""

from __future__ import annotations

from functools import cached_property, partial

from shopify_imagegen.adapters.database.cursors import SqlCursors
from shopify_imagegen.adapters.database.holds import SqlHolds
from shopify_imagegen.adapters.database.past import SqlPast
from shopify_imagegen.adapters.database.shop_settings import SqlShopSettings
from shopify_imagegen.adapters.database.told import SqlTold
from shopify_imagegen.adapters.http import Patient, patience
from shopify_imagegen.announce import Announce
from shopify_imagegen.attach import Attach
from shopify_imagegen.backfills.deciding import Backfilling
from shopify_imagegen.backfills.gate import Gate
from shopify_imagegen.backfills.rollback import BackfillRollback
from shopify_imagegen.backfills.surveying import Survey
from shopify_imagegen.disclosure import Disclosure
from shopify_imagegen.errors import ConfigError, Temporary
from shopify_imagegen.generate import COLLECT_FOR, Generate
from shopify_imagegen.line import Line
from shopify_imagegen.linking import Linking
from shopify_imagegen.look import Look
from shopify_imagegen.photos import Photos
from shopify_imagegen.places import Places
from shopify_imagegen.plan import Studio, open_studio
from shopify_imagegen.publish import Prepare
from shopify_imagegen.reconcile import Sweep
from shopify_imagegen.regenerate import Regenerate
from shopify_imagegen.review import Review
from shopify_imagegen.rollback import Rollback
from shopify_imagegen.settings import Settings, TriggerSection, microusd
from shopify_imagegen.storm import Storm
from shopify_imagegen.style_images import StyleImages
from shopify_imagegen.swap import Swap
from shopify_imagegen.tailoring import Tailor
from shopify_imagegen.variety import VariedCatalog, VariedCatalogue, Variety
from shopify_imagegen.wiring.neighbours import Neighbours, impatient
from shopify_imagegen.wiring.records import utc_now
from shopify_imagegen.wishes import Wishes


class Doing(Neighbours):
    """What is done with products and pictures."""

    @cached_property
    def wishes(self) -> Wishes:
        return Wishes(inbox=self.inbox, jobs=self.jobs, shops=self.shops)

    @cached_property
    def tailor(self) -> Tailor:
        """Each shop's settings and studio."""
        saved = SqlShopSettings(self.database, utc_now)
        return Tailor(settings=self.settings, saved=saved, opened=self._open_studio, clock=utc_now)

    def _open_studio(self, settings: Settings) -> Studio:
        limits = self.provider
        return open_studio(settings, max_references=limits.max_references, max_prompt_chars=limits.max_prompt_chars)

    def _trigger(self, shop: str) -> TriggerSection:
        """Of a shop whose own settings do not fit any more, the file's: its looks will say what is wrong."""
        try:
            return self.tailor.settings(shop).trigger
        except ConfigError:
            return self.settings.trigger

    @cached_property
    def look(self) -> Look:
        return Look(
            catalog=VariedCatalog(self.shopify.catalog, self._variety),
            jobs=self.jobs,
            watch=self.watch,
            shops=self.shops,
            studio=self.tailor.studio,
            quote=self.provider.quote,
            storm=self.storm,
            clock=utc_now,
        )

    @cached_property
    def style_images(self) -> StyleImages:
        return StyleImages(media=self.shopify.media, sleep=impatient if self._hurried else self.steps.sleep)

    @cached_property
    def storm(self) -> Storm:
        chosen = self.settings.provider.chosen
        return Storm(
            holds=SqlHolds(self.database, utc_now),
            watch=self.watch,
            threshold=lambda shop: self._trigger(shop).storm_threshold,
            product_price_microusd=self._product_price_microusd,
            product_takes_s=60 / chosen.requests_per_minute * self.settings.images.per_product,
            clock=utc_now,
        )

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(
            shops=self.shops,
            catalog=self.shopify.catalog,
            watch=self.watch,
            cursors=SqlCursors(self.database, utc_now),
            every_s=self.settings.sweep.every_s,
            trigger=self._trigger,
            clock=utc_now,
        )

    @cached_property
    def backfills(self) -> Backfilling:
        return Backfilling(
            backfills=self.backfill_rows,
            numbers=self.backfill_numbers,
            time_zone=lambda shop: self.shopify.installation.installed(shop).timezone,
            clock=utc_now,
        )

    def usual_picture_s(self) -> float | None:
        """What one picture takes the provider, as measured; None while we have bought none."""
        totals = self.meters.totals()
        seconds, count = (_of_call(totals.get(f"provider_seconds_{each}", []), "render") for each in ("sum", "count"))
        return seconds / count if count else None

    @cached_property
    def survey(self) -> Survey:
        return Survey(
            catalogue=VariedCatalogue(self.shopify.catalogue, self._variety),
            past=SqlPast(self.database),
            backfills=self.backfill_rows,
            studio=self.tailor.studio,
            quote=self.provider.quote,
            clock=utc_now,
        )

    def picture_price_microusd(self) -> int:
        """What the provider says of its price; where it does not answer, what the settings say."""
        chosen = self.settings.provider.chosen
        quoted = self.provider.quote(chosen.resolution)
        return microusd(chosen.prices_usd[chosen.resolution]) if quoted is None else quoted

    def _product_price_microusd(self, shop: str) -> int:
        return self.tailor.settings(shop).images.per_product * self.picture_price_microusd()

    @cached_property
    def _attach(self) -> Attach:
        return Attach(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.shopify.media,
            downloads=self.downloads,
            settings=lambda shop: self.tailor.settings(shop).publish,
            sleep=self.steps.sleep,
        )

    @cached_property
    def _swap(self) -> Swap:
        media, sleep = self.shopify.media, self.steps.sleep
        return Swap(
            jobs=self.jobs,
            pictures=self.pictures,
            media=media,
            attach=self._attach,
            linking=self.linking,
            sleep=sleep,
        )

    @cached_property
    def linking(self) -> Linking:
        return Linking(
            pictures=self.pictures,
            variants=self.shopify.variants,
            media=self.shopify.media,
            settings=lambda shop: self.tailor.settings(shop).images,
        )

    @cached_property
    def _variety(self) -> Variety:
        return Variety(
            variants=self.shopify.variants,
            option=lambda shop: self.tailor.settings(shop).images.per_variant_option,
        )

    @cached_property
    def rollback(self) -> Rollback:
        return Rollback(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.shopify.media,
            variants=self.shopify.variants,
            watch=self.watch,
            swap=self._swap,
            linking=self.linking,
            disclosure=self.disclosure,
            sleep=self.steps.sleep,
        )

    @cached_property
    def backfill_rollback(self) -> BackfillRollback:
        return BackfillRollback(
            deciding=self.backfills,
            backfills=self.backfill_rows,
            numbers=self.backfill_numbers,
            lines=partial(self.backfill_report.lines, words=False),
            roll_back=self.rollback.run,
            would=self.rollback.would,
            clock=utc_now,
        )

    @cached_property
    def disclosure(self) -> Disclosure:
        return Disclosure(
            pictures=self.pictures,
            metafields=self.shopify.metafields,
            settings=lambda shop: self.tailor.settings(shop).disclosure,
        )

    @cached_property
    def regenerate(self) -> Regenerate:
        return Regenerate(
            catalog=VariedCatalog(self.shopify.catalog, self._variety),
            jobs=self.jobs,
            pictures=self.pictures,
            look=self.look,
        )

    @cached_property
    def review(self) -> Review:
        return Review(jobs=self.jobs, pictures=self.pictures, media=self.shopify.media)

    @cached_property
    def line(self) -> Line:
        media, settings = self.shopify.media, self.tailor.settings
        return Line(
            look=self.look,
            generate=self._generate(),
            prepare=Prepare(
                jobs=self.jobs, spool=self.ledger, media=media, photos=self._photos, sleep=self.steps.sleep
            ),
            attach=self._attach,
            jobs=self.jobs,
            watch=self.watch,
            inbox=self.inbox,
            regenerate=self.regenerate,
            reviews=self.review,
            rollback=self.rollback,
            swap=self._swap,
            linking=self.linking,
            disclosure=self.disclosure,
            pictures=self.pictures,
            review=lambda shop: settings(shop).publish.mode == "review",
            backfills=Gate(self.backfill_rows, utc_now),
            whole=self.backfill_rollback,
            announce=self._announce(),
            clock=utc_now,
        )

    @cached_property
    def _photos(self) -> Photos:
        return Photos(self.downloads)

    def _announce(self) -> Announce:
        return Announce(
            handle=self.settings.shopify.flow_trigger,
            jobs=self.jobs,
            ledger=self.ledger,
            flow=self.shopify.flow,
            told=SqlTold(self.database, utc_now),
        )

    def _generate(self) -> Generate:
        return Generate(
            jobs=self.jobs,
            ledger=self.ledger,
            provider=self.provider,
            photos=self._photos,
            patience=self._paid_call(),
            stubborn=_stubborn(),
            limits=lambda shop: self.tailor.settings(shop).budget,
            clock=utc_now,
            places=self.places,
            pauses=self.provider_pauses,
            decisions=self.decisions,
            on_unknown=self.settings.budget.on_unknown,
            collect_for=COLLECT_FOR * self._waits,
            of_backfill=Gate(self.backfill_rows, utc_now).ceiling,
        )

    @cached_property
    def places(self) -> Places:
        return Places(self.settings.provider.chosen.concurrency, sleep=self.steps.sleep)

    def _paid_call(self) -> Patient:
        """Repeats a paid call that certainly did not begin."""
        return patience(
            on=(Temporary,), attempts=4, total_s=240, first_wait_s=2, longest_wait_s=120, sleep=self.steps.sleep
        )


def _stubborn() -> Patient:
    """Repeats a write to our own database: what it writes down has been paid for."""
    return patience(on=(Temporary,), attempts=60, total_s=300, first_wait_s=0.5, longest_wait_s=10)


def _of_call(series: list[tuple[dict[str, str], float]], call: str) -> float:
    """The sum of what was measured of one call."""
    return sum(value for labels, value in series if labels.get("call") == call)
