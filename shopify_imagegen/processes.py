"""The processes behind `serve`, `web` and `worker`: started, watched, told to stop, waited for."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

from shopify_imagegen.errors import ImagegenError

logger = logging.getLogger(__name__)

WEB_APP = "webhooks.wsgi:app"  # by name: the house does not import the door
WEB_THREADS = 4
RESTART_AFTER_S = 1.0
MOST_DEATHS = 10  # of our processes, in all; then something is wrong that a restart does not mend


class Worker(Protocol):
    """Something that works until it is stopped: `worker.Worker`."""

    def run(self, *, grace_s: float) -> None: ...

    def stop(self) -> None: ...


def run_web(host: str, port: int, *, config: Path | None = None, with_parent: bool = False, workers: int = 1) -> None:
    """Serve the door until told to stop.

    Args:
        config: the settings file; the server's processes find it by its variable.
        with_parent: stop when the process that started us ends.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    check_port(host, port)
    if config:
        os.environ["IMAGEGEN_CONFIG"] = str(config)
    if with_parent:
        stop_with_parent()
    Granian(
        WEB_APP,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=WEB_THREADS,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


def run_worker(worker: Worker, *, grace_s: float) -> None:
    """Work until SIGTERM or SIGINT; then finish the running steps and end the process."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run(grace_s=grace_s)
    logging.shutdown()
    os._exit(0)  # workflow threads wait for their next step; they go on in the next process


def run_together(commands: Sequence[Sequence[str]], *, grace_s: float) -> None:
    """Keep our subcommands running side by side; one that dies is started again. On a signal, stop them all.

    Args:
        commands: arguments of `shopify-imagegen`, one list a process.
        grace_s: how long they may take to stop before they are killed.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    running = [_start(command) for command in commands]
    deaths = 0
    while not stopping and deaths < MOST_DEATHS:
        for number, process in enumerate(running):
            if process.poll() is not None and not stopping:
                deaths += 1
                role, code = commands[number][0], process.returncode
                fields = {"action": "restarted", "role": role, "exit_code": code}
                logger.warning("a process ended by itself and is started again", extra=fields)
                time.sleep(RESTART_AFTER_S)
                running[number] = _start(commands[number])
        time.sleep(0.2)
    _stop_all(running, grace_s)
    if deaths >= MOST_DEATHS:
        raise ImagegenError("web or worker ended again and again; the lines above say why")


def check_port(host: str, port: int) -> None:
    """Say it in our words when the port is taken; the server's own error is a page of numbers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ImagegenError(f"cannot listen on {host}:{port}: {error.strerror}; see --host and --port") from None


def stop_with_parent() -> None:
    """Stop as on SIGTERM when the process that started us ends, however it ends: its end of our stdin closes."""

    def watch() -> None:
        while os.read(0, 1):  # not through sys.stdin, whose lock would be in the way at the end
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # a session of its own: Ctrl-C reaches us alone, and we pass it on as SIGTERM
    arguments = [sys.executable, "-m", "shopify_imagegen", *command, "--with-parent"]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, start_new_session=True)


def _stop_all(running: Sequence[subprocess.Popen[bytes]], grace_s: float) -> None:
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
