"""The processes behind `web` and `worker`: each serves until it is told to stop, or is left alone by its parent."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from types import FrameType
from typing import Any, Protocol

from shopify_imagegen import logs
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.settings import load

logger = logging.getLogger(__name__)

WEB_APP = "webhooks.wsgi:app"  # by name: the house does not import the door
WEB_THREADS = 4
WEB_STOP_WITHIN_S = 10
STUCK_AFTER_S = 30  # beyond the grace of a worker: then something holds it that will not let go


class Worker(Protocol):
    """Something that works until it is stopped: `worker.Worker`."""

    def run(self, *, grace_s: float) -> None: ...

    def stop(self) -> None: ...


def run_web(host: str, port: int, *, with_parent: bool = False, workers: int = 1) -> None:
    """Serve the door until told to stop. The server's own processes read the settings for themselves.

    Args:
        with_parent: stop when the process that started us ends.

    Raises:
        ImagegenError: the port is taken.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    check_port(host, port)
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
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=WEB_STOP_WITHIN_S,
    ).serve(target_loader=_open_door)


def run_worker(worker: Worker, *, grace_s: float) -> None:
    """Work until SIGTERM or SIGINT; then finish the running steps and end the process."""

    told = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()
        told.set()

    overdue = threading.Thread(target=_end_if_stuck, args=(told, grace_s), daemon=True, name="stuck-watch")
    overdue.start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run(grace_s=grace_s)
    logging.shutdown()
    os._exit(0)  # workflow threads wait for their next step; they go on in the next process


def keep_to_core(number: int) -> None:
    """Have this process use one core: of those that it may use the *number*-th, counted round; where the system can.

    Python runs one of a process's threads at a time. Where they hand over from one core to another, each waits until
    that one has woken; and who waits so may hold the database's write lock (2026-11-23: four times as many waits a
    picture, the lock held for 85 % of the time instead of 27 %).
    """
    if hasattr(os, "sched_setaffinity"):  # Linux
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})


def check_port(host: str, port: int) -> None:
    """Say it in our words when the port is taken; the server's own error is a page of numbers.

    Raises:
        ImagegenError: nobody could listen there.
    """
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


def _open_door(target: str) -> Callable[..., Any]:
    """The WSGI app, in one of the server's own processes; such a process must not outlive the server, or it would
    keep the port."""
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True, name="parent-watch").start()
    app = load(None).app
    logs.set_up(app.log_level, app.log_format)
    module, _, name = target.partition(":")
    door: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return door


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _end_if_stuck(told: threading.Event, grace_s: float) -> None:
    told.wait()
    time.sleep(grace_s + STUCK_AFTER_S)
    os._exit(1)
