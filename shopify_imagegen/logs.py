"""Log lines: a sentence for people, fields for machines. Never a prompt, token, HMAC or picture."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from shopify_imagegen import trail

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
CHATTY = ("httpx", "httpcore", "getimg", "openai", "dbos", "alembic", "PIL", "_granian")


def set_up(level: str, form: Literal["text", "json"]) -> None:
    """Send this process's log lines to standard error; libraries speak from warning up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def fields(record: logging.LogRecord) -> dict[str, object]:
    """What was given as `extra`, and the job that was being worked on."""
    given = {key: value for key, value in vars(record).items() if key not in STANDARD}
    job = trail.current()
    return {"job": job} | given if job else given


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": moment, "level": record.levelname.lower(), "logger": record.name, "said": record.getMessage()}
        line |= {key: str(value) for key, value in fields(record).items()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Text(logging.Formatter):
    """A line for a terminal: time, level, sentence, fields."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        extra = " ".join(f"{key}={value}" for key, value in fields(record).items() if key != "action")
        line = f"{moment} {record.levelname.lower():7} {record.getMessage()}{'  ' + extra if extra else ''}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
