"""Keep our processes running side by side: start them, start again what died, stop all on a signal."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from types import FrameType

from shopify_imagegen.errors import ImagegenError

logger = logging.getLogger(__name__)

CHECK_S = 0.2
RESTART_AFTER_S = 1.0
SAY_AFTER_S = 3.0
DEATHS, WITHIN_S = 6, 60.0  # of one role; then something is wrong that a restart does not mend


class Child:
    """One of our subcommands, as a process that is started again when it dies.

    Args:
        command: arguments of `shopify-imagegen`.
    """

    def __init__(self, command: Sequence[str], *, role: str) -> None:
        self._command = command
        self.role = role
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._start_at = 0.0
        self.process = self._start()

    def look(self) -> None:
        """Start it again if it has died; not at once, so that what held its port or lock can let go.

        Raises:
            ImagegenError: it has died again and again.
        """
        now = time.monotonic()
        if self._start_at:
            if now >= self._start_at:
                self._start_at, self.process = 0.0, self._start()
        elif self.process.poll() is not None:
            self._mourn(now)

    def tell(self, signal_number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal_number)

    def _mourn(self, now: float) -> None:
        code = self.process.returncode
        self._deaths.append(now)
        if len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN_S:
            raise ImagegenError(f"{self.role} ended again and again (exit code {code}); the lines above say why")
        fields = {"action": "restarted", "role": self.role, "exit_code": code}
        logger.warning("a process ended by itself and is started again", extra=fields)
        self._start_at = now + RESTART_AFTER_S

    def _start(self) -> subprocess.Popen[bytes]:
        # a session of its own: Ctrl-C reaches us alone, and we pass it on as SIGTERM
        arguments = [sys.executable, "-m", "shopify_imagegen", *self._command, "--with-parent"]
        return subprocess.Popen(arguments, stdin=subprocess.PIPE, start_new_session=True)


class Signals:
    """How often SIGTERM or SIGINT came. Only counts: a handler may run at any moment."""

    def __init__(self) -> None:
        self.count = 0
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGINT, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1


def run_together(commands: Mapping[str, Sequence[str]], *, grace_s: float) -> None:
    """Keep subcommands running until a signal comes; then let them stop. A second signal does not wait for them.

    Args:
        commands: role -> arguments of `shopify-imagegen`.
        grace_s: how long they may take to stop before they are killed.

    Raises:
        ImagegenError: one of them died again and again.
    """
    signals = Signals()
    children = [Child(command, role=role) for role, command in commands.items()]
    try:
        while not signals.count:
            time.sleep(CHECK_S)
            for child in children:
                child.look()
    finally:
        _stop(children, grace_s, signals)


def _stop(children: Sequence[Child], grace_s: float, signals: Signals) -> None:
    for child in children:
        child.tell(signal.SIGTERM)
    began, heard, said = time.monotonic(), signals.count, False
    while any(child.process.poll() is None for child in children):
        waited_s = time.monotonic() - began
        if waited_s > grace_s or signals.count > max(1, heard):
            for child in children:
                child.tell(signal.SIGKILL)
        if waited_s > SAY_AFTER_S and not said:
            said = True
            logger.warning("stopping; a picture that is being paid for is waited for", extra={"action": "stopping"})
        time.sleep(CHECK_S / 4)
