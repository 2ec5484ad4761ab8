"""The whole catalogue: plan without spending, see the most it can cost, start, pause, go on, cancel."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import backfill_start
from shopify_imagegen.admin.pages.backfill_report import theirs
from shopify_imagegen.admin.pages.backfill_start import Tried, Zones
from shopify_imagegen.admin.pages.frame import ask, by, go, once, why, wish_id
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.backfills.deciding import is_silent
from shopify_imagegen.backfills.forecast import duration, left_s
from shopify_imagegen.errors import BadInput
from shopify_imagegen.models import Backfill, BackfillProgress, BackfillRollbackRequested, BackfillState, Value
from shopify_imagegen.wiring import House, utc_now

SHOWN = 10
SAMPLE = 5
NEW = {"query": "status:active -has:lifestyle has:photos", "most": None, "restyle": False}
AT_WORK = {BackfillState.PLANNING, BackfillState.RUNNING, BackfillState.ROLLING_BACK}
OPEN = AT_WORK | {BackfillState.PLANNED, BackfillState.PAUSED}  # shown before the form for the next one
THERE = ("published", "staged")  # pictures that can be taken back
ACTS = {  # state -> what can be done
    BackfillState.PLANNING: ("cancel",),
    BackfillState.PLANNED: ("start", "sample", "cancel"),
    BackfillState.RUNNING: ("pause", "cancel"),
    BackfillState.PAUSED: ("resume", "cancel", "rollback"),
    BackfillState.CANCELLED: ("rollback",),
    BackfillState.DONE: ("retry", "rollback"),
    BackfillState.ROLLING_BACK: ("rollback",),
    BackfillState.ROLLED_BACK: ("rollback",),
}


class Shown(Value):
    """A backfill and how far it has come."""

    backfill: Backfill
    progress: BackfillProgress
    acts: tuple[str, ...]

    @property
    def read(self) -> int:
        """Products that a plan in the making has looked at."""
        return sum(self.progress.items.values())

    @property
    def pace(self) -> int:
        """Photos a minute while it runs, rounded; 0 where there is none to speak of."""
        return round(self.progress.pictures_per_minute) if self.backfill.state == BackfillState.RUNNING else 0

    @property
    def left(self) -> str:
        """Until its end at that pace: "34 min"."""
        seconds = left_s(self.backfill, self.progress)
        return duration(seconds) if seconds else ""

    @property
    def there(self) -> int:
        """Pictures that can be taken back."""
        return sum(self.progress.images.get(state, 0) for state in THERE)


def routes(pages: Blueprint, house: House) -> None:
    zones = Zones(house.backfills.zone_of)

    @pages.get("/backfills")
    def backfills() -> str:
        return _page(house, zones)

    @pages.post("/backfills")
    def plan_backfill() -> Response | tuple[str, int]:
        query = request.form.get("query", "").strip()[:500]
        most, restyle = request.form.get("most", type=int) or None, "restyle" in request.form
        try:
            house.backfills.create(session().shop, query, by=by(), most=most, restyle=restyle)
        except BadInput as error:
            values = {"query": query, "most": most, "restyle": restyle}
            return _page(house, zones, values=values, problems={"query": why(str(error))}), 422
        return go("backfills", "planning")

    @pages.post("/backfills/<backfill_id>/<any(start,sample):act>")
    def start_backfill(backfill_id: str, act: str) -> Response | tuple[str, int]:
        theirs(house, backfill_id)
        wanted, problems = backfill_start.read(request.form, g.words)
        if problems:
            return _page(house, zones, tried=backfill_start.tried(backfill_id, request.form, problems)), 422
        house.backfills.start(backfill_id, sample=SAMPLE if act == "sample" else None, **wanted)
        return go("backfills", f"backfill_{act}")

    @pages.post("/backfills/<backfill_id>/<any(pause,resume,retry):act>")
    def change_backfill(backfill_id: str, act: str) -> Response:
        theirs(house, backfill_id)
        getattr(house.backfills, act)(backfill_id)
        return go("backfills", f"backfill_{act}")

    @pages.post("/backfills/<backfill_id>/cancel")
    def cancel_backfill(backfill_id: str) -> Response:
        theirs(house, backfill_id)
        keeps = "keep_candidates" in request.form
        house.backfills.cancel(backfill_id, keep_candidates=keeps)
        return go("backfills", "backfill_cancel_kept" if keeps else "backfill_cancel")

    @pages.post("/backfills/<backfill_id>/rollback")
    def roll_backfill_back(backfill_id: str) -> Response:
        theirs(house, backfill_id)
        house.backfill_rollback.may_begin(session().shop, backfill_id)
        options = {name: name in request.form for name in ("delete_files", "anyway")}
        asked = f"rollback:{backfill_id}:{once()}"
        wish = BackfillRollbackRequested(id=wish_id(asked), backfill_id=backfill_id, by=by(), **options)
        ask(house, wish, once=asked)
        return go("backfills", "taking_back")


def _page(
    house: House,
    zones: Zones,
    *,
    values: Mapping[str, object] = NEW,
    problems: Mapping[str, str] | None = None,
    tried: Tried | None = None,
) -> str:
    """*values*: what the form for a new plan holds; *problems*: what is wrong with them, by field."""
    found = [_shown(house, each) for each in house.backfills.recent(shop=session().shop, limit=SHOWN)]
    states = {each.backfill.state for each in found}
    return render_template(
        "admin/backfills.html",
        shown=found,
        is_open=bool(states & OPEN) or "said" in request.args,
        sample=SAMPLE,
        values=values,
        problems=problems,
        tried=tried,
        time_zone=zones.of(session().shop) if BackfillState.PLANNED in states else "",
        refresh_ms=refresh_ms(bool(states & AT_WORK)),
    )


def _shown(house: House, backfill: Backfill) -> Shown:
    progress = house.backfills.progress(backfill.id)
    possible = {
        "retry": any(state in progress.jobs for state in ("failed", "nothing_published", "partly_published")),
        "rollback": any(state in progress.images for state in THERE) and _is_free(backfill),
    }
    acts = tuple(act for act in ACTS.get(backfill.state, ()) if possible.get(act, True))
    return Shown(backfill=backfill, progress=progress, acts=acts)


def _is_free(backfill: Backfill) -> bool:
    """Nobody takes it back now, as far as can be told."""
    return backfill.state != BackfillState.ROLLING_BACK or is_silent(backfill, utc_now())
