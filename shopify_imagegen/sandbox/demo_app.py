"""The app of the demo: started by its own command line, with settings that name the sandbox. It knows no better."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

START_WITHIN_S = 60
STOP_WITHIN_S = 30
SETTINGS = """\
[app]
data_dir = "{folder}"
log_level = "warning"
stop_within_s = 10

[database]
url = "sqlite:///{folder}/imagegen.db"

[shopify]
client_id = "sandbox-client-id"
client_secret = "sandbox-client-secret"
base_url = "{sandbox}/shops/{{shop}}"
app_bridge_url = "{sandbox}/page-files/app-bridge.js"
extension_origins = ["{sandbox}"]

[provider.getimg]
api_key = "sandbox-key"
base_url = "{sandbox}/images-api"
concurrency = 4
requests_per_minute = 600

[trigger]
quiet_s = 1
storm_threshold = 1000000

[budget]
per_day_usd = 100000
all_per_day_usd = 100000
all_per_month_usd = 100000
per_month_usd = 100000
"""


class Failed(Exception):
    """The demo did not come to its good end; the message says where."""


class App:
    """The real app on a free port. *folder* holds its settings and its database for as long as the demo lasts."""

    def __init__(self, sandbox_url: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = folder / "config.toml"
        self._settings.write_text(SETTINGS.format(folder=folder.as_posix(), sandbox=sandbox_url), encoding="utf-8")

    def run(self, *arguments: str) -> str:
        """What a subcommand prints.

        Raises:
            Failed: it ended with another exit code than 0.
        """
        done = subprocess.run(
            self._command(*arguments), env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(f"`shopify-imagegen {' '.join(arguments)}`: {done.stderr.strip()}")
        return done.stdout

    def jobs(self) -> list[dict[str, Any]]:
        jobs: list[dict[str, Any]] = json.loads(self.run("jobs", "--json", "--limit", "1000"))
        return jobs

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """`serve`, until the block ends.

        Raises:
            Failed: it was not ready in time.
        """
        command = self._command("serve", "--port", str(self.port), "--with-parent")
        # a session of its own, so that Ctrl-C reaches the demo alone; a pipe, so that it ends even if we are killed
        app = subprocess.Popen(command, env=self._environment(), stdin=subprocess.PIPE, start_new_session=True)
        try:
            self._until_ready(app)
            yield
        finally:
            stop(app)

    def _until_ready(self, app: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline and app.poll() is None:
            with contextlib.suppress(httpx.TransportError):  # not listening yet
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        raise Failed(f"the app was not ready within {START_WITHIN_S} s")

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "shopify_imagegen", *arguments]

    def _environment(self) -> dict[str, str]:
        """Ours without the merchant's own settings."""
        inherited = {key: value for key, value in os.environ.items() if not key.upper().startswith("IMAGEGEN")}
        return inherited | {"IMAGEGEN_CONFIG": str(self._settings)}


def stop(app: subprocess.Popen[bytes]) -> None:
    """End it, gently at first; a second Ctrl-C does not wait."""
    app.send_signal(signal.SIGTERM)
    try:
        app.wait(timeout=STOP_WITHIN_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        app.kill()  # what it has started ends with it
        app.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
