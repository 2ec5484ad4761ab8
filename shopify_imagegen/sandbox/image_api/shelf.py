"""Where finished pictures wait to be fetched, under signed addresses that end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict

from .errors import Refused

KEPT = 200  #: pictures; the oldest go first
LIFETIME_S = 3600


class Shelf:
    """Pictures by request id. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secret = secrets.token_bytes(16)
        self._pictures: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._prompts: dict[str, str] = {}

    def put(self, request_id: str, data: bytes, mime_type: str, *, prompt: str, life_s: float) -> dict[str, str]:
        """Keep a picture; the parameters that open it."""
        with self._lock:
            self._pictures[request_id] = (data, mime_type)
            self._prompts[request_id] = prompt
            while len(self._pictures) > KEPT:
                oldest, _ = self._pictures.popitem(last=False)
                del self._prompts[oldest]
        expires = str(int(time.time() + life_s))
        return {"exp": expires, "sig": self._sign(request_id, expires)}

    def get(self, request_id: str, *, exp: str, sig: str) -> tuple[bytes, str]:
        """A picture and its type.

        Raises:
            Refused: 403, the signature is wrong or too old; 404, it is gone.
        """
        if not hmac.compare_digest(sig.encode(), self._sign(request_id, exp).encode()) or int(exp) < time.time():
            raise Refused(403, "forbidden", "The download link is invalid or has expired.")
        with self._lock:
            if request_id not in self._pictures:
                raise Refused(404, "not_found", "The image has been deleted.")
            return self._pictures[request_id]

    def prompt_of(self, request_id: str) -> str:
        """What was ordered; "" when it is not known any more."""
        with self._lock:
            return self._prompts.get(request_id, "")

    def _sign(self, request_id: str, expires: str) -> str:
        return hmac.new(self._secret, f"{request_id}.{expires}".encode(), hashlib.sha256).hexdigest()
