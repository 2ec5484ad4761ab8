"""Secrets at rest: sealed with the first key, opened with any."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shopify_imagegen.errors import ConfigError


class Vault:
    """Seals and opens short secrets.

    Args:
        keys: Fernet keys, newest first; the older ones only open.

    Raises:
        ConfigError: no key, or one that is not a Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ConfigError("app.encryption_keys: at least one key is needed")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise ConfigError("app.encryption_keys: a key is 32 bytes in URL-safe base64 (44 characters)") from None

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigError(
                "app.encryption_keys: no key opens a stored token; put the old key back at the end of the list"
            ) from None


def new_key() -> str:
    """A key for `app.encryption_keys`."""
    return Fernet.generate_key().decode()


def key_of(data_dir: Path) -> str:
    """The key of this installation, made on first use; only its owner may read the file."""
    file = data_dir / "encryption.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        _write_once(file, f"{new_key()}\n".encode())
    return file.read_text(encoding="ascii").strip()


def _write_once(file: Path, content: bytes) -> None:
    """All of it or nothing, and the first one wins: a half-written key would lock the tokens out for good."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        os.unlink(draft)
