"""What the stand-in API refuses, in the vendor's words: a status, a code and a message."""

from __future__ import annotations


class Refused(Exception):
    """Answered as `{"error": {"message", "code"}}`; nothing is billed."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def body(self) -> dict[str, dict[str, str]]:
        return {"error": {"message": self.message, "code": self.code}}


def bad(message: str) -> Refused:
    return Refused(400, "invalid_request", message)
