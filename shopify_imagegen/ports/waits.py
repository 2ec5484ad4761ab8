"""How the doing modules tell the time, wait and try again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")
Clock = Callable[[], datetime]  #: UTC, with a time zone
Sleep = Callable[[float], None]  #: seconds
Patience = Callable[[Callable[[], T]], T]  #: repeats what raised `Temporary`, within limits; re-raises the last
