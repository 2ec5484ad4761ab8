"""Count and time what a part is asked, from outside: the part does not know."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from shopify_imagegen.ports import Meter, Sleep

T = TypeVar("T")


def metered(part: T, meter: Meter, name: str, *, monotonic: Callable[[], float] = time.monotonic) -> T:
    """The same *part*, with each call of its methods timed and each error counted.

    Args:
        name: what the numbers are called: `{name}_seconds` by call, `{name}_errors_total` by call and error.
    """
    return cast(T, _Metered(part, meter, name, monotonic))


def metered_sleep(sleep: Sleep, meter: Meter, name: str) -> Sleep:
    """The same *sleep*, with its length added to `{name}_seconds`."""

    def wait(seconds: float) -> None:
        meter.took(name, seconds)
        sleep(seconds)

    return wait


class _Metered:
    def __init__(self, part: Any, meter: Meter, name: str, monotonic: Callable[[], float]) -> None:
        self._part = part
        self._meter = meter
        self._name = name
        self._monotonic = monotonic

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._part, attribute)
        return self._timed(attribute, found) if callable(found) else found

    def _timed(self, call: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = self._monotonic()
            try:
                return method(*args, **kwargs)
            except Exception as error:
                self._meter.count(f"{self._name}_errors_total", call=call, error=type(error).__name__)
                raise
            finally:
                self._meter.took(self._name, self._monotonic() - began, call=call)

        return timed
