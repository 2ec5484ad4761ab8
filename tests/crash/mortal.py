"""A real worker that dies at a named moment: wiring's own house, watched at its ports. No hook in the product."""

import inspect
import json
import re
import signal
import sys
from dataclasses import fields, is_dataclass, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import Protocol

import httpx
from dbos import DBOS

from shopify_imagegen import cli, dispatch, ports, pulse, stages, wiring, worker, workflow
from shopify_imagegen.wiring import doing, house, neighbours, records
from tests.crash.diary import Diary

UNWATCHED = {"Meter"}  # told all the time, and it promises nothing
ENGINE_CALLS = ("look", "ask", "approve", "make", "again", "take_over")
DULL = {"api", "admin", "shops"}  # words of a path that say nothing


def live(diary_path, *, until="", then=signal.SIGKILL):
    """Watch the house that this process is about to build."""
    diary = Diary(diary_path, until=until, then=then)
    watch_rows(diary)
    house.House = watched_house(diary)
    workflow.Engine = watched_engine(diary)
    DBOS.run_step = _named(diary, DBOS.run_step, lambda options, *_: f"step.{options['name']}")
    DBOS.enqueue_workflow = _named(diary, DBOS.enqueue_workflow, lambda _queue, flow, *_: f"queue.{flow.__name__}")
    httpx.Client.send = _watched_send(diary, httpx.Client.send)


def hurry():
    """Look for work often: a test has no patience, and what a life leads to does not depend on it."""
    workflow.queues.CALM_S = pulse.CALM_S = pulse.QUICK_S
    workflow.order.RESULT_POLL_S = worker.IDLE_S = 0.05


class Watched:
    """A part of the house, with each call of it written down; functions that are handed in, too."""

    def __init__(self, name, part, diary):
        self._name, self._part, self._diary = name, part, diary

    def __getattr__(self, attribute):
        found = getattr(self._part, attribute)
        if attribute.startswith("_") or not callable(found) or inspect.isclass(found):
            return found
        return _told(self._diary, f"{self._name}.{attribute}", found)


def _told(diary, name, function):
    @wraps(function)
    def call(*args, **kwargs):
        told = {key: _told(diary, f"{name}.{key}", arg) if callable(arg) else arg for key, arg in kwargs.items()}
        with diary.call(name):
            return function(*args, **told)

    return call


def _named(diary, function, name_of):
    def call(*args, **kwargs):
        with diary.call(name_of(*args)):
            return function(*args, **kwargs)

    return staticmethod(call)


# The house, from wiring


def watched_house(diary):
    """The house of wiring; whatever part of it keeps one of the ports is watched, under a name for readers."""
    named = {name: part for floor in reversed(wiring.House.__mro__) for name, part in vars(floor).items()}
    parts = {name: part for name, part in named.items() if isinstance(part, cached_property)}
    watched = {name: _watched_part(name.lstrip("_"), part.func, diary) for name, part in parts.items()}
    kind = type("WatchedHouse", (wiring.House,), watched)
    for name, part in watched.items():
        part.__set_name__(kind, name)
    return kind


def watch_rows(diary):
    """What wiring makes of the database, also where it keeps no hold of it: `SqlLedger` is "ledger"."""
    for module in (records, neighbours, doing, house):
        for name, kind in list(vars(module).items()):
            if inspect.isclass(kind) and name.startswith("Sql") and keeps_a_port(kind):
                setattr(module, name, _watched_kind(name.removeprefix("Sql").lower(), kind, diary))


def _watched_kind(name, kind, diary):
    return lambda *args, **kwargs: Watched(name, kind(*args, **kwargs), diary)


def _watched_part(name, make, diary):
    return cached_property(lambda house: _watched(name, make(house), diary))


def _watched(name, part, diary):
    if isinstance(part, Watched):
        return part
    if keeps_a_port(part):
        return Watched(name, part, diary)
    if is_dataclass(part):
        kept = {each.name: getattr(part, each.name) for each in fields(part)}
        return replace(part, **{each: _watched(each, value, diary) for each, value in kept.items()})
    return part


def keeps_a_port(part):
    return any(all(hasattr(part, method) for method in methods) for methods in _ports())


def _ports():
    """The methods of each Protocol by which the rooms know each other."""
    for module in (ports, stages, worker, dispatch):
        for name, port in vars(module).items():
            if inspect.isclass(port) and Protocol in port.__bases__ and name not in UNWATCHED:
                methods = [each for each, what in vars(port).items() if inspect.isfunction(what)]
                methods = [each for each in methods if not each.startswith("_")]
                if methods:
                    yield methods


def watched_engine(diary):
    calls = {name: getattr(workflow.Engine, name) for name in ENGINE_CALLS}
    watched = {name: _told(diary, f"engine.{name}", function) for name, function in calls.items()}
    return type("Engine", (workflow.Engine,), watched)


# The wire


def _watched_send(diary, send):
    def watched(client, request, **options):
        with diary.call(f"http.{called(request)}"):
            return send(client, request, **options)

    return watched


def called(request):
    """A request by the operation in it, else by its method and the words of its path."""
    if request.headers.get("content-type") == "application/json":
        body = json.loads(request.content)
        if "operationName" in body:
            return body["operationName"]
    words = [word for word in request.url.path.split("/") if re.fullmatch("[a-z-]+", word) and word not in DULL]
    return "-".join([request.method, *words])


if __name__ == "__main__":
    print(f"code of {wiring.__file__}", flush=True)
    live(Path(sys.argv[1]), until=sys.argv[2])
    sys.argv[1:] = ["worker"]
    cli.main()
