"""How a settings file and environment variables become one mapping, and how their problems are told. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource

PREFIX = "IMAGEGEN__"


class Environment(EnvSettingsSource):
    """pydantic-settings' reading of nested variables, over a mapping that is handed in."""

    def __init__(self, settings: type[BaseSettings], env: Mapping[str, str]) -> None:
        self._given = {key.lower(): value for key, value in env.items()}
        super().__init__(settings, env_prefix=PREFIX, env_nested_delimiter="__", case_sensitive=False)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value  # `a, b` for a list; anything else is reported with its key by validation


def ours(env: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in env.items() if key.upper().startswith(PREFIX)}


def unknown_sections(env: Mapping[str, str], sections: Iterable[str]) -> list[str]:
    """A line for each variable that names no section."""
    known = list(sections)
    unknown = [key for key in env if key[len(PREFIX) :].split("__")[0].lower() not in known]
    return [f"{key}: there is no such section; the sections are {', '.join(known)}" for key in unknown]


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping of both, table by table; *above* wins.

    >>> merged({"app": {"data_dir": "var", "log_level": "info"}}, {"app": {"log_level": "debug"}})
    {'app': {'data_dir': 'var', 'log_level': 'debug'}}
    """
    result = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def explained(error: ValidationError) -> list[str]:
    """One line a problem: the key, what is wrong, and the variable that can set it; never the value."""
    return [f"{key}: {said}{_or_set(key.split('.'))}" for key, said in wrongs(error)]


def wrongs(error: ValidationError) -> list[tuple[str, str]]:
    """(key, what is wrong) of each problem; never the value."""
    found = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        key = ".".join(str(part) for part in problem["loc"] if part != "[key]")
        said = "there is no such key" if problem["type"] == "extra_forbidden" else problem["msg"]
        found.append((key, said.removeprefix("Value error, ")))
    return found


def _or_set(parts: list[str]) -> str:
    """The variable, where a shell would take its name."""
    name = f"{PREFIX}{'__'.join(parts).upper()}"
    return f" (or set {name})" if name.replace("_", "").isalnum() else ""
