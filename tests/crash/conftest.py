"""The yard in which workers are born and die: one sandbox for all of these tests."""

import contextlib
import os
import tempfile
from pathlib import Path

import httpx
import pytest

from shopify_imagegen.sandbox.image_api import routes
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.state import Rules
from tests.crash.life import quick_picture
from tests.crash.matrix import Yard

IN_MEMORY = Path("/dev/shm")  # kill -9 takes nothing from the kernel: what was written stays, so no disk is needed
AT_ONCE = Rules(media_delay_s=0.0, job_delay_s=0.0, webhook_retry_base_s=0.1, restore_points_per_s=2000.0)


@pytest.fixture(scope="session")
def quick_sandbox():
    with pytest.MonkeyPatch.context() as patch, running(AT_ONCE) as sandbox:
        patch.setattr(routes, "compose", quick_picture)
        bank = {"latency_s": 0.0, "balance_usd": "10000"}
        httpx.post(f"{sandbox.base_url}/images-api/bank", json=bank, trust_env=False).raise_for_status()
        yield sandbox


@pytest.fixture(scope="session")
def yard(quick_sandbox):
    memory = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="lives-", dir=memory) as folder,
        contextlib.closing(Yard(quick_sandbox, Path(folder))) as yard,
    ):
        yard.prepare()
        yield yard
